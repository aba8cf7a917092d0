"""Run the portal's own processes against the test database, so that they can be killed."""

import atexit
import contextlib
import functools
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
from django.conf import settings
from django.db import connection

from portal.demo.servers import free_port
from tests.stand_in import Altinn, wait_until

ROOT = Path(__file__).resolve().parents[1]


def database_url(name: str = "") -> str:
    """The test database's address, or that of another beside it, for another process."""
    to = connection.get_connection_params()
    host = to.get("host", "")
    user = to.get("user", "") + (f":{to['password']}" if to.get("password") else "")
    port = f"&port={to['port']}" if to.get("port") else ""
    return f"postgresql://{user}@/{name or to['dbname']}?host={host}{port}"


@functools.cache
def static_files() -> Path:
    """Collect the static files once in a run, and return their folder."""
    folder = tempfile.mkdtemp()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    command = [sys.executable, "manage.py", "collectstatic", "--noinput", "-v", "0"]
    subprocess.run(command, cwd=ROOT, env=os.environ | {"STATIC_ROOT": folder}, check=True)
    return Path(folder)


class Processes:
    """Web, worker and the like, each in a group of its own."""

    def __init__(self, environment: Mapping[str, str], folder: Path) -> None:
        without = {"TWO_STEP_ROLES": "none", "RECENT_LOGIN_MINUTES": "0"}  # as tests/conftest.py
        self.environment = dict(os.environ) | without | dict(environment)
        self.folder = folder
        self.port = free_port(0)
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment |= {"PUBLIC_URL": self.url, "COALESCE_SECONDS": "0"}
        self.environment["SUBSCRIPTIONS_PER_MINUTE"] = "60000"
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, *arguments: str) -> None:
        with (self.folder / f"{name}.log").open("ab") as log:
            self._running[name] = subprocess.Popen(
                [sys.executable, *arguments],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def start_web(self) -> None:
        static = static_files()
        self.environment["STATIC_ROOT"] = str(static)
        self.start(
            "web",
            *("-m", "granian", "--interface", "asgi", "portal.asgi:application"),
            *("--host", "127.0.0.1", "--port", str(self.port), "--workers", "1"),
            *("--static-path-route", "/static", "--static-path-mount", str(static)),
        )
        wait_until(self.answers)

    def start_worker(self, *, at_once: int = 1) -> None:
        self.start(
            "worker",
            *("-m", "celery", "-A", "portal", "worker", "-Q", "fast,slow"),
            *("-c", str(at_once)),
            *("--without-mingle", "--without-gossip", "-l", "INFO"),
        )

    def start_drain(self) -> None:
        self.start("drain", "manage.py", "drain", "--every", "1")

    def pid_of(self, name: str) -> int:
        return self._running[name].pid

    def answers(self) -> bool:
        with contextlib.suppress(httpx.TransportError):
            return httpx.get(f"{self.url}/helse/klar/", trust_env=False).status_code == 200
        return False

    def kill(self, name: str) -> None:
        """End it as a power cut would."""
        process = self._running.pop(name)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)

    def kill_all(self) -> None:
        for name in list(self._running):
            self.kill(name)

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(encoding="utf-8", errors="replace")


@contextlib.contextmanager
def processes(altinn: Altinn, **more: Any) -> Iterator[Processes]:
    """The portal's processes for one test; all are ended afterwards."""
    connection.ensure_connection()
    environment = altinn.environment() | {
        "DATABASE_URL": database_url(),
        "REDIS_URL": settings.REDIS_URL,
        "SECRET_KEY": settings.SECRET_KEY,
        **more,
    }
    with tempfile.TemporaryDirectory() as folder:
        running = Processes(environment, Path(folder))
        try:
            yield running
        finally:
            running.kill_all()
