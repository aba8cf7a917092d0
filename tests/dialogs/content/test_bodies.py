"""Content that is fetched where a reference leads: by a press, once, and only where it may."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse
from pytest_django import Settings

from dialogs.content import bodies, opening
from dialogs.models import Dialog, OpenedBody
from staff.models import AuditEntry
from tests.dialogs.content.conftest import Open, Sample, calls
from tests.stand_in import Altinn

LETTER = "correspondence-confirmation-required"
Fail = Callable[..., None]


@pytest.fixture
def fail(altinn: Altinn) -> Fail:
    def set_fault(**fault: Any) -> None:
        altinn.post("/faults", {"operation": "*", "contains": "/content", **fault})

    return set_fault


@pytest.fixture
def letter(sample: Sample) -> Dialog:
    return sample(LETTER)


def leads_to(address: str) -> dict[str, Any]:
    return {"status": 302, "headers": {"Location": address}}


def outcome(dialog: Dialog) -> str:
    return OpenedBody.objects.get(dialog=dialog, transmission_id=None).outcome


def test_the_main_content_comes_with_the_opening(letter: Dialog, press_open: Open) -> None:
    page = press_open(letter).content.decode()

    assert outcome(letter) == "SHOWN"
    assert "Mulkt per dag: en tidel av rettsgebyret" in page
    assert "<th>Periode</th>" in page
    assert AuditEntry.objects.filter(act=bodies.READ, about=f"dialog {letter.pk}").count() == 1


@pytest.mark.parametrize(
    ("fault", "expected", "said"),
    [
        ({"status": 403}, "REFUSED", "slipper ikke systemtilgangen inn til innholdet"),
        ({"status": 404}, "GONE", "finnes ikke lenger hos tjenesteeieren"),
        ({"status": 410}, "GONE", "finnes ikke lenger hos tjenesteeieren"),
        ({"status": 500}, "FAILED", "kunne ikke vise innholdet"),
        ({"status": 406}, "FAILED", "kunne ikke vise innholdet"),
        ({"status": 204, "body": ""}, "EMPTY", ""),
        ({"status": 200, "body": ""}, "EMPTY", ""),
        ({"status": 200, "body": "x" * (100 * 1024 + 1)}, "TOO_LARGE", "større enn det portalen"),
        ({"status": 200, "body": "x" * (100 * 1024)}, "SHOWN", ""),
        ({"abort": True}, "TOO_SLOW", "svarte ikke i tide"),
        (leads_to("https://evil.example/"), "UNSAFE", "ikke henter"),
        (leads_to("http://169.254.169.254/"), "UNSAFE", "ikke henter"),
        (leads_to("/authentication/api/v1/x"), "UNSAFE", "ikke henter"),
        ({"status": 200, "body": "é", "content_type": "text/html; charset=latin-1"}, "SHOWN", "é"),
    ],
)  # fmt: skip
def test_each_way_it_can_end_is_said(
    fault: dict[str, Any], expected: str, said: str, letter: Dialog, press_open: Open, fail: Fail
) -> None:
    fail(times=None, **fault)

    page = press_open(letter)

    assert page.status_code == 200  # the opening itself holds
    assert outcome(letter) == expected
    assert said in page.content.decode()
    assert "evil.example" not in page.content.decode()


def test_a_token_that_is_not_taken_is_renewed_once(
    letter: Dialog, press_open: Open, fail: Fail, altinn: Altinn
) -> None:
    fail(status=401, times=1)
    press_open(letter)

    assert outcome(letter) == "SHOWN"
    assert calls(altinn)["details"] == 2

    altinn.delete("/faults")
    altinn.delete("/requests")
    fail(status=401, times=None)
    press_open(letter)

    assert outcome(letter) == "REFUSED"
    assert calls(altinn)["details"] == 2


def test_a_redirect_within_the_same_house_is_followed_five_times_at_most(
    letter: Dialog, press_open: Open, fail: Fail, altinn: Altinn
) -> None:
    fail(status=302, headers={"Location": "content"}, times=5)
    press_open(letter)
    assert outcome(letter) == "SHOWN"

    altinn.delete("/faults")
    fail(status=302, headers={"Location": "content"}, times=6)
    press_open(letter)
    assert outcome(letter) == "UNSAFE"


def test_a_host_that_gets_no_token_is_not_asked(
    letter: Dialog, press_open: Open, altinn: Altinn, settings: Settings
) -> None:
    object.__setattr__(settings.ALTINN, "content_hosts", frozenset({"platform.altinn.no"}))

    page = press_open(letter).content.decode()

    assert outcome(letter) == "UNSAFE"
    assert "Åpne dialogen i Altinn for å lese det." in page
    assert set(calls(altinn)) <= {"token", "exchange", "details"}


def test_a_transmissions_content_is_fetched_by_a_press_of_its_own(
    sample: Sample, press_open: Open, leders: Browser, altinn: Altinn
) -> None:
    dialog = sample("correspondence-as-transmission")
    page = press_open(dialog).content.decode()
    sent = opened_transmissions(dialog)[-1]
    assert "Vis innholdet" in page
    assert "Tjenesteeieren får vite at forsendelsen er åpnet." in page
    assert not OpenedBody.objects.filter(dialog=dialog).exists()
    altinn.delete("/requests")

    address = reverse("dialogs:whole-body", args=[dialog.pk])
    shown = leders.post(address, {"forsendelse": sent}, follow=True).content.decode()

    assert calls(altinn)["details"] == 1
    assert OpenedBody.objects.get(dialog=dialog).outcome == "SHOWN"
    assert 'class="text"' in shown
    assert OpenedBody.objects.get(dialog=dialog).transmission_id is not None
    assert leders.post(address, {"forsendelse": "0"}).status_code == 404


def opened_transmissions(dialog: Dialog) -> list[str]:
    opened = opening.kept(dialog)
    assert opened is not None
    return [str(one.id) for one in opened.details.transmissions]
