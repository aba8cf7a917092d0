"""Who the firm is: its number looked up in Enhetsregisteret, and each odd answer explained."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from altinn.enhetsregisteret import Unit
from altinn.environment import PRODUCTION
from altinn.errors import AltinnError, NotThere
from clients import connect
from clients.models import ONLY, Client, Firm
from staff import audit
from staff.models import User


def is_production() -> bool:
    """Whether clients are real. Test organisations are unknown to the open register."""
    return bool(settings.ALTINN.platform_url == PRODUCTION.platform_url)


@dataclass(frozen=True)
class Found:
    """What the register said of a number. With `trouble`, the number cannot be the firm's."""

    orgnr: str
    unit: Unit | None = None
    trouble: str = ""
    warning: str = ""
    instead: str = ""  # the number to use instead

    @property
    def name(self) -> str:
        return self.unit.name if self.unit else ""


def look_up(orgnr: str) -> Found:
    """Ask Enhetsregisteret for a number whose control digit is right."""
    try:
        with connect.enhetsregisteret() as register:
            unit = register.unit(orgnr)
    except NotThere:
        return _unknown(orgnr)
    except AltinnError:
        warning = _(
            "Enhetsregisteret svarer ikke nå. Prøv igjen om litt, eller skriv navnet selv så lenge."
        )
        return Found(orgnr, warning=warning)
    return _judged(orgnr, unit)


def _unknown(orgnr: str) -> Found:
    if is_production():
        trouble = _(
            "Enhetsregisteret kjenner ikke nummeret. Se over det siffer for siffer. Er firmaet "
            "nettopp stiftet, kan det ta en dag før det kommer med."
        )
        return Found(orgnr, trouble=trouble)
    warning = _(
        "Enhetsregisteret kjenner ikke nummeret. I testmiljøet er det som det skal: syntetiske "
        "virksomheter står ikke i det åpne registeret. Skriv navnet selv."
    )
    return Found(orgnr, warning=warning)


def _judged(orgnr: str, unit: Unit) -> Found:
    if unit.is_removed:
        return Found(orgnr, unit, trouble=_("Virksomheten er fjernet fra registeret."))
    if unit.is_deleted:
        trouble = _("%(name)s er slettet i Enhetsregisteret%(when)s og kan ikke eie systembrukere.")
        return Found(orgnr, unit, trouble=trouble % {"name": unit.name, "when": _on(unit)})
    if unit.is_sub_unit:
        trouble = _(
            "%(name)s er en underenhet. Systembrukere eies av hovedenheten, så bruk nummeret til "
            "den."
        )
        return Found(
            orgnr, unit, trouble=trouble % {"name": unit.name}, instead=unit.parent_orgnr or ""
        )
    warning = ""
    if unit.is_bankrupt:
        warning = _("Enhetsregisteret har registrert konkurs.")
    elif unit.is_dissolving or unit.is_forced_dissolving:
        warning = _("Enhetsregisteret har registrert at virksomheten er under avvikling.")
    return Found(orgnr, unit, warning=warning)


def _on(unit: Unit) -> str:
    when = unit.deleted_on
    return f" {date_format(when, 'j. F Y')}" if isinstance(when, date) else ""


def set_firm(found: Found, *, name: str, actor: User | None, now: datetime) -> Firm:
    """Say who the firm is. A client with its number is marked as the firm itself."""
    facts: dict[str, Any] = {
        "orgnr": found.orgnr,
        "name": found.name or name,
        "snapshot": _snapshot(found.unit),
        "checked_at": now if found.unit else None,
    }
    with transaction.atomic():
        firm, _is_new = Firm.objects.update_or_create(pk=ONLY, defaults=facts)
        Client.objects.filter(is_firm=True).exclude(orgnr=firm.orgnr).update(is_firm=False)
        Client.objects.filter(orgnr=firm.orgnr).update(is_firm=True)
        audit.record(
            actor=actor, act="firm set", about="firm", now=now, orgnr=firm.orgnr, name=firm.name
        )
    return firm


def _snapshot(unit: Unit | None) -> dict[str, Any] | None:
    """Keep what pages show of the firm."""
    if unit is None:
        return None
    return {
        "form": unit.form,
        "is_vat_registered": unit.is_vat_registered,
        "employees": unit.employees,
        "email": unit.email,
        "phone": unit.phone,
    }
