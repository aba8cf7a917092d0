"""Where benchmarks work: databases, a Redis and processes that are gone afterwards.

DATABASE_URL and REDIS_URL name the servers (`make bench` starts private ones). Work databases are
called bench_…; of Redis, the first database with nothing in it is used and emptied again.
"""

import contextlib
import itertools
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
from redis import Redis

from portal.demo.servers import free_port, stop

ROOT = Path(__file__).resolve().parents[1]
READY_SECONDS = 60
REDIS_DATABASES = 16


class CannotMeasure(Exception):
    """Something needed is missing or did not start; the text says what."""


@dataclass(frozen=True)
class Size:
    """How much work. `tiny` only shows that everything runs; its figures mean nothing."""

    name: str
    seconds: float  # of load per measurement
    events: int
    tasks: int
    rows: int
    dialogs: tuple[int, int]
    clients: int
    pages: int  # per round
    memory_events: tuple[int, int]
    burst: int
    attachment_bytes: int


SIZES = {
    one.name: one
    for one in (
        Size("tiny", 0.3, 300, 50, 100, (300, 600), 60, 3, (50, 100), 10,
             8 * 1024**2),
        Size("small", 1.5, 10_000, 1500, 5000, (10_000, 100_000), 5000, 40, (2000, 22_000), 100,
             256 * 1024**2),
        Size("full", 4, 50_000, 3000, 20_000, (10_000, 1_000_000), 5000, 50,
             (10_000, 110_000), 100, 2 * 1024**3),
    )
}  # fmt: skip


