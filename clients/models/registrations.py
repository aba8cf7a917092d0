"""What is registered: clients, their parties, system users, and what each of them may see."""

import hashlib
import hmac
import uuid
from typing import Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from altinn.identifiers import is_orgnr
from staff.models import Absence, Team, User


def check_orgnr(orgnr: str) -> None:
    """Refuse what is not an organisation number.

    Raises:
        ValidationError: it is not nine digits with a valid control digit.
    """
    if not is_orgnr(orgnr):
        # What was typed is not repeated: it may be a national id number.
        raise ValidationError(_("Dette er ikke et gyldig organisasjonsnummer. Skriv ni siffer."))


class ClientQuerySet(models.QuerySet["Client"]):
    def visible_to(self, user: User) -> Self:
        """Keep the clients this person may see. The one rule: every list and count asks it."""
        if not user.is_active:
            return self.none()
        if user.may_see_all_clients:
            return self
        return self.own(user)

    def own(self, user: User) -> Self:
        """Keep those this person works on, or a team of theirs does."""
        return self.filter(self._worked_on_by(user) | Q(team__in=user.teams.all()))

    def mine(self, user: User) -> Self:
        """Keep those this person works on, or on whose behalf they do while somebody is away."""
        return self.visible_to(user).filter(self._worked_on_by(user))

    def masked_for(self, user: User) -> Self:
        """Keep the persons whom this person sees and does not work with: see clients/masking.py."""
        works = self._worked_on_by(user) | Q(team__in=user.teams.all())
        return self.filter(orgnr=None).exclude(pk__in=Client.objects.filter(works).values("pk"))

    @staticmethod
    def _worked_on_by(user: User) -> Q:
        away = Absence.objects.on(timezone.localdate()).filter(substitute=user).values("user")
        return (
            Q(responsible=user)
            | Q(responsible__in=away)
            | Q(pk__in=AreaResponsible.objects.filter(user=user).values("client"))
            | Q(pk__in=Client.members.through.objects.filter(user=user).values("client_id"))
        )

    def active(self) -> Self:
        return self.filter(archived_at=None)


class Client(models.Model):
    """A company (or person) the firm works for. A client is a set of parties."""

    # Null for a person. Nine digits, control digit checked.
    orgnr = models.CharField(  # noqa: DJ001 (two persons may both have none)
        _("organisasjonsnummer"), max_length=9, unique=True, null=True, validators=[check_orgnr]
    )
    name = models.CharField(_("navn"), max_length=255)
    responsible = models.ForeignKey(
        User,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("klientansvarlig"),
    )
    members = models.ManyToManyField(
        User, blank=True, related_name="clients", verbose_name=_("medarbeidere")
    )
    team = models.ForeignKey(
        Team, null=True, blank=True, on_delete=models.PROTECT, verbose_name=_("team")
    )
    # Whom to ask while the responsible is away and has named nobody. One of those who see it.
    substitute = models.ForeignKey(
        User,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("stedfortreder"),
    )
    is_firm = models.BooleanField(_("firmaet selv"), default=False)
    added_at = models.DateTimeField()
    archived_at = models.DateTimeField(null=True, blank=True)

    objects = ClientQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["is_firm"], condition=Q(is_firm=True), name="one_firm"),
        ]
        indexes = [models.Index(fields=["responsible"], name="client_responsible")]

    def __str__(self) -> str:
        return self.name


class ServiceArea(models.Model):
    """A field of work that services belong to: mva, lønn, årsoppgjør."""

    name = models.CharField(_("navn"), max_length=60, unique=True)
    position = models.SmallIntegerField(_("rekkefølge"), default=100)

    class Meta:
        ordering = ("position", "name")

    def __str__(self) -> str:
        return self.name


class AreaResponsible(models.Model):
    """Who gets a client's new dialogs of one service area. Goes before the client's responsible."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="area_responsibles")
    area = models.ForeignKey(ServiceArea, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["client", "area"], name="area_once")]

    def __str__(self) -> str:
        return f"{self.client} {self.area}: {self.user}"


class ClientFollower(models.Model):
    """Somebody who wants to hear of everything new with a client."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="followers")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    since_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "client"], name="follows_once")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.client_id}"


class Party(models.Model):
    """One unit in Altinn: the client's main unit or a sub-unit, as authorities write to both."""

    class Kind(models.TextChoices):
        MAIN = "MAIN", _("hovedenhet")
        SUB = "SUB", _("underenhet")

    urn = models.CharField(
        max_length=200, unique=True
    )  # urn:altinn:organization:identifier-no:{9 digits}
    # Null: Altinn lists it, and nobody has made it a client yet.
    client = models.ForeignKey(Client, null=True, on_delete=models.CASCADE, related_name="parties")
    kind = models.CharField(max_length=4, choices=Kind)
    orgnr = models.CharField(max_length=9, blank=True, db_index=True)
    name = models.CharField(max_length=255)
    is_deleted = models.BooleanField(default=False)  # dissolved; may still hold dialogs
    # A sub-unit's main unit by Enhetsregisteret, which knows before Altinn; empty: not read there.
    parent_orgnr = models.CharField(max_length=9, blank=True, db_default="", default="")

    def __str__(self) -> str:
        return self.name


class SystemUserQuerySet(models.QuerySet["SystemUser"]):
    def usable(self) -> Self:
        return self.filter(is_active=True)


