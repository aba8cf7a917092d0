"""What is not said outside the portal: titles of sensitive mail, and who a private client is.

A mail lies in other people's systems, and shows on a locked phone. Sensitive is what Nav sends,
and the services of the categories that not everybody at the firm should read, whoever may.
"""

from typing import Self

from django.conf import settings
from django.utils.translation import gettext as _

from clients.models import CategoryService, Client
from dialogs.models import Dialog

NAV = "nav"


class Masks:
    """Asked for once for each message. Needs dialogs with client, copy, owner and service."""

    def __init__(self, patterns: list[str], *, is_off: bool) -> None:
        self._whole = {one for one in patterns if not one.endswith("*")}
        self._beginnings = tuple(one.rstrip("*") for one in patterns if one.endswith("*"))
        self._is_off = is_off

    @classmethod
    def read(cls) -> Self:
        patterns = list(CategoryService.objects.values_list("pattern", flat=True))
        return cls(patterns, is_off=settings.NOTICES_NAME_SENSITIVE)

    def is_sensitive(self, dialog: Dialog) -> bool:
        """Tell whether only the portal may say what a dialog is about."""
        if self._is_off:
            return False
        urn = dialog.service.urn
        is_listed = urn in self._whole or urn.startswith(self._beginnings)
        return dialog.owner_id == NAV or is_listed

    def title_of(self, dialog: Dialog) -> str:
        if self.is_sensitive(dialog):
            return _("Tittelen vises bare i portalen")
        return " ".join(dialog.copy.title.split()) or _("Uten tittel")

    def client_of(self, client: Client) -> str:
        """A private person is not named either: that they are a client is their own affair."""
        is_person = client.orgnr is None and not self._is_off
        return _("en privatperson") if is_person else " ".join(client.name.split())
