"""Do something at a service owner: write it down, send it once, write down how it ended.

The row is committed before the call. Whatever becomes of the process after that, what may have been
sent is known, and nothing is sent twice: a second press, tab or worker meets the row.
"""

import contextlib
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from altinn.errors import AltinnError
from clients import connect
from dialogs import notices
from dialogs.answering import acts
from dialogs.answering.asked import Request, unsealed
from dialogs.answering.checking import Checked, NotSent, check
from dialogs.answering.judging import Answer
from dialogs.answering.looking import look, status_now
from dialogs.answering.offers import Offer
from dialogs.answering.sending import Keys, send
from dialogs.answering.settling import note_answer, record, settle
from dialogs.content.following import follow
from dialogs.content.opening import reader_of
from dialogs.models import Dialog, Notice, ServiceAction
from staff.models import User

State = ServiceAction.State
How = ServiceAction.How


class DoneAlready(Exception):
    """Somebody was first, in another tab or at another desk. `action` is theirs."""

    def __init__(self, action: ServiceAction) -> None:
        super().__init__(f"action {action.pk}")
        self.action = action


def wants_a_second_person(*, is_destructive: bool) -> bool:
    """Whether the firm has a second person approve what is sent."""
    return settings.FOUR_EYES == "all" or (settings.FOUR_EYES == "destructive" and is_destructive)


def begin(
    dialog: Dialog, checked: Checked, request: Request, *, user: User, now: datetime
) -> ServiceAction:
    """Write down what is to be done; then do it, unless a second person has to approve it first.

    Raises:
        DoneAlready: it is done, under way or waits already. Nothing was sent.
        AltinnError: nobody reads for the dialog's party any more. Nothing was sent.
    """
    action = _write_down(dialog, checked, request, user=user, now=now)
    if action.state == State.WAITING:
        return action
    return _carry_out(dialog, action, request, checked, user=user)


def approve(action: ServiceAction, checked: Checked, *, user: User, now: datetime) -> ServiceAction:
    """Do what a colleague has asked for, as it was asked for.

    Raises:
        NotSent: it is one's own, or somebody has answered it meanwhile.
    """
    if user == action.actor:
        raise NotSent(_("Den som ba om det, kan ikke godkjenne det selv."))
    waiting = ServiceAction.objects.filter(pk=action.pk, state=State.WAITING)
    with transaction.atomic():
        if not waiting.update(state=State.SENT, approver=user, sent_at=now):
            raise DoneAlready(action)
        record(action, acts.APPROVED, user=user, now=now)
    action.refresh_from_db()
    return _carry_out(action.dialog, action, unsealed(action.request), checked, user=user)


def withdraw(action: ServiceAction, *, user: User, now: datetime) -> bool:
    """Take back what waits for a second person, or decline it. Return whether it still waited."""
    with transaction.atomic():
        waiting = ServiceAction.objects.filter(pk=action.pk, state=State.WAITING)
        was_waiting = bool(
            waiting.update(state=State.WITHDRAWN, settled_at=now, settled_by=user, how=How.PERSON)
        )
        if was_waiting:
            act = acts.WITHDRAWN if user == action.actor else acts.DECLINED
            record(action, act, user=user, now=now)
    return was_waiting


def _write_down(
    dialog: Dialog, checked: Checked, request: Request, *, user: User, now: datetime
) -> ServiceAction:
    """Add the row that everything else rests on. Committed when this returns."""
    offer, details = checked.offer, checked.details
    waits = wants_a_second_person(is_destructive=offer.is_destructive)
    system_user = reader_of(dialog)
    try:
        with transaction.atomic():
            action = ServiceAction.objects.create(
                **_columns(offer, request),
                dialog=dialog,
                revision=details.revision,
                actor=user,
                system_user=system_user,
                state=State.WAITING if waits else State.SENT,
                asked_at=now,
                sent_at=None if waits else now,
                status_before=details.status.value,
            )
            record(action, acts.ASKED if waits else acts.SENT, user=user, now=now)
            if waits:
                _ask_colleagues(action, now=now)
    except IntegrityError as exc:
        if (first := in_the_way(dialog, offer.id, details.revision)) is None:
            raise NotSent(_("Handlingen ble nettopp avsluttet av noen andre. Prøv igjen.")) from exc
        raise DoneAlready(first) from None
    return action


def _columns(offer: Offer, request: Request) -> dict[str, Any]:
    """What the row says of what is done, cut to its columns; the request itself is whole."""
    return {
        "kind": offer.kind,
        "action_id": offer.id,
        "name": offer.title[:255],
        "method": request.method,
        "host": offer.host[:255],
        "is_destructive": offer.is_destructive,
        "request": request.sealed(),
        "request_hash": request.hash,
    }


def _ask_colleagues(action: ServiceAction, *, now: datetime) -> None:
    """Tell those who work for the client that something waits for one of them."""
    client = action.dialog.client
    people = [action.dialog.responsible, client.responsible, *client.members.all()]
    asked = [user for user in people if user]
    kind = Notice.Kind.APPROVAL
    notices.notify(asked, kind, now=now, actor=action.actor, dialog=action.dialog)


def _carry_out(
    dialog: Dialog, action: ServiceAction, request: Request, checked: Checked, *, user: User
) -> ServiceAction:
    """Send what is written down, and settle it."""
    now = action.sent_at or action.asked_at

    def renew() -> str | None:
        """Check once more, and return another dialog token; nothing when it may not be done now."""
        try:
            again = check(dialog, action.action_id, seen=action.revision, user=user, now=now)
        except (AltinnError, NotSent):
            return None
        return again.token

    try:
        answer = send(action.kind, request, Keys(checked.token, renew, action.system_user))
    except connect.NotConfigured:
        answer = Answer(State.NOT_DONE, code="NOT_CONFIGURED")
    note_answer(action, answer, now=timezone.now())
    if answer.state == State.UNKNOWN:
        settle(action, State.UNKNOWN, How.ANSWER, user=user, now=timezone.now())
        with contextlib.suppress(AltinnError, connect.NotConfigured):  # «Sjekk nå» is still there
            look(action, user=user, now=timezone.now())
    else:
        _end(action, answer, checked, user=user)
    return action


def _end(action: ServiceAction, answer: Answer, checked: Checked, *, user: User) -> None:
    """Write down what was answered, with what the dialog became by it."""
    dialog, state, after = action.dialog, answer.state, ""
    if state != State.NOT_DONE:
        after = status_now(dialog, user=user, now=timezone.now())
    settle(action, state, How.ANSWER, user=user, now=timezone.now(), status_after=after)
    if state == State.ACCEPTED:
        follow(dialog, checked.token, now=timezone.now())


def in_the_way(dialog: Dialog, action_id: UUID, revision: UUID) -> ServiceAction | None:
    """Return what stands in the way of doing this now: done, under way, or waiting already."""
    blocking = dialog.service_actions.blocking().filter(action_id=action_id)
    rows = list(blocking.order_by("-pk"))
    return next((r for r in rows if r.revision == revision or r.state in r.UNDER_WAY), None)
