"""A ready-written e-mail to a client that must do something, in the reader's language.

It is sent from the accountant's own mail program: nothing is sent from here.
"""

from dataclasses import dataclass
from urllib.parse import quote

from django.utils.translation import gettext as _

from clients.finding.verdicts import (
    ASKS_FOR_PACKAGES,
    ASKS_FOR_ROLE,
    Reason,
    only_by_role,
)
from clients.finding.words import names_of, number
from clients.models import Candidate


@dataclass(frozen=True)
class Sender:
    """Who asks: the firm, and the colleague who signs."""

    firm: str
    firm_orgnr: str
    person: str


@dataclass(frozen=True)
class Letter:
    to: str  # as Enhetsregisteret has it; may be empty
    subject: str
    body: str

    @property
    def mailto(self) -> str:
        """Source: RFC 6068: everything but the address is per cent encoded, lines end in CRLF."""
        body = quote(self.body.replace("\n", "\r\n"), safe="")
        return (
            f"mailto:{quote(self.to, safe='@')}?subject={quote(self.subject, safe='')}&body={body}"
        )


def letter_to(candidate: Candidate, sender: Sender) -> Letter | None:
    """Return the e-mail, or None when there is nothing the client can do."""
    reason = candidate.reason
    if reason in ASKS_FOR_ROLE:
        asks = _for_the_role(candidate, sender)
    elif reason in ASKS_FOR_PACKAGES:
        asks = _for_packages(candidate, sender)
    else:
        return None
    subject = _("Tilgang i Altinn for %(client)s") % {"client": candidate.name}
    lines = [
        _("Hei,"),
        _(
            "%(firm)s leser posten %(client)s (org.nr. %(orgnr)s) får i Altinn, så ingen frist går "
            "tapt. I dag mangler vi tilgang til noe av den."
        )
        % {
            "firm": sender.firm,
            "client": candidate.name,
            "orgnr": number(candidate.orgnr),
        },
        *asks,
        _("Det tar noen minutter, koster ingenting, og dere kan trekke det tilbake når som helst."),
        _("Vennlig hilsen") + f"\n{sender.person}\n{sender.firm}",
    ]
    return Letter(candidate.unit.get("email", ""), subject, "\n\n".join(lines))


def _for_packages(candidate: Candidate, sender: Sender) -> list[str]:
    packages = frozenset(candidate.detail.get("packages", []))
    given = names_of(packages - only_by_role(packages))
    lines = []
    if only_by_role(packages):
        lines += _for_the_role(candidate, sender)
    if given:
        lines += [
            _("Kan dere gi oss disse tilgangspakkene?")
            + "\n"
            + "\n".join(f"– {name}" for name in given),
            _how_to_give(candidate, sender, package=given[0]),
        ]
    if not lines:
        lines = [_("Tilgangen gjelder i dag bare en underenhet. Kan dere gi den for hele firmaet?")]
        lines.append(_how_to_give(candidate, sender, package=""))
    return lines


def _how_to_give(candidate: Candidate, sender: Sender, *, package: str) -> str:
    steps = [
        _("Logg inn på altinn.no og velg %(client)s øverst."),
        _("Åpne menyen, velg «Tilgangsstyring» og deretter «Brukere»."),
        _("Velg «Legg til virksomhet» og skriv %(firm_orgnr)s (%(firm)s)."),
        _("Velg «Gi fullmakt», finn hver pakke i listen over, og gi den.")
        if package
        else _("Velg «Gi fullmakt», og gi de samme pakkene som underenheten har gitt."),
    ]
    names = {
        "client": candidate.name,
        "firm": sender.firm,
        "firm_orgnr": number(sender.firm_orgnr),
    }
    return "\n".join(
        [
            _("Slik gjør dere det (daglig leder eller en tilgangsstyrer må logge inn):"),
            *(f"{place}. {step % names}" for place, step in enumerate(steps, start=1)),
        ]
    )


def _for_the_role(candidate: Candidate, sender: Sender) -> list[str]:
    steps = [
        _("Logg inn på altinn.no og finn skjemaet «Samordnet registermelding» (BR-1010)."),
        _("Velg %(client)s, og så «Endre roller»."),
        _("Legg til %(firm_orgnr)s (%(firm)s) som regnskapsfører."),
        _("Signer og send inn. Registreringen tar vanligvis noen dager."),
    ]
    names = {
        "client": candidate.name,
        "firm": sender.firm,
        "firm_orgnr": number(sender.firm_orgnr),
    }
    asks = _(
        "Kan dere registrere oss som regnskapsfører i Enhetsregisteret? Da får vi de tilgangene en "
        "regnskapsfører skal ha."
    )
    if candidate.reason in {Reason.ROLE_BUT_NOT_AVAILABLE, Reason.ROLE_PACKAGES_LACK}:
        asks = _(
            "Vi er registrert som regnskapsfører, men Altinn gir oss ikke pakkene som hører til. "
            "Kan dere se over i Altinn at ingen har fjernet dem, og ellers registrere oss på nytt?"
        )
    return [
        asks,
        "\n".join(
            [
                _("Slik gjør dere det (daglig leder eller styreleder må signere):"),
                *(f"{place}. {step % names}" for place, step in enumerate(steps, start=1)),
            ]
        ),
    ]
