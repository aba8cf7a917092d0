"""How the firm came to Altinn: who it is, what it signs with, and what it asked to be given.

One installation serves one firm, so `Firm`, `VendorClient` and `SystemRegistration` have one row.
"""

import calendar
from datetime import date
from typing import Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clients.models.registrations import SystemUser, check_orgnr
from staff.models import User
from staff.sealing import SealedField

ONLY = 1  # the key of a row that is alone in its table


def _alone(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(condition=Q(pk=ONLY), name=name)


class Firm(models.Model):
    """The accounting firm, and how far its set-up has come."""

    id = models.SmallIntegerField(primary_key=True, default=ONLY, editable=False)
    orgnr = models.CharField(
        _("organisasjonsnummer"), max_length=9, blank=True, validators=[check_orgnr]
    )
    name = models.CharField(_("navn"), max_length=255, blank=True)
    # What Enhetsregisteret said, and when; null when it did not know the number or did not answer.
    snapshot = models.JSONField(null=True)
    checked_at = models.DateTimeField(null=True)
    # Steps of the set-up that somebody has said are done, and whether the card is put away.
    passed = models.JSONField(default=list)
    hidden_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [_alone("one_firm_row")]

    def __str__(self) -> str:
        return self.name or self.orgnr

    @classmethod
    def get(cls) -> Self:
        """Return the firm, empty and unsaved before it is known."""
        return cls.objects.filter(pk=ONLY).first() or cls(pk=ONLY)


class VendorClient(models.Model):
    """Our client at Maskinporten. The vendor owns it; the firm may be its own vendor."""

    id = models.SmallIntegerField(primary_key=True, default=ONLY, editable=False)
    client_id = models.CharField(_("klient-ID"), max_length=100)
    vendor_orgnr = models.CharField(
        _("leverandørens organisasjonsnummer"), max_length=9, validators=[check_orgnr]
    )

    class Meta:
        constraints = [_alone("one_vendor_client")]

    def __str__(self) -> str:
        return self.client_id


def a_year_after(day: date) -> date:
    """Return when a key registered on this day stops working; 28 February after a leap day.

    Source: Digdir's documentation of Maskinporten, read 2026-08.
    """
    last = calendar.monthrange(day.year + 1, day.month)[1]
    return day.replace(year=day.year + 1, day=min(day.day, last))


class VendorKey(models.Model):
    """A key that assertions are signed with. Its private part is sealed, and gone once retired."""

    class State(models.TextChoices):
        NEXT = "NEXT", _("neste")
        CURRENT = "CURRENT", _("i bruk")
        RETIRED = "RETIRED", _("tatt ut av bruk")

    client = models.ForeignKey(VendorClient, on_delete=models.CASCADE, related_name="keys")
    kid = models.CharField(max_length=255, unique=True)
    public_jwk = models.JSONField()
    sealed_private = SealedField()
    state = models.CharField(max_length=7, choices=State, default=State.NEXT)
    made_at = models.DateTimeField()
    registered_on = models.DateField(null=True)  # at Maskinporten, as somebody told us
    expires_on = models.DateField(null=True)
    tested_at = models.DateTimeField(null=True)  # when Maskinporten last gave it a token
    trouble = models.TextField(blank=True)  # what it said instead, the last time
    retired_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["state"], condition=~Q(state="RETIRED"), name="one_key_of_each_state"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kid} {self.state}"

    def days_left(self, today: date) -> int | None:
        """How many days it still works; negative once it has expired, None when nobody knows."""
        return None if self.expires_on is None else (self.expires_on - today).days


class SystemRegistration(models.Model):
    """The vendor's system in Altinn's register: what system users are made for."""

    id = models.SmallIntegerField(primary_key=True, default=ONLY, editable=False)
    system_id = models.CharField(_("system-ID"), max_length=255)
    name = models.CharField(_("navn"), max_length=100)
    packages = models.JSONField(default=list)  # names without «urn:altinn:accesspackage:»
    redirect_urls = models.JSONField(default=list)
    registered_at = models.DateTimeField(null=True)  # null: Altinn does not have it as it is here
    trouble = models.TextField(blank=True)

    class Meta:
        constraints = [_alone("one_system_registration")]

    def __str__(self) -> str:
        return self.system_id


class SystemUserRequestQuerySet(models.QuerySet["SystemUserRequest"]):
    def waiting(self) -> Self:
        """Keep those that somebody at Altinn is to decide on."""
        return self.filter(status=SystemUserRequest.Status.NEW, altinn_id__isnull=False)


class SystemUserRequest(models.Model):
    """A wish for a system user, put to the one who is to own it. Written down before it is sent."""

    class Status(models.TextChoices):
        UNSENT = "UNSENT", _("ikke sendt")
        NEW = "NEW", _("venter på godkjenning")
        ACCEPTED = "ACCEPTED", _("godkjent")
        REJECTED = "REJECTED", _("avvist")
        DENIED = "DENIED", _("nektet av Altinn")
        TIMEDOUT = "TIMEDOUT", _("utløpt")
        WITHDRAWN = "WITHDRAWN", _("trukket tilbake")

    altinn_id = models.UUIDField(null=True, blank=True, unique=True)
    kind = models.CharField(max_length=8, choices=SystemUser.Kind, default=SystemUser.Kind.AGENT)
    party_orgnr = models.CharField(max_length=9, validators=[check_orgnr])  # who is to own it
    area = models.CharField(_("fagområde"), max_length=100)
    external_ref = models.CharField(max_length=255)
    packages = models.JSONField(default=list, blank=True)
    adds_clients = models.BooleanField(default=False)
    confirm_url = models.URLField(max_length=1000, blank=True)
    status = models.CharField(max_length=9, choices=Status, default=Status.UNSENT)
    is_escalated = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    sent_at = models.DateTimeField(null=True, blank=True)  # to Altinn, the last time
    mailed_to = models.EmailField(blank=True)
    mailed_at = models.DateTimeField(null=True, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)  # when we found the system user gone
    trouble = models.TextField(blank=True)  # why the last call failed
    system_user = models.ForeignKey(
        SystemUser, null=True, blank=True, on_delete=models.SET_NULL, related_name="requests"
    )

    objects = SystemUserRequestQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["party_orgnr", "external_ref"], name="system_user_request_once"
            ),
        ]
        indexes = [
            models.Index(fields=["checked_at"], condition=Q(status="NEW"), name="request_waiting"),
        ]

    def __str__(self) -> str:
        return f"{self.area} {self.party_orgnr} {self.status}"

    def clean(self) -> None:
        if not self.packages:
            raise ValidationError(_("Velg minst én tilgangspakke."), code="packages")
