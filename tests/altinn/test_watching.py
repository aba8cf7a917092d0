"""Dialogporten's stream, followed over real connections that break in every way."""

import itertools
import json
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from uuid import UUID

import pytest

from altinn import watching
from altinn.environment import Environment
from altinn.errors import Misunderstood, NotThere, Refused, TryLater
from altinn.watching import Happening, Kind, watch

from .conftest import JWT, OPAQUE_TOKEN
from .serving import Asked, Server, said, serving

DIALOG = UUID("01a1c39c-de00-7f7a-bf54-0ad2b511dc32")
OTHER = UUID("01a1c39c-e1e8-7857-ae92-a33f9b35b75e")
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n\r\n"
UPDATED = Happening(DIALOG, Kind.DIALOG_UPDATED)
DELETED = Happening(DIALOG, Kind.DIALOG_DELETED)
MISSED = Happening(DIALOG, Kind.MISSED)


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "_pause_seconds", lambda breaks: 0.05 * breaks)


def event(kind: str = "DIALOG_UPDATED", dialog_id: UUID = DIALOG) -> bytes:
    told = {"data": {"dialogEvents": {"id": str(dialog_id), "type": kind}}}
    return b"event: next\ndata: " + json.dumps(told).encode() + b"\n\n"


def at(server: Server, environment: Environment) -> Environment:
    return replace(environment, dialogporten_url=f"{server.url}/dialogporten")


def tokens() -> Callable[[], str]:
    numbers = itertools.count(1)
    return lambda: f"{OPAQUE_TOKEN}{next(numbers)}"


def in_turn(*answers: Iterable[bytes]) -> Callable[[Asked], Iterable[bytes]]:
    left = iter(answers)
    return lambda _: next(left)


def followed(
    environment: Environment, *answers: Iterable[bytes], most: int = 50
) -> tuple[list[Happening], list[Asked]]:
    """What is seen until the dialog is deleted, and what was asked."""
    with serving(in_turn(*answers)) as server:
        happenings = watch(at(server, environment), DIALOG, tokens())
        return list(itertools.islice(happenings, most)), server.asked


def test_happenings_come_as_they_are_told_and_end_with_the_dialog(
    environment: Environment,
) -> None:
    seen, asked = followed(environment, [HEAD, event(), event(), event("DIALOG_DELETED"), event()])

    assert seen == [UPDATED, UPDATED, DELETED]
    assert len(asked) == 1


def test_the_dialog_token_and_the_query_are_sent_as_dialogporten_wants(
    environment: Environment,
) -> None:
    _, asked = followed(environment, [HEAD, event("DIALOG_DELETED")])

    assert (asked[0].method, asked[0].path) == ("POST", "/dialogporten/graphql/stream")
    assert asked[0].token == f"Bearer {OPAQUE_TOKEN}1"
    assert asked[0].headers["accept"] == "text/event-stream"
    assert OPAQUE_TOKEN not in asked[0].body.decode()
    query = json.loads(asked[0].body)["query"]
    assert query == f'subscription sub {{ dialogEvents(dialogId: "{DIALOG}") {{ id type }} }}'


def test_signs_of_life_and_odd_line_ends_are_not_happenings(environment: Environment) -> None:
    told = event().replace(b"\n", b"\r\n")
    pieces = [
        HEAD,
        b":\n\n",
        b": keep-alive\r\n\r\n",
        b"\n\n\n",
        b"retry: 1000\n\n",
        b"id: 7\n",
        b"event: next\ndata:\n\n",
        b'event: next\ndata: {"data":{"dialogEvents":null}}\n\n',
        b'event: next\ndata: {"data":null}\n\n',
        b'event: other\ndata: {"x":1}\n\n',
        *(told[place : place + 1] for place in range(len(told))),
        event().replace(b'{"data"', b'{"data"').replace(b": {", b":{"),
        event("DIALOG_DELETED"),
    ]

    seen, asked = followed(environment, pieces)

    assert seen == [UPDATED, UPDATED, DELETED]
    assert len(asked) == 1


def test_data_over_several_lines_is_one_event(environment: Environment) -> None:
    told = (
        b'event: next\ndata: {"data": {"dialogEvents":\n'
        b'data: {"id": "' + str(DIALOG).encode() + b'", "type": "DIALOG_DELETED"}}}\n\n'
    )

    assert followed(environment, [HEAD, told])[0] == [DELETED]


