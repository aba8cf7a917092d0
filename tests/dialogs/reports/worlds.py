"""Random firms, and what a report should say of them, worked out dialog by dialog in Python."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median_low
from typing import Any
from uuid import uuid4

from django.http import QueryDict
from django.utils import timezone
from hypothesis import strategies as st

from clients.models import Access, Category, CategoryService, Client, Party, SystemUser
from dialogs.inbox import listing
from dialogs.inbox.filters import Filters
from dialogs.inbox.listing import Scope
from dialogs.inbox.sight import Sight
from dialogs.models import Dialog, PinRule, Service, ServiceOwner
from staff.models import Team, User

OWNERS = ("skd", "nav", "brg")
STATUSES = ("RequiresAttention", "InProgress", "NotApplicable", "Awaiting", "Completed")

EDGES = (-92, -91, -90, -31, -30, -8, -7, -1, 0, 1, 6, 7)

# Of one dialog: client, colleague, owner, days until it is due, how it stands, ages in days.
dialogs = st.lists(
    st.tuples(
        st.integers(0, 4),
        st.integers(0, 2),
        st.integers(0, 2),
        st.none() | st.sampled_from(EDGES) | st.integers(-120, 20),
        st.sampled_from(["open", "open", "open", "done", "snoozed", "filed", "gone", "pinned"]),
        st.sampled_from(STATUSES),
        st.integers(0, 100) | st.just(450),  # and one older than the days that are known
        st.sampled_from([0, 26, 27, 28, 29]) | st.integers(0, 90),
    ),
    min_size=5,
    max_size=25,
)


# Who alone reads what an owner sends to a client: by (client, owner), the colleague or nobody.
kept = st.dictionaries(
    st.tuples(st.integers(0, 4), st.integers(0, 2)), st.integers(0, 2), min_size=2, max_size=8
)


@dataclass(frozen=True)
class World:
    people: list[User | None]
    clients: list[Client]


def firm(kari: User, ola: User, now: datetime) -> World:
    """Five clients: of two teams and of none, and one that nobody answers for."""
    teams = [Team.objects.create(name="Østfold"), Team.objects.create(name="Bergen"), None]
    leads = [kari, kari, ola, None, kari]
    clients = [
        Client.objects.create(
            name=f"{letter} AS",
            orgnr=f"{810000000 + number}",
            added_at=now,
            team=teams[number % 3],
            responsible=leads[number],
        )
        for number, letter in enumerate("ÅØABC")
    ]
    for code in OWNERS:
        owner, _ = ServiceOwner.objects.get_or_create(code=code, defaults={"name": code.upper()})
        Service.objects.create(urn=f"urn:altinn:resource:{code}-y", owner=owner, name=code)
    return World([None, kari, ola], clients)


def fill(world: World, drawn: Iterable[tuple[Any, ...]], reader: SystemUser, now: datetime) -> None:
    rule, _ = PinRule.objects.get_or_create(why="Tvangsmulkt")
    services = {one.owner_id: one for one in Service.objects.filter(urn__endswith="-y")}
    accesses = [_access(client, reader, now) for client in world.clients]
    made = []
    for client, person, owner, due_in, state, status, quiet_days, done_days in drawn:
        service = services[OWNERS[owner]]
        changed_at = now - timedelta(days=quiet_days, hours=quiet_days % 7)
        binds = due_in is not None and status not in {"Awaiting", "Completed"}
        due_at = None if due_in is None else now + timedelta(days=due_in, hours=due_in % 5)
        made.append(
            Dialog(
                id=uuid4(),
                client=world.clients[client],
                party_id=accesses[client].party_id,
                access=accesses[client],
                service=service,
                owner_id=service.owner_id,
                status=status,
                altinn_folder="ARCHIVE" if state == "filed" else "INBOX",
                gone_at=now if state == "gone" else None,
                done_at=now - timedelta(days=done_days) if state == "done" else None,
                snoozed_until_on=date(2099, 1, 1) if state == "snoozed" else None,
                pin=rule if state == "pinned" else None,
                responsible=world.people[person],
                is_sent=False,
                is_unread=False,
                has_unopened_content=False,
                attachment_count=0,
                created_at=changed_at - timedelta(days=done_days % 9),
                updated_at=changed_at,
                content_updated_at=changed_at,
                due_at=due_at,
                binding_at=due_at if binds else None,
                read_at=now,
                received_digest=uuid4(),
                first_seen_at=now,
            )
        )
    Dialog.objects.bulk_create(made)


def keep(world: World, drawn: Mapping[tuple[int, int], int]) -> None:
    """Restrict what some owners send to some clients, before any of it comes."""
    categories = []
    for code in OWNERS:
        category, _ = Category.objects.get_or_create(name=code)
        CategoryService.objects.get_or_create(
            pattern=f"urn:altinn:resource:{code}-y", defaults={"category": category}
        )
        categories.append(category)
    for (client, owner), person in drawn.items():
        reader = world.people[person]
        restriction = world.clients[client].category_restrictions.create(category=categories[owner])
        restriction.readers.set([reader] if reader else [])


def firm_that_keeps(
    kept: Mapping[tuple[int, int], int],
    drawn: Iterable[tuple[Any, ...]],
    *,
    kari: User,
    ola: User,
    reader: SystemUser,
    now: datetime,
) -> World:
    """The firm with its dialogs, some of which only a few may read."""
    world = firm(kari, ola, now)
    keep(world, kept)
    fill(world, drawn, reader, now)
    return world


def readable(
    user: User, world: World, drawn: Mapping[tuple[int, int], int], dialogs: Iterable[Dialog]
) -> list[Dialog]:
    """Return what somebody may read, worked out from who was to read what and not from the rows."""
    readers = {
        (world.clients[client].pk, OWNERS[owner]): world.people[person]
        for (client, owner), person in drawn.items()
    }
    return [one for one in dialogs if readers.get((one.client_id, one.owner_id), user) == user]


def _access(client: Client, reader: SystemUser, now: datetime) -> Access:
    urn = f"urn:altinn:organization:identifier-no:{client.orgnr}"
    party = Party.objects.create(urn=urn, client=client, kind=Party.Kind.MAIN, name=client.name)
    return Access.objects.create(system_user=reader, party=party, found_at=now, loaded_at=now)


def reckoned(
    dialogs: Iterable[Dialog], key: Callable[[Dialog], Any], *, now: datetime
) -> dict[str, tuple[Any, ...]]:
    """Work the figures out from the rows: open, late, soon, the oldest, finished, the median."""
    today = timezone.localdate(now)
    groups: dict[str, list[Dialog]] = {}
    for dialog in dialogs:
        groups.setdefault(str(key(dialog) or ""), []).append(dialog)
    return {name: _figures(rows, today) for name, rows in groups.items()}


def _figures(rows: list[Dialog], today: date) -> tuple[Any, ...]:
    still = [one for one in rows if one.folder == "INBOX"]
    due = [timezone.localdate(one.deadline_at) for one in still if one.deadline_at]
    late = [day for day in due if day < today]
    soon = [day for day in due if today <= day < today + timedelta(days=7)]
    finished = [
        max(0, (timezone.localdate(one.done_at) - timezone.localdate(one.content_updated_at)).days)
        for one in rows
        if one.done_at and timezone.localdate(one.done_at) > today - timedelta(days=28)
    ]
    median = median_low(finished) if finished else None
    oldest = min(late) if late else None
    return len(still), len(late), len(soon), oldest, len(finished), median


def listed(user: User, href: str, *, now: datetime) -> list[Dialog]:
    """Return what somebody finds in the list that an address leads to."""
    filters = Filters.read(QueryDict(href.partition("?")[2]))
    assert filters.complaints == ()
    found = listing.find(Scope.of(Sight(user), filters, now=now), size=1000, count=True)
    assert found.hits is not None
    assert found.hits.total == len(found.ids)
    return list(Dialog.objects.filter(pk__in=found.ids))
