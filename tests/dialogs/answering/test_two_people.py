"""Two people at once, and a second person's approval."""

from collections.abc import Callable
from datetime import datetime

import pytest
from django.db import IntegrityError, transaction
from django.test import Client as Browser
from pytest_django import Settings

from clients.models import Client
from dialogs.models import Notice, ServiceAction
from staff.models import AuditEntry, User
from tests.dialogs.answering.conftest import (
    CONFIRM,
    LETTER,
    Press,
    Sample,
    one_of,
    text,
    the_only,
)
from tests.stand_in import Altinn

Kind, State = ServiceAction.Kind, ServiceAction.State


@pytest.fixture
def leders(leder: User, logged_in: Callable[[User], Browser]) -> Browser:
    """The manager, who sees every client too."""
    return logged_in(leder)


def test_the_second_at_the_question_is_told_who_is_about_to_do_it(
    sample: Sample,
    press: Press,
    karis: Browser,
    leders: Browser,
    kari: User,
    altinn: Altinn,
    now: datetime,
) -> None:
    dialog = sample(CONFIRM)
    url = f"/innboks/{dialog.pk}/handling/{one_of(dialog, Kind.CONFIRM, kari, now).id}/"
    karis.get(url)

    page = leders.get(url)

    assert "Kari Hansen er i ferd med å utføre denne handlingen." in text(page)
    assert "Bekreft og send" not in text(page)
    refused = press(dialog, Kind.CONFIRM, browser=leders)
    assert refused.status_code == 409
    assert altinn.counts()["correspondence-confirm"] == 0

    assert "Bekreft og send" in text(leders.get(f"{url}?overta=ja"))
    assert "Marit Solberg er i ferd med" in text(karis.get(url))
    press(dialog, Kind.CONFIRM, browser=leders)
    assert the_only().actor.first_name == "Marit"


def test_a_second_tab_goes_to_the_firsts_receipt(
    sample: Sample, press: Press, karis: Browser, altinn: Altinn
) -> None:
    dialog = sample(CONFIRM)
    press(dialog, Kind.CONFIRM)
    action = the_only()
    altinn.delete("/requests")

    again = karis.post(
        f"/innboks/{dialog.pk}/handling/{action.action_id}/", {"revision": str(action.revision)}
    )

    assert again.headers["Location"] == f"/kvittering/{action.pk}/"
    assert sum(altinn.counts().values()) == 0


@pytest.mark.parametrize("wanted", ["destructive", "all"])
def test_what_a_second_person_has_to_approve_is_not_sent_before(
    wanted: str,
    sample: Sample,
    press: Press,
    karis: Browser,
    leders: Browser,
    leder: User,
    altinn: Altinn,
    settings: Settings,
) -> None:
    settings.FOUR_EYES = wanted
    dialog = sample(LETTER)
    dialog.client.members.add(leder)

    page = press(dialog, Kind.PURGE, ord="slett")

    action = the_only()
    assert (action.state, action.sent_at) == (State.WAITING, None)
    assert "En annen enn Kari Hansen må godkjenne den" in text(page)
    assert "Godkjenn og send" not in text(page)
    own = karis.post(f"/kvittering/{action.pk}/godkjenn/")
    assert own.status_code == 409
    assert altinn.counts()["correspondence-purge"] == 0
    assert list(Notice.objects.values_list("user", "kind")) == [(leder.pk, "APPROVAL")]

    assert "Godkjenn og send" in text(leders.get(f"/kvittering/{action.pk}/"))
    page = leders.post(f"/kvittering/{action.pk}/godkjenn/", follow=True)

    action.refresh_from_db()
    assert (action.state, action.approver) == (State.DONE, leder)
    assert altinn.counts()["correspondence-purge"] == 1
    assert "Kari Hansen" in text(page)
    assert "Marit Solberg" in text(page)
    acts = AuditEntry.objects.filter(about=f"dialog {dialog.pk}").order_by("pk")
    assert list(acts.values_list("act", "actor__first_name")) == [
        ("answer.asked", "Kari"),
        ("answer.approved", "Marit"),
        ("answer.done", "Marit"),
    ]


def test_only_what_deletes_wants_a_second_person_when_that_is_the_setting(
    sample: Sample, press: Press, settings: Settings
) -> None:
    settings.FOUR_EYES = "destructive"

    press(sample(CONFIRM), Kind.CONFIRM)

    assert the_only().state == State.DONE


def test_an_approval_of_what_has_changed_sends_nothing(
    sample: Sample, press: Press, leders: Browser, altinn: Altinn, settings: Settings
) -> None:
    settings.FOUR_EYES = "all"
    dialog = sample(CONFIRM)
    press(dialog, Kind.CONFIRM)
    altinn.post(f"/dialogs/{dialog.pk}", {"do": "update", "title": "Nytt brev"})

    page = leders.post(f"/kvittering/{the_only().pk}/godkjenn/")

    assert page.status_code == 409
    assert "Dialogen er endret" in text(page)
    assert the_only().state == State.WAITING
    assert altinn.counts()["correspondence-confirm"] == 0


@pytest.mark.parametrize(("who", "act"), [("kari", "withdrawn"), ("leder", "declined")])
def test_what_waits_can_be_taken_back_or_declined_and_asked_for_again(
    who: str,
    act: str,
    sample: Sample,
    press: Press,
    karis: Browser,
    leders: Browser,
    altinn: Altinn,
    settings: Settings,
) -> None:
    settings.FOUR_EYES = "all"
    dialog = sample(CONFIRM)
    press(dialog, Kind.CONFIRM)
    first = the_only()

    browser = karis if who == "kari" else leders
    page = browser.post(f"/kvittering/{first.pk}/trekk/", follow=True)

    first.refresh_from_db()
    assert first.state == State.WITHDRAWN
    assert "Ingenting er sendt." in text(page)
    assert AuditEntry.objects.filter(act=f"answer.{act}").exists()
    assert leders.post(f"/kvittering/{first.pk}/godkjenn/").status_code == 302
    press(dialog, Kind.CONFIRM)
    assert ServiceAction.objects.filter(state=State.WAITING).count() == 1
    assert altinn.counts()["correspondence-confirm"] == 0


def test_the_database_keeps_one_at_a_time_and_two_pairs_of_eyes(
    sample: Sample, press: Press, kari: User, settings: Settings
) -> None:
    settings.FOUR_EYES = "all"
    dialog = sample(CONFIRM)
    press(dialog, Kind.CONFIRM)
    action = the_only()

    with pytest.raises(IntegrityError), transaction.atomic():
        ServiceAction.objects.filter(pk=action.pk).update(approver=kari)
    with pytest.raises(IntegrityError), transaction.atomic():
        ServiceAction.objects.filter(pk=action.pk).update(state=State.SENT)
    action.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        action.save(force_insert=True)


def test_somebody_who_no_longer_works_for_the_client_cannot_go_on(
    sample: Sample, press: Press, karis: Browser, kari: User, settings: Settings
) -> None:
    settings.FOUR_EYES = "all"
    press(sample(CONFIRM), Kind.CONFIRM)
    for client in Client.objects.all():
        client.members.remove(kari)

    assert karis.get(f"/kvittering/{the_only().pk}/").status_code == 404
    assert karis.post(f"/kvittering/{the_only().pk}/trekk/").status_code == 404
    assert the_only().state == State.WAITING
