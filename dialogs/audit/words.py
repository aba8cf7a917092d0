"""Every act of the audit log in words: «Kari Hansen logget inn.» See tests/dialogs/audit."""

from collections.abc import Iterable
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dialogs import actions
from dialogs.home import log
from dialogs.work import history
from staff.models import AuditEntry

_SET_UP: dict[str, Promise] = {
    "alarm seen": gettext_lazy("%(who)s sier at et varsel om tilgang følges opp."),
    "area.added": gettext_lazy("%(who)s la til et fagområde."),
    "area.moved": gettext_lazy("%(who)s flyttet et fagområde i rekkefølgen."),
    "area.renamed": gettext_lazy("%(who)s ga et fagområde nytt navn."),
    "firm set": gettext_lazy("%(who)s registrerte firmaet."),
    "rule.added": gettext_lazy("%(who)s la til en hasteregel."),
    "rule.changed": gettext_lazy("%(who)s endret en hasteregel."),
    "rule.moved": gettext_lazy("%(who)s flyttet en hasteregel i rekkefølgen."),
    "rule.switched_off": gettext_lazy("%(who)s slo av en hasteregel."),
    "rule.switched_on": gettext_lazy("%(who)s slo på en hasteregel."),
    "service not watched": gettext_lazy("%(who)s sluttet å følge med på en tjeneste."),
    "service watched": gettext_lazy("%(who)s begynte å følge med på en tjeneste."),
    "service.area_set": gettext_lazy("%(who)s satte en tjenestes fagområde."),
    "service.step_added": gettext_lazy("%(who)s la til et punkt i en sjekkliste."),
    "service.step_moved": gettext_lazy("%(who)s flyttet et punkt i en sjekkliste."),
    "service.step_restored": gettext_lazy("%(who)s hentet tilbake et punkt i en sjekkliste."),
    "service.step_retired": gettext_lazy("%(who)s fjernet et punkt fra en sjekkliste."),
    "service.step_reworded": gettext_lazy("%(who)s endret et punkt i en sjekkliste."),
    "set-up card hidden": gettext_lazy("%(who)s skjulte kortet om oppsett."),
    "set-up card shown": gettext_lazy("%(who)s viste kortet om oppsett igjen."),
    "set-up step passed": gettext_lazy("%(who)s merket et steg i oppsettet som gjort."),
    "set-up step reopened": gettext_lazy("%(who)s åpnet et steg i oppsettet igjen."),
    "system registered": gettext_lazy("%(who)s registrerte systemet i Altinn."),
    "system updated": gettext_lazy("%(who)s oppdaterte systemet i Altinn."),
    "notice choices changed": gettext_lazy("%(who)s endret hvilke varsler som sendes."),
    "secrets resealed": gettext_lazy("%(who)s forseglet alle hemmeligheter på nytt."),
    "vendor client set": gettext_lazy("%(who)s endret Maskinporten-klienten."),
    "vendor key discarded": gettext_lazy("%(who)s forkastet en nøkkel."),
    "vendor key made": gettext_lazy("%(who)s laget en nøkkel."),
    "vendor key retired": gettext_lazy("%(who)s tok en nøkkel ut av bruk."),
    "vendor key taken into use": gettext_lazy("%(who)s tok en nøkkel i bruk."),
    "vendor key tested": gettext_lazy("%(who)s prøvde en nøkkel."),
    "vendor key uploaded": gettext_lazy("%(who)s lastet opp en nøkkel."),
}
_CLIENTS: dict[str, Promise] = {
    "adding begun": gettext_lazy("%(who)s begynte å legge klienter til en systembruker."),
    "adding cancelled": gettext_lazy("%(who)s avbrøt å legge klienter til en systembruker."),
    "adding finished": gettext_lazy("%(who)s ble ferdig med å legge klienter til."),
    "adding pace changed": gettext_lazy("%(who)s endret hvor raskt klienter legges til."),
    "adding paused": gettext_lazy("%(who)s satte det å legge til klienter på pause."),
    "adding resumed": gettext_lazy("%(who)s fortsatte å legge til klienter."),
    "client added to agent": gettext_lazy("%(who)s la en klient til en systembruker i Altinn."),
    "client import begun": gettext_lazy("%(who)s begynte å importere klienter fra en liste."),
    "client import finished": gettext_lazy("%(who)s importerte klienter fra en liste."),
    "client search begun": gettext_lazy("%(who)s begynte å lete etter firmaets klienter."),
    "client search finished": gettext_lazy("Letingen etter firmaets klienter ble ferdig."),
    "client seen": gettext_lazy("%(who)s så på klientsiden."),
    "client taken from agent": gettext_lazy("%(who)s fjernet en klient fra en systembruker."),
    "letter wanted": gettext_lazy("%(who)s ba om at et brev om tilgang sendes til en klient."),
    "subscriptions asked again": gettext_lazy("%(who)s ba Altinn om varsler på nytt."),
    "subscriptions made anew": gettext_lazy("%(who)s opprettet varsler fra Altinn på nytt."),
    "subscriptions removed": gettext_lazy("%(who)s fjernet varsler fra Altinn."),
    "system user accepted": gettext_lazy("En systembruker er godkjent i Altinn."),
    "system user added": gettext_lazy("%(who)s registrerte en systembruker."),
    "system user asked for": gettext_lazy("%(who)s laget en forespørsel om systembruker."),
    "system user back": gettext_lazy("En systembruker er godkjent igjen i Altinn."),
    "system user changed": gettext_lazy("%(who)s endret en systembruker."),
    "system user gone": gettext_lazy("En systembruker er trukket tilbake i Altinn."),
    "system user request denied": gettext_lazy("En forespørsel om systembruker ble nektet."),
    "system user request gone": gettext_lazy(
        "En forespørsel om systembruker ble trukket i Altinn."
    ),
    "system user request mailed": gettext_lazy("%(who)s sendte et brev om systembruker."),
    "system user request rejected": gettext_lazy("En forespørsel om systembruker ble avslått."),
    "system user request sent": gettext_lazy("%(who)s sendte en forespørsel om systembruker."),
    "system user request timed out": gettext_lazy("En forespørsel om systembruker gikk ut på tid."),
    "system user request withdrawn": gettext_lazy("%(who)s trakk en forespørsel om systembruker."),
}
# `%(name)s` is the colleague it is about.
_STAFF: dict[str, Promise] = {
    "absence added": gettext_lazy("%(who)s førte opp fravær for %(name)s."),
    "access refused": gettext_lazy("%(who)s ble nektet adgang."),
    "absence ended": gettext_lazy("%(who)s avsluttet fraværet til %(name)s."),
    "idporten connected": gettext_lazy("%(who)s logget inn i ID-porten."),
    "idporten disconnected": gettext_lazy("%(who)s ble logget ut av ID-porten."),
    "invitation made": gettext_lazy("%(who)s inviterte %(name)s."),
    "invitation used": gettext_lazy("%(who)s tok imot invitasjonen."),
    "logged out at provider": gettext_lazy("%(who)s ble logget ut av innloggingstjenesten."),
    "log-in failed": gettext_lazy("Et forsøk på å logge inn som %(name)s mislyktes."),
    "oidc connected": gettext_lazy("%(who)s knyttet en innloggingstjeneste til kontoen."),
    "sessions ended": gettext_lazy("%(who)s logget ut %(name)s overalt."),
    "team added": gettext_lazy("%(who)s opprettet et team."),
    "team renamed": gettext_lazy("%(who)s ga et team nytt navn."),
    "two steps removed": gettext_lazy("%(who)s fjernet totrinnsinnloggingen til %(name)s."),
    "user added": gettext_lazy("%(who)s ga %(name)s en konto."),
    "user changed": gettext_lazy("%(who)s endret kontoen til %(name)s."),
    "user deactivated": gettext_lazy("%(who)s stengte kontoen til %(name)s."),
    "user logged in": gettext_lazy("%(who)s logget inn."),
    "user logged out": gettext_lazy("%(who)s logget ut."),
    "user reactivated": gettext_lazy("%(who)s åpnet kontoen til %(name)s igjen."),
    "work handed over": gettext_lazy("%(who)s overleverte arbeidet til %(name)s."),
}
_PRIVACY: dict[str, Promise] = {
    "client erased": gettext_lazy("%(who)s slettet klientens dialoger, filer og notater."),
    "client exported": gettext_lazy("%(who)s tok ut alt portalen har om klienten."),
    "client held": gettext_lazy("%(who)s stanset sletting av klienten."),
    "client released": gettext_lazy("%(who)s opphevet stansen i sletting av klienten."),
    "calendar made": gettext_lazy("%(who)s laget en adresse for frister i kalenderen."),
    "calendar revoked": gettext_lazy("%(who)s trakk tilbake en adresse for frister i kalenderen."),
    "client reported": gettext_lazy("%(who)s laget en rapport til klienten."),
    "export.fetched": gettext_lazy("%(who)s hentet en fil med en liste."),
    "export.made": gettext_lazy("%(who)s fikk laget en fil med en liste."),
    "export.refused": gettext_lazy("%(who)s fikk ikke hente en fil: tilgangen er endret."),
    "export.taken": gettext_lazy("%(who)s lastet ned en liste."),
    "employee forgotten": gettext_lazy("%(who)s slettet navn og adresse til %(name)s."),
    "log exported": gettext_lazy("%(who)s lastet ned revisjonsloggen."),
    "log shortened": gettext_lazy("%(who)s slettet linjer i revisjonsloggen som var gamle nok."),
}
_DIALOGS: dict[str, Promise] = {
    actions.SEEN: gettext_lazy("%(who)s så på dialogen i portalen."),
}
PLAIN = _SET_UP | _CLIENTS | _STAFF | _PRIVACY | _DIALOGS
ACTS = {*PLAIN, *history.ACTS, *log.ACTS}
UNKNOWN = gettext_lazy("%(who)s gjorde «%(act)s».")


