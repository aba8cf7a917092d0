"""Buttons of service owners that we do not know, and deleting an app's instance."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client as Browser

from dialogs.answering import tasks
from dialogs.models import ServiceAction
from dialogs.tasks import drain_once
from staff.models import User
from tests.dialogs.answering.conftest import (
    APP,
    GENERIC,
    Press,
    Sample,
    offered,
    text,
    the_only,
)
from tests.dialogs.answering.conftest import one_of as one_of
from tests.stand_in import Altinn, wait_until

Kind, State = ServiceAction.Kind, ServiceAction.State
BUTTON, DELETE = "elsewhere-press", "app-delete"


def operation_of(altinn: Altinn) -> str:
    """What the stand-in calls the last thing that service owners received."""
    return str(altinn.received()[-1]["operation"])


def test_a_button_is_pressed_with_a_dialog_token_and_no_body(
    sample: Sample, press: Press, altinn: Altinn
) -> None:
    dialog = sample(GENERIC)

    page = press(dialog, Kind.BUTTON)

    [sent] = altinn.received()
    assert (sent["method"], sent["body"], sent["token"]) == ("POST", "", "dialog")
    assert sent["headers"]["Accept"] == "application/json"
    action = the_only()
    assert action.state in (State.DONE, State.ACCEPTED)
    assert action.name == "Be om betalingsutsettelse"
    assert "Be om betalingsutsettelse" in text(page)


def test_the_service_owners_own_question_is_shown_first(
    sample: Sample, karis: Browser, kari: User, now: datetime
) -> None:
    dialog = sample(GENERIC)
    offer = one_of(dialog, Kind.BUTTON, kari, now)

    page = text(karis.get(f"/innboks/{dialog.pk}/handling/{offer.id}/"))

    assert "Vil du sende forespørsel om betalingsutsettelse?" in page
    assert "Ingen opplysninger følger med" in page


@pytest.mark.parametrize(
    ("status", "state", "said"),
    [
        (200, State.DONE, "Utført."),
        (204, State.DONE, "Utført."),
        (202, State.ACCEPTED, "som behandler den nå"),
        (302, State.REFUSED, "krever at en person logger inn"),
        (400, State.REFUSED, "Prøv i Altinn"),
        (403, State.REFUSED, "mangler fullmakt"),
        (404, State.REFUSED, "finner ikke det som skulle endres"),
        (409, State.REFUSED, "Noen andre endret det samtidig"),
        (429, State.REFUSED, "tar ikke imot mer akkurat nå"),
        (500, State.UNKNOWN, "Vi vet ikke om den ble utført"),
        (503, State.UNKNOWN, "Vi vet ikke om den ble utført"),
    ],
)
def test_each_answer_means_one_thing_and_nothing_is_tried_again(
    status: int, state: str, said: str, sample: Sample, press: Press, altinn: Altinn
) -> None:
    dialog = sample(GENERIC)
    fault = {"contains": "/utsettelse", "status": status, "body": {"title": "Nei"}}
    altinn.post("/faults", fault)

    page = press(dialog, Kind.BUTTON)

    action = the_only()
    assert (action.state, action.response_code) == (state, status)
    assert said in text(page)
    assert len(altinn.received()) == 1


def test_an_answer_without_an_end_counts_by_its_status(
    sample: Sample, press: Press, altinn: Altinn
) -> None:
    dialog = sample(GENERIC)
    altinn.post("/faults", {"contains": "/utsettelse", "status": 200, "body": "x" * 200_000})

    press(dialog, Kind.BUTTON)

    assert the_only().state == State.DONE


@pytest.mark.parametrize("takes_effect", [True, False])
def test_a_button_without_an_answer_is_never_pressed_again_by_us(
    takes_effect: bool,  # noqa: FBT001
    sample: Sample,
    press: Press,
    karis: Browser,
    altinn: Altinn,
    now: datetime,
) -> None:
    dialog = sample(GENERIC)
    fault: dict[str, Any] = {"contains": "/utsettelse", "delay_seconds": 3}
    altinn.post("/faults", fault if takes_effect else fault | {"status": 504})
    press(dialog, Kind.BUTTON)
    action = the_only()
    assert action.state == State.UNKNOWN

    wait_until(altinn.received)
    ServiceAction.objects.update(sent_at=now - timedelta(minutes=20), looked_at=None)
    drain_once()
    tasks.look_for_outcomes()
    karis.post(f"/kvittering/{action.pk}/sjekk/")

    assert len(altinn.received()) == 1
    action.refresh_from_db()
    if action.state == State.UNKNOWN:  # nothing there tells: a person has to
        karis.post(f"/kvittering/{action.pk}/utfall/", {"utfall": "utfort"})
        action.refresh_from_db()
        assert (action.state, action.how) == (State.DONE, "PERSON")
        assert action.settled_by == action.actor
    else:
        assert action.state == (State.DONE if takes_effect else State.NOT_DONE)


def delete_of(dialog: Any, user: User, now: datetime) -> Any:
    return next(o for o in offered(dialog, user, now) if o.is_destructive)


def test_an_instance_is_deleted_and_its_dialog_with_it(
    sample: Sample, press: Press, altinn: Altinn
) -> None:
    dialog = sample("app-draft")

    page = press(dialog, Kind.BUTTON, ord="slett")

    [sent] = altinn.received()
    assert (sent["method"], sent["token"], sent["status"]) == ("DELETE", "dialog", 204)
    assert (the_only().state, the_only().status_after) == (State.DONE, "GONE")
    assert "Fjernet fra Altinn" in text(page)


def test_an_instance_that_may_not_be_deleted_yet_says_from_when(
    sample: Sample, press: Press, altinn: Altinn
) -> None:
    dialog = sample(APP)
    altinn.post(
        "/faults",
        {
            "contains": "/storage/dialogporten/",
            "status": 422,
            "body": {
                "type": "urn:altinn:problem:minimum-persistence-lifetime-not-satisfied",
                "deletionAllowedAt": "2026-12-06T09:22:00.0000000+00:00",
                "gracePeriodDays": 60,
            },
        },
    )

    page = press(dialog, Kind.BUTTON, ord="slett")

    assert the_only().state == State.REFUSED
    assert "kan ikke slettes før 6. desember 2026" in text(page).replace("\xa0", " ")


def test_a_deletion_without_an_answer_is_found_done_by_a_search_alone(
    sample: Sample, press: Press, altinn: Altinn, now: datetime
) -> None:
    dialog = sample("app-draft")
    altinn.post("/faults", {"contains": "/storage/dialogporten/", "delay_seconds": 3})
    press(dialog, Kind.BUTTON, ord="slett")
    assert the_only().state == State.UNKNOWN
    wait_until(altinn.received)
    altinn.delete("/requests")

    ServiceAction.objects.update(looked_at=None)
    tasks.look_for_outcomes()  # asks for the dialog to be read again
    drain_once()
    ServiceAction.objects.update(looked_at=None)
    tasks.look_for_outcomes()

    assert (the_only().state, the_only().how, the_only().settled_by) == (State.DONE, "DIALOG", None)
    assert altinn.counts()["details"] == 0
    assert altinn.received() == []


def test_the_task_leaves_alone_what_it_looked_for_a_moment_ago(
    sample: Sample, press: Press, altinn: Altinn
) -> None:
    dialog = sample(GENERIC)
    altinn.post("/faults", {"contains": "/utsettelse", "status": 503})
    press(dialog, Kind.BUTTON)
    altinn.delete("/requests")

    tasks.look_for_outcomes()

    assert altinn.counts()["search"] == 0
