"""Ask many clients for a system user of their own: a request each, and a letter to who approves it.

The requests are those of the set-up, of the standard kind: sent by a worker, followed by the
set-up's own task, and taken into use when they are approved.
"""

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone, translation

from altinn.errors import TryLater
from clients.models import Candidate, Client, ClientQuerySet, SystemUser, SystemUserRequest
from clients.setup import letters, requesting
from staff import audit
from staff.models import User

log = logging.getLogger(__name__)

Status = SystemUserRequest.Status
STANDARD = SystemUser.Kind.STANDARD


def asked() -> QuerySet[SystemUserRequest]:
    return SystemUserRequest.objects.filter(kind=STANDARD)


def without() -> ClientQuerySet:
    """Clients with a number that have no system user of their own, and have not been asked."""
    theirs = SystemUser.objects.filter(kind=STANDARD, owner_orgnr=OuterRef("orgnr"))
    requests = asked().filter(party_orgnr=OuterRef("orgnr"))
    clients = Client.objects.active().filter(orgnr__isnull=False, is_firm=False)
    return clients.exclude(Exists(theirs)).exclude(Exists(requests))


def ask(
    clients: Iterable[Client], packages: Sequence[str], *, actor: User, now: datetime
) -> list[SystemUserRequest]:
    """Write a request down for each client that has none. A worker sends them."""
    with transaction.atomic():
        keys = [client.pk for client in clients]
        # One at a time, so that two people asking at once ask each client once.
        locked = Client.objects.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk")
        list(locked.values_list("pk"))
        return [
            requesting.write_down(
                kind=STANDARD,
                party_orgnr=client.orgnr or "",
                area=client.name[:100],
                packages=packages,
                adds_clients=False,
                actor=actor,
                now=now,
            )
            for client in without().filter(pk__in=keys).order_by("name", "pk")
        ]


def send_waiting(*, most: int) -> bool:
    """Put requests that were written down to Altinn; return whether there are more just now.

    One that was sent when the worker was killed is sent again: Altinn gives back the one it has.

    Raises:
        NotConfigured: there is no key in use.
    """
    unsent = asked().filter(status=Status.UNSENT, trouble="").order_by("pk")
    batch = list(unsent[:most])
    for request in batch:
        try:
            requesting.send(request, actor=request.created_by, now=timezone.now())
        except requesting.NotAsked as exc:
            log.warning("Request %s was not taken: %s", request.pk, exc)
            if request.altinn_id is None and isinstance(exc.__cause__, TryLater):
                SystemUserRequest.objects.filter(pk=request.pk).update(trouble="")
                return False
            if exc.__cause__ is None:  # the system is not registered: nor for the next one
                return False
    return len(batch) == most


def address_of(request: SystemUserRequest) -> str:
    """The client's e-mail address in Enhetsregisteret, if we have looked it up."""
    candidate = Candidate.objects.filter(orgnr=request.party_orgnr).first()
    return str((candidate.unit if candidate else {}).get("email") or "")


def post_letters(wanted: dict[SystemUserRequest, str], *, actor: User, now: datetime) -> None:
    """Write down to whom each letter goes. A worker posts them."""
    with transaction.atomic():
        for request, address in wanted.items():
            waiting = asked().filter(pk=request.pk, status=Status.NEW)
            if waiting.update(mailed_to=address, mailed_at=None, trouble=""):
                about = f"system user request {request.pk}"
                audit.record(actor=actor, act="letter wanted", about=about, now=now)


def send_letters(*, most: int) -> bool:
    """Post letters that were asked for; return whether there are more.

    A letter is noted as sent before it is: when nobody knows, it is not sent twice by a machine.
    """
    waiting = asked().filter(status=Status.NEW, mailed_at=None).exclude(mailed_to="")
    batch = list(waiting.select_related("created_by").order_by("pk")[:most])
    for request in batch:
        now = timezone.now()
        if not waiting.filter(pk=request.pk).update(mailed_at=now):
            continue
        sender = request.created_by
        with translation.override(settings.LANGUAGE_CODE):
            letter = letters.letter_for(request, sender=sender)
        reply_to = [sender.email] if sender else []
        message = EmailMessage(
            letter.subject, letter.body, to=[request.mailed_to], reply_to=reply_to
        )
        try:
            message.send()
        except OSError as exc:
            log.warning("The letter about request %s was not sent: %s", request.pk, exc)
            asked().filter(pk=request.pk).update(mailed_at=None)
            return False
        about = f"system user request {request.pk}"
        audit.record(actor=sender, act="system user request mailed", about=about, now=now)
    return len(batch) == most
