"""App instances through Altinn Storage: what files one has, and where they are fetched.

`Instances(http, environment, token).read(party_id, guid)`; `instance_in(url, environment)` finds
party id, guid and data element in an address; `unwrapped(url, environment)` takes the log-in off
an address; `delete_error_in(…)` reads what the «Slett» of an app answers.

Source: altinn-storage d9364e40, altinn-dialogporten-adapter e09798f0, read 2026-08.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Unpack
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit
from uuid import UUID

import httpx
import msgspec

from altinn.environment import Environment, origin
from altinn.errors import About, AltinnError, Misunderstood, Refused, error_in
from altinn.http import is_below, send
from altinn.problems import UNREADABLE, problem_in
from altinn.wire import Time, TolerantEnum, Wire

_UUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_PLACE = re.compile(
    rf"/(?:instances?|receipt)/([0-9]{{1,12}})/({_UUID})(?:/data/({_UUID}))?(?:/|$)"
)
_REPORTEE = "dontChooseReportee"


class ScanResult(TolerantEnum):
    NOT_APPLICABLE = "NotApplicable"
    PENDING = "Pending"
    CLEAN = "Clean"
    INFECTED = "Infected"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True)
class Place:
    """An instance's id, and a data element's where the address is one file's."""

    party_id: int
    guid: UUID
    data_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class DataElement:
    """A file of an instance. `url` is below our platform's Storage, else None: not ours to fetch.

    Fetching it has Altinn note that it is read.
    """

    id: UUID
    data_type: str
    filename: str | None
    content_type: str | None
    size_bytes: int | None
    scan: ScanResult
    is_read: bool
    url: str | None

    @property
    def may_be_fetched(self) -> bool:
        """Whether it has an address of ours, and no virus scan speaks against it."""
        return self.url is not None and self.scan in (ScanResult.CLEAN, ScanResult.NOT_APPLICABLE)


@dataclass(frozen=True, kw_only=True)
class Instance:
    """`owner_orgnr` is whom the instance belongs to: compare it with the dialog's party."""

    party_id: int
    guid: UUID
    app_id: str
    owner_orgnr: str | None
    archived_at: datetime | None
    substatus: str
    elements: tuple[DataElement, ...]

    def element(self, id: UUID) -> DataElement | None:
        return next((each for each in self.elements if each.id == id), None)


class TooEarly(Refused):
    """An app's instance cannot be deleted yet: its owner keeps it for some days after archiving.

    Wait until `deletion_allowed_at`, or put the dialog in the bin.
    """

    def __init__(
        self,
        message: str = "",
        *,
        grace_period_days: int | None = None,
        archived_at: datetime | None = None,
        deletion_allowed_at: datetime | None = None,
        **about: Unpack[About],
    ) -> None:
        super().__init__(message, **about)
        self.grace_period_days = grace_period_days
        self.archived_at = archived_at
        self.deletion_allowed_at = deletion_allowed_at


class _Links(Wire, frozen=True, kw_only=True, rename="camel"):
    platform: str | None = None


class _Element(Wire, frozen=True, kw_only=True, rename="camel"):
    id: UUID
    data_type: str = ""
    filename: str | None = None
    content_type: str | None = None
    size: int | None = None
    file_scan_result: ScanResult = ScanResult.NOT_APPLICABLE
    is_read: bool = False
    self_links: _Links = _Links()


class _Owner(Wire, frozen=True, kw_only=True, rename="camel"):
    organisation_number: str | None = None


class _Substatus(Wire, frozen=True, kw_only=True, rename="camel"):
    label: str | None = None


class _Status(Wire, frozen=True, kw_only=True, rename="camel"):
    archived: Time | None = None
    substatus: _Substatus | None = None


class _Instance(Wire, frozen=True, kw_only=True, rename="camel"):
    app_id: str = ""
    instance_owner: _Owner = _Owner()
    status: _Status | None = None
    data: tuple[_Element, ...] = ()


class _TooEarly(Wire, frozen=True, kw_only=True, rename="camel"):
    grace_period_days: int | None = None
    archived_at: Time | None = None
    deletion_allowed_at: Time | None = None


_instance = msgspec.json.Decoder(_Instance)
_too_early = msgspec.json.Decoder(_TooEarly)


