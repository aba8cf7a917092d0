"""Oversikt: how the work stands, for those who answer for it. Every figure leads to its list."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from dialogs.inbox.chips import Chip, chips_of
from dialogs.inbox.filters import Filters
from dialogs.outgoing.choosing import gets_weekly
from dialogs.reports.chart import chart_of
from dialogs.reports.flow import flow_of
from dialogs.reports.scope import By, read, seen_by
from dialogs.reports.standing import Clients, Standing, tables
from dialogs.views import StaffRequest
from staff.models import User
from staff.rules import may_oversee

MOST_CLIENTS = 15  # on the first page
CLIENTS_ON_A_PAGE = 100


@require_safe
@never_cache
def overview(request: StaffRequest) -> HttpResponse:
    """Show what is open, late and due, by team, colleague, client and service owner."""
    now = timezone.now()
    within = read(request.GET, request.user)
    found = first_rows(request.user, within, now=now)
    flow = flow_of(request.user, now=now, within=within)
    context = {
        "tab": "overview",
        **about(request.user, within),
        "whole": found[By.FIRM][0],
        "gaps": [found[by][0] for by in (By.UNASSIGNED, By.UNLED) if by in found],
        "teams": found.get(By.TEAM, []),
        "people": found.get(By.RESPONSIBLE, []),
        "clients": found.get(By.CLIENT, []),
        "owners": found.get(By.OWNER, []),
        "flow": flow,
        "chart": chart_of(flow.weeks),
        "is_mailed": _is_mailed(request.user, within),
    }
    return render(request, "dialogs/reports/overview.html", context)


@require_safe
@never_cache
def clients(request: StaffRequest) -> HttpResponse:
    """Show the same figures of every client with something open, page by page."""
    within = read(request.GET, request.user)
    number = page_number(request.GET)
    asked = clients_asked(request.GET, CLIENTS_ON_A_PAGE + 1, (number - 1) * CLIENTS_ON_A_PAGE)
    rows = client_rows(request.user, within, asked, now=timezone.now())
    context = {
        "tab": "clients",
        **about(request.user, within),
        "rows": rows[:CLIENTS_ON_A_PAGE],
        "by_name": asked.by_name,
        "previous": number - 1,
        "next": number + 1 if len(rows) > CLIENTS_ON_A_PAGE else 0,
    }
    return render(request, "dialogs/reports/clients.html", context)


def first_rows(user: User, within: Filters, *, now: datetime) -> dict[By, list[Standing]]:
    """Return the tables of the first page. What is with nobody has a table of its own."""
    kinds, some = _kinds(user, within), Clients(MOST_CLIENTS)
    found = tables(user, kinds, now=now, within=within, clients=some)
    people = found.get(By.RESPONSIBLE, [])
    return found | {
        By.RESPONSIBLE: [one for one in people if one.key],
        By.CLIENT: _most_overdue_first(found.get(By.CLIENT, [])),
    }


def clients_asked(query: QueryDict, most: int, skipped: int = 0) -> Clients:
    return Clients(most, skipped, by_name=query.get("sort") == "navn")


def client_rows(user: User, within: Filters, asked: Clients, *, now: datetime) -> list[Standing]:
    """Return clients with anything open: those with most overdue first, or by name."""
    rows = tables(user, [By.CLIENT], now=now, within=within, clients=asked)[By.CLIENT]
    return rows if asked.by_name else _most_overdue_first(rows)


def _most_overdue_first(clients: list[Standing]) -> list[Standing]:
    return sorted(clients, key=lambda one: -one.overdue)


def about(user: User, within: Filters) -> dict[str, Any]:
    """Return what every report says of itself: whose work it is about."""
    query = within.as_query()
    return {
        "leads": may_oversee(user),
        "query": f"?{query}" if query else "",
        "kept": within.pairs(),
        "narrowed": _chips(user, within),
        "scope": seen_by(user, within),
    }


def page_number(query: QueryDict) -> int:
    asked = query.get("side", "")
    return max(1, int(asked)) if asked.isascii() and asked.isdigit() and len(asked) < 4 else 1


def _is_mailed(user: User, within: Filters) -> bool | None:
    """Whether somebody gets these figures by mail every Monday; None when they cannot be had so."""
    if not settings.EMAIL_HOST or not may_oversee(user) or within.as_query():
        return None
    return gets_weekly(user)


def _chips(user: User, within: Filters) -> list[Chip]:
    """Return what the report is narrowed to, in words; no statement when it is not."""
    return chips_of(within, user, today=timezone.localdate())


def _kinds(user: User, within: Filters) -> list[By]:
    """Return the tables to show: what the report is narrowed to is not asked for again."""
    kinds = [By.FIRM]
    if not within.responsible:
        kinds += [By.UNASSIGNED, By.RESPONSIBLE]
    if not within.client_responsible and not within.clients:
        kinds.append(By.UNLED)
    if may_oversee(user) and not (within.teams or within.marks or within.clients):
        kinds.append(By.TEAM)
    if len(within.clients) != 1:
        kinds.append(By.CLIENT)
    if not within.owners:
        kinds.append(By.OWNER)
    return kinds
