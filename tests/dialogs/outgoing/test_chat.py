"""Teams and Slack: to hosts the firm allows, as plain text, and once."""

import json
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from django.test import Client as Browser
from pytest_django import Settings

from clients.models import Client
from dialogs.models import Delivery, NoticeChoices
from dialogs.outgoing import chat
from dialogs.outgoing.delivering import deliver_due
from staff.models import AuditEntry, User
from tests.dialogs.conftest import MakeDialog
from tests.dialogs.outgoing.conftest import Tell, later

State = Delivery.State
Chat = NoticeChoices.Chat


class Room(ThreadingHTTPServer):
    """What receives for a chat: keeps what comes, and answers as told."""

    daemon_threads = True
    answers = 200

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Door)
        self.got: list[Any] = []

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}"


class _Door(BaseHTTPRequestHandler):
    server: Room

    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append(json.loads(content))
        if self.server.answers:
            self.send_response(self.server.answers)
            self.send_header("Content-Length", "0")
            self.end_headers()

    def log_message(self, *_said: object) -> None:
        """Say nothing."""


@pytest.fixture
def room(settings: Settings) -> Iterator[Room]:
    with Room() as room:
        Thread(target=room.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        settings.CHAT_HOSTS = [room.host]
        yield room
        room.shutdown()


Join = Callable[[User, str], NoticeChoices]


@pytest.fixture
def join(room: Room) -> Join:
    def join(user: User, program: str) -> NoticeChoices:
        choices = NoticeChoices(user=user)
        chat.keep(choices, program, f"http://{room.host}/hemmelig")
        choices.save()
        return choices

    return join


def strings(value: Any) -> Iterator[str]:
    """Every text in an answer."""
    if isinstance(value, str):
        yield value
    for one in (
        value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    ):
        yield from strings(one)


@pytest.mark.parametrize("program", Chat.values)
def test_a_chat_gets_the_same_words_and_a_button(
    room: Room, join: Join, kari: User, tell: Tell, program: str
) -> None:
    join(kari, program)
    notice = tell()

    deliver_due(now=later(minutes=2))
    deliver_due(now=later(minutes=3))

    [got] = room.got
    said = list(strings(got))
    assert any("tildelte deg «Mva-melding 4. termin» hos Bakeren AS." in one for one in said)
    assert f"http://localhost/varsler/{notice.pk}/" in said
    one = Delivery.objects.get()
    assert (one.state, one.address) == (State.SENT, "127.0.0.1")


def test_texts_stand_where_teams_reads_no_markdown(
    room: Room, join: Join, kari: User, bakeren: Client, make_dialog: MakeDialog, tell: Tell
) -> None:
    join(kari, Chat.TEAMS)
    tell(dialog=make_dialog(bakeren, "[Logg inn](https://ond.invalid)"))

    deliver_due(now=later(minutes=2))

    card = room.got[0]["attachments"][0]["content"]
    assert card["type"] == "AdaptiveCard"
    assert {block["type"] for block in card["body"]} == {"RichTextBlock"}
    [action] = card["actions"]
    assert action["url"].startswith("http://localhost/")


def test_texts_to_slack_are_plain_and_what_it_parses_is_escaped(
    room: Room, join: Join, kari: User, bakeren: Client, make_dialog: MakeDialog, tell: Tell
) -> None:
    join(kari, Chat.SLACK)
    tell(dialog=make_dialog(bakeren, "<https://ond.invalid|Logg inn> & <!channel>"))

    deliver_due(now=later(minutes=2))

    got = room.got[0]
    assert "<" not in got["text"]
    assert {block["text"]["type"] for block in got["blocks"] if "text" in block} == {"plain_text"}


@pytest.mark.parametrize(
    ("answers", "becomes"),
    [(200, State.SENT), (202, State.SENT), (404, State.REFUSED), (429, State.WAITING),
     (502, State.UNKNOWN), (0, State.UNKNOWN)],
)  # fmt: skip
def test_what_came_of_it_is_written_down(
    room: Room, join: Join, kari: User, tell: Tell, answers: int, becomes: str
) -> None:
    room.answers = answers
    join(kari, Chat.TEAMS)
    tell()
    deliver_due(now=later(minutes=2))
    assert Delivery.objects.get().state == becomes
    deliver_due(now=later(hours=2))
    assert len(room.got) == (2 if becomes == State.WAITING else 1)


def test_a_host_that_is_no_longer_allowed_is_not_called(
    room: Room, join: Join, kari: User, tell: Tell, settings: Settings
) -> None:
    join(kari, Chat.TEAMS)
    tell()
    settings.CHAT_HOSTS = ["hooks.slack.com"]
    deliver_due(now=later(minutes=2))
    assert room.got == []
    assert Delivery.objects.get().state == State.REFUSED


@pytest.mark.parametrize(
    ("url", "status"),
    [
        ("https://hooks.slack.com/services/T/B/x", 302),
        ("https://prod-12.norwayeast.logic.azure.com:443/workflows/x?sig=y", 302),
        ("http://hooks.slack.com/services/T/B/x", 422),
        ("https://logic.azure.com.ond.invalid/x", 422),
        ("https://ondlogic.azure.com/x", 422),
        ("https://kari:x@hooks.slack.com/x", 422),
        ("https://hooks.slack.com:8443/x", 422),
        ("https://169.254.169.254/latest/meta-data", 422),
        ("http://127.0.0.1:8000/", 422),
        ("ikke en adresse", 422),
    ],
)
def test_only_https_addresses_on_allowed_hosts_are_taken_and_none_is_shown_again(
    settings: Settings, karis: Browser, kari: User, url: str, status: int
) -> None:
    settings.CHAT_HOSTS = ["hooks.slack.com", "*.logic.azure.com"]

    response = karis.post("/varsler/valg/chat/", {"chat": "TEAMS", "url": url})

    assert response.status_code == status
    is_taken = status == 302
    assert NoticeChoices.objects.exists() == is_taken
    page = karis.get("/varsler/valg/").content.decode()
    assert "/workflows/" not in page
    assert "services/T" not in page
    if is_taken:
        assert NoticeChoices.objects.get(user=kari).chat_host in page
        entry = AuditEntry.objects.get(act="notice choices changed")
        assert url not in json.dumps(entry.detail)
        assert url.encode() not in bytes(NoticeChoices.objects.get().chat_url)
        karis.post("/varsler/valg/chat/", {"fjern": "ja"})
        assert not NoticeChoices.objects.get().chat_url


def test_without_a_host_from_the_firm_there_is_no_chat(karis: Browser) -> None:
    wanted = {"chat": "SLACK", "url": "https://hooks.slack.com/x"}
    assert karis.post("/varsler/valg/chat/", wanted).status_code == 403
    assert "Slack" not in karis.get("/varsler/valg/").content.decode()
