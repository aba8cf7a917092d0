"""A person's wish to add clients to an agent system user, or take them away: a run.

A run's clients are written down when it is made, and looked at once more before it begins. What
sends them is in `sending`.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction

from clients.models import AddingItem, AddingRun, SystemUser
from staff import audit
from staff.models import User

PACES = (30, 60, 120, 300, 600)  # a minute

State = AddingRun.State
Item = AddingItem.State
Wish = AddingItem.Wish
UNSETTLED = (Item.SENT, Item.UNKNOWN)


def draft(
    system_user: SystemUser,
    clients: Iterable[tuple[UUID, str, str]],
    *,
    wish: str,
    actor: User,
    now: datetime,
) -> AddingRun:
    """Write down what is to be done, for a last look. Takes the place of a draft not begun.

    Raises:
        ValueError: another run of the system user's is not finished.
    """
    with transaction.atomic():
        SystemUser.objects.select_for_update(no_key=True).get(pk=system_user.pk)
        system_user.adding_runs.filter(state=State.DRAFT).delete()
        if system_user.adding_runs.open().exists():
            msg = "The system user has an unfinished run"
            raise ValueError(msg)
        run = AddingRun.objects.create(
            system_user=system_user, started_by=actor, person=actor, created_at=now
        )
        AddingItem.objects.bulk_create(
            [
                AddingItem(run=run, party_uuid=uuid, orgnr=orgnr, name=name, wish=wish)
                for uuid, orgnr, name in clients
            ],
            batch_size=1000,
        )
    return run


def begin(run: AddingRun, *, per_minute: int, actor: User, now: datetime) -> bool:
    """Set a draft going, at this pace; return whether it was one."""
    with transaction.atomic():
        drafts = AddingRun.objects.filter(pk=run.pk, state=State.DRAFT)
        begun = drafts.update(
            state=State.RUNNING, per_minute=per_minute, person=actor, started_at=now
        )
        if begun:
            record(run, "adding begun", actor=actor, now=now, clients=run.items.count())
    return bool(begun)


def pause(run: AddingRun, *, actor: User, now: datetime) -> bool:
    """Stop after the client that is being sent; return whether it was running."""
    with transaction.atomic():
        running = AddingRun.objects.filter(pk=run.pk, state=State.RUNNING)
        paused = running.update(state=State.PAUSED, paused_at=now, wait_until_at=None, trouble="")
        if paused:
            record(run, "adding paused", actor=actor, now=now)
    return bool(paused)


def resume(run: AddingRun, *, actor: User, now: datetime) -> bool:
    """Go on where it stood, from now on under this person's sign-in."""
    with transaction.atomic():
        standing = [State.PAUSED, State.STOPPED, State.SIGN_IN]
        still = AddingRun.objects.filter(pk=run.pk, state__in=standing)
        resumed = still.update(
            state=State.RUNNING,
            person=actor,
            paused_at=None,
            wait_until_at=None,
            trouble="",
            is_looked_up=False,
        )
        if resumed:
            record(run, "adding resumed", actor=actor, now=now)
    return bool(resumed)


def change_pace(run: AddingRun, per_minute: int, *, actor: User, now: datetime) -> None:
    with transaction.atomic():
        changed = AddingRun.objects.filter(pk=run.pk).exclude(per_minute=per_minute)
        if changed.update(per_minute=per_minute):
            record(run, "adding pace changed", actor=actor, now=now, per_minute=per_minute)


def cancel(run: AddingRun, *, actor: User, now: datetime) -> None:
    """Give up what is left. What was added stays; a draft leaves nothing behind."""
    with transaction.atomic():
        held = AddingRun.objects.select_for_update(of=("self",)).filter(pk=run.pk).first()
        if held is None or held.state == State.FINISHED:
            return
        if held.state == State.DRAFT:
            held.delete()
            return
        left = held.items.filter(state=Item.WANTED)
        count = left.count()
        left.delete()
        if held.state != State.RUNNING or not held.items.filter(state__in=UNSETTLED).exists():
            held.state, held.finished_at, held.lease_until_at = State.FINISHED, now, None
            held.wait_until_at, held.trouble = None, ""
            held.save()
        record(held, "adding cancelled", actor=actor, now=now, left=count)


def retry_refused(run: AddingRun, *, actor: User, now: datetime) -> AddingRun | None:
    """Make a new draft of those that were refused: something may have been done about it."""
    refused = run.items.filter(state=Item.REFUSED).order_by("pk")
    clients = list(refused.values_list("party_uuid", "orgnr", "name", "wish"))
    if not clients:
        return None
    return draft(
        run.system_user,
        [(uuid, orgnr, name) for uuid, orgnr, name, _wish in clients],
        wish=clients[0][3],
        actor=actor,
        now=now,
    )


def record(run: AddingRun, act: str, *, actor: User, now: datetime, **detail: object) -> None:
    about = f"system user {run.system_user_id}"
    audit.record(actor=actor, act=act, about=about, now=now, run=run.pk, **detail)
