"""Changes to many dialogs at once: what was asked, what came of each, and how to undo it."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from dialogs.models.dialog import Dialog
from staff.models import User


class BulkJob(models.Model):
    class Act(models.TextChoices):
        ASSIGN = "ASSIGN", _("Tildel")
        INTERNAL_DUE = "INTERNAL_DUE", _("Sett intern frist")
        NOTE = "NOTE", _("Legg til notat")
        SNOOZE = "SNOOZE", _("Utsett")
        DONE = "DONE", _("Merk som ferdig")
        UNREAD = "UNREAD", _("Marker som ulest")
        ARCHIVE = "ARCHIVE", _("Flytt til arkivet")
        BIN = "BIN", _("Flytt til papirkurven")
        INBOX = "INBOX", _("Flytt til innboksen")
        UNDO = "UNDO", _("Angre")

    class State(models.TextChoices):
        WAITING = "WAITING", _("venter")
        RUNNING = "RUNNING", _("pågår")
        FINISHED = "FINISHED", _("ferdig")

    actor = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    act = models.CharField(max_length=12, choices=Act)
    wish = models.JSONField(default=dict)  # whom, which day, which text
    query = models.TextField(blank=True)  # the filters the dialogs were selected by, if so
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    lease_until_at = models.DateTimeField(null=True)
    undoes = models.OneToOneField(
        "self", null=True, on_delete=models.CASCADE, related_name="undone"
    )
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["actor", "-created_at"], name="bulk_by_actor")]

    def __str__(self) -> str:
        return f"{self.act} {self.pk}"


class BulkItem(models.Model):
    class Outcome(models.TextChoices):
        WAITING = "WAITING", _("venter")
        CHANGED = "CHANGED", _("endret")
        SAME = "SAME", _("var slik fra før")
        FAILED = "FAILED", _("feilet")

    job = models.ForeignKey(BulkJob, on_delete=models.CASCADE, related_name="items")
    dialog = models.ForeignKey(Dialog, on_delete=models.CASCADE, related_name="+")
    outcome = models.CharField(max_length=7, choices=Outcome, default=Outcome.WAITING)
    reason = models.TextField(blank=True)  # why it failed, in words for the screen
    before = models.JSONField(default=dict)  # what undoing puts back
    after = models.JSONField(default=dict)  # undoing leaves alone what has been changed since

    class Meta:
        constraints = [models.UniqueConstraint(fields=["job", "dialog"], name="bulk_item_once")]
        indexes = [
            models.Index(fields=["job"], condition=Q(outcome="WAITING"), name="bulk_item_waiting"),
        ]

    def __str__(self) -> str:
        return f"{self.job_id} {self.dialog_id} {self.outcome}"
