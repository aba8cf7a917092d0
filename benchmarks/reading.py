"""The portal's own processes beside a stand-in for Altinn, with every client read."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.workplace import StandIn, Workplace, processes, wait_until
from portal.demo.servers import free_port


@dataclass(frozen=True)
class Reading:
    """The processes' ids, and where the web server listens."""

    web: int
    worker: int
    port: int


@contextlib.contextmanager
def reading_portal(
    place: Workplace, sandbox: StandIn, database: str, *, children: int = 2
) -> Iterator[Reading]:
    """Run web and worker on a database whose clients are registered, read and subscribed to."""
    from django.conf import settings

    from clients import tasks as clients_tasks
    from clients.models import Subscription
    from dialogs import tasks

    port = free_port(0)
    url = f"http://127.0.0.1:{port}"
    environment = sandbox.environment() | {
        "DATABASE_URL": place.database_url(database),
        "REDIS_URL": place.redis_url,
        "PUBLIC_URL": url,
        "SUBSCRIPTIONS_PER_MINUTE": "60000",
    }
    with processes(place, **environment) as running:
        web = running.start_portal("web", port=port)
        settings.WEBHOOK_URL = url
        settings.SUBSCRIPTIONS_PER_MINUTE = 60_000
        sandbox.register()
        tasks.load_new()
        clients_tasks.create_subscriptions()
        worker = running.start_worker(children=children)
        State = Subscription.State
        unsure = Subscription.objects.filter(state__in=[State.WANTED, State.CREATED])
        wait_until(lambda: not unsure.exists(), "subscriptions to be validated")
        yield Reading(web, worker, port)
