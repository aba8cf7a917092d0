"""What the filters offer, and who can be made responsible. Asked for when somebody chooses."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import CharField, F, Q, QuerySet, Value
from django.db.models.functions import Cast, Coalesce, Concat, NullIf, Trim
from django.utils import timezone

from clients.masking import masked_names
from clients.models import CategoryRestriction, Client
from dialogs.inbox.filters import Filters
from dialogs.inbox.norwegian import sort_key
from dialogs.models import Dialog, Service, ServiceOwner
from staff.models import Absence, Team, User
from staff.rules import sees_every_client, workers

MOST_CLIENTS = 60  # more than these are asked for by name


@dataclass(frozen=True)
class Choice:
    value: str
    label: str


def may_see(client_id: int) -> Q:
    """Return «this colleague may see the client», the other way round of visible_to()."""
    client = Client.objects.filter(pk=client_id)
    members = Client.members.through.objects.filter(client=client_id)
    return (
        sees_every_client()
        | Q(pk__in=client.filter(responsible__isnull=False).values("responsible"))
        | Q(pk__in=members.values("user_id"))
        | Q(pk__in=_team_members(client))
        | Q(pk__in=client.values("area_responsibles__user"))
        | Q(pk__in=_substitutes(client))
    )


def may_read(dialog: Dialog) -> Q:
    """Return «this colleague may read the dialog», the other way round of visible_to()."""
    if dialog.restriction_id is None:
        return may_see(dialog.client_id)
    readers = CategoryRestriction.readers.through.objects.filter(
        categoryrestriction=dialog.restriction_id
    )
    return may_see(dialog.client_id) & Q(pk__in=readers.values("user"))


def may_know(place: Client | Dialog) -> Q:
    """Return «this colleague may see the client», or read the dialog."""
    return may_read(place) if isinstance(place, Dialog) else may_see(place.pk)


def readers_for(place: Client | Dialog) -> QuerySet[User]:
    """Return those who can be told of something: they work here and may see the client, or read
    the dialog."""
    return User.objects.filter(may_know(place), is_active=True)


def colleagues_for(place: Client | Dialog) -> QuerySet[User]:
    """Return those who can be made responsible: they may see or read it, and do work on it."""
    return workers().filter(may_know(place))


def client_choices(user: User, filters: Filters) -> list[Choice]:
    """Return every client if they are few enough to choose among; else those chosen."""
    clients = Client.objects.visible_to(user).active().annotate(label=F("name"))
    found = list(clients.order_by("name").values_list("pk", "label")[: MOST_CLIENTS + 1])
    if len(found) > MOST_CLIENTS:
        found = list(clients.filter(pk__in=filters.clients).values_list("pk", "label"))
    masked = masked_names((pk for pk, _name in found), user=user)
    return _choices((pk, masked.get(pk, name)) for pk, name in found)


def owner_choices() -> list[Choice]:
    return _choices(_owners(ServiceOwner.objects.all()))


def service_choices() -> list[Choice]:
    return _choices(_services(Service.objects.all()))


def person_choices() -> list[Choice]:
    return _choices(_people(User.objects.filter(is_active=True)))


def team_choices() -> list[Choice]:
    return _choices(Team.objects.values_list("pk", "name"))


def names_in(user: User, filters: Filters) -> dict[tuple[str, str], str]:
    """Return what the keys in the filters are called, by (kind, key); one statement or none."""
    people = {key for key in (filters.responsible, filters.client_responsible) if key.isdigit()}
    parts: list[QuerySet[Any, Any]] = []
    if filters.clients:
        clients = Client.objects.visible_to(user).filter(pk__in=filters.clients)
        parts.append(_named("client", clients.annotate(label=F("name"))))
    if filters.owners:
        owners = ServiceOwner.objects.filter(pk__in=filters.owners)
        parts.append(_named("owner", owners.annotate(label=_owner_name())))
    if filters.services:
        services = Service.objects.filter(pk__in=filters.services)
        parts.append(_named("service", services.annotate(label=_service_name())))
    if filters.teams:
        teams = Team.objects.filter(pk__in=filters.teams)
        parts.append(_named("team", teams.annotate(label=F("name"))))
    if people:
        chosen = User.objects.filter(pk__in=people).annotate(label=_person_name())
        parts.append(_named("person", chosen))
    if not parts:
        return {}
    rows = parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]
    return {(kind, value): label for kind, value, label in rows}


def _choices(found: Iterable[tuple[Any, str]]) -> list[Choice]:
    choices = [Choice(str(value), label) for value, label in found]
    return sorted(choices, key=lambda choice: sort_key(choice.label))


def _named(kind: str, rows: QuerySet[Any]) -> QuerySet[Any, Any]:
    named: QuerySet[Any, Any] = rows.annotate(
        kind=Value(kind, CharField()), value=Cast("pk", CharField())
    )
    return named.order_by().values_list("kind", "value", "label")


def _people(users: QuerySet[User]) -> Iterable[tuple[Any, str]]:
    return users.annotate(label=_person_name()).order_by().values_list("pk", "label")


def _owners(owners: QuerySet[ServiceOwner]) -> Iterable[tuple[Any, str]]:
    return owners.annotate(label=_owner_name()).values_list("pk", "label")


def _services(services: QuerySet[Service]) -> Iterable[tuple[Any, str]]:
    return services.annotate(label=_service_name()).values_list("pk", "label")


def _person_name() -> Coalesce:
    full = Trim(Concat("first_name", Value(" "), "last_name"))
    return Coalesce(NullIf(full, Value("")), "email", output_field=CharField())


def _owner_name() -> Coalesce:
    return Coalesce(NullIf("name", Value("")), "code", output_field=CharField())


def _service_name() -> Coalesce:
    return Coalesce(NullIf("name", Value("")), "urn", output_field=CharField())


def _substitutes(client: QuerySet[Client]) -> QuerySet[Any, Any]:
    away = Absence.objects.on(timezone.localdate())
    return away.filter(user__in=client.values("responsible")).values("substitute")


def _team_members(client: QuerySet[Client]) -> QuerySet[Any, Any]:
    teams = client.filter(team__isnull=False).values("team")
    return User.teams.through.objects.filter(team__in=teams).values("user_id")
