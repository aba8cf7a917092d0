"""What is kept of what was done: who, when, what was sent, what was answered, and how it ended."""

from datetime import datetime
from typing import NamedTuple

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from dialogs.answering import words
from dialogs.answering.asked import Line, Request, unsealed
from dialogs.answering.settling import GONE, State
from dialogs.inbox.rows import spaced
from dialogs.models import Dialog, ServiceAction
from staff.models import User
from staff.rules import may_work
from staff.sealing import Unreadable

MOST_OF_A_DIALOG = 50
RELATED = (
    "dialog__client", "dialog__party", "dialog__owner", "dialog__copy", "dialog__service",
    "actor", "approver", "settled_by", "system_user",
)  # fmt: skip


class Moment(NamedTuple):
    """Something that happened, and when."""

    label: str
    at: datetime
    who: str = ""

    @property
    def line(self) -> Line:
        said = written(self.at)
        return self.label, f"{said}, {self.who}" if self.who else said


def of_dialog(dialog: Dialog) -> list["Receipt"]:
    """Return the receipts of a dialog, the newest first."""
    rows = dialog.service_actions.select_related(*RELATED)
    rows = rows.defer("dialog__copy__received", "dialog__copy__search", "request", "answer")
    return [Receipt(row) for row in rows.order_by("-asked_at", "-pk")[:MOST_OF_A_DIALOG]]


class Receipt:
    """One action as it is shown, on a page or on paper."""

    def __init__(self, action: ServiceAction) -> None:
        self.action = action
        self.pk = action.pk
        self.title = action.name
        self.state = str(State(action.state).label)
        self.color = words.COLORS.get(State(action.state), "info")
        self.outcome = words.outcome(action)
        self.asked = written(action.asked_at)

    @property
    def may_look(self) -> bool:
        return self.action.state in ServiceAction.UNSETTLED

    @property
    def may_decide(self) -> bool:
        """Whether a person may write down what they have found out: once somebody has looked."""
        return self.action.state == State.UNKNOWN and self.action.looked_at is not None

    def may_approve(self, user: User) -> bool:
        is_anothers = user.pk != self.action.actor_id
        return self.action.state == State.WAITING and is_anothers and may_work(user)

    @property
    def advice(self) -> list[str]:
        return words.advice(self.action)

    @property
    def answer(self) -> str:
        return words.answered(self.action)

    @cached_property
    def request(self) -> Request | None:
        """What was sent; None when it was sealed with a key we no longer have."""
        try:
            return unsealed(self.action.request)
        except Unreadable:
            return None

    @property
    def form_lines(self) -> list[Line]:
        return self.request.lines if self.request else []

    @property
    def facts(self) -> list[Line]:
        """Who had what done, for whom, with which request."""
        action, dialog = self.action, self.action.dialog
        address = self.request.url if self.request else action.host
        sent = _("Opplysningene under") if self.form_lines else _("Ingen opplysninger fulgte med")
        facts = [
            (_("Handling"), action.name),
            (_("Klient"), str(dialog.client)),
            (_("På vegne av"), f"{dialog.party.name} {spaced(dialog.party.orgnr)}".strip()),
            (_("Til"), f"{dialog.owner} ({action.host})"),
            (_("Dialog"), dialog.copy.title),
            (_("Dialogens nummer"), str(dialog.pk)),
            (_("Sendt som"), f"{action.method} {address}"),
            (_("Av systembrukeren"), str(action.system_user)),
            (_("Innhold"), sent),
            (_("Kontrollsum (SHA-256)"), action.request_hash),
        ]
        return [*facts, *(moment.line for moment in self._moments())]

    def _moments(self) -> list[Moment]:
        action = self.action
        approver = str(action.approver) if action.approver else ""
        moments = [
            Moment(_("Bedt om"), action.asked_at, str(action.actor))
            if approver or not action.sent_at
            else None,
            Moment(_("Godkjent og sendt"), action.sent_at, approver)
            if approver and action.sent_at
            else None,
            Moment(_("Sendt"), action.sent_at, str(action.actor))
            if action.sent_at and not approver
            else None,
            Moment(_("Besvart"), action.answered_at) if action.answered_at else None,
            Moment(_("Avgjort"), action.settled_at, self._settled_by())
            if action.settled_at
            else None,
        ]
        return [moment for moment in moments if moment]

    def _settled_by(self) -> str:
        return str(self.action.settled_by) if self.action.settled_by else ""

    @property
    def results(self) -> list[Line]:
        """How it ended, and how we know."""
        action = self.action
        code = f"{action.response_code or ''} {action.code}".strip()
        lines = [
            (_("Utfall"), f"{self.state}. {self.outcome}"),
            (_("Avgjort ved"), str(action.get_how_display()) if action.settled_at else ""),
            (_("Svarkode"), code),
            (_("Referanse"), action.reference),
            (_("Status før"), status(action.status_before)),
            (_("Status etter"), status(action.status_after)),
        ]
        return [line for line in lines if line[1]]


def status(value: str) -> str:
    """Return a dialog's status in words."""
    if value == GONE:
        return _("Fjernet fra Altinn")
    known = Dialog.Status.values
    return str(Dialog.Status(value).label) if value in known else value


def written(at: datetime) -> str:
    """Return «3. desember 2026 kl. 08.43.07»: on a receipt, seconds count."""
    local = timezone.localtime(at)
    return f"{date_format(local, 'j. F Y')} kl. {local:%H.%M.%S}"
