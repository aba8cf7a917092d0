"""Which packages each client has given the firm, by role: asked by a client administrator.

Source: Altinn/altinn-authorization-tmp f7ff53bd, client delegations for the end user; read 2026-08.
The shape is that of the internal answer the public one is made of.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from werkzeug.wrappers import Request, Response

from sandbox import packages
from sandbox.auth_problems import human
from sandbox.client_delegation import READ
from sandbox.model import Json, Party
from sandbox.problems import Refused, json_response

if TYPE_CHECKING:
    from sandbox.state import Sandbox

PAGE = 100
_ROLES = (("regnskapsforer", packages.ACCOUNTANTS), ("revisor", packages.OTHERS_CLIENTS),
          ("rettighetshaver", packages.ORDINARY))  # fmt: skip


def clients(box: "Sandbox", request: Request) -> Response:
    """List who has given the firm anything, a page at a time as the headers ask."""
    pid = human(box, request, READ)
    size = request.headers.get("X-Page-Size", PAGE, type=int)
    number = request.headers.get("X-Page-Number", 1, type=int)
    with box.world.lock:
        person = box.world.registers.people.get(pid)
        firm = box.world.parties[box.world.firm]
        if person is None or "klientadministrator" not in person.packages:
            raise Refused(Response(status=403))
        if request.args.get("party", "").lower() != firm.uuid:
            raise Refused(Response(status=403))
        found = [
            row
            for party in box.world.parties.values()
            if (row := _row(party, box.world.registers.given.get(party.orgnr, set())))
        ]
    start = max(0, number - 1) * size
    return json_response({"links": {"next": None}, "data": found[start : start + size]})


def _row(party: Party, given: set[str]) -> Json | None:
    access: list[Json] = [
        {
            "role": {"code": code, "urn": f"urn:altinn:external-role:ccr:{code}"},
            "packages": packages.urns(sorted(held)),
        }
        for code, known in _ROLES
        if (held := given.intersection(known))
    ]
    if not access:
        return None
    client = {
        "id": party.uuid,
        "name": party.name,
        "type": "Organisasjon",
        "variant": party.form,
        "partyid": party.party_id,
        "organizationIdentifier": party.orgnr,
        "isDeleted": party.is_deleted,
    }
    return {"client": client, "access": access}


ROUTES: list[tuple[str, str, str, Callable[..., Response]]] = [
    ("GET", "/accessmanagement/api/v1/enduser/clientdelegations/clients", "clientdelegation",
     clients),
]  # fmt: skip
