"""Is this container well? Asked by the health checks of the image and of compose.yaml.

`web` asks the web server in this container whether it is alive. `recent FILE SECONDS` wants a
file (or one whose name begins so) to have been written lately. `waiting SECONDS` wants no pushed
event to have waited longer than that. Uses no Django, so that a check costs little.
"""

import http.client
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

OLDEST = """
SELECT extract(epoch FROM now() - min(greatest(next_at, coalesce(lease_until_at, next_at))))
FROM dialogs_inboundevent WHERE state IN (0, 2)
"""


class Unwell(Exception):
    """The text says how."""


def value(name: str, default: str = "") -> str:
    """Return a variable, or what the file named by NAME_FILE holds, as the settings do."""
    if path := os.environ.get(f"{name}_FILE"):
        return Path(path).read_text(encoding="utf-8").strip()
    return os.environ.get(name) or default


def web() -> None:
    """Django answers only to its own name, so the question carries it."""
    port = int(os.environ.get("GRANIAN_PORT", "8000"))
    host = urlsplit(value("PUBLIC_URL", "http://127.0.0.1:8000")).netloc
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=4)
    connection.request("GET", "/helse/lever/", headers={"Host": host})
    if (status := connection.getresponse().status) != http.client.OK:
        raise Unwell(f"/helse/lever/ answered {status}")


def recent(file: str, seconds: str) -> None:
    path = Path(file)
    written = [one.stat().st_mtime for one in path.parent.glob(f"{path.name}*")]
    if not written or time.time() - max(written) > float(seconds):
        raise Unwell(f"{file} has not been written for {seconds} seconds")


def waiting(seconds: str) -> None:
    import psycopg

    try:
        with psycopg.connect(value("DATABASE_URL"), connect_timeout=3) as connection:
            row = connection.execute(OLDEST).fetchone()
    except psycopg.Error as exc:
        raise Unwell(f"The database does not answer: {type(exc).__name__}") from exc
    if row and row[0] is not None and row[0] > float(seconds):
        raise Unwell(f"An event has waited for {row[0]:.0f} seconds")


def main(arguments: list[str]) -> int:
    checks: dict[str, Callable[..., None]] = {"web": web, "recent": recent, "waiting": waiting}
    what, *rest = arguments
    try:
        checks[what](*rest)
    except (Unwell, OSError, http.client.HTTPException) as exc:
        sys.stderr.write(f"{exc}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
