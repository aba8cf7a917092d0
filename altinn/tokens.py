"""Where tokens are kept between calls, and how only one thread at a time fetches one."""

import threading
import time
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Protocol

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

# Above the longest fetch: three tries at Maskinporten. After it, the next one goes ahead.
LONGEST_LOCK_SECONDS = 50.0

_POLL_SECONDS = 0.05


class TokenCache(Protocol):
    """Keeps tokens by a name that gives nothing away. No method may raise for want of a server."""

    def get(self, key: str) -> str | None: ...

    def put(self, key: str, token: str, seconds: float) -> None:
        """Keep `token` for `seconds`; not at all when that is not positive."""

    def forget(self, key: str, token: str) -> None:
        """Drop `token`, unless a newer one has taken its place."""

    def lock(self, key: str) -> AbstractContextManager[None]:
        """Hold the right to fetch. Gives up waiting, and goes ahead, after a while."""


class MemoryTokenCache:
    """Tokens of this process."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._guard = threading.Lock()
        self._tokens: dict[str, tuple[str, float]] = {}
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)

    def get(self, key: str) -> str | None:
        with self._guard:
            token, until = self._tokens.get(key, ("", 0.0))
            return token if token and self._clock() < until else None

    def put(self, key: str, token: str, seconds: float) -> None:
        if seconds <= 0:
            return
        now = self._clock()
        with self._guard:
            self._tokens = {name: kept for name, kept in self._tokens.items() if kept[1] > now}
            self._tokens[key] = (token, now + seconds)

    def forget(self, key: str, token: str) -> None:
        with self._guard:
            if self._tokens.get(key, ("", 0.0))[0] == token:
                del self._tokens[key]

    @contextmanager
    def lock(self, key: str) -> Iterator[None]:
        with self._guard:
            lock = self._locks[key]
        held = lock.acquire(timeout=LONGEST_LOCK_SECONDS)
        try:
            yield
        finally:
            if held:
                lock.release()


class RedisTokenCache:
    """Tokens that all processes share, with a copy in this one for when Redis is down.

    Uses the server of the client given, over connections of its own that wait at most
    `wait_seconds`. After a failure Redis is left alone for `pause_seconds`. What lies there is
    sealed; `unseal` raises ValueError for what it cannot open.
    """

    _FORGET = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end"

    def __init__(
        self,
        client: redis.Redis,
        *,
        prefix: str = "altinn:token:",
        seal: Callable[[bytes], bytes] = bytes,
        unseal: Callable[[bytes], bytes] = bytes,
        wait_seconds: float = 0.5,
        pause_seconds: float = 5.0,
    ) -> None:
        self._redis = _impatient(client, wait_seconds)
        self._prefix = prefix
        self._seal = seal
        self._unseal = unseal
        self._pause_seconds = pause_seconds
        self._away_until = 0.0
        self._memory = MemoryTokenCache()

    def get(self, key: str) -> str | None:
        answered, kept = self._ask(lambda: self._redis.get(self._prefix + key))
        if not answered:
            return self._memory.get(key)
        return self._opened(kept)

    def put(self, key: str, token: str, seconds: float) -> None:
        self._memory.put(key, token, seconds)
        milliseconds = int(seconds * 1000)
        if milliseconds > 0:
            sealed = self._seal(token.encode())
            self._ask(lambda: self._redis.set(self._prefix + key, sealed, px=milliseconds))

    def forget(self, key: str, token: str) -> None:
        self._memory.forget(key, token)
        name = self._prefix + key
        _answered, kept = self._ask(lambda: self._redis.get(name))
        if self._opened(kept) == token:
            self._ask(lambda: self._redis.eval(self._FORGET, 1, name, kept))

    def _opened(self, kept: Any) -> str | None:
        """The token in what Redis has; nothing if that is none of ours."""
        sealed = kept.encode() if isinstance(kept, str) else kept
        if not isinstance(sealed, bytes):
            return None
        try:
            return self._unseal(sealed).decode("ascii") or None
        except ValueError:
            return None

    @contextmanager
    def lock(self, key: str) -> Iterator[None]:
        name, holder = f"{self._prefix}{key}:lock", str(uuid.uuid4())
        with self._memory.lock(key):
            held = self._hold(name, holder)
            try:
                yield
            finally:
                if held:
                    self._ask(lambda: self._redis.eval(self._FORGET, 1, name, holder))

    def _hold(self, name: str, holder: str) -> bool:
        give_up_at = time.monotonic() + LONGEST_LOCK_SECONDS
        milliseconds = int(LONGEST_LOCK_SECONDS * 1000)
        while True:
            answered, held = self._ask(
                lambda: self._redis.set(name, holder, nx=True, px=milliseconds)
            )
            if held or not answered or time.monotonic() > give_up_at:
                return bool(held)
            time.sleep(_POLL_SECONDS)

    def _ask(self, question: Callable[[], Any]) -> tuple[bool, Any]:
        """(whether Redis answered, what)."""
        if time.monotonic() < self._away_until:
            return False, None
        try:
            return True, question()
        except (redis.RedisError, OSError, UnicodeDecodeError):
            self._away_until = time.monotonic() + self._pause_seconds
            return False, None


def _impatient(client: redis.Redis, wait_seconds: float) -> redis.Redis:
    """The same server, but one that does not answer in time counts as down."""
    pool = client.connection_pool
    # redis-py keeps the first time-outs, to go back to them after maintenance: ours must stay.
    kept = {
        name: value
        for name, value in pool.connection_kwargs.items()
        if not name.startswith(("orig_", "maint_"))
    }
    settings = {
        **kept,
        "socket_timeout": wait_seconds,
        "socket_connect_timeout": wait_seconds,
        "retry": Retry(NoBackoff(), 0),
        "retry_on_error": [],
    }
    return redis.Redis(
        connection_pool=redis.ConnectionPool(connection_class=pool.connection_class, **settings)
    )
