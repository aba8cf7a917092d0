"""`make audit`: ask whether a package of the lock files is known to have a hole.

Python's packages are asked about at OSV, npm's by npm itself. A service that cannot be reached is
said to be so, and is no failure: nothing is known then, good or bad. What runs beside people's
letters must have no known hole; what only tests and builds use is told, and decided on by people.

Source: OSV's documentation of «POST /v1/querybatch», and npm's of `npm audit`; read 2026-11.
"""

import json
import os
import re
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path

from portal.demo import set_up

ROOT = Path(__file__).resolve().parents[2]
ADVISORIES_URL = "https://api.osv.dev"
SECONDS = 10
MOST_AT_ONCE = 1000

Holes = dict[str, list[str]]  # «name version», and what is known of it


class NotReached(Exception):
    """The service did not answer, or not with an answer; the text says what happened."""


def pins(lock: Path) -> dict[str, str]:
    """Return the versions that a lock file of Python's packages names."""
    found = re.findall(r"^([\w.-]+)==([^\s;\\]+)", lock.read_text(encoding="utf-8"), re.MULTILINE)
    return dict(found)


def holes_in_python(versions: Mapping[str, str], *, url: str) -> Holes:
    """Ask OSV about each version.

    Raises:
        NotReached: it could not be asked.
    """
    named = list(versions.items())
    holes: Holes = {}
    for start in range(0, len(named), MOST_AT_ONCE):
        some = named[start : start + MOST_AT_ONCE]
        queries: list[dict[str, object]] = [
            {"package": {"name": name, "ecosystem": "PyPI"}, "version": version}
            for name, version in some
        ]
        for (name, version), about in zip(some, _asked(url, queries), strict=True):
            if known := [str(one["id"]) for one in about.get("vulns") or ()]:
                holes[f"{name} {version}"] = known
    return holes


def _asked(url: str, queries: list[dict[str, object]]) -> list[dict[str, list[dict[str, str]]]]:
    request = urllib.request.Request(  # noqa: S310 (https, unless a test says otherwise)
        f"{url}/v1/querybatch",
        data=json.dumps({"queries": queries}).encode(),
        headers={"Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:  # noqa: S310
            results: list[dict[str, list[dict[str, str]]]] = json.load(answer)["results"]
    except (urllib.error.URLError, OSError, ValueError, KeyError, TypeError) as exc:
        raise NotReached(f"{type(exc).__name__}: {exc}") from exc
    if len(results) != len(queries):
        raise NotReached("The answer is not about what was asked.")
    return results


def holes_in_npm(*, only_running: bool) -> Holes:
    """Have npm ask its registry.

    Raises:
        NotReached: it has no npm, or the registry does not answer such questions.
    """
    left_out = ["--omit=dev"] if only_running else []
    command = [str(set_up.npm()), "audit", "--package-lock-only", "--json", *left_out]
    try:
        done = subprocess.run(
            command, cwd=ROOT, env=set_up.environment(), stdin=subprocess.DEVNULL,
            capture_output=True, text=True, check=False, timeout=SECONDS * 6,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as exc:
        raise NotReached(type(exc).__name__) from exc
    return read_npm(done.stdout)


def read_npm(answer: str) -> Holes:
    """Make sense of npm's report.

    Raises:
        NotReached: it holds none.
    """
    try:
        report = json.loads(answer)
        found = report["vulnerabilities"].items()
        return {name: [f"{one['severity']}, {one['range']}"] for name, one in found}
    except (ValueError, KeyError, TypeError, AttributeError) as exc:
        refused = re.search(r'"message": "(\d{3} [^"]{0,60}?)(?: - [^"]*)?"', answer)
        raise NotReached(refused[1] if refused else "npm has no report") from exc


def main() -> int:
    """Ask all there is to ask, say what came of it, and return how many holes run."""
    url = os.environ.get("ADVISORIES_URL", ADVISORIES_URL)
    running, all_ = pins(ROOT / "constraints.txt"), pins(ROOT / "constraints-dev.txt")
    failed = 0
    try:
        known = holes_in_python(all_, url=url)
        mine = {name for name in known if name.rpartition(" ")[0] in running}
        failed += _tell("Python", len(all_), known, mine)
    except NotReached as exc:
        _not_asked("Python", len(all_), exc)
    packages = sum(1 for name in _npm_lock() if name)
    try:
        known = holes_in_npm(only_running=False)
        mine = set(holes_in_npm(only_running=True)) if known else set()
        failed += _tell("npm", packages, known, mine)
    except NotReached as exc:
        _not_asked("npm", packages, exc)
    return failed


def _npm_lock() -> dict[str, object]:
    text = (ROOT / "package-lock.json").read_text(encoding="utf-8")
    packages: dict[str, object] = json.loads(text)["packages"]
    return packages


def _tell(kind: str, asked: int, holes: Holes, running: set[str]) -> int:
    """Say what is known; return how much of it is in what runs."""
    for name, known in sorted(holes.items()):
        where = "runs" if name in running else "only in tests and builds"
        print(f"        {kind}: {name} ({where}): {', '.join(known)}")
    print(f"        {kind}: asked about {asked} packages, {len(holes)} have a known hole")
    return len(running)


def _not_asked(kind: str, packages: int, why: NotReached) -> None:
    print(
        f"        {kind}: NOT CHECKED, {packages} packages: the service that knows of holes could "
        f"not be asked ({why})"
    )


if __name__ == "__main__":
    sys.exit(bool(main()))
