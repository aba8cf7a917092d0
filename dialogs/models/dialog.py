"""Our copy of each dialog.

Dialog is one narrow row per dialog: everything the list filters and sorts on, Altinn's and ours.
Ingest writes Altinn's columns, people's actions write ours, and neither touches the other's; the
database works out `folder`, `deadline_at`, `urgency` and `restriction` (triggers, migrations 0005
and 0014).
DialogCopy is the dialog as received; it may be thrown away and fetched again.
"""

from typing import Self

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from clients.models import Access, CategoryRestriction, Client, Party, ServiceArea
from staff.models import User

# `urgency`, the list's sort key: seconds since 1970 of the deadline; without one, this number less
# those of the last change, so that the newest comes first; both less PINNED while pinned.
NO_DEADLINE = 100_000_000_000
PINNED = 1_000_000_000_000

# What lists are narrowed by, in the indexes: rows that do not fit are passed over unread.
FILTERED = ["status", "owner", "service", "responsible", "is_unread", "content_updated_at"]


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
    area = models.ForeignKey(
        ServiceArea,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="services",
        verbose_name=_("fagområde"),
    )
    # What Altinn asks of who opens it; a system user has 3. Null: not learned yet.
    minimum_level = models.SmallIntegerField(null=True)

    def __str__(self) -> str:
        return self.name or self.urn.rsplit(":", 1)[-1]


class PinRule(models.Model):
    """What is put on top of the list, and why. Every condition that is filled in must hold."""

    why = models.CharField(_("hvorfor det haster"), max_length=60)  # «Tvangsmulkt»
    words = models.CharField(
        _("ord i tittel eller sammendrag"),
        max_length=200,
        blank=True,
        help_text=_("Skill med komma. Ett av ordene er nok."),
    )
    owner = models.ForeignKey(
        ServiceOwner,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        db_constraint=False,
        verbose_name=_("tjenesteeier"),
    )
    service = models.ForeignKey(
        Service, null=True, blank=True, on_delete=models.CASCADE, verbose_name=_("tjeneste")
    )
    # Days from the day it was received in which a decision may be appealed; proposed, never set.
    appeal_days = models.SmallIntegerField(_("klagefrist i dager"), null=True, blank=True)
    is_active = models.BooleanField(_("i bruk"), default=True)
    position = models.SmallIntegerField(_("rekkefølge"), default=100)  # the first that fits wins

    class Meta:
        ordering = ("position", "pk")

    def __str__(self) -> str:
        return self.why


