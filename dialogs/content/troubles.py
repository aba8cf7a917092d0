"""Why a dialog could not be opened, and what to do next: sentences for the screen."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from altinn.errors import (
    AltinnError,
    LevelTooLow,
    NotThere,
    NotYet,
    Refused,
    TokenRefused,
    TryLater,
)
from clients.connect import NotConfigured
from dialogs.content.opening import NobodyReads
from dialogs.work.days import moment_in_words


@dataclass(frozen=True)
class Trouble:
    """What is shown in place of the dialog, or above what was opened before."""

    title: str
    lines: tuple[str, ...]
    color: str = "warning"
    may_try_again: bool = False
    asks_why: bool = False  # «Hvorfor?» can say more
    in_altinn: bool = False  # a person can open it there


def trouble_of(exc: AltinnError | NotConfigured, *, now: datetime) -> Trouble:
    """Say what went wrong, whose it is, and what to try."""
    if isinstance(exc, NotConfigured):
        return Trouble(
            _("Portalen er ikke satt opp til å lese fra Altinn ennå."),
            (_("En administrator må legge inn det som mangler:"), str(exc)),
        )
    if isinstance(exc, LevelTooLow):
        text = _("Denne dialogen krever høyere sikkerhetsnivå enn systemtilgangen har.")
        return Trouble(text, (_("Åpne den i Altinn."),), asks_why=True, in_altinn=True)
    if isinstance(exc, NotYet):
        at = moment_in_words(exc.until, now=now)
        return Trouble(
            _("Dialogen er ikke synlig ennå."),
            (_("Tjenesteeieren viser den fra %(at)s. Vi henter den da.") % {"at": at},),
            color="info",
        )
    if isinstance(exc, NotThere):
        return _gone(exc)
    if isinstance(exc, Refused):
        return _refused(exc)
    return _not_now(exc)


def moved_meanwhile(where: str) -> Trouble:
    """Say that the dialog has been moved in Altinn since the page was shown."""
    return Trouble(
        _("Dialogen er flyttet eller merket i Altinn siden siden ble vist."),
        (
            _("Den ligger nå i: %(where)s.") % {"where": where},
            _("Ingenting er endret av deg. Velg på nytt hvis du fortsatt vil flytte den."),
        ),
    )


def _gone(exc: NotThere) -> Trouble:
    if exc.deleted:
        title = _("Tjenesteeieren har fjernet dialogen.")
    elif exc.expired:
        title = _("Dialogen er utløpt hos tjenesteeieren.")
    else:
        title = _("Altinn finner ikke dialogen for oss.")
    line = _("Notater, logg og det vi åpnet før, er beholdt.")
    return Trouble(title, (line,), asks_why=not (exc.deleted or exc.expired))


def _refused(exc: Refused) -> Trouble:
    if isinstance(exc, NobodyReads):
        title = _("Vi leser ikke lenger for klienten i Altinn.")
        return Trouble(title, (_("Se systemtilgangen på klientsiden."),), in_altinn=True)
    if isinstance(exc, TokenRefused):
        advice = exc.advice or _("Be en administrator se på systembrukeren.")
        title = _("Altinn slipper ikke systemtilgangen inn.")
        return Trouble(title, (advice,), color="danger", may_try_again=True)
    return Trouble(
        _("Systemtilgangen har ikke fullmakt til å åpne denne dialogen."),
        (_("Klienten kan gi fullmakten. «Hvorfor?» sier hva som mangler."),),
        asks_why=True,
        in_altinn=True,
    )


def _not_now(exc: AltinnError) -> Trouble:
    code = {"code": exc.status or exc.trace_id or type(exc).__name__}
    if isinstance(exc, TryLater):
        lines = [_("Feilen ligger hos Altinn (%(code)s). Ingenting er mistet.") % code]
        if exc.wait_seconds:
            lines.append(_("Vent %(n)s sekunder og prøv igjen.") % {"n": round(exc.wait_seconds)})
        title = _("Altinn svarer ikke nå.")
        return Trouble(title, tuple(lines), may_try_again=True, in_altinn=True)
    line = _("Meld fra til en administrator (%(code)s).") % code
    title = _("Altinn og portalen forsto ikke hverandre.")
    return Trouble(title, (line,), color="danger", may_try_again=True, in_altinn=True)
