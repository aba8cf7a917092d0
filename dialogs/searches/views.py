"""Saved searches over HTTP."""

from dataclasses import dataclass, replace
from datetime import date

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from dialogs.inbox.chips import chips_of
from dialogs.inbox.filters import Filters
from dialogs.inbox.frame import frame_of
from dialogs.models import SavedSearch, StartSearch
from dialogs.searches import actions, counts, queries
from dialogs.searches.forms import PERSONAL, SearchForm
from dialogs.searches.menu import opened, searches_of
from dialogs.searches.ready import READY
from dialogs.views import StaffRequest, wants_part
from staff.models import User
from staff.reading import own_affair

DELETED = "deleted_search"  # in the session: what it takes to undo


@dataclass(frozen=True)
class Line:
    """A search in the list of them."""

    name: str
    href: str
    words: list[str]  # its filters, as the list's chips say them
    search: SavedSearch | None = None
    is_start: bool = False


@own_affair
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@vary_on_headers("HX-Request")
def save(request: StaffRequest) -> HttpResponse:
    """Save the list as it is. Behind the button in the list, or as a page."""
    filters = Filters.read(request.GET)
    query = queries.kept(filters)
    posted = request.POST if request.method == "POST" else None
    initial = {"visibility": SavedSearch.Visibility.ME, "in_menu": True, "shows_count": True}
    form = SearchForm(posted, user=request.user, query=query, initial=initial)
    if posted is not None and form.is_valid():
        search = SavedSearch(owner=request.user, query=query, created_at=timezone.now())
        _fill(search, form)
        messages.success(request, _("Søket «%(name)s» er lagret.") % {"name": search.name})
        return redirect(queries.address(opened(search)))
    searches = searches_of(request)
    context = {
        "form": form,
        "query": filters.as_query(),
        "back": queries.address(filters),
        "words": _words(filters, request.user),
        "shown": searches.shown,
        "changed": searches.began_with,
    }
    part = wants_part(request)
    template = "dialogs/searches/saving.html" if part else "dialogs/searches/save_page.html"
    return render(request, template, context)


@own_affair
@require_POST
def update(request: StaffRequest, pk: int) -> HttpResponse:
    """Let a search list what is listed now."""
    search = _own(request, pk)
    filters = Filters.read(request.GET)
    if queries.is_personal(filters):
        messages.error(request, str(PERSONAL))
        return redirect(queries.address(filters))
    search.query = queries.kept(filters)
    search.save(update_fields=["query"])
    messages.success(request, _("Søket «%(name)s» er oppdatert.") % {"name": search.name})
    return redirect(queries.address(opened(search)))


@require_safe
@never_cache
def saved(request: StaffRequest) -> HttpResponse:
    """List the searches this person is offered, with what can be done to them."""
    offered = searches_of(request).offered
    starts = StartSearch.objects.filter(user=request.user).values_list("search", flat=True)
    start = next(iter(starts), None)
    lines = [_line(one, request.user, is_start=one.pk == start) for one in offered]
    context = {
        "own": [line for line in lines if _is_own(line, request.user)],
        "others": [line for line in lines if not _is_own(line, request.user)],
        "ready": [
            Line(str(one.name), queries.address(one.filters), _words(one.filters, request.user))
            for one in READY
        ],
        "deleted": request.session.get(DELETED) if "slettet" in request.GET else None,
    }
    return render(request, "dialogs/searches/saved.html", context)


@own_affair
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def edit(request: StaffRequest, pk: int) -> HttpResponse:
    """Rename a search, share it, or take it out of the menu."""
    search = _own(request, pk)
    initial = {name: getattr(search, name) for name in ("name", "visibility", "team")}
    initial |= {"in_menu": search.in_menu, "shows_count": search.shows_count}
    initial["starts_here"] = StartSearch.objects.filter(user=request.user, search=search).exists()
    posted = request.POST if request.method == "POST" else None
    form = SearchForm(posted, user=request.user, query=search.query, initial=initial)
    if posted is not None and form.is_valid():
        _fill(search, form)
        messages.success(request, _("Søket «%(name)s» er lagret.") % {"name": search.name})
        return redirect("dialogs:saved-searches")
    line = _line(search, request.user)
    return render(request, "dialogs/searches/edit.html", {"form": form, "line": line})


@own_affair
@require_POST
def delete(request: StaffRequest, pk: int) -> HttpResponse:
    request.session[DELETED] = actions.delete_search(_own(request, pk))
    return redirect(reverse("dialogs:saved-searches") + "?slettet=ja")


@own_affair
@require_POST
def undo_delete(request: StaffRequest) -> HttpResponse:
    kept = request.session.pop(DELETED, None)
    search = actions.restore_search(kept, owner=request.user) if kept else None
    if search:
        messages.success(request, _("Søket «%(name)s» er tilbake.") % {"name": search.name})
    else:
        messages.error(request, _("Søket kan ikke hentes tilbake. Lagre det på nytt fra listen."))
    return redirect("dialogs:saved-searches")


@own_affair
@require_POST
def start_with(request: StaffRequest) -> HttpResponse:
    """Begin with a search from now on; without one, with Min dag."""
    search = None
    if key := request.POST.get("search"):
        offered = SavedSearch.objects.offered_to(request.user)
        search = get_object_or_404(offered, pk=int(key) if key.isdecimal() else 0)
    actions.set_start(request.user, search)
    where = search.name if search else _("Min dag")
    messages.success(request, _("Du starter i «%(name)s» når du logger inn.") % {"name": where})
    return redirect("dialogs:saved-searches")


@require_safe
@never_cache
def menu_counts(request: StaffRequest) -> HttpResponse:
    """Return the counts of the menu's searches; commands.js puts them where they belong."""
    entries = [entry for entry in searches_of(request).entries if entry.key]
    lists = {entry.key: entry.filters for entry in entries}
    found = counts.counts_of(lists, frame_of(request).sight, now=timezone.now())
    shown = [(one, counts.written(found[one.key])) for one in entries if found.get(one.key)]
    return render(request, "dialogs/searches/counts.html", {"shown": shown})


def _own(request: StaffRequest, pk: int) -> SavedSearch:
    """Return a search of this person's own: what others share is used, not changed.

    Raises:
        Http404: it does not exist, or is somebody else's.
    """
    return get_object_or_404(SavedSearch, pk=pk, owner=request.user)


def _fill(search: SavedSearch, form: SearchForm) -> None:
    """Save what was filled in, and whether to start there."""
    wanted = form.cleaned_data
    for name in ("name", "visibility", "team", "in_menu", "shows_count"):
        setattr(search, name, wanted[name])
    search.save()
    if wanted["starts_here"]:
        actions.set_start(search.owner, search)
    else:
        StartSearch.objects.filter(user=search.owner, search=search).delete()


def _line(search: SavedSearch, user: User, *, is_start: bool = False) -> Line:
    filters = opened(search)
    words = _words(filters, user)
    return Line(search.name, queries.address(filters), words, search, is_start)


def _is_own(line: Line, user: User) -> bool:
    return line.search is not None and line.search.owner_id == user.pk


def _words(filters: Filters, user: User) -> list[str]:
    """Say what is filtered on. A client that this person may not see stays unnamed."""
    today: date = timezone.localdate()
    return [chip.text for chip in chips_of(replace(filters, search=None), user, today=today)]
