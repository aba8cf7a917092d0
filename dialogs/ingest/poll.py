"""Ask for what changed, event or no event: the safety net under the pushes.

Every access remembers how far it is safely read. A poll starts ten minutes before that, as events
and index may lag; what comes twice costs nothing.
"""

from collections.abc import Sequence
from datetime import datetime

from altinn.dialogporten import DialogStatus, EndUser, Search
from clients.models import Access
from dialogs.ingest.events import Need, ask
from dialogs.ingest.refresh import OVERLAP, PAGE
from dialogs.ingest.store import store
from dialogs.models import Dialog


def poll(api: EndUser, accesses: Sequence[Access], *, now: datetime) -> int:
    """Read what changed for at most 100 accesses of one system user; return how many dialogs.

    How far we are is moved only after the last page.
    """
    since = min(access.polled_until_at or access.found_at for access in accesses)
    latest = since
    count = 0
    search = Search(
        party=tuple(access.party.urn for access in accesses),
        updated_after=since - OVERLAP,
        order_by="updatedAt_asc,id_asc",
        limit=PAGE,
    )
    for page in api.pages(search):
        store(page.items, accesses=accesses, read_at=now, now=now)
        count += len(page.items)
        latest = max([latest, *(one.item.updated_at for one in page.items)])
    Access.objects.filter(pk__in=[access.pk for access in accesses]).update(polled_until_at=latest)
    return count


def reread_open(api: EndUser, accesses: Sequence[Access], *, now: datetime) -> int:
    """Look again at what still requires attention: owners change that silently.

    A dialog that no longer answers to «requires attention» is asked for by itself.
    """
    search = Search(
        party=tuple(access.party.urn for access in accesses),
        status=(DialogStatus.REQUIRES_ATTENTION,),
        order_by="createdAt_asc,id_asc",
        limit=PAGE,
    )
    still = set()
    for page in api.pages(search):
        store(page.items, accesses=accesses, read_at=now, now=now)
        still |= {one.item.id for one in page.items}
    held = Dialog.objects.filter(
        access__in=accesses,
        status=Dialog.Status.REQUIRES_ATTENTION,
        gone_at=None,
        read_at__lte=now,
    ).exclude(pk__in=still)
    needs: dict[tuple[int, str], Need] = {}
    for pk, access, resource in held.values_list("pk", "access_id", "service__urn"):
        needs.setdefault((access, resource), Need(now, now)).dialog_ids.add(pk)
    ask(needs)
    return len(needs)
