"""`make demo` as a newcomer meets it: it says what it does, works, and ends what it started."""

import os
import re
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import psycopg
import pytest
from django.db import connection

from portal.demo import set_up
from portal.demo.servers import free_port
from staff.models import User
from tests.processes import database_url
from tests.stand_in import Altinn, wait_until

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def database(db: None) -> Iterator[str]:
    """A database of the demo's own."""
    name = f"demo_{uuid.uuid4().hex[:8]}"
    connection.ensure_connection()
    url = database_url()
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
        yield re.sub(r"/[^/?]+\?", f"/{name}?", url)
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.mark.timeout(180)
def test_the_demo_starts_works_and_ends_everything_it_started(
    database: str, tmp_path: Path
) -> None:
    demo = subprocess.Popen(
        [sys.executable, "-m", "portal.demo", "demo"],
        cwd=ROOT,
        env=os.environ
        | {"DATABASE_URL": database, "DEMO_FOLDER": str(tmp_path), "DEMO_WORLD": "small"},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        said = ""
        assert demo.stdout is not None
        for line in demo.stdout:
            said += line
            if "Stop with Ctrl+C" in line:
                break
        url = re.search(r"Open +(http://\S+)", said)
        stand_in = re.search(r"Altinn: +(http://\S+)/_sandbox/", said)
        password = re.search(r"five: +(\S+)", said)
        assert url is not None, said
        assert stand_in is not None, said
        assert password is not None, said
        assert httpx.get(f"{url[1]}/konto/login/", trust_env=False).status_code == 200
        altinn = Altinn(stand_in[1])
        agent = next(u for u in altinn.system_users() if u["external_ref"] == "regnskap")
        listed = len(altinn.listed(agent["id"]))
        with psycopg.connect(database, autocommit=True) as own:
            count = "SELECT count(*) FROM dialogs_dialog"
            wait_until(lambda: own.execute(count).fetchone()[0] >= listed, seconds=60)  # type: ignore[index]
            roles = {role for (role,) in own.execute("SELECT role FROM staff_user")}
        assert roles == set(User.Role.values)
        assert altinn.counts()["details"] == 0
        altinn.close()
        started = psutil.Process(demo.pid).children(recursive=True)
        assert len(started) >= 5
    finally:
        demo.send_signal(signal.SIGINT)
        demo.wait(40)
        if demo.stdout is not None:
            demo.stdout.close()

    assert demo.returncode == 0
    wait_until(lambda: not any(process.is_running() for process in started))
    assert (tmp_path / "secret-key").stat().st_mode & 0o077 == 0


def test_a_taken_port_is_left_to_its_owner() -> None:
    import socket

    with socket.socket() as owner:
        owner.bind(("127.0.0.1", 0))
        owner.listen()
        taken = owner.getsockname()[1]
        assert free_port(taken) != taken
    assert free_port(taken) == taken


def test_a_step_is_done_once_for_the_same_files(tmp_path: Path) -> None:
    done: list[int] = []
    stamp = tmp_path / "stamp"
    for made_from in ("a", "a", "b"):
        set_up.step("Something", stamp, made_from, lambda: done.append(1))

    assert len(done) == 2


def test_a_missing_prerequisite_is_one_sentence_that_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(set_up, "chromium", lambda: None)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(set_up.CannotSetUp, match="apt-get install chromium"):
        set_up.install_chromium()

    monkeypatch.setattr(sys, "version_info", (3, 9, 0))
    with pytest.raises(set_up.CannotSetUp, match=r"Python 3\.11"):
        set_up.set_up(browser=False)


def test_preparing_a_prepared_clone_takes_no_time() -> None:
    began = time.monotonic()
    subprocess.run([sys.executable, "portal/demo/set_up.py"], cwd=ROOT, check=True)
    assert time.monotonic() - began < 5
