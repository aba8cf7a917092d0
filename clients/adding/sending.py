"""Send what a run is to add, one call each, whatever happens on the way.

Whoever works on a run holds a lease. A client is written down as sent before the call; when nobody
knows what came of it – the worker was killed, or Altinn did not answer – what Altinn has is looked
up before anything is sent again. So each client is added once, and counted once, however often the
work is broken off.
"""

import logging
import time
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from altinn.delegation import ClientDelegation
from altinn.errors import AltinnError, Refused, TryLater, UnknownOutcome, Unreached
from altinn.onboarding_errors import Cause, cause_of
from clients.adding import lists, person
from clients.adding.lists import NoAgent, said
from clients.adding.runs import UNSETTLED, Item, State, Wish, record
from clients.connect import NotConfigured
from clients.finding.discovery import judge_all
from clients.models import AddingItem, AddingRun, DelegationSnapshot
from staff import audit

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=75)  # longer than any one call
RUN_SECONDS = 30.0  # then others get their turn
WAIT = timedelta(seconds=30)  # for what Altinn has not answered to become visible there
MOST_TRIES = 5
AT_ONCE = 50

# What is wrong with this one client. Anything else would be refused for the next one too.
# Source: altinn-authentication ad4f6f36; read 2026-07.
_ABOUT_THE_CLIENT = {
    Cause.CLIENT_UNKNOWN,
    Cause.CLIENT_LACKS_PACKAGES,
    Cause.OWNER_RESTRICTS,
    Cause.APPROVER_LACKS_RIGHT,
    Cause.APPROVER_LACKS_PACKAGE,
}


class Waits(Exception):
    """Altinn did not answer, or asks for a moment; the run goes on by itself."""

    def __init__(self, sentence: str, until: datetime) -> None:
        super().__init__(sentence)
        self.until = until


class Taken(Exception):
    """The run was paused, or somebody else works on it now."""


def due(*, now: datetime) -> list[int]:
    """Return the keys of runs that nobody works on."""
    return list(AddingRun.objects.due(now).order_by("pk").values_list("pk", flat=True))


def work(key: int, *, now: datetime, seconds: float = RUN_SECONDS) -> bool:
    """Work on a run for a while; return whether there is more to do just now."""
    run = _claim(key, now=now)
    if run is None:
        return False
    with translation.override(run.person.language):
        try:
            return _work(run, until=time.monotonic() + seconds)
        except Taken:
            _release(run)
        except person.NotConnected:
            _release(run, State.SIGN_IN, trouble=person.ended())
        except (NoAgent, NotConfigured) as exc:
            _release(run, State.STOPPED, trouble=str(exc))
        except Waits as exc:
            _release(run, trouble=str(exc), wait_until=exc.until)
        except AltinnError as exc:
            _stand_still(run, exc)
    return False


def _work(run: AddingRun, *, until: float) -> bool:
    is_anew = False
    while True:
        try:
            with person.delegation(run.person, anew=is_anew) as api:
                agent = lists.agent_of(api, run.system_user)
                if not run.is_looked_up or run.items.filter(state__in=UNSETTLED).exists():
                    _look_up(api, agent, run)
                for _sent in _send_all(api, agent, run):
                    is_anew = False
                    if time.monotonic() > until:
                        _release(run)
                        return True
                _finish(api, agent, run)
                return False
        except Refused as exc:
            if exc.status != 401:
                raise
            if is_anew:  # a new token was refused as well
                raise person.NotConnected from exc
            is_anew = True


def _claim(key: int, *, now: datetime) -> AddingRun | None:
    if not AddingRun.objects.due(now).filter(pk=key).update(lease_until_at=now + LEASE):
        return None
    return AddingRun.objects.select_related("system_user", "person").get(pk=key)


