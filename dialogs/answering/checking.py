"""The last look before something is sent: is it still there, may we, and is it as it was seen?

The dialog is read again, because a person pressed a button. If it is no longer what that person
saw, nothing is sent, and they are told what has changed.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from altinn.details import Details
from altinn.wire import DialogStatus
from dialogs.answering.offers import Offer, offer_of, offers
from dialogs.content.language import said_in
from dialogs.content.opening import Opened, fresh, kept
from dialogs.inbox.deadlines import long_deadline
from dialogs.models import Dialog
from staff.models import User


class NotSent(Exception):
    """Nothing was sent; `reasons` says why, for the screen."""

    def __init__(self, *reasons: str) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = reasons


class Stale(NotSent):
    """The dialog has changed since the person saw it; `revision` is what it is now."""

    def __init__(self, revision: UUID, *reasons: str) -> None:
        super().__init__(*reasons)
        self.revision = revision


@dataclass(frozen=True)
class Checked:
    """What is about to be done, as it was a moment ago."""

    offer: Offer
    details: Details
    token: str | None  # the dialog token: a secret, for this one call

    def __repr__(self) -> str:
        return f"Checked({self.offer.id})"


def check(dialog: Dialog, action_id: UUID, *, seen: UUID, user: User, now: datetime) -> Checked:
    """Read the dialog again and hold the action against what the person saw.

    Raises:
        Stale: the dialog is another revision than `seen`.
        NotSent: the action is gone, or not ours to do, or the dialog is another party's.
        AltinnError: Altinn could not be asked. Nothing was sent.
        NotConfigured: a setting is missing.
    """
    before = kept(dialog)
    details, token = fresh(dialog, user=user, now=now)
    if details.party != dialog.party.urn:
        raise NotSent(_("Dialogen tilhører en annen enhet enn den vi leser for."))
    if details.revision != seen:
        raise Stale(details.revision, *changes(before, details, seen=seen))
    offer = offer_of(offers(dialog, details, user=user, now=now), action_id)
    if offer is None:
        raise NotSent(_("Handlingen finnes ikke lenger i dialogen, eller vi har ikke tilgang."))
    return Checked(offer, details, token)


def changes(before: Opened | None, after: Details, *, seen: UUID) -> list[str]:
    """Say what is different from what the person saw, as far as we know what that was."""
    told = [_("Dialogen er endret siden du så den. Ingenting er sendt.")]
    if before is None or before.revision != seen:
        return told
    was = before.details
    if was.status != after.status:
        words = {"before": _status(was.status), "after": _status(after.status)}
        told.append(_("Status er endret fra «%(before)s» til «%(after)s».") % words)
    if was.due_at != after.due_at:
        day = long_deadline(after.due_at) if after.due_at else _("ingen")
        told.append(_("Fristen er nå: %(day)s.") % {"day": day})
    old, new = (said_in(one.content.title).text if one.content else "" for one in (was, after))
    if old != new:
        told.append(_("Tittelen er nå «%(title)s».") % {"title": new})
    if count := len({one.id for one in after.transmissions} - {o.id for o in was.transmissions}):
        text = ngettext("%(n)s ny forsendelse.", "%(n)s nye forsendelser.", count)
        told.append(text % {"n": count})
    return told + _changed_actions(was, after)


def _changed_actions(was: Details, after: Details) -> list[str]:
    old, new = _ids(was), _ids(after)
    told = []
    if gone := len(old - new):
        text = ngettext("%(n)s handling er borte.", "%(n)s handlinger er borte.", gone)
        told.append(text % {"n": gone})
    if added := len(new - old):
        text = ngettext("%(n)s ny handling.", "%(n)s nye handlinger.", added)
        told.append(text % {"n": added})
    return told


def _status(status: DialogStatus) -> str:
    known = Dialog.Status.values
    return str(Dialog.Status(status.value).label) if status.value in known else _("ukjent")


def _ids(details: Details) -> set[UUID]:
    return {one.id for one in details.gui_actions} | {one.id for one in details.api_actions}
