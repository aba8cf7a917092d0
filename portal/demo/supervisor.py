"""`make demo`: the whole portal on this machine, with a stand-in for Altinn and made-up clients.

Everything it keeps lies in `.demo/`, which git ignores. It starts the servers, the sandbox, web,
worker, beat and the drain that needs no Redis, says what it does, and ends all of them when it is
told to stop. Starting again continues with the data that is there.
"""

import json
import os
import secrets
import signal
import ssl
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from types import FrameType

from portal.demo.servers import free_port, servers, stop

ROOT = Path(__file__).resolve().parents[2]
FOLDER = Path(os.environ.get("DEMO_FOLDER", ROOT / ".demo"))
PYTHON = sys.executable
READY_SECONDS = 60
# A file with a certificate for «localhost» and its key: the portal then speaks https, as where it
# is deployed. For those who look for holes in it; SECURITY.md says how.
CERTIFICATE = os.environ.get("DEMO_CERTIFICATE", "")


class CannotStart(Exception):
    """A part did not start; the text says which, and where its log is."""


class Demo:
    """The parts that run, and how they end."""

    def __init__(self) -> None:
        self.environment: dict[str, str] = dict(os.environ)
        self.parts: dict[str, subprocess.Popen[bytes]] = {}
        self.stopping = threading.Event()
        self._began = time.monotonic()

    def say(self, text: str) -> None:
        print(f"[{time.monotonic() - self._began:5.1f} s] {text}", flush=True)

    def start(self, name: str, *command: str) -> None:
        """Start a part in a process group of its own; its output goes to .demo/NAME.log."""
        log = (FOLDER / f"{name}.log").open("ab")
        with log:
            self.parts[name] = subprocess.Popen(
                command,
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def do(self, *command: str) -> None:
        """Run one of the portal's commands to its end.

        Raises:
            CannotStart: it failed.
        """
        done = subprocess.run(
            [PYTHON, *command],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise CannotStart(
                f"{' '.join(command)} failed:\n{done.stdout[-500:]}{done.stderr[-1500:]}"
            )

    def wait_for(self, name: str, url: str) -> None:
        """Wait until a part answers.

        Raises:
            CannotStart: it ended, or does not answer in time.
        """
        until = time.monotonic() + READY_SECONDS
        trusts = ssl.create_default_context(cafile=CERTIFICATE or None)
        while time.monotonic() < until and not self.stopping.is_set():
            if self.parts[name].poll() is not None:
                raise CannotStart(f"{name} ended at once; see .demo/{name}.log.")
            try:
                with urllib.request.urlopen(url, timeout=2, context=trusts):  # noqa: S310 (loopback)
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        if not self.stopping.is_set():
            raise CannotStart(f"{name} does not answer; see .demo/{name}.log.")

    def stop_all(self) -> None:
        for name in reversed(self.parts):
            stop(self.parts[name], wait_seconds=5)


def run() -> int:
    """Run the demo until it is stopped; return the exit status."""
    demo = Demo()

    def on_signal(_signal: int, _frame: FrameType | None) -> None:
        demo.stopping.set()

    signal.signal(signal.SIGINT, on_signal)
    signal.signal(signal.SIGTERM, on_signal)
    FOLDER.mkdir(exist_ok=True)
    with ExitStack() as stack:
        try:
            demo.say("Starting the database and Redis")
            demo.environment |= stack.enter_context(servers(FOLDER))
            stack.callback(demo.stop_all)
            _start(demo)
            _watch(demo)
        except CannotStart as exc:
            print(f"\n{exc}", file=sys.stderr)
            return 1
        finally:
            demo.say("Stopping everything that was started")
    return 0


def _start(demo: Demo) -> None:
    sandbox_url = _start_sandbox(demo)
    port = free_port(8000)
    url = f"https://localhost:{port}" if CERTIFICATE else f"http://127.0.0.1:{port}"
    encrypts = ("--ssl-certificate", CERTIFICATE, "--ssl-keyfile", CERTIFICATE)
    demo.environment |= _settings(url, sandbox_url)
    demo.say("Preparing the database and the static files")
    demo.do("manage.py", "migrate", "--verbosity", "0")
    demo.do("manage.py", "collectstatic", "--noinput", "--verbosity", "0")
    if demo.stopping.is_set():
        return
    demo.say("Starting web, worker, beat and drain")
    static = str(ROOT / ".static")
    demo.start(
        "web",
        *(PYTHON, "-m", "granian", "--interface", "asgi", "portal.asgi:application"),
        *("--host", "127.0.0.1", "--port", str(port), "--workers", "1", "--no-access-log"),
        *("--static-path-route", "/static", "--static-path-mount", static),
        *(encrypts if CERTIFICATE else ()),
    )
    demo.wait_for("web", f"{url}/helse/klar/")
    demo.say("Registering staff, system users and clients")
    demo.do("-m", "portal.demo.seed")
    celery = (PYTHON, "-m", "celery", "-A", "portal")
    demo.start("worker", *celery, "worker", "-Q", "fast,slow", "-c", "2", "-l", "INFO")
    demo.start("beat", *celery, "beat", "-s", str(FOLDER / "beat"), "-l", "INFO")
    demo.start("drain", PYTHON, "manage.py", "drain", "--every", "10")
    demo.do("-m", "portal.demo.seed", "--read")
    demo.say("Ready. Dialogs are arriving; something new happens every few seconds.\n")
    password = (FOLDER / "password").read_text(encoding="utf-8")
    print(
        f"  Open  {url}\n\n"
        f"  kari.hansen@demo.invalid    accountant, sees her own clients\n"
        f"  ola.berg@demo.invalid       accountant, sees his own clients\n"
        f"  leder@demo.invalid          manager, sees all clients\n"
        f"  admin@demo.invalid          administrator\n"
        f"  revisor@demo.invalid        auditor, sees all clients and changes nothing\n"
        f"  The password of all five:   {password}\n"
        f"  It is enough here; a firm's own portal asks for a second step (TWO_STEP_ROLES).\n\n"
        f"  The stand-in for Altinn:    {sandbox_url}/_sandbox/\n"
        f"  Stop with Ctrl+C. Logs and data lie in .demo/; remove it to begin anew.\n",
        flush=True,
    )
    demo.do("-m", "portal.demo.work")


def _start_sandbox(demo: Demo) -> str:
    """Start the stand-in for Altinn and return its address."""
    demo.say("Starting the stand-in for Altinn")
    port = free_port(8900)
    world = os.environ.get("DEMO_WORLD", "demo")  # a smaller one starts sooner
    demo.start(
        "sandbox",
        *(PYTHON, "-m", "sandbox", "--port", str(port), "--world", world, "--seed", "1"),
        *("--lively", "--keep", str(FOLDER / "world")),
    )
    url = f"http://127.0.0.1:{port}"
    demo.wait_for("sandbox", f"{url}/_sandbox/credentials")
    return url


def _settings(url: str, sandbox_url: str) -> dict[str, str]:
    """Return the portal's settings for this demo; secrets are made once and kept."""
    with urllib.request.urlopen(f"{sandbox_url}/_sandbox/credentials") as answer:  # noqa: S310
        credentials = json.load(answer)
    _kept("password", lambda: f"{secrets.token_urlsafe(9)}-Demo1")
    return {
        "PUBLIC_URL": url,
        "SECRET_KEY": _kept("secret-key", lambda: secrets.token_urlsafe(50)),
        "ALTINN_ENVIRONMENT": "sandbox",
        "MASKINPORTEN_ISSUER": credentials["issuer"],
        "MASKINPORTEN_TOKEN_URL": credentials["token_url"],
        "ALTINN_PLATFORM_URL": sandbox_url,
        "DIALOGPORTEN_URL": f"{sandbox_url}/dialogporten",
        "ALTINN_EVENTS_URL": f"{sandbox_url}/events/api/v1",
        "ENHETSREGISTERET_URL": f"{sandbox_url}/enhetsregisteret/api",
        "IDPORTEN_ISSUER": f"{sandbox_url}/idporten",
        "IDPORTEN_LOGIN_URL": f"{sandbox_url}/idporten",
        "ALTINN_ACCESS_MANAGEMENT_URL": sandbox_url,
        "NAV_SYKEPENGER_URL": f"{sandbox_url}/nav-sykepenger",
        "NAV_FORELDREPENGER_URL": f"{sandbox_url}/nav-foreldrepenger",
        "NAV_DOKUMENTPORTEN_URL": f"{sandbox_url}/nav-dokumentporten",
        "CONTENT_HOSTS": sandbox_url.removeprefix("http://"),
        "ALTINN_INBOX_URL": f"{sandbox_url}/_sandbox/inbox",
        "MASKINPORTEN_CLIENT_ID": credentials["client_id"],
        "MASKINPORTEN_JWK": json.dumps(credentials["jwk"]),
        "DEMO_CREDENTIALS": json.dumps(credentials["system_users"]),
        "DEMO_FIRM": json.dumps(credentials["firm"]),
        "DEMO_FOLDER": str(FOLDER),
        "ARCHIVE_ROOT": str(FOLDER / "archive"),
        "POLL_SECONDS": "60",
        "TWO_STEP_ROLES": "none",  # a password is enough for what is not real
        "SUBSCRIPTIONS_PER_MINUTE": "60000",  # the sandbox takes as many as come
    }


def _kept(name: str, make: Callable[[], str]) -> str:
    """Return a secret of this demo, made the first time, readable by its owner alone."""
    path = FOLDER / name
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(make(), encoding="utf-8")
    return path.read_text(encoding="utf-8")


def _watch(demo: Demo) -> None:
    """Wait until we are stopped.

    Raises:
        CannotStart: a part ended by itself.
    """
    while not demo.stopping.wait(1):
        for name, process in demo.parts.items():
            if process.poll() is not None:
                raise CannotStart(f"{name} has ended; see .demo/{name}.log.")
