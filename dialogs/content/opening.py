"""Open a dialog: the one thing in the portal that marks it as seen in Altinn.

Called because a person pressed a button that says so, and never by background work. What was read
is kept sealed, so that showing it again asks Altinn of nothing. The dialog token is handed to
whoever needs it at once, and kept nowhere.

Source: Dialogporten 1.119.1 (seen log, concurrent first reads), read 2026-08.
"""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from django.db import transaction
from django.db.models import F, QuerySet, Value
from django.db.models.functions import Greatest

from altinn.details import Details
from altinn.errors import NotThere, NotYet, Refused, TryLater
from clients import connect
from clients.models import Access, SystemUser
from dialogs import actions, live
from dialogs.actions import Touched
from dialogs.content import bodies
from dialogs.ingest.events import Need, ask
from dialogs.models import Dialog, OpenedDialog
from staff.models import User
from staff.sealing import Unreadable, seal, unseal

AGAIN_SECONDS = (0.2, 0.6)  # two first reads at once may end in a 500 for one of them
AFTER_VISIBLE = timedelta(seconds=5)
SERVER_ERROR = 500
LETTER = "correspondenceservice"

_details = msgspec.json.Decoder(Details)


class NobodyReads(Refused):
    """None of our system users reads for the dialog's party any more."""


@dataclass(frozen=True)
class Opened:
    """A dialog in full as it was opened last. `details.dialog_token` is always None."""

    details: Details
    at: datetime
    by_id: int
    revision: UUID


def open_dialog(dialog: Dialog, *, user: User, now: datetime) -> Opened:
    """Open a dialog for a person who pressed the button, with its main content.

    A content that cannot be fetched is noted as such; the opening holds all the same.

    Raises:
        AltinnError: Altinn does not let us, or not now. What was opened before is kept.
        NotConfigured: a setting is missing.
    """
    details, token = fresh(dialog, user=user, now=now)
    actions.note_opening(dialog, user=user, now=now)
    renew = renewal(dialog, user=user, now=now)
    body = bodies.fetch_main(dialog, details, token, renew=renew, user=user)
    if body and body.was_given and _is_only_a_letter(details):
        unopened = Dialog.objects.filter(pk=dialog.pk, has_unopened_content=True)
        _note_what_we_did(unopened, at=now, has_unopened_content=False)
    read_again(dialog, at=now)
    live.tell([Touched(dialog.pk, dialog.client_id)])
    return Opened(details, now, user.pk, details.revision)


def fresh(dialog: Dialog, *, user: User, now: datetime) -> tuple[Details, str | None]:
    """Read the details once more for what a person asked for; keep them, and return the token too.

    Harmless after the first opening, but for newer content: that is seen by this.

    Raises:
        AltinnError: Altinn does not let us, or not now.
        NotConfigured: a setting is missing.
    """
    try:
        details = _read(dialog)
    except (NotThere, NotYet) as exc:
        until = getattr(exc, "until", None)
        read_again(dialog, at=until + AFTER_VISIBLE if until else now)
        raise
    token, details = details.dialog_token, msgspec.structs.replace(details, dialog_token=None)
    _keep(dialog, details, user=user, at=now)
    unread = Dialog.objects.filter(pk=dialog.pk, is_unread=True)
    unread = unread.filter(content_updated_at__lte=details.content_updated_at)
    _note_what_we_did(unread, at=now, is_unread=False)
    return details, token


def renewal(dialog: Dialog, *, user: User, now: datetime) -> Callable[[], str | None]:
    """Return what makes a fresh token, when the one in hand is no longer taken."""
    return lambda: fresh(dialog, user=user, now=now)[1]


def kept(dialog: Dialog) -> Opened | None:
    """Return what was opened last. Asks Altinn of nothing.

    What an earlier version of the portal kept and this one cannot read counts as not opened.
    """
    row = OpenedDialog.objects.filter(pk=dialog.pk).first()
    if row is None:
        return None
    try:
        details = _details.decode(unseal(row.sealed))
    except (Unreadable, msgspec.MsgspecError):
        return None
    return Opened(details, row.at, row.by_id, row.revision)


def reader_of(dialog: Dialog) -> SystemUser:
    """Return the system user that reads the dialog's party for us now.

    Raises:
        NobodyReads: there is none any more.
    """
    current = Access.objects.current().filter(party=dialog.party_id).select_related("system_user")
    found = {access.pk: access for access in current.order_by("pk")}
    access = found.get(dialog.access_id) or next(iter(found.values()), None)
    if access is None:
        raise NobodyReads("No system user of ours reads for this party")
    return access.system_user


def read_again(dialog: Dialog, *, at: datetime) -> None:
    """Have the list's copy read again at a moment: it does not change by being opened here."""
    ask({(dialog.access_id, dialog.service.urn): Need(at, at, {dialog.pk})})


def _read(dialog: Dialog) -> Details:
    """Call details; once more when two who read at once got in each other's way."""
    with connect.end_user(reader_of(dialog)) as api:
        try:
            return api.details(dialog.pk)
        except TryLater as exc:
            if exc.status != SERVER_ERROR:
                raise
            time.sleep(random.uniform(*AGAIN_SECONDS))  # noqa: S311 (not a secret)
            return api.details(dialog.pk)


def _keep(dialog: Dialog, details: Details, *, user: User, at: datetime) -> None:
    """Keep what was read, unless somebody has read it later than this."""
    values = {
        "sealed": seal(msgspec.json.encode(details)),
        "revision": details.revision,
        "content_updated_at": details.content_updated_at,
        "by_id": user.pk,
        "at": at,
    }
    with transaction.atomic():
        row, is_new = OpenedDialog.objects.get_or_create(pk=dialog.pk, defaults=values)
        if not is_new:
            OpenedDialog.objects.filter(pk=row.pk, at__lte=at).update(**values)


def _is_only_a_letter(details: Details) -> bool:
    """Whether the text is all there is to open: Altinn then counts the dialog's content as opened.

    Source: Dialogporten 743f07fd (DialogUnopenedContent.cs); read 2026-08.
    """
    is_letter = details.service_resource_type.lower() == LETTER
    return is_letter and not details.transmissions


def _note_what_we_did(dialogs: QuerySet[Dialog], *, at: datetime, **columns: bool) -> None:
    """Show at once what Altinn has made of our reading. As when we move a dialog, what was asked
    before is too old to put it back, and the next answer is kept, whatever it says.
    """
    read_at = Greatest(F("read_at"), Value(at))
    dialogs.update(read_at=read_at, received_digest=UUID(int=0), **columns)
