"""A dialog as it is shown: words and colours are settled here; templates only place them."""

import re
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clients.models import Party
from dialogs.inbox.deadlines import Tag, Wording, long_deadline, long_moment, short_moment, wording
from dialogs.inbox.search import mark
from dialogs.models import Dialog

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


@dataclass
class Row:
    dialog: Dialog
    now: datetime
    words: str = ""
    folder: str = ""  # the one that is listed; others are named on the row
    query: str = ""  # the list's filters, kept in the row's links

    @property
    def pk(self) -> str:
        return str(self.dialog.pk)

    @property
    def client(self) -> str:
        return self.dialog.client.name

    @property
    def is_unread(self) -> bool:
        return self.dialog.is_unread

    @property
    def has_unopened(self) -> bool:
        """Opened, but a part of it is not."""
        return self.dialog.has_unopened_content and not self.dialog.is_unread

    @property
    def responsible(self) -> str:
        return self.dialog.responsible.name if self.dialog.responsible else ""

    @property
    def initials(self) -> str:
        return self.dialog.responsible.initials if self.dialog.responsible else ""

    @property
    def work_version(self) -> str:
        return str(self.dialog.work_version)

    @property
    def due_iso(self) -> str:
        return self.dialog.due_at.isoformat() if self.dialog.due_at else ""

    @property
    def updated_iso(self) -> str:
        return self.dialog.content_updated_at.isoformat()

    @cached_property
    def href(self) -> str:
        return _address("dialogs:dialog", self.pk) + self.query

    @cached_property
    def assign_href(self) -> str:
        return _address("dialogs:dialog-assign", self.pk) + self.query

    @cached_property
    def title(self) -> str:
        return self.dialog.copy.title or _("Uten tittel")

    @cached_property
    def marked_title(self) -> SafeString:
        return mark(self.title, self.words)

    @cached_property
    def marked_client(self) -> SafeString:
        return mark(self.dialog.client.name, self.words)

    @cached_property
    def marked_summary(self) -> SafeString:
        return mark(self.dialog.copy.summary, self.words)

    @cached_property
    def orgnr(self) -> str:
        """The unit written to when it is a sub-unit, else the client's. Never a person's number."""
        if self.unit:
            return spaced(self.dialog.party.orgnr)
        return spaced(self.dialog.client.orgnr)

    @cached_property
    def unit(self) -> str:
        party = self.dialog.party
        return party.name if party.kind == Party.Kind.SUB else ""

    @cached_property
    def status(self) -> Tag | None:
        status = self.dialog.status
        if status == Dialog.Status.NOT_APPLICABLE:
            return None
        if status not in Dialog.Status.values:
            return Tag(status, "neutral", "outline")  # one we do not know yet, as it came
        known = Dialog.Status(status)
        return Tag(str(known.label), *STATUS_LOOKS[known])

    @cached_property
    def deadline(self) -> Wording | None:
        if self.dialog.deadline_at:
            return wording(self.dialog.deadline_at, now=self.now, settled=False)
        if self.dialog.due_at:
            return wording(self.dialog.due_at, now=self.now, settled=True)
        return None

    @cached_property
    def deadline_in_full(self) -> str:
        return long_deadline(self.dialog.due_at) if self.dialog.due_at else ""

    @cached_property
    def sender(self) -> str:
        return str(self.dialog.owner)

    @cached_property
    def updated(self) -> str:
        return short_moment(self.dialog.content_updated_at, now=self.now)

    @cached_property
    def updated_in_full(self) -> str:
        return long_moment(self.dialog.content_updated_at)

    @cached_property
    def created_in_full(self) -> str:
        return long_moment(self.dialog.created_at)

    @cached_property
    def attachments(self) -> str:
        n = self.dialog.attachment_count
        return ngettext("%(n)s vedlegg", "%(n)s vedlegg", n) % {"n": n} if n else ""

    @cached_property
    def other_folder(self) -> str:
        names = dict(Dialog.Folder.choices)
        here = self.dialog.folder
        return "" if here == self.folder else str(names.get(here, here))

    @cached_property
    def assigned_why(self) -> str:
        if self.dialog.assigned_why != "CLIENT_RESPONSIBLE" or not self.dialog.responsible:
            return ""
        return _("Tildelt automatisk, som klientansvarlig.")

    @property
    def altinn_url(self) -> str:
        return f"{settings.ALTINN_INBOX_URL}/{self.dialog.pk}"

    @property
    def gone_since(self) -> str:
        return long_moment(self.dialog.gone_at) if self.dialog.gone_at else ""
