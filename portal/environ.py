"""Read per-machine values from environment variables, and say clearly which one is missing.

Each variable that is read is remembered in `READ`, so that a test can hold docs/settings.md to it.
A variable NAME may also be given as NAME_FILE, the path of a file with the value: the way
container platforms hand over secrets.
"""

import os
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

READ: set[str] = set()


def text(name: str, default: str | None = None) -> str:
    """Return the variable, its file's content, or the default.

    Raises:
        ImproperlyConfigured: it is missing and has no default, or its file cannot be read.
    """
    READ.add(name)
    if path := os.environ.get(f"{name}_FILE"):
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as exc:
            msg = f"{name}_FILE is {path}, which cannot be read: {exc.strerror}."
            raise ImproperlyConfigured(msg) from exc
    if value := os.environ.get(name):
        return value
    if default is None:
        msg = (
            f"Set the environment variable {name} (or {name}_FILE). docs/settings.md describes it."
        )
        raise ImproperlyConfigured(msg)
    return default


def flag(name: str, *, default: bool) -> bool:
    """Return a yes/no variable.

    Raises:
        ImproperlyConfigured: the value is neither.
    """
    value = text(name, "yes" if default else "no").lower()
    if value in {"1", "yes", "true", "on"}:
        return True
    if value in {"0", "no", "false", "off"}:
        return False
    msg = f"{name} is «{value}». Use yes or no."
    raise ImproperlyConfigured(msg)


def number(name: str, default: int) -> int:
    """Return a whole number.

    Raises:
        ImproperlyConfigured: the value is not one.
    """
    value = text(name, str(default))
    try:
        return int(value)
    except ValueError as exc:
        msg = f"{name} is «{value}». Use a whole number."
        raise ImproperlyConfigured(msg) from exc


def choice(name: str, default: str, *others: str) -> str:
    """Return a variable that is one of a few words.

    Raises:
        ImproperlyConfigured: it is another.
    """
    value = text(name, default)
    if value in (default, *others):
        return value
    msg = f"{name} is «{value}». Use {', '.join((default, *others))}."
    raise ImproperlyConfigured(msg)


def several(name: str, known: tuple[str, ...]) -> list[str]:
    """Return which of the known words a variable names; all when it is not set, none for «none».

    Raises:
        ImproperlyConfigured: it names another.
    """
    value = text(name, ",".join(known)).upper()
    chosen = [] if value == "NONE" else [part.strip() for part in value.split(",")]
    if set(chosen) <= set(known):
        return chosen
    msg = f"{name} is «{value}». Use none, or some of {', '.join(known)}."
    raise ImproperlyConfigured(msg)


def words(name: str, default: str = "") -> list[str]:
    """Return a comma-separated list, empty parts removed."""
    return [part.strip() for part in text(name, default).split(",") if part.strip()]


def database(url: str) -> dict[str, object]:
    """Turn postgresql://user:password@host:port/name?host=/socket/folder into Django's settings.

    Raises:
        ImproperlyConfigured: it is not a PostgreSQL address.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"postgresql", "postgres"} or not parts.path.strip("/"):
        msg = "DATABASE_URL must look like postgresql://user:password@host:5432/name."
        raise ImproperlyConfigured(msg)
    query = parse_qs(parts.query)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.get("host", [unquote(parts.hostname or "")])[0],
        "PORT": query.get("port", [str(parts.port or "")])[0],
    }