class Workplace:
    """One run's own corner of the servers."""

    def __init__(self, size: Size, rounds: int, folder: Path, redis_url: str) -> None:
        self.size = size
        self.rounds = rounds
        self.folder = folder
        self.redis_url = redis_url
        self._admin_url = os.environ["DATABASE_URL"]
        self._template = _name("template")

    def say(self, text: str) -> None:
        print(f"  {text}", file=sys.stderr, flush=True)

    def database_url(self, name: str) -> str:
        return urlsplit(self._admin_url)._replace(path=f"/{name}").geturl()

    def _administer(self, statement: str) -> None:
        with psycopg.connect(self._admin_url, autocommit=True) as connection:
            connection.execute(statement)

    @contextlib.contextmanager
    def template(self) -> Iterator[None]:
        """Set Django up with an empty, migrated database that the others are copied from."""
        self._administer(f"CREATE DATABASE {self._template}")
        try:
            os.environ |= {
                "DATABASE_URL": self.database_url(self._template),
                "REDIS_URL": self.redis_url,
                "DJANGO_SETTINGS_MODULE": "portal.settings",
                "STATIC_ROOT": str(self.folder / "static"),
                "PUBLIC_URL": "http://127.0.0.1",
                "ALTINN_ENVIRONMENT": "sandbox",
                "LOG_LEVEL": "WARNING",
            }
            import django
            from django.core.management import call_command

            django.setup()
            import portal.celery

            portal.celery.app.conf.task_always_eager = True
            call_command("migrate", verbosity=0)
            call_command("collectstatic", interactive=False, verbosity=0)
            self._leave()
            yield
        finally:
            self._drop(self._template)

    @contextlib.contextmanager
    def database(self, purpose: str) -> Iterator[str]:
        """A migrated database of its own; Django here works in it. Yields its name."""
        name = _name(purpose)
        self._leave()
        self._administer(f"CREATE DATABASE {name} TEMPLATE {self._template}")
        try:
            self.enter(name)
            yield name
        finally:
            self._leave()
            self._drop(name)

    def enter(self, name: str) -> None:
        """Make Django in this process work in that database."""
        from django.db import connection

        self._leave()
        connection.settings_dict["NAME"] = name

    def _leave(self) -> None:
        with contextlib.suppress(Exception):  # Django may not be set up yet
            from django.db import connection

            connection.close()
            connection.close_pool()  # type: ignore[attr-defined]

    def _drop(self, name: str) -> None:
        self._leave()
        self._administer(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


_serial = itertools.count()


def _name(purpose: str) -> str:
    return f"bench_{purpose}_{os.getpid()}_{next(_serial)}"


@contextlib.contextmanager
def workplace(size: Size, rounds: int) -> Iterator[Workplace]:
    """Open a workplace, and leave nothing behind."""
    for name in ("DATABASE_URL", "REDIS_URL"):
        if not os.environ.get(name):
            raise CannotMeasure(f"Set {name}, or use `make bench`, which starts the servers.")
    os.environ.setdefault("SECRET_KEY", "for-benchmarks-only-0123456789-abcdefghijklmnopqrstuvwxyz")
    os.environ.setdefault("TWO_STEP_ROLES", "none")  # visitors have no second step
    with (
        tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as folder,
        _empty_redis(os.environ["REDIS_URL"]) as redis_url,
    ):
        place = Workplace(size, rounds, Path(folder), redis_url)
        with place.template():
            yield place


@contextlib.contextmanager
def _empty_redis(url: str) -> Iterator[str]:
    for number in reversed(range(REDIS_DATABASES)):
        own = urlsplit(url)._replace(path=f"/{number}").geturl()
        with Redis.from_url(own) as redis:
            if redis.dbsize() == 0:
                try:
                    yield own
                finally:
                    redis.flushdb()
                return
    raise CannotMeasure("Every database of this Redis has something in it.")


class Processes:
    """Servers and workers, each in a process group of its own, with a log in the workplace."""

    def __init__(self, place: Workplace, environment: dict[str, str]) -> None:
        self._place = place
        self._environment = os.environ | environment
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, *arguments: str) -> int:
        """Start python with these arguments; return the process's id."""
        with self._log(name).open("ab") as log:
            self._running[name] = subprocess.Popen(
                [sys.executable, *arguments],
                cwd=ROOT,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        return self._running[name].pid

    def start_server(self, name: str, *arguments: str, port: int, path: str) -> int:
        """Start a web server and wait until the path is answered, with whatever status."""
        pid = self.start(name, *arguments)
        wait_until(lambda: _answers(port, path), f"{name} to answer", self._ended(name))
        return pid

    def start_portal(self, name: str, *, port: int, workers: int = 1) -> int:
        return self.start_server(
            name,
            *("-m", "granian", "--interface", "asgi", "portal.asgi:application"),
            *("--host", "127.0.0.1", "--port", str(port), "--workers", str(workers)),
            *("--log-level", "error"),
            port=port,
            path="/helse/klar/",
        )

    def start_worker(self, *, children: int) -> int:
        return self.start(
            "worker",
            *("-m", "celery", "-A", "portal", "worker", "-Q", "fast,slow", "-c", str(children)),
            *("--without-mingle", "--without-gossip", "-l", "ERROR"),
        )

    def stop(self, name: str) -> None:
        stop(self._running.pop(name))

    def stop_all(self) -> None:
        for name in reversed([*self._running]):
            self.stop(name)

    def _log(self, name: str) -> Path:
        return self._place.folder / f"{name}.log"

    def _ended(self, name: str) -> Callable[[], str]:
        def why() -> str:
            if self._running[name].poll() is None:
                return ""
            return f"{name} ended:\n{self._log(name).read_text('utf-8', 'replace')[-2000:]}"

        return why


@contextlib.contextmanager
def processes(place: Workplace, **environment: str) -> Iterator[Processes]:
    running = Processes(place, environment)
    try:
        yield running
    finally:
        running.stop_all()


def _answers(port: int, path: str) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5):
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


def wait_until(
    fact: Callable[[], Any],
    what: str,
    why_not: Callable[[], str] = lambda: "",
    *,
    seconds: float = READY_SECONDS,
    pause: float = 0.05,
) -> Any:
    """Wait for something that happens in another process.

    Raises:
        CannotMeasure: it did not happen in time, or `why_not` says why it never will.
    """
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if value := fact():
            return value
        if why := why_not():
            raise CannotMeasure(why)
        time.sleep(pause)
    raise CannotMeasure(f"Waited {seconds:g} s for {what}.")


