"""Adding clients to an agent system user: the person who may, the queue, and each client in it."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clients.models.registrations import SystemUser
from staff.models import User
from staff.sealing import SealedField


class PersonConnection(models.Model):
    """A colleague's own sign-in at ID-porten, by which the portal does what only a person may.

    Everything that names the person is sealed. The row goes when the sign-in has ended.
    """

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="idporten")
    sealed = SealedField()  # the tokens
    session_digest = models.CharField(max_length=64, blank=True, db_index=True)
    acr = models.CharField(max_length=40)
    connected_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)  # when the person must sign in again, if known
    trouble = models.TextField(blank=True)  # why the lists could not be read, in words

    def __str__(self) -> str:
        return f"{self.user_id} {self.acr}"


class AddingRunQuerySet(models.QuerySet["AddingRun"]):
    def open(self) -> Self:
        return self.exclude(state=AddingRun.State.FINISHED)

    def due(self, now: datetime) -> Self:
        """Keep those somebody is to work on, and nobody does."""
        return self.filter(
            Q(lease_until_at=None) | Q(lease_until_at__lte=now),
            Q(wait_until_at=None) | Q(wait_until_at__lte=now),
            state=AddingRun.State.RUNNING,
        )


class AddingRun(models.Model):
    """Clients to add to, or remove from, one agent system user, one call each."""

    class State(models.TextChoices):
        DRAFT = "DRAFT", _("ikke begynt")
        RUNNING = "RUNNING", _("pågår")
        PAUSED = "PAUSED", _("satt på pause")
        SIGN_IN = "SIGN_IN", _("venter på innlogging")
        STOPPED = "STOPPED", _("stoppet")  # only a person can help it on; `trouble` says how
        FINISHED = "FINISHED", _("ferdig")

    system_user = models.ForeignKey(
        SystemUser, on_delete=models.CASCADE, related_name="adding_runs"
    )
    started_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    # Whose sign-in it runs under: whoever began it, or set it going again.
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=8, choices=State, default=State.DRAFT)
    per_minute = models.PositiveIntegerField(default=120)
    lease_until_at = models.DateTimeField(null=True)
    wait_until_at = models.DateTimeField(null=True)  # Altinn asked for it, or is down
    trouble = models.TextField(blank=True)  # why it stands still, in words for the screen
    is_looked_up = models.BooleanField(
        default=False
    )  # what Altinn has is known since the last stop
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    paused_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects = AddingRunQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["system_user"],
                condition=~Q(state="FINISHED"),
                name="one_adding_run_at_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.system_user_id} {self.state}"


class AddingItem(models.Model):
    """One client of a run. Written down as sent before the call, and never sent twice unseen."""

    class Wish(models.TextChoices):
        ADD = "ADD", _("legges til")
        REMOVE = "REMOVE", _("fjernes")

    class State(models.TextChoices):
        WANTED = "WANTED", _("venter")
        SENT = "SENT", _("sendes")
        DONE = "DONE", _("gjort")
        ALREADY = "ALREADY", _("var slik fra før")
        REFUSED = "REFUSED", _("avvist")
        UNKNOWN = "UNKNOWN", _("uvisst")  # sent, and no answer: looked up before anything else

    run = models.ForeignKey(AddingRun, on_delete=models.CASCADE, related_name="items")
    party_uuid = models.UUIDField()
    orgnr = models.CharField(max_length=9)
    name = models.CharField(max_length=255, blank=True)
    wish = models.CharField(max_length=6, choices=Wish, default=Wish.ADD)
    state = models.CharField(max_length=7, choices=State, default=State.WANTED)
    tries = models.PositiveSmallIntegerField(default=0)
    code = models.CharField(max_length=40, blank=True)  # Altinn's: «AUTH-00080»
    sentence = models.TextField(blank=True)  # why not, and what to do, in words for the screen
    tried_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "party_uuid"], name="adding_item_once"),
        ]
        indexes = [
            models.Index(
                fields=["run"],
                condition=Q(state__in=["WANTED", "SENT", "UNKNOWN"]),
                name="adding_item_open",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.wish} {self.orgnr} {self.state}"
