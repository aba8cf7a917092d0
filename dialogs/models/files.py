"""Files that people have put in a client's folder.

The bytes lie in the storage called `archive`, under names that say nothing; what they are is here.
The row outlives the file: who kept what is known after it has been removed.
"""

from typing import Self

from django.db import models
from django.db.models import Q

from clients.models import Client
from dialogs.models.dialog import Dialog
from staff.models import User
from staff.sealing import SealedField, Unreadable, unseal


class ArchivedFileQuerySet(models.QuerySet["ArchivedFile"]):
    def visible_to(self, user: User) -> Self:
        """Keep the files of the dialogs this person may read."""
        return self.filter(dialog__in=Dialog.objects.visible_to(user).values("pk"))

    def kept(self) -> Self:
        return self.filter(removed_at=None)


class ArchivedFile(models.Model):
    """An attachment as it was when somebody kept it."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="archived_files")
    dialog = models.ForeignKey(Dialog, on_delete=models.PROTECT, related_name="archived_files")
    attachment_id = models.UUIDField()
    sealed_name = SealedField()  # it may tell of somebody's health
    media_type = models.CharField(max_length=100)
    size_bytes = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    stored_as = models.CharField(max_length=100)
    saved_at = models.DateTimeField()
    saved_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    keep_until_on = models.DateField()
    removed_at = models.DateTimeField(null=True)

    objects = ArchivedFileQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["dialog", "attachment_id"],
                condition=Q(removed_at=None),
                name="archived_once",
            ),
        ]
        indexes = [
            models.Index(fields=["client", "-saved_at"], name="archived_of_client"),
            models.Index(
                fields=["keep_until_on"], condition=Q(removed_at=None), name="archived_until"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.client_id} {self.stored_as}"

    @property
    def name(self) -> str:
        """Return what the file was called; nothing when that can no longer be read."""
        try:
            return unseal(self.sealed_name).decode()
        except Unreadable:
            return ""
