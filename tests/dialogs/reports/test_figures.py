"""Every figure is what one finds by counting, and is as long as the list it leads to."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings

from clients.models import SystemUser
from dialogs import counters
from dialogs.inbox.filters import Filters
from dialogs.models import Dialog
from dialogs.reports.calendar import month_of
from dialogs.reports.flow import flow_of
from dialogs.reports.scope import By
from dialogs.reports.season import lines_of, terms_of
from dialogs.reports.standing import Clients, Standing, standing, tables
from staff.models import User
from tests.dialogs.reports import worlds

KEYS: dict[By, Callable[[Dialog], Any]] = {
    By.FIRM: lambda _one: "",
    By.TEAM: lambda one: one.client.team_id,
    By.RESPONSIBLE: lambda one: one.responsible_id,
    By.CLIENT: lambda one: one.client_id,
    By.OWNER: lambda one: one.owner_id,
}
any_world = settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@contextmanager
def undone() -> Iterator[None]:
    """Leave nothing behind: each random world is a new one."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def said(row: Standing) -> tuple[Any, ...]:
    return (
        *(row.open, row.overdue, row.due_in_7_days),
        *(row.oldest_on, row.finished, row.median_days),
    )


def has_any(figures: tuple[Any, ...]) -> bool:
    return any(figures[:3]) or bool(figures[4])


def every_dialog() -> list[Dialog]:
    return list(Dialog.objects.select_related("client"))


def check_lists(user: User, row: Standing, *, now: datetime) -> None:
    assert row.open == len(worlds.listed(user, row.href, now=now))
    late = worlds.listed(user, row.overdue_href, now=now)
    assert row.overdue == len(late)
    days = [timezone.localdate(one.deadline_at) for one in late if one.deadline_at]
    assert row.oldest_on == (min(days) if days else None)
    assert row.due_in_7_days == len(worlds.listed(user, row.soon_href, now=now))
    assert row.finished == len(worlds.listed(user, row.finished_href, now=now))


def check_tables(
    user: User, seen: list[Dialog], keys: Mapping[By, Callable[[Dialog], Any]], *, now: datetime
) -> None:
    """Hold every row against a count of what somebody sees, and against its lists."""
    found = tables(user, list(keys), now=now)
    for by, key in keys.items():
        expected = worlds.reckoned(seen, key, now=now)
        expected = {name: figures for name, figures in expected.items() if has_any(figures)}
        rows = {row.key: said(row) for row in found[by]}
        if by == By.FIRM:
            expected = expected or {"": (0, 0, 0, None, 0, None)}
        assert rows == expected
        for row in found[by]:
            check_lists(user, row, now=now)


def check_flow(user: User, seen: list[Dialog], *, now: datetime) -> None:
    flow = flow_of(user, now=now)
    for week in flow.weeks:
        days = [week.begins_on + timedelta(days=number) for number in range(7)]
        came = [one for one in seen if timezone.localdate(one.created_at) in days]
        done = [o for o in seen if o.done_at and timezone.localdate(o.done_at) in days]
        assert (week.came, week.done) == (len(came), len(done))
        assert week.came == len(worlds.listed(user, week.came_href, now=now))
        assert week.done == len(worlds.listed(user, week.done_href, now=now))
    assert flow.came.now == sum(week.came for week in flow.weeks[4:8])
    assert flow.done.before == sum(week.done for week in flow.weeks[:4])
    [whole] = standing(user, by=By.FIRM, now=now)
    assert sum(age.total for age in flow.ages) == whole.overdue
    for age in flow.ages:
        assert age.total == len(worlds.listed(user, age.href, now=now))


def check_month(user: User, seen: list[Dialog], *, now: datetime) -> None:
    """Hold a month's days and the terms of a service against their lists."""
    first = timezone.localdate(now).replace(day=1)
    service = Dialog.objects.values_list("service", flat=True).first() or 0
    weeks = month_of(user, Filters(), first, now=now)
    terms = terms_of("maned", today=timezone.localdate(now))
    lines = lines_of(user, Filters(), service, terms, now=now)

    due = [one.deadline_at for one in seen if one.folder == "INBOX"]
    days = [timezone.localdate(at) for at in due if at]
    for day in (day for week in weeks for day in week):
        assert day.total == days.count(day.on)
        if day.total:
            assert day.total == len(worlds.listed(user, day.href, now=now))
    in_terms = [
        one
        for one in seen
        if one.service_id == service and timezone.localdate(one.created_at) >= terms[0].first
    ]
    assert sum(sum(line.totals) for line in lines) == len(in_terms)
    for line in lines:
        for cell in line.cells:
            assert cell.total == len(worlds.listed(user, cell.href, now=now))


@given(drawn=worlds.dialogs)
@any_world
def test_a_manager_s_figures_are_the_whole_firm_s_and_their_lists(
    leder: User, kari: User, ola: User, reader: SystemUser, now: datetime, drawn: list[Any]
) -> None:
    with undone():
        worlds.fill(worlds.firm(kari, ola, now), drawn, reader, now)
        assert counters.drift() == {}

        check_tables(leder, every_dialog(), KEYS, now=now)