class SystemUser(models.Model):
    """The one that reads for us: an agent for many clients, or a standard one for its owner."""

    class Kind(models.TextChoices):
        AGENT = "AGENT", _("for klienter (agent)")
        STANDARD = "STANDARD", _("for eieren selv")

    name = models.CharField(_("navn"), max_length=100)
    kind = models.CharField(_("type"), max_length=8, choices=Kind, default=Kind.AGENT)
    owner_orgnr = models.CharField(
        _("eierens organisasjonsnummer"), max_length=9, validators=[check_orgnr]
    )
    external_ref = models.CharField(_("ekstern referanse"), max_length=255, blank=True)
    is_active = models.BooleanField(_("i bruk"), default=True)
    adds_clients = models.BooleanField(
        _("legg til nye klienter av seg selv når Altinn viser dem"), default=False
    )
    # When Altinn last answered it, and what went wrong after that.
    parties_read_at = models.DateTimeField(null=True, blank=True)
    polled_at = models.DateTimeField(null=True, blank=True)
    trouble = models.TextField(blank=True)
    trouble_since_at = models.DateTimeField(null=True, blank=True)

    objects = SystemUserQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["owner_orgnr", "external_ref"], name="system_user_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class AccessQuerySet(models.QuerySet["Access"]):
    def current(self) -> Self:
        """Keep what Altinn still lists, for system users in use and clients not archived."""
        return self.filter(
            lost_at=None,
            system_user__is_active=True,
            party__client__isnull=False,
            party__client__archived_at=None,
        )


class Access(models.Model):
    """One system user's sight of one party, and how far it has read."""

    system_user = models.ForeignKey(SystemUser, on_delete=models.CASCADE, related_name="accesses")
    party = models.ForeignKey(Party, on_delete=models.CASCADE, related_name="accesses")
    found_at = models.DateTimeField()
    lost_at = models.DateTimeField(null=True)  # Altinn's list of parties no longer has it
    loaded_at = models.DateTimeField(null=True)  # null: never read in full
    reconciled_at = models.DateTimeField(null=True)
    polled_until_at = models.DateTimeField(null=True)  # the newest updatedAt that is safely read

    objects = AccessQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["system_user", "party"], name="access_once"),
        ]
        indexes = [
            models.Index(
                fields=["system_user"], condition=Q(loaded_at=None), name="access_to_load"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.system_user} → {self.party}"


def webhook_code(subscription_id: uuid.UUID, *, key: str) -> str:
    """Return the secret part of a subscription's address: its id signed with one of our keys.

    Nothing secret is stored, and the door needs no database to know a forgery.
    """
    signature = hmac.new(key.encode(), subscription_id.bytes, hashlib.sha256).hexdigest()[:43]
    return f"{subscription_id.hex}{signature}"


def subscription_behind(code: str) -> uuid.UUID | None:
    """Return the subscription whose code this is, or None; compared in constant time."""
    if len(code) != 75 or not code.isascii():
        return None
    try:
        claimed = uuid.UUID(hex=code[:32])
    except ValueError:
        return None
    matches = [
        hmac.compare_digest(webhook_code(claimed, key=key), code) for key in settings.WEBHOOK_KEYS
    ]
    return claimed if any(matches) else None


def address_mark() -> str:
    """Tell which address new subscriptions get: another key or another host is another mark."""
    signature = hmac.new(
        settings.WEBHOOK_KEYS[0].encode(), settings.WEBHOOK_URL.encode(), hashlib.sha256
    )
    return signature.hexdigest()[:16]


class Subscription(models.Model):
    """Our wish to be told about one service's dialogs for one party."""

    class State(models.TextChoices):
        WANTED = "WANTED", _("ikke opprettet ennå")
        CREATED = "CREATED", _("opprettet, ikke bekreftet")
        VALIDATED = "VALIDATED", _("i drift")
        REFUSED = "REFUSED", _("tjenesten tillater det ikke; leses i stedet jevnlig")
        STOPPED = "STOPPED", _("stanset: klienten leses ikke")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    access = models.ForeignKey(Access, on_delete=models.CASCADE, related_name="subscriptions")
    resource = models.CharField(max_length=255)  # urn:altinn:resource:…
    altinn_id = models.BigIntegerField(null=True)
    state = models.CharField(max_length=9, choices=State, default=State.WANTED)
    wanted_at = models.DateTimeField()
    validated_at = models.DateTimeField(null=True)
    last_event_at = models.DateTimeField(null=True)
    # Which of our addresses Altinn has (see `address_mark`); empty: we have not seen yet.
    address = models.CharField(max_length=16, db_default="", default="")
    # The one that takes over at a new address, while both are in use.
    next_altinn_id = models.BigIntegerField(null=True)
    next_address = models.CharField(max_length=16, db_default="", default="")
    next_validated_at = models.DateTimeField(null=True)
    renewed_at = models.DateTimeField(null=True)
    # When to look whether Altinn has validated it, and how often we have looked.
    check_at = models.DateTimeField(null=True)
    checks = models.SmallIntegerField(db_default=0, default=0)
    refused_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["access", "resource"], name="subscription_once"),
        ]
        indexes = [
            models.Index(
                fields=["wanted_at"], condition=Q(state="WANTED"), name="subscription_wanted"
            ),
            models.Index(
                fields=["check_at"],
                condition=Q(check_at__isnull=False),
                name="subscription_to_check",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.resource} {self.state}"

    @property
    def end_point(self) -> str:
        code = webhook_code(self.id, key=settings.WEBHOOK_KEYS[0])
        return f"{settings.WEBHOOK_URL}/altinn/hendelser/{code}"
