"""Requests for system users: what is asked for, and what Altinn says of it.

Source: altinn-authentication ad4f6f36; read 2026-07.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import httpx

from altinn.asking import AnyCase, Links, read
from altinn.environment import Environment
from altinn.http import is_below
from altinn.identifiers import is_orgnr
from altinn.packages import (
    WirePackage,
    WireRight,
    packages_in,
    rights_in,
    wire_packages,
    wire_rights,
)
from altinn.problems import iso_date
from altinn.wire import TolerantEnum


class RequestStatus(TolerantEnum):
    NEW = "New"
    ACCEPTED = "Accepted"
    REJECTED = "Rejected"
    DENIED = "Denied"
    TIMEDOUT = "Timedout"  # nobody answered in 180 days
    NO_CHANGE_NEEDED = "NoChangeNeeded"  # change requests only
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What to ask for. `party_orgnr` will own the system user: the firm, for an agent.

    `packages` are URNs, `rights` resources' ids (never for an agent). `redirect_url` must be one
    of the system's, apart from its query. Without `external_ref` Altinn takes the party's number.
    """

    system_id: str
    party_orgnr: str
    packages: tuple[str, ...] = ()
    rights: tuple[str, ...] = ()
    external_ref: str = ""
    redirect_url: str = ""
    title: str = ""


@dataclass(frozen=True, kw_only=True)
class Request:
    """A request. `id` is the system user's id once it is accepted.

    `confirm_url` is where a person approves: always below the environment's own access management.
    `is_escalated`: who opened it may not approve, and has sent it on to the access manager.
    `is_new` is False when Altinn gave back one that was there, whatever its status.
    """

    id: UUID
    status: RequestStatus
    system_id: str
    party_orgnr: str
    external_ref: str = ""
    packages: tuple[str, ...] = ()
    rights: tuple[str, ...] = ()
    confirm_url: str = ""
    redirect_url: str = ""
    title: str = ""
    is_agent: bool = False
    is_escalated: bool = False
    is_timed_out: bool = False
    created_at: datetime | None = None
    is_new: bool = False


@dataclass(frozen=True, kw_only=True)
class WishedChange:
    """What to change about a standard system user. An agent cannot be changed: make a new one.

    `id` is chosen by us (uuid4) and becomes the change request's id, so that it can be sent again.
    """

    id: UUID
    system_user_id: UUID
    packages: tuple[str, ...] = ()
    unwanted_packages: tuple[str, ...] = ()
    rights: tuple[str, ...] = ()
    unwanted_rights: tuple[str, ...] = ()
    redirect_url: str = ""


@dataclass(frozen=True, kw_only=True)
class ChangeRequest:
    """`status` is NO_CHANGE_NEEDED when it has all of it already; nobody is asked then."""

    id: UUID
    status: RequestStatus
    system_id: str = ""
    party_orgnr: str = ""
    external_ref: str = ""
    packages: tuple[str, ...] = ()
    unwanted_packages: tuple[str, ...] = ()
    rights: tuple[str, ...] = ()
    unwanted_rights: tuple[str, ...] = ()
    confirm_url: str = ""
    redirect_url: str = ""
    is_new: bool = False


@dataclass(frozen=True, kw_only=True)
class RegisteredUser:
    """A system user as Altinn has it. `owner_orgnr` goes into Maskinporten's grant."""

    id: UUID
    system_id: str
    owner_orgnr: str
    external_ref: str = ""
    title: str = ""
    is_agent: bool = False
    is_deleted: bool = False
    created_at: datetime | None = None


class _Request(AnyCase, frozen=True, kw_only=True):
    """A request of any of the three kinds; each has some of it."""

    id: UUID
    status: RequestStatus = RequestStatus.UNKNOWN
    system_id: str | None = None
    party_org_no: str | None = None
    external_ref: str | None = None
    access_packages: list[WirePackage] | None = None
    rights: list[WireRight] | None = None
    required_access_packages: list[WirePackage] | None = None
    unwanted_access_packages: list[WirePackage] | None = None
    required_rights: list[WireRight] | None = None
    unwanted_rights: list[WireRight] | None = None
    confirm_url: str | None = None
    redirect_url: str | None = None
    integration_title: str | None = None
    escalated: bool | None = None
    timed_out: bool | None = None
    created: str | None = None


class _SystemUser(AnyCase, frozen=True, kw_only=True):
    id: UUID
    system_id: str | None = None
    reportee_org_no: str | None = None
    external_ref: str | None = None
    integration_title: str | None = None
    user_type: str | None = None
    is_deleted: bool | None = None
    created: str | None = None


class _Requests(AnyCase, frozen=True, kw_only=True):
    data: list[_Request]
    links: Links | None = None


