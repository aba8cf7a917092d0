"""What was opened last of each dialog: sealed, and never with a token in it.

A copy like DialogCopy, but of what only an opening shows: it marks the dialog as seen in Altinn, so
it is never fetched again to be shown again.
"""

from django.db import models

from dialogs.models.dialog import Dialog
from staff.models import User
from staff.sealing import SealedField


class OpenedDialog(models.Model):
    """The dialog in full, as the last opening showed it."""

    dialog = models.OneToOneField(
        Dialog, primary_key=True, on_delete=models.CASCADE, related_name="opened"
    )
    sealed = SealedField()  # Details as JSON
    revision = models.UUIDField()
    content_updated_at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()  # when it was asked for

    def __str__(self) -> str:
        return f"{self.dialog_id} {self.at:%Y-%m-%d %H:%M}"


class OpenedBody(models.Model):
    """What a content reference led to: cleaned and sealed, or why there is nothing to show."""

    class Outcome(models.TextChoices):
        SHOWN = "SHOWN"
        EMPTY = "EMPTY"  # the service owner has nothing to show: it only wanted to know
        REFUSED = "REFUSED"
        GONE = "GONE"
        TOO_LARGE = "TOO_LARGE"
        TOO_SLOW = "TOO_SLOW"
        UNSAFE = "UNSAFE"  # an address that gets no token from us
        FAILED = "FAILED"

    dialog = models.ForeignKey(Dialog, on_delete=models.CASCADE, related_name="bodies")
    transmission_id = models.UUIDField(null=True)  # null: the dialog's main content
    outcome = models.CharField(max_length=9, choices=Outcome)
    sealed = SealedField()  # cleaned HTML; empty unless SHOWN
    language = models.CharField(max_length=10, blank=True)
    revision = models.UUIDField()  # of the dialog
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["dialog", "transmission_id"], nulls_distinct=False, name="body_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.dialog_id} {self.transmission_id or 'main'} {self.outcome}"

    @property
    def was_given(self) -> bool:
        """Whether the service owner gave what there was, and so counts it as read."""
        return self.outcome in (self.Outcome.SHOWN, self.Outcome.EMPTY)
