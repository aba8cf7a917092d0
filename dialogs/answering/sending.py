"""Make the one call that an action is. Nothing here is repeated, but for two cases known harmless.

Correspondence's confirm once more after a 500, and a call without a body once more after a 401 that
a fresh token may help. No transaction is open here, and what is to be sent is already written down.

An address of a dialog's gets that dialog's own token, which opens nothing of other clients'. The
system user's is for all of them, and goes to Nav alone, where the form decides the address.

Source: altinn-correspondence da785168 (Dialogporten may not be told in time: 500), read 2026-08.
"""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

import httpx
from django.conf import settings

from altinn.correspondence import Correspondence, correspondence_in
from altinn.correspondence_errors import AlreadyConfirmed, CorrespondenceError, DialogNotPatched
from altinn.credentials import may_have_dialog_token
from altinn.errors import AltinnError, Refused, TokenRefused, TryLater, UnknownOutcome
from altinn.http import open_http
from altinn.outside import Outside, TooLarge, TooSlow, Unsafe
from clients.models import SystemUser
from dialogs.answering import nav
from dialogs.answering.asked import Request
from dialogs.answering.judging import Answer, State, judge
from dialogs.models import ServiceAction

MOST_BYTES = 64 * 1024
MOST_KEPT = 8 * 1024  # of an answer
UNAUTHORIZED = 401
CONNECT_SECONDS = 5

Kind = ServiceAction.Kind
GetToken = Callable[[], str | None]


@dataclass(frozen=True)
class Keys:
    """What may open the door: the dialog token, how to get another, and the system user."""

    token: str | None
    renew: GetToken
    system_user: SystemUser

    def __repr__(self) -> str:
        return f"Keys({self.system_user})"


def send(kind: str, request: Request, keys: Keys) -> Answer:
    """Send what was written down, and say how it ended. Never raises what a call may raise.

    Raises:
        NotConfigured: a setting is missing; nothing was sent.
    """
    try:
        if kind in nav.KINDS:
            return nav.send(kind, request, keys.system_user)
        if kind in {Kind.CONFIRM, Kind.PURGE}:
            return _write_to_correspondence(kind, request, keys)
        return _press(request, keys)
    except UnknownOutcome as exc:
        return _from(exc, State.UNKNOWN)
    except (TryLater, TokenRefused, Unsafe) as exc:  # before anything was sent that changes things
        return _from(exc, State.NOT_DONE)
    except AltinnError as exc:
        return _from(exc, State.REFUSED)


def _from(exc: AltinnError, state: State) -> Answer:
    code = exc.code
    if isinstance(exc, CorrespondenceError) and exc.error_code:
        code = f"CORR-{exc.error_code:05}"
    if isinstance(exc, Unsafe):
        code = "UNSAFE"
    return Answer(state, exc.status, code, exc.message.encode()[:MOST_KEPT])


def _press(request: Request, keys: Keys) -> Answer:
    """Send a call without a body: a button, or a call for systems of a kind we do not know."""
    answer = _send_once(request, keys.token)
    if answer.wants_a_new_token and (renewed := keys.renew()):
        answer = _send_once(request, renewed)
    return answer


def _send_once(request: Request, token: str | None) -> Answer:
    _check(request.url, token)
    try:
        with Outside(settings.ALTINN.content_hosts).open(
            request.method,
            request.url,
            bearer=token,
            most_bytes=MOST_BYTES,
            seconds=settings.ANSWER_SECONDS,
            headers={"Accept": "application/json"},
            content=b"",
        ) as answer:
            status = answer.status
            try:
                body = answer.read()
            except (TooLarge, TooSlow, Unsafe):
                body = b""  # the status was heard, and that is what counts
    except TooSlow as exc:
        return _from(exc, State.UNKNOWN)
    return judge(status, body[:MOST_KEPT])


def _write_to_correspondence(kind: str, request: Request, keys: Keys) -> Answer:
    """Confirm or delete a letter."""
    letter = correspondence_in(request.url, settings.ALTINN)
    if letter is None:
        raise Unsafe("Not the address of a letter")
    _check(request.url, keys.token)
    with open_http(read_seconds=settings.ANSWER_SECONDS) as http:
        http.timeout = httpx.Timeout(settings.ANSWER_SECONDS, connect=CONNECT_SECONDS)
        try:
            reference = _change(kind, _api(http, keys.token), letter)
        except AlreadyConfirmed as exc:
            return _from(exc, State.DONE)  # what was wanted is so, whoever was first
        except Refused as exc:
            is_missing = isinstance(exc, CorrespondenceError) or exc.status != UNAUTHORIZED
            if is_missing or not (renewed := keys.renew()):
                raise
            reference = _change(kind, _api(http, renewed), letter)
    return Answer(State.DONE, 200, reference=str(reference))


def _change(kind: str, api: Correspondence, letter: UUID) -> UUID:
    """Have the letter fetched, or it cannot be confirmed; then confirm. Deleting needs no more."""
    if kind == Kind.PURGE:
        return api.purge(letter)
    api.overview(letter)
    try:
        return api.confirm(letter)
    except DialogNotPatched:
        pass
    try:
        return api.confirm(letter)
    except DialogNotPatched as exc:
        raise UnknownOutcome(exc.message, status=exc.status, url=exc.url) from None


def _api(http: httpx.Client, token: str | None) -> Correspondence:
    return Correspondence(http, settings.ALTINN, lambda: token or "")


def _check(url: str, token: str | None) -> None:
    """Refuse to send without a dialog token, or anywhere that it may not go."""
    if not token or not may_have_dialog_token(url, settings.ALTINN):
        raise Unsafe("Not an address that may be sent a token")
