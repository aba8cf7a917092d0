"""What was pushed, and what must be read again because of it.

InboundEvent is what Altinn pushed, byte for byte; it only gets its outcome afterwards.
RefreshNeed says which part of Altinn to read again; events of a storm meet in one row.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clients.models import Access


class InboundEvent(models.Model):
    """One accepted push. The worker reads it; the door only writes it down."""

    class State(models.IntegerChoices):
        NEW = 0, _("venter")
        DONE = 1, _("behandlet")
        RETRY = 2, _("prøves igjen")
        POISON = 3, _("uleselig")
        IGNORED = 4, _("angår ikke oss")

    received_at = models.DateTimeField()
    subscription_id = models.UUIDField()
    # CloudEvents identity. For what cannot be read: an empty source and the body's SHA-256.
    ce_source = models.TextField()
    ce_id = models.TextField()
    body = models.BinaryField()  # as received: JSON may hold what jsonb refuses

    state = models.SmallIntegerField(choices=State, default=State.NEW)
    attempts = models.SmallIntegerField(default=0)
    next_at = models.DateTimeField()
    lease_until_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ce_source", "ce_id"], name="event_once"),
        ]
        indexes = [
            models.Index(
                fields=["next_at", "id"], condition=Q(state__in=[0, 2]), name="event_waiting"
            ),
            models.Index(
                fields=["settled_at"], condition=Q(state__in=[1, 3, 4]), name="event_settled"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ce_source} {self.ce_id}"


class RefreshNeed(models.Model):
    """A service of a party that must be read again, soon. Deleted only by who read that version."""

    access = models.ForeignKey(Access, on_delete=models.CASCADE)
    resource = models.CharField(max_length=255)  # urn:altinn:resource:…
    version = models.IntegerField(default=1)  # goes up with each further event
    since_at = models.DateTimeField()  # the earliest change to look for
    dialog_ids = ArrayField(models.UUIDField(), default=list)  # the dialogs we were told about
    misses = models.SmallIntegerField(default=0)  # times a dialog told about was not listed
    due_at = models.DateTimeField()
    lease_until_at = models.DateTimeField(null=True)
    attempts = models.SmallIntegerField(default=0)
    error = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["access", "resource"], name="need_once"),
        ]
        indexes = [models.Index(fields=["due_at"], name="need_due")]

    def __str__(self) -> str:
        return f"{self.access} {self.resource}"
