"""The e-mails that ask somebody to approve a system user: what it is, what it gives, and where."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from clients.models import Firm, SystemUser, SystemUserRequest
from clients.setup.packages import label_of
from clients.setup.requesting import VALID_FOR
from staff import audit
from staff.models import User


@dataclass(frozen=True)
class Letter:
    """The e-mail to the one who is to approve."""

    subject: str
    body: str


def letter_for(request: SystemUserRequest, *, sender: User | None) -> Letter:
    """Write to the approver. Whoever gets it may not be the one, so it says who is."""
    firm = Firm.get()
    facts = {
        "firm": firm.name,
        "area": request.area,
        "client": request.area,  # of a standard one: the client that is to own it
        "packages": "\n".join(f"  – {label_of(name)}" for name in request.packages),
        "url": request.confirm_url,
        "until": f"{(request.sent_at or request.created_at) + VALID_FOR:%d.%m.%Y}",
        "sender": sender.name if sender else firm.name,
    }
    is_theirs = request.kind == SystemUser.Kind.STANDARD
    subject, body = _to_client() if is_theirs else _to_firm()
    return Letter(subject % facts, body % facts)


def _to_client() -> tuple[str, str]:
    """The client itself is to own the system user."""
    return _("Gi %(firm)s tilgang til posten i Altinn for %(client)s"), _(
        "Hei,\n\n"
        "%(firm)s er regnskapsfører for %(client)s, og vil gjerne lese og følge opp det dere får "
        "i Altinn. Da trenger vi en systembruker som %(client)s selv eier. Den får disse "
        "tilgangspakkene:\n\n"
        "%(packages)s\n\n"
        "Åpne denne adressen, logg inn med ID-porten og trykk «Godkjenn»:\n\n%(url)s\n\n"
        "Du må være daglig leder, tilgangsstyrer eller hovedadministrator for %(client)s i Altinn. "
        "Er du ikke det, kan du sende forespørselen videre fra samme side. Dere kan når som helst "
        "slette systembrukeren i Altinn. Adressen gjelder til %(until)s.\n\n"
        "Hilsen\n%(sender)s"
    )


def _to_firm() -> tuple[str, str]:
    """The firm is to own it, for its clients."""
    return _("Godkjenn en systembruker i Altinn for %(firm)s"), _(
        "Hei,\n\n"
        "Regnskapsportalen trenger en systembruker i Altinn for %(firm)s, til «%(area)s». Den "
        "leser og svarer på dialoger hos klientene som legges til. Den får disse "
        "tilgangspakkene:\n\n"
        "%(packages)s\n\n"
        "Åpne denne adressen, logg inn med ID-porten og trykk «Godkjenn»:\n\n%(url)s\n\n"
        "Du må være daglig leder, tilgangsstyrer eller hovedadministrator for %(firm)s i Altinn. "
        "Er du ikke det, kan du sende forespørselen videre fra samme side. Adressen gjelder til "
        "%(until)s.\n\n"
        "Hilsen\n%(sender)s"
    )


def mail_to(request: SystemUserRequest, address: str, *, actor: User, now: datetime) -> None:
    """Send the confirm address to the one who is to approve.

    Raises:
        OSError: the mail server did not take it (smtplib's errors are OSErrors).
    """
    with override(settings.LANGUAGE_CODE):
        letter = letter_for(request, sender=actor)
    EmailMessage(letter.subject, letter.body, to=[address], reply_to=[actor.email]).send()
    with transaction.atomic():
        SystemUserRequest.objects.filter(pk=request.pk).update(mailed_to=address, mailed_at=now)
        audit.record(
            actor=actor,
            act="system user request mailed",
            about=f"system user request {request.pk}",
            now=now,
        )
