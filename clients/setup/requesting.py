"""Ask for a system user, follow what becomes of it, and take it into use once it is approved.

A request is written down before it is sent, and sending it again is safe: Altinn gives back the one
it has. What Altinn says is looked up, never assumed, also after a person came back from there.

Source: altinn-authentication ad4f6f36, system-user requests; read 2026-07.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from altinn.errors import AltinnError, NotThere
from altinn.systemusers import Request, RequestStatus, SystemUserRequests, Wish
from clients import connect, tasks
from clients.advice import advice_for
from clients.models import ONLY, SystemRegistration, SystemUser, SystemUserRequest
from clients.setup.packages import urn_of
from staff import audit
from staff.models import User

log = logging.getLogger(__name__)

Status = SystemUserRequest.Status
Kind = SystemUser.Kind
VALID_FOR = timedelta(days=180)
_STATUSES = {
    RequestStatus.NEW: Status.NEW,
    RequestStatus.ACCEPTED: Status.ACCEPTED,
    RequestStatus.REJECTED: Status.REJECTED,
    RequestStatus.DENIED: Status.DENIED,
    RequestStatus.TIMEDOUT: Status.TIMEDOUT,
}
_ACTS = {
    Status.REJECTED: "system user request rejected",
    Status.DENIED: "system user request denied",
    Status.TIMEDOUT: "system user request timed out",
    Status.WITHDRAWN: "system user request gone",
}


class NotAsked(Exception):
    """Altinn did not take the request; the text says why and what to do."""


def write_down(
    *,
    kind: str,
    party_orgnr: str,
    area: str,
    packages: Sequence[str],
    adds_clients: bool,
    actor: User | None,
    now: datetime,
) -> SystemUserRequest:
    """Write a request down, with a reference of our own. Not sent yet.

    Raises:
        ValidationError: no package, or not an organisation number.
    """
    request = SystemUserRequest(
        kind=kind,
        party_orgnr=party_orgnr,
        area=area,
        external_ref=_free_ref(party_orgnr, area),
        packages=list(packages),
        adds_clients=adds_clients,
        created_at=now,
        created_by=actor,
    )
    request.full_clean()
    with transaction.atomic():
        request.save()
        audit.record(
            actor=actor,
            act="system user asked for",
            about=f"system user request {request.pk}",
            now=now,
            area=area,
            party=party_orgnr,
            external_ref=request.external_ref,
            packages=request.packages,
        )
    return request


def _free_ref(party_orgnr: str, area: str) -> str:
    """«lonn», then «lonn-2»: an agent cannot be changed, so that a new one needs a new name."""
    base = (
        slugify(area.lower().replace("ø", "o").replace("æ", "ae").replace("å", "a")) or "klienter"
    )
    requests = SystemUserRequest.objects.filter(party_orgnr=party_orgnr)
    users = SystemUser.objects.filter(owner_orgnr=party_orgnr)
    taken = {
        *requests.values_list("external_ref", flat=True),
        *users.values_list("external_ref", flat=True),
    }
    number = 1
    while (ref := base if number == 1 else f"{base}-{number}") in taken:
        number += 1
    return ref


def send(request: SystemUserRequest, *, actor: User | None, now: datetime) -> SystemUserRequest:
    """Put the request to Altinn, or again after it failed or timed out.

    Raises:
        NotAsked: Altinn refused or did not answer; the request stays as it was.
        NotConfigured: there is no key in use.
    """
    registration = SystemRegistration.objects.filter(pk=ONLY).first()
    if registration is None or registration.registered_at is None:
        raise NotAsked(_("Registrer systemet i Altinn først."))
    try:
        with connect.system_user_requests() as api:
            answer = _ask(api, request, registration.system_id)
    except AltinnError as exc:
        raise _not_asked(request, exc) from exc
    with transaction.atomic():
        held = SystemUserRequest.objects.select_for_update(of=("self",)).get(pk=request.pk)
        held.altinn_id, held.trouble = answer.id, ""
        held.sent_at = now if answer.is_new else answer.created_at or now
        held.status = Status.NEW
        held.decided_at = held.revoked_at = None
        # Lists carry no address: it is kept from the answer that made the request.
        held.confirm_url = answer.confirm_url or held.confirm_url
        held.save()
        about = f"system user request {held.pk}"
        audit.record(actor=actor, act="system user request sent", about=about, now=now)
        return take_answer(held, answer, now=now)


def _ask(api: SystemUserRequests, request: SystemUserRequest, system_id: str) -> Request:
    wish = Wish(
        system_id=system_id,
        party_orgnr=request.party_orgnr,
        packages=tuple(urn_of(name) for name in request.packages),
        external_ref=request.external_ref,
        redirect_url=_return_address(request),
        title=request.area,
    )
    return api.ask_agent(wish) if request.kind == Kind.AGENT else api.ask_standard(wish)


def _return_address(request: SystemUserRequest) -> str:
    registration = SystemRegistration.objects.get(pk=ONLY)
    if not registration.redirect_urls:
        return ""
    return f"{registration.redirect_urls[0]}?foresporsel={request.pk}"


def _not_asked(request: SystemUserRequest, exc: AltinnError) -> NotAsked:
    advice = advice_for(exc)
    text = f"{advice.text} {advice.next_step}"
    SystemUserRequest.objects.filter(pk=request.pk).update(trouble=text[:1000])
    return NotAsked(text)


def delete_and_ask_again(
    request: SystemUserRequest, *, actor: User | None, now: datetime
) -> SystemUserRequest:
    """Take away a request that was turned down, then ask the same anew: Altinn keeps the old.

    Raises:
        NotAsked: Altinn refused or did not answer.
        NotConfigured: there is no key in use.
    """
    _take_away(request)
    return send(request, actor=actor, now=now)


def withdraw(request: SystemUserRequest, *, actor: User | None, now: datetime) -> None:
    """Take a waiting request back, so that nobody can approve it any more.

    Raises:
        NotAsked: Altinn refused or did not answer.
        NotConfigured: there is no key in use.
    """
    _take_away(request)
    with transaction.atomic():
        about = f"system user request {request.pk}"
        waiting = SystemUserRequest.objects.filter(pk=request.pk)
        waiting.update(status=Status.WITHDRAWN, decided_at=now, trouble="")
        audit.record(actor=actor, act="system user request withdrawn", about=about, now=now)


def _take_away(request: SystemUserRequest) -> None:
    if request.altinn_id is None:
        return
    try:
        with connect.system_user_requests() as api:
            api.delete(request.altinn_id)
    except NotThere:
        return
    except AltinnError as exc:
        raise _not_asked(request, exc) from exc


def check(request: SystemUserRequest, *, now: datetime) -> SystemUserRequest:
    """Look up what has become of a request, and of the system user it became.

    Raises:
        AltinnError: it could not be looked up; `checked_at` stays as it was.
        NotConfigured: there is no key in use.
    """
    with connect.system_user_requests() as api:
        return check_with(api, request, now=now)


def check_with(
    api: SystemUserRequests, request: SystemUserRequest, *, now: datetime
) -> SystemUserRequest:
    """As `check`, over a connection that is open already: for many at a time."""
    if request.status == Status.ACCEPTED:
        return _check_system_user(api, request, now=now)
    if request.altinn_id is None:
        return request
    try:
        is_agent = request.kind == Kind.AGENT
        answer = (api.agent if is_agent else api.standard)(request.altinn_id)
    except NotThere:
        with transaction.atomic():
            held = SystemUserRequest.objects.select_for_update(of=("self",)).get(pk=request.pk)
            return _decide(held, Status.WITHDRAWN, now=now)
    with transaction.atomic():
        held = SystemUserRequest.objects.select_for_update(of=("self",)).get(pk=request.pk)
        return take_answer(held, answer, now=now)


def take_answer(held: SystemUserRequest, answer: Request, *, now: datetime) -> SystemUserRequest:
    """Write down what Altinn said of a request, which is locked."""
    if held.altinn_id != answer.id:
        return held  # asked anew meanwhile
    held.checked_at, held.trouble = now, ""
    held.is_escalated = answer.is_escalated
    held.confirm_url = held.confirm_url or answer.confirm_url
    status = Status.TIMEDOUT if answer.is_timed_out else _STATUSES.get(answer.status)
    if status is None:
        held.trouble = _("Altinn svarte med en tilstand portalen ikke kjenner. Sjekk igjen senere.")
    if status is None or status == held.status:
        held.save()
        return held
    return _accept(held, now=now) if status == Status.ACCEPTED else _decide(held, status, now=now)


def _decide(held: SystemUserRequest, status: str, *, now: datetime) -> SystemUserRequest:
    held.status, held.checked_at = status, now
    held.decided_at = None if status == Status.NEW else now
    held.save()
    if act := _ACTS.get(Status(status)):
        about = f"system user request {held.pk}"
        audit.record(actor=None, act=act, about=about, now=now)
    return held


def _accept(held: SystemUserRequest, *, now: datetime) -> SystemUserRequest:
    """Take the system user into use: reading begins by itself."""
    system_user, is_new = SystemUser.objects.get_or_create(
        owner_orgnr=held.party_orgnr,
        external_ref=held.external_ref,
        defaults={
            "name": name_for(held),
            "kind": held.kind,
            "adds_clients": held.adds_clients,
        },
    )
    if not is_new and not system_user.is_active:
        system_user.is_active = True
        system_user.save(update_fields=["is_active"])
    held.status, held.system_user, held.decided_at = Status.ACCEPTED, system_user, now
    held.revoked_at, held.checked_at = None, now
    held.save()
    audit.record(
        actor=None,
        act="system user accepted",
        about=f"system user request {held.pk}",
        now=now,
        system_user=system_user.pk,
    )
    transaction.on_commit(lambda: read_soon(system_user))
    return held


def name_for(request: SystemUserRequest) -> str:
    """What the system user is called here: its area, and its reference if that is taken."""
    taken = SystemUser.objects.filter(name=request.area).exists()
    return f"{request.area} ({request.external_ref})"[:100] if taken else request.area


def read_soon(system_user: SystemUser) -> None:
    """Read its parties now rather than within a quarter of an hour."""
    try:
        connect.forget_refusal(system_user)
        tasks.keep_parties_in_step.apply_async(retry=False, expires=600)
    except (OperationalError, RedisError, OSError, connect.NotConfigured) as exc:
        log.warning("The reading for %s was not queued: %s", system_user, exc)


def _check_system_user(
    api: SystemUserRequests, request: SystemUserRequest, *, now: datetime
) -> SystemUserRequest:
    """See that an approved system user is still there: only its owner can take it away."""
    registration = SystemRegistration.objects.get(pk=ONLY)
    try:
        user = api.system_user(registration.system_id, request.party_orgnr, request.external_ref)
        is_gone = user.is_deleted
    except NotThere:
        is_gone = True
    with transaction.atomic():
        held = SystemUserRequest.objects.select_for_update(of=("self",)).get(pk=request.pk)
        was_gone = held.revoked_at is not None
        held.checked_at = now
        held.revoked_at = (held.revoked_at or now) if is_gone else None
        held.save(update_fields=["checked_at", "revoked_at"])
        if was_gone != is_gone:
            about = f"system user request {held.pk}"
            act = "system user gone" if is_gone else "system user back"
            audit.record(actor=None, act=act, about=about, now=now)
    return held
