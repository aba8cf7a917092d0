"""Confirming and deleting letters: done, refused, doubled, timed out, stale."""

import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connections
from django.test import Client as Browser

from dialogs.content import opening
from dialogs.models import RefreshNeed, ServiceAction
from staff.models import AuditEntry, User
from tests.dialogs.answering.conftest import CONFIRM, LETTER, Press, Sample, one_of, text, the_only
from tests.stand_in import Altinn, wait_until

Kind, State = ServiceAction.Kind, ServiceAction.State


def test_the_button_is_used_where_the_call_for_systems_is_refused(
    sample: Sample, kari: User, now: datetime
) -> None:
    offer = one_of(sample(CONFIRM), Kind.CONFIRM, kari, now)

    assert (offer.title, offer.method) == ("Bekreft", "POST")
    assert offer.url.endswith("/confirm")
    assert offer.is_primary


def test_a_letter_is_confirmed_once_with_a_dialog_token_and_a_receipt(
    sample: Sample, press: Press, altinn: Altinn, kari: User
) -> None:
    dialog = sample(CONFIRM)

    page = press(dialog, Kind.CONFIRM)

    [sent] = altinn.received("correspondence-confirm")
    assert (sent["status"], sent["body"], sent["token"]) == (200, "", "dialog")
    assert [one["operation"] for one in altinn.received()] == [
        "correspondence",
        "correspondence-confirm",
    ]
    action = the_only()
    assert (action.state, action.how, action.actor) == (State.DONE, "ANSWER", kari)
    assert (action.status_before, action.status_after) == ("RequiresAttention", "NotApplicable")
    assert "Mottaket er bekreftet." in text(page)
    acts = AuditEntry.objects.filter(about=f"dialog {dialog.pk}").values_list("act", flat=True)
    assert list(acts.order_by("pk")) == ["answer.sent", "answer.done"]
    assert RefreshNeed.objects.filter(dialog_ids__contains=[dialog.pk]).exists()


def test_the_question_asks_altinn_of_nothing_and_says_all(
    sample: Sample, karis: Browser, kari: User, altinn: Altinn, now: datetime
) -> None:
    dialog = sample(CONFIRM)
    offer = one_of(dialog, Kind.CONFIRM, kari, now)

    page = text(karis.get(f"/innboks/{dialog.pk}/handling/{offer.id}/"))

    assert sum(altinn.counts().values()) == 0
    for said in ("Bekreft", str(dialog.client), "Skatteetaten", offer.url, "Regnskap"):
        assert said in page
    assert not ServiceAction.objects.exists()


def test_a_letter_is_deleted_only_when_the_word_is_typed(
    sample: Sample, press: Press, altinn: Altinn
) -> None:
    dialog = sample(LETTER)

    refused = press(dialog, Kind.PURGE, ord="ja")

    assert refused.status_code == 422
    assert "Skriv «slett» for å bekrefte" in text(refused)
    assert not ServiceAction.objects.exists()
    assert altinn.counts()["details"] == 0

    page = press(dialog, Kind.PURGE, ord=" Slett ")

    assert "Meldingen er slettet." in text(page)
    assert [one["status"] for one in altinn.received("correspondence-purge")] == [200]
    action = the_only()
    assert (action.state, action.status_after) == (State.DONE, "GONE")
    assert "Fjernet fra Altinn" in text(page)


def test_deleting_before_confirming_is_refused_in_words(
    sample: Sample, press: Press, altinn: Altinn
) -> None:
    page = press(sample(CONFIRM), Kind.PURGE, ord="slett")

    action = the_only()
    assert (action.state, action.response_code, action.code) == (State.REFUSED, 400, "CORR-01026")
    assert "Meldingen må bekreftes før den kan slettes." in text(page)
    assert len(altinn.received("correspondence-purge")) == 1


def test_no_delegation_is_told_as_that_and_asked_for_once(
    sample: Sample, press: Press, altinn: Altinn
) -> None:
    dialog = sample(CONFIRM)
    problem = {"errorCode": 4001, "code": "CORR-04001", "detail": "You must use"}
    altinn.post(
        "/faults",
        {"operation": "correspondence-confirm", "status": 401, "body": problem, "times": None},
    )

    page = press(dialog, Kind.CONFIRM)

    assert the_only().state == State.REFUSED
    assert "mangler fullmakt" in text(page)
    assert altinn.counts()["correspondence-confirm"] == 1


def test_a_token_that_is_no_longer_taken_is_renewed_once(
    sample: Sample, press: Press, altinn: Altinn
) -> None:
    dialog = sample(CONFIRM)
    altinn.post("/faults", {"operation": "correspondence-confirm", "status": 401})

    press(dialog, Kind.CONFIRM)

    assert the_only().state == State.DONE
    assert altinn.counts()["correspondence-confirm"] == 2
    assert altinn.counts()["details"] == 3  # before, for the token, and after


def test_a_500_from_correspondence_is_tried_once_more_and_no_more(
    sample: Sample, press: Press, altinn: Altinn
) -> None:
    dialog = sample(CONFIRM)
    altinn.post("/faults", {"operation": "correspondence-confirm", "status": 500, "times": 2})

    page = press(dialog, Kind.CONFIRM)

    assert the_only().state == State.UNKNOWN
    assert altinn.counts()["correspondence-confirm"] == 2
    assert "Vi vet ikke om den ble utført" in text(page)
    assert "Ikke gjør det på nytt" in text(page)


