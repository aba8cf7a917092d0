"""How something ended, why, and what to do next: sentences for the screen and the receipt."""

from datetime import datetime

import msgspec
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from altinn.masking import masked
from altinn.problems import UNREADABLE
from dialogs.answering.settling import State
from dialogs.inbox.deadlines import long_moment
from dialogs.models import ServiceAction
from staff.sealing import Unreadable, unseal

Kind = ServiceAction.Kind

COLORS = {
    State.DONE: "success",
    State.REFUSED: "danger",
    State.NOT_DONE: "warning",
    State.UNKNOWN: "warning",
    State.WITHDRAWN: "neutral",
}
TOO_EARLY = "urn:altinn:problem:minimum-persistence-lifetime-not-satisfied"

_NO_ACCESS = gettext_lazy(
    "Systemtilgangen mangler fullmakt til dette. «Hvorfor?» i dialogen sier hva klienten må gi."
)
_NAV_TOKEN = gettext_lazy("Nav godtok ikke portalens nøkkel. En administrator må se på oppsettet.")
_PORTAL = gettext_lazy("Nav forsto ikke portalen. Send inn på nav.no, og meld fra om feilen.")
_UNKNOWN_TO_NAV = gettext_lazy("Nav kjenner ikke forespørselen. Åpne dialogen på nytt.")

# By code, as the service owner gave it.
_REASONS: dict[str, Promise] = {
    "CORR-01001": gettext_lazy("Meldingen finnes ikke lenger i Altinn."),
    "CORR-01025": gettext_lazy("Meldingen må åpnes før den kan bekreftes. Åpne den og prøv igjen."),
    "CORR-01026": gettext_lazy("Meldingen må bekreftes før den kan slettes."),
    "CORR-01041": gettext_lazy("Meldingen var allerede bekreftet."),
    "CORR-01043": gettext_lazy("Meldingen er en del av en større dialog og kan ikke slettes."),
    "CORR-04001": _NO_ACCESS,
    "UGYLDIG_NAV_REFERANSE_ID": _UNKNOWN_TO_NAV,
    "TOM_FORESPOERSEL": _UNKNOWN_TO_NAV,
    "INNSENDING_PAA_GAMMEL_FORESPOERSEL": gettext_lazy(
        "Nav har laget en nyere forespørsel. Åpne dialogen på nytt og svar på den."
    ),
    "UGYLDIG_FORESPOERSEL": gettext_lazy("Nav har trukket forespørselen. Den skal ikke besvares."),
    "IKKE_TILGANG_TIL_RESSURS": _NO_ACCESS,
    "IKKE_TILGANG_ALTINN": _NO_ACCESS,
    "UAUTORISERT": _NAV_TOKEN,
    "MANGLER_TOKEN": _NAV_TOKEN,
    "UTGAATT_TOKEN": _NAV_TOKEN,
    "UGYLDIG_TOKEN": _NAV_TOKEN,
    "FEIL_SCOPE": _NAV_TOKEN,
    "UGYLDIG_INNSENDING": gettext_lazy("Nav fant feil i inntektsmeldingen:"),
    "FEIL_INNSENDING_STATUS": gettext_lazy(
        "Nav er ikke ferdig med den forrige inntektsmeldingen. Vent til den er behandlet."
    ),
    "DUPLIKAT_INNSENDING": gettext_lazy("Nav hadde allerede akkurat denne inntektsmeldingen."),
    "DUPLIKAT": gettext_lazy("Nav hadde allerede akkurat denne inntektsmeldingen."),
    "INNTEKT_AVVIKER_FRA_A_ORDNINGEN": gettext_lazy(
        "Inntekten avviker fra a-meldingen uten en årsak som forklarer det."
    ),
    "SERIALISERINGSFEIL": _PORTAL,
    "UGYLDIG_REQUEST_BODY": _PORTAL,
    "NEDETID_AINNTEKT": gettext_lazy(
        "Nav kan ikke kontrollere inntekten nå. Prøv igjen om en stund."
    ),
    "UNSAFE": gettext_lazy("Adressen er ikke en vi sender noe til. Gjør det i Altinn."),
    "NOT_CONFIGURED": gettext_lazy("Portalen er ikke satt opp til dette ennå."),
}
# By HTTP status, where there is no code that we know.
_BY_STATUS: dict[int, Promise] = {
    401: _NO_ACCESS,
    403: _NO_ACCESS,
    404: gettext_lazy("Tjenesten finner ikke det som skulle endres. Åpne dialogen på nytt."),
    409: gettext_lazy("Noen andre endret det samtidig. Åpne dialogen på nytt."),
    410: gettext_lazy("Det som skulle endres, er fjernet."),
    429: gettext_lazy("Tjenesten tar ikke imot mer akkurat nå. Prøv igjen om en stund."),
}


