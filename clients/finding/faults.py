"""What may be wrong with a line of a list, and the sentence that says what to do about it."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext as _

from clients.templatetags.orgnr import orgnr as shown


class Fault(StrEnum):
    # The line is not imported.
    NO_NUMBER = "no_number"
    DIGITS = "digits"
    NATIONAL_ID = "national_id"
    CONTROL = "control"
    DUPLICATE = "duplicate"
    REGISTERED = "registered"
    ARCHIVED = "archived"
    OUR_SUB_UNIT = "our_sub_unit"
    SUB_UNIT = "sub_unit"
    UNKNOWN = "unknown"
    REMOVED = "removed"
    DELETED = "deleted"
    NAMELESS = "nameless"
    RESPONSIBLE = "responsible"
    TEAM = "team"
    AREA = "area"
    # It is, and this is worth knowing.
    BANKRUPT = "bankrupt"
    DISSOLVING = "dissolving"
    NOT_IN_REGISTER = "not_in_register"
    OTHER_NAME = "other_name"


WARNINGS = frozenset({Fault.BANKRUPT, Fault.DISSOLVING, Fault.NOT_IN_REGISTER, Fault.OTHER_NAME})

Noted = dict[str, Any]  # {"code": …, and what the sentence names}


def noted(fault: Fault, **names: Any) -> Noted:
    return {"code": str(fault), **names}


def is_blocking(faults: list[Noted]) -> bool:
    return any(fault["code"] not in WARNINGS for fault in faults)


def kind(code: str) -> str:
    """Return a few words for a fault, to count and filter by."""
    return {
        Fault.NO_NUMBER: _("Uten organisasjonsnummer"),
        Fault.DIGITS: _("Ikke ni siffer"),
        Fault.NATIONAL_ID: _("Fødselsnummer"),
        Fault.CONTROL: _("Feil kontrollsiffer"),
        Fault.DUPLICATE: _("To ganger i listen"),
        Fault.REGISTERED: _("Allerede registrert"),
        Fault.ARCHIVED: _("Arkivert klient"),
        Fault.OUR_SUB_UNIT: _("Underenhet av en klient"),
        Fault.SUB_UNIT: _("Underenhet"),
        Fault.UNKNOWN: _("Ukjent nummer"),
        Fault.REMOVED: _("Fjernet fra registeret"),
        Fault.DELETED: _("Slettet"),
        Fault.NAMELESS: _("Uten navn"),
        Fault.RESPONSIBLE: _("Ukjent klientansvarlig"),
        Fault.TEAM: _("Ukjent team"),
        Fault.AREA: _("Ukjent fagansvarlig"),
        Fault.BANKRUPT: _("Konkurs"),
        Fault.DISSOLVING: _("Under avvikling"),
        Fault.NOT_IN_REGISTER: _("Testnummer"),
        Fault.OTHER_NAME: _("Annet navn i registeret"),
    }[Fault(code)]


def sentence(fault: Mapping[str, Any]) -> str:
    """Return what is wrong with a line and what to do, in one sentence or two."""
    names = {name: value for name, value in fault.items() if name != "code"}
    if "orgnr" in names:
        names["orgnr"] = shown(names["orgnr"])
    return _texts()[Fault(fault["code"])] % names


def _texts() -> dict[Fault, str]:
    return _about_the_number() | _about_the_unit() | _about_the_rest()


def _about_the_number() -> dict[Fault, str]:
    return {
        Fault.NO_NUMBER: _("Linjen har ikke noe organisasjonsnummer. Fyll det inn."),
        Fault.DIGITS: _("Et organisasjonsnummer har ni siffer. Se over nummeret."),
        Fault.NATIONAL_ID: _("Dette er et fødselsnummer. Bruk organisasjonsnummeret i stedet."),
        Fault.CONTROL: _("Kontrollsifferet stemmer ikke. Se over nummeret siffer for siffer."),
        Fault.DUPLICATE: _("Nummeret står også på linje %(line)s, og den blir brukt."),
        Fault.REGISTERED: _("%(name)s er allerede registrert. Linjen trengs ikke."),
        Fault.ARCHIVED: _("%(name)s er arkivert. Hent klienten tilbake i stedet."),
        Fault.OUR_SUB_UNIT: _(
            "Nummeret er en underenhet av %(name)s, som er klient. Linjen trengs ikke."
        ),
    }


def _about_the_unit() -> dict[Fault, str]:
    return {
        Fault.SUB_UNIT: _(
            "%(name)s er en underenhet. Bruk hovedenheten %(orgnr)s, så følger underenheten med."
        ),
        Fault.UNKNOWN: _("Enhetsregisteret kjenner ikke nummeret. Spør klienten etter det rette."),
        Fault.REMOVED: _(
            "Enheten er fjernet fra Enhetsregisteret og kan ikke være klient. Ta bort linjen."
        ),
        Fault.DELETED: _("%(name)s ble slettet %(on)s. Ta bort linjen, eller finn etterfølgeren."),
        Fault.BANKRUPT: _(
            "%(name)s er konkurs. Bostyreren bestemmer om dere fortsatt har tilgang."
        ),
        Fault.DISSOLVING: _("%(name)s er under avvikling."),
        Fault.NOT_IN_REGISTER: _(
            "Testnummeret finnes ikke i Enhetsregisteret, så navnet er ikke kontrollert."
        ),
        Fault.OTHER_NAME: _(
            "I Enhetsregisteret heter enheten %(name)s. Se over at nummeret er rett."
        ),
    }


def _about_the_rest() -> dict[Fault, str]:
    return {
        Fault.NAMELESS: _("Navnet mangler, og Enhetsregisteret har det ikke. Fyll det inn."),
        Fault.RESPONSIBLE: _(
            "Ingen ansatt i bruk har e-postadressen «%(who)s». Rett den, eller la feltet stå tomt."
        ),
        Fault.TEAM: _("Det finnes ikke noe team som heter «%(team)s». Rett det, eller lag teamet."),
        Fault.AREA: _(
            "Ingen ansatt i bruk har e-postadressen «%(who)s», som står under %(area)s. Rett den."
        ),
    }
