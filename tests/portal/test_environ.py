"""Settings from the environment: files for secrets, and one sentence for what is wrong."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from portal import environ

ROOT = Path(__file__).resolve().parents[2]


def test_a_missing_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SECRET_KEY", raising=False)

    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY"):
        environ.text("SECRET_KEY")


def test_a_secret_may_lie_in_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("from the file\n")
    monkeypatch.setenv("SECRET_KEY", "from the environment")
    monkeypatch.setenv("SECRET_KEY_FILE", str(tmp_path / "key"))
    assert environ.text("SECRET_KEY") == "from the file"

    monkeypatch.setenv("SECRET_KEY_FILE", str(tmp_path / "missing"))
    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY_FILE"):
        environ.text("SECRET_KEY")


@pytest.mark.parametrize(("text", "value"), [("yes", True), ("0", False), ("TRUE", True)])
def test_flags_are_yes_or_no(monkeypatch: pytest.MonkeyPatch, text: str, *, value: bool) -> None:
    monkeypatch.setenv("DEBUG", text)
    assert environ.flag("DEBUG", default=not value) is value


def test_a_flag_or_number_that_is_neither_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEBUG", "maybe")
    with pytest.raises(ImproperlyConfigured, match="DEBUG"):
        environ.flag("DEBUG", default=False)
    monkeypatch.setenv("POLL_SECONDS", "often")
    with pytest.raises(ImproperlyConfigured, match="POLL_SECONDS"):
        environ.number("POLL_SECONDS", 1)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgresql://a:p%40ss@db:5433/portal", ("portal", "a", "p@ss", "db", "5433")),
        ("postgres://postgres@/portal?host=/run/pg", ("portal", "postgres", "", "/run/pg", "")),
    ],
)
def test_database_addresses(url: str, expected: tuple[str, ...]) -> None:
    found = environ.database(url)
    assert tuple(found[name] for name in ("NAME", "USER", "PASSWORD", "HOST", "PORT")) == expected


@pytest.mark.parametrize("url", ["sqlite:///x", "postgresql://db:5432", "nonsense"])
def test_only_postgresql_will_do(url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="postgresql://"):
        environ.database(url)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DIALOGPORTEN_URL", "http://platform.altinn.no/dialogporten"),
        ("MASKINPORTEN_TOKEN_URL", "https://test.maskinporten.no/token"),
        ("ALTINN_EVENTS_URL", "ftp://platform.altinn.no/events"),
    ],
)
def test_a_wrong_or_mixed_address_stops_the_portal_with_a_sentence(name: str, value: str) -> None:
    production = {
        "PATH": os.environ["PATH"],
        "SECRET_KEY": "x" * 50,
        "DATABASE_URL": "postgresql://localhost/none",
        "REDIS_URL": "redis://127.0.0.1:1/0",
        name: value,
    }
    done = subprocess.run(
        [sys.executable, "-c", "import portal.settings"],
        cwd=ROOT,
        env=production,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode
    assert "ValueError" in done.stderr.splitlines()[-1]


def test_a_choice_is_one_of_its_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FOUR_EYES", raising=False)
    assert environ.choice("FOUR_EYES", "off", "all") == "off"

    monkeypatch.setenv("FOUR_EYES", "all")
    assert environ.choice("FOUR_EYES", "off", "all") == "all"

    monkeypatch.setenv("FOUR_EYES", "some")
    with pytest.raises(ImproperlyConfigured, match="Use off, all"):
        environ.choice("FOUR_EYES", "off", "all")


def test_a_variable_may_name_some_of_a_few_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environ, "READ", set(environ.READ))
    known = ("ADMIN", "MANAGER")
    assert environ.several("ROLES_OF_TEST", known) == ["ADMIN", "MANAGER"]
    monkeypatch.setenv("ROLES_OF_TEST", "admin")
    assert environ.several("ROLES_OF_TEST", known) == ["ADMIN"]
    monkeypatch.setenv("ROLES_OF_TEST", "none")
    assert environ.several("ROLES_OF_TEST", known) == []
    monkeypatch.setenv("ROLES_OF_TEST", "admin,boss")
    with pytest.raises(ImproperlyConfigured, match="ADMIN, MANAGER"):
        environ.several("ROLES_OF_TEST", known)
