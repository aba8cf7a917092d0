"""What was sent to somebody, why, and what came of it: «Hvorfor fikk jeg denne?»"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from dialogs.models import Delivery
from dialogs.notes import sentences
from dialogs.notes.bell import subjects_of
from dialogs.outgoing.events import LABELS
from dialogs.outgoing.telling import LEFT, NO_ACCESS, NOT_WANTED, NOTHING, READ, reason_of
from staff.models import User

State = Delivery.State
COLORS = {
    State.WAITING: "info",
    State.SENDING: "info",
    State.SENT: "success",
    State.LEFT_OUT: "neutral",
    State.REFUSED: "danger",
    State.UNKNOWN: "warning",
}


@dataclass(frozen=True)
class Line:
    delivery: Delivery
    text: str
    why: str
    outcome: str  # empty: the state says it all

    @property
    def color(self) -> str:
        return COLORS[State(self.delivery.state)]


def lines_of(deliveries: Iterable[Delivery], reader: User) -> list[Line]:
    """Word what was sent; of what the reader may not see, only what kind of thing it was."""
    deliveries = list(deliveries)
    subjects = subjects_of((one.notice for one in deliveries if one.notice), reader)
    lines = []
    for one in deliveries:
        text = str(LABELS.get(one.event, one.event))
        if notice := one.notice:
            about = subjects[notice.pk]
            text = sentences.said(notice, about.dialog, about.client, is_lost=about.is_lost)
        lines.append(Line(one, text, reason_of(one), outcome_of(one)))
    return lines


def outcome_of(delivery: Delivery) -> str:
    if delivery.state == State.LEFT_OUT:
        return {
            READ: _("Det var allerede lest i portalen."),
            NO_ACCESS: _("Tilgangen til det var borte."),
            LEFT: _("Kontoen var ikke i bruk."),
            NOTHING: _("Det var ingenting å melde."),
            NOT_WANTED: _("Det var slått av."),
        }.get(delivery.trouble, "")
    if delivery.state == State.WAITING and delivery.is_held and not delivery.tries:
        return _("Venter til de stille timene er over.")
    if delivery.state == State.WAITING and delivery.tries:
        return _("Ikke tatt imot ennå (%(code)s). Prøves igjen.") % {"code": delivery.trouble}
    if delivery.state == State.REFUSED:
        return _("Mottakeren tok den ikke imot (%(code)s).") % {"code": delivery.trouble}
    if delivery.state == State.UNKNOWN:
        return _("Den kan ha kommet fram, og sendes ikke på nytt.")
    return ""
