"""Nav's income reports: which request a dialog asks about, and sending the report.

Source: hag-dialog e65a4b5e (handlers), fp-inntektsmelding bd2039e9 (DialogportenRequestMapper),
sykepenger-im-lps-api 69d000a9; read 2026-08. Unverified: that a system user is let in at
foreldrepenger, and with which scope.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import UUID

import httpx
import msgspec
from django.conf import settings

from altinn.credentials import Credential
from altinn.details import Details, Transmission
from altinn.errors import AltinnError, TryLater, UnknownOutcome
from altinn.http import is_below
from altinn.nav import NavForeldrepenger, NavSykepenger
from altinn.nav_errors import Duplicate, NavError
from altinn.nav_foreldrepenger_forms import ForeldrepengerInntektsmelding
from altinn.nav_forms import Inntektsmelding, SentReport, SentStatus
from altinn.wire import TransmissionType
from clients import connect
from clients.models import SystemUser
from dialogs.answering.asked import Request
from dialogs.answering.judging import Answer, State
from dialogs.content.opening import reader_of
from dialogs.models import Dialog, ServiceAction

Kind = ServiceAction.Kind
Api = NavSykepenger | NavForeldrepenger

KINDS = frozenset({Kind.SYKEPENGER, Kind.FORELDREPENGER})
CREDENTIALS = {
    Kind.SYKEPENGER: Credential.NAV_SYKEPENGER,
    Kind.FORELDREPENGER: Credential.NAV_FORELDREPENGER,
}
STATES = {
    SentStatus.MOTTATT: State.ACCEPTED,
    SentStatus.GODKJENT: State.DONE,
    SentStatus.FEILET: State.REFUSED,
    SentStatus.AVVIST: State.REFUSED,
}
APPROVED = {"INNTEKTSMELDING_GODKJENT"}
TURNED_DOWN = {"INNTEKTSMELDING_AVVIST"}
CONNECT_SECONDS = 5

_REQUEST = re.compile(r"/v1/forespoersel/([0-9a-fA-F-]{36})(?:[/?#]|$)")


def base_of(kind: str) -> str:
    """Where Nav's API for the kind is."""
    environment = settings.ALTINN
    if kind == Kind.SYKEPENGER:
        return environment.nav_sykepenger_url
    return environment.nav_foreldrepenger_url


def reference_in(details: Details, kind: str) -> str:
    """Return Nav's id of the newest request in a dialog, or nothing."""
    newest_first = sorted(details.transmissions, key=lambda one: one.created_at, reverse=True)
    for transmission in newest_first:
        if transmission.type == TransmissionType.REQUEST and transmission.is_authorized:
            for url in _addresses(transmission):
                match = _REQUEST.search(url)
                if match and is_below(url, base_of(kind)) and _is_uuid(match[1]):
                    return match[1].lower()
    return ""


def _addresses(transmission: Transmission) -> Iterator[str]:
    return (url.url for attachment in transmission.attachments for url in attachment.urls)


def _is_uuid(text: str) -> bool:
    try:
        return bool(UUID(text))
    except ValueError:
        return False


@contextmanager
def opened(kind: str, system_user: SystemUser) -> Iterator[Api]:
    """Open Nav's API with the token of its one scope.

    Raises:
        NotConfigured: a setting is missing.
        AltinnError: there is no token to be had. Nothing was sent.
    """
    with connect.credential(system_user, CREDENTIALS[Kind(kind)]) as (http, get_token):
        http.timeout = httpx.Timeout(settings.ANSWER_SECONDS, connect=CONNECT_SECONDS)
        token = get_token()
        make: Callable[..., Api] = NavSykepenger if kind == Kind.SYKEPENGER else NavForeldrepenger
        yield make(http, settings.ALTINN, lambda: token)


def known_before(kind: str, reference: str, orgnr: str, dialog: Dialog) -> list[str] | None:
    """Return the ids of what Nav has got for a request already; None if it does not say."""
    try:
        with opened(kind, reader_of(dialog)) as api:
            return [str(report.id) for report in api.sent_for(UUID(reference), orgnr)]
    except (AltinnError, connect.NotConfigured):
        return None


def send(kind: str, request: Request, system_user: SystemUser) -> Answer:
    """Send a report, once. What is taken in is judged later: a transmission tells how it went.

    Raises:
        AltinnError: as `altinn.nav` says; UnknownOutcome where it may have arrived.
        NotConfigured: a setting is missing.
    """
    try:
        with opened(kind, system_user) as api:
            return answer_of(_send(api, request.body))
    except Duplicate as exc:
        return refusal(exc, State.DONE)  # Nav has this very report
    except NavError as exc:
        if isinstance(exc, UnknownOutcome):
            raise
        return refusal(exc, State.NOT_DONE if isinstance(exc, TryLater) else State.REFUSED)


def _send(api: Api, body: str) -> SentReport:
    if isinstance(api, NavSykepenger):
        return api.send(msgspec.json.decode(body, type=Inntektsmelding))
    return api.send(msgspec.json.decode(body, type=ForeldrepengerInntektsmelding))


def answer_of(report: SentReport) -> Answer:
    """What Nav says of a report."""
    code = report.fault.feilkode if report.fault else ""
    said = (report.fault.feilmelding or "") if report.fault else ""
    state = STATES.get(report.status, State.ACCEPTED)
    return Answer(state, None, code, said.encode(), str(report.id))


def refusal(exc: NavError, state: State) -> Answer:
    return Answer(
        state, exc.status, exc.feilkode, "; ".join(exc.messages).encode(), str(exc.reference or "")
    )


def judged_by(transmissions: list[Transmission], *, reference: str) -> State | None:
    """What the transmissions since say of a report, the newest first; nothing yet if none does.

    A report is named in its answer's attachment, so another one's answer is not taken for ours.
    """
    for one in sorted(transmissions, key=lambda each: each.created_at, reverse=True):
        addresses = list(_addresses(one))  # a refusal for parental leave has none
        if reference and addresses and not any(reference in url for url in addresses):
            continue
        if one.extended_type in APPROVED or one.type == TransmissionType.ACCEPTANCE:
            return State.DONE
        if one.extended_type in TURNED_DOWN or one.type == TransmissionType.REJECTION:
            return State.REFUSED
    return None
