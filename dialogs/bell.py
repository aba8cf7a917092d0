"""Ring for the workers after a commit. If Redis is down or hangs, the rows still wait.

The ringing happens on a thread of its own, so that it never keeps an answer waiting, and at most
once every few milliseconds per process: one drain takes in everything that waits.
"""

import logging
import threading

from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from dialogs import tasks
from dialogs.bus import bus

log = logging.getLogger(__name__)

PAUSE_SECONDS = 0.2
REST_SECONDS = 10  # after a failure: beat or `manage.py drain` works meanwhile

_wanted = threading.Event()
_ringer: threading.Thread | None = None
_start = threading.Lock()


def ring() -> None:
    """Ask for a drain, soon. Returns at once."""
    global _ringer  # one per process
    _wanted.set()
    if _ringer is None or not _ringer.is_alive():
        with _start:
            if _ringer is None or not _ringer.is_alive():
                _ringer = threading.Thread(target=_ring, name="bell", daemon=True)
                _ringer.start()


def _ring() -> None:
    rest = threading.Event()
    while True:
        _wanted.wait()
        _wanted.clear()
        try:
            if bus().set(tasks.BELL, 1, nx=True, ex=10):  # else a drain is queued and will see it
                tasks.drain.apply_async(retry=False, expires=60)
        except (OperationalError, RedisError, OSError) as exc:
            log.warning("The workers were not rung for: %s", exc)
            rest.wait(REST_SECONDS)
        rest.wait(PAUSE_SECONDS)
