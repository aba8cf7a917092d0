"""A dialog as it is shown: words and colours are settled here; templates only place them."""

import re
from collections.abc import Hashable
from datetime import datetime
from functools import cache, lru_cache
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from dialogs.inbox.deadlines import (
    Tag,
    Wording,
    long_deadline,
    long_moment,
    short_date,
    short_moment,
    wording,
)
from dialogs.inbox.listed import Listed
from dialogs.inbox.search import mark
from dialogs.models import Dialog
from staff.models import initials_of

THIN_SPACE = "\u2009"

# Only «Krever handling» is filled, as in Altinn; «Uten status» shows nothing.
STATUS_LOOKS = {
    Dialog.Status.REQUIRES_ATTENTION: ("danger", "tinted"),
    Dialog.Status.AWAITING: ("info", "outline"),
    Dialog.Status.IN_PROGRESS: ("accent", "outline"),
    Dialog.Status.DRAFT: ("neutral", "dashed"),
    Dialog.Status.COMPLETED: ("neutral", "outline"),
}


@lru_cache(maxsize=10_000)
def spaced(orgnr: str | None) -> str:
    """Return «987 654 321» with thin spaces."""
    return re.sub(r"(\d{3})(?=\d)", rf"\1{THIN_SPACE}", orgnr or "")


@cache
def _around(name: str) -> list[str]:
    nobody = UUID(int=0)
    return reverse(name, args=[nobody]).split(str(nobody))


def _address(name: str, pk: str) -> str:
    """Return a dialog's address; looked up once, as a list has a hundred of them."""
    return pk.join(_around(name))


def status_tag(status: str) -> Tag | None:
    return _status_tag(status, get_language())


@cache
def _status_tag(status: str, _language: str | None) -> Tag | None:
    if status == Dialog.Status.NOT_APPLICABLE:
        return None
    if status not in Dialog.Status.values:
        return Tag(status, "neutral", "outline")  # one we do not know yet, as it came
    known = Dialog.Status(status)
    return Tag(str(known.label), *STATUS_LOOKS[known])


