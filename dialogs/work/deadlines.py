"""The authority's deadline, the estimated one and our own: three facts, told apart."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from dialogs.inbox.deadlines import Wording, at_clock, wording
from dialogs.ingest.store import SETTLED
from dialogs.models import Dialog
from dialogs.work import days
from dialogs.work.days import Preset

OPEN_FOLDERS = {Dialog.Folder.INBOX, Dialog.Folder.SNOOZED, Dialog.Folder.DRAFTS}


@dataclass(frozen=True)
class Deadline:
    wording: Wording
    in_full: str
    iso: str


@dataclass(frozen=True)
class Proposal:
    """A deadline worked out from a rule, for a person to confirm. It is never set by itself."""

    value: str
    text: str


class Deadlines:
    def __init__(self, dialog: Dialog, *, now: datetime) -> None:
        self._dialog = dialog
        self._now = now
        self.today = timezone.localdate(now)

    @property
    def authority(self) -> Deadline | None:
        at = self._dialog.due_at
        return self._deadline(at, settled=self._dialog.binding_at is None) if at else None

    @property
    def estimated(self) -> Deadline | None:
        return self._due_on(self._dialog.estimated_due_on)

    @property
    def internal(self) -> Deadline | None:
        return self._due_on(self._dialog.internal_due_on)

    @property
    def is_open(self) -> bool:
        """Whether there is something left to do here by some day."""
        return self._dialog.folder in OPEN_FOLDERS

    @property
    def may_estimate(self) -> bool:
        """Whether to offer an estimate: something is left to do, and nobody has said by when."""
        dialog = self._dialog
        return self.is_open and dialog.binding_at is None and dialog.status not in SETTLED

    @property
    def proposal(self) -> Proposal | None:
        """The end of the time for an appeal, by the rule that pins the dialog."""
        pin, dialog = self._dialog.pin, self._dialog
        if not pin or not pin.appeal_days or dialog.estimated_due_on or not self.may_estimate:
            return None
        received_on = timezone.localdate(dialog.content_updated_at)
        day = received_on + timedelta(days=pin.appeal_days)
        if day < self.today:
            return None
        text = _("Forslag: %(n)s dager fra mottatt %(received)s, altså %(day)s.") % {
            "n": pin.appeal_days,
            "received": days.in_words(received_on, today=self.today),
            "day": days.in_words(day, today=self.today),
        }
        return Proposal(day.isoformat(), text)

    @property
    def outer(self) -> str:
        """The deadline that the internal one has to keep: «torsdag 3. desember»."""
        return self._written(days.outer_deadline(self._dialog))

    @property
    def internal_presets(self) -> list[Preset]:
        return days.internal_presets(self._dialog, today=self.today)

    @property
    def snooze_presets(self) -> list[Preset]:
        return days.snooze_presets(self._dialog, today=self.today)

    @property
    def tomorrow(self) -> date:
        return self.today + timedelta(days=1)

    @property
    def last_snooze_day(self) -> date | None:
        return days.last_snooze_day(self._dialog)

    @property
    def last_snooze_day_in_words(self) -> str:
        return self._written(self.last_snooze_day)

    @property
    def snoozed_until(self) -> str:
        return self._written(self._dialog.snoozed_until_on)

    def _due_on(self, day: date | None) -> Deadline | None:
        if day is None:
            return None
        at = timezone.make_aware(datetime.combine(day, time.min))
        return self._deadline(at, settled=not self.is_open)

    def _deadline(self, at: datetime, *, settled: bool) -> Deadline:
        settled = settled or self._dialog.done_at is not None
        said = wording(at, now=self._now, settled=settled)
        return Deadline(said, self._in_full(at), at.isoformat())

    def _in_full(self, at: datetime) -> str:
        """The day, and the time unless only a day was given: that is its midnight."""
        local = timezone.localtime(at)
        day = days.in_words(local.date(), today=self.today)
        return day if local.time() == time.min else f"{day} {at_clock(at)}"

    def _written(self, day: date | None) -> str:
        return days.with_weekday(day, today=self.today) if day else ""
