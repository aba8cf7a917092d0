"""What an alarm says: what is wrong, what to do next, and where that is done."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from altinn.errors import TokenRefused
from clients.advice import advice_for
from clients.health.alarms import Kind
from clients.models import Alarm
from clients.setup.packages import label_of

MOST_PACKAGES = 4


@dataclass(frozen=True)
class Said:
    """A sentence, the next step, and a page that helps. `color` is Designsystemet's."""

    text: str
    next_step: str
    color: str = "danger"
    href: str = ""
    link: str = ""
    needs_admin: bool = False  # only an administrator may open that page


def say(alarm: Alarm) -> Said:
    """Put an alarm in words. Its client and system user are fetched beforehand."""
    return _WAYS[Kind(alarm.kind)](alarm)


def _day(text: str) -> str:
    """«3. november 2026», of a date or a moment as it is kept among the facts."""
    if not text:
        return ""
    if "T" not in text:
        return date_format(date.fromisoformat(text), "j. F Y")
    return date_format(localtime(datetime.fromisoformat(text)), "j. F Y")


def _facts(alarm: Alarm) -> dict[str, Any]:
    return alarm.facts if isinstance(alarm.facts, dict) else {}


def _client(alarm: Alarm) -> str:
    return alarm.client.name if alarm.client else ""


def _system_user(alarm: Alarm) -> str:
    return alarm.system_user.name if alarm.system_user else ""


def packages_said(names: list[str]) -> str:
    """Name some packages; of many, the first ones."""
    shown = [f"«{label_of(name)}»" for name in names[:MOST_PACKAGES]]
    more = len(names) - len(shown)
    if more > 0:
        shown.append(ngettext("%d til", "%d til", more) % more)
    return ", ".join(shown)


def _setup_page() -> dict[str, Any]:
    href = reverse("clients:setup")
    return {"href": href, "link": _("Åpne oppsettet"), "needs_admin": True}


def _system_users_page() -> dict[str, Any]:
    href = reverse("clients:system-users")
    return {"href": href, "link": _("Se systembrukerne"), "needs_admin": True}


def _key_expired(alarm: Alarm) -> Said:
    kid = {"kid": _facts(alarm).get("kid", "")}
    text = _("Nøkkelen %(kid)s er utløpt hos Maskinporten. Portalen leser ingenting fra Altinn.")
    step = _(
        "Registrer nøkkelen på nytt i Digdirs selvbetjening, eller ta i bruk en ny under «Oppsett»."
    )
    return Said(text % kid, step, **_setup_page())


def _key_expires(alarm: Alarm) -> Said:
    facts = _facts(alarm)
    values = {"kid": facts.get("kid", ""), "on": _day(facts.get("expires_on", ""))}
    text = _("Nøkkelen %(kid)s utløper hos Maskinporten %(on)s. Da stopper all lesing fra Altinn.")
    if facts.get("has_next"):
        step = _("Den neste nøkkelen er laget: registrer den hos Digdir, og ta den i bruk.")
    else:
        step = _("Lag en ny nøkkel under «Oppsett», registrer den hos Digdir, og ta den i bruk.")
    color = "danger" if facts.get("within", 30) <= 3 else "warning"
    return Said(text % values, step, color, **_setup_page())


def _setup(alarm: Alarm) -> Said:
    facts = _facts(alarm)
    advice = advice_for(TokenRefused(str(facts.get("says", "")), code=str(facts.get("code", ""))))
    return Said(advice.text, advice.next_step, **_setup_page())


def _revoked(alarm: Alarm) -> Said:
    text = _("Systembrukeren %(name)s er ikke godkjent lenger i Altinn, så den leser ingenting.")
    step = _(
        "Spør tilgangsstyreren om den er slettet med vilje. Be i så fall om en ny under «Oppsett», "
        "eller slå av systembrukeren her."
    )
    values = {"name": _system_user(alarm)}
    return Said(text % values, step, **_setup_page() | {"link": _("Be om en ny")})


