"""A colleague's own sign-in at ID-porten: kept sealed, renewed, and ended.

It is never how anybody logs in to the portal. It lets the portal do what Altinn lets only a person
do: say which clients an agent system user acts for.
"""

import contextlib
import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta

import msgspec
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from altinn.delegation import ClientDelegation
from altinn.idporten import AltinnToken, PersonTokens, SignInEnded
from clients import connect
from clients.models import AddingRun, PersonConnection
from staff import audit
from staff.models import User
from staff.sealing import Unreadable, seal, unseal

MARGIN = timedelta(seconds=45)  # a token is to outlive the batch it is fetched for


class NotConnected(Exception):
    """The person has not signed in, or the sign-in has ended: only they can help."""


class _Kept(msgspec.Struct):
    """What is sealed."""

    tokens: PersonTokens
    altinn: AltinnToken | None = None


def connect_person(user: User, tokens: PersonTokens, *, now: datetime) -> None:
    """Keep a new sign-in in place of the one before, and let what waited for it go on."""
    with transaction.atomic():
        PersonConnection.objects.update_or_create(
            user=user,
            defaults={
                "sealed": _sealed(_Kept(tokens)),
                "session_digest": _digest(tokens.session_id),
                "acr": tokens.acr[:40],
                "connected_at": now,
                "expires_at": _ends_at(tokens),
                "trouble": "",
            },
        )
        AddingRun.objects.filter(person=user, state=AddingRun.State.SIGN_IN).update(
            state=AddingRun.State.RUNNING, trouble="", is_looked_up=False, wait_until_at=None
        )
        audit.record(
            actor=user, act="idporten connected", about=f"user {user.pk}", now=now, acr=tokens.acr
        )


def disconnect(user: User, *, actor: User | None, now: datetime) -> PersonTokens | None:
    """Forget a sign-in; return its tokens, for logging out at ID-porten. None if there was none."""
    with transaction.atomic():
        row = PersonConnection.objects.select_for_update().filter(user=user).first()
        if row is None:
            return None
        with translation.override(user.language):
            _stop(user)
        row.delete()
        audit.record(actor=actor, act="idporten disconnected", about=f"user {user.pk}", now=now)
    try:
        return _opened(row).tokens
    except NotConnected:
        return None


def logged_out(session_id: str, *, now: datetime) -> bool:
    """Forget the sign-in that ID-porten says is ended; return whether we had it."""
    digest = _digest(session_id)
    rows = PersonConnection.objects.filter(session_digest=digest) if digest else None
    row = rows.select_related("user").first() if rows is not None else None
    return row is not None and disconnect(row.user, actor=None, now=now) is not None


@contextlib.contextmanager
def delegation(user: User, *, anew: bool = False) -> Iterator[ClientDelegation]:
    """Open the lists of clients as this person; `anew` when Altinn refused the last token.

    Raises:
        NotConnected: the person must sign in at ID-porten.
        NotConfigured: our own integration there is missing.
        AltinnError: ID-porten or Altinn did not answer.
    """
    with connect.delegation(_token(user, anew=anew)) as api:
        yield api


def _token(user: User, *, anew: bool) -> AltinnToken:
    with connect.alone(f"person:{user.pk}"):
        row = PersonConnection.objects.filter(user=user).first()
        if row is None:
            raise NotConnected
        kept = _opened(row)
        now = timezone.now()
        if kept.altinn and not anew and kept.altinn.expires_at > now + MARGIN:
            return kept.altinn
        try:
            return _fetched(row, kept.tokens, anew=anew, now=now)
        except SignInEnded as exc:
            disconnect(user, actor=None, now=now)
            raise NotConnected from exc


def _fetched(
    row: PersonConnection, tokens: PersonTokens, *, anew: bool, now: datetime
) -> AltinnToken:
    with connect.id_porten() as idporten:
        may_renew = bool(tokens.refresh_token) or tokens.expires_at <= now
        if may_renew and (anew or tokens.expires_at <= now + MARGIN):
            tokens = idporten.refresh(tokens)
            _save(row, _Kept(tokens))  # at once: the old refresh token may be dead
        altinn = idporten.altinn_token(tokens)
    _save(row, _Kept(tokens, altinn))
    return altinn


def _save(row: PersonConnection, kept: _Kept) -> None:
    """Keep renewed tokens, unless the person has disconnected meanwhile or signed in anew."""
    same = PersonConnection.objects.filter(pk=row.pk, connected_at=row.connected_at)
    if not same.update(sealed=_sealed(kept), expires_at=_ends_at(kept.tokens)):
        raise NotConnected


def _stop(user: User) -> None:
    """Let the person's queues wait until they sign in again."""
    running = AddingRun.objects.filter(person=user, state=AddingRun.State.RUNNING)
    running.update(
        state=AddingRun.State.SIGN_IN, lease_until_at=None, wait_until_at=None, trouble=ended()
    )


def ended() -> str:
    return _(
        "Innloggingen i ID-porten er avsluttet. Koble til igjen, så fortsetter køen der den slapp."
    )


def _ends_at(tokens: PersonTokens) -> datetime | None:
    return tokens.refresh_expires_at if tokens.refresh_token else tokens.expires_at


def _digest(session_id: str) -> str:
    return hashlib.sha256(session_id.encode()).hexdigest() if session_id else ""


def _sealed(kept: _Kept) -> bytes:
    return seal(msgspec.json.encode(kept))


def _opened(row: PersonConnection) -> _Kept:
    try:
        return msgspec.json.decode(unseal(row.sealed), type=_Kept)
    except (Unreadable, msgspec.MsgspecError) as exc:
        raise NotConnected from exc