@given(drawn=worlds.dialogs)
@any_world
def test_an_accountant_s_figures_are_of_own_clients_and_own_work(
    kari: User, ola: User, reader: SystemUser, now: datetime, drawn: list[Any]
) -> None:
    with undone():
        worlds.fill(worlds.firm(kari, ola, now), drawn, reader, now)
        seen = [one for one in every_dialog() if one.client.responsible_id == kari.pk]

        found = tables(kari, [By.FIRM, By.RESPONSIBLE, By.OWNER, By.UNASSIGNED], now=now)

        [whole] = found[By.FIRM]
        nothing = {"": (0, 0, 0, None, 0, None)}
        assert {"": said(whole)} == (worlds.reckoned(seen, KEYS[By.FIRM], now=now) or nothing)
        mine = [one for one in seen if one.responsible_id == kari.pk]
        expected = worlds.reckoned(mine, KEYS[By.RESPONSIBLE], now=now)
        expected = {name: figures for name, figures in expected.items() if has_any(figures)}
        assert {row.key: said(row) for row in found[By.RESPONSIBLE]} == expected
        [nobodys] = found[By.UNASSIGNED]
        assert nobodys.open == sum(
            one.folder == "INBOX" for one in seen if one.responsible_id is None
        )
        for rows in found.values():
            for row in rows:
                check_lists(kari, row, now=now)


@given(drawn=worlds.dialogs)
@any_world
def test_what_came_and_went_is_what_the_lists_of_each_week_hold(
    leder: User, kari: User, ola: User, reader: SystemUser, now: datetime, drawn: list[Any]
) -> None:
    with undone():
        worlds.fill(worlds.firm(kari, ola, now), drawn, reader, now)

        check_flow(leder, every_dialog(), now=now)


@given(drawn=worlds.dialogs)
@any_world
def test_days_and_terms_hold_what_their_lists_do(
    leder: User, kari: User, ola: User, reader: SystemUser, now: datetime, drawn: list[Any]
) -> None:
    with undone():
        worlds.fill(worlds.firm(kari, ola, now), drawn, reader, now)

        check_month(leder, every_dialog(), now=now)


@given(drawn=worlds.dialogs, kept=worlds.kept)
@any_world
def test_what_is_only_for_others_to_read_is_in_no_figure_nor_list(
    leder: User,
    kari: User,
    ola: User,
    reader: SystemUser,
    now: datetime,
    drawn: list[Any],
    kept: dict[tuple[int, int], int],
) -> None:
    with undone():
        world = worlds.firm_that_keeps(kept, drawn, kari=kari, ola=ola, reader=reader, now=now)
        assert counters.drift() == {}

        check_tables(leder, worlds.readable(leder, world, kept, every_dialog()), KEYS, now=now)
        karis = [one for one in every_dialog() if one.client.responsible_id == kari.pk]
        karis = worlds.readable(kari, world, kept, karis)
        by = {by: KEYS[by] for by in (By.FIRM, By.OWNER, By.CLIENT)}
        check_tables(kari, karis, by, now=now)


@given(drawn=worlds.dialogs, kept=worlds.kept)
@any_world
def test_nor_in_what_came_and_went_and_when_it_is_due(
    leder: User,
    kari: User,
    ola: User,
    reader: SystemUser,
    now: datetime,
    drawn: list[Any],
    kept: dict[tuple[int, int], int],
) -> None:
    with undone():
        world = worlds.firm_that_keeps(kept, drawn, kari=kari, ola=ola, reader=reader, now=now)
        seen = worlds.readable(leder, world, kept, every_dialog())

        check_flow(leder, seen, now=now)
        check_month(leder, seen, now=now)


def test_clients_come_with_the_most_overdue_first_and_no_more_than_asked(
    leder: User, kari: User, ola: User, reader: SystemUser, now: datetime
) -> None:
    world = worlds.firm(kari, ola, now)
    one_late = (0, 0, 0, -3, "open", "RequiresAttention", 1, 1)
    two_late = (1, 0, 0, -5, "open", "RequiresAttention", 1, 1)
    not_late = (2, 0, 0, 9, "open", "RequiresAttention", 1, 1)
    worlds.fill(world, [one_late, two_late, two_late, not_late], reader, now)

    def shown(clients: Clients) -> set[str]:
        return {
            row.label for row in tables(leder, [By.CLIENT], now=now, clients=clients)[By.CLIENT]
        }

    assert shown(Clients(1)) == {"Ø AS"}
    assert shown(Clients(1, skipped=1)) == {"Å AS"}
    assert shown(Clients(9)) == {"Ø AS", "Å AS", "A AS"}
    assert shown(Clients(1, by_name=True)) == {"A AS"}


def test_names_are_in_norwegian_order_and_nobody_s_come_first(
    leder: User, kari: User, ola: User, reader: SystemUser, now: datetime
) -> None:
    world = worlds.firm(kari, ola, now)
    row = (-3, "open", "RequiresAttention", 1, 1)
    worlds.fill(world, [(number, number % 3, 0, *row) for number in range(5)], reader, now)

    found = tables(leder, [By.TEAM, By.RESPONSIBLE, By.CLIENT], now=now)

    assert [row.label for row in found[By.TEAM]] == ["Uten team", "Bergen", "Østfold"]
    assert [row.label for row in found[By.RESPONSIBLE]] == ["Ufordelt", "Kari Hansen", "Ola Berg"]
    assert [row.label for row in found[By.CLIENT]] == ["A AS", "B AS", "C AS", "Ø AS", "Å AS"]


def test_who_works_here_no_more_is_told_nothing(
    leder: User, kari: User, ola: User, reader: SystemUser, now: datetime
) -> None:
    row = (-3, "open", "RequiresAttention", 1, 1)
    worlds.fill(worlds.firm(kari, ola, now), [(0, 1, 0, *row)], reader, now)
    leder.is_active = False

    found = tables(leder, list(KEYS), now=now)

    assert not any(found.values())
