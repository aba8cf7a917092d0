"""What the authority has changed since somebody here was done with a dialog."""

from collections.abc import Iterator
from datetime import datetime

from django.utils.translation import gettext as _

from dialogs.inbox.deadlines import long_deadline
from dialogs.models import Dialog
from dialogs.work.facts import AsFinished


def changes_since(finished: AsFinished, dialog: Dialog) -> list[str]:
    """Say each difference; what is now, and what it was."""
    return list(_differences(finished, dialog)) or [_("Innholdet er oppdatert.")]


def _differences(was: AsFinished, dialog: Dialog) -> Iterator[str]:
    if was.status != dialog.status:
        now_and_then = {"now": _status(dialog.status), "then": _status(was.status)}
        yield _("Status: %(now)s (var %(then)s)") % now_and_then
    if was.due_at != dialog.due_at:
        now_and_then = {"now": _deadline(dialog.due_at), "then": _deadline(was.due_at)}
        yield _("Frist: %(now)s (var %(then)s)") % now_and_then
    if was.title != dialog.copy.title:
        yield _("Ny tittel. Den var «%(then)s».") % {"then": was.title}
    if was.summary != dialog.copy.summary:
        yield _("Sammendraget er endret.")
    if was.attachment_count != dialog.attachment_count:
        counts = {"now": dialog.attachment_count, "then": was.attachment_count}
        yield _("Vedlegg: %(now)s (var %(then)s)") % counts


def _status(status: str) -> str:
    return str(dict(Dialog.Status.choices).get(status, status))


def _deadline(at: datetime | None) -> str:
    return long_deadline(at) if at else _("ingen frist")