def _failing(alarm: Alarm) -> Said:
    facts = _facts(alarm)
    values = {"name": _system_user(alarm), "since": _day(facts.get("since", ""))}
    text = _("Systembrukeren %(name)s har ikke fått lest fra Altinn siden %(since)s.") % values
    step = str(facts.get("says", "")) or _("Se hva Altinn svarte, under «Systembrukere».")
    return Said(text, step, **_system_users_page())


def _altinn(alarm: Alarm) -> Said:
    text = _("%(who)s svarer ikke. Feilen ser ut til å være hos dem, ikke hos oss.")
    step = _(
        "Dere trenger ikke gjøre noe: portalen prøver igjen av seg selv, og ingenting går tapt. "
        "Driftsmeldinger står på status.digdir.no."
    )
    return Said(text % {"who": _facts(alarm).get("who", "Altinn")}, step, "warning")


def _many(alarm: Alarm) -> Said:
    facts = _facts(alarm)
    kind = str(Kind(facts["kind"]).label)
    values = {"count": facts["count"], "what": kind}
    text = ngettext(
        "%(count)d på én gang: %(what)s. Feilen ser ut til å være hos Altinn.",
        "%(count)d på én gang: %(what)s. Feilen ser ut til å være hos Altinn.",
        facts["count"],
    )
    step = _(
        "Vent til neste kontroll før dere spør klientene. Varer det mer enn et døgn, "
        "ta stikkprøver i listen og kontakt Altinn brukerservice."
    )
    href = f"{reverse('clients:coverage-clients')}?varsel={alarm.pk}"
    return Said(text % values, step, "warning", href, _("Se hvem det gjelder"))


def _diagnose(alarm: Alarm) -> dict[str, Any]:
    href = reverse("dialogs:client-diagnosis", args=[alarm.client_id])
    return {"href": href, "link": _("Finn ut hvorfor"), "needs_admin": True}


def _access_lost(alarm: Alarm) -> Said:
    facts = _facts(alarm)
    values = {"name": _client(alarm), "on": _day(facts.get("lost_at", ""))}
    text = _("Altinn viser ikke %(name)s lenger, siden %(on)s. Nye dialoger kommer ikke.") % values
    if packages := facts.get("packages"):
        held = {"packages": packages_said(packages)}
        text += " " + _("Før hadde vi %(packages)s.") % held
    step = _(
        "Se om klienten er fjernet fra systembrukeren i Altinn, eller har trukket tilbake "
        "fullmakten. Har klienten sluttet, arkiver den."
    )
    return Said(text, step, **_diagnose(alarm))


def _package_lost(alarm: Alarm) -> Said:
    packages = _facts(alarm).get("packages", [])
    values = {
        "name": _client(alarm),
        "user": _system_user(alarm),
        "packages": packages_said(packages),
    }
    text = ngettext(
        "%(user)s har mistet tilgangspakken %(packages)s hos %(name)s.",
        "%(user)s har mistet tilgangspakkene %(packages)s hos %(name)s.",
        len(packages),
    )
    step = _(
        "Be klienten gi fullmakten tilbake i Altinn, under «Tilgangsstyring». Resten leses som før."
    )
    return Said(text % values, step, "warning", **_diagnose(alarm))


def _client_page(alarm: Alarm, link: str) -> dict[str, Any]:
    return {"href": reverse("dialogs:client", args=[alarm.client_id]), "link": link}


def _role_ended(alarm: Alarm) -> Said:
    values = {"name": _client(alarm), "on": _day(_facts(alarm).get("ended_at", ""))}
    text = _(
        "Firmaet står ikke lenger som regnskapsfører for %(name)s i Enhetsregisteret. "
        "Det ble oppdaget %(on)s."
    )
    step = _(
        "Spør klienten. Har de byttet regnskapsfører, overlever det som er åpent og arkiver "
        "klienten. Ellers må de melde rollen på nytt i Enhetsregisteret."
    )
    return Said(text % values, step, **_client_page(alarm, _("Åpne klienten")))


