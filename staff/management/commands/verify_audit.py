"""Look whether the audit log is what was written to it."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from staff import chain


class Command(BaseCommand):
    help = (
        "Work out the digests of the audit log anew and tell what has been changed, removed or "
        "slipped in. Ends with 1 if anything was. Prints the end of the chain: keep it somewhere, "
        "and hold a later log to it with --anchor."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--anchor",
            metavar="POSITION:DIGEST",
            action="append",
            default=[],
            help="an end of the chain that was printed before; may be repeated",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        verdict = chain.verify_all()
        for anchor in options["anchor"]:
            position, _, digest = anchor.partition(":")
            if not position.isdecimal():
                raise CommandError(f"“{anchor}” is not of the form POSITION:DIGEST.")
            if not chain.is_in_chain(int(position), digest):
                verdict.find(f"the chain contradicts the anchor {anchor}")
        self.stdout.write(
            f"{verdict.entries} entries in {verdict.links} links, {verdict.waiting} not linked "
            f"yet, {verdict.emptied} links whose entries were kept for long enough."
        )
        if verdict.end:
            digest = bytes(verdict.end.digest).hex()
            self.stdout.write(f"The chain ends with {verdict.end.position}:{digest}")
        if verdict.faults:
            raise CommandError("The audit log is not as it was:\n" + "\n".join(verdict.faults))
        self.stdout.write("All is as it was written.")
