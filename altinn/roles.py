"""Who has which role in which company, by Enhetsregisteret.

Source: the register's own documentation of its API, read 2026-08.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import httpx
import msgspec

from altinn.asking import AnyCase, read
from altinn.problems import iso_date
from altinn.units import Code


@dataclass(frozen=True, kw_only=True)
class Role:
    """A role in a company. `orgnr` is None when a person holds it; the birth date is not read."""

    code: str
    orgnr: str | None
    name: str
    is_ended: bool


@dataclass(frozen=True, kw_only=True)
class RoleHolder:
    """A company in which the firm has roles that have not ended («REGN», «REVI»)."""

    orgnr: str
    name: str
    is_deleted: bool
    roles: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class RoleChange:
    """Something about the roles in this company has changed. Go on after `id`."""

    id: str
    orgnr: str
    at: datetime | None


class _PersonName(AnyCase, frozen=True, kw_only=True):
    fornavn: str | None = None
    mellomnavn: str | None = None
    etternavn: str | None = None


class _Person(AnyCase, frozen=True, kw_only=True):
    navn: _PersonName | None = None


class _Company(AnyCase, frozen=True, kw_only=True):
    organisasjonsnummer: str
    navn: str | list[str] | None = None


class _Role(AnyCase, frozen=True, kw_only=True):
    type: Code
    fratraadt: bool | None = None
    avregistrert: bool | None = None
    enhet: _Company | None = None
    person: _Person | None = None


class _RoleGroup(AnyCase, frozen=True, kw_only=True):
    roller: list[_Role] | None = None


class _Roles(AnyCase, frozen=True, kw_only=True):
    rollegrupper: list[_RoleGroup] | None = None


class _Held(_Company, frozen=True, kw_only=True):
    er_slettet: bool | None = None
    roller: list[_Role] | None = None


class _Link(AnyCase, frozen=True, kw_only=True):
    href: str = ""


class _Links(AnyCase, frozen=True, kw_only=True):
    next: _Link | None = None


class _HeldPage(AnyCase, frozen=True, kw_only=True):
    enheter: list[_Held] | None = None
    links: _Links | None = msgspec.field(default=None, name="_links")


class _RoleChangeData(AnyCase, frozen=True, kw_only=True):
    organisasjonsnummer: str = ""


class _RoleChange(AnyCase, frozen=True, kw_only=True):
    id: str | int
    subject: str | None = None
    time: str | None = None
    data: _RoleChangeData | None = None


def roles_in(response: httpx.Response) -> list[Role]:
    groups = read(response, _Roles).rollegrupper or []
    return [_role(each) for group in groups for each in group.roller or ()]


def held_in(response: httpx.Response) -> tuple[list[RoleHolder], str]:
    """A page of the companies somebody has roles in, and the link to the next, or empty."""
    page = read(response, _HeldPage)
    holders = [
        RoleHolder(
            orgnr=each.organisasjonsnummer,
            name=_name(each.navn),
            is_deleted=bool(each.er_slettet),
            roles=frozenset(role.type.kode for role in each.roller or () if not _is_ended(role)),
        )
        for each in page.enheter or ()
    ]
    return holders, page.links.next.href if page.links and page.links.next else ""


def role_changes_in(response: httpx.Response) -> list[RoleChange]:
    changes = []
    for each in read(response, list[_RoleChange]):
        orgnr = (each.data and each.data.organisasjonsnummer) or each.subject or ""
        changes.append(RoleChange(id=str(each.id), orgnr=orgnr, at=iso_date(each.time or "")))
    return changes


def _role(wire: _Role) -> Role:
    if wire.enhet:
        orgnr, name = wire.enhet.organisasjonsnummer, _name(wire.enhet.navn)
    else:
        parts = (wire.person and wire.person.navn) or _PersonName()
        orgnr, name = None, _name([parts.fornavn, parts.mellomnavn, parts.etternavn])
    return Role(code=wire.type.kode, orgnr=orgnr, name=name, is_ended=_is_ended(wire))


def _is_ended(role: _Role) -> bool:
    return bool(role.fratraadt or role.avregistrert)


def _name(name: str | Iterable[str | None] | None) -> str:
    return name if isinstance(name, str) else " ".join(filter(None, name or ()))
