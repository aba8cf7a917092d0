"""One note over HTTP: changed in place, pinned, taken away, and what it has said before."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from dialogs.models import Note
from dialogs.notes import actions
from dialogs.notes.answers import back, focusing, query_of, saved, section
from dialogs.notes.forms import NoteForm, problem
from dialogs.notes.place import may_delete, may_edit, note_for, place_of
from dialogs.notes.shown import Shown
from dialogs.views import StaffRequest, wants_part
from staff.rules import check


@require_safe
@never_cache
@vary_on_headers("HX-Request")
def note(request: StaffRequest, pk: int) -> HttpResponse:
    """Show one note where it stands: what «Avbryt» leads back to."""
    return _shown(request, note_for(request.user, pk))


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@vary_on_headers("HX-Request")
def edit(request: StaffRequest, pk: int) -> HttpResponse:
    """Change one's own note."""
    note = note_for(request.user, pk)
    check(may_edit(note, request.user))
    if request.method != "POST":
        return _form(request, note, text=note.text, version=actions.version_of(note))
    form = NoteForm(request.POST, place=place_of(note))
    sent = {"text": request.POST.get("text", ""), "is_posted": True}
    if not form.is_valid():
        sent["version"] = request.POST.get("version", "")
        return _form(request, note, status=422, note_said=problem(form), **sent)
    try:
        actions.edit_note(
            note,
            form.cleaned_data["text"],
            seen=form.cleaned_data["version"],
            actor=request.user,
            now=timezone.now(),
            mentioned=form.mentioned,
        )
    except actions.EditedMeanwhile as exc:
        theirs = Shown(exc.note, request.user, timezone.now()) if exc.note else None
        sent["version"] = actions.version_of(exc.note)
        return _form(request, note, status=409, theirs=theirs, **sent)
    return saved(_shown(request, note_for(request.user, pk), said=_("Notatet er lagret.")))


@require_POST
def delete(request: StaffRequest, pk: int) -> HttpResponse:
    """Take a note away; the answer offers to undo it."""
    note = note_for(request.user, pk)
    place = place_of(note)
    check(may_delete(note, request.user))
    actions.delete_note(note, actor=request.user, now=timezone.now())
    said = _("Notatet er slettet.")
    return section(request, place, focus="angre", said=said, deleted_note=pk)


@require_POST
def restore(request: StaffRequest, pk: int) -> HttpResponse:
    """Undo a deletion."""
    note = note_for(request.user, pk, deleted=True)
    place = place_of(note)
    check(may_delete(note, request.user))
    actions.restore_note(note, actor=request.user, now=timezone.now())
    return section(request, place, focus=f"notat-{pk}", said=_("Notatet er tilbake."))


@require_POST
def pin(request: StaffRequest, pk: int) -> HttpResponse:
    """Put a note before the others, or let it go. Whoever sees it may."""
    note = note_for(request.user, pk)
    place = place_of(note)
    is_pinned = request.POST.get("fest") == "1"
    actions.set_pinned(note, is_pinned=is_pinned, actor=request.user, now=timezone.now())
    said = _("Notatet er festet øverst.") if is_pinned else _("Notatet er ikke lenger festet.")
    return section(request, place, focus=f"fest-{pk}", said=said)


@require_safe
@never_cache
@vary_on_headers("HX-Request")
def versions(request: StaffRequest, pk: int) -> HttpResponse:
    """Show what a note has said before."""
    note = note_for(request.user, pk)
    context = {
        "note": note,
        "versions": note.versions.select_related("changed_by").order_by("-until_at", "-pk"),
        "place": None if note.service_id else place_of(note),
    }
    if wants_part(request):
        return render(request, "dialogs/notes/versions.html", context)
    return render(request, "dialogs/notes/versions_page.html", context)


def _shown(request: StaffRequest, note: Note, *, said: str = "") -> HttpResponse:
    place = place_of(note)
    if not wants_part(request):
        return back(request, place, anchor=f"notat-{note.pk}")
    shown = Shown(note, request.user, timezone.now())
    context = {"shown": shown, "query": query_of(request)}
    response = render(request, "dialogs/notes/note.html", context)
    return focusing(response, f"rediger-{note.pk}", said)


def _form(request: StaffRequest, note: Note, *, status: int = 200, **context: Any) -> HttpResponse:
    """Show the note as a form. After a collision also what is there now: nothing is lost."""
    context |= {"note": note, "place": place_of(note), "query": query_of(request)}
    if wants_part(request):
        return render(request, "dialogs/notes/edit_form.html", context, status=status)
    return render(request, "dialogs/notes/edit.html", context, status=status)
