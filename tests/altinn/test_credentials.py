"""Which token an address inside a dialog may be sent: its own kind's, or none."""

from dataclasses import replace

import pytest

from altinn.credentials import SCOPES, Credential, for_file, may_have_dialog_token
from altinn.environment import PRODUCTION, Environment

PLATFORM = "https://platform.altinn.no"
LETTER = f"{PLATFORM}/correspondence/api/v1/correspondence/01a1beef-5b80-75de-b486-61d1e8622572"
INSTANCE = f"{PLATFORM}/storage/api/v1/instances/51230011/65d1b5ad-0c5c-4fc2-8199-b3d482961cb3"
CONTENT = replace(PRODUCTION, content_hosts=PRODUCTION.content_hosts | {"arbeidsgiver.nav.no"})

FILES = [
    (f"{LETTER}/attachment/70f2b300-cbb4-4c42-8bac-10bffc0aee52/download", "CORRESPONDENCE"),
    (f"{LETTER}/attachments/downloadall", "CORRESPONDENCE"),
    (f"{INSTANCE}/data/f32b05c2-1305-4436-9b9a-5b243a003f7b", "INSTANCES"),
    (f"{PLATFORM}/storage/dialogporten/api/v1/receipt/1/2?lang=nb", "DIALOG"),
    ("https://sykepenger-api.nav.no/v1/sykmelding/9be635ac/pdf", "NAV_SYKEPENGER"),
    (
        "https://foreldrepenger-inntektsmelding-api.ekstern.nav.no/v1/forespoersel/ed3b22a1",
        "NAV_FORELDREPENGER",
    ),
    ("https://syfo-dokumentporten.ekstern.nav.no/api/v1/documents/dadee425", "NAV_DOKUMENTPORTEN"),
    ("https://platform.altinn.no:443/correspondence/api/v1/x", "CORRESPONDENCE"),
    ("HTTPS://PLATFORM.ALTINN.NO/correspondence/api/v1/x", "CORRESPONDENCE"),
]
NOBODYS = [
    f"{PLATFORM}/authentication/api/v1/authentication?goto={LETTER}",
    f"{PLATFORM}/authentication",
    f"{PLATFORM}/receipt/51230011/65d1b5ad-0c5c-4fc2-8199-b3d482961cb3",
    f"{PLATFORM}/",
    f"{PLATFORM}/storage",
    f"{PLATFORM}/storage/apix/v1",
    f"{PLATFORM}/correspondencex/api/v1/x",
    f"{PLATFORM}/correspondence/api/../../authentication",
    f"{PLATFORM}/correspondence/api/%2e%2e/%2E%2E/authentication",
    f"{PLATFORM}/correspondence/api/..%2f..%2fauthentication",
    f"{PLATFORM}/correspondence/api/..\\..\\authentication",
    f"{PLATFORM}/correspondence/api/..",
    "http://platform.altinn.no/correspondence/api/v1/x",
    "https://platform.altinn.no:8443/correspondence/api/v1/x",
    "https://kari@platform.altinn.no/correspondence/api/v1/x",
    "https://platform.altinn.no@evil.example/correspondence/api/v1/x",
    "https://platform.altinn.no./correspondence/api/v1/x",
    "https://platform.altinn.no.evil.example/correspondence/api/v1/x",
    "https://platform.tt02.altinn.no/correspondence/api/v1/x",
    "https://pl\u0430tform.altinn.no/correspondence/api/v1/x",
    "//platform.altinn.no/correspondence/api/v1/x",
    "https://skd.apps.altinn.no/skd/mva/instances/1/2",
    "https://arbeidsgiver.nav.no/dokument/sykmelding/1.pdf",
    "https://arbeidsgiver.nav.no/im-dialog/d2148ce4",
    "https://nav.no/",
    "https://sykepenger-api.nav.no.evil.example/v1/x",
    "http://sykepenger-api.nav.no/v1/x",
    "https://dialog-innhold.skatteetaten.example/krav/4411.pdf",
    "urn:dialogporten:unauthorized",
    "urn:dialogporten:expired",
    "data:application/pdf;base64,JVBERi0=",
    "javascript:alert(1)",
    "file:///etc/passwd",
    "https://[",
    "https://",
    "",
]


