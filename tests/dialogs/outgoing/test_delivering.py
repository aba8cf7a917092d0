"""Each thing is sent once: whatever the server does, and whoever dies."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from clients.models import Client
from dialogs.models import Delivery, Dialog, NoticeChoices
from dialogs.notes import bell
from dialogs.outgoing import delivering
from dialogs.outgoing.delivering import LOST_AFTER, MOST_TRIES, deliver_due
from staff.models import User
from tests.dialogs.outgoing.conftest import Kind, Tell, deliver, header, later, text_of
from tests.dialogs.outgoing.post_office import Does, PostOffice

State = Delivery.State


def state() -> str:
    return Delivery.objects.get().state


def test_a_mail_waits_a_minute_and_is_sent_once(mails: None, tell: Tell) -> None:
    tell()
    assert deliver(seconds=1) == []

    [message] = deliver()

    assert message["To"] == "kari@firmaet.invalid"
    assert state() == State.SENT
    assert deliver(hours=1) == []


def test_what_happens_within_a_minute_is_one_mail(mails: None, tell: Tell) -> None:
    tell(Kind.ASSIGNED)
    tell(Kind.MENTIONED, comment="Ser du på denne?")
    tell(Kind.HANDED_OVER, query="ansvarlig=meg", count=34)

    [message] = deliver()

    assert header(message, "Subject") == "3 varsler"
    text = text_of(message)
    assert "tildelte deg «Mva-melding 4. termin» hos Bakeren AS." in text
    assert "«Ser du på denne?»" in text
    assert "34 dialoger" in text
    assert Delivery.objects.filter(state=State.SENT).count() == 3
    assert Delivery.objects.values("message").distinct().count() == 1


def test_a_bulk_change_is_one_mail_however_many_dialogs(mails: None, tell: Tell) -> None:
    tell(Kind.ASSIGNED, query="ansvarlig=meg", count=250)
    [message] = deliver()
    assert header(message, "Subject") == "Ola Berg tildelte deg 250 dialoger."


def test_what_was_read_in_the_portal_meanwhile_is_not_mailed(
    mails: None, kari: User, tell: Tell
) -> None:
    tell()
    bell.read_all(kari, now=timezone.now())

    assert deliver() == []
    assert (state(), Delivery.objects.get().trouble) == (State.LEFT_OUT, "read")


def test_what_may_no_longer_be_seen_is_not_mailed(
    mails: None, ola: User, leder: User, bakeren: Client, tell: Tell
) -> None:
    bakeren.members.add(ola)
    tell(users=[ola], actor=leder)
    bakeren.members.remove(ola)

    assert deliver() == []
    assert (state(), Delivery.objects.get().trouble) == (State.LEFT_OUT, "no access")


def test_who_has_left_or_said_no_gets_no_mail(mails: None, kari: User, tell: Tell) -> None:
    tell()
    kari.is_active = False
    kari.save()
    assert deliver() == []
    assert Delivery.objects.get().trouble == "left"

    kari.is_active = True
    kari.save()
    Delivery.objects.all().delete()
    tell()
    NoticeChoices.objects.create(user=kari, events={"ASSIGNED": {"EMAIL": False}})
    assert deliver() == []
    assert Delivery.objects.get().trouble == "not wanted"


def test_a_dialog_that_is_gone_takes_its_mail_along(
    mails: None, dialog: Dialog, tell: Tell
) -> None:
    tell()
    dialog.delete()
    assert deliver() == []


def test_quiet_hours_hold_a_mail_back(mails: None, kari: User, tell: Tell) -> None:
    clock = timezone.localtime()
    NoticeChoices.objects.create(
        user=kari,
        quiet_from=(clock - timedelta(minutes=30)).time().replace(second=0),
        quiet_to=(clock + timedelta(minutes=30)).time().replace(second=0),
    )
    tell()
    assert Delivery.objects.get().is_held
    assert deliver() == []
    assert len(deliver(minutes=31)) == 1


def test_a_mail_that_was_broken_off_is_not_sent_again(mails: None, tell: Tell) -> None:
    tell()
    claimed = delivering._claim(now=later(minutes=2))  # and here the worker is killed
    assert len(claimed) == 1

    assert deliver(minutes=3) == []
    assert state() == State.SENDING
    assert deliver(minutes=3 + LOST_AFTER.seconds // 60) == []
    assert state() == State.UNKNOWN


@pytest.mark.parametrize(
    ("does", "becomes", "trouble"),
    [
        (Does.TAKES, State.SENT, ""),
        (Does.NOT_NOW, State.WAITING, "451"),
        (Does.NEVER, State.REFUSED, "550"),
        (Does.NOT_THE_CONTENT, State.REFUSED, "554"),
        (Does.SILENT, State.UNKNOWN, "SMTPServerDisconnected"),
        (Does.CLOSED, State.WAITING, "SMTPServerDisconnected"),
    ],
)
def test_what_came_of_it_is_written_down(
    post_office: PostOffice, tell: Tell, does: Does, becomes: str, trouble: str
) -> None:
    post_office.does = does
    tell()

    deliver_due(now=later(minutes=2))

    one = Delivery.objects.get()
    assert (one.state, one.trouble) == (becomes, trouble)
    assert len(post_office.taken) == (does in {Does.TAKES, Does.SILENT})
    post_office.does = Does.TAKES
    deliver_due(now=later(hours=1))
    again = does in {Does.NOT_NOW, Does.CLOSED, Does.TAKES, Does.SILENT}
    assert len(post_office.taken) == again, "what may have arrived is not sent twice"


def test_a_server_that_stays_away_is_given_up(post_office: PostOffice, tell: Tell) -> None:
    post_office.does = Does.CLOSED
    tell()
    tries = 0
    while state() == State.WAITING and tries < 20:
        deliver_due(now=Delivery.objects.get().due_at)
        tries += 1
    assert (tries, state()) == (MOST_TRIES, State.REFUSED)


@pytest.mark.django_db(transaction=True)
def test_two_workers_send_each_mail_once(
    post_office: PostOffice, tell: Tell, kari: User, leder: User, admin: User
) -> None:
    for _number in range(5):
        tell(users=[kari, leder, admin])
    now, start = later(minutes=2), threading.Barrier(3)

    def work() -> None:
        start.wait()
        deliver_due(now=now)
        connection.close()

    workers = [threading.Thread(target=work) for _number in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert len(post_office.taken) == 3, "one for each of the three"
    assert set(Delivery.objects.values_list("state", flat=True)) == {State.SENT}


def test_an_unfit_mail_does_not_hold_up_the_next(
    mails: None, kari: User, leder: User, tell: Tell
) -> None:
    tell(users=[leder])
    tell(users=[kari], query="ansvarlig=meg", count=3)
    leder.is_active = False
    leder.save()
    [message] = deliver()
    assert message["To"] == kari.email
