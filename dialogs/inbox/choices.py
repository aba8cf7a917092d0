"""What the filters and the choice of a responsible colleague offer; one statement for all."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import CharField, F, Q, QuerySet, Value
from django.db.models.functions import Cast, Coalesce, Concat, NullIf, Trim

from clients.models import Client
from dialogs.inbox.filters import Filters
from dialogs.models import ServiceOwner
from staff.models import User

MOST_CLIENTS = 60  # more than these are asked for by name


@dataclass(frozen=True)
class Choice:
    value: str
    label: str


@dataclass
class Choices:
    clients: list[Choice] = field(default_factory=list)
    chosen_clients: list[Choice] = field(default_factory=list)
    owners: list[Choice] = field(default_factory=list)
    people: list[Choice] = field(default_factory=list)
    colleagues: list[Choice] = field(default_factory=list)  # who may take the dialog that is open
    has_clients: bool = False

    def client_name(self, key: int) -> str:
        return self._label(self.chosen_clients, str(key))

    def owner_name(self, code: str) -> str:
        return self._label(self.owners, code) or code

    def person_name(self, key: str) -> str:
        return self._label(self.people, key)

    @staticmethod
    def _label(choices: list[Choice], value: str) -> str:
        return next((one.label for one in choices if one.value == value), "")


def may_see(client_id: int) -> Q:
    """Return «this colleague may see the client», the other way round of visible_to()."""
    client = Client.objects.filter(pk=client_id)
    members = Client.members.through.objects.filter(client=client_id)
    return (
        Q(sees_all_clients=True)
        | Q(role__in=[User.Role.ADMIN, User.Role.MANAGER])
        | Q(pk__in=client.filter(responsible__isnull=False).values("responsible"))
        | Q(pk__in=members.values("user_id"))
        | Q(pk__in=_team_members(client))
    )


def colleagues_for(client_id: int) -> QuerySet[User]:
    """Return those who can be made responsible: they work here and may see the client."""
    return User.objects.filter(may_see(client_id), is_active=True)


def colleague_choices(client_id: int) -> list[Choice]:
    """Return the colleagues to choose among, by name."""
    named = colleagues_for(client_id).annotate(label=_person_name())
    return _sorted(Choice(str(pk), label) for pk, label in named.values_list("pk", "label"))


def choices_for(user: User, filters: Filters, *, open_client_id: int | None = None) -> Choices:
    """Return what this person's filter bar offers: only clients they may see.

    With a dialog open, also the colleagues who may see its client.
    """
    clients = Client.objects.visible_to(user).order_by("name")
    chosen = clients.filter(pk__in=filters.clients) if filters.clients else clients.none()
    owners = ServiceOwner.objects.annotate(label=Coalesce(_blank_is_null("name"), "code"))
    parts = [
        _as_rows("client", clients.annotate(label=F("name")).order_by("name"))[: MOST_CLIENTS + 1],
        _as_rows("chosen", chosen.annotate(label=F("name"))),
        _as_rows("owner", owners),
        _as_rows("person", User.objects.filter(is_active=True).annotate(label=_person_name())),
    ]
    if open_client_id is not None:
        colleagues = colleagues_for(open_client_id).annotate(label=_person_name())
        parts.append(_as_rows("colleague", colleagues.order_by()))
    found: dict[str, list[Choice]] = {}
    for kind, value, label in parts[0].union(*parts[1:], all=True):
        found.setdefault(kind, []).append(Choice(value, label))
    of = {kind: _sorted(choices) for kind, choices in found.items()}
    all_clients = of.get("client", [])
    return Choices(
        clients=all_clients if len(all_clients) <= MOST_CLIENTS else [],
        chosen_clients=of.get("chosen", []),
        owners=of.get("owner", []),
        people=of.get("person", []),
        colleagues=of.get("colleague", []),
        has_clients=bool(all_clients),
    )


def _sorted(choices: Iterable[Choice]) -> list[Choice]:
    return sorted(choices, key=lambda choice: choice.label.casefold())


def _as_rows(kind: str, rows: QuerySet[Any]) -> QuerySet[Any, Any]:
    named: QuerySet[Any, Any] = rows.annotate(
        kind=Value(kind, CharField()), value=Cast("pk", CharField())
    ).values_list("kind", "value", "label")
    return named


def _person_name() -> Coalesce:
    full = Trim(Concat("first_name", Value(" "), "last_name"))
    return Coalesce(NullIf(full, Value("")), "email", output_field=CharField())


def _blank_is_null(name: str) -> NullIf:
    return NullIf(name, Value(""))


def _team_members(client: QuerySet[Client]) -> QuerySet[Any, Any]:
    teams = client.filter(team__isnull=False).values("team")
    return User.teams.through.objects.filter(team__in=teams).values("user_id")
