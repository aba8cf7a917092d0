"""Who works here, in which team, and what they did."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import BaseUserManager
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Add somebody who logs in with an e-mail address. No password means they cannot yet."""
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

    def __str__(self) -> str:
        return self.name


class User(AbstractUser):
    """Somebody on the firm's staff."""

    class Role(models.TextChoices):
        ACCOUNTANT = "ACCOUNTANT", _("Regnskapsfører")
        MANAGER = "MANAGER", _("Leder")
        ADMIN = "ADMIN", _("Administrator")

    username = None  # type: ignore[assignment]
    email = models.EmailField(_("e-postadresse"), unique=True)
    role = models.CharField(_("rolle"), max_length=10, choices=Role, default=Role.ACCOUNTANT)
    teams = models.ManyToManyField(Team, blank=True, related_name="members")
    # Accountants see the clients they, or a team of theirs, work for, unless this is set.
    sees_all_clients = models.BooleanField(_("ser alle klienter"), default=False)

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
        """One or two capitals for the avatar."""
        words = self.name.replace("@", " ").split()
        return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()

    @property
    def may_see_all_clients(self) -> bool:
        return self.sees_all_clients or self.role in {self.Role.ADMIN, self.Role.MANAGER}

    @property
    def is_admin(self) -> bool:
        return self.role == self.Role.ADMIN


class AuditEntry(models.Model):
    """What somebody did, as it was. Rows are added and never changed."""

    at = models.DateTimeField()
    actor = models.ForeignKey(User, null=True, on_delete=models.PROTECT)  # null: the portal itself
    act = models.CharField(max_length=40)
    about = models.CharField(max_length=100)  # «dialog 019c…», «client 42»
    detail = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["about", "-at"], name="audit_about")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.act} {self.about}"