def _renew(run: AddingRun) -> None:
    """Keep the lease for another while, and hear of a new pace.

    Raises:
        Taken: the run was paused, or is somebody else's now.
    """
    lease = timezone.now() + LEASE
    mine = AddingRun.objects.filter(
        pk=run.pk, lease_until_at=run.lease_until_at, state=State.RUNNING
    )
    if not mine.update(lease_until_at=lease):
        raise Taken
    run.refresh_from_db(fields=["per_minute", "lease_until_at"])


def _release(
    run: AddingRun,
    state: State | None = None,
    *,
    trouble: str = "",
    wait_until: datetime | None = None,
) -> None:
    """Let the run go, and say how it stands. One that was paused meanwhile stays so."""
    _note_added(run)
    mine = AddingRun.objects.filter(pk=run.pk, lease_until_at=run.lease_until_at)
    mine.exclude(state=State.RUNNING).update(lease_until_at=None)
    mine.filter(state=State.RUNNING).update(
        state=state or State.RUNNING,
        lease_until_at=None,
        trouble=trouble[:1000],
        wait_until_at=wait_until,
    )


def _stand_still(run: AddingRun, exc: AltinnError) -> None:
    """Wait when Altinn cannot answer; stop when it will not."""
    if isinstance(exc, TryLater | UnknownOutcome):
        until = exc.retry_at or timezone.now() + WAIT
        _release(run, trouble=_waiting(), wait_until=until)
    else:
        _release(run, State.STOPPED, trouble=said(exc))


def _waiting() -> str:
    return _("Altinn svarer ikke nå. Køen går videre av seg selv om litt.")


def _look_up(api: ClientDelegation, agent: UUID, run: AddingRun) -> None:
    """Settle by what Altinn has: what was sent without an answer, and what was so all along."""
    has = {client.party_uuid for client in api.added(agent)}
    _renew(run)
    settled: dict[tuple[str, Item], list[AddingItem]] = defaultdict(list)
    for item in run.items.filter(state__in=[*UNSETTLED, Item.WANTED]).order_by("pk"):
        is_so = (item.party_uuid in has) == (item.wish == Wish.ADD)
        if new := _after_look(item, is_so=is_so):
            settled[item.state, new].append(item)
    for (_old, new), items in settled.items():
        gave_up = _("Altinn har ikke svart for denne klienten. Prøv igjen senere.")
        _settle(run, items, new, sentence=gave_up if new == Item.REFUSED else "")
    run.is_looked_up = True
    run.save(update_fields=["is_looked_up"])


def _after_look(item: AddingItem, *, is_so: bool) -> Item | None:
    """What an item is, now that we know whether it is so at Altinn; None when nothing changed."""
    if item.state == Item.WANTED:
        return Item.ALREADY if is_so else None
    if is_so:
        return Item.DONE
    return Item.REFUSED if item.tries >= MOST_TRIES else Item.WANTED


def _send_all(api: ClientDelegation, agent: UUID, run: AddingRun) -> Iterator[None]:
    """Send what is left, about a second's worth at a time; yield after each."""
    next_at = time.monotonic()
    while run.items.filter(state=Item.WANTED).exists():
        time.sleep(max(0, next_at - time.monotonic()))
        _renew(run)
        next_at = _send(api, agent, run, _take(run), at=next_at)
        yield


