"""Which clients an agent works for: asked and told by a client administrator of the firm only.

Source: Altinn/altinn-authentication ad4f6f36, the end user's system user controller; read 2026-07.
"""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from werkzeug.wrappers import Request, Response

from sandbox import ids, rights, system_users
from sandbox.auth_problems import NO_AGENT, human, invalid, refuse
from sandbox.model import Json, Party, SystemUser
from sandbox.problems import Refused, json_response

if TYPE_CHECKING:
    from sandbox.state import Sandbox

READ = "altinn:clientdelegations.read"
WRITE = "altinn:clientdelegations.write"


def _check_administrator(box: "Sandbox", pid: str, owner: str) -> None:
    """Refuse, without a word, who is not client administrator of the firm."""
    firm = box.world.parties[box.world.firm].orgnr
    person = box.world.registers.people.get(pid)
    if person is None or owner != firm or "klientadministrator" not in person.packages:
        raise Refused(Response(status=403))


def agents(box: "Sandbox", request: Request) -> Response:
    pid = human(box, request, READ)
    owner = request.args.get("party", "")
    with box.world.lock:
        if ids.ORGANIZATION + owner not in box.world.parties:
            raise Refused(Response("System Owner not Found", 404, content_type="text/plain"))
        _check_administrator(box, pid, owner)
        found = [
            system_users.agent_shown(box.world, user)
            for user in box.world.users.values()
            if user.kind == "agent" and user.owner == owner and not user.is_deleted
        ]
    return json_response(found)


def _agent(box: "Sandbox", request: Request, pid: str) -> SystemUser:
    key = request.args.get("agent", "").lower()
    if not ids.is_uuid(key):
        raise invalid((14, "/$QUERY/agent"), title=NO_AGENT)
    user = box.world.users.get(key)
    if user is None or user.is_deleted:
        raise invalid((14, "/$QUERY/agent"))
    _check_administrator(box, pid, user.owner)
    if user.kind != "agent":
        raise invalid((15, "/$QUERY/agent"))
    return user


def _listed(user: SystemUser, parties: list[Party]) -> Response:
    return json_response(
        {
            "links": {},
            "systemUserInformation": {
                "systemUserId": user.id,
                "systemUserOwnerOrg": user.owner,
            },
            "data": [
                {
                    "clientId": party.uuid,
                    "clientOrganizationNumber": party.orgnr,
                    "clientOrganizationName": party.name,
                }
                for party in parties
            ],
        }
    )


def _mains(box: "Sandbox", user: SystemUser) -> Iterator[Party]:
    for party in box.world.parties.values():
        if party.orgnr and not party.parent and party.orgnr != user.owner:
            yield party


def available(box: "Sandbox", request: Request) -> Response:
    """List the clients that hold all the agent needs, added or not."""
    pid = human(box, request, READ)
    with box.world.lock:
        user = _agent(box, request, pid)
        found = [
            party
            for party in _mains(box, user)
            if not party.is_deleted and _is_ready(box, user, party)
        ]
    return _listed(user, found)


def added(box: "Sandbox", request: Request) -> Response:
    pid = human(box, request, READ)
    with box.world.lock:
        user = _agent(box, request, pid)
        found = [party for party in _mains(box, user) if _is_added(user, party)]
    return _listed(user, found)


def _is_added(user: SystemUser, party: Party) -> bool:
    """A system user that came with its world has its clients among its parties."""
    return party.urn in (user.clients if user.system else user.parties)


def _is_ready(box: "Sandbox", user: SystemUser, party: Party) -> bool:
    if not user.system:
        return bool(box.world.registers.given.get(party.orgnr))
    return rights.is_ready(box.world, user, party.orgnr)


def _asked(box: "Sandbox", request: Request) -> tuple[SystemUser, Party]:
    pid = human(box, request, WRITE)
    user = _agent(box, request, pid)
    key = request.args.get("client", "").lower()
    if not ids.is_uuid(key):
        raise invalid((16, "/$QUERY/client"))
    party = next((one for one in _mains(box, user) if one.uuid == key), None)
    if party is None:
        raise refuse(79)
    return user, party


def _done(user: SystemUser, party: Party) -> Response:
    body: Json = {"agent": user.id, "client": party.uuid}
    return json_response(body)


def add(box: "Sandbox", request: Request) -> Response:
    """Let the agent work for a client; once more changes nothing."""
    with box.world.lock:
        user, party = _asked(box, request)
        if party.is_deleted or not _is_ready(box, user, party):
            raise refuse(80)
        if party.orgnr in box.world.registers.barred:
            raise refuse(69)
        rights.give(box.world, user, party.urn, is_added=True)
    return _done(user, party)


def remove(box: "Sandbox", request: Request) -> Response:
    with box.world.lock:
        user, party = _asked(box, request)
        rights.give(box.world, user, party.urn, is_added=False)
    return _done(user, party)


_BASE = "/authentication/api/v1/enduser/systemuser"
_OPERATION = "clientdelegation"
ROUTES: list[tuple[str, str, str, Callable[..., Response]]] = [
    ("GET", f"{_BASE}/agents", _OPERATION, agents),
    ("GET", f"{_BASE}/clients/available", _OPERATION, available),
    ("GET", f"{_BASE}/clients", _OPERATION, added),
    ("POST", f"{_BASE}/clients", _OPERATION, add),
    ("DELETE", f"{_BASE}/clients", _OPERATION, remove),
]
