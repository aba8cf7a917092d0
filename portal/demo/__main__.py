"""`python -m portal.demo demo|check|lint|audit|run -- COMMAND…`: what the Makefile's targets do."""

import contextlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from portal.demo import checks, supervisor
from portal.demo.servers import servers

TEST_ENVIRONMENT = {
    "SECRET_KEY": "for-tests-only-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJ",
    "PUBLIC_URL": "http://localhost",
    "ALTINN_ENVIRONMENT": "sandbox",
    "ADMIN_PATH": "drift",
    "PYTHONWARNINGS": os.environ.get("PYTHONWARNINGS", ""),
    "PYTHONDONTWRITEBYTECODE": "",  # the tests start hundreds of processes: none compiles twice
}


def main(arguments: list[str]) -> int:
    what, *rest = arguments or [""]
    if what == "demo":
        return supervisor.run()
    if what == "lint":
        return checks.run_all(checks.LINT, TEST_ENVIRONMENT | _no_servers())
    if what == "audit":
        return checks.run_all(checks.AUDIT, {})
    if what == "check":
        with _private_servers() as environment:
            return checks.run_all(checks.LINT | checks.AUDIT | checks.TESTS, environment)
    if what == "run" and rest[:1] == ["--"] and rest[1:]:
        with _private_servers() as environment:
            return subprocess.run(rest[1:], env=os.environ | environment, check=False).returncode
    print(__doc__, file=sys.stderr)
    return 2


def _no_servers() -> dict[str, str]:
    """Addresses that are well-formed and not connected to: type checking reads the settings."""
    return {
        "DATABASE_URL": os.environ.get("DATABASE_URL", "postgresql://localhost/none"),
        "REDIS_URL": os.environ.get("REDIS_URL", "redis://127.0.0.1:1/0"),
    }


@contextlib.contextmanager
def _private_servers() -> Iterator[dict[str, str]]:
    """Servers in a folder of their own that is removed afterwards."""
    with (
        tempfile.TemporaryDirectory(prefix="portal-", ignore_cleanup_errors=True) as folder,
        servers(Path(folder)) as addresses,
    ):
        yield TEST_ENVIRONMENT | addresses


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
