"""Who hears of what, and where."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from clients.models import Client
from dialogs.models import ClientNoticeChoice, Delivery, Dialog, Notice, NoticeChoices
from dialogs.notes import bell
from dialogs.notices import notify
from dialogs.outgoing import chat
from dialogs.outgoing.events import LABELS, Channel, channels_of, default_of, deviating
from staff.models import User
from tests.dialogs.outgoing.conftest import Kind, Tell

Rule = ClientNoticeChoice.Rule


def sent_to(user: User) -> set[str]:
    return set(Delivery.objects.filter(user=user).values_list("channel", flat=True))


def choose(user: User, **events: dict[str, bool]) -> NoticeChoices:
    return NoticeChoices.objects.create(user=user, events=events)


def test_who_is_made_responsible_gets_a_mail_unless_they_say_no(
    mails: None, kari: User, tell: Tell
) -> None:
    tell()
    one = Delivery.objects.get()
    assert (one.user, one.channel, one.event) == (kari, "EMAIL", "ASSIGNED")
    assert not one.is_chosen

    choose(kari, ASSIGNED={"EMAIL": False})
    tell()
    assert Delivery.objects.count() == 1


def test_nothing_is_written_down_where_nobody_can_be_reached(kari: User, tell: Tell) -> None:
    tell()
    assert bell.unread_count(kari) == 1
    assert not Delivery.objects.exists()


def test_what_is_not_wanted_in_the_bell_is_not_in_it_and_is_mailed_all_the_same(
    mails: None, kari: User, tell: Tell
) -> None:
    choose(kari, ASSIGNED={"BELL": False})

    tell()

    assert bell.unread_count(kari) == 0
    assert bell.page_of(kari, before=None, now=Notice.objects.get().created_at).lines == []
    assert sent_to(kari) == {"EMAIL"}


@pytest.mark.parametrize(
    ("rule", "in_bell", "mailed"),
    [("", 1, {"EMAIL"}), (Rule.MUTED, 0, set()), (Rule.BELL, 1, set()), (Rule.ONLY, 1, {"EMAIL"})],
)
def test_a_client_may_be_an_exception(
    mails: None, kari: User, bakeren: Client, tell: Tell, rule: str, in_bell: int, mailed: set[str]
) -> None:
    if rule:
        ClientNoticeChoice.objects.create(user=kari, client=bakeren, rule=rule)

    tell()

    assert bell.unread_count(kari) == in_bell
    assert sent_to(kari) == mailed


def test_mail_from_only_some_clients_leaves_the_others_in_the_bell(
    mails: None,
    kari: User,
    make_client: Callable[..., Client],
    tell: Tell,
) -> None:
    other = make_client("Smeden AS", responsible=kari)
    ClientNoticeChoice.objects.create(user=kari, client=other, rule=Rule.ONLY)

    tell()
    assert not Delivery.objects.exists()
    assert bell.unread_count(kari) == 1

    tell(Kind.ASSIGNED, query="ansvarlig=meg", count=34)
    assert Delivery.objects.count() == 1, "many dialogs are of no one client"


def test_a_note_about_a_client_follows_the_exception_too(
    mails: None, kari: User, bakeren: Client, tell: Tell
) -> None:
    ClientNoticeChoice.objects.create(user=kari, client=bakeren, rule=Rule.MUTED)

    tell(Kind.MENTIONED, query=f"klient={bakeren.pk}")

    assert bell.unread_count(kari) == 0
    assert not Delivery.objects.exists()


def test_a_chat_hears_of_little_until_more_is_chosen(
    settings: Settings, kari: User, tell: Tell
) -> None:
    choices = choose(kari)
    chat.keep(choices, NoticeChoices.Chat.TEAMS, "https://chat.invalid/hemmelig")
    choices.save()

    tell(Kind.REOPENED)
    assert not Delivery.objects.exists()
    tell(Kind.MENTIONED)
    assert sent_to(kari) == {"CHAT"}


def test_what_is_kept_is_only_what_differs() -> None:
    wanted = {
        (event, channel.value): default_of(event, channel)
        for event in LABELS
        for channel in channels_of(event)
    }
    assert deviating(wanted) == {}
    wanted["TAKEN", "EMAIL"] = True
    assert deviating(wanted) == {"TAKEN": {"EMAIL": True}}


def test_every_kind_of_notice_can_be_chosen_and_is_in_the_bell_by_itself() -> None:
    assert set(Notice.Kind.values) <= set(LABELS)
    assert all(default_of(kind, Channel.BELL) for kind in Notice.Kind.values)


def test_telling_many_takes_as_few_statements_as_telling_one(
    mails: None,
    kari: User,
    leder: User,
    admin: User,
    dialog: Dialog,
    django_assert_num_queries: Any,
) -> None:
    with django_assert_num_queries(6):  # two ask, two write, and two are the transaction's
        notify([kari, leder, admin], Kind.ASSIGNED, now=timezone.now(), dialog=dialog)
    assert Delivery.objects.count() == 3
