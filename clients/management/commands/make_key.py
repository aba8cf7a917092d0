"""Make the key the portal signs with, and print the half to register in Maskinporten."""

import json
import os
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from altinn.maskinporten import Key, new_key


class Command(BaseCommand):
    help = (
        "Make an RSA key. The private JWK goes to a new file that only its owner can read; the "
        "public JWK is printed, to be registered on the client in Maskinporten's self-service. If "
        "the file holds a key already, that key is kept and its public half is printed."
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--kid",
            metavar="NAME",
            help="the key's name, unique among all of Maskinporten's customers (default: random)",
        )
        parser.add_argument(
            "--private",
            metavar="FILE",
            required=True,
            type=Path,
            help="where the private JWK is written, with mode 600: MASKINPORTEN_JWK_FILE's value",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        kid: str | None = options["kid"]
        path: Path = options["private"]
        if kid is not None and not kid.strip():
            raise CommandError("The kid is empty. Give it a name, or leave --kid out.")
        key = _key_in(path, kid) if path.exists() else _write(new_key(kid), path)
        self.stdout.write(json.dumps(key.public_jwk(), indent=2))
        self.stderr.write(f"The private key is in {path}. Register the public one above.")
        if path.stat().st_mode & 0o077:
            self.stderr.write("It can be read by others, unless its folder keeps them out.")


def _key_in(path: Path, kid: str | None) -> Key:
    try:
        key = Key.from_file(path)
    except (ValueError, OSError):
        msg = f"{path} exists and is not a private key that can be read. It was left as it is."
        raise CommandError(msg) from None
    if kid not in {None, key.kid}:
        msg = f"{path} holds another key, with the kid {key.kid}. It was left as it is."
        raise CommandError(msg)
    return key


def _write(key: Key, path: Path) -> Key:
    """Write the private key where nothing is, readable by its owner alone from the start."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(key.private_jwk(), file)
    except OSError as exc:
        raise CommandError(f"{path} cannot be written: {exc.strerror}.") from None
    return key
