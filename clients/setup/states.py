"""What became of a request for a system user, why, and what to do next: sentences for the page."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from clients.models import Firm, SystemUser, SystemUserRequest
from clients.setup.requesting import VALID_FOR

Status = SystemUserRequest.Status
SOON_DAYS = 14


@dataclass(frozen=True)
class Explained:
    """A request's state for people. `may_…` are the buttons that help."""

    tag: str
    color: str
    text: str
    next_step: str
    may_open: bool = False  # the confirm address leads somewhere
    may_send: bool = False
    may_ask_again: bool = False  # delete at Altinn, then ask the same
    may_replace: bool = False  # a new one, with a new reference
    may_withdraw: bool = False


def explain(request: SystemUserRequest, *, now: datetime) -> Explained:
    """Say what state a request is in, and the next step out of it."""
    if request.status == Status.ACCEPTED:
        return _gone(request) if request.revoked_at else _accepted(request)
    if request.status == Status.NEW:
        return _escalated(request) if request.is_escalated else _waiting(request, now=now)
    return _ENDED[Status(request.status)](request)


def _owner(request: SystemUserRequest) -> str:
    if request.kind == SystemUser.Kind.STANDARD:
        return request.area  # the client's name
    firm = Firm.get()
    return firm.name if firm.name and firm.orgnr == request.party_orgnr else request.party_orgnr


def _day(moment: datetime | None) -> str:
    return date_format(localtime(moment), "j. F Y") if moment else ""


def _waiting(request: SystemUserRequest, *, now: datetime) -> Explained:
    ends_at = (request.sent_at or request.created_at) + VALID_FOR
    text = _("%(owner)s må godkjenne i Altinn. Forespørselen gjelder til %(until)s.")
    if (ends_at - now).days < SOON_DAYS:
        text = _("%(owner)s må godkjenne i Altinn snart: forespørselen utløper %(until)s.")
    return Explained(
        _("Venter på godkjenning"),
        "warning",
        text % {"owner": _owner(request), "until": _day(ends_at)},
        _(
            "Åpne adressen selv, eller send den til den som kan godkjenne: daglig leder, "
            "tilgangsstyrer eller hovedadministrator i Altinn. Siden følger med og sier fra."
        ),
        may_open=True,
        may_withdraw=True,
    )


def _escalated(request: SystemUserRequest) -> Explained:
    return Explained(
        _("Sendt videre"),
        "warning",
        _("Den som åpnet adressen, kunne ikke godkjenne, og sendte forespørselen videre i Altinn."),
        _(
            "Be tilgangsstyreren hos %(owner)s logge inn i Altinn og godkjenne den, eller send "
            "adressen herfra. Hvem tilgangsstyreren er, står i Altinn under «Tilgangsstyring»."
        )
        % {"owner": _owner(request)},
        may_open=True,
        may_withdraw=True,
    )


def _accepted(request: SystemUserRequest) -> Explained:
    return Explained(
        _("Godkjent"),
        "success",
        _("Godkjent %(on)s. Portalen leser nå det systembrukeren har tilgang til.")
        % {"on": _day(request.decided_at)},
        _("Finn klientene og legg dem til systembrukeren.")
        if request.kind == "AGENT"
        else _("Dialogene kommer av seg selv."),
    )


def _gone(request: SystemUserRequest) -> Explained:
    return Explained(
        _("Trukket tilbake"),
        "danger",
        _(
            "Systembrukeren finnes ikke lenger i Altinn: noen hos %(owner)s har slettet den. Vi så "
            "det %(on)s. Portalen leser ikke mer med den, og det som er hentet, er beholdt."
        )
        % {"owner": _owner(request), "on": _day(request.revoked_at)},
        _(
            "Finn ut om det var meningen. Skal lesingen fortsette, be om en ny. Klientene må "
            "legges til på nytt, for en ny systembruker begynner uten noen."
        ),
        may_replace=True,
    )


def _unsent(request: SystemUserRequest) -> Explained:
    return Explained(
        _("Ikke sendt"),
        "danger" if request.trouble else "neutral",
        request.trouble or _("Forespørselen er skrevet ned, men ikke sendt til Altinn ennå."),
        _("Rett det som er nevnt, og send den.") if request.trouble else _("Send den."),
        may_send=True,
    )


def _rejected(request: SystemUserRequest) -> Explained:
    return Explained(
        _("Avvist"),
        "danger",
        _("%(owner)s avviste forespørselen %(on)s.")
        % {"owner": _owner(request), "on": _day(request.decided_at)},
        _(
            "Avklar hvorfor med den som avviste. Altinn holder på en avvist forespørsel, så den må "
            "slettes før du kan spørre på nytt. Knappen gjør begge deler."
        ),
        may_ask_again=True,
    )


def _denied(request: SystemUserRequest) -> Explained:
    return Explained(
        _("Nektet av Altinn"),
        "danger",
        _("Altinn nektet: den som godkjente, har ikke alle tilgangspakkene å gi videre."),
        _(
            "Be tilgangsstyreren hos %(owner)s godkjenne i stedet, eller be om færre pakker. "
            "Knappen sletter forespørselen og spør på nytt."
        )
        % {"owner": _owner(request)},
        may_ask_again=True,
        may_replace=True,
    )


def _timed_out(_request: SystemUserRequest) -> Explained:
    return Explained(
        _("Utløpt"),
        "danger",
        _("Ingen svarte i løpet av 180 dager, så Altinn lukket forespørselen."),
        _("Avtal med den som skal godkjenne, og spør på nytt."),
        may_ask_again=True,
    )


def _withdrawn(_request: SystemUserRequest) -> Explained:
    return Explained(
        _("Tatt bort"),
        "neutral",
        _("Forespørselen er slettet i Altinn, og ingen kan godkjenne den."),
        _("Spør på nytt hvis dere likevel trenger den."),
        may_ask_again=True,
    )


_ENDED = {
    Status.UNSENT: _unsent,
    Status.REJECTED: _rejected,
    Status.DENIED: _denied,
    Status.TIMEDOUT: _timed_out,
    Status.WITHDRAWN: _withdrawn,
}
