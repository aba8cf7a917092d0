"""The containers' own health check."""

import os
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from dialogs.models import InboundEvent
from tests.docker.test_check import load

healthy = load("healthy")


class Web(BaseHTTPRequestHandler):
    hosts: list[str]
    status: int

    def do_GET(self) -> None:
        self.hosts.append(self.headers["Host"])
        self.send_response(self.status)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Web]]:
    Web.hosts, Web.status = [], 200
    with HTTPServer(("127.0.0.1", 0), Web) as server:
        monkeypatch.setenv("GRANIAN_PORT", str(server.server_port))
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield Web
        server.shutdown()
        thread.join()


def test_the_web_server_is_asked_by_its_public_name(
    web: type[Web], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "url").write_text("https://portal.example.no\n", "utf-8")
    monkeypatch.delenv("PUBLIC_URL", raising=False)
    monkeypatch.setenv("PUBLIC_URL_FILE", str(tmp_path / "url"))
    assert healthy.main(["web"]) == 0
    assert web.hosts == ["portal.example.no"]


def test_an_error_is_not_well(web: type[Web], capsys: pytest.CaptureFixture[str]) -> None:
    web.status = 500
    assert healthy.main(["web"]) == 1
    assert "answered 500" in capsys.readouterr().err


def test_silence_is_not_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRANIAN_PORT", "1")
    assert healthy.main(["web"]) == 1


def test_a_file_is_recent_until_it_is_not(tmp_path: Path) -> None:
    schedule = tmp_path / "schedule"
    assert healthy.main(["recent", str(schedule), "60"]) == 1
    written = tmp_path / "schedule.db"
    written.touch()
    assert healthy.main(["recent", str(schedule), "60"]) == 0
    os.utime(written, (0, 0))
    assert healthy.main(["recent", str(schedule), "60"]) == 1


@pytest.mark.django_db(transaction=True)
def test_an_event_that_has_waited_too_long_is_not_well(monkeypatch: pytest.MonkeyPatch) -> None:
    parameters = connection.get_connection_params()
    address = f"postgresql://{parameters.get('user', '')}@/{parameters['dbname']}"
    monkeypatch.setenv("DATABASE_URL", f"{address}?host={parameters.get('host', '')}")
    assert healthy.main(["waiting", "60"]) == 0
    now = timezone.now()
    event = InboundEvent.objects.create(
        received_at=now,
        subscription_id="01890000-0000-7000-8000-000000000000",
        ce_source="s",
        ce_id="1",
        body=b"{}",
        next_at=now - timedelta(seconds=90),
    )
    assert healthy.main(["waiting", "60"]) == 1
    assert healthy.main(["waiting", "120"]) == 0
    event.lease_until_at = now
    event.save(update_fields=["lease_until_at"])
    assert healthy.main(["waiting", "60"]) == 0


def test_a_database_that_is_away_is_not_well(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody:word@127.0.0.1:1/none")
    assert healthy.main(["waiting", "60"]) == 1
    assert "word" not in capsys.readouterr().err
