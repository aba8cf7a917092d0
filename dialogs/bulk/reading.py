"""Read dialogs again after their labels were changed, so that what we hold comes from Altinn.

A changed label moves none of a dialog's times and sends no event: the dialogs are searched for by
when they were created. Marks nothing as seen.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.utils import timezone

from altinn.dialogporten import EndUser, Search, SearchItem
from clients.models import Access, SystemUser
from dialogs.ingest.events import Need, ask
from dialogs.ingest.refresh import MOST_RESOURCES, PAGE
from dialogs.ingest.store import store
from dialogs.models import Dialog

SOON = timedelta(minutes=1)
A_MOMENT = timedelta(milliseconds=1)  # Dialogporten's times are finer than ours


def find(
    api: EndUser,
    system_user: SystemUser,
    dialogs: Sequence[Dialog],
    *,
    believe: Callable[[SearchItem], bool],
) -> dict[UUID, SearchItem]:
    """Return what Altinn has now of at most a hundred dialogs, and keep what we believe of it.

    Needs the dialogs' parties and services.
    """
    parties = {dialog.party_id for dialog in dialogs}
    accesses = list(
        Access.objects.current()
        .filter(system_user=system_user, party__in=parties)
        .select_related("party")
    )
    wanted = {dialog.pk for dialog in dialogs}
    found: dict[UUID, SearchItem] = {}
    for search in _searches(dialogs):
        read_at = timezone.now()
        for page in api.pages(search):
            items = [one for one in page.items if one.item.id not in wanted or believe(one.item)]
            store(items, accesses=accesses, read_at=read_at, now=read_at)
            found |= {one.item.id: one.item for one in page.items if one.item.id in wanted}
            if len(found) == len(wanted):
                return found
    return found


def _searches(dialogs: Sequence[Dialog]) -> Iterator[Search]:
    """Return the fewest searches that cover the dialogs, by service."""
    services = sorted({dialog.service.urn for dialog in dialogs})
    for start in range(0, len(services), MOST_RESOURCES):
        some = tuple(services[start : start + MOST_RESOURCES])
        theirs = [dialog for dialog in dialogs if dialog.service.urn in some]
        created = [dialog.created_at for dialog in theirs]
        yield Search(
            party=tuple(sorted({dialog.party.urn for dialog in theirs})),
            service_resource=some,
            created_after=min(created) - A_MOMENT,
            created_before=max(created) + A_MOMENT,
            order_by="createdAt_asc,id_asc",
            limit=PAGE,
        )


def read_soon(dialogs: Iterable[Dialog], *, now: datetime) -> None:
    """Have dialogs read again in a while: what we were told of them is not what we expected."""
    needs: dict[tuple[int, str], Need] = {}
    for dialog in dialogs:
        key = (dialog.access_id, dialog.service.urn)
        needs.setdefault(key, Need(now, now + SOON)).dialog_ids.add(dialog.pk)
    ask(needs)