def test_a_500_after_which_it_turns_out_to_be_confirmed_is_done(
    sample: Sample, press: Press, altinn: Altinn
) -> None:
    dialog = sample(CONFIRM)
    altinn.post(
        "/faults", {"operation": "correspondence-confirm", "status": 500, "after_effect": True}
    )

    page = press(dialog, Kind.CONFIRM)

    action = the_only()
    assert (action.state, action.code, action.status_after) == (
        State.DONE,
        "CORR-01041",
        "NotApplicable",
    )
    assert "Meldingen var allerede bekreftet." in text(page)


@pytest.mark.parametrize("takes_effect", [True, False])
def test_no_answer_in_time_is_unknown_until_somebody_looks_and_never_sent_again(
    takes_effect: bool,  # noqa: FBT001
    sample: Sample,
    press: Press,
    karis: Browser,
    altinn: Altinn,
    now: datetime,
) -> None:
    dialog = sample(CONFIRM)
    fault: dict[str, Any] = {"operation": "correspondence-confirm", "delay_seconds": 3}
    altinn.post("/faults", fault if takes_effect else fault | {"status": 504})

    page = press(dialog, Kind.CONFIRM)

    action = the_only()
    assert action.state == State.UNKNOWN
    assert action.answered_at is None
    assert "Ukjent utfall." in text(page)
    again = press_again(karis, action)
    assert again.redirect_chain[-1][0] == f"/kvittering/{action.pk}/"

    wait_for_answer(altinn)
    if not takes_effect:
        ServiceAction.objects.update(sent_at=now - timedelta(minutes=10))
    page = karis.post(f"/kvittering/{action.pk}/sjekk/", follow=True)

    action.refresh_from_db()
    assert (action.state, action.how) == (
        State.DONE if takes_effect else State.NOT_DONE,
        "DIALOG",
    )
    assert ("Mottaket er bekreftet." in text(page)) is takes_effect
    assert altinn.counts()["correspondence-confirm"] == 1


def press_again(browser: Browser, action: ServiceAction) -> Any:
    return browser.post(
        f"/innboks/{action.dialog_id}/handling/{action.action_id}/",
        {"revision": str(action.revision)},
        follow=True,
    )


def wait_for_answer(altinn: Altinn) -> None:
    wait_until(lambda: altinn.counts()["correspondence-confirm"])


def test_what_cannot_have_ended_yet_stays_unknown_however_often_one_looks(
    sample: Sample, press: Press, karis: Browser, altinn: Altinn
) -> None:
    dialog = sample(CONFIRM)
    altinn.post("/faults", {"operation": "correspondence-confirm", "status": 502})
    press(dialog, Kind.CONFIRM)
    action = the_only()

    for _each in range(2):
        karis.post(f"/kvittering/{action.pk}/sjekk/")

    action.refresh_from_db()
    assert action.state == State.UNKNOWN
    assert altinn.counts()["correspondence-confirm"] == 1


def test_a_dialog_that_changed_is_told_of_and_nothing_is_sent(
    sample: Sample, press: Press, altinn: Altinn, karis: Browser, now: datetime
) -> None:
    dialog = sample(CONFIRM)
    altinn.post(f"/dialogs/{dialog.pk}", {"do": "update", "dueAt": "2030-01-01T00:00:00Z"})

    page = press(dialog, Kind.CONFIRM)

    assert page.status_code == 409
    assert "Dialogen er endret siden du så den. Ingenting er sendt." in text(page)
    assert "Fristen er nå:" in text(page)
    assert not ServiceAction.objects.exists()
    assert altinn.counts()["correspondence-confirm"] == 0

    press(dialog, Kind.CONFIRM)  # with the revision that is shown now

    assert the_only().state == State.DONE


@pytest.mark.django_db(transaction=True)
def test_two_presses_at_once_are_one_call(
    sample: Sample, press: Press, altinn: Altinn, kari: User, now: datetime
) -> None:
    dialog = sample(CONFIRM)
    offer = one_of(dialog, Kind.CONFIRM, kari, now)
    kept = opening.kept(dialog)
    assert kept is not None
    address = f"/innboks/{dialog.pk}/handling/{offer.id}/"
    altinn.post("/faults", {"operation": "correspondence", "delay_seconds": 1})
    answers: list[Any] = []

    def send() -> None:
        browser = Browser()
        browser.force_login(kari)
        answers.append(browser.post(address, {"revision": str(kept.revision)}))
        connections.close_all()

    both = [threading.Thread(target=send) for _each in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()

    action = the_only()
    assert action.state == State.DONE
    assert {answer.headers["Location"] for answer in answers} == {f"/kvittering/{action.pk}/"}
    assert altinn.counts()["correspondence-confirm"] == 1


def test_ola_sees_neither_the_question_nor_the_receipt(
    sample: Sample, press: Press, olas: Browser, kari: User, altinn: Altinn, now: datetime
) -> None:
    dialog = sample(CONFIRM)
    offer = one_of(dialog, Kind.CONFIRM, kari, now)
    press(dialog, Kind.CONFIRM)
    pk = the_only().pk
    altinn.delete("/requests")

    question = f"/innboks/{dialog.pk}/handling/{offer.id}/"
    assert olas.get(question).status_code == 404
    assert olas.post(question, {"revision": str(offer.id)}).status_code == 404
    assert olas.get(f"/kvittering/{pk}/").status_code == 404
    assert olas.get(f"/kvittering/{pk}/pdf/").status_code == 404
    for act in ("sjekk", "utfall", "godkjenn", "trekk"):
        assert olas.post(f"/kvittering/{pk}/{act}/").status_code == 404
    assert sum(altinn.counts().values()) == 0
