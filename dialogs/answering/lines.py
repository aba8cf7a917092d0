"""What a person sees of an action before they say yes: exactly what is sent, to whom, for whom."""

from django.utils.translation import gettext as _

from dialogs.answering.asked import Line, Request
from dialogs.answering.offers import Offer
from dialogs.content.opening import reader_of
from dialogs.inbox.rows import spaced
from dialogs.models import Dialog


def request_for(offer: Offer, body: str = "", form: list[Line] | None = None) -> Request:
    return Request(offer.method, offer.url, body, form or [], offer.reference)


def lines_of(dialog: Dialog, offer: Offer, request: Request) -> list[Line]:
    """Return what is sent, line by line.

    Raises:
        NobodyReads: none of our system users reads for the party any more.
    """
    party = dialog.party
    return [
        (_("Handling"), offer.title),
        (_("For klienten"), str(dialog.client)),
        (_("På vegne av"), f"{party.name} {spaced(party.orgnr)}".strip()),
        (_("Til"), f"{dialog.owner} ({offer.host})"),
        (_("Sendes som"), f"{request.method} {request.url}"),
        (_("Av systembrukeren"), str(reader_of(dialog))),
        (_("Innhold"), _("Se under") if request.body else _("Ingen opplysninger følger med")),
    ]