def test_what_is_told_of_another_dialog_is_passed_over(environment: Environment) -> None:
    seen, _ = followed(
        environment, [HEAD, event(dialog_id=OTHER), event("DIALOG_DELETED", OTHER), event()],
        [HEAD, event("DIALOG_DELETED")],
    )  # fmt: skip

    assert seen == [UPDATED, MISSED, DELETED]


def test_a_happening_nobody_knows_is_still_one(environment: Environment) -> None:
    seen, _ = followed(environment, [HEAD, event("DIALOG_MOVED"), event("DIALOG_DELETED")])

    assert seen == [Happening(DIALOG, Kind.UNKNOWN), DELETED]


@pytest.mark.parametrize(
    "broken",
    [
        [],
        [b"HTTP/1.1 200 OK\r\n"],
        [HEAD],
        [HEAD, event()[:20]],
        [HEAD, b"event: complete\ndata:\n\n"],
        [HEAD, b"event: next\ndata: not json\n\n"],
        [HEAD, b"event: next\ndata: {}x\n\n"],
        [HEAD, b"x" * 100_000],
        [HEAD, b"data: x\n" * 100_000],
        said(500),
        said(502, b"<html>"),
        said(503, Retry_After="1"),
        said(429),
        said(302, Location="http://evil.example/"),
        [b"SSH-2.0\r\n\r\n"],
    ],
)
def test_a_break_is_waited_out_with_a_new_token(
    environment: Environment, broken: list[bytes]
) -> None:
    seen, asked = followed(environment, broken, broken, [HEAD, event("DIALOG_DELETED")])

    assert seen[-1] == DELETED
    assert set(seen) <= {MISSED, DELETED}
    assert [each.token for each in asked] == [f"Bearer {OPAQUE_TOKEN}{n}" for n in (1, 2, 3)]


def test_coming_back_says_that_something_may_have_been_missed(environment: Environment) -> None:
    seen, _ = followed(environment, [HEAD, event()], [HEAD, event(), event("DIALOG_DELETED")])

    assert seen == [UPDATED, MISSED, UPDATED, DELETED]


