"""Why a dialog was not changed, and what to do about it: sentences for the screen."""

from django.utils.translation import gettext as _

from altinn.errors import AltinnError, Changed, NotThere, Refused


def changed_since() -> str:
    return _("Endret av noen andre etterpå. Vi lot den være som den er.")


def moved_by_others() -> str:
    return _("Noen andre har flyttet dialogen i Altinn. Se hvor den ligger nå.")


def no_answer() -> str:
    return _("Altinn svarte ikke på en halv time. Prøv igjen senere.")


def no_access() -> str:
    return _("Vi leser ikke lenger for klienten i Altinn. Se systemtilgangen på klientsiden.")


def not_found() -> str:
    return _("Altinn finner ikke dialogen for oss. Se systemtilgangen på klientsiden.")


def refusal(exc: AltinnError) -> str:
    """Say why Altinn refused one dialog, and what to do."""
    if isinstance(exc, Changed):
        return _("Dialogen ble endret i Altinn samtidig. Prøv igjen.")
    if isinstance(exc, NotThere) and exc.deleted:
        return _("Tjenesteeieren har fjernet dialogen.")
    if isinstance(exc, NotThere):
        return not_found()
    if isinstance(exc, Refused):
        return _("Systemtilgangen får ikke flytte dialogen. Flytt den i Altinn.")
    return _("Altinn godtok ikke endringen (%(code)s). Prøv igjen, eller gjør det i Altinn.") % {
        "code": exc.status or "?"
    }


def not_let_in(exc: Exception) -> str:
    """Say that Altinn refuses the system user altogether, and what an administrator can do."""
    advice = getattr(exc, "advice", "") or _("Be en administrator se på systembrukeren.")
    return _("Altinn slipper ikke systemtilgangen inn.") + f" {advice}"
