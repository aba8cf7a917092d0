from dataclasses import FrozenInstanceError, replace

import pytest

from altinn.environment import PRODUCTION, TT02, Environment, origin


@pytest.mark.parametrize(
    "url",
    [
        "https://altinn.example/x",
        "http://127.0.0.1:8900",
        "http://127.9.9.9/x",
        "http://[::1]:8900",
        "http://localhost:8900/x",
    ],
)
def test_https_and_this_machine_are_fine(url: str, environment: Environment) -> None:
    assert replace(environment, events_url=url).events_url == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "altinn.example",
        "http://altinn.example",
        "http://10.0.0.1",
        "http://127.0.0.1.evil.example",
        "http://localhost.evil.example",
        "http://128.0.0.1",
        "http://[::2]",
        "http://[::1",
        "ftp://localhost",
        "https://",
        "https:///path",
        "https://kari@altinn.example",
        "https://kari:secret@altinn.example",
        "https://@altinn.example",
        "https://altinn.example/?a=b",
        "https://altinn.example/?",
        "https://altinn.example/#a",
        "https://altinn.example:99999",
        "https://altinn.example/a b",
        " https://altinn.example",
        "https://altinn.example/\n",
    ],
)
@pytest.mark.parametrize("field", ["platform_url", "maskinporten_issuer"])
def test_other_addresses_are_refused_by_name(
    url: str, field: str, environment: Environment
) -> None:
    with pytest.raises(ValueError, match=rf"^{field}: "):
        Environment.checked(**{**vars(environment), field: url})


def test_a_password_in_an_address_is_not_repeated(environment: Environment) -> None:
    with pytest.raises(ValueError, match="platform_url") as caught:
        replace(environment, platform_url="https://kari:hemmelig@altinn.example")

    assert "hemmelig" not in str(caught.value)


@pytest.mark.parametrize(
    "field",
    [
        "maskinporten_token_url",
        "platform_url",
        "dialogporten_url",
        "events_url",
        "idporten_issuer",
        "idporten_login_url",
        "access_management_url",
    ],
)
def test_test_and_production_are_never_mixed(field: str) -> None:
    with pytest.raises(ValueError, match="mixed"):
        replace(PRODUCTION, **{field: getattr(TT02, field)})
    with pytest.raises(ValueError, match="mixed"):
        replace(TT02, **{field: getattr(PRODUCTION, field)})


def test_the_slash_at_the_end_goes_except_from_the_issuer(environment: Environment) -> None:
    changed = replace(
        environment,
        platform_url="https://altinn.example/",
        maskinporten_issuer="https://maskinporten.example/",
    )

    assert changed.platform_url == "https://altinn.example"
    assert changed.maskinporten_issuer == "https://maskinporten.example/"


def test_an_environment_does_not_change() -> None:
    with pytest.raises(FrozenInstanceError):
        TT02.platform_url = PRODUCTION.platform_url  # type: ignore[misc]


def test_tokens_go_to_altinn_only() -> None:
    assert TT02.token_origins == {"https://platform.tt02.altinn.no:443"}


def test_content_hosts_are_names_in_lower_case(environment: Environment) -> None:
    hosts = frozenset({"Platform.Altinn.example:8443"})
    assert replace(environment, content_hosts=hosts).content_hosts == {
        "platform.altinn.example:8443"
    }
    with pytest.raises(ValueError, match="content_hosts"):
        replace(environment, content_hosts=frozenset({"https://platform.altinn.no"}))


def test_an_origin_always_has_its_port() -> None:
    assert origin("https://Altinn.example/x") == "https://altinn.example:443"
    assert origin("http://localhost") == "http://localhost:80"