class _Delay(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    deletion_allowed_at: datetime | None = None
    title: str = ""


_delay = msgspec.json.Decoder(_Delay)


def outcome(action: ServiceAction) -> str:
    """Say how it stands, in a sentence."""
    owner = str(action.dialog.owner)
    if action.state == State.DONE:
        return _done(action)
    sentences = {
        State.WAITING: _("Ikke sendt. En annen enn %(who)s må godkjenne den."),
        State.SENT: _("Sendt. Vi venter på svar fra %(owner)s."),
        State.ACCEPTED: _("Mottatt av %(owner)s, som behandler den nå."),
        State.REFUSED: _("%(owner)s tok den ikke imot."),
        State.NOT_DONE: _("Den ble ikke utført."),
        State.UNKNOWN: _("Vi vet ikke om den ble utført: det kom ikke noe svar vi kan stole på."),
        State.WITHDRAWN: _("Trukket tilbake. Ingenting er sendt."),
    }
    if action.kind in {Kind.SYKEPENGER, Kind.FORELDREPENGER} and action.how == "TRANSMISSION":
        sentences[State.REFUSED] = _("Nav har avvist inntektsmeldingen.")
    return sentences[State(action.state)] % {"owner": owner, "who": action.actor}


def _done(action: ServiceAction) -> str:
    done = {
        Kind.CONFIRM: _("Mottaket er bekreftet."),
        Kind.PURGE: _("Meldingen er slettet."),
        Kind.SYKEPENGER: _("Nav har godtatt inntektsmeldingen."),
        Kind.FORELDREPENGER: _("Nav har godtatt inntektsmeldingen."),
    }
    return done.get(Kind(action.kind)) or _("Utført.")


def advice(action: ServiceAction) -> list[str]:
    """Say why, and what to do next."""
    if action.state == State.UNKNOWN:
        return [_("Ikke gjør det på nytt før du har sjekket. Portalen ser etter det også.")]
    if action.state in {State.WAITING, State.SENT, State.ACCEPTED, State.WITHDRAWN}:
        return []
    known = _REASONS.get(action.code)
    if known and not (action.state == State.DONE and action.code == "CORR-01001"):
        return [str(known), *_said(action)]
    if action.state in {State.DONE, State.NOT_DONE}:
        return []
    if action.code == TOO_EARLY:
        return [_too_early(action)]
    by_status = _BY_STATUS.get(action.response_code or 0)
    if by_status is None and 300 <= (action.response_code or 0) < 400:
        return [_("Tjenesten krever at en person logger inn. Gjør det i Altinn.")]
    return [
        str(by_status or _("Prøv i Altinn, eller ta kontakt med tjenesteeieren.")),
        *_said(action),
    ]


def reasons_of(code: str) -> list[str]:
    """Say what a code of Nav's means, before anything was sent."""
    return [str(_REASONS.get(code) or _("Nav svarte ikke som ventet (%(code)s).") % {"code": code})]


def answered(action: ServiceAction) -> str:
    """Return the answer as it came, without what identifies a person."""
    if action.answer is None:
        return ""
    try:
        return masked(unseal(action.answer).decode(errors="replace"))
    except Unreadable:
        return _("Svaret er lagret med en nøkkel vi ikke har lenger.")


def _said(action: ServiceAction) -> list[str]:
    """Return Nav's own sentences about what is wrong."""
    if action.kind not in {Kind.SYKEPENGER, Kind.FORELDREPENGER} or action.state != State.REFUSED:
        return []
    return [one for one in answered(action).split("; ") if one]


def _too_early(action: ServiceAction) -> str:
    try:
        told = _delay.decode(unseal(action.answer or b""))
    except (*UNREADABLE, Unreadable):
        told = _Delay()
    if told.deletion_allowed_at is None:
        return _("Innsendingen kan ikke slettes ennå.")
    at = {"at": long_moment(told.deletion_allowed_at)}
    return _("Innsendingen kan ikke slettes før %(at)s.") % at
