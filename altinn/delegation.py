"""Which clients a firm's agent system user acts for: added and removed by a person of the firm.

Takes an ID-porten token that Altinn has exchanged (`altinn.idporten`), of the firm's client
administrator. One client a call.

Source: altinn-authentication ad4f6f36; read 2026-07.
"""

from dataclasses import dataclass
from uuid import UUID

import httpx

from altinn.asking import AnyCase, Links, Neighbour, read
from altinn.environment import Environment
from altinn.packages import WirePackage, packages_in

SCOPES = ("altinn:clientdelegations.read", "altinn:clientdelegations.write")


@dataclass(frozen=True, kw_only=True)
class Agent:
    """An agent system user of the firm."""

    id: UUID
    system_id: str = ""
    owner_orgnr: str = ""
    external_ref: str = ""
    title: str = ""
    packages: tuple[str, ...] = ()
    is_deleted: bool = False


@dataclass(frozen=True, kw_only=True)
class Delegable:
    """A client that may be added, or has been."""

    party_uuid: UUID
    orgnr: str
    name: str


class _Agent(AnyCase, frozen=True, kw_only=True):
    id: UUID
    system_id: str | None = None
    reportee_org_no: str | None = None
    external_ref: str | None = None
    integration_title: str | None = None
    access_packages: list[WirePackage] | None = None
    is_deleted: bool | None = None


class _Client(AnyCase, frozen=True, kw_only=True):
    client_id: UUID
    client_organization_number: str | None = None
    client_organization_name: str | None = None


class _Clients(AnyCase, frozen=True, kw_only=True):
    data: list[_Client]
    links: Links | None = None


class ClientDelegation:
    """One person's view. Every method raises `altinn.errors.AltinnError`.

    401 (`Refused`, `status` 401) is a token that has run out: exchange a new one. 403 is a person
    who is not the firm's client administrator.
    """

    def __init__(
        self, http: httpx.Client, environment: Environment, auth: httpx.Auth | None
    ) -> None:
        base = f"{environment.platform_url}/authentication/api/v1/enduser/systemuser"
        self._altinn = Neighbour(http, base, auth)

    def agents(self, firm_orgnr: str) -> list[Agent]:
        """The firm's agent system users, with their packages."""
        return [
            Agent(
                id=each.id,
                system_id=each.system_id or "",
                owner_orgnr=each.reportee_org_no or "",
                external_ref=each.external_ref or "",
                title=each.integration_title or "",
                packages=packages_in(each.access_packages),
                is_deleted=bool(each.is_deleted),
            )
            for each in self._altinn.get("/agents", list[_Agent], params={"party": firm_orgnr})
        ]

    def available(self, agent: UUID) -> list[Delegable]:
        """Clients that have given the firm all the packages of this agent, added or not."""
        return self._clients("/clients/available", agent)

    def added(self, agent: UUID) -> list[Delegable]:
        """Clients the agent acts for now."""
        return self._clients("/clients", agent)

    def add(self, agent: UUID, client_uuid: UUID) -> None:
        """Let the agent act for the client. The same again changes nothing.

        Raises:
            Misunderstood: `code` AUTH-00080: the client has not given the firm the packages;
                AUTH-00079: Altinn does not know the client.
        """
        self._altinn.send("POST", "/clients", params=_both(agent, client_uuid))

    def remove(self, agent: UUID, client_uuid: UUID) -> None:
        """Let the agent no longer act for the client."""
        self._altinn.send("DELETE", "/clients", params=_both(agent, client_uuid))

    def _clients(self, path: str, agent: UUID) -> list[Delegable]:
        return [
            Delegable(
                party_uuid=each.client_id,
                orgnr=each.client_organization_number or "",
                name=each.client_organization_name or "",
            )
            for each in self._altinn.rows(path, _page, {"agent": str(agent)})
        ]


def _page(response: httpx.Response) -> tuple[list[_Client], str]:
    page = read(response, _Clients)
    return page.data, (page.links and page.links.next) or ""


def _both(agent: UUID, client: UUID) -> dict[str, str]:
    return {"agent": str(agent), "client": str(client)}
