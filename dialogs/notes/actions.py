"""What people do with notes. The audit log says who did what; never what the note said."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, QuerySet

from clients.models import Client
from dialogs import live, notices
from dialogs.actions import Touched
from dialogs.models import Dialog, Mention, Note, NoteVersion, Notice, Service
from dialogs.notes.place import Place
from staff import audit
from staff.models import User

ADDED = "note.added"
EDITED = "note.edited"
DELETED = "note.deleted"
RESTORED = "note.restored"
PINNED = "note.pinned"
UNPINNED = "note.unpinned"

SENT_AGAIN = timedelta(minutes=10)  # the same text from the same person is one note
LONGEST_EXCERPT = 200


class EditedMeanwhile(Exception):
    """Somebody has changed or deleted the note since it was shown. Nothing was written."""

    def __init__(self, note: Note | None) -> None:
        super().__init__("the note is not the one that was shown")
        self.note = note


def version_of(note: Note | None) -> str:
    """Return what changes with each edit."""
    if note is None:
        return ""
    return f"{note.pk}.{note.edited_at.isoformat() if note.edited_at else ''}"


def add_note(
    place: Place,
    text: str,
    *,
    author: User,
    now: datetime,
    mentioned: Iterable[User] = (),
    is_pinned: bool = False,
) -> Note:
    """Add a note and tell those it names. One that is sent again after a lost answer stays one."""
    with transaction.atomic():
        _lock(place)
        written = Note.objects.filter(**place.fields, author=author, text=text, deleted_at=None)
        if sent_before := written.filter(created_at__gt=now - SENT_AGAIN).first():
            return sent_before
        note = Note.objects.create(
            **place.fields, author=author, text=text, is_pinned=is_pinned, created_at=now
        )
        _count(note, 1)
        _mention(note, mentioned, now=now)
        _record(note, ADDED, actor=author, now=now)
    return note


def edit_note(
    note: Note,
    text: str,
    *,
    seen: str,
    actor: User,
    now: datetime,
    mentioned: Iterable[User] = (),
) -> None:
    """Change what a note says and keep what it said. Tell those who are named for the first time.

    Raises:
        EditedMeanwhile: `seen` is not the version that is there now.
    """
    with transaction.atomic():
        current = Note.objects.select_for_update(of=("self",)).get(pk=note.pk)
        if current.deleted_at or version_of(current) != seen:
            if current.text == text and not current.deleted_at:
                return
            raise EditedMeanwhile(current)
        if current.text == text:
            return
        _keep_version(current, by=actor, now=now)
        _notices_of(current).update(comment=excerpt(text))
        Note.objects.filter(pk=note.pk).update(text=text, edited_at=now)
        note.text, note.edited_at = text, now
        _mention(note, mentioned, now=now)
        _record(note, EDITED, actor=actor, now=now)


def delete_note(note: Note, *, actor: User, now: datetime) -> None:
    """Take a note away. What it said stays in the history."""
    with transaction.atomic():
        current = _locked(note, deleted=False)
        if current is None:
            return
        _keep_version(current, by=actor, now=now)
        _notices_of(current).delete()
        Note.objects.filter(pk=note.pk).update(text="", deleted_at=now)
        _count(note, -1)
        _record(note, DELETED, actor=actor, now=now)


def restore_note(note: Note, *, actor: User, now: datetime) -> None:
    """Undo a deletion, and tell those named again."""
    with transaction.atomic():
        current = _locked(note, deleted=True)
        if current is None:
            return
        version = current.versions.latest("until_at")
        Note.objects.filter(pk=note.pk).update(text=version.text, deleted_at=None)
        note.text, note.deleted_at = version.text, None
        version.delete()
        _count(note, 1)
        _tell([one.user for one in note.mentions.select_related("user")], note, now=now)
        _record(note, RESTORED, actor=actor, now=now)


def set_pinned(note: Note, *, is_pinned: bool, actor: User, now: datetime) -> None:
    with transaction.atomic():
        changed = Note.objects.filter(pk=note.pk, is_pinned=not is_pinned, deleted_at=None)
        if changed.update(is_pinned=is_pinned):
            _record(note, PINNED if is_pinned else UNPINNED, actor=actor, now=now)
    note.is_pinned = is_pinned


def guide_of(service: Service) -> Note | None:
    """Return the firm's own note on how a service's dialogs are answered."""
    notes = Note.objects.filter(service=service, is_pinned=True, deleted_at=None)
    return notes.select_related("author").order_by("created_at").first()


def write_guide(service: Service, text: str, *, seen: str, actor: User, now: datetime) -> None:
    """Write, change or take away a service's guide. It is the firm's: any manager edits it.

    Raises:
        EditedMeanwhile: `seen` is not the version that is there now.
    """
    with transaction.atomic():
        Service.objects.select_for_update(no_key=True).get(pk=service.pk)
        guide = guide_of(service)
        if guide is None and text and not seen:
            note = Note.objects.create(
                service=service, author=actor, text=text, is_pinned=True, created_at=now
            )
            _record(note, ADDED, actor=actor, now=now)
        elif version_of(guide) != seen and text != (guide.text if guide else ""):
            raise EditedMeanwhile(guide)
        elif guide and text:
            edit_note(guide, text, seen=version_of(guide), actor=actor, now=now)
        elif guide:
            delete_note(guide, actor=actor, now=now)


def excerpt(text: str) -> str:
    """Return what a notice shows of a note."""
    words = " ".join(text.split())
    return words if len(words) <= LONGEST_EXCERPT else words[: LONGEST_EXCERPT - 1] + "…"


def _lock(place: Place) -> None:
    """Let one note at a time be added to a dialog or client."""
    if place.dialog:
        Dialog.objects.select_for_update(no_key=True).only("pk").get(pk=place.dialog.pk)
    else:
        Client.objects.select_for_update(no_key=True).only("pk").get(pk=place.client.pk)


def _locked(note: Note, *, deleted: bool) -> Note | None:
    notes = Note.objects.select_for_update(of=("self",))
    return notes.filter(pk=note.pk, deleted_at__isnull=not deleted).first()


def _keep_version(note: Note, *, by: User, now: datetime) -> None:
    NoteVersion.objects.create(note=note, text=note.text, until_at=now, changed_by=by)


def _count(note: Note, by: int) -> None:
    """Keep the dialog's number of notes, and tell open pages."""
    if note.dialog is None:
        return
    Dialog.objects.filter(pk=note.dialog.pk).update(note_count=F("note_count") + by)
    live.tell([Touched(note.dialog.pk, note.dialog.client_id)])


