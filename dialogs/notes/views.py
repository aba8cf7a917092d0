"""The notes of a dialog or a client over HTTP: all of them, and adding one."""

from uuid import UUID

from django.http import HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe
from django.views.decorators.vary import vary_on_headers

from dialogs.notes import actions, bell
from dialogs.notes.answers import page, saved, section
from dialogs.notes.forms import NoteForm, problem
from dialogs.notes.naming import offered
from dialogs.notes.place import Place, place_of_client, place_of_dialog
from dialogs.views import StaffRequest, wants_part


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@vary_on_headers("HX-Request")
def of_dialog(request: StaffRequest, dialog_id: UUID) -> HttpResponse:
    """Show all notes on a dialog, or add one."""
    place = place_of_dialog(request.user, dialog_id)
    return _add(request, place) if request.method == "POST" else page(request, place)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@vary_on_headers("HX-Request")
def of_client(request: StaffRequest, client_id: int) -> HttpResponse:
    """Show all notes on a client, or add one."""
    place = place_of_client(request.user, client_id)
    if request.method == "POST":
        return _add(request, place)
    if request.method == "GET":
        bell.see_client(request.user, client_id, now=timezone.now())
    return page(request, place)


@require_safe
@never_cache
def colleagues_of_dialog(request: StaffRequest, dialog_id: UUID) -> JsonResponse:
    """List the names to offer after «@»."""
    return _colleagues(request, place_of_dialog(request.user, dialog_id))


@require_safe
@never_cache
def colleagues_of_client(request: StaffRequest, client_id: int) -> JsonResponse:
    """List the names to offer after «@»."""
    return _colleagues(request, place_of_client(request.user, client_id))


def _add(request: StaffRequest, place: Place) -> HttpResponse:
    form = NoteForm(request.POST, place=place)
    if "velg" in request.POST:  # without JavaScript: choose colleagues from a list, then save
        return page(request, place, note_form=form)
    if not form.is_valid():
        said = problem(form)
        if not wants_part(request):
            return page(request, place, note_form=form, note_said=said, status=422)
        return section(
            request, place, focus="notat-tekst", said="", status=422, note_form=form, note_said=said
        )
    note = actions.add_note(
        place,
        form.cleaned_data["text"],
        author=request.user,
        now=timezone.now(),
        mentioned=form.mentioned,
        is_pinned=form.cleaned_data["is_pinned"],
    )
    return saved(section(request, place, focus=f"notat-{note.pk}", said=_("Notatet er lagret.")))


def _colleagues(request: StaffRequest, place: Place) -> JsonResponse:
    people = offered(place.thing, to=request.user)
    return JsonResponse({"kolleger": [name for _pk, name in people]})
