"""What people had us do at service owners.

A ServiceAction is written and committed before the call, and is never removed: whatever happens
to the process, what may have been sent is known. It blocks a second one of the same kind. What
was sent and what was answered lie sealed: they may hold national id numbers.
"""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clients.models import SystemUser
from dialogs.models.dialog import Dialog
from staff.models import User
from staff.sealing import SealedField


class ServiceActionQuerySet(models.QuerySet["ServiceAction"]):
    def visible_to(self, user: User) -> "ServiceActionQuerySet":
        """Keep those on the dialogs that this person may see."""
        return self.filter(dialog__in=Dialog.objects.visible_to(user).values("pk"))

    def blocking(self) -> "ServiceActionQuerySet":
        """Keep those that the same action may not be done beside."""
        return self.filter(state__in=ServiceAction.BLOCKING)

    def unsettled(self) -> "ServiceActionQuerySet":
        """Keep those that were sent and whose end nobody knows yet."""
        return self.filter(state__in=ServiceAction.UNSETTLED)


class ServiceAction(models.Model):
    class Kind(models.TextChoices):
        BUTTON = "BUTTON", _("Knapp i dialogen")
        CALL = "CALL", _("Handling for fagsystemer")
        CONFIRM = "CONFIRM", _("Bekreftelse av mottak")
        PURGE = "PURGE", _("Sletting av melding")
        SYKEPENGER = "SYKEPENGER", _("Inntektsmelding for sykepenger")
        FORELDREPENGER = "FORELDREPENGER", _("Inntektsmelding for foreldrepenger")

    class State(models.TextChoices):
        WAITING = "WAITING", _("Venter på godkjenning")  # of a second person
        SENT = "SENT", _("Sendt, venter på svar")
        ACCEPTED = "ACCEPTED", _("Mottatt, behandles")
        DONE = "DONE", _("Utført")
        REFUSED = "REFUSED", _("Avvist")
        NOT_DONE = "NOT_DONE", _("Ikke utført")
        UNKNOWN = "UNKNOWN", _("Ukjent utfall")
        WITHDRAWN = "WITHDRAWN", _("Trukket tilbake")

    class How(models.TextChoices):
        """What told us how it ended."""

        ANSWER = "ANSWER", _("svaret fra tjenesten")
        DIALOG = "DIALOG", _("dialogens tilstand i Altinn")
        LIST = "LIST", _("Navs oversikt over det som er sendt inn")
        TRANSMISSION = "TRANSMISSION", _("en ny forsendelse i dialogen")
        PERSON = "PERSON", _("en medarbeider som sjekket selv")

    UNDER_WAY = (State.WAITING, State.SENT, State.UNKNOWN)
    UNSETTLED = (State.SENT, State.UNKNOWN, State.ACCEPTED)
    BLOCKING = (*UNDER_WAY, State.ACCEPTED, State.DONE)

    dialog = models.ForeignKey(Dialog, on_delete=models.PROTECT, related_name="service_actions")
    kind = models.CharField(max_length=14, choices=Kind)
    action_id = models.UUIDField()  # Dialogporten's
    revision = models.UUIDField()  # the dialog's, as the person saw it
    name = models.CharField(max_length=255)  # as the button said
    method = models.CharField(max_length=10)
    host = models.CharField(max_length=255)
    is_destructive = models.BooleanField(default=False)
    actor = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    approver = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    system_user = models.ForeignKey(SystemUser, on_delete=models.PROTECT, related_name="+")
    request = SealedField()  # sealed: address, body, and the lines as they were shown
    request_hash = models.CharField(max_length=64)  # SHA-256 of method, address and body

    state = models.CharField(max_length=9, choices=State)
    asked_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)  # null: has never left us
    answered_at = models.DateTimeField(null=True)  # null: no answer reached us
    response_code = models.SmallIntegerField(null=True)
    code = models.CharField(max_length=100, blank=True)  # «CORR-01041», «DUPLIKAT_INNSENDING»
    answer = SealedField(null=True)  # sealed
    reference = models.CharField(max_length=100, blank=True)  # innsendingId and the like
    status_before = models.CharField(max_length=30, blank=True)
    status_after = models.CharField(max_length=30, blank=True)  # GONE: the dialog was removed
    settled_at = models.DateTimeField(null=True)
    how = models.CharField(max_length=12, choices=How, blank=True)
    settled_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    looked_at = models.DateTimeField(null=True)  # when somebody or a task last looked for its end

    objects = ServiceActionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["dialog", "action_id", "revision"],
                condition=Q(state__in=["WAITING", "SENT", "UNKNOWN", "ACCEPTED", "DONE"]),
                name="service_action_once",
            ),
            models.UniqueConstraint(
                fields=["dialog", "action_id"],
                condition=Q(state__in=["WAITING", "SENT", "UNKNOWN"]),
                name="service_action_one_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["WAITING", "WITHDRAWN"]) | Q(sent_at__isnull=False),
                name="service_action_sent_at",
            ),
            models.CheckConstraint(
                condition=Q(approver=None) | ~Q(approver=models.F("actor")),
                name="service_action_four_eyes",
            ),
        ]
        indexes = [
            models.Index(fields=["dialog", "-asked_at"], name="service_action_by_dialog"),
            models.Index(
                fields=["looked_at"],
                condition=Q(state__in=["SENT", "UNKNOWN", "ACCEPTED"]),
                name="service_action_unsettled",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.dialog_id} {self.kind} {self.state}"


class FormDraft(models.Model):
    """What somebody has filled in for a service owner and not sent: sealed, theirs alone."""

    dialog = models.ForeignKey(Dialog, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    action_id = models.UUIDField()
    asked = SealedField()  # sealed: what the service owner asks for
    filled_in = SealedField()  # sealed: the form's fields as they were typed
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "dialog", "action_id"], name="draft_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.dialog_id}"
