"""Nav's APIs for income reports (inntektsmelding), one for sykepenger and one for foreldrepenger.

`NavSykepenger(http, environment, token)` and `NavForeldrepenger(…)` have the same four methods:
`request(id)` what Nav asks for, `send(report)`, `sent_for(id)` what Nav has got, and `sent(id)`.
The reports are in `altinn.nav_forms`, the refusals in `altinn.nav_errors`.

`token` gives a raw Maskinporten token with Nav's one scope alone. What is sent may name a person
and a sickness: neither it nor an answer stands in an error, a `repr` or a log.

Source: navikt/sykepenger-im-lps-api 69d000a9, fp-inntektsmelding-api 498063eb, read 2026-08.
Unverified: whether a system user of ours is let in at foreldrepenger.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import TypeVar
from uuid import UUID

import httpx
import msgspec

from altinn.environment import Environment
from altinn.errors import Misunderstood, UnknownOutcome
from altinn.http import deliver, receive, without_secrets
from altinn.nav_errors import nav_error_in
from altinn.nav_forms import (
    AarsakInnsending,
    ForeldrepengerForespoersel,
    ForeldrepengerInntektsmelding,
    Forespoersel,
    Inntektsmelding,
    SentReport,
    SentStatus,
    Valideringsfeil,
    body_of,
)
from altinn.problems import UNREADABLE
from altinn.wire import Wire

_T = TypeVar("_T")


class _Received(Wire, frozen=True, kw_only=True, rename="camel"):
    innsending_id: UUID


class _Inntektsmelding(Wire, frozen=True, kw_only=True, rename="camel"):
    id: UUID
    status: SentStatus = SentStatus.UNKNOWN
    innsendt_tid: datetime | None = None
    aarsak_innsending: str = ""
    valideringsfeil: Valideringsfeil | None = None


class _ForeldrepengerReceived(Wire, frozen=True, kw_only=True, rename="camel"):
    inntektsmelding_id: UUID
    status: SentStatus = SentStatus.MOTTATT
    innsendt_tid: datetime | None = None


_received = msgspec.json.Decoder(_Received)
_one = msgspec.json.Decoder(_Inntektsmelding)
_many = msgspec.json.Decoder(list[_Inntektsmelding])
_request = msgspec.json.Decoder(Forespoersel)
_foreldrepenger_received = msgspec.json.Decoder(_ForeldrepengerReceived)
_foreldrepenger_many = msgspec.json.Decoder(list[_ForeldrepengerReceived])
_foreldrepenger_request = msgspec.json.Decoder(ForeldrepengerForespoersel)


class NavSykepenger:
    """Income reports for sykepenger. The caller opens and closes `http`."""

    def __init__(
        self, http: httpx.Client, environment: Environment, token: Callable[[], str]
    ) -> None:
        self._api = _Api(http, environment.nav_sykepenger_url, token)

    def request(self, nav_reference_id: UUID) -> Forespoersel:
        """What Nav asks for.

        Raises:
            UnknownReference: Nav knows of none such.
            NoAccess: a delegation is missing.
        """
        return self._api.read(f"/v1/forespoersel/{_id(nav_reference_id)}", _request)

    def send(self, report: Inntektsmelding) -> SentReport:
        """Send a report, once. It is taken, and judged later: a transmission tells how it went.

        Raises:
            NavError: refused; see `altinn.nav_errors`.
            Unreached: nothing was sent.
            UnknownOutcome: ask `sent_for` before it is sent again.
        """
        received = self._api.send("/v1/inntektsmelding", body_of(report), _received)
        return SentReport(id=received.innsending_id)

    def sent_for(self, nav_reference_id: UUID, orgnr: str | None = None) -> list[SentReport]:
        """What Nav has got for a request, the newest first.

        `orgnr` is the sub-unit's that the request is to; without it Nav is asked for that too.
        """
        orgnr = orgnr or self.request(nav_reference_id).orgnr
        wanted = {"orgnr": orgnr, "navReferanseId": _id(nav_reference_id)}
        found = self._api.ask("/v1/inntektsmeldinger", wanted, _many)
        return _newest_first(map(_sykepenger, found))

    def sent(self, id: UUID) -> SentReport:
        """How it goes with a report; its judgement is in `status` and `fault`."""
        return _sykepenger(self._api.read(f"/v1/inntektsmelding/{_id(id)}", _one))


class NavForeldrepenger:
    """Income reports for foreldrepenger and svangerskapspenger, as `NavSykepenger`."""

    def __init__(
        self, http: httpx.Client, environment: Environment, token: Callable[[], str]
    ) -> None:
        self._api = _Api(http, environment.nav_foreldrepenger_url, token)

    def request(self, request_id: UUID) -> ForeldrepengerForespoersel:
        return self._api.read(f"/v1/forespoersel/{_id(request_id)}", _foreldrepenger_request)

    def send(self, report: ForeldrepengerInntektsmelding) -> SentReport:
        """Send a report, once. Most are judged at once: see `status`."""
        body = body_of(report)
        return _foreldrepenger(
            self._api.send("/v1/inntektsmelding/send-inn", body, _foreldrepenger_received)
        )

    def sent_for(self, request_id: UUID, orgnr: str | None = None) -> list[SentReport]:
        orgnr = orgnr or self.request(request_id).orgnr
        wanted = {"orgnr": orgnr, "forespoerselId": _id(request_id)}
        path = "/v1/inntektsmelding/hent/inntektsmeldinger"
        found = self._api.ask(path, wanted, _foreldrepenger_many)
        return _newest_first(map(_foreldrepenger, found))

    def sent(self, id: UUID) -> SentReport:
        path = f"/v1/inntektsmelding/hent/{_id(id)}"
        return _foreldrepenger(self._api.read(path, _foreldrepenger_received))


class _Api:
    """What the two have in common."""

    def __init__(self, http: httpx.Client, base: str, token: Callable[[], str]) -> None:
        self._http = http
        self._base = base
        self._token = token

    def read(self, path: str, decoder: msgspec.json.Decoder[_T]) -> _T:
        request = self._request("GET", path)
        return _decoded(receive(self._http, request, base=self._base), decoder)

    def ask(self, path: str, wanted: dict[str, str], decoder: msgspec.json.Decoder[_T]) -> _T:
        """A question that is too long, or too private, for an address. Changes nothing."""
        request = self._request("POST", path, msgspec.json.encode(wanted))
        return _decoded(receive(self._http, request, base=self._base), decoder)

    def send(self, path: str, body: bytes, decoder: msgspec.json.Decoder[_T]) -> _T:
        request = self._request("POST", path, body)
        response = deliver(self._http, request, base=self._base)
        if response.status_code >= 500 and not response.content.startswith(b"{"):
            raise UnknownOutcome("Nav failed", status=response.status_code, url=str(request.url))
        try:
            return _decoded(response, decoder, is_change=True)
        except Misunderstood as exc:
            if response.is_success:
                raise UnknownOutcome("Taken, but without an id", url=exc.url) from None
            raise

    def _request(self, method: str, path: str, body: bytes | None = None) -> httpx.Request:
        headers = {"Authorization": f"Bearer {self._token()}"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        return self._http.build_request(method, self._base + path, headers=headers, content=body)


def _decoded(
    response: httpx.Response, decoder: msgspec.json.Decoder[_T], *, is_change: bool = False
) -> _T:
    error = nav_error_in(
        response.status_code,
        response.headers,
        without_secrets(response),
        url=str(response.request.url),
        now=datetime.now(UTC),
        is_change=is_change,
    )
    if error:
        raise error
    try:
        return decoder.decode(response.content)
    except UNREADABLE:
        # What msgspec says may quote what was answered.
        raise Misunderstood(
            "Not the answer we know", status=response.status_code, url=str(response.request.url)
        ) from None


def _sykepenger(wire: _Inntektsmelding) -> SentReport:
    return SentReport(
        id=wire.id,
        status=wire.status,
        sent_at=wire.innsendt_tid,
        is_change=wire.aarsak_innsending == AarsakInnsending.ENDRING,
        fault=wire.valideringsfeil,
    )


def _foreldrepenger(wire: _ForeldrepengerReceived) -> SentReport:
    return SentReport(id=wire.inntektsmelding_id, status=wire.status, sent_at=wire.innsendt_tid)


def _newest_first(reports: Iterable[SentReport]) -> list[SentReport]:
    return sorted(reports, key=lambda each: str(each.sent_at or ""), reverse=True)


def _id(value: UUID) -> str:
    """As a UUID whatever came in, so that it cannot lead to another address."""
    return str(UUID(str(value)))
