"""A client: what presses, who works for it, what is written of it, who reads it, what was done."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count, Prefetch, Q
from django.db.models.functions import Lower
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from clients.coverage import Sight, sight_of, sight_of_client
from clients.keeping.absent import away_at
from clients.keeping.categories import readers_at
from clients.models import Access, AreaResponsible, Client, ClientFollower, Subscription
from dialogs.audit.looks import note_look
from dialogs.counters import counts_for
from dialogs.exporting.report_views import form_of
from dialogs.home.log import log_of
from dialogs.home.silence import silent_since
from dialogs.inbox import listed, listing
from dialogs.inbox.filters import NOBODY, Filters
from dialogs.inbox.frame import frame_of
from dialogs.inbox.listing import Scope
from dialogs.inbox.rows import Row
from dialogs.models import ArchivedFile, Dialog, Note
from dialogs.notes import bell
from dialogs.views import StaffRequest
from staff.rules import may_register

MOST_URGENT = 5
MOST_DIALOGS = 50
MOST_DEADLINES = 200
NOTES_ON_A_PAGE = 50
FILES_ON_A_PAGE = 100


@dataclass(frozen=True)
class Tab:
    label: str
    href: str
    is_current: bool


@dataclass(frozen=True)
class PartyRow:
    """A unit of the client's in Altinn, and how well it is read."""

    party: Any
    sight: Sight


def _page(
    request: StaffRequest, pk: int, template: str, fill: Callable[[Client], dict[str, Any]]
) -> HttpResponse:
    """Render a tab of a client's page; the client must be one that this person may see."""
    visible = Client.objects.visible_to(request.user).select_related(
        "responsible", "substitute", "team", "register_state"
    )
    client = get_object_or_404(visible, pk=pk)
    note_look(client, user=request.user, now=timezone.now())
    held = AreaResponsible.objects.filter(client=client).select_related("area", "user")
    areas = list(held.order_by("area__position", "area__name"))
    people = [client.responsible, *(one.user for one in areas)]
    context = {
        "client": client,
        "areas": areas,
        "away": away_at(client, people, today=timezone.localdate()),
        "register": getattr(client, "register_state", None),
        "is_followed": ClientFollower.objects.filter(client=client, user=request.user).exists(),
        "may_register": may_register(request.user),
        "tabs": _tabs(pk, request.path),
        "list": f"{reverse('dialogs:inbox')}?{Filters(clients=(pk,)).as_query()}",
    }
    return render(request, template, context | fill(client))


def _tabs(pk: int, current: str) -> list[Tab]:
    names = {
        "dialogs:client": _("Oversikt"),
        "dialogs:client-dialogs": _("Dialoger"),
        "dialogs:client-deadlines": _("Frister"),
        "dialogs:client-all-notes": _("Notater"),
        "dialogs:client-documents": _("Dokumenter"),
        "dialogs:client-access": _("Tilgang"),
        "dialogs:client-report": _("Rapport"),
        "dialogs:client-log": _("Logg"),
    }
    hrefs = {reverse(name, args=[pk]): label for name, label in names.items()}
    return [Tab(label, href, href == current) for href, label in hrefs.items()]


@require_safe
@never_cache
def overview(request: StaffRequest, pk: int) -> HttpResponse:
    """Show what is open and most urgent, who works for the client, and its units."""
    now = timezone.now()

    def fill(client: Client) -> dict[str, Any]:
        parties = client.parties.order_by("kind", Lower("name"), "pk")
        urgent = Filters(clients=(pk,), due="har")
        return {
            "counts": counts_for(request.user, pk, today=timezone.localdate(now)),
            "overdue_list": Filters(clients=(pk,), due="over").as_query(),
            "unassigned_list": Filters(clients=(pk,), responsible=NOBODY).as_query(),
            "snoozed_list": Filters(clients=(pk,), folder="utsatt").as_query(),
            "urgent": _rows(request, urgent, size=MOST_URGENT),
            "silent_since": (silent := silent_since(pk, now=now)),
            "leaves_some_out": bool(silent) and client.category_restrictions.exists(),
            "members": client.members.order_by("first_name", "last_name", "email"),
            "parties": parties,
        }

    return _page(request, pk, "dialogs/client/overview.html", fill)


@require_safe
@never_cache
def dialogs(request: StaffRequest, pk: int) -> HttpResponse:
    """List the beginning of the client's inbox; the rest is in the inbox itself."""

    def fill(client: Client) -> dict[str, Any]:
        counts = counts_for(request.user, pk, today=timezone.localdate())
        rows = _rows(request, Filters(clients=(pk,)), size=MOST_DIALOGS)
        return {"rows": rows, "counts": counts}

    return _page(request, pk, "dialogs/client/dialogs.html", fill)


def _rows(request: StaffRequest, filters: Filters, *, size: int) -> list[Row]:
    now, sight = timezone.now(), frame_of(request).learned_sight
    found = listing.find(Scope.of(sight, filters, now=now), size=size, count=False)
    rows = listed.fetch(found.ids, sight=sight, today=timezone.localdate(now))
    return [Row(rows[key], now) for key in found.ids if key in rows]


