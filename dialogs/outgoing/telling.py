"""Notices as a message: what happened, to what, and why it was sent."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dialogs.inbox.deadlines import long_deadline
from dialogs.models import Delivery, Notice
from dialogs.notes import sentences
from dialogs.notes.bell import Subject, subjects_of
from dialogs.outgoing.events import LABELS
from dialogs.outgoing.letters import Letter, Line, Section, whole
from dialogs.outgoing.masks import Masks
from staff.models import User

LONGEST_COMMENT = 500

# Why something was left out; log.py says it in words.
NO_ACCESS, READ, LEFT, NOTHING, NOT_WANTED = "no access", "read", "left", "nothing", "not wanted"


def sort_out(
    deliveries: Iterable[Delivery], user: User
) -> tuple[list[tuple[Delivery, Subject]], dict[Delivery, str]]:
    """Part what is still to be told from what is not, and why not.

    What the person may no longer see is not told, nor what they have read in the portal meanwhile.
    """
    deliveries = list(deliveries)
    subjects = subjects_of((one.notice for one in deliveries if one.notice), user)
    told: list[tuple[Delivery, Subject]] = []
    left_out: dict[Delivery, str] = {}
    for one in deliveries:
        notice = one.notice
        if notice is None:
            left_out[one] = NOTHING
        elif notice.is_in_bell and notice.read_at:
            left_out[one] = READ
        elif subjects[notice.pk].is_lost:
            left_out[one] = NO_ACCESS
        else:
            told.append((one, subjects[notice.pk]))
    return told, left_out


def letter_about(told: Sequence[tuple[Delivery, Subject]], *, now: datetime) -> Letter:
    """Make one letter of what there is to tell, the oldest first."""
    masks = Masks.read()
    lines = [_line(one.notice, subject, masks) for one, subject in told if one.notice is not None]
    several = ngettext("%(n)s varsel", "%(n)s varsler", len(lines)) % {"n": len(lines)}
    subject = lines[0].text if len(lines) == 1 else several
    return Letter(
        subject,
        [Section("", lines)],
        why=reasons(one for one, _subject in told),
        events=sorted({one.event for one, _subject in told}),
    )


def reasons(deliveries: Iterable[Delivery]) -> list[str]:
    """Say why each kind of thing is sent, once."""
    return list(dict.fromkeys(reason_of(one) for one in deliveries))


def reason_of(delivery: Delivery) -> str:
    names = {"event": LABELS[delivery.event], "channel": delivery.get_channel_display()}
    if delivery.is_chosen:
        return _("«%(channel)s» for «%(event)s» er valgt på siden «Velg varsler».") % names
    return _("«%(channel)s» for «%(event)s» er på til noe annet blir valgt.") % names


def _line(notice: Notice, subject: Subject, masks: Masks) -> Line:
    dialog = subject.dialog
    client = dialog.client if dialog else subject.client
    text = sentences.about(
        notice,
        dialog,
        title=masks.title_of(dialog) if dialog else "",
        client=masks.client_of(client) if client else "",
    )
    below = []
    if dialog and dialog.deadline_at:
        below.append(_("Frist: %(due)s") % {"due": long_deadline(dialog.deadline_at)})
    if notice.comment and _may_quote(subject, masks):
        below.append(f"«{notice.comment[:LONGEST_COMMENT]}»")
    return Line(text, whole(reverse("dialogs:notice", args=[notice.pk])), "\n".join(below))


def _may_quote(subject: Subject, masks: Masks) -> bool:
    """Colleagues write of what a mail is about: where its title is not shown, neither are they."""
    if subject.dialog and masks.is_sensitive(subject.dialog):
        return False
    client = subject.dialog.client if subject.dialog else subject.client
    return client is None or masks.client_of(client) == " ".join(client.name.split())
