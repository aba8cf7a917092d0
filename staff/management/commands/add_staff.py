"""Give somebody on the staff an account, or change one. Passwords never stand on a command line."""

import sys
from argparse import BooleanOptionalAction
from pathlib import Path
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone, translation

from staff import audit
from staff.models import Team, User


class Command(BaseCommand):
    help = (
        "Add somebody who logs in with an e-mail address. Run again with the same address, it "
        "changes what is given and leaves the rest, the password too unless --reset-password."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="the address they log in with")
        parser.add_argument("--first-name", metavar="NAME")
        parser.add_argument("--last-name", metavar="NAME")
        parser.add_argument(
            "--role",
            choices=["accountant", "manager", "admin", "auditor"],
            help="admin registers, manager sees all clients, auditor sees them and changes "
            "nothing; the default is accountant",
        )
        parser.add_argument(
            "--all-clients",
            action=BooleanOptionalAction,
            help="an accountant who sees every client; or an auditor who does not",
        )
        parser.add_argument(
            "--team",
            metavar="NAME",
            action="append",
            default=[],
            help="a team they are in; made if there is none yet; may be repeated",
        )
        password = parser.add_mutually_exclusive_group()
        password.add_argument(
            "--password-file", metavar="FILE", type=Path, help="a file with the password, one line"
        )
        password.add_argument(
            "--password-stdin", action="store_true", help="read the password from standard input"
        )
        parser.add_argument(
            "--reset-password", action="store_true", help="also when they have one already"
        )

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        email = options["email"].strip().lower()
        try:
            validate_email(email)
        except ValidationError:
            raise CommandError(f"“{email}” is not an e-mail address.") from None
        password = _password(options)
        user = User.objects.select_for_update(of=("self",)).filter(email__iexact=email).first()
        is_new = user is None
        if user is None:
            user = User.objects.create_user(email)
        _change(user, options)
        sets_password = bool(password) and (is_new or options["reset_password"])
        if sets_password:
            _check_password(password, user)
            user.set_password(password)
        user.save()
        user.teams.add(*[Team.objects.get_or_create(name=name)[0] for name in options["team"]])
        act = "user added" if is_new else "user changed"
        about, role = f"user {user.pk}", user.role
        now = timezone.now()
        audit.record(
            actor=None, act=act, about=about, now=now, role=role, password_set=sets_password
        )
        self.stdout.write(f"{'Added' if is_new else 'Changed'} {user.email} ({role.lower()}).")
        self._say_of_password(user, was_given=bool(password), was_set=sets_password)

    def _say_of_password(self, user: User, *, was_given: bool, was_set: bool) -> None:
        if was_given and not was_set:
            self.stdout.write("The password was kept. Add --reset-password to change it.")
        elif not user.has_usable_password():
            self.stdout.write("Without a password they cannot log in yet.")


def _change(user: User, options: dict[str, Any]) -> None:
    """Set what was given, and leave the rest."""
    if options["role"] == "auditor" and user.role != User.Role.AUDITOR:
        user.sees_all_clients = True
    given = {
        "first_name": options["first_name"],
        "last_name": options["last_name"],
        "role": options["role"] and options["role"].upper(),
        "sees_all_clients": options["all_clients"],
    }
    for name, value in given.items():
        if value is not None:
            setattr(user, name, value)


def _password(options: dict[str, Any]) -> str:
    """Read the password from where it was put; empty if none was given."""
    path: Path | None = options["password_file"]
    if path is None and not options["password_stdin"]:
        return ""
    try:
        text = path.read_text(encoding="utf-8") if path else sys.stdin.read()
    except OSError as exc:
        raise CommandError(f"{path} cannot be read: {exc.strerror}.") from None
    except UnicodeDecodeError:
        raise CommandError("The password is not UTF-8 text.") from None
    password = text.rstrip("\r\n")
    if not password or "\n" in password:
        raise CommandError("The password must be one line, and not empty.")
    return password


def _check_password(password: str, user: User) -> None:
    with translation.override("en"):
        try:
            validate_password(password, user)
        except ValidationError as exc:
            raise CommandError(f"The password was not accepted. {' '.join(exc.messages)}") from None
