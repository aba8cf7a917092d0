"""Entries of the audit log as they are read: a sentence, whose client, and where it leads."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.utils.translation import gettext as _

from clients.masking import mask
from clients.models import Client
from dialogs.audit.words import Teller
from dialogs.models import Dialog
from staff.models import AuditEntry, User


@dataclass(frozen=True)
class Line:
    entry: AuditEntry
    who: str
    text: str
    client: str  # as this person is shown it
    is_client_seen: bool
    dialog_id: UUID | None  # only of a dialog they may open

    @property
    def address(self) -> str:
        """Where somebody who logged in came from, or the page that was refused."""
        detail = self.entry.detail
        return str(detail.get("path") or detail.get("address") or "")


def lines_of(entries: Sequence[AuditEntry], *, user: User, today: date) -> list[Line]:
    """Put entries in words. Titles of dialogs are never among them."""
    teller = Teller(today=today)
    keys = {one.client_id for one in entries if one.client_id}
    clients = {one.pk: one for one in Client.objects.filter(pk__in=keys)}
    mask(clients.values(), user=user)
    seen = set(Client.objects.visible_to(user).filter(pk__in=keys).values_list("pk", flat=True))
    dialogs = {one.pk: dialog for one in entries if (dialog := _dialog_of(one))}
    open_to = Dialog.objects.visible_to(user).filter(pk__in=dialogs.values())
    may_open = set(open_to.values_list("pk", flat=True))
    found = []
    for one in entries:
        client, dialog_id = clients.get(one.client_id or 0), dialogs.get(one.pk)
        name = client.name if client else (_("Slettet klient") if one.client_id else "")
        found.append(
            Line(
                one,
                teller.who(one),
                teller.tell(one),
                name,
                one.client_id in seen,
                dialog_id if dialog_id in may_open else None,
            )
        )
    return found


def _dialog_of(entry: AuditEntry) -> UUID | None:
    _rest, is_dialog, key = entry.about.rpartition("dialog ")
    if not is_dialog:
        return None
    try:
        return UUID(key)
    except ValueError:
        return None
