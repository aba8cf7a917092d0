"""Chromium for the tests, started once in a run: a start takes longer than many a test.

`python -m tests.chromium PORT` starts it, as Playwright starts its browsers, and ends it when its
own input ends. Each test connects and has contexts of its own, which share nothing.
"""

import contextlib
import subprocess
import sys
from collections.abc import Iterator

import httpx
from playwright.sync_api import Browser, sync_playwright

from portal.demo.servers import free_port
from portal.demo.set_up import chromium
from tests.stand_in import wait_until


@contextlib.contextmanager
def started() -> Iterator[str]:
    """Start Chromium and yield the address that `connected` takes."""
    port = free_port(0)
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "tests.chromium", str(port)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True) as process:
        wait_until(lambda: _answers(address))
        yield address
        process.communicate()


@contextlib.contextmanager
def connected(address: str) -> Iterator[Browser]:
    """Yield a browser whose contexts are gone afterwards."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.connect_over_cdp(address)
        yield browser
        browser.close()


def _answers(address: str) -> bool:
    with contextlib.suppress(httpx.TransportError):
        return httpx.get(f"{address}/json/version", trust_env=False).status_code == 200
    return False


def _run(port: str) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium(),
            args=["--no-sandbox", "--disable-gpu", f"--remote-debugging-port={port}"],
        )
        sys.stdin.read()
        browser.close()


if __name__ == "__main__":
    _run(sys.argv[1])
