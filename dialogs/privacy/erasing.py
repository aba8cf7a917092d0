"""Erase a client who has left: name, dialogs, files and notes. How many there were is kept.

Done by itself some years after it was archived, or by an administrator before. The audit log keeps
what was done for the client, by its number, for as long as the log keeps anything.
"""

from collections import Counter
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, Q, QuerySet
from django.db.models.functions import TruncYear
from django.utils import timezone
from django.utils.translation import gettext as _

from clients.models import (
    Access,
    AddingItem,
    Alarm,
    Candidate,
    Client,
    ClientHold,
    DelegationSnapshot,
    ErasedClient,
    GrantedPackages,
    ImportLine,
    SystemUserRequest,
)
from dialogs.files.archive import storage
from dialogs.models import (
    ArchivedFile,
    DeadlineCount,
    Dialog,
    FolderCount,
    Note,
    ResponsibleCount,
    ServiceAction,
)
from staff import audit
from staff.models import User

ERASED, HELD, RELEASED = "client erased", "client held", "client released"
AT_ONCE = 500  # dialogs
_FORGET_EVENTS = """
DELETE FROM dialogs_inboundevent
WHERE EXISTS (SELECT FROM unnest(%s::bytea[]) urn WHERE position(urn IN body) > 0)
"""


class Kept(Exception):
    """Why a client cannot be erased now, in words for the screen."""


def why_kept(client: Client) -> str:
    """Return why a client is not to be erased, whoever asks; nothing when it may be."""
    if client.archived_at is None:
        return _("Klienten er ikke arkivert.")
    if ErasedClient.objects.filter(client=client, at__isnull=False).exists():
        return _("Klienten er slettet fra før.")
    if ClientHold.objects.filter(client=client).exists():
        return _("Sletting er stanset.")
    listed = Access.objects.filter(party__client=client, lost_at=None, system_user__is_active=True)
    if listed.exists():
        return _("Altinn lar oss fortsatt lese klienten. Fjern den fra systembrukeren først.")
    return ""


def erase_on(client: Client) -> date | None:
    """Return the day from which an archived client is erased by itself."""
    if client.archived_at is None:
        return None
    day = timezone.localdate(client.archived_at)
    return day.replace(year=day.year + settings.CLIENT_KEEP_YEARS, day=min(day.day, 28))


def to_erase(*, today: date) -> list[Client]:
    """Return the clients whose time is out and that nothing keeps."""
    archived = Client.objects.filter(archived_at__isnull=False, erased__at=None, hold=None)
    due = [one for one in archived.order_by("pk") if (day := erase_on(one)) and day <= today]
    return [one for one in due if not why_kept(one)]


def erase(client: Client, *, actor: User | None, now: datetime) -> dict[str, int]:
    """Erase a client, some dialogs at a time; return how much there was of what.

    A process that is killed has left the rest to be erased the next time.

    Raises:
        Kept: it is not to be erased.
    """
    if why := why_kept(client):
        raise Kept(why)
    begun, _is_new = ErasedClient.objects.get_or_create(
        client=client, defaults={"by": actor, "counts": _count(client)}
    )
    for row in ArchivedFile.objects.filter(client=client):
        storage().delete(row.stored_as)
    dialogs = Dialog.objects.filter(client=client)
    while keys := list(dialogs.order_by("pk").values_list("pk", flat=True)[:AT_ONCE]):
        with transaction.atomic():
            ServiceAction.objects.filter(dialog__in=keys).delete()
            ArchivedFile.objects.filter(dialog__in=keys).delete()
            Dialog.objects.filter(pk__in=keys).delete()
    with transaction.atomic():
        _forget_around(client)
        client.parties.all().delete()
        _empty(client)
        ErasedClient.objects.filter(pk=begun.pk).update(at=now)
        about, counts = f"client {client.pk}", begun.counts
        audit.record(actor=actor, act=ERASED, about=about, now=now, **counts)
    return dict(counts)


def _count(client: Client) -> dict[str, int]:
    dialogs = Dialog.objects.filter(client=client)
    years = dialogs.annotate(year=TruncYear("created_at")).values_list("year").annotate(Count("pk"))
    by_year = Counter({f"dialogs_{year.year}": count for year, count in years})
    return {
        "dialogs": dialogs.count(),
        **by_year,
        "files": ArchivedFile.objects.filter(client=client).count(),
        "notes": Note.objects.filter(Q(client=client) | Q(dialog__in=dialogs)).count(),
        "actions": ServiceAction.objects.filter(dialog__in=dialogs).count(),
    }


def _forget_around(client: Client) -> None:
    """Remove what else tells of it: events as received, lists it was found or brought in."""
    for table in (FolderCount, DeadlineCount, ResponsibleCount):
        table.objects.filter(client_id=client.pk).delete()
    urns = [urn.encode() for urn in client.parties.values_list("urn", flat=True)]
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '10min'")  # of all, there is no index
        cursor.execute(_FORGET_EVENTS, [urns])
    Alarm.objects.filter(client=client).delete()
    ImportLine.objects.filter(client=client).delete()
    numbers = set(client.parties.values_list("orgnr", flat=True)) | {client.orgnr or ""}
    for number in numbers - {""}:
        around: tuple[QuerySet[Any, Any], ...] = (
            Candidate.objects.filter(orgnr=number),
            AddingItem.objects.filter(orgnr=number),
            ImportLine.objects.filter(orgnr=number),
            GrantedPackages.objects.filter(orgnr=number),
            DelegationSnapshot.objects.filter(orgnr=number),
            SystemUserRequest.objects.filter(party_orgnr=number),
        )
        for rows in around:
            rows.delete()


def _empty(client: Client) -> None:
    client.members.clear()
    client.area_responsibles.all().delete()
    client.followers.all().delete()
    client.category_restrictions.all().delete()
    if hasattr(client, "register_state"):
        client.register_state.delete()
    Note.objects.filter(client=client).delete()
    Client.objects.filter(pk=client.pk).update(
        orgnr=None,
        name=_("Slettet klient %(number)s") % {"number": client.pk},
        responsible=None,
        substitute=None,
        team=None,
        is_firm=False,
    )


def hold(client: Client, why: str, *, actor: User, now: datetime) -> None:
    """Let nothing of a client be erased until somebody says so."""
    with transaction.atomic():
        values = {"why": why, "by": actor, "since_at": now}
        _held, is_new = ClientHold.objects.get_or_create(client=client, defaults=values)
        if is_new:
            audit.record(actor=actor, act=HELD, about=f"client {client.pk}", now=now)


def release(client: Client, *, actor: User, now: datetime) -> None:
    with transaction.atomic():
        removed, _tables = ClientHold.objects.filter(client=client).delete()
        if removed:
            audit.record(actor=actor, act=RELEASED, about=f"client {client.pk}", now=now)
