"""What has been done with a client and its dialogs, in words, newest first."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clients.keeping.categories import CHANGED as CATEGORIES_CHANGED
from clients.keeping.register import REGISTER_CHANGED, UNIT_ADDED, UNIT_ENDED, UNIT_LEFT
from dialogs.exporting.acts import REPORTED
from dialogs.home.hand_over import AREAS_CHANGED, CLIENT_CHANGED
from dialogs.inbox.sight import Sight
from dialogs.models import DialogCopy
from dialogs.work import history
from staff.models import AuditEntry, Team, User

PAGE_SIZE = 50

# The newest lines of each dialog, found by index, and of them the newest.
_NEWEST = """
SELECT line.id FROM (
  SELECT 'client ' || %(client)s::text AS about
  UNION ALL SELECT 'dialog ' || id FROM dialogs_dialog WHERE client_id = %(client)s {reads}) thing
CROSS JOIN LATERAL (
  SELECT id FROM staff_auditentry
  WHERE about = thing.about AND id < %(before)s ORDER BY id DESC LIMIT %(size)s) line
ORDER BY line.id DESC LIMIT %(size)s
"""
_OF_CLIENT_ALONE = """
SELECT id FROM staff_auditentry
WHERE about = 'client ' || %(client)s::text AND id < %(before)s ORDER BY id DESC LIMIT %(size)s
"""
_LATEST = 2**62

_OF_CLIENT: dict[str, Promise] = {
    "client added": gettext_lazy("%(who)s registrerte klienten."),
    "client archived": gettext_lazy("%(who)s arkiverte klienten."),
    "client brought back": gettext_lazy("%(who)s hentet klienten tilbake."),
    REPORTED: gettext_lazy("%(who)s laget en rapport til klienten."),
    "client diagnosed": gettext_lazy("%(who)s kjørte en diagnose av tilgangen."),
}
_OF_UNIT: dict[str, Promise] = {
    UNIT_ADDED: gettext_lazy("Underenheten «%(unit)s» hører nå til klienten."),
    UNIT_LEFT: gettext_lazy("Underenheten «%(unit)s» hører ikke lenger til klienten."),
    UNIT_ENDED: gettext_lazy("Underenheten «%(unit)s» er slettet i Enhetsregisteret."),
}
# What the register says, and what it said no more.
_REGISTER = {
    "is_bankrupt": (gettext_lazy("konkurs"), gettext_lazy("ikke lenger konkurs")),
    "is_dissolving": (gettext_lazy("under avvikling"), gettext_lazy("ikke lenger under avvikling")),
    "is_deleted": (gettext_lazy("slettet"), gettext_lazy("ikke lenger slettet")),
    "vat_registered": (gettext_lazy("mva-registrert"), gettext_lazy("ikke lenger mva-registrert")),
    "role_held": (
        gettext_lazy("vi er regnskapsfører"),
        gettext_lazy("vi er ikke lenger regnskapsfører"),
    ),
}
_FIELDS = {
    "name": gettext_lazy("navn"),
    "responsible": gettext_lazy("klientansvarlig"),
    "substitute": gettext_lazy("stedfortreder"),
    "team": gettext_lazy("team"),
    "members": gettext_lazy("medarbeidere"),
    "is_firm": gettext_lazy("merket for eget firma"),
}


SENTENCES: dict[str, Promise] = {
    **_OF_CLIENT,
    **_OF_UNIT,
    CLIENT_CHANGED: gettext_lazy("%(who)s endret klienten."),
    AREAS_CHANGED: gettext_lazy("%(who)s endret fagansvar."),
    CATEGORIES_CHANGED: gettext_lazy("%(who)s endret hvem som kan lese en kategori."),
    REGISTER_CHANGED: gettext_lazy("Enhetsregisteret endret noe om klienten."),
}
ACTS = set(SENTENCES)


@dataclass(frozen=True)
class Line:
    """One thing that was done."""

    entry: AuditEntry
    text: str
    dialog_id: UUID | None
    title: str

    @property
    def receipt(self) -> int | None:
        """The receipt of what was done at a service owner."""
        found: int | None = (self.entry.detail.get("after") or {}).get("receipt")
        return found

    @property
    def comment(self) -> str:
        return str(self.entry.detail.get("comment", ""))


def log_of(
    client_id: int,
    sight: Sight,
    *,
    before: int | None,
    today: date,
    only_client: bool = False,
) -> tuple[list[Line], int | None]:
    """Return some lines that somebody may read, and where the older ones begin, if there are any.

    With `only_client`: what became of the client itself, without its dialogs.
    """
    values = {"client": client_id, "before": before or _LATEST, "size": PAGE_SIZE + 1}
    with connection.cursor() as cursor:
        newest = _NEWEST.format(reads=sight.reads("restriction_id"))
        cursor.execute(_OF_CLIENT_ALONE if only_client else newest, values)
        keys = [pk for (pk,) in cursor.fetchall()]
    shown = keys[:PAGE_SIZE]
    entries = list(AuditEntry.objects.filter(pk__in=shown).order_by("-pk"))
    older = shown[-1] if len(keys) > PAGE_SIZE else None
    return _lines(entries, today=today), older


def _lines(entries: list[AuditEntry], *, today: date) -> list[Line]:
    dialogs = {
        entry.pk: UUID(entry.about.removeprefix("dialog "))
        for entry in entries
        if entry.about.startswith("dialog ")
    }
    titles = dict(DialogCopy.objects.filter(pk__in=dialogs.values()).values_list("pk", "title"))
    words = Words(today)
    return [
        Line(entry, words.of(entry), dialog_id, titles.get(dialog_id, "") if dialog_id else "")
        for entry, dialog_id in ((entry, dialogs.get(entry.pk)) for entry in entries)
    ]


class Words:
    """Turns entries into sentences; the names of colleagues and teams are fetched once."""

    def __init__(self, today: date) -> None:
        self._today = today
        self._people = {user.pk: user.name for user in User.objects.all()}
        self._teams = dict(Team.objects.values_list("pk", "name"))

    def of(self, entry: AuditEntry) -> str:
        detail: dict[str, Any] = entry.detail
        ways: dict[str, Callable[[str, dict[str, Any]], str]] = {
            CLIENT_CHANGED: self._client,
            AREAS_CHANGED: self._areas,
            CATEGORIES_CHANGED: self._categories,
            REGISTER_CHANGED: self._register,
        }
        who = self.name(entry.actor_id) if entry.actor_id else _("Portalen")
        if entry.act in ways:
            return ways[entry.act](who, detail)
        if entry.act in _OF_UNIT:
            return str(_OF_UNIT[entry.act]) % {"unit": detail.get("unit", "")}
        if entry.act in _OF_CLIENT:
            return str(_OF_CLIENT[entry.act]) % {"who": who}
        return history.tell(
            entry.act,
            actor_id=entry.actor_id,
            after=detail.get("after") or {},
            name_of=self.name,
            today=self._today,
        )

    def name(self, pk: int) -> str:
        return self._people.get(pk, _("ukjent"))

    def _person(self, pk: int | None) -> str:
        return self.name(pk) if pk else _("ingen")

    def _client(self, who: str, detail: dict[str, Any]) -> str:
        if "member_added" in detail:
            words = {"who": who, "name": self._person(detail["member_added"])}
            return _("%(who)s gjorde %(name)s til medarbeider.") % words
        parts = [self._field(name, *values) for name, values in detail.items() if name in _FIELDS]
        return _("%(who)s endret %(what)s.") % {"who": who, "what": "; ".join(parts)}

    def _field(self, name: str, before: Any, after: Any) -> str:
        label = str(_FIELDS[name])
        if name == "is_firm":
            return label
        change = {"label": label, "before": self._value(name, before)}
        change["after"] = self._value(name, after)
        return _("%(label)s fra %(before)s til %(after)s") % change

    def _value(self, name: str, value: Any) -> str:
        if name == "members":
            return ", ".join(map(self._person, value)) or _("ingen")
        if name == "team":
            return self._teams.get(value, _("ukjent")) if value else _("ingen")
        return f"«{value}»" if name == "name" else self._person(value)

    def _areas(self, who: str, detail: dict[str, Any]) -> str:
        parts = (
            _("%(label)s fra %(before)s til %(after)s")
            % {"label": area, "before": self._person(before), "after": self._person(after)}
            for area, (before, after) in detail.get("areas", {}).items()
        )
        return _("%(who)s endret fagansvar: %(what)s.") % {"who": who, "what": "; ".join(parts)}

    def _categories(self, who: str, detail: dict[str, Any]) -> str:
        parts = (
            _("%(label)s fra %(before)s til %(after)s")
            % {"label": name, "before": self._readers(before), "after": self._readers(after)}
            for name, (before, after) in detail.get("categories", {}).items()
        )
        words = {"who": who, "what": "; ".join(parts)}
        return _("%(who)s endret hvem som kan lese: %(what)s.") % words

    def _readers(self, people: list[int] | None) -> str:
        if people is None:
            return _("alle som ser klienten")
        return ", ".join(map(self._person, people)) or _("ingen")

    def _register(self, _who: str, detail: dict[str, Any]) -> str:
        parts = [str(says[not detail[key][1]]) for key, says in _REGISTER.items() if key in detail]
        for key, label in (("name", _("navn")), ("form", _("organisasjonsform"))):
            if key in detail:
                before, after = detail[key]
                words = {"label": label, "before": f"«{before}»", "after": f"«{after}»"}
                parts.append(_("%(label)s fra %(before)s til %(after)s") % words)
        return _("Enhetsregisteret sier: %(what)s.") % {"what": "; ".join(parts)}
