"""A receipt as PDF."""

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from dialogs.answering.receipts import Receipt
from dialogs.paper import Paper


def pdf(receipt: Receipt) -> bytes:
    """Return the receipt as a file."""
    at = receipt.action.settled_at or receipt.action.asked_at
    name = _("Kvittering %(number)s") % {"number": receipt.pk}
    paper = Paper(name, language=get_language() or "nb", at=at)
    paper.heading(receipt.title)
    paper.lines(_("Utfall"), receipt.results)
    for one in receipt.advice:
        paper.text(one)
    paper.lines(_("Det som ble gjort"), receipt.facts)
    paper.lines(_("Opplysninger som fulgte med"), receipt.form_lines)
    if receipt.answer:
        paper.lines(_("Svaret"), [(_("Svar"), receipt.answer)])
    return bytes(paper.output())
