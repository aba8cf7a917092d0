"""Known holes in our packages are asked for, told, and never taken for none when nobody answers."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from portal.demo import audit
from portal.demo.audit import NotReached, holes_in_python, pins, read_npm


class Osv(BaseHTTPRequestHandler):
    """Knows of a hole in one version of Django."""

    status = 200
    says: Any = None

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        queries = json.loads(self.rfile.read(length))["queries"]
        results = [
            {"vulns": [{"id": "PYSEC-1"}, {"id": "GHSA-2"}]}
            if (one["package"]["name"], one["version"]) == ("django", "1.0")
            else {}
            for one in queries
        ]
        self.send_response(self.status)
        self.end_headers()
        self.wfile.write(json.dumps(self.says or {"results": results}).encode())

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def osv() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Osv)
    threading.Thread(target=server.serve_forever, args=(0.05,)).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_the_lock_files_are_read_whole() -> None:
    found = pins(audit.ROOT / "constraints-dev.txt")

    assert found["django"].startswith("5.2.")
    assert len(found) > 80
    assert set(pins(audit.ROOT / "constraints.txt").items()) <= set(found.items())


def test_a_known_hole_is_told_with_its_names(osv: str) -> None:
    assert holes_in_python({"django": "1.0", "httpx": "0.28"}, url=osv) == {
        "django 1.0": ["PYSEC-1", "GHSA-2"]
    }


def test_many_packages_are_asked_about_in_parts(osv: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "MOST_AT_ONCE", 2)
    many = {"a": "1", "b": "1", "c": "1", "d": "1", "django": "1.0"}

    assert list(holes_in_python(many, url=osv)) == ["django 1.0"]


@pytest.mark.parametrize(
    ("status", "says"), [(503, None), (200, {"results": []}), (200, {"nothing": 1}), (200, [1])]
)
def test_an_answer_that_is_none_is_not_taken_for_no_holes(
    osv: str, monkeypatch: pytest.MonkeyPatch, status: int, says: Any
) -> None:
    monkeypatch.setattr(Osv, "status", status)
    monkeypatch.setattr(Osv, "says", says)

    with pytest.raises(NotReached):
        holes_in_python({"django": "1.0"}, url=osv)


def test_npms_report_is_read_and_a_refusal_is_none() -> None:
    report = {"vulnerabilities": {"lodash": {"severity": "high", "range": "<4.17"}}}
    assert read_npm(json.dumps(report)) == {"lodash": ["high, <4.17"]}
    assert read_npm('{"vulnerabilities": {}}') == {}

    with pytest.raises(NotReached, match="405 Method Not Allowed"):
        read_npm('{"message": "405 Method Not Allowed - POST https://registry.invalid/x"}')
    with pytest.raises(NotReached):
        read_npm("")


def test_a_hole_in_what_runs_fails_and_one_in_a_tool_is_told(
    osv: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def no_npm(**_: Any) -> Any:
        raise NotReached("no npm")

    monkeypatch.setenv("ADVISORIES_URL", osv)
    monkeypatch.setattr(audit, "holes_in_npm", no_npm)
    versions = {"constraints.txt": {"httpx": "1"}, "constraints-dev.txt": {"django": "1.0"}}
    monkeypatch.setattr(audit, "pins", lambda path: versions[path.name])
    assert audit.main() == 0
    assert "django 1.0 (only in tests and builds): PYSEC-1, GHSA-2" in capsys.readouterr().out

    versions["constraints.txt"] = versions["constraints-dev.txt"]
    assert audit.main() == 1
    said = capsys.readouterr().out
    assert "django 1.0 (runs)" in said
    assert "npm: NOT CHECKED" in said


def test_nobody_to_ask_is_said_and_is_no_failure(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ADVISORIES_URL", "http://127.0.0.1:1")
    monkeypatch.setattr(audit, "holes_in_npm", lambda **_: {})

    assert audit.main() == 0
    assert "Python: NOT CHECKED" in capsys.readouterr().out
