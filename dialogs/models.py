"""What Altinn told us, our copy of each dialog, and the work on it.

InboundEvent is what was pushed, byte for byte; it only gets its outcome afterwards.
RefreshNeed says which part of Altinn to read again; events of a storm meet in one row.
Dialog is one narrow row per dialog: everything the list filters and sorts on, Altinn's and ours.
Ingest writes Altinn's columns, people's actions write ours, and neither touches the other's.
DialogCopy is the dialog as received; it may be thrown away and fetched again.
"""

from datetime import datetime
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from clients.models import Access, Client, Party
from staff.models import User

# Above every deadline: dialogs without one follow, the newest content first.
NO_DEADLINE = 100_000_000_000


def urgency_of(deadline_at: datetime | None, content_updated_at: datetime) -> int:
    """Return the list's sort key: smaller is more urgent. One number serves one index.

    Deadlines sort by their moment; without one, the most recent content comes first.
    """
    if deadline_at is not None:
        return int(deadline_at.timestamp())
    return NO_DEADLINE - int(content_updated_at.timestamp())


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


class ServiceOwner(models.Model):
    """An authority: `skd` is Skatteetaten."""

    code = models.CharField(primary_key=True, max_length=30)
    name = models.CharField(max_length=255)

    def __str__(self) -> str:
        return self.name or self.code


class Service(models.Model):
    """A service resource that some dialog of ours belongs to."""

    urn = models.CharField(max_length=255, unique=True)
    name = models.CharField(max_length=255, blank=True)
    owner = models.ForeignKey(ServiceOwner, on_delete=models.PROTECT, db_constraint=False)

    def __str__(self) -> str:
        return self.name or self.urn.rsplit(":", 1)[-1]


class DialogQuerySet(models.QuerySet["Dialog"]):
    def visible_to(self, user: User) -> Self:
        """Keep the dialogs of the clients this person may see."""
        if user.is_active and user.may_see_all_clients:
            return self
        return self.filter(client__in=Client.objects.visible_to(user).values("pk"))

    def overdue(self, *, day_began_at: datetime) -> Self:
        """Keep those whose binding deadline lies on an earlier day in Oslo."""
        return self.filter(deadline_at__lt=day_began_at)


class Dialog(models.Model):
    """One dialog. `id` is Dialogporten's. The row outlives the dialog in Altinn."""

    class Status(models.TextChoices):
        REQUIRES_ATTENTION = "RequiresAttention", _("Krever handling")
        IN_PROGRESS = "InProgress", _("Under arbeid")
        AWAITING = "Awaiting", _("Til behandling")
        DRAFT = "Draft", _("Utkast")
        COMPLETED = "Completed", _("Avsluttet")
        NOT_APPLICABLE = "NotApplicable", _("Uten status")

    class Folder(models.TextChoices):
        INBOX = "INBOX", _("Innboks")
        DRAFTS = "DRAFTS", _("Utkast")
        ARCHIVE = "ARCHIVE", _("Arkiv")
        BIN = "BIN", _("Papirkurv")
        GONE = "GONE", _("Fjernet fra Altinn")

    # Altinn's columns: written by ingest alone.
    id = models.UUIDField(primary_key=True)
    client = models.ForeignKey(Client, on_delete=models.PROTECT)
    party = models.ForeignKey(Party, on_delete=models.PROTECT)
    access = models.ForeignKey(Access, on_delete=models.PROTECT)  # who read it last
    service = models.ForeignKey(Service, on_delete=models.PROTECT)
    owner = models.ForeignKey(ServiceOwner, on_delete=models.PROTECT, db_constraint=False)
    status = models.CharField(max_length=30)  # unknown values are kept as they came
    folder = models.CharField(max_length=7, choices=Folder)
    is_sent = models.BooleanField()
    is_unread = models.BooleanField()  # nobody has opened it since its content changed
    has_unopened_content = models.BooleanField()
    attachment_count = models.SmallIntegerField()
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    content_updated_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    label_revision = models.UUIDField(null=True)  # endUserContext.revision
    read_at = models.DateTimeField()  # when the answer we hold was asked for
    received_digest = models.UUIDField()  # MD5 of the list item as received
    gone_at = models.DateTimeField(null=True)  # no longer listed by Altinn

    # Ours: written by people's actions alone.
    responsible = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    assigned_why = models.CharField(max_length=100, blank=True)
    work_version = models.IntegerField(default=0)  # goes up with each change of ours

    # Worked out from both; see urgency_of() and binding_deadline() in ingest.
    deadline_at = models.DateTimeField(null=True)  # null: none, or it no longer binds
    urgency = models.BigIntegerField()

    first_seen_at = models.DateTimeField()  # when it reached us

    objects = DialogQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["client", "folder", "urgency", "id"], name="dialog_by_client"),
            models.Index(
                fields=["folder", "urgency", "id"],
                include=["client", "status", "owner", "responsible", "is_unread"],
                name="dialog_by_urgency",
            ),
            models.Index(
                fields=["responsible", "folder", "urgency", "id"],
                condition=Q(responsible__isnull=False),
                name="dialog_by_responsible",
            ),
            models.Index(fields=["party", "service"], name="dialog_by_party"),
        ]

    def __str__(self) -> str:
        return str(self.id)


