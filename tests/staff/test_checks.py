"""Settings that would let somebody in are refused before the portal starts."""

import secrets

import pytest
from django.core.checks import run_checks
from pytest_django import Settings

LONG = [secrets.token_urlsafe(60) for _ in range(3)]


@pytest.fixture(autouse=True)
def deployed(settings: Settings) -> None:
    """Settings as they are where real dialogs are."""
    settings.PUBLIC_URL = "https://portal.example.no"
    settings.ALLOWED_HOSTS = ["portal.example.no"]
    settings.SECRET_KEY, sealing, webhook = LONG
    settings.SEALING_KEYS, settings.WEBHOOK_KEYS = [sealing], [webhook]


def found(*, deploy: bool = True) -> list[str]:
    checks = run_checks(tags=["security"], include_deployment_checks=deploy)
    return [str(one.id) for one in checks if str(one.id).startswith("portal.")]


def test_nothing_is_said_of_settings_that_hold() -> None:
    assert found() == []


@pytest.mark.parametrize("host", ["*", ".example.no", "*.example.no", ""])
def test_a_host_that_is_any_host_is_refused(settings: Settings, host: str) -> None:
    settings.ALLOWED_HOSTS = ["portal.example.no", host]

    assert found(deploy=False) == ["portal.E001"]


@pytest.mark.parametrize("name", ["SEALING_KEYS", "WEBHOOK_KEYS"])
def test_a_short_key_is_refused_in_use_or_not(settings: Settings, name: str) -> None:
    setattr(settings, name, [*getattr(settings, name), "short"])

    assert found(deploy=False) == ["portal.E002"]


def test_an_address_without_encryption_is_told(settings: Settings) -> None:
    settings.PUBLIC_URL = "http://portal.example.no"

    assert found() == ["portal.W001"]
    settings.PUBLIC_URL = "http://127.0.0.1:8000"
    assert found() == []


def test_one_key_for_several_things_is_told(settings: Settings) -> None:
    settings.WEBHOOK_KEYS = [settings.SEALING_KEYS[0]]
    assert found() == ["portal.W002"]

    settings.WEBHOOK_KEYS, settings.SEALING_KEYS = [LONG[2]], [settings.SECRET_KEY]
    assert found() == ["portal.W002"]
