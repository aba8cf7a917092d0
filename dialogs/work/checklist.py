"""The steps of a service's checklist, ticked for one dialog."""

from datetime import datetime

from dialogs.models import ChecklistStep, ChecklistTick, Dialog
from staff.models import User


def open_steps(dialog: Dialog) -> list[ChecklistStep]:
    """Return the steps in use that nobody has ticked for the dialog."""
    steps = ChecklistStep.objects.filter(service=dialog.service_id, retired_at=None)
    return list(steps.exclude(pk__in=ChecklistTick.objects.filter(dialog=dialog).values("step")))


def tick(dialog: Dialog, step: ChecklistStep, *, by: User, now: datetime) -> None:
    """Note that a step is done. Who was first stays."""
    ChecklistTick.objects.get_or_create(dialog=dialog, step=step, defaults={"by": by, "at": now})


def untick(dialog: Dialog, step: ChecklistStep) -> None:
    ChecklistTick.objects.filter(dialog=dialog, step=step).delete()
