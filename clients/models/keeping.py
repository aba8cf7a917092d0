"""What keeps clients in step: Enhetsregisteret's word of them, sensitive mail, watched services."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from clients.models.registrations import Client
from staff.models import User


class ClientRegisterState(models.Model):
    """What Enhetsregisteret said of a client when it was last read. A snapshot: never edited."""

    client = models.OneToOneField(
        Client, primary_key=True, on_delete=models.CASCADE, related_name="register_state"
    )
    is_known = models.BooleanField(default=True)  # made-up numbers of test environments are not
    name = models.CharField(max_length=255, blank=True)
    form = models.CharField(max_length=10, blank=True)  # AS, ENK, …
    is_bankrupt = models.BooleanField(default=False)
    is_dissolving = models.BooleanField(default=False)  # by itself, or forced
    deleted_on = models.DateField(null=True)
    is_removed = models.BooleanField(default=False)  # the register may not show it any more
    vat_registered = models.BooleanField(default=False)
    # Whether the register lists our firm as the client's accountant; null: not read yet.
    role_held = models.BooleanField(null=True)
    role_ended_at = models.DateTimeField(null=True)  # when we found that it was held no more
    read_at = models.DateTimeField(null=True)  # null: to be read soon

    class Meta:
        indexes = [models.Index(fields=["read_at"], name="register_read")]

    def __str__(self) -> str:
        return f"{self.client_id} {self.name}"

    @property
    def is_deleted(self) -> bool:
        return self.deleted_on is not None or self.is_removed


class RegisterCursor(models.Model):
    """How far one of Enhetsregisteret's feeds of changes is read."""

    class Feed(models.TextChoices):
        UNITS = "UNITS", "enheter"
        SUB_UNITS = "SUB_UNITS", "underenheter"
        ROLES = "ROLES", "roller"

    feed = models.CharField(primary_key=True, max_length=9, choices=Feed)
    after_id = models.CharField(max_length=60, blank=True)  # empty: from `read_at` on
    read_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.feed} {self.after_id}"


class Category(models.Model):
    """A kind of mail that not everybody should read, such as that of somebody's health."""

    name = models.CharField(_("navn"), max_length=60, unique=True)
    says = models.CharField(_("hva det er"), max_length=200, blank=True)
    position = models.SmallIntegerField(_("rekkefølge"), default=100)

    class Meta:
        ordering = ("position", "name")

    def __str__(self) -> str:
        return self.name


class CategoryService(models.Model):
    """Services whose dialogs belong to a category."""

    category = models.ForeignKey(Category, on_delete=models.CASCADE, related_name="services")
    # urn:altinn:resource:…, or the beginning of one and a «*».
    pattern = models.CharField(max_length=255, unique=True)

    def __str__(self) -> str:
        return f"{self.category}: {self.pattern}"


class CategoryRestriction(models.Model):
    """A category of a client's that only those named may read. Without it, whoever sees it may."""

    client = models.ForeignKey(
        Client, on_delete=models.CASCADE, related_name="category_restrictions"
    )
    category = models.ForeignKey(Category, on_delete=models.CASCADE, related_name="+")
    readers = models.ManyToManyField(User, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "category"], name="category_restricted_once"),
        ]

    def __str__(self) -> str:
        return f"{self.client_id} {self.category_id}"


class WatchedService(models.Model):
    """A service we want to hear of at every client, also before its first dialog is seen."""

    resource = models.CharField(_("tjeneste"), max_length=255, unique=True)
    added_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.resource


class ClientHold(models.Model):
    """Nothing of this client is erased while the hold stands: a dispute, an inspection."""

    client = models.OneToOneField(
        Client, primary_key=True, on_delete=models.CASCADE, related_name="hold"
    )
    why = models.CharField(_("hvorfor"), max_length=200)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    since_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.client_id} {self.since_at:%Y-%m-%d}"


class ErasedClient(models.Model):
    """A client whose name, dialogs, files and notes are gone; how many there were is known.

    Written before anything is removed, so that the counts are whole whatever happens meanwhile.
    """

    client = models.OneToOneField(
        Client, primary_key=True, on_delete=models.PROTECT, related_name="erased"
    )
    at = models.DateTimeField(null=True)  # null: under way
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    counts = models.JSONField(default=dict)  # {"dialogs": 120, "files": 3, "notes": 14, …}

    def __str__(self) -> str:
        return f"{self.client_id} {self.counts}"