class Instances:
    """One token's view of Storage. Wants an exchanged token with altinn:instances.read.

    The caller opens and closes `http`.
    """

    def __init__(
        self, http: httpx.Client, environment: Environment, token: Callable[[], str]
    ) -> None:
        self._http = http
        self._token = token
        self._base = f"{environment.platform_url}/storage/api/v1/instances"

    def read(self, party_id: int, guid: UUID) -> Instance:
        """The instance and its files, active or archived. Marks nothing as read.

        Raises:
            Refused: the system user may not read it; a delegation is missing.
            NotThere: deleted, or never there.
        """
        address = f"{self._base}/{int(party_id)}/{UUID(str(guid))}"
        headers = {"Authorization": f"Bearer {self._token()}"}
        request = self._http.build_request("GET", address, headers=headers)
        response = send(self._http, request, base=self._base)
        try:
            wire = _instance.decode(response.content)
        except UNREADABLE as exc:
            raise Misunderstood(str(exc), status=response.status_code, url=address) from None
        return Instance(
            party_id=int(party_id),
            guid=UUID(str(guid)),
            app_id=wire.app_id,
            owner_orgnr=wire.instance_owner.organisation_number,
            archived_at=wire.status.archived if wire.status else None,
            substatus=(wire.status and wire.status.substatus and wire.status.substatus.label) or "",
            elements=tuple(_element(each, address) for each in wire.data),
        )


def _element(wire: _Element, instance_address: str) -> DataElement:
    url = wire.self_links.platform or ""
    return DataElement(
        id=wire.id,
        data_type=wire.data_type,
        filename=wire.filename,
        content_type=wire.content_type,
        size_bytes=wire.size,
        scan=wire.file_scan_result,
        is_read=wire.is_read,
        url=url if is_below(url, f"{instance_address}/data") else None,
    )


def instance_in(url: str, environment: Environment) -> Place | None:
    """The instance that an address of an app, of Storage or of the adapter is about, else None.

    Whatever it says: only Storage knows whose instance that is.
    """
    url = unwrapped(url, environment)
    if not _is_altinns(url, environment):
        return None
    parts = urlsplit(url)
    match = _PLACE.search(parts.path) or _PLACE.search(parts.fragment)
    if not match:
        return None
    party_id, guid, data_id = match.groups()
    return Place(int(party_id), UUID(guid), UUID(data_id) if data_id else None)


def unwrapped(url: str, environment: Environment) -> str:
    """Where an address leads after the log-in it is wrapped in; any other address as it is.

    Only our own platform's log-in is taken off, and once. For reading: the address itself is for
    a person's browser, and neither of the two is ever called.
    """
    if not is_below(url, f"{environment.platform_url}/authentication"):
        return url
    inner = [value for name, value in parse_qsl(urlsplit(url).query) if name == "goto"]
    if len(inner) != 1 or not inner[0].startswith(("https://", f"{environment.platform_url}/")):
        return url
    try:
        parts = urlsplit(inner[0])
    except ValueError:
        return url
    kept = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] != _REPORTEE]
    return urlunsplit(parts._replace(query=urlencode(kept)))


def delete_error_in(
    status: int, headers: Mapping[str, str], body: bytes, *, url: str, now: datetime
) -> AltinnError | None:
    """What the adapter's answer to DELETE means; None when the instance is deleted."""
    if status != 422:
        return error_in(status, headers, body, url=url, now=now)
    try:
        found = _too_early.decode(body)
    except UNREADABLE:
        found = _TooEarly()
    return TooEarly(
        problem_in(body).said() or "Cannot be deleted yet",
        grace_period_days=found.grace_period_days,
        archived_at=found.archived_at,
        deletion_allowed_at=found.deletion_allowed_at,
        status=status,
        url=url,
        retry_at=found.deletion_allowed_at,
    )


def _is_altinns(url: str, environment: Environment) -> bool:
    """Whether it is our platform's address, or one of its apps' («ssb.apps.altinn.no»)."""
    try:
        parts = urlsplit(url)
        if origin(url) == origin(environment.platform_url):
            return "@" not in parts.netloc
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    domain = (urlsplit(environment.platform_url).hostname or "").removeprefix("platform.")
    is_app = re.fullmatch(rf"[a-z0-9-]+\.apps\.{re.escape(domain)}", host) is not None
    return is_app and parts.scheme == "https" and port in (None, 443) and "@" not in parts.netloc
