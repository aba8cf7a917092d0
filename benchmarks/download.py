"""P17: a large attachment through the portal, beside fetching it directly from its owner.

The stand-in makes the file up while it sends it. One reader fetches it in turn from there, with a
token of its own, and from the portal under granian, as somebody who is logged in. For P17 the
reader is httpx, as a program that fetches files would use it; for P17b a bare socket that throws
away what it gets, which nothing that looks at the bytes can keep up with: the portal makes a
checksum of them. Memory is the web worker's, resident, sampled while the file passes, above what it
held just before.
"""

import socket
import threading
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx
import psutil

from benchmarks.figures import Figure, Goal, alone, compared
from benchmarks.pages import leader, session_of
from benchmarks.workplace import CannotMeasure, StandIn, Workplace, processes, stand_in
from portal.demo.servers import free_port

MIB = 1024 * 1024
SAMPLE = "correspondence-confirmation-required"
SPEED = Goal("P17", "a large attachment / fetched directly", "MB/s", "at least", 0.6, 0.9)
BARE = Goal("P17b", "the same, read by a bare socket", "MB/s", "at least", 0.15, 0.6)
MEMORY = Goal("P17", "memory while it passes", "MiB", "at most", 32, 8)


@dataclass(frozen=True)
class Where:
    """The same file in two places, and what each wants to see."""

    direct: str
    with_token: tuple[str, str]
    ours: str
    as_somebody: tuple[str, str]


def run(place: Workplace) -> list[Figure]:
    with (
        stand_in(place, clients=20, dialogs=20) as sandbox,
        place.database("download") as name,
    ):
        sandbox.ask("POST", "/reset", {"world": "services"})
        sandbox.point_settings()
        port = free_port(0)
        environment = sandbox.environment() | {
            "DATABASE_URL": place.database_url(name),
            "REDIS_URL": place.redis_url,
            "PUBLIC_URL": f"http://127.0.0.1:{port}",
        }
        with processes(place, **environment) as running:
            web = running.start_portal("web", port=port)
            where = _opened(sandbox, port, size=place.size.attachment_bytes)
            return _measure(place, where, web)


def _measure(place: Workplace, where: Where, web: int) -> list[Figure]:
    size = place.size.attachment_bytes
    [worker] = psutil.Process(web).children()
    _over_a_socket(where.ours, where.as_somebody, size)  # once before anything is measured
    figures, grown = [], []
    for goal, fetch in {SPEED: _with_httpx, BARE: _over_a_socket}.items():
        direct, ours = [], []
        for _ in range(place.rounds):
            direct.append(fetch(where.direct, where.with_token, size))
            with _Watched(worker) as watched:
                ours.append(fetch(where.ours, where.as_somebody, size))
            grown.append(watched.growth_bytes / MIB)
            place.say(f"{goal.id} {direct[-1]:.0f}, {ours[-1]:.0f} MB/s, {grown[-1]:.1f} MiB more")
        figures.append(compared(goal, ours, direct, note=f"{size // MIB} MiB"))
    return [*figures, alone(MEMORY, [max(grown)], note="the worst of all rounds")]


def _opened(sandbox: StandIn, port: int, *, size: int) -> Where:
    """Open a dialog as a person does, and let one of its files be large."""
    from django.conf import settings
    from django.utils import timezone

    from altinn.credentials import Credential
    from clients import connect
    from dialogs import tasks
    from dialogs.content import opening
    from dialogs.models import Dialog

    system_user = sandbox.register()
    tasks.load_new()
    [found] = sandbox.ask("GET", f"/dialogs?template={SAMPLE}")
    dialog = Dialog.objects.select_related("service", "party").get(pk=found["id"])
    user = leader()
    details, _token = opening.fresh(dialog, user=user, now=timezone.now())
    file = details.attachments[1]  # the first is the zip of all
    direct = file.urls[0].url
    sandbox.ask("POST", "/files", {"id": direct.split("/")[-2], "bytes": size})
    with connect.credential(system_user, Credential.CORRESPONDENCE) as (_http, get_token):
        token = get_token()
    return Where(
        direct,
        ("Authorization", f"Bearer {token}"),
        ours=f"http://127.0.0.1:{port}/innboks/{dialog.pk}/vedlegg/{file.id}/",
        as_somebody=("Cookie", f"{settings.SESSION_COOKIE_NAME}={session_of(user)}"),
    )


def _with_httpx(url: str, header: tuple[str, str], size: int) -> float:
    """Fetch a file with httpx, piece by piece; return MB per second.

    Raises:
        CannotMeasure: what came is not the file.
    """
    began, came = time.perf_counter(), 0
    with httpx.stream("GET", url, headers=dict([header]), timeout=300, trust_env=False) as answer:
        for piece in answer.iter_raw():
            came += len(piece)
    return _speed(url, answer.status_code, came, size, seconds=time.perf_counter() - began)


def _over_a_socket(url: str, header: tuple[str, str], size: int) -> float:
    """Fetch a file and throw it away; return MB per second.

    Raises:
        CannotMeasure: what came is not the file.
    """
    parts = urlsplit(url)
    lines = [f"GET {parts.path} HTTP/1.1", f"Host: {parts.netloc}", ": ".join(header)]
    began, head, room = time.perf_counter(), b"", bytearray(MIB)
    with socket.create_connection((parts.hostname or "", parts.port or 80), timeout=300) as asking:
        asking.sendall("\r\n".join([*lines, "Connection: close", "", ""]).encode())
        while b"\r\n\r\n" not in head:
            head += asking.recv(65536)
        came = len(head.partition(b"\r\n\r\n")[2])
        while count := asking.recv_into(room):
            came += count
    return _speed(url, int(head.split()[1]), came, size, seconds=time.perf_counter() - began)


def _speed(url: str, status: int, came: int, size: int, *, seconds: float) -> float:
    if status != 200 or came != size:
        raise CannotMeasure(f"{url} answered {status} with {came} of {size} bytes")
    return came / seconds / 1e6


class _Watched:
    """How much more memory a process holds at the most, while something happens."""

    def __init__(self, process: psutil.Process) -> None:
        self._process = process
        self._ended = threading.Event()
        self._looking = threading.Thread(target=self._look)
        self.growth_bytes = 0

    def __enter__(self) -> "_Watched":
        self._before = self._process.memory_info().rss
        self._looking.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._ended.set()
        self._looking.join()

    def _look(self) -> None:
        while not self._ended.wait(0.02):
            now = self._process.memory_info().rss
            self.growth_bytes = max(self.growth_bytes, now - self._before)
