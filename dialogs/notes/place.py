"""Where notes stand, and who may see, change and manage them."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _

from clients.models import Client
from dialogs.models import Dialog, Note, Service
from staff.models import User
from staff.rules import may_manage, may_work

NOT_SHOWN = ("copy__received", "copy__search")  # large, and nothing here needs them


@dataclass(frozen=True)
class Place:
    """What a note is about: a dialog, or else a client."""

    client: Client
    dialog: Dialog | None = None

    @property
    def fields(self) -> dict[str, Any]:
        return {"dialog": self.dialog} if self.dialog else {"client": self.client}

    @property
    def about(self) -> str:
        """What the audit log calls it."""
        return f"dialog {self.dialog.pk}" if self.dialog else f"client {self.client.pk}"

    @property
    def key(self) -> str:
        """What a draft is kept under."""
        return self.about.replace(" ", "-")

    @property
    def href(self) -> str:
        """The address of all its notes, and where new ones are sent."""
        if self.dialog:
            return reverse("dialogs:dialog-notes", args=[self.dialog.pk])
        return reverse("dialogs:client-notes", args=[self.client.pk])

    @property
    def colleagues_href(self) -> str:
        if self.dialog:
            return reverse("dialogs:dialog-colleagues", args=[self.dialog.pk])
        return reverse("dialogs:client-colleagues", args=[self.client.pk])

    @property
    def home(self) -> str:
        """The page where its notes are read among the rest."""
        if self.dialog:
            return reverse("dialogs:dialog", args=[self.dialog.pk])
        return reverse("dialogs:client-all-notes", args=[self.client.pk])

    @property
    def title(self) -> str:
        if not self.dialog:
            return self.client.name
        return self.dialog.copy.title or _("Uten tittel")


def place_of_dialog(user: User, dialog_id: UUID) -> Place:
    """Return the dialog's notes' place.

    Raises:
        Http404: there is no such dialog, or this person may not see it.
    """
    visible = Dialog.objects.visible_to(user).select_related("client", "copy")
    dialog = visible.defer(*NOT_SHOWN).filter(pk=dialog_id).first()
    if dialog is None:
        raise Http404(_("Fant ikke dialogen"))
    return Place(dialog.client, dialog)


def place_of_client(user: User, client_id: int) -> Place:
    """Return the client's notes' place.

    Raises:
        Http404: there is no such client, or this person may not see it.
    """
    client = Client.objects.visible_to(user).filter(pk=client_id).first()
    if client is None:
        raise Http404(_("Fant ikke klienten"))
    return Place(client)


def visible_notes(user: User) -> QuerySet[Note]:
    """Keep the notes on dialogs and clients this person may see, and every service's guide."""
    return Note.objects.filter(
        Q(dialog__in=Dialog.objects.visible_to(user))
        | Q(client__in=Client.objects.visible_to(user))
        | Q(service__isnull=False)
    )


def note_for(user: User, pk: int, *, deleted: bool = False) -> Note:
    """Return a note that this person may see.

    Raises:
        Http404: there is none.
    """
    notes = visible_notes(user).filter(pk=pk, deleted_at__isnull=not deleted)
    related = notes.select_related("author", "dialog__client", "dialog__copy", "client")
    note = related.defer(*(f"dialog__{name}" for name in NOT_SHOWN)).first()
    if note is None:
        raise Http404(_("Fant ikke notatet"))
    return note


def place_of(note: Note) -> Place:
    """Return where a note on a dialog or a client stands."""
    client = note.dialog.client if note.dialog else note.client
    if client is None:
        raise Http404(_("Fant ikke notatet"))
    return Place(client, note.dialog)


def service_for(pk: int) -> Service:
    """Return a service; everybody may read what the firm knows of it.

    Raises:
        Http404: there is none.
    """
    service = Service.objects.select_related("owner", "area").filter(pk=pk).first()
    if service is None:
        raise Http404(_("Fant ikke tjenesten"))
    return service


def may_edit(note: Note, user: User) -> bool:
    return note.author_id == user.pk and may_work(user)


def may_delete(note: Note, user: User) -> bool:
    return may_edit(note, user) or may_manage(user)
