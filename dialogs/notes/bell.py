"""What is behind the bell: notices page by page, where they lead, and what has been read."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse

from clients.models import Client
from dialogs.inbox.deadlines import short_moment
from dialogs.models import Dialog, Mention, Notice
from dialogs.notes import sentences
from dialogs.notes.place import NOT_SHOWN
from dialogs.notices import client_in
from staff.models import User

PAGE_SIZE = 50
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Kind = Notice.Kind


@dataclass(frozen=True)
class Before:
    """Where the next page begins: the last line that was shown."""

    created_at: datetime
    pk: int

    @classmethod
    def read(cls, text: str) -> Self | None:
        at, _dot, pk = text.partition(".")
        if not all(part.isascii() and part.isdigit() and len(part) < 19 for part in (at, pk)):
            return None
        try:
            return cls(EPOCH + timedelta(microseconds=int(at)), int(pk))
        except OverflowError:
            return None

    def __str__(self) -> str:
        return f"{(self.created_at - EPOCH) // timedelta(microseconds=1)}.{self.pk}"


@dataclass(frozen=True)
class Line:
    notice: Notice
    text: str
    comment: str
    when: str
    href: str  # empty: what it leads to is no longer this person's to see

    @property
    def is_unread(self) -> bool:
        return self.notice.read_at is None


@dataclass(frozen=True)
class Page:
    lines: Sequence[Line]
    next: Before | None


def told(user: User) -> QuerySet[Notice]:
    """Return what somebody is told, without dialogs that only others may read since.

    The menu counts the same: see `counters`.
    """
    kept = Dialog.objects.kept_from(user).filter(pk=OuterRef("dialog"))
    return Notice.objects.filter(~Exists(kept), user=user)


def unread_count(user: User) -> int:
    return told(user).filter(read_at=None).count()


def page_of(user: User, *, before: Before | None, now: datetime) -> Page:
    """Return a page of this person's notices, the newest first."""
    notices = told(user).filter(is_in_bell=True)
    if before:
        notices = notices.filter(
            Q(created_at__lt=before.created_at) | Q(created_at=before.created_at, pk__lt=before.pk)
        )
    ordered = notices.select_related("actor").order_by("-created_at", "-pk")
    found = list(ordered[: PAGE_SIZE + 1])
    listed = found[:PAGE_SIZE]
    last = Before(listed[-1].created_at, listed[-1].pk) if len(found) > PAGE_SIZE else None
    return Page(_lines(listed, user, now=now), last)


def read(notice: Notice, *, now: datetime) -> None:
    """Note that somebody has gone where a notice leads, and seen what else is told of it."""
    Notice.objects.filter(pk=notice.pk, read_at=None).update(read_at=now)
    if notice.dialog_id:
        see_dialog(notice.user, notice.dialog_id, now=now)


def read_all(user: User, *, now: datetime) -> None:
    told(user).filter(read_at=None).update(read_at=now)


def see_dialog(user: User, dialog_id: UUID, *, now: datetime) -> None:
    """Somebody has the dialog before them: what was told of it is read."""
    Notice.objects.filter(user=user, dialog=dialog_id, read_at=None).update(read_at=now)
    mentions = Mention.objects.filter(user=user, note__dialog=dialog_id, seen_at=None)
    mentions.update(seen_at=now)


def see_client(user: User, client_id: int, *, now: datetime) -> None:
    """Somebody has a client's notes before them."""
    about = Notice.objects.filter(user=user, kind=Kind.MENTIONED, query=f"klient={client_id}")
    about.filter(read_at=None).update(read_at=now)
    mentions = Mention.objects.filter(user=user, note__client=client_id, seen_at=None)
    mentions.update(seen_at=now)


def target_of(notice: Notice) -> str:
    """Return where a notice leads. The page there decides again who may see it."""
    if notice.dialog_id:
        return reverse("dialogs:dialog", args=[notice.dialog_id])
    if client_id := _client_of(notice):
        return reverse("dialogs:client-all-notes", args=[client_id])
    if notice.kind == Kind.EXPORTED:
        return reverse("dialogs:export-job", args=[int(notice.query.removeprefix("eksport="))])
    inbox = reverse("dialogs:inbox")
    return f"{inbox}?{notice.query}" if notice.query else inbox


@dataclass(frozen=True)
class Subject:
    """What a notice is about, as far as somebody may see it now."""

    dialog: Dialog | None
    client: Client | None
    is_lost: bool  # it is about something they may no longer see


def subjects_of(notices: Iterable[Notice], user: User) -> dict[int, Subject]:
    """Return what each of some notices is about, by the notice's key. Two statements at most."""
    notices = list(notices)
    dialogs = Dialog.objects.visible_to(user).select_related("client", "copy", "owner", "service")
    dialogs = dialogs.defer(*NOT_SHOWN)
    by_dialog = dialogs.in_bulk([one.dialog_id for one in notices if one.dialog_id])
    clients = Client.objects.visible_to(user)
    by_client = clients.in_bulk([pk for one in notices if (pk := _client_of(one))])
    found = {}
    for notice in notices:
        dialog = by_dialog.get(notice.dialog_id) if notice.dialog_id else None
        client = by_client.get(_client_of(notice) or 0)
        is_lost = bool((notice.dialog_id and not dialog) or (_client_of(notice) and not client))
        found[notice.pk] = Subject(dialog, client, is_lost)
    return found


def _lines(notices: Sequence[Notice], user: User, *, now: datetime) -> list[Line]:
    """Word the notices. Of what this person may no longer see, nothing is repeated."""
    subjects = subjects_of(notices, user)
    lines = []
    for notice in notices:
        subject = subjects[notice.pk]
        lines.append(
            Line(
                notice,
                sentences.said(notice, subject.dialog, subject.client, is_lost=subject.is_lost),
                "" if subject.is_lost else notice.comment,
                short_moment(notice.created_at, now=now),
                "" if subject.is_lost else reverse("dialogs:notice", args=[notice.pk]),
            )
        )
    return lines


def _client_of(notice: Notice) -> int | None:
    """Return the client whose note somebody is named in."""
    return None if notice.dialog_id else client_in(notice.kind, notice.query)
