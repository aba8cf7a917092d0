"""Write down how something ended, and tell all who have to know."""

from datetime import datetime

from django.db import transaction

from dialogs import live
from dialogs.actions import Touched, about
from dialogs.answering import acts
from dialogs.answering.judging import Answer
from dialogs.content.opening import read_again
from dialogs.models import Dialog, FormDraft, ServiceAction
from staff import audit
from staff.models import User
from staff.sealing import seal

State = ServiceAction.State
How = ServiceAction.How

GONE = Dialog.Folder.GONE.value  # as a status afterwards: the dialog is no longer there
ACTS = {
    State.DONE: acts.DONE,
    State.ACCEPTED: acts.ACCEPTED,
    State.REFUSED: acts.REFUSED,
    State.NOT_DONE: acts.NOT_DONE,
    State.UNKNOWN: acts.UNKNOWN,
}


def record(action: ServiceAction, act: str, *, user: User | None, now: datetime) -> None:
    """Put a line in the dialog's history, and with it in the client's."""
    audit.record(
        actor=user,
        act=act,
        about=about(action.dialog_id),
        now=now,
        after={"action": action.name, "receipt": action.pk},
    )


def note_answer(action: ServiceAction, answer: Answer, *, now: datetime) -> None:
    """Keep what was answered, before anything is made of it."""
    action.answered_at = now if answer.response_code else None
    action.response_code = answer.response_code
    action.code = answer.code[:100]
    action.answer = seal(answer.body) if answer.body else None
    action.reference = answer.reference[:100]
    action.save(update_fields=["answered_at", "response_code", "code", "answer", "reference"])


def settle(
    action: ServiceAction,
    state: State,
    how: How,
    *,
    user: User | None,
    now: datetime,
    status_after: str = "",
) -> bool:
    """Write down an outcome, unless the end is known already. Return whether it was written.

    The dialog is read again soon: what was done may have changed it without an event.
    """
    is_known = state in {State.DONE, State.REFUSED, State.NOT_DONE}
    changes = {
        "state": state,
        "how": how if state != State.UNKNOWN else "",
        "settled_at": now if is_known else None,
        "settled_by": user if how == How.PERSON else None,
        "status_after": status_after,
        "looked_at": now,
    }
    with transaction.atomic():
        open_rows = ServiceAction.objects.unsettled().filter(pk=action.pk)
        if not open_rows.update(**changes):
            return False
        record(action, ACTS[state], user=user, now=now)
        if state == State.DONE:  # what was turned down can be put right and sent anew
            drafts = FormDraft.objects.filter(dialog=action.dialog_id, action_id=action.action_id)
            drafts.filter(user=action.actor_id).delete()
        read_again(action.dialog, at=now)
        live.tell([Touched(action.dialog_id, action.dialog.client_id)])
    action.refresh_from_db()
    return True
