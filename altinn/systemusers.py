"""Requests for system users, which a person approves in Altinn, and the system users made of them.

Source: altinn-authentication ad4f6f36; read 2026-07.
"""

from functools import partial
from uuid import UUID

import httpx

from altinn.asking import Neighbour, segment
from altinn.environment import Environment
from altinn.packages import wire_rights
from altinn.systemuser_requests import (
    ChangeRequest,
    RegisteredUser,
    Request,
    RequestStatus,
    Wish,
    WishedChange,
    change_body,
    change_in,
    request_in,
    requests_in,
    user_in,
    users_in,
    wish_body,
)

__all__ = [
    "ChangeRequest",
    "RegisteredUser",
    "Request",
    "RequestStatus",
    "SystemUserRequests",
    "Wish",
    "WishedChange",
]

SCOPES = (
    "altinn:authentication/systemuser.request.write",
    "altinn:authentication/systemuser.request.read",
    "altinn:authentication/systemregister.write",  # for `system_users`
)

_STANDARD = "/request/vendor"
_AGENT = "/request/vendor/agent"
_CHANGE = "/changerequest/vendor"


class SystemUserRequests:
    """The vendor's view, with its own Maskinporten token (no system user), scopes `SCOPES`.

    Every method raises `altinn.errors.AltinnError`, with Altinn's `code` and `validation_codes`.
    Nothing here approves: a person does, at `confirm_url`. Poll the status.
    """

    def __init__(
        self, http: httpx.Client, environment: Environment, auth: httpx.Auth | None
    ) -> None:
        self._environment = environment
        base = f"{environment.platform_url}/authentication/api/v1/systemuser"
        self._altinn = Neighbour(http, base, auth)

    def ask_standard(self, wish: Wish) -> Request:
        """Ask the party for a system user of its own. The same again gives back the first.

        A rejected one comes back as rejected: `delete` it, then ask again.

        Raises:
            Misunderstood: `code` AUTH-00004: the system user exists already.
        """
        body = wish_body(wish) | {"rights": wire_rights(wish.rights)}
        return self._one(self._altinn.send("POST", _STANDARD, json=body), agent=False)

    def ask_agent(self, wish: Wish) -> Request:
        """Ask the firm for a system user that acts for its clients; else as `ask_standard`."""
        if wish.rights:
            raise ValueError("An agent system user has packages only")
        return self._one(self._altinn.send("POST", _AGENT, json=wish_body(wish)), agent=True)

    def standard(self, id: UUID) -> Request:
        """Raises NotThere when it is unknown or deleted."""
        return self._one(self._altinn.send("GET", f"{_STANDARD}/{_id(id)}"), agent=False)

    def agent(self, id: UUID) -> Request:
        """Raises NotThere when it is unknown or deleted."""
        return self._one(self._altinn.send("GET", f"{_AGENT}/{_id(id)}"), agent=True)

    def by_ref(self, system_id: str, orgnr: str, ref: str, *, agent: bool) -> Request:
        """The request with this reference. Raises NotThere when there is none."""
        base = _AGENT if agent else _STANDARD
        path = "/".join(map(segment, (system_id, orgnr, ref)))
        return self._one(self._altinn.send("GET", f"{base}/byexternalref/{path}"), agent=agent)

    def of_system(self, system_id: str, *, agent: bool) -> list[Request]:
        """All requests of a system, page by page."""
        path = f"{_AGENT if agent else _STANDARD}/bysystem/{segment(system_id)}"
        page = partial(requests_in, environment=self._environment, agent=agent)
        return list(self._altinn.rows(path, page, {}))

    def delete(self, id: UUID) -> None:
        """Take a request back, of either kind, so that it can be made anew."""
        self._altinn.send("DELETE", f"{_STANDARD}/{_id(id)}")

    def ask_change(self, wish: WishedChange) -> ChangeRequest:
        """Ask for other rights for a standard system user.

        Raises:
            Changed: `code` AUTH-00061: this id is used, and answered already.
        """
        params = {"correlation-id": _id(wish.id), "system-user-id": _id(wish.system_user_id)}
        response = self._altinn.send("POST", _CHANGE, params=params, json=change_body(wish))
        return change_in(response, self._environment)

    def change(self, id: UUID) -> ChangeRequest:
        """Raises NotThere when it is unknown or deleted."""
        response = self._altinn.send("GET", f"{_CHANGE}/{_id(id)}")
        return change_in(response, self._environment)

    def delete_change(self, id: UUID) -> None:
        """Take a change request back."""
        self._altinn.send("DELETE", f"{_CHANGE}/{_id(id)}")

    def system_user(self, system_id: str, orgnr: str, ref: str) -> RegisteredUser:
        """The system user itself. Raises NotThere when it is not approved, or deleted long ago."""
        params = {"system-id": system_id, "orgno": orgnr, "external-ref": ref}
        return user_in(self._altinn.send("GET", "/vendor/byquery", params=params))

    def system_users(self, system_id: str) -> list[RegisteredUser]:
        """All system users of a system, page by page, deleted ones too where Altinn tells."""
        path = f"/vendor/bysystem/{segment(system_id)}"
        return list(self._altinn.rows(path, users_in, {}))

    def _one(self, response: httpx.Response, *, agent: bool) -> Request:
        return request_in(response, self._environment, agent=agent)


def _id(value: UUID) -> str:
    """As a UUID whatever came in, so that it cannot lead to another address."""
    return str(UUID(str(value)))
