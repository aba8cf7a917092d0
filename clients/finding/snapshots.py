"""What a person's token last showed of the clients an agent system user has or could be given."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction

from clients.models import DelegationReading, DelegationSnapshot, SystemUser

Client = tuple[UUID, str, str]  # party uuid, organisation number, name


def save(
    system_user: SystemUser, *, available: Iterable[Client], added: Iterable[Client], now: datetime
) -> None:
    """Replace what is known of an agent's clients. Those added may be among the available too."""
    rows = {client[0]: (client, False) for client in available}
    rows |= {client[0]: (client, True) for client in added}
    with transaction.atomic():
        DelegationReading.objects.update_or_create(
            system_user=system_user, defaults={"read_at": now}
        )
        system_user.delegation_snapshots.all().delete()
        DelegationSnapshot.objects.bulk_create(
            DelegationSnapshot(
                system_user=system_user,
                party_uuid=party_uuid,
                orgnr=orgnr,
                name=name[:255],
                is_added=is_added,
                read_at=now,
            )
            for (party_uuid, orgnr, name), is_added in rows.values()
        )
