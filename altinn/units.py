"""What Enhetsregisteret says of companies, and of what has changed about them.

Source: the register's own documentation of its API, read 2026-08.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

import httpx
import msgspec

from altinn.asking import AnyCase, read
from altinn.identifiers import is_orgnr
from altinn.problems import iso_date

_DELETED = re.compile("^Slettet", re.IGNORECASE)  # «SlettetEnhet», «SlettetUnderenhet»


@dataclass(frozen=True, kw_only=True)
class Unit:
    """A company or one of its sub-units. `is_removed`: taken out for legal reasons; no name then.

    `form` is the register's code («AS», «ENK», «BEDR»). `parent_orgnr` is set on sub-units.
    """

    orgnr: str
    name: str = ""
    form: str = ""
    is_sub_unit: bool = False
    parent_orgnr: str | None = None
    is_deleted: bool = False
    deleted_on: date | None = None
    is_bankrupt: bool = False
    is_dissolving: bool = False
    is_forced_dissolving: bool = False
    is_removed: bool = False
    is_vat_registered: bool = False
    email: str = ""
    phone: str = ""
    employees: int | None = None
    postal_place: str = ""
    municipality: str = ""

    @property
    def has_ended(self) -> bool:
        """Deleted, removed, bankrupt or being dissolved."""
        return (
            self.is_deleted
            or self.is_removed
            or self.is_bankrupt
            or self.is_dissolving
            or self.is_forced_dissolving
        )


@dataclass(frozen=True, kw_only=True)
class UnitChange:
    """`kind`: Ny, Endring, Sletting, Fjernet or Ukjent. Go on after `id`."""

    id: int
    orgnr: str
    at: datetime | None
    kind: str


class Code(AnyCase, frozen=True, kw_only=True):
    kode: str = ""


class _Address(AnyCase, frozen=True, kw_only=True):
    poststed: str | None = None
    kommune: str | None = None


class _Unit(AnyCase, frozen=True, kw_only=True):
    organisasjonsnummer: str
    navn: str | None = None
    respons_klasse: str | None = msgspec.field(default=None, name="respons_klasse")
    organisasjonsform: Code | None = None
    overordnet_enhet: str | None = None
    slettedato: str | None = None
    nedleggelsesdato: str | None = None  # of a sub-unit
    konkurs: bool | None = None
    under_avvikling: bool | None = None
    under_tvangsavvikling_eller_tvangsopplosning: bool | None = None
    registrert_i_mvaregisteret: bool | None = None
    epostadresse: str | None = None
    telefon: str | None = None
    mobil: str | None = None
    antall_ansatte: int | None = None
    forretningsadresse: _Address | None = None
    beliggenhetsadresse: _Address | None = None  # of a sub-unit


class _Units(AnyCase, frozen=True, kw_only=True):
    enheter: list[_Unit] | None = None
    underenheter: list[_Unit] | None = None


class _Paging(AnyCase, frozen=True, kw_only=True):
    total_pages: int = 1


class _UnitPage(AnyCase, frozen=True, kw_only=True):
    embedded: _Units | None = msgspec.field(default=None, name="_embedded")
    page: _Paging | None = None


class _UnitChange(AnyCase, frozen=True, kw_only=True):
    oppdateringsid: int
    organisasjonsnummer: str
    dato: str | None = None
    endringstype: str | None = None


class _UnitChanges(AnyCase, frozen=True, kw_only=True):
    oppdaterte_enheter: list[_UnitChange] | None = None
    oppdaterte_underenheter: list[_UnitChange] | None = None


class _UnitChangePage(AnyCase, frozen=True, kw_only=True):
    embedded: _UnitChanges | None = msgspec.field(default=None, name="_embedded")


def unit_in(response: httpx.Response, *, is_sub_unit: bool) -> Unit:
    """The company in an answer. Raises Misunderstood, as all of these."""
    return _unit(read(response, _Unit), is_sub_unit=is_sub_unit)


def units_in(response: httpx.Response, *, are_sub_units: bool) -> tuple[list[Unit], int]:
    """A page of companies, and how many pages there are. An empty page has no list at all."""
    page = read(response, _UnitPage)
    found = page.embedded or _Units()
    units = (found.underenheter if are_sub_units else found.enheter) or []
    pages = page.page.total_pages if page.page else 1
    return [_unit(each, is_sub_unit=are_sub_units) for each in units], pages


def unit_changes_in(response: httpx.Response) -> list[UnitChange]:
    """Changes with their numbers rising. An empty page has no list at all."""
    found = read(response, _UnitChangePage).embedded or _UnitChanges()
    changes = [
        UnitChange(
            id=each.oppdateringsid,
            orgnr=each.organisasjonsnummer,
            at=iso_date(each.dato or ""),
            kind=each.endringstype or "Ukjent",
        )
        for each in found.oppdaterte_enheter or found.oppdaterte_underenheter or ()
    ]
    return sorted(changes, key=lambda change: change.id)


def batches(orgnrs: Iterable[str], size: int) -> list[list[str]]:
    """The numbers, each once, in lists of `size`; what is no number would spoil a whole list."""
    numbers = [each for each in dict.fromkeys(orgnrs) if is_orgnr(each)]
    return [numbers[at : at + size] for at in range(0, len(numbers), size)]


def _unit(wire: _Unit, *, is_sub_unit: bool) -> Unit:
    address = wire.forretningsadresse or wire.beliggenhetsadresse or _Address()
    deleted_on = _date(wire.slettedato) or _date(wire.nedleggelsesdato)
    return Unit(
        orgnr=wire.organisasjonsnummer,
        name=wire.navn or "",
        form=wire.organisasjonsform.kode if wire.organisasjonsform else "",
        is_sub_unit=is_sub_unit,
        parent_orgnr=wire.overordnet_enhet,
        is_deleted=bool(deleted_on or _DELETED.match(wire.respons_klasse or "")),
        deleted_on=deleted_on,
        is_bankrupt=bool(wire.konkurs),
        is_dissolving=bool(wire.under_avvikling),
        is_forced_dissolving=bool(wire.under_tvangsavvikling_eller_tvangsopplosning),
        is_vat_registered=bool(wire.registrert_i_mvaregisteret),
        email=wire.epostadresse or "",
        phone=wire.telefon or wire.mobil or "",
        employees=wire.antall_ansatte,
        postal_place=address.poststed or "",
        municipality=address.kommune or "",
    )


def _date(text: str | None) -> date | None:
    at = iso_date(text or "")
    return at.date() if at else None