def test_a_stream_is_renewed_before_its_token_ends(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert watching.RENEW_AFTER_SECONDS < 600
    monkeypatch.setattr(watching, "RENEW_AFTER_SECONDS", 0.3)

    def alive() -> Iterator[bytes]:
        yield HEAD
        for _ in range(100):
            yield b":\n\n"
            time.sleep(0.02)

    seen, asked = followed(environment, alive(), alive(), [HEAD, event("DIALOG_DELETED")])

    assert seen == [MISSED, MISSED, DELETED]
    assert len({each.token for each in asked}) == 3


def test_a_silence_that_is_too_long_is_a_break(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "LONGEST_SILENCE_SECONDS", 0.3)

    def silent() -> Iterator[bytes]:
        yield HEAD
        time.sleep(1)

    seen, _ = followed(environment, silent(), [HEAD, event("DIALOG_DELETED")])

    assert seen == [MISSED, DELETED]


@pytest.mark.parametrize("is_silent", [True, False], ids=["silent", "busy"])
def test_it_ends_soon_after_it_is_asked_to(
    environment: Environment,
    is_silent: bool,  # noqa: FBT001 -- a fact
) -> None:
    closed = threading.Event()

    def answer() -> Iterator[bytes]:
        yield HEAD + event()
        for _ in range(200):
            if closed.is_set():
                return
            yield b"" if is_silent else b":\n\n"
            time.sleep(0.02)

    stop = threading.Event()
    with serving(in_turn(answer())) as server:
        happenings = watch(at(server, environment), DIALOG, tokens(), stop)
        assert next(happenings) == UPDATED
        threading.Timer(0.2, stop.set).start()
        began = time.monotonic()
        assert list(happenings) == []
        took = time.monotonic() - began
        closed.set()

    assert took < 1


def test_it_ends_while_it_waits_out_a_break(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "_pause_seconds", lambda _: 30)
    stop = threading.Event()
    threading.Timer(0.2, stop.set).start()
    began = time.monotonic()

    with serving(in_turn(said(500))) as server:
        assert list(watch(at(server, environment), DIALOG, tokens(), stop)) == []

    assert time.monotonic() - began < 3


def test_it_asks_nothing_when_it_is_stopped_before_it_began(environment: Environment) -> None:
    stop = threading.Event()
    stop.set()

    assert list(watch(environment, DIALOG, tokens(), stop)) == []


def test_the_connection_is_closed_when_nobody_follows_any_more(environment: Environment) -> None:
    gone = threading.Event()

    def answer() -> Iterator[bytes]:
        try:
            yield HEAD + event()
            for _ in range(200):
                yield b":\n\n"
                time.sleep(0.02)
        finally:
            gone.set()

    with serving(lambda _: answer()) as server:
        happenings = watch(at(server, environment), DIALOG, tokens())
        next(happenings)
        happenings.close()  # type: ignore[attr-defined]
        assert gone.wait(3)


NOT_AUTHORIZED = b'{"errors":[{"message":"Not authorized","extensions":{"code":"AUTH"}}]}'


@pytest.mark.parametrize(
    "refusal",
    [
        said(401),
        said(403),
        said(200, NOT_AUTHORIZED, Content_Type="application/json"),
        [HEAD, b"event: next\ndata: " + NOT_AUTHORIZED + b"\n\n", b"event: complete\n\n"],
    ],
)
def test_a_token_that_is_refused_is_renewed_once_and_then_it_is_over(
    environment: Environment, refusal: list[bytes]
) -> None:
    seen, asked = followed(environment, refusal, [HEAD, event("DIALOG_DELETED")])
    assert seen[-1] == DELETED
    assert len(asked) == 2

    with serving(in_turn(refusal, refusal)) as server:
        with pytest.raises(Refused):
            list(watch(at(server, environment), DIALOG, tokens()))
        assert len(server.asked) == 2


def test_a_stream_that_is_not_there_is_an_error(environment: Environment) -> None:
    with serving(in_turn(said(404))) as server, pytest.raises(NotThere):
        list(watch(at(server, environment), DIALOG, tokens()))


def test_without_a_token_nothing_is_sent(environment: Environment) -> None:
    def no_token() -> str:
        raise NotThere("The dialog is gone")

    with serving(in_turn()) as server:
        with pytest.raises(NotThere):
            list(watch(at(server, environment), DIALOG, no_token))
        assert server.connections == 0


def test_a_token_that_is_late_is_waited_for(environment: Environment) -> None:
    tries = itertools.count()

    def late() -> str:
        if next(tries) == 0:
            raise TryLater("Busy")
        return OPAQUE_TOKEN

    with serving(in_turn([HEAD, event("DIALOG_DELETED")])) as server:
        assert list(watch(at(server, environment), DIALOG, late)) == [DELETED]


def test_an_id_cannot_change_the_query(environment: Environment) -> None:
    with pytest.raises(ValueError, match="UUID"):
        next(watch(environment, '") { id } }', tokens()))  # type: ignore[arg-type]


def test_no_log_and_no_error_holds_the_token(
    environment: Environment, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    refusal = said(401, f"Bearer {JWT}".encode())
    with serving(in_turn(refusal, refusal)) as server, pytest.raises(Refused) as caught:
        list(watch(at(server, environment), DIALOG, lambda: JWT))

    assert JWT not in f"{caught.value!r} {caught.value.__dict__}"
    assert JWT not in caplog.text


def test_pauses_grow_from_one_second_to_thirty_and_never_keep_step(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.undo()
    pauses = [[watching._pause_seconds(breaks) for _ in range(50)] for breaks in range(12)]

    assert all(1 <= pause <= 2 for pause in pauses[0] + pauses[1])
    assert all(2 <= pause <= 3 for pause in pauses[2])
    assert all(30 <= pause <= 31 for pause in pauses[11])
    assert all(len(set(each)) > 1 for each in pauses)


def test_misread_events_do_not_end_it(environment: Environment) -> None:
    assert not issubclass(Misunderstood, TryLater)
    junk = [HEAD, b"event: next\ndata: [1]\n\n"]

    assert followed(environment, junk, [HEAD, event("DIALOG_DELETED")])[0][-1] == DELETED
