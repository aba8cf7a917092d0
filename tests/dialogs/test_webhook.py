"""The door: only our addresses open it, and nothing is answered 200 that is not written down."""

import asyncio
import json
import threading
import time
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest
from pytest_django import Settings

from clients.models import subscription_behind, webhook_code
from dialogs import bell, tasks, webhook
from dialogs.bus import bus
from dialogs.models import InboundEvent
from tests.processes import database_url

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def nobody_answers_the_bell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks.drain, "apply_async", lambda **_: None)


def address(subscription: Any = None, *, key: str | None = None) -> str:
    from django.conf import settings

    code = webhook_code(subscription or uuid4(), key=key or settings.WEBHOOK_KEYS[0])
    return f"{webhook.PREFIX}{code}"


def event(**fields: Any) -> bytes:
    whole = {"specversion": "1.0", "id": str(uuid4()), "source": "https://a", "type": "t"} | fields
    return json.dumps(whole).encode()


def knock(scenario: Callable[[httpx.AsyncClient], Awaitable[Any]]) -> Any:
    """Run the scenario against a door of its own."""

    async def django(*_: Any) -> None:
        pytest.fail("the webhook's addresses never reach Django")

    async def run() -> Any:
        door = webhook.Webhook(django)
        transport = httpx.ASGITransport(app=door)
        async with httpx.AsyncClient(transport=transport, base_url="http://portal") as client:
            try:
                return await scenario(client)
            finally:
                if door._writer:
                    door._writer.cancel()
                await door._disconnect()

    return asyncio.run(run())


def status_of(method: str, path: str, content: bytes = b"") -> int:
    async def scenario(client: httpx.AsyncClient) -> int:
        return (await client.request(method, path, content=content)).status_code

    status: int = knock(scenario)
    return status


def test_a_push_is_written_down_byte_for_byte_before_it_is_answered() -> None:
    subscription = uuid4()
    body = event(data={"odd": "\u0000 \ud83d\ude00"})

    assert status_of("POST", address(subscription), body) == 200

    row = InboundEvent.objects.get()
    assert bytes(row.body) == body
    assert row.subscription_id == subscription
    assert (row.ce_source, row.ce_id) == ("https://a", json.loads(body)["id"])


SOME = UUID("0196c0de-0000-7000-8000-000000000001")


@pytest.mark.parametrize(
    "code",
    [
        "",
        "x",
        SOME.hex + "0" * 43,
        "é" * 75,
        webhook_code(SOME, key="another key"),
        webhook_code(SOME, key="another key") + "/more",
    ],
)
def test_a_wrong_code_is_not_found_and_leaves_no_row(code: str) -> None:
    assert status_of("POST", f"{webhook.PREFIX}{code}", event()) == 404
    assert not InboundEvent.objects.exists()


def test_an_address_of_the_key_before_still_opens_while_keys_are_rotated(
    settings: Settings,
) -> None:
    old = address(key="the key before")
    settings.WEBHOOK_KEYS = ["the key now", "the key before"]
    assert status_of("POST", old, event()) == 200

    settings.WEBHOOK_KEYS = ["the key now"]
    assert status_of("POST", old, event()) == 404


def test_the_code_names_its_subscription(settings: Settings) -> None:
    subscription = uuid4()
    code = webhook_code(subscription, key=settings.WEBHOOK_KEYS[0])

    assert subscription_behind(code) == subscription
    assert subscription_behind(code[:-1] + ("0" if code[-1] != "0" else "1")) is None


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "OPTIONS", "HEAD"])
def test_only_posts_are_taken(method: str) -> None:
    assert status_of(method, address()) == 405


def test_a_body_larger_than_any_event_is_refused() -> None:
    assert status_of("POST", address(), b"x" * (webhook.MOST_BYTES + 1)) == 413
    assert status_of("POST", address(), b"x" * webhook.MOST_BYTES) == 200


@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff", b"[" * 60_000, b'{"id":"a\\u0000","source":"b"}']
)
def test_what_cannot_be_read_is_accepted_once_and_kept(body: bytes) -> None:
    assert status_of("POST", address(), body) == 200
    assert status_of("POST", address(), body) == 200

    row = InboundEvent.objects.get()
    assert bytes(row.body) == body
    assert row.ce_source == ""


def test_pushes_that_come_together_are_each_written_once() -> None:
    bodies = [event() for _ in range(300)]

    async def scenario(client: httpx.AsyncClient) -> list[int]:
        answers = await asyncio.gather(
            *(client.post(address(), content=body) for body in [*bodies, *bodies])
        )
        return [answer.status_code for answer in answers]

    assert set(knock(scenario)) == {200}
    assert InboundEvent.objects.count() == 300


def test_while_the_database_is_gone_pushes_are_put_off_and_then_taken_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    connect = webhook._connect
    is_down = True

    async def sometimes() -> psycopg.AsyncConnection[Any]:
        if is_down:
            raise psycopg.OperationalError("the server is not there")
        return await connect()

    monkeypatch.setattr(webhook, "_connect", sometimes)

    async def scenario(client: httpx.AsyncClient) -> list[int]:
        nonlocal is_down
        first = await client.post(address(), content=event(id="one"))
        is_down = False
        again = await client.post(address(), content=event(id="one"))
        return [first.status_code, again.status_code]

    assert knock(scenario) == [503, 200]
    assert InboundEvent.objects.count() == 1


def cut_all_others() -> None:
    with psycopg.connect(database_url(), autocommit=True) as own:
        own.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE pid <> pg_backend_pid() AND datname = current_database()"
            " AND application_name = 'webhook'"
        )


def test_a_connection_cut_by_the_server_costs_at_most_one_later() -> None:
    async def scenario(client: httpx.AsyncClient) -> list[int]:
        statuses = [(await client.post(address(), content=event())).status_code]
        await asyncio.to_thread(cut_all_others)
        for _ in range(2):
            statuses.append((await client.post(address(), content=event())).status_code)
        return statuses

    assert knock(scenario) == [200, 503, 200]


def test_a_dead_redis_costs_the_sender_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    rung = threading.Event()

    def nobody_there(*_: Any, **__: Any) -> None:
        rung.set()
        raise ConnectionError("no Redis")

    monkeypatch.setattr(bus(), "set", nobody_there)
    monkeypatch.setattr(bell, "REST_SECONDS", 0.1)
    began = time.monotonic()

    assert status_of("POST", address(), event()) == 200

    assert time.monotonic() - began < 1
    assert rung.wait(2)
    assert InboundEvent.objects.count() == 1


def test_one_ring_is_enough_while_a_drain_is_queued(monkeypatch: pytest.MonkeyPatch) -> None:
    queued: list[int] = []
    monkeypatch.setattr(bell, "_ringer", None)  # another test's may still rest after a failure
    time.sleep(bell.PAUSE_SECONDS * 2)  # until no ring of another test is under way
    monkeypatch.setattr(tasks.drain, "apply_async", lambda **_: queued.append(1))
    bus().delete(tasks.BELL)

    for _ in range(3):
        bell.ring()
        time.sleep(bell.PAUSE_SECONDS * 1.5)

    assert len(queued) == 1
    bus().delete(tasks.BELL)