class StandIn:
    """The sandbox in a process of its own, and our settings pointing at it."""

    def __init__(self, url: str) -> None:
        self.url = url

    def ask(self, method: str, path: str, body: object = None) -> Any:
        request = urllib.request.Request(  # noqa: S310
            f"{self.url}/_sandbox{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            text = answer.read()
        return json.loads(text) if text else None

    def searches(self) -> int:
        return int(self.ask("GET", "/requests")["counts"].get("search", 0))

    def environment(self) -> dict[str, str]:
        found = self.ask("GET", "/credentials")
        return {
            "ALTINN_ENVIRONMENT": "sandbox",
            "MASKINPORTEN_ISSUER": found["issuer"],
            "MASKINPORTEN_TOKEN_URL": found["token_url"],
            "ALTINN_PLATFORM_URL": self.url,
            "DIALOGPORTEN_URL": f"{self.url}/dialogporten",
            "ALTINN_EVENTS_URL": f"{self.url}/events/api/v1",
            "IDPORTEN_ISSUER": f"{self.url}/idporten",
            "IDPORTEN_LOGIN_URL": f"{self.url}/idporten",
            "ALTINN_ACCESS_MANAGEMENT_URL": self.url,
            "NAV_SYKEPENGER_URL": f"{self.url}/nav-sykepenger",
            "NAV_FORELDREPENGER_URL": f"{self.url}/nav-foreldrepenger",
            "NAV_DOKUMENTPORTEN_URL": f"{self.url}/nav-dokumentporten",
            "CONTENT_HOSTS": self.url.removeprefix("http://"),
            "MASKINPORTEN_CLIENT_ID": found["client_id"],
            "MASKINPORTEN_JWK": json.dumps(found["jwk"]),
        }

    def point_settings(self) -> None:
        """Make this process's Django use it, whatever it used before."""
        from django.conf import settings

        from altinn.environment import Environment
        from clients import connect

        there = self.environment()
        settings.MASKINPORTEN_CLIENT_ID = there["MASKINPORTEN_CLIENT_ID"]
        settings.MASKINPORTEN_JWK = there["MASKINPORTEN_JWK"]
        settings.ALTINN = Environment(
            name="sandbox",
            maskinporten_issuer=there["MASKINPORTEN_ISSUER"],
            maskinporten_token_url=there["MASKINPORTEN_TOKEN_URL"],
            platform_url=self.url,
            dialogporten_url=there["DIALOGPORTEN_URL"],
            events_url=there["ALTINN_EVENTS_URL"],
            enhetsregisteret_url=f"{self.url}/enhetsregisteret/api",
            idporten_issuer=there["IDPORTEN_ISSUER"],
            idporten_login_url=there["IDPORTEN_LOGIN_URL"],
            access_management_url=there["ALTINN_ACCESS_MANAGEMENT_URL"],
            nav_sykepenger_url=there["NAV_SYKEPENGER_URL"],
            nav_foreldrepenger_url=there["NAV_FORELDREPENGER_URL"],
            nav_dokumentporten_url=there["NAV_DOKUMENTPORTEN_URL"],
            content_hosts=frozenset({there["CONTENT_HOSTS"]}),
        )
        connect._key.cache_clear()
        connect._tokens.cache_clear()
        with Redis.from_url(settings.REDIS_URL) as redis:
            redis.flushdb()  # tokens of a sandbox that is gone

    def register(self) -> Any:
        """Register its system user that sees every client, and those clients; return it."""
        from django.utils import timezone

        from clients import actions, connect
        from clients.models import SystemUser

        users = self.ask("GET", "/credentials")["system_users"]
        agent = next(one for one in users if one["external_ref"] == "regnskap")
        system_user = SystemUser.objects.create(
            name="Regnskap",
            kind=SystemUser.Kind.AGENT,
            owner_orgnr=agent["orgnr"],
            external_ref=agent["external_ref"],
            adds_clients=True,
        )
        with connect.end_user(system_user) as api:
            actions.keep_in_step(system_user, api.parties(), now=timezone.now())
        return system_user


@contextlib.contextmanager
def stand_in(place: Workplace, *, clients: int, dialogs: int) -> Iterator[StandIn]:
    port = free_port(0)
    with processes(place) as running:
        running.start_server(
            "sandbox",
            *("-m", "sandbox", "--port", str(port), "--world", "load", "--seed", "1"),
            *("--clients", str(clients), "--dialogs", str(dialogs)),
            port=port,
            path="/_sandbox/credentials",
        )
        sandbox = StandIn(f"http://127.0.0.1:{port}")
        sandbox.point_settings()
        yield sandbox
