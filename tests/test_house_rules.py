"""Rules of the house that no other tool keeps."""

import ast
import os
import re
import secrets
import socket
import subprocess
import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from pytest_socket import SocketConnectBlockedError

from portal import catalogs, environ

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
LEFT_OUT = {
    ".git", ".venv", ".demo", ".static", "node_modules", "__pycache__", ".mypy_cache", ".work",
    ".ruff_cache", ".pytest_cache", ".hypothesis", ".import_linter_cache", "htmlcov", ".coverage",
}  # fmt: skip
CODE = {".py", ".html", ".js", ".css", ".sh", ".yaml", ".yml", ".toml", ".json", ".md", ".txt"}
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
REGISTRY = re.compile(
    r"pypi\.org|pythonhosted|npmjs\.(org|com)|registry\.\w+\.(org|com|io)|"
    r"(docker|ghcr|quay|gcr)\.io\b|mcr\.microsoft"
)


def files() -> Iterator[Path]:
    """Every file of ours with text in it, but this one, which names what is forbidden."""
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [name for name in folders if name not in LEFT_OUT]
        for name in names:
            path = Path(folder) / name
            if path == Path(__file__) or name in LEFT_OUT:
                continue
            if path.suffix in CODE or not path.suffix:
                yield path


def lines_with(pattern: re.Pattern[str], paths: Iterator[Path]) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}"
        for path in paths
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1)
        if pattern.search(line)
    ]


def variables_of(page: str) -> set[str]:
    """The variables of settings.md that the settings read: first cells, but the last section's."""
    rows = re.findall(r"^\| (`[^|]+) \|", page.partition("## Read by others")[0], re.MULTILINE)
    return {name for row in rows for name in re.findall(r"`([A-Z_]+)`", row)}


def test_every_variable_is_described_and_every_described_one_is_read() -> None:
    page = (ROOT / "docs/settings.md").read_text("utf-8")
    assert variables_of(page) == environ.READ


def test_every_secret_variable_is_marked() -> None:
    page = (ROOT / "docs/settings.md").read_text("utf-8")
    marked = set(re.findall(r"^\| `([A-Z_]+)` \| \*\*Secret", page, re.MULTILINE))
    secret = re.compile(r"_KEY|JWK|_SECRET|PASSWORD|DATABASE_URL|REDIS_URL|OIDC_PROVIDERS")
    looks = {name for name in environ.READ if secret.search(name)}
    assert marked == looks


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    call_command("makemigrations", "--check", "--dry-run", stdout=StringIO())


def names_in(text: str) -> set[str]:
    """Names of templates, written out in code or in a template."""
    return set(re.findall(r"[\"']((?:[\w-]+/)*[\w-]+\.(?:html|txt))(?:#[\w-]+)?[\"']", text))


def test_every_template_is_used() -> None:
    folder = ROOT / "templates"
    ours = {path.relative_to(folder).as_posix() for path in folder.rglob("*.*")}
    # Named by Django and allauth themselves.
    known = {"400.html", "403.html", "404.html", "429.html", "500.html", "403_csrf.html"}
    allauths = ("account/", "mfa/", "socialaccount/", "usersessions/")
    known |= {name for name in ours if name.startswith((*allauths, "allauth/", "admin/"))}
    used: set[str] = set()
    for place in ("templates", "portal", "staff", "clients", "dialogs"):
        for path in (ROOT / place).rglob("*"):
            if path.suffix in {".py", ".html", ".txt"}:
                used |= names_in(path.read_text("utf-8"))
    assert sorted(ours - used - known) == []


def test_nothing_is_left_for_later_in_the_code() -> None:
    assert lines_with(UNFINISHED, files()) == []


def test_no_registry_is_named() -> None:
    assert lines_with(REGISTRY, files()) == []


def test_the_npm_lock_holds_hashes_and_no_address() -> None:
    lock = (ROOT / "package-lock.json").read_text("utf-8")
    assert '"resolved"' not in lock
    assert lock.count('"integrity"') > 10


