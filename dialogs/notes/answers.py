"""How the notes' views answer: with the part that htmx asked for, else with a page."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django_htmx.http import trigger_client_event

from dialogs.models import Note
from dialogs.notes.naming import offered
from dialogs.notes.place import Place
from dialogs.notes.shown import in_order, shown_all
from dialogs.views import StaffRequest, wants_part

PAGE_SIZE = 50
SECTIONS = {True: "dialogs/notes/of_dialog.html", False: "dialogs/notes/of_client.html"}


def section(
    request: StaffRequest,
    place: Place,
    *,
    focus: str,
    said: str,
    status: int = 200,
    deleted_note: int | None = None,
    **context: Any,
) -> HttpResponse:
    """Answer with the notes of a place as they are now, and say what happened."""
    if not wants_part(request):
        return back(request, place, anchor=focus, deleted_note=deleted_note)
    context |= {"deleted_note": deleted_note}
    if "hele" in request.POST:  # sent from the page of all notes
        response = page(request, place, status=status, **context)
    else:
        context |= {
            "opened": {"dialog": place.dialog},
            "client": place.client,
            "page": {"query": query_of(request)},
        }
        template = SECTIONS[place.dialog is not None]
        response = render(request, template, context, status=status)
    return focusing(response, focus, said)


def page(request: StaffRequest, place: Place, *, status: int = 200, **context: Any) -> HttpResponse:
    """Answer with every note in a place, and the form in which colleagues are chosen."""
    notes = in_order(Note.objects.filter(**place.fields))
    listed = Paginator(notes, PAGE_SIZE).get_page(request.GET.get("side"))
    deleted = request.GET.get("slettet", "")
    context = {
        "deleted_note": int(deleted) if deleted.isascii() and deleted.isdigit() else None
    } | context
    context |= {
        "place": place,
        "page": listed,
        "shown": shown_all(listed, request.user, now=timezone.now()),
        "query": query_of(request),
        "colleagues": offered(place.thing, to=request.user),
        "chosen": request.POST.getlist("colleagues"),
    }
    return render(request, "dialogs/notes/page.html", context, status=status)


def focusing(response: HttpResponse, focus: str, said: str = "") -> HttpResponse:
    """Have the page move the focus, and say something, once the answer is in its place."""
    trigger_client_event(response, "fokus", {"id": focus}, after="settle")
    if said:
        trigger_client_event(response, "si", {"tekst": said}, after="settle")
    return response


def saved(response: HttpResponse) -> HttpResponse:
    """Tell the page that the text is safe here: its draft may go."""
    return trigger_client_event(response, "notatLagret", {})


def back(
    request: HttpRequest, place: Place, *, anchor: str, deleted_note: int | None = None
) -> HttpResponse:
    """Lead to where the notes are read. After a deletion, to the page that offers to undo it."""
    if deleted_note:
        return redirect(f"{place.href}?slettet={deleted_note}#{anchor}")
    return redirect(f"{place.home}{query_of(request)}#{anchor}")


def query_of(request: HttpRequest) -> str:
    """Return the list's filters, to be kept in links."""
    query = request.GET.copy()
    for ours in ("side", "slettet"):
        query.pop(ours, None)
    return f"?{query.urlencode()}" if query else ""
