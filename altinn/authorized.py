"""Which parties a system user really may act for, and with which packages.

Source: altinn-authorization-tmp f7ff53bd; read 2026-08.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

import httpx

from altinn.asking import AnyCase, Links, Neighbour, read
from altinn.environment import Environment
from altinn.packages import WirePackage, package_urn

SCOPES = ("altinn:accessmanagement/authorizedparties",)


@dataclass(frozen=True, kw_only=True)
class AuthorizedParty:
    """A party in the answer's tree. `only_hierarchy`: it is there for its sub-units alone.

    `orgnr` is None for a person. `packages` are URNs, `resources` resources' ids.
    """

    party_uuid: UUID | None
    orgnr: str | None
    name: str
    is_deleted: bool
    only_hierarchy: bool
    packages: frozenset[str]
    resources: frozenset[str]
    parent_orgnr: str | None


class _Party(AnyCase, frozen=True, kw_only=True):
    party_uuid: UUID | None = None
    organization_number: str | None = None
    name: str | None = None
    is_deleted: bool | None = None
    only_hierarchy_element_with_no_access: bool | None = None
    authorized_access_packages: list[str | WirePackage] | None = None
    authorized_resources: list[str] | None = None
    subunits: "list[_Party] | None" = None


class _Inner(AnyCase, frozen=True, kw_only=True):
    data: list[_Party]
    links: Links | None = None


class _Page(AnyCase, frozen=True, kw_only=True):
    """The documentation nests `data` twice; the code does not."""

    data: list[_Party] | _Inner
    links: Links | None = None


class AuthorizedParties:
    """One system user's view. Wants an exchanged token (`auth(…, exchange=True)`), `SCOPES`."""

    def __init__(
        self, http: httpx.Client, environment: Environment, auth: httpx.Auth | None
    ) -> None:
        base = f"{environment.platform_url}/accessmanagement/api/v1/enduser"
        self._altinn = Neighbour(http, base, auth)

    def all(self, *, packages: bool = True, resources: bool = False) -> list[AuthorizedParty]:
        """Every party, main units before their sub-units, page by page.

        Raises:
            AltinnError: see `altinn.errors`.
        """
        params = {
            "includeAccessPackages": str(packages).lower(),
            "includeResources": str(resources).lower(),
            "includeSubParties": "true",
            "includeInactiveParties": "true",
        }
        rows = self._altinn.rows("/authorizedparties", _page, params)
        return [party for each in rows for party in _flat(each, parent_orgnr=None)]


def _page(response: httpx.Response) -> tuple[list[_Party], str]:
    if response.content.lstrip().startswith(b"["):  # as older ones answer
        return read(response, list[_Party]), ""
    answer = read(response, _Page)
    inner = answer.data if isinstance(answer.data, _Inner) else _Inner(data=answer.data)
    links = answer.links or inner.links
    return inner.data, (links and links.next) or ""


def _flat(wire: _Party, *, parent_orgnr: str | None) -> Iterator[AuthorizedParty]:
    packages = (
        each if isinstance(each, str) else each.urn
        for each in wire.authorized_access_packages or ()
    )
    yield AuthorizedParty(
        party_uuid=wire.party_uuid,
        orgnr=wire.organization_number or None,
        name=wire.name or "",
        is_deleted=bool(wire.is_deleted),
        only_hierarchy=bool(wire.only_hierarchy_element_with_no_access),
        packages=frozenset(package_urn(each) for each in packages if each),
        resources=frozenset(wire.authorized_resources or ()),
        parent_orgnr=parent_orgnr,
    )
    for each in wire.subunits or ():
        yield from _flat(each, parent_orgnr=wire.organization_number or None)
