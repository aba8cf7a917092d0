"""Attachments over HTTP. What asks a service owner of something is a person's press, each time."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from altinn.details import Attachment, Details
from dialogs.content import opening
from dialogs.files import acts, archive, names, passing
from dialogs.files.choosing import name_of
from dialogs.files.fetching import Fetcher
from dialogs.files.passing import Got, Passing
from dialogs.files.pressing import by_a_press
from dialogs.files.refusals import NotGiven, Reason
from dialogs.files.shown import is_all_in_one
from dialogs.files.zipping import Zipped
from dialogs.models import ArchivedFile, Dialog
from dialogs.views import StaffRequest, wants_part
from staff.reading import work_only

PREVIEW = "dialogs/files/preview.html"
PREVIEW_PART = "dialogs/files/preview.html#ramme"
PAGE = "dialogs/files/refused.html"
FRAME = "dialogs/files/refused_in_frame.html"
FRAME_POLICY = "default-src 'none'; style-src 'self'; font-src 'self'; frame-ancestors 'self'"


@work_only
@require_GET
@by_a_press
def download(request: StaffRequest, dialog_id: UUID, attachment_id: UUID) -> HttpResponseBase:
    """Pass an attachment on, to be saved."""
    dialog, attachment = _found(request, dialog_id, attachment_id)
    now = timezone.now()
    try:
        arriving = passing.open_in_place(Fetcher(dialog, user=request.user, now=now), attachment)
    except NotGiven as exc:
        return _refuse(request, dialog, attachment, exc)
    ended = passing.note(dialog, acts.DOWNLOADED, attachment_id, user=request.user, now=now)
    return passing.saved(
        Passing(arriving, ended),
        arriving.name,
        media_type=arriving.kind.media_type,
        size_bytes=arriving.size_bytes,
    )


@work_only
@require_safe
@never_cache
@vary_on_headers("HX-Request")
def preview(request: StaffRequest, dialog_id: UUID, attachment_id: UUID) -> HttpResponse:
    """Show the frame a file is shown in: in the dialog's page, or on a page of its own."""
    dialog, attachment = _found(request, dialog_id, attachment_id)
    context = {"dialog": dialog, "attachment": attachment, "name": name_of(attachment)}
    return render(request, PREVIEW_PART if wants_part(request) else PREVIEW, context)


@work_only
@require_GET
@by_a_press
def content(request: StaffRequest, dialog_id: UUID, attachment_id: UUID) -> HttpResponseBase:
    """Pass a PDF or an image on to its frame. Anything else is only saved."""
    dialog, attachment = _found(request, dialog_id, attachment_id)
    now = timezone.now()
    try:
        arriving = passing.open_in_place(Fetcher(dialog, user=request.user, now=now), attachment)
        if not arriving.kind.can_be_shown:
            arriving.close()
            raise NotGiven(Reason.NOT_SHOWN)
    except NotGiven as exc:
        response = _refuse(request, dialog, attachment, exc, template=FRAME)
        response["Content-Security-Policy"] = FRAME_POLICY
        response["X-Frame-Options"] = "SAMEORIGIN"
        return response
    ended = passing.note(dialog, acts.PREVIEWED, attachment_id, user=request.user, now=now)
    return passing.shown(
        Passing(arriving, ended),
        arriving.name,
        media_type=arriving.kind.media_type,
        size_bytes=arriving.size_bytes,
    )


@work_only
@require_GET
@by_a_press
def download_all(request: StaffRequest, dialog_id: UUID) -> HttpResponseBase:
    """Pass all attachments on in one zip: the dialog's own, or those of one transmission."""
    dialog = _dialog(request, dialog_id)
    wanted = _together(dialog, request.GET.get("forsendelse", ""))
    now = timezone.now()
    try:
        place = passing.take_place()
    except NotGiven as exc:
        return _refuse(request, dialog, wanted[0], exc)

    def ended(got: Got) -> None:
        place.close()
        passing.note_all(dialog, got, user=request.user, now=now)

    fetcher = Fetcher(dialog, user=request.user, now=now)
    zipped = Zipped(wanted, fetcher, now=now, ended=ended)
    name = names.with_extension(names.safe(dialog.copy.title), "zip")
    return passing.saved(zipped, name, media_type="application/zip")