class Teller:
    """Turns entries into sentences; the names of colleagues and teams are fetched once."""

    def __init__(self, *, today: date) -> None:
        self._words = log.Words(today)

    def tell(self, entry: AuditEntry) -> str:
        if entry.act not in PLAIN and entry.act in ACTS:
            return self._words.of(entry)
        sentence = PLAIN.get(entry.act, UNKNOWN)
        values = {"who": self.who(entry), "name": self._subject(entry), "act": entry.act}
        return str(sentence) % values

    def who(self, entry: AuditEntry) -> str:
        return self._words.name(entry.actor_id) if entry.actor_id else _("Portalen")

    def _subject(self, entry: AuditEntry) -> str:
        kind, _space, key = entry.about.rpartition(" ")
        if kind == "user" and key.isdecimal():
            return self._words.name(int(key))
        return _("en ukjent adresse") if entry.act == "log-in failed" else ""


def label_of(act: str) -> str:
    """Say an act without who did it, for a list of acts to choose among."""
    unsaid = {"who": "…", "name": "…", "act": act, "what": "…", "unit": "…", "day": "…"}
    for sentences in (PLAIN, history.SENTENCES, log.SENTENCES):
        if act in sentences:
            return (str(sentences[act]) % unsaid).removeprefix("… ").rstrip(".")
    return act


def in_order(acts: Iterable[str]) -> list[tuple[str, str]]:
    """Return acts with their labels, as one looks for them."""
    return sorted(((act, label_of(act)) for act in acts), key=lambda one: one[1].casefold())
