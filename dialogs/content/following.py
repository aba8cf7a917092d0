"""After an action: follow what the service owner makes of it, while somebody has the page open.

Dialogporten tells whoever holds a dialog token that something happened, silent changes too; what it
was is read by search, which leaves no mark. Where nothing is told, we look ourselves: once a second
for ten seconds, later seldom. What is found is stored as always, and every open page hears of it.

The token is handed from the request that acted to a thread of the same process, and kept nowhere.
Nothing depends on this: the polls find the same, later.
"""

import contextlib
import logging
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import connections, transaction
from django.utils import timezone
from redis.exceptions import RedisError

from altinn.errors import AltinnError
from altinn.watching import watch
from clients import connect
from dialogs import live
from dialogs.actions import Touched
from dialogs.bulk.reading import find
from dialogs.bus import bus
from dialogs.content.opening import reader_of
from dialogs.models import Dialog
from dialogs.work import presence

log = logging.getLogger(__name__)

OFTEN_SECONDS = 10  # Altinn expects most outcomes within this
EVERY_SECONDS = 1.0
SELDOM_SECONDS = 30.0
LONGEST = timedelta(minutes=8)  # the token lives for ten
MOST_AT_ONCE = 20  # threads in a process; one more is left to the polls

_free = threading.BoundedSemaphore(MOST_AT_ONCE)


@dataclass(frozen=True)
class Followed:
    """What the page says of an action's outcome that is still awaited."""

    is_slow: bool  # longer than Altinn expects: «behandles hos tjenesteeier»


def follow(dialog: Dialog, token: str | None, *, now: datetime) -> None:
    """Follow the dialog for a while, beside the answer to the one who acted. Returns at once."""
    transaction.on_commit(lambda: _begin(dialog, token, now=now))


def _begin(dialog: Dialog, token: str | None, *, now: datetime) -> None:
    with _redis_may_be_away():
        bus().set(_key(dialog.pk), now.isoformat(), ex=int(LONGEST.total_seconds()))
    if not _free.acquire(blocking=False):
        return
    watched = Watched(dialog.pk, token, now)
    threading.Thread(target=watched.run, name="following", daemon=True).start()


def followed(dialog: Dialog, *, now: datetime) -> Followed | None:
    """Return how an outcome is awaited; None once something has changed, or never."""
    since: bytes | str | None = None
    with _redis_may_be_away():
        since = bus().get(_key(dialog.pk))
    if not since:
        return None
    at = datetime.fromisoformat(since.decode() if isinstance(since, bytes) else since)
    return Followed(now - at > timedelta(seconds=OFTEN_SECONDS))


class Watched:
    """One dialog that is followed, on a thread of its own."""

    def __init__(self, dialog_id: UUID, token: str | None, since: datetime) -> None:
        self._dialog_id = dialog_id
        self._token = token
        self._ends_at = since + LONGEST
        self._happened = threading.Event()
        self._stop = threading.Event()

    def run(self) -> None:
        try:
            self._follow()
        except (AltinnError, connect.NotConfigured, Dialog.DoesNotExist) as exc:
            log.warning("The outcome of an action is left to the polls: %s", exc)
        finally:
            self._stop.set()
            connections.close_all()
            _free.release()

    def _follow(self) -> None:
        if self._token:
            threading.Thread(target=self._listen, name="listening", daemon=True).start()
        often_until = time.monotonic() + OFTEN_SECONDS
        was_slow = False
        while timezone.now() < self._ends_at:
            if self._look():
                return
            is_slow = time.monotonic() > often_until
            if is_slow and not was_slow:
                self._tell()  # pages say from now on that it takes its time
            if is_slow and not presence.is_open(self._dialog_id, now=timezone.now()):
                return
            was_slow = is_slow
            connections.close_all()  # the pool is small, and the wait may be long
            time.sleep(EVERY_SECONDS)
            self._happened.wait(SELDOM_SECONDS if is_slow else 0)
            self._happened.clear()

    def _listen(self) -> None:
        """Be told by Dialogporten. When it refuses, looking goes on without."""
        try:
            for _happening in watch(settings.ALTINN, self._dialog_id, self._get_token, self._stop):
                self._happened.set()
        except AltinnError as exc:
            log.info("An outcome is looked for, not listened for: %s", exc)

    def _get_token(self) -> str:
        return self._token or ""

    def _look(self) -> bool:
        """Read the dialog by search; return whether the service owner has changed it."""
        dialog = Dialog.objects.select_related("party", "service").get(pk=self._dialog_id)
        before = _state(dialog)
        with connect.end_user(system_user := reader_of(dialog)) as api:
            find(api, system_user, [dialog], believe=lambda _item: True)
        dialog.refresh_from_db()
        if _state(dialog) == before:
            return False
        with _redis_may_be_away():
            bus().delete(_key(self._dialog_id))
        self._tell()
        return True

    def _tell(self) -> None:
        dialog = Dialog.objects.only("client").get(pk=self._dialog_id)
        live.tell([Touched(dialog.pk, dialog.client_id)])


def _state(dialog: Dialog) -> tuple[object, ...]:
    """What an outcome shows in. That somebody has seen the dialog is none."""
    times = (dialog.updated_at, dialog.content_updated_at, dialog.due_at, dialog.gone_at)
    return (dialog.status, dialog.has_unopened_content, *times)


@contextlib.contextmanager
def _redis_may_be_away() -> Iterator[None]:
    try:
        yield
    except RedisError as exc:
        log.warning("What is awaited is not known to the pages: %s", exc)


def _key(dialog_id: UUID) -> str:
    return f"dialogs.followed:{dialog_id}"
