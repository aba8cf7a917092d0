"""Notes as they are shown: what a dialog's and a client's page gather, in two statements."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch, Q, QuerySet
from django.utils.functional import cached_property
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from dialogs.inbox.deadlines import short_moment
from dialogs.models import Dialog, Mention, Note
from dialogs.notes.actions import version_of
from dialogs.notes.naming import marked
from dialogs.notes.place import Place, may_delete, may_edit
from staff.models import User

MOST_SHOWN = 30  # beside a dialog; the rest are on a page of their own
LONG = 700
LONG_LINES = 12
BEGINNING = 280
BEGINNING_LINES = 4


@dataclass
class Shown:
    """A note, and what this reader may do with it."""

    note: Note
    reader: User
    now: datetime

    @property
    def anchor(self) -> str:
        return f"notat-{self.note.pk}"

    @property
    def author(self) -> User:
        return self.note.author

    @property
    def version(self) -> str:
        return version_of(self.note)

    @cached_property
    def mentioned(self) -> list[User]:
        return [one.user for one in self.note.mentions.all()]

    @cached_property
    def html(self) -> SafeString:
        return marked(self.note.text, self.mentioned)

    @cached_property
    def beginning(self) -> SafeString | str:
        """The first lines of a long note; nothing of a short one."""
        text = self.note.text
        lines = text.split("\n")
        if len(text) <= LONG and len(lines) <= LONG_LINES:
            return ""
        start = "\n".join(lines[:BEGINNING_LINES])
        if len(start) > BEGINNING:
            start = start[:BEGINNING].rsplit(" ", 1)[0]
        return marked(start + " …", self.mentioned)

    @property
    def also_mentioned(self) -> str:
        """Those who were chosen from the list and are not in the text."""
        text = self.note.text.casefold()
        names = [one.name for one in self.mentioned if f"@{one.name.casefold()}" not in text]
        return ", ".join(names)

    @property
    def written(self) -> str:
        return short_moment(self.note.created_at, now=self.now)

    @property
    def edited(self) -> str:
        at = self.note.edited_at
        return short_moment(at, now=self.now) if at else ""

    @property
    def label(self) -> str:
        """What the note is called by those who hear the page."""
        return _("Notat av %(name)s, %(at)s") % {"name": self.author.name, "at": self.written}

    @property
    def may_edit(self) -> bool:
        return may_edit(self.note, self.reader)

    @property
    def may_delete(self) -> bool:
        return may_delete(self.note, self.reader)


@dataclass
class Notes:
    """All that is shown of the notes in one place."""

    place: Place
    notes: Sequence[Shown]
    guide: Shown | None = None
    about_client: Sequence[Shown] = ()
    has_more: bool = False


def notes_of_dialog(dialog: Dialog, reader: User, *, now: datetime) -> Notes:
    """Gather the service's guide, what is important about the client, and the dialog's notes."""
    here = Q(dialog=dialog)
    pinned_elsewhere = Q(is_pinned=True) & (
        Q(client=dialog.client_id) | Q(service=dialog.service_id)
    )
    found = list(in_order(Note.objects.filter(here | pinned_elsewhere))[: MOST_SHOWN + 1])
    shown = [Shown(note, reader, now) for note in found[:MOST_SHOWN]]
    own = [one for one in shown if one.note.dialog_id]
    return Notes(
        Place(dialog.client, dialog),
        own,
        guide=next((one for one in shown if one.note.service_id), None),
        about_client=[one for one in shown if one.note.client_id],
        has_more=len(found) > MOST_SHOWN,
    )


def notes_of_client(place: Place, reader: User, *, now: datetime) -> Notes:
    """Gather a client's notes, what is important first."""
    found = list(in_order(Note.objects.filter(client=place.client))[: MOST_SHOWN + 1])
    shown = [Shown(note, reader, now) for note in found[:MOST_SHOWN]]
    return Notes(place, shown, has_more=len(found) > MOST_SHOWN)


def in_order(notes: QuerySet[Note]) -> QuerySet[Note]:
    """Fetch notes pinned first, then the newest, with their authors and whom they mention."""
    mentions = Mention.objects.select_related("user").order_by("pk")
    return (
        notes.filter(deleted_at=None)
        .select_related("author")
        .prefetch_related(Prefetch("mentions", mentions))
        .order_by("-is_pinned", "-created_at", "-pk")
    )


def shown_all(notes: Iterable[Note], reader: User, *, now: datetime) -> list[Shown]:
    return [Shown(note, reader, now) for note in notes]
