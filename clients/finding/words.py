"""What is said of a candidate: what it lacks, who can do something about it, and what they do."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from altinn.packages import PACKAGE
from clients.finding.verdicts import ASKS_FOR_PACKAGES, ASKS_FOR_ROLE, Reason
from clients.models import Candidate
from clients.setup.packages import PACKAGES, label_of
from clients.templatetags.orgnr import orgnr as shown

COLORS = {
    Candidate.State.SEES_ALL: "success",
    Candidate.State.PARTLY: "warning",
    Candidate.State.READY: "info",
    Candidate.State.PACKAGE_MISSING: "warning",
    Candidate.State.NO_ROLE: "danger",
    Candidate.State.ENDED: "neutral",
}


def listed(things: Iterable[str]) -> str:
    """«a, b og c»."""
    things = list(things)
    if len(things) < 2:
        return "".join(things)
    return _("%(first)s og %(last)s") % {"first": ", ".join(things[:-1]), "last": things[-1]}


def names_of(urns: Iterable[str]) -> list[str]:
    """Return packages' names, those that come with the accountant's role first."""
    order = {package.name: place for place, package in enumerate(PACKAGES)}
    bare = {urn.removeprefix(PACKAGE) for urn in urns}
    return [label_of(name) for name in sorted(bare, key=lambda name: (order.get(name, 99), name))]


def asks_client(candidate: Candidate) -> bool:
    """Whether there is something the client can do, and so an e-mail to it."""
    return candidate.reason in ASKS_FOR_PACKAGES | ASKS_FOR_ROLE


def role_name(code: str) -> str:
    """Return a role in Enhetsregisteret in words; its code when it is a rare one."""
    names = {"REGN": _("regnskapsfører"), "REVI": _("revisor"), "FFØR": _("forretningsfører")}
    return names.get(code, code)


def sight(seen: Mapping[str, Any] | None) -> str:
    """Return what a system user sees of a candidate, as it was last read."""
    if not seen:
        return _("Ser ikke klienten")
    if not seen["sees"]:
        return _("Ser bare en underenhet")
    if names := names_of(seen["held"]):
        return listed(names)
    return _("Ser klienten")


def sentence(candidate: Candidate, *, firm: str) -> str:
    """Return, in one sentence, what lacks and who can fix it."""
    if not candidate.reason:
        return _("Ikke vurdert ennå.")
    detail = candidate.detail
    names = {
        "firm": firm,
        "packages": listed(names_of(detail.get("packages", []))),
        "users": listed(detail.get("system_users", [])),
        "on": _day(detail.get("on", "")),
        "roles": listed(map(role_name, detail.get("roles", []))),
        "accountant": detail.get("accountant", ""),
        "main": number(detail.get("main", "")),
        "code": detail.get("code", ""),
    }
    reason = Reason(candidate.reason)
    return (_of_what_is_seen() | _of_what_may_be() | _of_the_unit())[reason] % names


def _day(iso: str) -> str:
    return date_format(date.fromisoformat(iso), "j. F Y") if iso else ""


def _of_what_is_seen() -> dict[Reason, str]:
    return {
        Reason.SEES_ALL: _("Ingenting mangler: %(users)s ser alt dere har bedt om."),
        Reason.SEES_BY_ITS_OWN: _(
            "Ingenting mangler: klienten har sin egen systembruker, %(users)s."
        ),
        Reason.PACKAGES_LACK: _(
            "%(users)s mangler %(packages)s; klienten kan gi det til %(firm)s i Altinn."
        ),
        Reason.ROLE_PACKAGES_LACK: _(
            "%(users)s mangler minst én av pakkene rollen skulle gitt (%(packages)s); klientens "
            "tilgangsstyrer må se over fullmaktene til %(firm)s."
        ),
        Reason.PACKAGES_NOT_GIVEN_ON: _(
            "%(users)s ser ikke klienten, som må gi %(packages)s til %(firm)s i Altinn først."
        ),
        Reason.ROLE_GONE: _(
            "Rollen som regnskapsfører er borte i Enhetsregisteret, og med den %(packages)s; "
            "klienten må registrere %(firm)s på nytt."
        ),
        Reason.ONLY_SUB_UNITS: _(
            "%(users)s ser bare en underenhet; klienten må gi tilgangen for hovedenheten."
        ),
        Reason.NOT_IN_DIALOGPORTEN: _(
            "Tilgangen er på plass for %(users)s, men Dialogporten viser den ikke ennå; den "
            "kommer av seg selv innen en time."
        ),
        Reason.OWNER_OUT_OF_REACH: _(
            "%(users)s ser foretaket, men ikke brev til innehaveren som privatperson; dem må "
            "innehaveren selv gi dere."
        ),
        Reason.NOT_ADDED_TO_ALL: _(
            "Klienten er ikke lagt til hos %(users)s; firmaets klientadministrator kan gjøre det "
            "nå."
        ),
        Reason.ADDED_NOT_SEEN: _(
            "Klienten er lagt til hos %(users)s, men Altinn viser den ikke ennå; den kommer av "
            "seg selv innen en time."
        ),
    }


def _of_what_may_be() -> dict[Reason, str]:
    return {
        Reason.READY: _(
            "Alt er på plass; firmaets klientadministrator kan legge klienten til hos %(users)s nå."
        ),
        Reason.READY_BY_ROLE: _(
            "Rollen som regnskapsfører gir pakkene; en klientadministrator kan koble til med "
            "ID-porten og legge klienten til hos %(users)s."
        ),
        Reason.NO_SYSTEM_USER: _(
            "Rollen er på plass, men firmaet har ingen systembruker for klienter; en "
            "administrator ber om en under «Oppsett»."
        ),
        Reason.PACKAGES_MISSING: _(
            "Rollen gir ikke %(packages)s av seg selv; klienten må gi det til %(firm)s i Altinn "
            "før den kan legges til hos %(users)s."
        ),
        Reason.ROLE_BUT_NOT_AVAILABLE: _(
            "Rollen er registrert, men Altinn gir ikke %(firm)s regnskapsførerpakkene; klientens "
            "tilgangsstyrer må se over fullmaktene."
        ),
        Reason.REFUSED: _(
            "Altinn avviste å legge klienten til hos %(users)s (%(code)s): tjenestene slipper ikke "
            "%(firm)s til, og klienten må gi fullmakten selv eller spørre tjenesteeieren."
        ),
        Reason.ROLE_ENDED: _(
            "Rollen som regnskapsfører er avsluttet; klienten må melde %(firm)s på nytt, eller en "
            "administrator kan arkivere klienten."
        ),
        Reason.OTHER_ACCOUNTANT: _(
            "%(accountant)s er registrert som regnskapsfører; klienten må melde %(firm)s til "
            "Enhetsregisteret i stedet, eller gi fullmakt i Altinn."
        ),
        Reason.NO_ROLE: _(
            "%(firm)s er ikke registrert som regnskapsfører; klienten må melde det til "
            "Enhetsregisteret eller gi fullmakt i Altinn."
        ),
        Reason.OTHER_ROLE: _(
            "%(firm)s har en annen rolle (%(roles)s) enn regnskapsfører; klienten må melde "
            "rollen til Enhetsregisteret eller gi fullmakt i Altinn."
        ),
        Reason.FIRM_ITSELF: _(
            "Dette er firmaet selv, som trenger en egen systembruker; en administrator ber om "
            "den under «Oppsett»."
        ),
    }


def _of_the_unit() -> dict[Reason, str]:
    return {
        Reason.SUB_UNIT: _(
            "Nummeret er en underenhet; en administrator kan registrere hovedenheten %(main)s i "
            "stedet."
        ),
        Reason.UNKNOWN_NUMBER: _(
            "Enhetsregisteret kjenner ikke nummeret; spør klienten etter det rette, og rett "
            "registreringen."
        ),
        Reason.REMOVED: _(
            "Enheten er fjernet fra Enhetsregisteret; en administrator kan arkivere klienten."
        ),
        Reason.DELETED: _(
            "Enheten ble slettet %(on)s; en administrator kan arkivere klienten når alt er levert."
        ),
        Reason.BANKRUPT: _(
            "Enheten er konkurs; bostyreren avgjør om dere fortsatt skal ha tilgang."
        ),
        Reason.FORCED_DISSOLVING: _(
            "Enheten er under tvangsavvikling; bostyreren avgjør om dere fortsatt skal ha tilgang."
        ),
        Reason.DISSOLVING: _(
            "Enheten er under avvikling; avtal med avviklingsstyret hva dere skal levere til slutt."
        ),
    }


def number(orgnr: str) -> str:
    """«987 654 321» with ordinary spaces: it goes into e-mails."""
    return shown(orgnr).replace("\N{NARROW NO-BREAK SPACE}", " ") or orgnr
