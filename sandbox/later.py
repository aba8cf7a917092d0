"""What service owners do after a while, by the sandbox's clock: moving it makes it happen now.

What waits is kept in the world, so that it outlives a restart; what is then done is registered
here by name.
"""

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from sandbox.model import Json
from sandbox.owners import Pending

if TYPE_CHECKING:
    from sandbox.state import Sandbox

Deed = Callable[["Sandbox", Pending], None]
_DEEDS: dict[str, Deed] = {}
LONGEST_SECONDS = 30.0


def deed(what: str) -> Callable[[Deed], Deed]:
    """Register what is to be done for things that wait under a name."""

    def register(done: Deed) -> Deed:
        _DEEDS[what] = done
        return done

    return register


class Later:
    """One thread that waits for the next thing to come due."""

    def __init__(self, box: "Sandbox") -> None:
        self._box = box
        self._turn = threading.Condition()
        self._thread: threading.Thread | None = None
        self._stopped = False
        box.clock.listen(self._look)

    def add(self, what: str, key: str, *, due: int, **more: object) -> None:
        """Let something happen at a moment; called with the world's lock held."""
        waiting: Json = dict(more)
        pending = Pending(due=due, what=what, key=key, more=waiting)
        self._box.world.owners.pending.append(pending)
        self.start()

    def start(self) -> None:
        """Let the thread run, if it does not, and look again at what is due."""
        with self._turn:
            if self._thread is None and not self._stopped:
                self._thread = threading.Thread(target=self._run, daemon=True, name="later")
                self._thread.start()
            self._turn.notify_all()

    def _look(self) -> None:
        with self._turn:
            self._turn.notify_all()

    def stop(self) -> None:
        with self._turn:
            self._stopped = True
            self._turn.notify_all()
        if self._thread is not None:
            self._thread.join(timeout=2)

    def do_due(self) -> None:
        """Do everything that is due, in order."""
        with self._box.world.lock:
            pending = self._box.world.owners.pending
            now = self._box.clock.now()
            for one in sorted(pending, key=lambda waiting: waiting.due):
                if one.due <= now:
                    pending.remove(one)
                    _DEEDS[one.what](self._box, one)

    def _run(self) -> None:
        while not self._stopped:
            self.do_due()
            with self._turn:
                if not self._stopped:
                    self._turn.wait(self._seconds())

    def _seconds(self) -> float:
        waiting = [one.due for one in self._box.world.owners.pending]
        if not waiting:
            return LONGEST_SECONDS
        return min(LONGEST_SECONDS, self._box.clock.real_seconds_until(min(waiting)))