def _take(run: AddingRun) -> list[AddingItem]:
    """Write down some as sent, before they are. Nobody else can take the same."""
    most = max(1, min(AT_ONCE, run.per_minute // 60))
    with transaction.atomic():
        wanted = run.items.filter(state=Item.WANTED).order_by("pk")
        items = list(wanted.select_for_update(of=("self",), skip_locked=True)[:most])
        keys = [item.pk for item in items]
        AddingItem.objects.filter(pk__in=keys).update(
            state=Item.SENT, tries=F("tries") + 1, tried_at=timezone.now()
        )
    for item in items:
        item.state = Item.SENT
    return items


def _send(
    api: ClientDelegation, agent: UUID, run: AddingRun, items: list[AddingItem], *, at: float
) -> float:
    """Make one call each, at the run's pace; return when the next one may be made.

    Those that nothing was sent for go back. One in the middle of a call when all is broken off
    stays as sent, and is looked up.
    """
    done: list[AddingItem] = []
    left = list(items)
    try:
        while left:
            time.sleep(max(0, at - time.monotonic()))
            at = max(at + 60 / run.per_minute, time.monotonic())
            item = left.pop(0)
            try:
                (api.add if item.wish == Wish.ADD else api.remove)(agent, item.party_uuid)
            except AltinnError as exc:
                _failed(item, exc)
            else:
                done.append(item)
    finally:
        _settle(run, done, Item.DONE)
        _settle(run, left, Item.WANTED, tries=F("tries") - 1)
    return at


def _failed(item: AddingItem, exc: AltinnError) -> None:
    """Write down what is known: refused for this client, not done, or not known."""
    if cause_of(exc) in _ABOUT_THE_CLIENT:
        code = next(iter(exc.validation_codes), exc.code)
        _settle(item.run, [item], Item.REFUSED, code=code[:40], sentence=said(exc))
        return
    is_unknown = isinstance(exc, TryLater | UnknownOutcome) and not (
        isinstance(exc, Unreached) or exc.status == 429
    )
    _settle(item.run, [item], Item.UNKNOWN if is_unknown else Item.WANTED)
    log.warning("A client was not added: %s", exc)
    raise exc


def _settle(run: AddingRun, items: list[AddingItem], state: Item, **more: Any) -> None:
    """Move items on from where we knew them to be; one that has moved already is left alone.

    With the moving, and so once, it is noted in the log who was added or taken away.
    """
    if not items:
        return
    known = {item.pk: item for item in items}
    with transaction.atomic():
        same = AddingItem.objects.filter(pk__in=known, state=items[0].state)
        keys = list(same.select_for_update().order_by("pk").values_list("pk", flat=True))
        AddingItem.objects.filter(pk__in=keys).update(state=state, **more)
        if state == Item.DONE:
            audit.record_all(
                (_entry(run, known[key]) for key in keys), actor=run.person, now=timezone.now()
            )


def _entry(run: AddingRun, item: AddingItem) -> tuple[str, str, dict[str, Any]]:
    act = "client added to agent" if item.wish == Wish.ADD else "client taken from agent"
    detail = {"run": run.pk, "orgnr": item.orgnr, "name": item.name}
    return act, f"system user {run.system_user_id}", detail


def _note_added(run: AddingRun) -> None:
    """Bring what we know of the lists in line with what was done: until they are read again."""
    done = run.items.filter(state__in=[Item.DONE, Item.ALREADY])
    known = DelegationSnapshot.objects.filter(system_user=run.system_user_id)
    for wish, is_added in ((Wish.ADD, True), (Wish.REMOVE, False)):
        theirs = done.filter(wish=wish).values("party_uuid")
        known.filter(party_uuid__in=theirs, is_added=not is_added).update(is_added=is_added)


def _finish(api: ClientDelegation, agent: UUID, run: AddingRun) -> None:
    """Close the run, once, and read the lists as they are now."""
    if run.items.filter(state__in=UNSETTLED).exists():
        raise Waits(_waiting(), timezone.now() + WAIT)
    _note_added(run)
    now = timezone.now()
    with transaction.atomic():
        mine = AddingRun.objects.filter(
            pk=run.pk, state=State.RUNNING, lease_until_at=run.lease_until_at
        )
        finished = mine.update(
            state=State.FINISHED, finished_at=now, lease_until_at=None, trouble=""
        )
        if finished:
            record(run, "adding finished", actor=run.person, now=now)
    try:
        lists.read(api, run.system_user, agent=agent, now=now)
    except AltinnError as exc:
        log.warning("The lists were not read after adding: %s", exc)
    for _judged in judge_all(now=now, orgnrs=run.items.values_list("orgnr", flat=True)):
        pass  # what «Finn klienter» says of them is what is so now
