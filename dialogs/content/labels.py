"""Where the dialog lies in Altinn, and moving it from its page: one dialog as a bulk job of one."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from dialogs.actions import about
from dialogs.bulk import jobs
from dialogs.bulk.acts import Act, fits
from dialogs.bulk.labels import MOVED
from dialogs.bulk.receipt import Receipt
from dialogs.bulk.selection import Selection
from dialogs.models import BulkJob, Dialog
from dialogs.work.days import moment_in_words
from staff.models import AuditEntry, User

OFFERED = (Act.ARCHIVE, Act.INBOX, Act.BIN, Act.UNREAD)
KEYS = {Act.ARCHIVE: "e", Act.UNREAD: "u"}
SHOWN_FOR = timedelta(hours=1)  # what came of one's own moving
PUT_AWAY = frozenset({Dialog.Folder.ARCHIVE, Dialog.Folder.BIN})


@dataclass(frozen=True)
class Offer:
    act: Act
    label: str
    key: str


class Labels:
    """What one person can do with where a dialog lies, and what came of it."""

    def __init__(self, dialog: Dialog, user: User, *, now: datetime) -> None:
        self._dialog = dialog
        self._user = user
        self._now = now

    @property
    def where(self) -> str:
        """«Innboks», and whether it is unread there."""
        folder = Dialog.Folder(self._dialog.altinn_folder)
        said = str(folder.label)
        return _("%(folder)s, ulest") % {"folder": said} if self._dialog.is_unread else said

    @property
    def revision(self) -> str:
        return str(self._dialog.label_revision or "")

    @cached_property
    def offers(self) -> list[Offer]:
        """What can be done to the dialog now."""
        this = Dialog.objects.filter(pk=self._dialog.pk)
        found = this.aggregate(**{act.value: Count("pk", filter=fits(act)) for act in OFFERED})
        return [Offer(act, str(act.label), KEYS.get(act, "")) for act in OFFERED if found[act]]

    @cached_property
    def receipt(self) -> Receipt | None:
        """What came of this person's latest moving of the dialog, a while after."""
        mine = BulkJob.objects.filter(
            actor=self._user,
            act__in=[*OFFERED, Act.UNDO],
            created_at__gt=self._now - SHOWN_FOR,
            items__dialog=self._dialog,
        )
        job = mine.select_related("undoes").order_by("-created_at", "-pk").first()
        return Receipt(job, now=self._now) if job else None

    @property
    def failure(self) -> str:
        """Why the latest moving did not work."""
        receipt = self.receipt
        if receipt is None or not receipt.failed:
            return ""
        item = receipt.job.items.filter(dialog=self._dialog).exclude(reason="").first()
        return item.reason if item else ""

    @property
    def reset(self) -> str:
        """That the service owner's update took the dialog out of where we had put it."""
        if self._dialog.altinn_folder in PUT_AWAY:
            return ""
        moves = AuditEntry.objects.filter(about=about(self._dialog.pk), act=MOVED)
        last = moves.order_by("-at", "-pk").first()
        if last is None or last.detail["after"].get("folder") not in PUT_AWAY:
            return ""
        if self._dialog.updated_at <= last.at:
            return ""
        folder = str(Dialog.Folder(last.detail["after"]["folder"]).label).lower()
        values = {"at": moment_in_words(self._dialog.updated_at, now=self._now), "folder": folder}
        return (
            _(
                "Tjenesteeieren oppdaterte dialogen %(at)s. Da flyttet Altinn den fra "
                "%(folder)s og tilbake til innboksen."
            )
            % values
        )


def move(dialog: Dialog, act: Act, *, user: User, now: datetime, form: str) -> BulkJob:
    """Begin the moving; a worker asks Altinn, with the revision that we hold.

    Raises:
        NothingToDo: it lies there already.
    """
    return jobs.start(act, Selection("", (dialog.pk,)), {}, actor=user, now=now, form=form)