@pytest.mark.parametrize("name", ["constraints.txt", "constraints-dev.txt"])
def test_the_python_lock_pins_everything_with_hashes_and_names_no_index(name: str) -> None:
    text = (ROOT / name).read_text("utf-8").replace("\\\n", " ")
    packages = [line for line in text.splitlines() if line and not line.startswith(("#", " "))]
    assert len(packages) > 30
    for line in packages:
        assert re.match(r"[\w.-]+==\S+ ", line), line
        assert "--hash=sha256:" in line, line
    assert not re.search(r"^\s*(--index|--extra|--find|-i |-f )|://", text, re.MULTILINE)


def test_the_running_lock_is_part_of_the_lock_for_work() -> None:
    def pins(name: str) -> set[str]:
        return set(re.findall(r"^([\w.-]+==\S+)", (ROOT / name).read_text("utf-8"), re.MULTILINE))

    assert pins("constraints.txt") <= pins("constraints-dev.txt")


def test_imports_point_one_way_and_nobody_knows_the_sandbox() -> None:
    result = subprocess.run(
        [BIN / "lint-imports", "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout


def decisions() -> list[Path]:
    return sorted((ROOT / "docs/adr").glob("*.md"))


def test_decisions_are_numbered_without_a_gap() -> None:
    numbers = [int(path.name[:4]) for path in decisions()]
    assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize("path", decisions(), ids=lambda path: path.name)
def test_a_decision_says_what_why_and_what_follows(path: Path) -> None:
    text = path.read_text("utf-8")
    assert re.match(rf"# {path.name[:4]}\. \S", text)
    assert re.search(r"^Date: 20\d\d-\d\d-\d\d$", text, re.MULTILINE)
    headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert headings == ["Status", "Context", "Decision", "Consequences"]


def test_the_changelog_begins_with_what_is_not_released() -> None:
    text = (ROOT / "CHANGELOG.md").read_text("utf-8")
    headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert headings[0] == "Unreleased"
    assert set(re.findall(r"^### (.+)$", text, re.MULTILINE)) <= {"New", "Changed", "Fixed"}


def test_tests_cannot_reach_the_world() -> None:
    with (
        socket.socket() as outside,
        pytest.raises(SocketConnectBlockedError),
        pytest.warns(UserWarning, match="192.0.2.1"),
    ):
        outside.connect(("192.0.2.1", 443))


def test_the_settings_pass_djangos_own_check_for_deployment() -> None:
    environment = os.environ | {
        "PUBLIC_URL": "https://portal.example.no",
        "SECRET_KEY": secrets.token_urlsafe(60),
        "SEALING_KEY": secrets.token_urlsafe(60),
        "WEBHOOK_KEY": secrets.token_urlsafe(60),
        "DEBUG": "no",
    }
    result = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("language", catalogs.LANGUAGES)
def test_every_text_on_screen_is_translated(language: str) -> None:
    assert catalogs.missing(language) == []


@pytest.mark.parametrize("language", catalogs.LANGUAGES)
def test_no_catalogue_keeps_texts_that_are_gone(language: str) -> None:
    known = {message.id for message in catalogs.read(language) if message.id}

    assert known == set(catalogs.texts())


def test_a_text_without_a_translation_or_with_other_values_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wanted: dict[catalogs.Text, set[str]] = {"Ikke oversatt %(n)s": {"et sted"}}
    monkeypatch.setattr(catalogs, "texts", lambda: wanted)
    assert len(catalogs.missing("nn")) == 1

    catalog = catalogs.read("nn")
    catalog.add("Ikke oversatt %(n)s", "Ikkje omsett %(m)s")
    monkeypatch.setattr(catalogs, "read", lambda _language: catalog)
    assert len(catalogs.missing("nn")) == 1

    catalog["Ikke oversatt %(n)s"].string = "Ikkje omsett %(n)s"
    assert catalogs.missing("nn") == []


def test_no_text_hides_in_an_f_string() -> None:
    hidden = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for folder in ("clients", "dialogs", "portal", "staff")
        for path in (ROOT / folder).rglob("*.py")
        for string in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(string, ast.JoinedStr)
        for node in ast.walk(string)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in catalogs.KEYWORDS
    ]

    assert hidden == []


def test_what_the_security_page_says_is_tested_has_its_tests() -> None:
    page = (ROOT / "SECURITY.md").read_text("utf-8")
    named = re.findall(r"`(tests/[\w./-]+)`", page)

    assert len(named) > 20
    assert [path for path in named if not (ROOT / path).exists()] == []
