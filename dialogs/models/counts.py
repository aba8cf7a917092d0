"""Counters that the database keeps itself, by triggers; see counters.py."""

from django.db import models

from clients.models import Client
from staff.models import User


class FolderCount(models.Model):
    """How many dialogs a client has in a folder. Kept by the database itself (triggers)."""

    pk = models.CompositePrimaryKey("client_id", "folder")
    client = models.ForeignKey(
        Client, on_delete=models.CASCADE, db_constraint=False, db_index=False
    )
    folder = models.CharField(max_length=7)
    total = models.IntegerField()
    unread = models.IntegerField()
    unassigned = models.IntegerField()
    reopened = models.IntegerField(default=0, db_default=0)

    def __str__(self) -> str:
        return f"{self.client_id} {self.folder} {self.total}"


class DeadlineCount(models.Model):
    """How many dialogs in a client's inbox are due on a day in Oslo. Kept by triggers."""

    pk = models.CompositePrimaryKey("client_id", "due_on")
    client = models.ForeignKey(
        Client, on_delete=models.CASCADE, db_constraint=False, db_index=False
    )
    due_on = models.DateField()
    total = models.IntegerField()

    class Meta:
        indexes = [
            # Every page adds up what is overdue and soon due: read from the index alone.
            models.Index(fields=["due_on"], include=["client", "total"], name="deadlines_by_day"),
        ]

    def __str__(self) -> str:
        return f"{self.client_id} {self.due_on} {self.total}"


class ResponsibleCount(models.Model):
    """How many dialogs in a client's inbox a colleague is responsible for. Kept by triggers."""

    pk = models.CompositePrimaryKey("client_id", "user_id")
    client = models.ForeignKey(
        Client, on_delete=models.CASCADE, db_constraint=False, db_index=False
    )
    user = models.ForeignKey(User, on_delete=models.CASCADE, db_constraint=False, related_name="+")
    total = models.IntegerField()

    def __str__(self) -> str:
        return f"{self.client_id} {self.user_id} {self.total}"