@require_POST
def keep(request: StaffRequest, dialog_id: UUID, attachment_id: UUID) -> HttpResponse:
    """Fetch an attachment into the client's folder, unless it lies there already."""
    dialog, attachment = _found(request, dialog_id, attachment_id)
    kept = ArchivedFile.objects.kept().filter(dialog=dialog, attachment_id=attachment_id)
    if not kept.exists():
        now = timezone.now()
        fetcher = Fetcher(dialog, user=request.user, now=now)
        try:
            arriving = passing.open_in_place(fetcher, attachment)
            with arriving:
                archive.keep(dialog, attachment_id, arriving, user=request.user, now=now)
        except NotGiven as exc:
            return _refuse(request, dialog, attachment, exc)
    messages.success(request, _("Filen er lagret i klientmappen."))
    return redirect(f"{reverse('dialogs:whole', args=[dialog_id])}#vedlegg")


@require_GET
def archived(request: StaffRequest, pk: int, file_id: int) -> HttpResponseBase:
    """Give a file from the client's folder. Altinn is asked of nothing."""
    visible = ArchivedFile.objects.visible_to(request.user).kept()
    row = get_object_or_404(visible, pk=file_id, client=pk)
    archive.note_fetching(row, user=request.user, now=timezone.now())
    pieces = archive.pieces_of(row)
    name = row.name or names.safe("")
    return passing.saved(pieces, name, media_type=row.media_type, size_bytes=row.size_bytes)


def _dialog(request: StaffRequest, dialog_id: UUID) -> Dialog:
    visible = Dialog.objects.visible_to(request.user)
    related = visible.select_related("access__system_user", "party", "copy")
    return get_object_or_404(related.defer("copy__received", "copy__search"), pk=dialog_id)


def _found(
    request: StaffRequest, dialog_id: UUID, attachment_id: UUID
) -> tuple[Dialog, Attachment]:
    """Return the dialog and an attachment that was in it when it was opened.

    Raises:
        Http404: there is none, or this person may not see the dialog.
    """
    dialog = _dialog(request, dialog_id)
    for attachments in _groups(_details(dialog)).values():
        for attachment in attachments:
            if attachment.id == attachment_id:
                return dialog, attachment
    raise Http404(_("Fant ikke vedlegget"))


def _together(dialog: Dialog, transmission_id: str) -> list[Attachment]:
    """Return what «Last ned alle» is about.

    Raises:
        Http404: there is no such transmission, or nothing in it.
    """
    attachments = _groups(_details(dialog)).get(transmission_id, ())
    wanted = [one for one in attachments if not is_all_in_one(one)]
    if not wanted:
        raise Http404(_("Fant ikke vedlegget"))
    return wanted


def _details(dialog: Dialog) -> Details:
    kept = opening.kept(dialog)
    if kept is None:
        raise Http404(_("Dialogen er ikke åpnet"))
    return kept.details


def _groups(details: Details) -> dict[str, tuple[Attachment, ...]]:
    """Return the attachments by the transmission they came with; nothing for the dialog's own."""
    own = {"": details.attachments}
    return own | {str(one.id): one.attachments for one in details.transmissions}


def _refuse(
    request: StaffRequest,
    dialog: Dialog,
    attachment: Attachment,
    why: NotGiven,
    *,
    template: str = PAGE,
) -> HttpResponse:
    context = {"dialog": dialog, "name": name_of(attachment), "why": why}
    response = render(request, template, context, status=why.said.status)
    response["Cache-Control"] = "no-store"
    return response