def _bankrupt(alarm: Alarm) -> Said:
    text = _("%(name)s er under avvikling eller tvangsoppløsning, ifølge Enhetsregisteret.")
    if _facts(alarm).get("is_bankrupt"):
        text = _("%(name)s er konkurs, ifølge Enhetsregisteret.")
    step = _(
        "Avklar med bobestyrer eller styret hvem som har fullmakt nå, og hvilke frister som "
        "fortsatt gjelder. Avslutt oppdraget når det er avklart."
    )
    return Said(text % {"name": _client(alarm)}, step, **_client_page(alarm, _("Åpne klienten")))


def _deleted(alarm: Alarm) -> Said:
    on = _day(_facts(alarm).get("on") or "")
    text = _("%(name)s er slettet i Enhetsregisteret.")
    if on:
        text = _("%(name)s ble slettet i Enhetsregisteret %(on)s.")
    step = _("Gjør ferdig det som er åpent, og arkiver klienten.")
    values = {"name": _client(alarm), "on": on}
    return Said(text % values, step, "warning", **_client_page(alarm, _("Åpne klienten")))


def _subscriptions(alarm: Alarm) -> Said:
    count = _facts(alarm).get("count", 0)
    values = {"name": _system_user(alarm), "count": count}
    text = ngettext(
        "%(count)d varsel fra Altinn for %(name)s er ikke bekreftet.",
        "%(count)d varsler fra Altinn for %(name)s er ikke bekreftet.",
        count,
    )
    step = _(
        "Dialogene kommer likevel, opptil et kvarter senere. Kontroller at portalens adresse kan "
        "nås fra Altinn, med et sertifikat som er godkjent av andre."
    )
    return Said(text % values, step, "warning", **_system_users_page())


def _silent(alarm: Alarm) -> Said:
    facts = _facts(alarm)
    values = {"name": _client(alarm), "on": _day(facts.get("since", ""))}
    text = _("Ingenting har kommet til %(name)s siden %(on)s, og det er uvanlig for klienten.")
    text %= values
    if facts.get("leaves_some_out"):
        text += " " + _("Det som bare noen kan lese, er ikke regnet med.")
    step = _("Finn ut om vi mangler tilgang. Er alt i orden, er det bare stille.")
    return Said(text, step, "warning", **_diagnose(alarm))


def _audit_log(alarm: Alarm) -> Said:
    faults = _facts(alarm).get("faults", [])
    values = {"found": "; ".join(map(str, faults))}
    text = _("Noe i revisjonsloggen er endret eller fjernet utenom portalen. Funnet: %(found)s.")
    step = _(
        "Ta vare på databasen slik den er, og finn ut hvem som har hatt tilgang til den. Kjør "
        "«manage.py verify_audit» for å se alt, og sammenlign med en sikkerhetskopi."
    )
    return Said(text % values, step)


_WAYS: dict[Kind, Callable[[Alarm], Said]] = {
    Kind.KEY_EXPIRED: _key_expired,
    Kind.KEY_EXPIRES: _key_expires,
    Kind.SETUP: _setup,
    Kind.REVOKED: _revoked,
    Kind.FAILING: _failing,
    Kind.ALTINN: _altinn,
    Kind.MANY: _many,
    Kind.ACCESS_LOST: _access_lost,
    Kind.PACKAGE_LOST: _package_lost,
    Kind.ROLE_ENDED: _role_ended,
    Kind.BANKRUPT: _bankrupt,
    Kind.DELETED: _deleted,
    Kind.SUBSCRIPTIONS: _subscriptions,
    Kind.SILENT: _silent,
    Kind.AUDIT_LOG: _audit_log,
}