class DialogCopy(models.Model):
    """The dialog as last received, and what of it is searched and shown."""

    dialog = models.OneToOneField(
        Dialog, primary_key=True, on_delete=models.CASCADE, related_name="copy"
    )
    received = models.JSONField()  # the list item, every language
    title = models.TextField()
    summary = models.TextField()
    sender = models.TextField()
    extended_status = models.CharField(max_length=100, blank=True)
    reference = models.TextField(blank=True)  # externalReference
    other_words = models.TextField()  # title and summary in the other languages
    search = models.GeneratedField(
        expression=models.expressions.RawSQL(
            "setweight(to_tsvector('norwegian', title), 'A')"
            " || setweight(to_tsvector('norwegian', sender), 'B')"
            " || setweight(to_tsvector('norwegian', summary), 'C')"
            " || to_tsvector('simple', reference)"
            " || to_tsvector('norwegian', other_words)",
            (),
        ),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    class Meta:
        indexes = [
            GinIndex(fields=["search"], name="copy_search"),
            models.Index(
                OpClass(Upper("reference"), name="text_pattern_ops"),
                name="copy_reference",
                condition=~Q(reference=""),
            ),
        ]

    def __str__(self) -> str:
        return self.title


class FolderCount(models.Model):
    """How many dialogs a client has in a folder. Kept by the database itself (triggers)."""

    pk = models.CompositePrimaryKey("client_id", "folder")
    client = models.ForeignKey(Client, on_delete=models.CASCADE, db_constraint=False)
    folder = models.CharField(max_length=7)
    total = models.IntegerField()
    unread = models.IntegerField()
    unassigned = models.IntegerField()

    def __str__(self) -> str:
        return f"{self.client_id} {self.folder} {self.total}"


class DeadlineCount(models.Model):
    """How many dialogs in a client's inbox are due on a day in Oslo. Kept by triggers."""

    pk = models.CompositePrimaryKey("client_id", "due_on")
    client = models.ForeignKey(Client, on_delete=models.CASCADE, db_constraint=False)
    due_on = models.DateField()
    total = models.IntegerField()

    def __str__(self) -> str:
        return f"{self.client_id} {self.due_on} {self.total}"


class ResponsibleCount(models.Model):
    """How many dialogs in a client's inbox a colleague is responsible for. Kept by triggers."""

    pk = models.CompositePrimaryKey("client_id", "user_id")
    client = models.ForeignKey(Client, on_delete=models.CASCADE, db_constraint=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, db_constraint=False, related_name="+")
    total = models.IntegerField()

    def __str__(self) -> str:
        return f"{self.client_id} {self.user_id} {self.total}"
