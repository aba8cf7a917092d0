"""Run all checks, one after the other, and count the failures instead of stopping at the first."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BIN = ROOT / ".venv" / "bin"
OURS = ["portal", "staff", "clients", "dialogs", "altinn", "sandbox"]

# One more than there are cores: browsers and servers are waited for much of the time.
AT_ONCE = min((os.cpu_count() or 1) + 1, 8)
ON_EVERY_CORE = ["-n", str(AT_ONCE), "--dist", "worksteal"]

LINT: dict[str, list[str]] = {
    "style": ["ruff", "check", "."],
    "format": ["ruff", "format", "--check", "."],
    "types": ["mypy", *OURS, "tests", "benchmarks"],
    "imports": ["lint-imports"],
    "templates": ["djlint", "--lint", "templates"],
    "container files": ["python", "docker/check.py"],
}
AUDIT: dict[str, list[str]] = {
    "known holes in packages": ["python", "-m", "portal.demo.audit"],
}
TESTS: dict[str, list[str]] = {
    "tests": ["python", "-m", "pytest", "-q", "--durations=15", *ON_EVERY_CORE],
}


def run_all(checks: Mapping[str, list[str]], environment: Mapping[str, str]) -> int:
    """Run each check and return how many failed.

    What it prints is shown only when it fails; of tests and the audit always.
    """
    failed = []
    for name, (program, *arguments) in checks.items():
        began = time.monotonic()
        shows = name in TESTS or name in AUDIT
        result = subprocess.run(
            [str(BIN / program), *arguments],
            cwd=ROOT,
            env=os.environ | dict(environment),
            stdout=None if shows else subprocess.PIPE,
            stderr=None if shows else subprocess.STDOUT,
            text=True,
            check=False,
        )
        took = f"{time.monotonic() - began:.0f} s"
        if result.returncode:
            failed.append(name)
            print(result.stdout or "", end="")
        print(f"{'FAILED' if result.returncode else 'ok':>6}  {name}  ({took})", flush=True)
    if failed:
        print(f"{len(failed)} of {len(checks)} failed: {', '.join(failed)}", file=sys.stderr)
    return len(failed)
