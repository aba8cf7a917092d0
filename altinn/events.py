"""Altinn Events: subscriptions, and the events it pushes to us.

Source: Altinn Events and Dialogporten 1.119.1, read 2026-08.
"""

import re
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import httpx
import msgspec

from altinn.environment import Environment
from altinn.errors import Misunderstood, Refused
from altinn.http import send
from altinn.identifiers import canonical_party
from altinn.problems import UNREADABLE, iso_date
from altinn.wire import Wire

LARGEST_EVENT_BYTES = 64 * 1024

_VALIDATION = "platform.events.validatesubscription"
_DIALOG = "dialogporten.dialog."
_SEEN = "dialogporten.dialog.seen."
_LONGEST_TEXT = 2048
_SUBSCRIPTION_ID = re.compile(r"/subscriptions?/([0-9]{1,18})/?$")

_NOT_AUTHORIZED = re.compile(r"not authorized to create a subscription", re.IGNORECASE)

_BAD_ADDRESS = re.compile(r"invalid endpoint", re.IGNORECASE)

_T = TypeVar("_T")


class BadAddress(Misunderstood):
    """Altinn does not push to such an address: https alone will do. No service is to blame."""


class PollOnly(Refused):
    """The service lets no system user of ours subscribe. Nothing else is wrong."""


class Subscription(Wire, frozen=True, kw_only=True, rename="camel"):
    """A subscription. `end_point` holds a secret of ours. Nothing is sent until `validated`."""

    id: int
    end_point: str = ""
    resource_filter: str | None = None
    subject_filter: str | None = None
    type_filter: str | None = None
    consumer: str | None = None
    created: str | None = None
    validated: bool = False
    include_subunits: bool = False

    def __repr__(self) -> str:
        return f"Subscription(id={self.id}, {self.resource_filter}, validated={self.validated})"


class _Subscriptions(Wire, frozen=True, kw_only=True, rename="camel"):
    subscriptions: list[Subscription]


_subscription = msgspec.json.Decoder(Subscription)
_subscriptions = msgspec.json.Decoder(_Subscriptions)


class Subscriptions:
    """Subscriptions of one system user. Wants an exchanged token (`auth(…, exchange=True)`).

    Every method raises `altinn.errors.AltinnError`.
    """

    def __init__(
        self, http: httpx.Client, environment: Environment, auth: httpx.Auth | None
    ) -> None:
        self._http = http
        self._auth = auth
        self._base = environment.events_url

    def create(
        self,
        end_point: str,
        resource: str,
        subject: str | None = None,
        type: str | None = None,
        *,
        include_subunits: bool = False,
    ) -> Subscription:
        """Subscribe to events about a resource (URN) for a party (URN), of one type or all.

        The same again gives back the one there is, and makes Altinn validate `end_point` anew.
        A new subscription may take an hour to work.

        Raises:
            PollOnly: the service lets no system user subscribe.
            Refused: another 401 or 403, as of a missing scope: it is not the service.
            BadAddress: it is our address that will not do.
            Misunderstood: Altinn's sentence on what else is wrong.
            ValueError: an empty text, which would be stored and never match.
        """
        if "" in (end_point, resource, subject, type):
            raise ValueError("Leave out what is not wanted; an empty text never matches")
        body: dict[str, object] = {
            "endPoint": end_point,
            "resourceFilter": resource.lower(),
            "includeSubunits": include_subunits,
        }
        if subject is not None:
            body["subjectFilter"] = canonical_party(subject)
        if type is not None:
            body["typeFilter"] = type
        try:
            return self._ask("POST", "", _subscription, json=body, secrets=(end_point,))
        except Refused as exc:
            if exc.status == 403 and _NOT_AUTHORIZED.search(exc.message):
                raise PollOnly(
                    exc.message, status=403, url=exc.url, trace_id=exc.trace_id
                ) from None
            raise
        except Misunderstood as exc:
            if exc.status == 400 and _BAD_ADDRESS.search(exc.message):
                raise BadAddress(
                    exc.message, status=400, url=exc.url, trace_id=exc.trace_id
                ) from None
            raise

    def all(self) -> list[Subscription]:
        """All of this system user's, in one answer, those not validated too."""
        return self._ask("GET", "", _subscriptions).subscriptions

    def get(self, id: int) -> Subscription:
        return self._ask("GET", f"/{int(id)}", _subscription)

    def delete(self, id: int) -> None:
        """Events may go on coming for an hour. Raises NotThere when it is gone already."""
        self._send("DELETE", f"/{int(id)}")

    def _ask(
        self,
        method: str,
        path: str,
        decoder: msgspec.json.Decoder[_T],
        *,
        json: object = None,
        secrets: tuple[str, ...] = (),
    ) -> _T:
        response = self._send(method, path, json=json, secrets=secrets)
        try:
            return decoder.decode(response.content)
        except UNREADABLE as exc:
            raise Misunderstood(
                str(exc), status=response.status_code, url=str(response.request.url)
            ) from None

    def _send(
        self, method: str, path: str, *, json: object = None, secrets: tuple[str, ...] = ()
    ) -> httpx.Response:
        request = self._http.build_request(method, f"{self._base}/subscriptions{path}", json=json)
        return send(self._http, request, base=self._base, auth=self._auth, secrets=secrets)


