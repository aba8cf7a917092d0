"""Why the ladder stops, and what to do about it: each a sentence and a next step."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from altinn.errors import AltinnError
from clients.advice import advice_for
from clients.health.sentences import packages_said
from clients.models import (
    Access,
    Candidate,
    Client,
    ClientRegisterState,
    GrantedPackages,
    Party,
    SystemUser,
)

OUR_LEVEL = 3  # of every system user; a person alone reaches level 4


@dataclass(frozen=True)
class Stop:
    """What is wrong, and who does what about it."""

    text: str
    next_step: str


def not_configured(exc: Exception) -> Stop:
    step = _("Legg inn klient-ID og nøkkel under «Oppsett», og prøv igjen.")
    return Stop(str(exc), step)


def no_answer(who: str) -> Stop:
    text = _("%(who)s svarer ikke nå. Feilen ser ut til å være hos dem, ikke hos oss.")
    step = _("Vent litt, og prøv igjen. Portalen prøver også igjen av seg selv.")
    return Stop(text % {"who": who}, step)


def odd_answer(who: str, exc: AltinnError) -> Stop:
    text = _("%(who)s svarte noe portalen ikke forstår.") % {"who": who}
    step = _("Meld fra til leverandøren av portalen. Sporings-ID: %(trace)s.")
    return Stop(text, step % {"trace": exc.trace_id or _("ingen")})


def refused(exc: AltinnError) -> Stop:
    advice = advice_for(exc)
    return Stop(advice.text, advice.next_step)


def wrong_environment() -> Stop:
    text = _("Altinn godtar ikke tokenet: det hører til et annet miljø enn adressene.")
    step = _("Kontroller at Maskinporten og Altinn begge er test, eller begge er produksjon.")
    return Stop(text, step)


def no_parties(system_user: SystemUser) -> Stop:
    text = _("Altinn viser ingen parter for %(user)s.") % {"user": system_user.name}
    if system_user.kind == SystemUser.Kind.AGENT:
        step = _(
            "Ingen klienter er lagt til systembrukeren ennå. Firmaets klientadministrator legger "
            "dem til i Altinn eller i portalen, og det kan ta et kvarter før det vises."
        )
    else:
        step = _("Be eieren kontrollere i Altinn at systembrukeren er godkjent og har fullmakter.")
    return Stop(text, step)


def not_listed(client: Client, system_user: SystemUser) -> Stop:
    """Say why the client may be missing from the list: what we know of it, the surest first."""
    state = ClientRegisterState.objects.filter(client=client, is_known=True).first()
    names = {"name": client.name, "user": system_user.name}
    if state and state.is_deleted:
        text = _("%(name)s er slettet i Enhetsregisteret, og Altinn viser den ikke lenger.")
        return Stop(text % names, _("Gjør ferdig det som er åpent, og arkiver klienten."))
    if state and state.is_bankrupt:
        text = _("%(name)s er konkurs, og fullmaktene gjelder ikke lenger.")
        return Stop(text % names, _("Avklar med bobestyrer hvem som har fullmakt nå."))
    if state and state.role_held is False:
        text = _("Firmaet er ikke regnskapsfører for %(name)s i Enhetsregisteret.")
        step = _(
            "Be klienten melde firmaet som regnskapsfører i Enhetsregisteret, eller gi fullmakten "
            "direkte i Altinn."
        )
        return Stop(text % names, step)
    if system_user.kind == SystemUser.Kind.STANDARD and system_user.owner_orgnr != client.orgnr:
        text = _("%(user)s leser bare for sin egen eier, og %(name)s er ikke den.")
        return Stop(text % names, _("Be klienten om en egen systembruker under «Oppsett»."))
    return _not_added(client, system_user, names)


def _not_added(client: Client, system_user: SystemUser, names: dict[str, str]) -> Stop:
    had = GrantedPackages.objects.filter(orgnr=client.orgnr, system_user=system_user).first()
    if had and had.lost:
        values = names | {"packages": packages_said(had.lost)}
        text = _("Altinn viser ikke %(name)s lenger for %(user)s, som før hadde %(packages)s.")
        step = _(
            "Se i Altinn om klienten er fjernet fra systembrukeren. Er den det ikke, har klienten "
            "trukket tilbake pakken: be om å få den igjen."
        )
        return Stop(text % values, step)
    found = Candidate.objects.filter(orgnr=client.orgnr).first() if client.orgnr else None
    text = _("Altinn viser ikke %(name)s for %(user)s.") % names
    if found and found.state == Candidate.State.PACKAGE_MISSING:
        step = _("Klienten har ikke gitt pakkene systembrukeren trenger. Be om dem under «Finn».")
    elif found and found.state == Candidate.State.READY:
        step = _("Klienten er klar: legg den til systembrukeren under «Legg til klienter».")
    else:
        step = _(
            "Firmaets klientadministrator må legge klienten til systembrukeren i Altinn. Går ikke "
            "det, mangler firmaet en tilgangspakke: be klienten om den."
        )
    return Stop(text, step)


def no_services(client: Client, system_user: SystemUser) -> Stop:
    text = _("%(user)s får ikke bruke noen tjeneste for %(name)s, enda klienten er i listen.")
    step = _("Tilgangspakkene mangler. Be klienten gi dem i Altinn, under «Tilgangsstyring».")
    names = {"name": client.name, "user": system_user.name}
    return Stop(text % names, lacking(client, system_user) or step)


def lacking(client: Client, system_user: SystemUser) -> str:
    """Name the packages that were asked for and are not there; empty when none is known to be."""
    row = GrantedPackages.objects.filter(orgnr=client.orgnr, system_user=system_user).first()
    if row is None or not row.missing:
        return ""
    values = {"packages": packages_said(row.missing)}
    return _("Klienten har ikke gitt %(packages)s: be om det i Altinn.") % values


def ours(
    client: Client, system_user: SystemUser, urns: Sequence[str], *, at_altinn: int, held: int
) -> Stop | None:
    """Say what in the portal itself keeps the dialogs from the screen; None when nothing does."""
    names = {"name": client.name, "user": system_user.name}
    if client.archived_at is not None:
        text = _("%(name)s er arkivert i portalen, så den leses ikke.")
        return Stop(text % names, _("Hent klienten tilbake hvis den fortsatt er deres."))
    if not system_user.is_active:
        text = _("%(user)s er slått av i portalen, så den leser ikke.")
        return Stop(text % names, _("Slå den på under «Systembrukere»."))
    elsewhere = Party.objects.filter(urn__in=urns).exclude(client=client)
    if other := elsewhere.select_related("client").first():
        values = names | {"other": other.client.name if other.client else _("ingen klient")}
        text = _("Enheten hører i portalen til %(other)s og ikke til %(name)s.")
        return Stop(text % values, _("Rett opp hvilken klient enheten hører til."))
    read = Access.objects.filter(system_user=system_user, party__urn__in=urns, lost_at=None)
    if not read.exists():
        text = _("Altinn viser %(name)s, men portalen har ikke lest listen siden.")
        return Stop(text % names, _("Listen leses hvert kvarter. Vent, eller les den nå."))
    if at_altinn and not held and read.filter(loaded_at=None).exists():
        text = _("Dialogene til %(name)s er ikke hentet ferdig ennå.")
        return Stop(text % names, _("Første henting pågår. Prøv igjen om noen minutter."))
    if at_altinn and not held:
        text = _("Altinn har dialoger for %(name)s som portalen ikke har hentet.")
        step = _("Meld fra til leverandøren av portalen. Alt leses om igjen i natt.")
        return Stop(text % names, step)
    return None
