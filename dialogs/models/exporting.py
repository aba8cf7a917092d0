"""Lists that are made into files by a worker, and lie sealed for a day."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from staff.models import User


class ExportJob(models.Model):
    class State(models.TextChoices):
        WAITING = "WAITING", _("venter")
        RUNNING = "RUNNING", _("lages")
        READY = "READY", _("klar")
        FAILED = "FAILED", _("ble ikke laget")

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    listed = models.CharField(max_length=20)  # «innboks», as in exporting.lists
    query = models.TextField(blank=True)  # the list's filters
    kind = models.CharField(max_length=4)  # csv, xlsx
    form = models.CharField(max_length=64)  # the form that asked: sent twice, it is one file
    state = models.CharField(max_length=7, choices=State, default=State.WAITING)
    lease_until_at = models.DateTimeField(null=True)
    tries = models.SmallIntegerField(default=0)
    total = models.IntegerField(null=True)  # rows there will be; null: not counted yet
    rows = models.IntegerField(default=0)  # written so far
    reason = models.TextField(blank=True)  # why there is no file, in words for the screen
    asked_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    # The file, as long as there is one.
    stored_as = models.CharField(max_length=100, blank=True)
    size_bytes = models.BigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    keep_until_at = models.DateTimeField(null=True)
    # What its rows tell of: before it is handed out, it is asked again who may see each of them.
    keys = ArrayField(models.CharField(max_length=36), default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "form"], name="export_once")]
        indexes = [models.Index(fields=["user", "-asked_at"], name="export_by_user")]

    def __str__(self) -> str:
        return f"{self.listed} {self.pk}"
