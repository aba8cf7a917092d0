"""Two at once: what the first one did, told to the second."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from dialogs import actions
from dialogs.inbox.deadlines import at_clock
from dialogs.models import Dialog
from dialogs.work import days, history
from staff.models import AuditEntry, User

MOST_TOLD = 5
SLACK = timedelta(seconds=30)  # a change is dated when it began, and seen when it is over
OF_THE_WORK = (
    actions.ASSIGNED,
    actions.SNOOZED,
    actions.WOKEN,
    actions.INTERNAL_DUE,
    actions.ESTIMATED_DUE,
    actions.FINISHED,
    actions.RESUMED,
    actions.REOPENING_SEEN,
    actions.UNPINNED,
)


def entries_since(dialog: Dialog, version: int, *, shown_at: datetime | None) -> list[AuditEntry]:
    """Return what people did with the dialog since a version of the work, the first first."""
    count = min(dialog.work_version - version, MOST_TOLD)
    entries = AuditEntry.objects.filter(about=actions.about(dialog.pk), act__in=OF_THE_WORK)
    if shown_at:  # not every version is a person's: what is older was seen already
        entries = entries.filter(at__gt=shown_at - SLACK)
    newest = entries.select_related("actor").order_by("-at", "-pk")[: max(count, 0)]
    return list(reversed(newest))


def told(entries: Sequence[AuditEntry], dialog: Dialog, *, now: datetime) -> list[str]:
    """Say who changed what, and when."""
    lines = [_line(entry, now=now) for entry in entries]
    if any(entry.act == actions.ASSIGNED for entry in entries):
        lines.append(_responsible_now(dialog))
    return lines or [_("Dialogen er endret etter at du åpnet den.")]


def use_theirs(entries: Sequence[AuditEntry]) -> str:
    """«Bruk Olas»: the button that leaves it as the others wanted it."""
    people = {entry.actor for entry in entries}
    actor = people.pop() if len(people) == 1 else None
    if actor is None:
        return _("Bruk det som står")
    name = actor.first_name or actor.name
    if name[-1] in "sxz":
        return _("Bruk %(name)s’") % {"name": name}
    return _("Bruk %(name)ss") % {"name": name}


def _line(entry: AuditEntry, *, now: datetime) -> str:
    is_today = timezone.localdate(entry.at) == timezone.localdate(now)
    when = at_clock(entry.at) if is_today else days.moment_in_words(entry.at, now=now)
    if entry.act == actions.ASSIGNED:
        who = {"who": _name(entry.actor), "when": when}
        return _("%(who)s endret ansvarlig %(when)s.") % who
    text = history.tell(
        entry.act,
        actor_id=entry.actor_id,
        after=entry.detail.get("after") or {},
        name_of=lambda _key: _name(entry.actor),
        today=timezone.localdate(now),
    )
    return f"{text.removesuffix('.')} ({when})."


def _responsible_now(dialog: Dialog) -> str:
    if dialog.responsible is None:
        return _("Nå er den ufordelt.")
    return _("Nå er %(name)s ansvarlig.") % {"name": dialog.responsible}


def _name(actor: User | None) -> str:
    return str(actor) if actor else _("Portalen")
