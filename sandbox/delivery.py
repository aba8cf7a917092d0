"""Pushes events to subscribers: one per request, unsigned, again and again until taken.

Waits follow the sandbox's clock, so that moving it makes due pushes leave now. A few threads with
a kept connection each do the sending; nobody who changes a dialog waits for them.
"""

import heapq
import http.client
import random
import threading
from collections import Counter, deque
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec

from sandbox import events, ids
from sandbox.clock import SECOND, written
from sandbox.events import Subscription
from sandbox.model import Json

if TYPE_CHECKING:
    from sandbox.state import Sandbox

RETRIES = (10, 30, 60, 300, 600, 1800, 3600, 10_800, 21_600, 43_200, 43_200)  # seconds
VALIDATION_RETRIES = (1, 5, 10, 30, 60, 120, 120, 120)
TIMEOUT_SECONDS = 45
THREADS = 12
SHUFFLE_SECONDS = 0.6
KEPT = 20_000


class Push(msgspec.Struct, kw_only=True):
    subscription: Subscription
    event: Json
    due: int
    is_validation: bool = False
    attempts: int = 0
    status: int | str | None = None  # of the last attempt: HTTP status or what went wrong

    def shown(self) -> Json:
        return {
            "subscription": self.subscription.id,
            "event": self.event["id"],
            "type": self.event["type"],
            "dialog": self.event.get("resourceinstance"),
            "attempts": self.attempts,
            "status": self.status,
            "due": written(self.due),
        }


