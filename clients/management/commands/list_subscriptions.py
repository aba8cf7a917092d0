"""Show how many subscriptions work, and whether an earlier webhook key is still in use."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Max
from django.utils import timezone

from altinn.errors import AltinnError
from clients import connect
from clients.keeping import reconciling
from clients.keeping.watching import Told
from clients.management.commands._asking import system_users_named
from clients.models import Subscription, SystemUser
from clients.subscribing import counts_of


class Command(BaseCommand):
    help = "Count subscriptions by system user, and tell whether addresses of old are in use."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--system-user", metavar="NAME", help="only this one")
        parser.add_argument(
            "--compare",
            action="store_true",
            help="first compare with Altinn's list: want what is lost, remove what is nobody's",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        for system_user in system_users_named(options["system_user"]):
            if options["compare"]:
                self._compare(system_user)
            self._tell(system_user)

    def _compare(self, system_user: SystemUser) -> None:
        try:
            with connect.subscriptions(system_user) as api:
                found = reconciling.reconcile(api, system_user, now=timezone.now())
        except (AltinnError, connect.NotConfigured) as exc:
            raise CommandError(f"{system_user}: {exc}") from exc
        self.stdout.write(
            f"{system_user}: {found.listed} at Altinn, {found.missing} wanted again, "
            f"{found.stopped} stopped, {len(found.orphans)} that were nobody's removed"
        )

    def _tell(self, system_user: SystemUser) -> None:
        one = Told(system_user, counts_of(system_user.pk))
        self.stdout.write(
            f"{system_user}: {one.working} work, {one.waiting} wait, {one.refused} are read by "
            f"polling alone, {one.stopped} stopped"
        )
        old, under_way = one.counts["old"], one.counts["renewing"]
        ours = Subscription.objects.filter(access__system_user=system_user)
        renewed_at = ours.aggregate(at=Max("renewed_at"))["at"]
        if old:
            self.stdout.write(
                f"  {old} have an address made with an earlier key or for another host, "
                f"{under_way} of them get a new one now: keep the key among the fallbacks"
            )
        elif renewed_at:
            self.stdout.write(
                f"  The last one got its new address {renewed_at:%Y-%m-%d %H:%M %Z}. Two days "
                "after that the earlier key can go: so long Altinn tries again what it has begun"
            )
