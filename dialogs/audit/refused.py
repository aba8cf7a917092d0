"""Write down who was refused what: a page that is not theirs, a client they may not see."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from clients.models import Client
from dialogs.models import Dialog
from staff.models import AuditEntry, User

REFUSED = "access refused"
ONE_A = timedelta(minutes=1)  # of the same, by the same person
_CLIENT = re.compile(r"/klienter/(\d{1,17})/")
_DIALOG = re.compile(r"/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/")


class NoteRefusals:
    """Middleware. Of what is not found, only that which others may see is written down."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self._get_response(request)
        user = getattr(request, "user", None)
        if response.status_code in {403, 404} and isinstance(user, User):
            client_id, about = _asked_for(request.path, user)
            if about or response.status_code == 403:
                path = request.path[:200]
                _note(user, about or "page", client_id, path, now=timezone.now())
        return response


def _asked_for(path: str, user: User) -> tuple[int | None, str]:
    """Return a client or dialog that is there and not for this person, and what it is called."""
    if found := _DIALOG.search(path):
        dialog = Dialog.objects.filter(pk=UUID(found[1])).first()
        if dialog and not Dialog.objects.visible_to(user).filter(pk=dialog.pk).exists():
            return dialog.client_id, f"try for dialog {dialog.pk}"
    elif found := _CLIENT.search(path):
        client = Client.objects.filter(pk=int(found[1])).first()
        if client and not Client.objects.visible_to(user).filter(pk=client.pk).exists():
            return client.pk, f"try for client {client.pk}"
    return None, ""


def _note(user: User, about: str, client_id: int | None, path: str, *, now: datetime) -> None:
    same = AuditEntry.objects.filter(about=about, at__gt=now - ONE_A, actor=user, act=REFUSED)
    if not same.filter(detail__path=path).exists():
        AuditEntry.objects.create(
            at=now, actor=user, act=REFUSED, about=about, client_id=client_id, detail={"path": path}
        )
