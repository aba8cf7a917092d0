"""Who works here, in which team, and what they did."""

from datetime import date
from typing import Any, ClassVar, Self

from django.conf import settings
from django.contrib.auth.base_user import BaseUserManager
from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _


def initials_of(name: str) -> str:
    """Return one or two capitals for the avatar."""
    words = name.replace("@", " ").split()
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Add somebody who logs in with an e-mail address. No password means they cannot yet.

        An auditor sees every client unless it is said that they do not.
        """
        if fields.get("role") == User.Role.AUDITOR:
            fields = {"sees_all_clients": True} | fields
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(
            email,
            password,
            **{"role": User.Role.ADMIN, "is_staff": True, "is_superuser": True} | fields,
        )


class Team(models.Model):
    name = models.CharField(_("navn"), max_length=100, unique=True)
    # Its members see every client there is, and not only those they or the team work for.
    sees_all_clients = models.BooleanField(_("ser alle klienter"), default=False, db_default=False)

    def __str__(self) -> str:
        return self.name


class User(AbstractUser):
    """Somebody on the firm's staff."""

    class Role(models.TextChoices):
        ACCOUNTANT = "ACCOUNTANT", _("Regnskapsfører")
        MANAGER = "MANAGER", _("Leder")
        ADMIN = "ADMIN", _("Administrator")
        AUDITOR = "AUDITOR", _("Revisor")  # reads, and changes nothing

    username = None  # type: ignore[assignment]
    email = models.EmailField(_("e-postadresse"), unique=True)
    role = models.CharField(_("rolle"), max_length=10, choices=Role, default=Role.ACCOUNTANT)
    teams = models.ManyToManyField(Team, blank=True, related_name="members")
    # Accountants and auditors see the clients they, or a team of theirs, work for, unless this is
    # set for them or for a team of theirs.
    sees_all_clients = models.BooleanField(_("ser alle klienter"), default=False)

    # How somebody likes to work.
    is_compact = models.BooleanField(_("kompakt liste"), default=False)
    uses_single_keys = models.BooleanField(_("bruk enkelttaster"), default=True)
    language = models.CharField(
        _("språk"), max_length=2, choices=settings.LANGUAGES, default=settings.LANGUAGE_CODE
    )
    # When the name and the address were taken away; the key stays, for what they did.
    forgotten_at = models.DateTimeField(null=True, blank=True)
    # Two visits back: «nytt siden sist» keeps still while somebody reads it.
    home_seen_at = models.DateTimeField(null=True, blank=True)
    home_seen_before_at = models.DateTimeField(null=True, blank=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = UserManager()  # type: ignore[assignment, misc]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return self.get_full_name() or self.email

    @property
    def initials(self) -> str:
        return initials_of(self.name)

    @property
    def may_see_all_clients(self) -> bool:
        by_role = self.role in {self.Role.ADMIN, self.Role.MANAGER}
        return self.sees_all_clients or by_role or self.team_sees_all_clients

    @cached_property
    def team_sees_all_clients(self) -> bool:
        """Asked with the person where one logs in: see `staff.backend`."""
        return self.pk is not None and self.teams.filter(sees_all_clients=True).exists()

    def stands_in_for(self) -> list[int]:
        """Return the keys of those who are away today with this person as their substitute."""
        today = Absence.objects.on(timezone.localdate()).filter(substitute=self)
        return list(today.values_list("user", flat=True))

    @property
    def is_admin(self) -> bool:
        return self.role == self.Role.ADMIN


class AbsenceQuerySet(models.QuerySet["Absence"]):
    def on(self, day: date) -> Self:
        return self.filter(from_on__lte=day, to_on__gte=day)


class Absence(models.Model):
    """Days on which somebody is away, and who sees to their work meanwhile."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="absences")
    from_on = models.DateField(_("fra og med"))
    to_on = models.DateField(_("til og med"))
    substitute = models.ForeignKey(
        User,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("stedfortreder"),
    )

    objects = AbsenceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(from_on__lte=F("to_on")), name="absence_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.from_on} {self.to_on}"


class AuditEntry(models.Model):
    """What somebody did or saw, as it was. Rows are added and never changed: see staff/chain.py.

    People and clients are told by key alone, so that a name can be forgotten and the chain holds.
    """

    at = models.DateTimeField()
    actor = models.ForeignKey(  # null: the portal itself, or somebody who is not logged in
        User, null=True, on_delete=models.PROTECT, db_index=False
    )
    act = models.CharField(max_length=40)
    about = models.CharField(max_length=100)  # «dialog 019c…», «client 42»
    # Whose client it was about; found by the database when it is left out. Outlives the client.
    client_id = models.BigIntegerField(null=True)
    detail = models.JSONField(default=dict)
    digest = models.BinaryField(default=bytes)  # made by the database

    class Meta:
        indexes = [
            models.Index(fields=["about", "-at"], name="audit_about"),
            models.Index(fields=["-at", "-id"], name="audit_at"),
            models.Index(fields=["actor", "-at", "-id"], name="audit_actor"),
            models.Index(fields=["client_id", "-at", "-id"], name="audit_client"),
            models.Index(fields=["act", "-at", "-id"], name="audit_act"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.act} {self.about}"


class Invitation(models.Model):
    """A link, good once and for some days, by which somebody chooses a password."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="invitations")
    code_digest = models.CharField(max_length=64, unique=True)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.user_id} {self.made_at:%Y-%m-%d}"


class ProviderSession(models.Model):
    """A session here that began in one at an OIDC provider."""

    session_key = models.CharField(max_length=40, unique=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="provider_sessions")
    provider = models.CharField(max_length=100)
    subject = models.CharField(max_length=255)
    sid = models.CharField(max_length=255, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["provider", "subject"], name="provider_session_subject"),
            models.Index(fields=["provider", "sid"], name="provider_session_sid"),
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.subject}"


class AuditWaiting(models.Model):
    """An entry that is not in the chain yet. Written by the database with the entry itself."""

    entry_id = models.BigIntegerField(primary_key=True)

    def __str__(self) -> str:
        return f"{self.entry_id}"


class AuditLink(models.Model):
    """A link of the chain: some entries, and a digest of them and of the link before."""

    position = models.BigIntegerField(primary_key=True)  # 1, 2, 3 …
    made_at = models.DateTimeField()
    entry_ids = ArrayField(models.BigIntegerField())
    until_at = models.DateTimeField()  # of the latest among its entries
    digest = models.BinaryField()
    # When its entries had been kept for as long as they should be, and were removed.
    emptied_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.position} {bytes(self.digest).hex()[:12]}"
