"""What the command menu finds: clients, dialogs and saved searches that its reader may see.

Where to go and what to do with a dialog is in the page already; the browser adds those.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import BooleanField, ExpressionWrapper, Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from clients.models import Client
from dialogs.inbox import listed, listing
from dialogs.inbox.filters import Filters
from dialogs.inbox.frame import frame_of
from dialogs.inbox.listing import Scope
from dialogs.inbox.norwegian import sort_key
from dialogs.inbox.rows import Row, spaced
from dialogs.inbox.search import Search, clients_named
from dialogs.models import Dialog
from dialogs.searches import queries
from dialogs.searches.menu import opened, searches_of
from dialogs.searches.ready import READY
from staff.rules import may_work

MOST_OF_A_KIND = 8
SHORTEST = 2


@dataclass(frozen=True)
class Command:
    label: str
    href: str
    detail: str = ""


@dataclass(frozen=True)
class Section:
    label: str
    commands: list[Command]


class Commands:
    def __init__(self, request: HttpRequest, words: str, *, now: datetime) -> None:
        self._request = request
        self._sight = frame_of(request).sight
        self._now = now
        self.search = Search(words)
        self.is_too_broad = False

    def sections(self) -> list[Section]:
        found = [
            Section(_("Klienter"), self._clients()),
            Section(_("Dialoger"), self._dialogs()),
            Section(_("Lagrede søk"), [one for one in self._saved() if self._fits(one)]),
            Section(_("Innstillinger"), [one for one in self._settings() if self._fits(one)]),
        ]
        return [section for section in found if section.commands]

    def _clients(self) -> list[Command]:
        words = self.search.words
        if len(words) < SHORTEST:
            return []
        visible = Client.objects.visible_to(self._sight.user).active()
        begins = ExpressionWrapper(Q(name__istartswith=words), BooleanField())
        masked = Client.objects.all().masked_for(self._sight.user).values("pk")
        found = visible.filter(clients_named(words)).exclude(pk__in=masked)
        found = found.order_by(begins.desc(), "name", "pk")
        rows = found.values_list("pk", "name", "orgnr")[:MOST_OF_A_KIND]
        return [
            Command(name, reverse("dialogs:client", args=[pk]), spaced(orgnr))
            for pk, name, orgnr in rows
        ]

    def _dialogs(self) -> list[Command]:
        if len(self.search.words) < SHORTEST:
            return []
        filters = Filters(words=self.search.words, folder="alle")
        scope = Scope.of(self._sight, filters, now=self._now)
        found = listing.find(scope, size=MOST_OF_A_KIND, count=False)
        self.is_too_broad = found.too_broad
        today = timezone.localdate(self._now)
        by_key = listed.fetch(found.ids, sight=self._sight, today=today)
        rows = [Row(by_key[pk], self._now) for pk in found.ids if pk in by_key]
        return [self._dialog(row) for row in rows]

    def _dialog(self, row: Row) -> Command:
        folder = "" if row.listed.folder == Dialog.Folder.INBOX else row.other_folder
        about = [row.client, row.sender, folder]
        return Command(row.title, row.href, " · ".join(filter(None, about)))

    def _saved(self) -> Iterator[Command]:
        for one in searches_of(self._request).offered:
            owner = "" if one.owner_id == self._sight.user.pk else one.owner.name
            yield Command(one.name, queries.address(opened(one)), owner)
        for ready in READY:
            yield Command(str(ready.name), queries.address(ready.filters))

    def _settings(self) -> Iterator[Command]:
        yield Command(_("Profil"), reverse("dialogs:profile"), _("enkelttaster, tetthet, språk"))
        yield Command(_("Rediger lagrede søk"), reverse("dialogs:saved-searches"))
        if may_work(self._sight.user):
            yield Command(_("Fravær"), reverse("dialogs:absences"))

    def _fits(self, command: Command) -> bool:
        """Tell whether every word begins one of the command's own."""
        own = sort_key(f"{command.label} {command.detail}").split()
        wanted = sort_key(self.search.words).split()
        return all(any(word.startswith(part) for word in own) for part in wanted)
