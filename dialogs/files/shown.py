"""What the page of a dialog shows of its attachments. Asks our own database alone."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.db.models import prefetch_related_objects
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from altinn.details import Attachment
from dialogs.files import kinds
from dialogs.files.choosing import Choice, Link, choose, name_of
from dialogs.files.fetching import closed
from dialogs.files.refusals import Reason
from dialogs.models import Dialog
from dialogs.work.days import in_words

SOON_DAYS = 14
_ALL_IN_ONE = "/attachments/downloadall"  # Correspondence's own zip of its other attachments


class State(StrEnum):
    AVAILABLE = "AVAILABLE"
    MACHINE = "MACHINE"  # we can fetch it, and only a program reads it
    LINK = "LINK"  # a person opens it in the browser
    EXPIRED = "EXPIRED"
    NOT_AUTHORISED = "NOT_AUTHORISED"
    UNUSABLE = "UNUSABLE"  # an address we neither call nor link to


@dataclass(frozen=True)
class Shown:
    """One attachment, in words."""

    dialog_id: UUID
    id: UUID
    name: str
    kind: str | Promise
    state: State
    link: Link | None
    expiry: str  # «Utløper om 3 dager»
    expires_soon: bool
    can_preview: bool
    is_saved: bool
    is_all_in_one: bool
    transmission_id: UUID | None

    @property
    def can_be_fetched(self) -> bool:
        return self.state in (State.AVAILABLE, State.MACHINE)

    @property
    def download_url(self) -> str:
        return reverse("dialogs:file", args=[self.dialog_id, self.id])

    @property
    def preview_url(self) -> str:
        return reverse("dialogs:file-preview", args=[self.dialog_id, self.id])

    @property
    def save_url(self) -> str:
        return reverse("dialogs:file-archive", args=[self.dialog_id, self.id])

    @property
    def why_url(self) -> str:
        return reverse("dialogs:why", args=[self.dialog_id])

    @property
    def all_url(self) -> str:
        """Return where everything that is shown together with this one is fetched at once."""
        address = reverse("dialogs:files", args=[self.dialog_id])
        if self.transmission_id is None:
            return address
        return f"{address}?{urlencode({'forsendelse': self.transmission_id})}"


def shown(
    dialog: Dialog,
    attachments: Iterable[Attachment],
    *,
    now: datetime,
    transmission_id: UUID | None = None,
) -> list[Shown]:
    """Return what to show, in order; an address that is there twice is shown once."""
    listed = list(attachments)
    saved = _saved(dialog) if listed else set()
    found: list[Shown] = []
    links: set[str] = set()
    for attachment in listed:
        choice = choose(attachment, settings.ALTINN)
        if choice.source is None and choice.link:
            if choice.link.url in links:
                continue
            links.add(choice.link.url)
        found.append(
            _shown(
                dialog,
                attachment,
                choice,
                now=now,
                is_saved=attachment.id in saved,
                transmission_id=transmission_id,
            )
        )
    return found


def _saved(dialog: Dialog) -> set[UUID]:
    """Return which attachments lie in the client's folder; asks once for all parts of a page."""
    prefetch_related_objects([dialog], "archived_files")
    return {one.attachment_id for one in dialog.archived_files.all() if one.removed_at is None}


def _shown(
    dialog: Dialog,
    attachment: Attachment,
    choice: Choice,
    *,
    now: datetime,
    is_saved: bool,
    transmission_id: UUID | None,
) -> Shown:
    media_type = next((one.media_type for one in attachment.urls if one.media_type), None)
    kind = kinds.by_name(name_of(attachment), media_type)
    is_open = closed(attachment, now=now) is None
    days = _days_left(attachment, now=now) if is_open else None
    return Shown(
        dialog_id=dialog.pk,
        id=attachment.id,
        name=name_of(attachment),
        kind=kind.words,
        state=_state(attachment, choice, now=now),
        link=choice.link if is_open else None,
        expiry=_expiry(attachment, days, now=now),
        expires_soon=days is not None and days <= SOON_DAYS,
        can_preview=is_open and choice.source is not None and kind.can_be_shown,
        is_saved=is_saved,
        is_all_in_one=is_all_in_one(attachment),
        transmission_id=transmission_id,
    )


def is_all_in_one(attachment: Attachment) -> bool:
    """Tell the zip of all others, which would be there twice when everything is fetched."""
    return any(one.url.endswith(_ALL_IN_ONE) for one in attachment.urls)


def _state(attachment: Attachment, choice: Choice, *, now: datetime) -> State:
    if reason := closed(attachment, now=now):
        return State.EXPIRED if reason is Reason.EXPIRED else State.NOT_AUTHORISED
    if choice.source:
        return State.MACHINE if choice.is_for_machines else State.AVAILABLE
    return State.LINK if choice.link else State.UNUSABLE


def _days_left(attachment: Attachment, *, now: datetime) -> int | None:
    if attachment.expires_at is None:
        return None
    return (timezone.localdate(attachment.expires_at) - timezone.localdate(now)).days


def _expiry(attachment: Attachment, days: int | None, *, now: datetime) -> str:
    if days is None or attachment.expires_at is None:
        return ""
    if days == 0:
        return _("Utløper i dag")
    if days == 1:
        return _("Utløper i morgen")
    if days <= SOON_DAYS:
        said = ngettext("Utløper om %(n)s dag", "Utløper om %(n)s dager", days)
        return said % {"n": days}
    day = in_words(timezone.localdate(attachment.expires_at), today=timezone.localdate(now))
    return _("Utløper %(day)s") % {"day": day}