class CloudEvent(Wire, frozen=True, kw_only=True):
    """An event as Altinn pushes it: unsigned, so a hint and never the truth.

    `(source, id)` is what makes it the same event. No text in it holds a NUL. `data` is empty
    when there was none, or none that we can read.
    """

    id: str
    source: str
    type: str
    specversion: str = ""
    time: str | None = None
    subject: str | None = None
    resource: str | None = None
    resourceinstance: str | None = None
    data: dict[str, Any] = {}

    @property
    def dialog_id(self) -> UUID | None:
        """The dialog it is about, from `resourceinstance`; `source` is never followed."""
        try:
            return UUID(self.resourceinstance or "")
        except ValueError:
            return None

    @property
    def party(self) -> str | None:
        """The party's URN, with one colon; None for other subjects («/party/…»)."""
        urn = canonical_party(self.subject or "")
        return urn if urn.startswith("urn:") else None

    @property
    def service_resource(self) -> str | None:
        """The service's URN, in lower case."""
        return self.resource.lower() if self.resource else None

    @property
    def at(self) -> datetime | None:
        """When it happened (aware), if it says so."""
        return iso_date(self.time) if self.time else None

    @property
    def is_seen(self) -> bool:
        """Somebody has read the dialog. Our own readings come back as this."""
        return self.type.startswith(_SEEN)

    @property
    def is_validation(self) -> bool:
        """Altinn asks whether the address answers. No dialog is meant."""
        return self.type == _VALIDATION

    @property
    def is_about_dialog(self) -> bool:
        """Whatever the type, also one we do not know: look at the dialog again."""
        return self.type.startswith(_DIALOG) and self.dialog_id is not None

    @property
    def subscription_id(self) -> int | None:
        """Which subscription a validation is about."""
        match = _SUBSCRIPTION_ID.search(self.source) if self.is_validation else None
        return int(match[1]) if match else None


class _WireEvent(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    source: str
    type: str
    specversion: str = ""
    time: str | None = None
    subject: str | None = None
    resource: str | None = None
    resourceinstance: str | None = None
    data: msgspec.Raw = msgspec.Raw()


_event = msgspec.json.Decoder(_WireEvent)
_data = msgspec.json.Decoder(dict[str, Any])


def read_event(body: bytes) -> CloudEvent:
    """Read a pushed body: one event in structured mode.

    Raises:
        Misunderstood: it can never be an event of ours, however often it is sent.
    """
    if len(body) > LARGEST_EVENT_BYTES:
        raise Misunderstood(f"The event is larger than {LARGEST_EVENT_BYTES} bytes")
    try:
        wire = _event.decode(body)
    except UNREADABLE as exc:
        raise Misunderstood(f"Not an event: {exc}") from None
    texts = {name: getattr(wire, name) for name in _WireEvent.__struct_fields__ if name != "data"}
    for name, value in texts.items():
        if value is not None and ("\x00" in value or len(value) > _LONGEST_TEXT):
            raise Misunderstood(f"Not an event: {name} is too long, or holds a NUL")
    if not (wire.id and wire.source and wire.type):
        raise Misunderstood("Not an event: id, source or type is empty")
    return CloudEvent(**texts, data=_read_data(bytes(wire.data)))


def _read_data(raw: bytes) -> dict[str, Any]:
    if not raw or b"\\u0000" in raw:
        return {}
    try:
        return _data.decode(raw)
    except UNREADABLE:
        return {}
