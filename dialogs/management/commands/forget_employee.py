"""Forget somebody whose account is closed: name, address and everything personal."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from dialogs.privacy import forgetting
from staff.models import User


class Command(BaseCommand):
    help = (
        "Take away the name and the address of somebody who has left, and everything personal. "
        "What they did stays in the audit log, as done by their number."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="the address they logged in with")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(email__iexact=options["email"]).first()
        if user is None:
            raise CommandError("Nobody has that address.")
        try:
            forgetting.forget(user, actor=None, now=timezone.now())
        except forgetting.StillHere:
            raise CommandError("The account is in use: close it first.") from None
        self.stdout.write(f"Forgotten. What they did is told of number {user.pk}.")