class _SystemUsers(AnyCase, frozen=True, kw_only=True):
    data: list[_SystemUser]
    links: Links | None = None


def request_in(response: httpx.Response, environment: Environment, *, agent: bool) -> Request:
    """The request in an answer. Raises Misunderstood."""
    is_new = response.status_code == httpx.codes.CREATED
    return _request(read(response, _Request), environment, agent=agent, is_new=is_new)


def requests_in(
    response: httpx.Response, environment: Environment, *, agent: bool
) -> tuple[list[Request], str]:
    """A page of requests, and the link to the next. Raises Misunderstood."""
    page = read(response, _Requests)
    rows = [_request(each, environment, agent=agent) for each in page.data]
    return rows, (page.links and page.links.next) or ""


def _request(
    wire: _Request, environment: Environment, *, agent: bool, is_new: bool = False
) -> Request:
    page = "agentrequest" if agent else "request"
    return Request(
        id=wire.id,
        status=wire.status,
        system_id=wire.system_id or "",
        party_orgnr=wire.party_org_no or "",
        external_ref=wire.external_ref or "",
        packages=packages_in(wire.access_packages),
        rights=rights_in(wire.rights),
        confirm_url=_confirm_url(wire, page, environment),
        redirect_url=wire.redirect_url or "",
        title=wire.integration_title or "",
        is_agent=agent,
        is_escalated=bool(wire.escalated),
        is_timed_out=bool(wire.timed_out) or wire.status == RequestStatus.TIMEDOUT,
        created_at=iso_date(wire.created or ""),
        is_new=is_new,
    )


def change_in(response: httpx.Response, environment: Environment) -> ChangeRequest:
    """The change request in an answer. Raises Misunderstood."""
    wire = read(response, _Request)
    return ChangeRequest(
        id=wire.id,
        status=wire.status,
        system_id=wire.system_id or "",
        party_orgnr=wire.party_org_no or "",
        external_ref=wire.external_ref or "",
        packages=packages_in(wire.required_access_packages),
        unwanted_packages=packages_in(wire.unwanted_access_packages),
        rights=rights_in(wire.required_rights),
        unwanted_rights=rights_in(wire.unwanted_rights),
        confirm_url=_confirm_url(wire, "changerequest", environment),
        redirect_url=wire.redirect_url or "",
        is_new=response.status_code == httpx.codes.CREATED,
    )


def _confirm_url(wire: _Request, page: str, environment: Environment) -> str:
    """Altinn's address when it is where it must be, else the documented one; lists have none."""
    base = f"{environment.access_management_url}/accessmanagement/ui/systemuser"
    if wire.confirm_url and is_below(wire.confirm_url, base):
        return wire.confirm_url
    return f"{base}/{page}?id={wire.id}&DONTCHOOSEREPORTEE=true"


def user_in(response: httpx.Response) -> RegisteredUser:
    """The system user in an answer. Raises Misunderstood."""
    return _user(read(response, _SystemUser))


def users_in(response: httpx.Response) -> tuple[list[RegisteredUser], str]:
    """A page of system users, and the link to the next. Raises Misunderstood."""
    page = read(response, _SystemUsers)
    return [_user(each) for each in page.data], (page.links and page.links.next) or ""


def _user(wire: _SystemUser) -> RegisteredUser:
    return RegisteredUser(
        id=wire.id,
        system_id=wire.system_id or "",
        owner_orgnr=wire.reportee_org_no or "",
        external_ref=wire.external_ref or "",
        title=wire.integration_title or "",
        is_agent=(wire.user_type or "").lower() == "agent",
        is_deleted=bool(wire.is_deleted),
        created_at=iso_date(wire.created or ""),
    )


def wish_body(wish: Wish) -> dict[str, object]:
    """What is not wished for is left out; «externalRef» is the one name that Altinn reads.

    Raises:
        ValueError: not an organisation number.
    """
    if not is_orgnr(wish.party_orgnr):
        raise ValueError("party_orgnr must be an organisation number: nine digits")
    body: dict[str, object] = {
        "systemId": wish.system_id,
        "partyOrgNo": wish.party_orgnr,
        "accessPackages": wire_packages(wish.packages),
    }
    more = {
        "externalRef": wish.external_ref,
        "redirectUrl": wish.redirect_url,
        "integrationTitle": wish.title,
    }
    return body | {name: value for name, value in more.items() if value}


def change_body(wish: WishedChange) -> dict[str, object]:
    body: dict[str, object] = {
        "requiredRights": wire_rights(wish.rights),
        "unwantedRights": wire_rights(wish.unwanted_rights),
        "requiredAccessPackages": wire_packages(wish.packages),
        "unwantedAccessPackages": wire_packages(wish.unwanted_packages),
    }
    return body | ({"redirectUrl": wish.redirect_url} if wish.redirect_url else {})