@pytest.mark.parametrize(("url", "credential"), FILES)
def test_a_file_gets_the_credential_that_is_its_owners(url: str, credential: str) -> None:
    assert for_file(url, PRODUCTION) == Credential(credential)


@pytest.mark.parametrize("url", NOBODYS)
def test_any_other_address_is_for_a_persons_browser(url: str) -> None:
    assert for_file(url, PRODUCTION) == Credential.BROWSER


@pytest.mark.parametrize(("url", "credential"), FILES[:3])
def test_production_addresses_get_nothing_in_a_test_environment(
    environment: Environment, url: str, credential: str
) -> None:
    assert for_file(url, environment) == Credential.BROWSER
    assert not may_have_dialog_token(url, environment)


def test_nav_gets_raw_tokens_with_one_scope_and_altinn_exchanged_ones() -> None:
    for credential, (scopes, is_exchanged) in SCOPES.items():
        assert len(scopes) == 1
        assert is_exchanged is not credential.name.startswith("NAV_")
    assert Credential.BROWSER not in SCOPES
    assert Credential.DIALOG not in SCOPES


@pytest.mark.parametrize(
    "url",
    [
        f"{LETTER}/content",
        f"{PLATFORM}/storage/dialogporten/api/v1/instance/1/2",
        "https://platform.altinn.no:443/x/",
        "https://platform.altinn.no/",
        "https://platform.altinn.no",
        "https://arbeidsgiver.nav.no/dokument/fce/sett-transmission-lest?transmissionId=1",
    ],
)
def test_a_content_host_may_have_the_dialog_token(url: str) -> None:
    assert may_have_dialog_token(url, CONTENT)


@pytest.mark.parametrize(
    "url",
    [
        f"{PLATFORM}/authentication/api/v1/authentication?goto=x",
        f"{PLATFORM}/authentication",
        "http://platform.altinn.no/x",
        "https://platform.altinn.no:8443/x",
        "https://kari@platform.altinn.no/x",
        "https://@platform.altinn.no/x",
        "https://platform.altinn.no@evil.example/x",
        "https://platform.altinn.no./x",
        "https://platform.altinn.no\\.evil.example/x",
        "https://x.platform.altinn.no/x",
        "https://platform.altinn.no.evil.example/x",
        "https://pl\u0430tform.altinn.no/x",
        "https://skd.apps.altinn.no/x",
        "https://nav.no/x",
        "https://127.0.0.1/x",
        "ftp://platform.altinn.no/x",
        "urn:dialogporten:unauthorized",
        "javascript:alert(1)",
        "https://[",
        "",
    ],
)
def test_nobody_else_may_have_the_dialog_token(url: str) -> None:
    assert not may_have_dialog_token(url, CONTENT)


def test_this_machine_may_have_one_over_plain_http_where_it_is_listed(
    environment: Environment,
) -> None:
    listed = replace(environment, content_hosts=frozenset({"127.0.0.1:8901"}))

    assert may_have_dialog_token("http://127.0.0.1:8901/x", listed)
    assert not may_have_dialog_token("http://127.0.0.1:8902/x", listed)
    assert not may_have_dialog_token("http://127.0.0.1:8901/x", environment)


@pytest.mark.parametrize(
    "url",
    [
        f"{PLATFORM}/x/../authentication/api",
        f"{PLATFORM}/%61uthentication/api",
        f"{PLATFORM}/x/%2e%2e/authentication/api",
        f"{PLATFORM}//authentication/api",
        f"{PLATFORM}/Authentication/api",
    ],
)
def test_the_log_in_is_known_however_it_is_written(url: str) -> None:
    assert not may_have_dialog_token(url, CONTENT)