@require_safe
@never_cache
def deadlines(request: StaffRequest, pk: int) -> HttpResponse:
    """List what has a deadline, also while it is put aside, day by day."""
    now, sight = timezone.now(), frame_of(request).learned_sight
    today = timezone.localdate(now)

    def fill(client: Client) -> dict[str, Any]:
        folders = [Dialog.Folder.INBOX, Dialog.Folder.SNOOZED]
        readable = Dialog.objects.readable_by(request.user).filter(client=client)
        due = readable.filter(folder__in=folders, deadline_at__isnull=False)
        keys = list(
            due.order_by("deadline_at", "pk").values_list("pk", flat=True)[: MOST_DEADLINES + 1]
        )
        found = listed.fetch(keys[:MOST_DEADLINES], sight=sight, today=today)
        days: dict[date, list[Row]] = {}
        for key in keys[:MOST_DEADLINES]:
            if (one := found.get(key)) and one.deadline_at:
                days.setdefault(timezone.localdate(one.deadline_at), []).append(Row(one, now))
        return {"days": days, "today": today, "is_capped": len(keys) > MOST_DEADLINES}

    return _page(request, pk, "dialogs/client/deadlines.html", fill)


@require_safe
@never_cache
def notes(request: StaffRequest, pk: int) -> HttpResponse:
    """Show the notes on the client, and those on its dialogs, newest first."""

    def fill(client: Client) -> dict[str, Any]:
        readable = Dialog.objects.readable_by(request.user)
        noted = readable.filter(client=client, note_count__gt=0)
        on_dialogs = Note.objects.filter(dialog__in=noted, deleted_at=None)
        on_dialogs = on_dialogs.select_related("author", "dialog__copy").order_by("-created_at")
        on_dialogs = on_dialogs.defer("dialog__copy__received", "dialog__copy__search")
        if request.method == "GET":
            bell.see_client(request.user, pk, now=timezone.now())
        page = Paginator(on_dialogs, NOTES_ON_A_PAGE).get_page(request.GET.get("side"))
        return {"page": page}

    return _page(request, pk, "dialogs/client/notes.html", fill)


@require_safe
@never_cache
def documents(request: StaffRequest, pk: int) -> HttpResponse:
    """List the files that people have kept of the client's dialogs, newest first."""

    def fill(client: Client) -> dict[str, Any]:
        readable = Dialog.objects.readable_by(request.user).filter(client=client)
        kept = ArchivedFile.objects.kept().filter(client=client, dialog__in=readable.values("pk"))
        kept = kept.order_by("-saved_at", "-pk")
        kept = kept.select_related("saved_by", "dialog__copy")
        kept = kept.defer("dialog__copy__received", "dialog__copy__search")
        return {"page": Paginator(kept, FILES_ON_A_PAGE).get_page(request.GET.get("side"))}

    return _page(request, pk, "dialogs/client/documents.html", fill)


@require_safe
@never_cache
def access(request: StaffRequest, pk: int) -> HttpResponse:
    """Show which system users read the client, how far they are, and what is wrong."""
    now = timezone.now()

    def fill(client: Client) -> dict[str, Any]:
        state = Subscription.State
        counted = Access.objects.select_related("system_user").annotate(
            told=Count("subscriptions", filter=Q(subscriptions__state=state.VALIDATED)),
            waiting=Count(
                "subscriptions", filter=Q(subscriptions__state__in=[state.WANTED, state.CREATED])
            ),
            refused=Count("subscriptions", filter=Q(subscriptions__state=state.REFUSED)),
        )
        parties = client.parties.prefetch_related(Prefetch("accesses", counted.order_by("pk")))
        listed_parties = list(parties.order_by("kind", Lower("name"), "pk"))
        return {
            "rows": [
                PartyRow(one, sight_of(one.accesses.all(), now=now)) for one in listed_parties
            ],
            "sight": sight_of_client(client, now=now) if client.archived_at else None,
            "categories": readers_at(client),
        }

    return _page(request, pk, "dialogs/client/access.html", fill)


@require_safe
@never_cache
def log(request: StaffRequest, pk: int) -> HttpResponse:
    """Show who did what with the client and its dialogs."""
    asked = request.GET.get("eldre", "")
    before = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 18 else None

    only_client = request.GET.get("vis") == "klienten"

    def fill(client: Client) -> dict[str, Any]:
        lines, older = log_of(
            pk,
            frame_of(request).learned_sight,
            before=before,
            today=timezone.localdate(),
            only_client=only_client,
        )
        return {
            "lines": lines,
            "older": older,
            "is_first": before is None,
            "only_client": only_client,
        }

    return _page(request, pk, "dialogs/client/log.html", fill)


@require_safe
@never_cache
def report(request: StaffRequest, pk: int) -> HttpResponse:
    """Ask which days a report to the client is to be about."""
    return _page(
        request, pk, "dialogs/client/report.html", lambda _client: {"form": form_of(request)}
    )


@require_POST
def follow(request: StaffRequest, pk: int) -> HttpResponse:
    """Follow a client, or follow it no longer."""
    client = get_object_or_404(Client.objects.visible_to(request.user), pk=pk)
    followed = ClientFollower.objects.filter(client=client, user=request.user)
    if request.POST.get("folg") == "ja":
        ClientFollower.objects.get_or_create(
            client=client, user=request.user, defaults={"since_at": timezone.now()}
        )
    else:
        followed.delete()
    return redirect("dialogs:client", pk)
