"""Erase a client who has left: name, dialogs, files and notes."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone, translation

from clients.models import Client
from dialogs.privacy import erasing


class Command(BaseCommand):
    help = (
        "Erase an archived client for good, without waiting for its time to be out. How many "
        "dialogs, files and notes there were is kept."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("number", type=int, help="the client's number, as in its address")

    def handle(self, *args: Any, **options: Any) -> None:
        client = Client.objects.filter(pk=options["number"]).first()
        if client is None:
            raise CommandError("There is no such client.")
        with translation.override("en"):
            try:
                counts = erasing.erase(client, actor=None, now=timezone.now())
            except erasing.Kept as exc:
                raise CommandError(str(exc)) from None
        told = ", ".join(f"{count} {what}" for what, count in counts.items() if count)
        self.stdout.write(f"Erased client {client.pk}: {told or 'nothing but its name'}.")
