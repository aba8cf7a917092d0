"""Counters that the database keeps itself, by triggers; see counters.py.

Every row counts dialogs with the same readers. `restriction_key` is the restriction's, or OPEN: for
whoever sees the client. Who adds up counters leaves out those of others: `Sight.may_count`.
"""

from django.db import models

from clients.models import Client
from staff.models import User

OPEN = 0


class FolderCount(models.Model):
    """How many dialogs a client has in a folder. Kept by the database itself (triggers)."""

    pk = models.CompositePrimaryKey("client_id", "folder", "restriction_key")
    client = models.ForeignKey(
        Client, on_delete=models.CASCADE, db_constraint=False, db_index=False
    )
    folder = models.CharField(max_length=7)
    restriction_key = models.BigIntegerField(default=OPEN, db_default=OPEN)
    total = models.IntegerField()
    unread = models.IntegerField()
    unassigned = models.IntegerField()
    reopened = models.IntegerField(default=0, db_default=0)

    def __str__(self) -> str:
        return f"{self.client_id} {self.folder} {self.total}"


class DeadlineCount(models.Model):
    """How many dialogs in a client's inbox are due on a day in Oslo. Kept by triggers."""

    pk = models.CompositePrimaryKey("client_id", "due_on", "restriction_key")
    client = models.ForeignKey(
        Client, on_delete=models.CASCADE, db_constraint=False, db_index=False
    )
    due_on = models.DateField()
    restriction_key = models.BigIntegerField(default=OPEN, db_default=OPEN)
    total = models.IntegerField()

    class Meta:
        indexes = [
            # Every page adds up what is overdue and soon due: read from the index alone.
            models.Index(
                fields=["due_on"],
                include=["client", "total", "restriction_key"],
                name="deadlines_by_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.client_id} {self.due_on} {self.total}"


class ResponsibleCount(models.Model):
    """How many dialogs in a client's inbox a colleague is responsible for. Kept by triggers."""

    pk = models.CompositePrimaryKey("client_id", "user_id", "restriction_key")
    client = models.ForeignKey(
        Client, on_delete=models.CASCADE, db_constraint=False, db_index=False
    )
    user = models.ForeignKey(User, on_delete=models.CASCADE, db_constraint=False, related_name="+")
    restriction_key = models.BigIntegerField(default=OPEN, db_default=OPEN)
    total = models.IntegerField()

    def __str__(self) -> str:
        return f"{self.client_id} {self.user_id} {self.total}"
