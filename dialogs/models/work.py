"""What people do around a dialog. None of it is ever sent to Altinn."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clients.models import Client
from dialogs.models.dialog import Dialog, Service
from staff.models import User


class Follower(models.Model):
    """Somebody who wants to hear of a dialog without owning it."""

    dialog = models.ForeignKey(Dialog, on_delete=models.CASCADE, related_name="followers")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    since_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "dialog"], name="follower_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.dialog_id}"


class Note(models.Model):
    """An internal note on a dialog, on a client («viktig om klienten») or on a service."""

    dialog = models.ForeignKey(Dialog, null=True, on_delete=models.CASCADE, related_name="notes")
    client = models.ForeignKey(Client, null=True, on_delete=models.CASCADE, related_name="+")
    service = models.ForeignKey(Service, null=True, on_delete=models.CASCADE, related_name="+")
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    text = models.TextField(_("notat"))
    is_pinned = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)  # the text stays in the history

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(dialog__isnull=False, client=None, service=None)
                | Q(client__isnull=False, dialog=None, service=None)
                | Q(service__isnull=False, dialog=None, client=None),
                name="note_on_one_thing",
            ),
        ]
        indexes = [models.Index(fields=["dialog", "-created_at"], name="note_by_dialog")]

    def __str__(self) -> str:
        return f"{self.author_id} {self.created_at:%Y-%m-%d %H:%M}"


class NoteVersion(models.Model):
    """What a note said before it was edited or deleted."""

    note = models.ForeignKey(Note, on_delete=models.CASCADE, related_name="versions")
    text = models.TextField()
    until_at = models.DateTimeField()
    changed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"{self.note_id} until {self.until_at:%Y-%m-%d %H:%M}"


class Mention(models.Model):
    """Somebody named in a note, and when they had seen it."""

    note = models.ForeignKey(Note, on_delete=models.CASCADE, related_name="mentions")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    seen_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "note"], name="mention_once")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.note_id}"


class Notice(models.Model):
    """A line behind the bell. A bulk change makes one, whatever the number of dialogs."""

    class Kind(models.TextChoices):
        ASSIGNED = "ASSIGNED", _("Tildelt deg")
        TAKEN = "TAKEN", _("Ikke lenger ditt ansvar")
        MENTIONED = "MENTIONED", _("Nevnt i notat")
        FOLLOWED = "FOLLOWED", _("Endret på noe du følger")
        REOPENED = "REOPENED", _("Gjenåpnet av tjenesteeier")
        RETURNED = "RETURNED", _("Tilbake fra utsatt")
        HANDED_OVER = "HANDED_OVER", _("Overtatt")
        BULK = "BULK", _("Masseendring")
        STANDS_IN = "STANDS_IN", _("Stedfortreder")
        APPROVAL = "APPROVAL", _("Venter på godkjenning")
        EXPORTED = "EXPORTED", _("Fil du ba om")

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=11, choices=Kind)
    actor = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    dialog = models.ForeignKey(Dialog, null=True, on_delete=models.CASCADE, related_name="+")
    query = models.TextField(blank=True)  # the list it is about, when it is about many
    count = models.IntegerField(default=1)  # dialogs
    comment = models.TextField(blank=True)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    # Not for who has chosen to hear of it elsewhere, or not at all. Counts as read.
    is_in_bell = models.BooleanField(default=True, db_default=True)

    class Meta:
        indexes = [
            models.Index(fields=["user", "-created_at"], name="notice_by_user"),
            models.Index(fields=["user"], condition=Q(read_at=None), name="notice_unread"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.kind}"


class ReadMark(models.Model):
    """When somebody here last looked at a dialog in the panel. Altinn does not hear of it."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    dialog = models.ForeignKey(Dialog, on_delete=models.CASCADE, related_name="read_marks")
    read_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "dialog"], name="read_mark_once")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.dialog_id}"


class Opening(models.Model):
    """Who in the firm opened a dialog in Altinn: for Altinn it was the system user or a person."""

    dialog = models.ForeignKey(Dialog, on_delete=models.CASCADE, related_name="openings")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["dialog", "-at"], name="opening_by_dialog")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.dialog_id}"


class Finished(models.Model):
    """The dialog as it was when somebody was done with it: what has changed since is shown."""

    dialog = models.OneToOneField(
        Dialog, primary_key=True, on_delete=models.CASCADE, related_name="finished"
    )
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    title = models.TextField()
    summary = models.TextField()
    status = models.CharField(max_length=30)
    due_at = models.DateTimeField(null=True)
    attachment_count = models.SmallIntegerField()
    content_updated_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.dialog_id} {self.at:%Y-%m-%d %H:%M}"


class ChecklistStep(models.Model):
    """A step to go through for every dialog of a service."""

    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="checklist")
    text = models.CharField(_("punkt"), max_length=200)
    position = models.SmallIntegerField()
    retired_at = models.DateTimeField(null=True)  # kept for the dialogs where it was ticked

    class Meta:
        ordering = ("position", "pk")

    def __str__(self) -> str:
        return self.text


class ChecklistTick(models.Model):
    dialog = models.ForeignKey(Dialog, on_delete=models.CASCADE, related_name="ticks")
    step = models.ForeignKey(ChecklistStep, on_delete=models.CASCADE, related_name="+")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["dialog", "step"], name="tick_once")]

    def __str__(self) -> str:
        return f"{self.dialog_id} {self.step_id}"
