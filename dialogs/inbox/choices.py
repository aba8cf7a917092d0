"""What the filters and the choice of a responsible colleague offer; one statement for all."""

from dataclasses import dataclass, field
from typing import Any

from django.db.models import CharField, F, Q, QuerySet, Value
from django.db.models.functions import Cast, Coalesce, Concat, NullIf, Trim

from clients.models import Client
from dialogs.inbox.filters import Filters
from dialogs.models import ServiceOwner
from staff.models import User

MOST_CLIENTS = 200  # more than these are asked for by name


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
    return User.objects.filter(may_see(client_id), is_active=True).order_by(
        "first_name", "last_name", "email"
    )


def choices_for(user: User, filters: Filters) -> Choices:
    """Return what this person's filter bar offers: only clients they may see."""
    clients = Client.objects.visible_to(user).order_by("name")
    chosen = clients.filter(pk__in=filters.clients) if filters.clients else clients.none()
    owners = ServiceOwner.objects.annotate(label=Coalesce(_blank_is_null("name"), "code"))
    parts = [
        _as_rows("client", clients.annotate(label=F("name")).order_by("name"))[: MOST_CLIENTS + 1],
        _as_rows("chosen", chosen.annotate(label=F("name"))),
        _as_rows("owner", owners),
        _as_rows("person", User.objects.filter(is_active=True).annotate(label=_person_name())),
    ]
    found: dict[str, list[Choice]] = {"client": [], "chosen": [], "owner": [], "person": []}
    for kind, value, label in parts[0].union(*parts[1:], all=True):
        found[kind].append(Choice(value, label))
    for choices in found.values():
        choices.sort(key=lambda choice: choice.label.casefold())
    all_clients = found["client"]
    return Choices(
        clients=all_clients if len(all_clients) <= MOST_CLIENTS else [],
        chosen_clients=found["chosen"],
        owners=found["owner"],
        people=found["person"],
        has_clients=bool(all_clients),
    )


def _as_rows(kind: str, rows: QuerySet[Any]) -> QuerySet[Any, Any]:
    return rows.annotate(kind=Value(kind, CharField()), value=Cast("pk", CharField())).values_list(
        "kind", "value", "label"
    )


def _person_name() -> Coalesce:
    full = Trim(Concat("first_name", Value(" "), "last_name"))
    return Coalesce(NullIf(full, Value("")), "email", output_field=CharField())


def _blank_is_null(name: str) -> NullIf:
    return NullIf(name, Value(""))


def _team_members(client: QuerySet[Client]) -> QuerySet[Any, Any]:
    teams = client.filter(team__isnull=False).values("team")
    return User.teams.through.objects.filter(team__in=teams).values("user_id")