class DialogQuerySet(models.QuerySet["Dialog"]):
    def visible_to(self, user: User) -> Self:
        """Keep the dialogs of the clients this person may see, of those what they may read."""
        readable = self.readable_by(user)
        if user.is_active and user.may_see_all_clients:
            return readable
        return readable.filter(client__in=Client.objects.visible_to(user).values("pk"))

    def readable_by(self, user: User) -> Self:
        """Leave out what is only for others to read. Above every role: nobody reads all there is.

        Not who sees the client: see `visible_to`.
        """
        readable = CategoryRestriction.readers.through.objects.filter(user=user)
        return self.filter(
            Q(restriction=None) | Q(restriction__in=readable.values("categoryrestriction"))
        )

    def kept_from(self, user: User) -> Self:
        """Keep what only others may read: the other way round of `readable_by`."""
        readable = CategoryRestriction.readers.through.objects.filter(user=user)
        kept = self.filter(restriction__isnull=False)
        return kept.exclude(restriction__in=readable.values("categoryrestriction"))


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
        SNOOZED = "SNOOZED", _("Utsatt")
        DONE = "DONE", _("Ferdig")
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
    altinn_folder = models.CharField(max_length=7, default=Folder.INBOX)  # INBOX, DRAFTS, …
    is_sent = models.BooleanField()
    is_unread = models.BooleanField()  # nobody has opened it since its content changed
    has_unopened_content = models.BooleanField()
    attachment_count = models.SmallIntegerField()
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    content_updated_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    binding_at = models.DateTimeField(null=True)  # due_at, while the party still has to meet it
    label_revision = models.UUIDField(null=True)  # endUserContext.revision
    read_at = models.DateTimeField()  # when the answer we hold was asked for
    received_digest = models.UUIDField()  # MD5 of the list item as received
    gone_at = models.DateTimeField(null=True)  # no longer listed by Altinn

    # Ours: written by people's actions alone, but for what a new dialog begins with, and that
    # newer content from Altinn brings a finished or snoozed dialog back.
    responsible = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    assigned_why = models.CharField(max_length=100, blank=True)  # see actions.WHY
    internal_due_on = models.DateField(null=True)
    estimated_due_on = models.DateField(null=True)  # a deadline that no authority has given
    snoozed_until_on = models.DateField(null=True)
    done_at = models.DateTimeField(null=True)
    reopened_at = models.DateTimeField(null=True)  # changed by the authority after we were done
    pin = models.ForeignKey(PinRule, null=True, on_delete=models.SET_NULL, related_name="+")
    note_count = models.SmallIntegerField(default=0)
    work_version = models.IntegerField(default=0)  # goes up with each change of ours

    # Worked out from both by the database, whoever writes.
    folder = models.CharField(max_length=7, choices=Folder, default=Folder.INBOX)
    # The deadline the list goes by: binding_at, else the estimated, else the internal one.
    deadline_at = models.DateTimeField(null=True)
    urgency = models.BigIntegerField(default=NO_DEADLINE)
    # Who alone may read it; null: whoever sees the client. Kept right when categories change.
    restriction = models.ForeignKey(
        CategoryRestriction, null=True, on_delete=models.DO_NOTHING, db_index=False
    )

    first_seen_at = models.DateTimeField()  # when it reached us

    objects = DialogQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["client", "folder", "urgency", "id"],
                include=FILTERED,
                name="dialog_by_client",
            ),
            models.Index(
                fields=["service", "folder", "urgency", "id"],
                include=["client", "status", "responsible", "is_unread"],
                name="dialog_by_service",
            ),
            models.Index(
                fields=["folder", "urgency", "id"],
                include=["client", *FILTERED],
                name="dialog_by_urgency",
            ),
            models.Index(
                F("folder"), F("content_updated_at").desc(), F("id"), name="dialog_by_update"
            ),
            models.Index(
                F("client"),
                F("folder"),
                F("content_updated_at").desc(),
                F("id"),
                name="dialog_by_client_update",
            ),
            models.Index(
                fields=["reopened_at"],
                condition=Q(reopened_at__isnull=False),
                name="dialog_reopened",
            ),
            models.Index(
                fields=["snoozed_until_on"],
                condition=Q(snoozed_until_on__isnull=False),
                name="dialog_snoozed",
            ),
            # Few of all dialogs: each kind has its own short index, in the list's order.
            *(
                models.Index(
                    fields=["folder", "urgency", "id"],
                    include=["client"],
                    condition=condition,
                    name=f"dialog_{name}",
                )
                for name, condition in {
                    "internal_due": Q(internal_due_on__isnull=False),
                    "noted": Q(note_count__gt=0),
                    "sent": Q(is_sent=True),
                }.items()
            ),
            models.Index(
                fields=["responsible", "folder", "urgency", "id"],
                condition=Q(responsible__isnull=False),
                name="dialog_by_responsible",
            ),
            models.Index(fields=["party", "service"], name="dialog_by_party"),
            # For the check that nothing points at a restriction that is taken away.
            models.Index(
                fields=["restriction"],
                condition=Q(restriction__isnull=False),
                name="dialog_restricted",
            ),
            # What the dashboards count, read from the index alone.
            models.Index(
                fields=["deadline_at"],
                include=["client", "owner", "responsible", "restriction"],
                condition=Q(folder="INBOX", deadline_at__isnull=False),
                name="dialog_due",
            ),
            models.Index(
                fields=["done_at"],
                include=["client", "owner", "responsible", "restriction", "content_updated_at"],
                condition=Q(done_at__isnull=False),
                name="dialog_done",
            ),
            models.Index(
                fields=["created_at"],
                include=["client", "owner", "service", "restriction"],
                name="dialog_came",
            ),
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