def _mention(note: Note, people: Iterable[User], *, now: datetime) -> None:
    """Note who is named, and tell those who were not named before. Never the author."""
    already = set(note.mentions.values_list("user", flat=True)) | {note.author_id}
    new = [one for one in people if one.pk not in already]
    Mention.objects.bulk_create([Mention(note=note, user=one) for one in new])
    _tell(new, note, now=now)


def _tell(people: Iterable[User], note: Note, *, now: datetime) -> None:
    notices.notify(
        people,
        Notice.Kind.MENTIONED,
        actor=note.author,
        now=now,
        dialog=note.dialog,
        query=_list_of(note),
        comment=excerpt(note.text),
    )


def _notices_of(note: Note) -> QuerySet[Notice]:
    """The lines behind the bell that repeat what a note says."""
    return Notice.objects.filter(
        kind=Notice.Kind.MENTIONED,
        actor=note.author_id,
        dialog=note.dialog_id,
        query=_list_of(note),
        comment=excerpt(note.text),
    )


def _list_of(note: Note) -> str:
    return f"klient={note.client_id}" if note.client_id else ""


def _record(note: Note, act: str, *, actor: User, now: datetime) -> None:
    kinds = {"dialog": note.dialog_id, "client": note.client_id, "service": note.service_id}
    about = next(f"{kind} {pk}" for kind, pk in kinds.items() if pk)
    audit.record(actor=actor, act=act, about=about, now=now, note=note.pk)