class Row:
    """Everything is worked out when it is asked for: a finished row may lie ready."""

    def __init__(
        self, listed: Listed, now: datetime, *, words: str = "", folder: str = "", query: str = ""
    ) -> None:
        self.listed = listed
        self.now = now
        self.query = query  # the list's filters, kept in the row's links
        self.group = ""  # the heading above the row, where a group begins
        self.viewers = ""  # colleagues who look at it just now
        self._words = words
        self._folder = folder  # the one that is listed; others are named on the row

    @property
    def key(self) -> tuple[Hashable, ...]:
        """All that a row's look depends on: of the time, the day alone."""
        today = timezone.localdate(self.now)
        place = (self.query, self._words, self._folder, self.group, self.viewers)
        return (self.listed, today, get_language(), *place)

    @cached_property
    def pk(self) -> str:
        return str(self.listed.id)

    @property
    def href(self) -> str:
        return _address("dialogs:dialog", self.pk) + self.query

    @cached_property
    def title(self) -> str:
        return self.listed.title or _("Uten tittel")

    @property
    def marked_title(self) -> SafeString:
        return mark(self.title, self._words)

    @property
    def marked_client(self) -> SafeString:
        return mark(self.listed.client, self._words)

    @property
    def status(self) -> Tag | None:
        return status_tag(self.listed.status)

    @property
    def is_unread(self) -> bool:
        """Unread in Altinn, for all who have access there."""
        return self.listed.is_unread

    @property
    def is_new_to_me(self) -> bool:
        """Unread in Altinn, and not looked at by the reader either."""
        seen_at = self.listed.read_by_me_at
        return self.is_unread and not (seen_at and seen_at >= self.listed.content_updated_at)

    @property
    def has_unopened(self) -> bool:
        return self.listed.has_unopened_content and not self.listed.is_unread

    @property
    def updated(self) -> str:
        return short_moment(self.listed.content_updated_at, now=self.now)

    @cached_property
    def deadline(self) -> Wording | None:
        if self.listed.deadline_at:
            return wording(self.listed.deadline_at, now=self.now, settled=False)
        if self.listed.due_at:
            return wording(self.listed.due_at, now=self.now, settled=True)
        return None

    @property
    def deadline_kind(self) -> str:
        """What kind of deadline the list goes by, when it is not the authority's."""
        it = self.listed
        if it.deadline_at is None or it.binding_at is not None:
            return ""
        return _("anslått frist") if it.estimated_due_on else _("intern frist")

    @property
    def internal_due(self) -> str:
        """The internal deadline, when the list goes by another one."""
        it = self.listed
        if it.internal_due_on is None or it.deadline_at is None or not self._has_own_deadline:
            return ""
        today = timezone.localdate(self.now)
        day = short_date(it.internal_due_on, today=today)
        if it.internal_due_on < today:
            return _("intern %(day)s, passert") % {"day": day}
        return _("intern %(day)s") % {"day": day}

    @property
    def _has_own_deadline(self) -> bool:
        return self.listed.binding_at is not None or self.listed.estimated_due_on is not None

    @property
    def snoozed_until(self) -> str:
        until = self.listed.snoozed_until_on
        if until is None:
            return ""
        day = short_date(until, today=timezone.localdate(self.now))
        return _("utsatt til %(day)s") % {"day": day}

    @property
    def pinned_why(self) -> str:
        return self.listed.pinned_why

    @property
    def is_reopened(self) -> bool:
        return self.listed.reopened_at is not None

    @property
    def client(self) -> str:
        return self.listed.client

    @property
    def client_href(self) -> str:
        return reverse("dialogs:client", args=[self.listed.client_id])

    @property
    def responsible(self) -> str:
        it = self.listed
        if it.substitute:
            who = {"name": it.responsible, "substitute": it.substitute}
            return _("%(name)s (stedfortreder %(substitute)s)") % who
        return it.responsible

    @property
    def initials(self) -> str:
        return initials_of(self.listed.responsible) if self.listed.responsible else ""

    @property
    def work_version(self) -> str:
        return str(self.listed.work_version)

    @property
    def due_iso(self) -> str:
        at = self.listed.deadline_at or self.listed.due_at
        return at.isoformat() if at else ""

    @property
    def updated_iso(self) -> str:
        return self.listed.content_updated_at.isoformat()

    @property
    def assign_href(self) -> str:
        return _address("dialogs:dialog-assign", self.pk) + self.query

    @property
    def marked_summary(self) -> SafeString:
        return mark(self.listed.summary, self._words)

    @property
    def orgnr(self) -> str:
        """The unit written to when it is a sub-unit, else the client's. Never a person's number."""
        return spaced(self.listed.unit_orgnr if self.unit else self.listed.client_orgnr)

    @property
    def unit(self) -> str:
        return self.listed.unit

    @property
    def deadline_in_full(self) -> str:
        at = self.listed.deadline_at or self.listed.due_at
        return long_deadline(at) if at else ""

    @property
    def sender(self) -> str:
        return self.listed.sender

    @property
    def updated_in_full(self) -> str:
        return long_moment(self.listed.content_updated_at)

    @property
    def attachments(self) -> str:
        n = self.listed.attachment_count
        return ngettext("%(n)s vedlegg", "%(n)s vedlegg", n) % {"n": n} if n else ""

    @property
    def notes(self) -> str:
        n = self.listed.note_count
        return ngettext("%(n)s notat", "%(n)s notater", n) % {"n": n} if n else ""

    @property
    def other_folder(self) -> str:
        here = self.listed.folder
        return "" if here == self._folder else str(dict(Dialog.Folder.choices).get(here, here))

    @cached_property
    def dialog(self) -> Dialog:
        """The whole dialog, for the panel."""
        related = ("client__team", "party", "copy", "service__area", "owner", "responsible", "pin")
        return Dialog.objects.select_related(*related).get(pk=self.listed.id)

    @property
    def created_in_full(self) -> str:
        return long_moment(self.dialog.created_at)

    @property
    def altinn_url(self) -> str:
        return f"{settings.ALTINN_INBOX_URL}/{self.pk}"

    @property
    def gone_since(self) -> str:
        return long_moment(self.dialog.gone_at) if self.dialog.gone_at else ""
