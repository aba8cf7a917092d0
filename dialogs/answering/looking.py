"""Find out how something ended that nobody knows the end of. Looks, and never sends.

Because a person pressed «Sjekk nå», the dialog itself is read again, and Nav's list of what it has
got. A task looks too, with what marks nothing as seen: search, transmissions and activities.
What is still as it was is not concluded from before the call must have ended. What was taken in to
be handled (202) is waited for: it is never taken for undone.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from altinn.details import Details, Transmission
from altinn.dialogporten import EndUser
from altinn.errors import AltinnError, NotThere
from altinn.wire import DialogStatus
from clients import connect
from clients.models import SystemUser
from dialogs.answering import nav
from dialogs.answering.asked import unsealed
from dialogs.answering.offers import kind_of
from dialogs.answering.settling import GONE, How, State, settle
from dialogs.bulk.reading import find
from dialogs.content.opening import fresh, read_again, reader_of
from dialogs.models import Dialog, ServiceAction
from staff.models import User

Kind = ServiceAction.Kind

CLOCKS = timedelta(minutes=1)  # how far a service owner's clock and ours may be apart
CALLS_IN_ONE = 6  # an action is so many calls at most, each with its own time-out
A_WHILE = timedelta(minutes=1)


@dataclass(frozen=True)
class Finding:
    """What was found; `state` is None where that says nothing yet."""

    state: State | None = None
    how: How = How.DIALOG
    status_after: str = ""
    is_as_before: bool = False  # nothing has happened there that we can see


def status_now(dialog: Dialog, *, user: User, now: datetime) -> str:
    """Read the dialog again after something was done; return its status, or nothing."""
    try:
        details, _token = fresh(dialog, user=user, now=now)
    except NotThere:
        return GONE
    except (AltinnError, connect.NotConfigured):
        return ""
    return details.status.value


def look(action: ServiceAction, *, user: User, now: datetime) -> None:
    """Look because a person pressed for it; the row then holds what was found.

    Raises:
        AltinnError: nobody could be asked. The row is as it was.
        NotConfigured: a setting is missing.
    """
    finding = _in_navs_list(action) if action.kind in nav.KINDS else Finding()
    if finding.state is None:
        finding = _in_details(action, finding, user=user, now=now)
    _conclude(action, finding, user=user, now=now)


def look_quietly(action: ServiceAction, *, now: datetime) -> None:
    """Look as background work may: nothing is marked as seen by it.

    Raises:
        AltinnError: Altinn could not be asked. The row is as it was.
        NotConfigured: a setting is missing.
    """
    dialog = action.dialog
    if dialog.gone_at and _deletes(action):
        finding = Finding(State.DONE, status_after=GONE)
    else:
        system_user = reader_of(dialog)
        with connect.end_user(system_user) as api:
            finding = _quietly(action, api, system_user)
    _conclude(action, finding, user=None, now=now)


def give_up_waiting(action: ServiceAction, *, now: datetime) -> None:
    """Call an outcome unknown when no answer can come any more: the process was killed."""
    if action.state == State.SENT and _must_have_ended(action, now=now):
        settle(action, State.UNKNOWN, How.ANSWER, user=None, now=now)


def settle_by_hand(action: ServiceAction, *, was_done: bool, user: User, now: datetime) -> bool:
    """Write down what a person has found out elsewhere. Return whether it was still open."""
    state = State.DONE if was_done else State.NOT_DONE
    return settle(action, state, How.PERSON, user=user, now=now, status_after=action.status_after)


def _conclude(action: ServiceAction, finding: Finding, *, user: User | None, now: datetime) -> None:
    """Settle what is certain; else note only that somebody has looked."""
    state = finding.state
    ended = _must_have_ended(action, now=now) and action.state != State.ACCEPTED
    if state is None and finding.is_as_before and ended:
        state = State.NOT_DONE
    if state and state != action.state:
        settle(action, state, finding.how, user=user, now=now, status_after=finding.status_after)
    else:
        ServiceAction.objects.filter(pk=action.pk).update(looked_at=now)
        action.looked_at = now


def _must_have_ended(action: ServiceAction, *, now: datetime) -> bool:
    """Whether the call has an end by now: each of its steps, and some time for the receiver."""
    longest = timedelta(seconds=CALLS_IN_ONE * settings.ANSWER_SECONDS) + A_WHILE
    return action.sent_at is not None and now - action.sent_at > longest


def _deletes(action: ServiceAction) -> bool:
    return action.kind == Kind.PURGE or action.method == "DELETE"


def _in_details(action: ServiceAction, finding: Finding, *, user: User, now: datetime) -> Finding:
    """Read the dialog in full: what was done is no longer offered there, or there is an answer."""
    try:
        details, _token = fresh(action.dialog, user=user, now=now)
    except NotThere as exc:
        if _deletes(action) and not exc.expired:
            return Finding(State.DONE, status_after=GONE)
        return finding
    after = details.status.value
    if action.kind in nav.KINDS:
        judged = nav.judged_by(_since(action, details.transmissions), reference=action.reference)
        if judged:
            return Finding(judged, How.TRANSMISSION, after)
        return replace(finding, status_after=after)
    if not _is_offered(action, details):
        return Finding(State.DONE, status_after=after)
    same = details.revision == action.revision or action.kind in {Kind.CONFIRM, Kind.PURGE}
    return Finding(status_after=after, is_as_before=same)


def _is_offered(action: ServiceAction, details: Details) -> bool:
    """Whether the dialog still has the action; a letter's by what it does, whatever its id."""
    if action.kind in {Kind.CONFIRM, Kind.PURGE}:
        return any(kind_of(b.http_method, b.url) == action.kind for b in details.gui_actions)
    buttons, calls = details.gui_actions, details.api_actions
    return action.action_id in {one.id for one in buttons} | {one.id for one in calls}


def _in_navs_list(action: ServiceAction) -> Finding:
    """Look for the report in what Nav has got. Reading it there has no side effect."""
    request = unsealed(action.request)
    with nav.opened(action.kind, reader_of(action.dialog)) as api:
        reports = api.sent_for(UUID(request.reference))
    for report in reports:
        known = request.known
        is_new = known is not None and str(report.id) not in known
        if is_new if not action.reference else str(report.id) == action.reference:
            answer = nav.answer_of(report)
            ServiceAction.objects.filter(pk=action.pk).update(reference=answer.reference)
            return Finding(answer.state, How.LIST)
    is_as_before = request.known is not None and not action.reference
    return Finding(how=How.LIST, is_as_before=is_as_before)


def _since(action: ServiceAction, transmissions: Iterable[Transmission]) -> list[Transmission]:
    sent_at = action.sent_at or action.asked_at
    return [one for one in transmissions if one.created_at >= sent_at - CLOCKS]


def _quietly(action: ServiceAction, api: EndUser, system_user: SystemUser) -> Finding:
    if action.kind in nav.KINDS:
        news = _since(action, api.transmissions(action.dialog_id))
        judged = nav.judged_by(news, reference=action.reference)
        return Finding(judged, How.TRANSMISSION)
    found = find(api, system_user, [action.dialog], believe=lambda _item: True)
    item = found.get(action.dialog_id)
    if item is None:
        read_again(action.dialog, at=timezone.now())  # which tells «deleted» from «no access»
        return Finding()
    if action.kind == Kind.CONFIRM and item.status != DialogStatus.REQUIRES_ATTENTION:
        return Finding(State.DONE, status_after=item.status.value)
    return Finding(is_as_before=action.kind == Kind.CONFIRM or _deletes(action))
