"""Altinn's register of systems: the one our vendor's Maskinporten client signs for.

Source: altinn-authentication ad4f6f36; read 2026-07.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx

from altinn.asking import AnyCase, Neighbour, read, segment
from altinn.environment import Environment
from altinn.packages import (
    WirePackage,
    WireRight,
    packages_in,
    rights_in,
    wire_packages,
    wire_rights,
)
from altinn.problems import iso_date

SCOPES = ("altinn:authentication/systemregister.write",)


@dataclass(frozen=True, kw_only=True)
class System:
    """A registered system. `id` is `{vendor's number}_{name}`, without spaces.

    `names` and `descriptions` are by language (nb, nn, en), `rights` are resources' ids
    («ske-krav-og-betalinger», «app_skd_a»), `packages` are URNs. `is_visible` must be False with
    the accountants' packages. A client id belongs to one system only.
    """

    id: str
    vendor_orgnr: str
    names: Mapping[str, str]
    descriptions: Mapping[str, str] = field(default_factory=dict)
    rights: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    client_ids: tuple[str, ...] = ()
    is_visible: bool = False
    redirect_urls: tuple[str, ...] = ()
    is_deleted: bool = False


@dataclass(frozen=True, kw_only=True)
class Change:
    """One line of a system's history. `kind`: create, update, rights_update …"""

    kind: str
    at: datetime | None
    by_orgnr: str
    client_id: str
    data: dict[str, Any]


class _Vendor(AnyCase, frozen=True, kw_only=True):
    id: str = ""


class _System(AnyCase, frozen=True, kw_only=True):
    """A whole system, and the shorter one in the list, which has other names."""

    id: str = ""
    system_id: str = ""
    vendor: _Vendor | None = None
    system_vendor_org_number: str | None = None
    name: dict[str, str | None] | None = None
    description: dict[str, str | None] | None = None
    rights: list[WireRight] | None = None
    access_packages: list[WirePackage] | None = None
    client_id: list[str] | None = None
    is_visible: bool = False
    allowed_redirect_urls: list[str] | None = None
    soft_deleted: bool = False
    is_deleted: bool = False


class _Change(AnyCase, frozen=True, kw_only=True):
    change_type: str = ""
    change_date: str | None = None
    changed_by_org_number: str | None = None
    client_id: str | None = None
    changed_data: Any = None


class SystemRegister:
    """Our systems, with the vendor's own Maskinporten token (no system user), scopes `SCOPES`.

    Every method raises `altinn.errors.AltinnError`, with Altinn's `code` and `validation_codes`.
    """

    def __init__(
        self, http: httpx.Client, environment: Environment, auth: httpx.Auth | None
    ) -> None:
        base = f"{environment.platform_url}/authentication/api/v1/systemregister/vendor"
        self._altinn = Neighbour(http, base, auth)

    def create(self, system: System) -> str:
        """Register the system; gives Altinn's internal id.

        Raises:
            Misunderstood: see `validation_codes`. AUTH.VLD-00002: it is there already, which is
                the answer also when the first try got none: `read` it.
        """
        return read(self._altinn.send("POST", "", json=_wire(system)), str)

    def read(self, system_id: str) -> System:
        """Raises NotThere when it is unknown or another vendor's."""
        return _system(self._altinn.get(f"/{segment(system_id)}", _System))

    def mine(self) -> list[System]:
        """The vendor's systems, without client ids, packages and redirect addresses."""
        return [_system(each) for each in self._altinn.get("", list[_System])]

    def update(self, system: System) -> None:
        """Replace everything about it. What is left out is taken away."""
        self._altinn.send("PUT", f"/{segment(system.id)}", json=_wire(system))

    def set_rights(self, system_id: str, rights: Sequence[str]) -> None:
        """Replace the list of rights, given as resources' ids."""
        path = f"/{segment(system_id)}/rights"
        self._altinn.send("PUT", path, json=wire_rights(rights))

    def set_packages(self, system_id: str, packages: Sequence[str]) -> None:
        """Replace the list of packages, given as URNs."""
        path = f"/{segment(system_id)}/accesspackages"
        self._altinn.send("PUT", path, json=wire_packages(packages))

    def delete(self, system_id: str) -> None:
        """Mark it as deleted. It cannot be brought back, and its id cannot be used again."""
        self._altinn.send("DELETE", f"/{segment(system_id)}")

    def changes(self, system_id: str) -> list[Change]:
        """The system's history, as Altinn gives it; the names in `data` are in lower case."""
        return [
            Change(
                kind=each.change_type,
                at=iso_date(each.change_date or ""),
                by_orgnr=each.changed_by_org_number or "",
                client_id=each.client_id or "",
                data=each.changed_data if isinstance(each.changed_data, dict) else {},
            )
            for each in self._altinn.get(f"/{segment(system_id)}/changelog", list[_Change])
        ]


def _wire(system: System) -> dict[str, object]:
    return {
        "id": system.id,
        "vendor": {"authority": "iso6523-actorid-upis", "ID": f"0192:{system.vendor_orgnr}"},
        "name": dict(system.names),
        "description": dict(system.descriptions),
        "rights": wire_rights(system.rights),
        "accessPackages": wire_packages(system.packages),
        "clientId": list(system.client_ids),
        "isVisible": system.is_visible,
        "allowedRedirectUrls": list(system.redirect_urls),
    }


def _system(wire: _System) -> System:
    vendor = wire.vendor.id.removeprefix("0192:") if wire.vendor else ""
    return System(
        id=wire.id or wire.system_id,
        vendor_orgnr=vendor or wire.system_vendor_org_number or "",
        names=_texts(wire.name),
        descriptions=_texts(wire.description),
        rights=rights_in(wire.rights),
        packages=packages_in(wire.access_packages),
        client_ids=tuple(wire.client_id or ()),
        is_visible=wire.is_visible,
        redirect_urls=tuple(wire.allowed_redirect_urls or ()),
        is_deleted=wire.soft_deleted or wire.is_deleted,
    )


def _texts(texts: dict[str, str | None] | None) -> dict[str, str]:
    return {language: text for language, text in (texts or {}).items() if text}
