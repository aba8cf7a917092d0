"""What is wrong with the firm's access right now, and which packages Altinn last listed."""

from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clients.models.registrations import Client, SystemUser
from staff.models import User


class AlarmQuerySet(models.QuerySet["Alarm"]):
    def open(self) -> Self:
        """Keep what is still wrong."""
        return self.filter(cleared_at=None)


class Alarm(models.Model):
    """Something that is wrong: raised and cleared by the portal, as long as the facts say so."""

    class Kind(models.TextChoices):
        KEY_EXPIRED = "KEY_EXPIRED", _("nøkkelen er utløpt")
        KEY_EXPIRES = "KEY_EXPIRES", _("nøkkelen utløper")
        SETUP = "SETUP", _("Maskinporten avviser oppsettet")
        REVOKED = "REVOKED", _("systembrukeren er trukket tilbake")
        FAILING = "FAILING", _("systembrukeren får ikke lest")
        ALTINN = "ALTINN", _("Altinn svarer ikke")
        MANY = "MANY", _("mange feil på én gang")
        ACCESS_LOST = "ACCESS_LOST", _("tilgangen er borte")
        PACKAGE_LOST = "PACKAGE_LOST", _("en tilgangspakke er borte")
        ROLE_ENDED = "ROLE_ENDED", _("regnskapsførerrollen er avsluttet eller flyttet")
        BANKRUPT = "BANKRUPT", _("klienten er konkurs eller oppløses")
        DELETED = "DELETED", _("klienten er slettet")
        SUBSCRIPTIONS = "SUBSCRIPTIONS", _("varsler fra Altinn virker ikke")
        SILENT = "SILENT", _("klienten er blitt stille")
        AUDIT_LOG = "AUDIT_LOG", _("revisjonsloggen er ikke som den var")

    kind = models.CharField(max_length=13, choices=Kind)
    subject = models.CharField(max_length=270)  # «client 42», «system user 3», «key my-kid»
    client = models.ForeignKey(Client, null=True, on_delete=models.CASCADE, related_name="alarms")
    system_user = models.ForeignKey(
        SystemUser, null=True, on_delete=models.CASCADE, related_name="alarms"
    )
    facts = models.JSONField(default=dict)  # what the sentence is made of
    raised_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()  # when a check last found it to be so
    cleared_at = models.DateTimeField(null=True)
    # Who has said that it is being seen to: it then counts no longer, and stays open.
    seen_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    seen_at = models.DateTimeField(null=True)

    objects = AlarmQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject"], condition=Q(cleared_at=None), name="alarm_open_once"
            ),
        ]
        indexes = [
            models.Index(fields=["-raised_at"], name="alarm_by_time"),
            models.Index(
                fields=["kind"], condition=Q(cleared_at=None, seen_at=None), name="alarm_unseen"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"


class GrantedPackages(models.Model):
    """Which access packages Altinn last listed for one organisation, to one system user."""

    system_user = models.ForeignKey(SystemUser, on_delete=models.CASCADE, related_name="granted")
    orgnr = models.CharField(max_length=9)
    name = models.CharField(max_length=255)
    # Names without «urn:altinn:accesspackage:».
    packages = ArrayField(models.CharField(max_length=200))
    lost = ArrayField(models.CharField(max_length=200), default=list)  # were here, not back yet
    missing = ArrayField(models.CharField(max_length=200), default=list)  # asked for, never given
    read_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["system_user", "orgnr"], name="granted_once"),
        ]

    def __str__(self) -> str:
        return f"{self.system_user_id} {self.orgnr}: {len(self.packages)}"