class Delivery:
    def __init__(self, box: "Sandbox") -> None:
        self._box = box
        self._turn = threading.Condition()
        self._heap: list[tuple[int, int, Push]] = []
        self._serial = 0
        self._threads: list[threading.Thread] = []
        self._stopped = False
        self._sending = 0
        self._local = threading.local()
        self._dice = random.Random(7)
        self.paused = False
        self.shuffle = False
        self.duplicate = 0
        self.lose = 0
        self.reset()
        box.clock.listen(self._wake)

    def reset(self) -> None:
        with self._turn:
            self._heap.clear()
            self.published: deque[Json] = deque(maxlen=KEPT)
            self.done: deque[Json] = deque(maxlen=1000)
            self.dead: list[Push] = []
            self.counts: Counter[str] = Counter()
            self.duplicate = self.lose = 0
            self.shuffle = self.paused = False
            self._turn.notify_all()

    def _wake(self) -> None:
        with self._turn:
            self._turn.notify_all()

    def stop(self) -> None:
        with self._turn:
            self._stopped = True
            self._turn.notify_all()
        for thread in self._threads:
            thread.join(timeout=2)

    def change(
        self, *, duplicate: int | None, lose: int | None, shuffle: bool | None, pause: bool | None
    ) -> None:
        with self._turn:
            self.duplicate = self.duplicate if duplicate is None else duplicate
            self.lose = self.lose if lose is None else lose
            self.shuffle = self.shuffle if shuffle is None else shuffle
            self.paused = self.paused if pause is None else pause
            self._turn.notify_all()

    def offer(self, event: Json) -> None:
        """Keep an event for the pull API and hand it to those who subscribe to it."""
        self.published.append(event)
        self.counts["published"] += 1
        self.send(event)

    def send(self, event: Json) -> None:
        """Hand an event to those who subscribe to it, be it a new one, an old one or a made up."""
        for one in list(self._box.subscriptions.values()):
            if not one.validated or not events.is_for(self._box, one, event):
                continue
            if not events.may_receive(self._box, one.consumer, event):
                self.counts["dropped_unauthorized"] += 1
                continue
            if self.lose > 0:
                self.lose -= 1
                self.counts["lost"] += 1
                continue
            copies = 1
            if self.duplicate > 0:
                self.duplicate -= 1
                copies = 2
                self.counts["duplicated"] += 1
            for _ in range(copies):
                self._put(Push(subscription=one, event=event, due=self._soon()))

    def validate(self, one: Subscription) -> None:
        event = {
            "specversion": "1.0",
            "id": ids.uuid4(self._dice),
            "source": f"{self._box.base_url}/events/api/v1/subscriptions/{one.id}",
            "type": "platform.events.validatesubscription",
        }
        due = self._box.clock.now()
        self._put(Push(subscription=one, event=event, due=due, is_validation=True))

    def _soon(self) -> int:
        now = self._box.clock.now()
        if self.shuffle:
            now += int(self._dice.random() * SHUFFLE_SECONDS * SECOND)
        return now

    def _put(self, push: Push) -> None:
        with self._turn:
            if self._stopped:
                return
            self._serial += 1
            heapq.heappush(self._heap, (push.due, self._serial, push))
            if not self._threads:
                self._threads = [
                    threading.Thread(target=self._work, daemon=True, name=f"push-{number}")
                    for number in range(THREADS)
                ]
                for thread in self._threads:
                    thread.start()
            self._turn.notify()

    def _take(self) -> Push | None:
        """Wait for the next push that is due; None when it is time to stop."""
        with self._turn:
            while not self._stopped:
                wait = 60.0
                if self._heap and not self.paused:
                    wait = self._box.clock.real_seconds_until(self._heap[0][0])
                    if wait <= 0:
                        self._sending += 1
                        return heapq.heappop(self._heap)[2]
                self._turn.wait(wait)
        return None

    def _work(self) -> None:
        while push := self._take():
            try:
                if push.subscription.id in self._box.subscriptions:
                    push.status = self._send(push)
                    self._settle(push)
                else:
                    with self._turn:
                        self.counts["dropped_unsubscribed"] += 1
            finally:
                with self._turn:
                    self._sending -= 1
        for connection in self._connections().values():
            connection.close()

    def _settle(self, push: Push) -> None:
        with self._turn:
            push.attempts += 1
            taken = isinstance(push.status, int) and 200 <= push.status < 300
            waits = VALIDATION_RETRIES if push.is_validation else RETRIES
            name = "validations" if push.is_validation else "events"
            self.counts[f"{name}_{'delivered' if taken else 'refused'}"] += 1
            self.done.append(push.shown())
            if taken:
                if push.is_validation:
                    push.subscription.validated = True
            elif push.attempts <= len(waits):
                push.due = self._box.clock.now() + waits[push.attempts - 1] * SECOND
                self._put(push)
            else:
                self.counts["dead"] += 1
                self.dead.append(push)

    def _connections(self) -> dict[tuple[str, str], http.client.HTTPConnection]:
        found: dict[tuple[str, str], http.client.HTTPConnection]
        found = self._local.__dict__.setdefault("connections", {})
        return found

    def _send(self, push: Push) -> int | str:
        url = urlsplit(push.subscription.end_point)
        place = (url.scheme, url.netloc)
        path = url.path or "/"
        if url.query:
            path += f"?{url.query}"
        body = msgspec.json.encode(push.event)
        headers = {"Content-Type": "application/json; charset=utf-8"}
        connections = self._connections()
        for is_last in (False, True):
            connection = connections.pop(place, None)
            is_kept = connection is not None
            if connection is None:
                kind = (
                    http.client.HTTPSConnection
                    if url.scheme == "https"
                    else http.client.HTTPConnection
                )
                connection = kind(url.netloc, timeout=TIMEOUT_SECONDS)
            try:
                connection.request("POST", path, body, headers)
                answer = connection.getresponse()
                answer.read()
            except (OSError, http.client.HTTPException) as exc:
                connection.close()
                if is_kept and not is_last:
                    continue  # the other side may have closed a kept connection
                return type(exc).__name__
            if answer.will_close:
                connection.close()
            else:
                connections[place] = connection
            return answer.status
        return "unreachable"

    def waiting(self) -> list[Push]:
        with self._turn:
            return [entry[2] for entry in sorted(self._heap, key=lambda entry: entry[:2])]

    def retry_dead(self) -> int:
        """Send what was given up, once more from the start; say how many."""
        again, self.dead = self.dead, []
        for push in again:
            push.attempts, push.due = 0, self._box.clock.now()
            self._put(push)
        return len(again)

    def is_idle(self) -> bool:
        """Tell whether nothing is under way or due now (retries for later may wait)."""
        with self._turn:
            now_due = self._heap and self._box.clock.real_seconds_until(self._heap[0][0]) <= 0
            return not self._sending and not (now_due and not self.paused)
