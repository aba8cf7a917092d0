"""Push events as Altinn would, without a web server in between, and drain."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from clients import actions, connect
from clients.models import Access, SystemUser
from dialogs import tasks
from dialogs.ingest import events, refresh
from dialogs.models import InboundEvent
from dialogs.webhook import identity_of
from tests.stand_in import Altinn

Push = Callable[..., InboundEvent]


def accept(body: bytes) -> InboundEvent:
    """Write a push down as the webhook does."""
    source, event_id = identity_of(body)
    row, _ = InboundEvent.objects.get_or_create(
        ce_source=source,
        ce_id=event_id,
        defaults={
            "received_at": timezone.now(),
            "next_at": timezone.now(),
            "subscription_id": UUID(int=0),
            "body": body,
        },
    )
    return row


@pytest.fixture
def push(db: None) -> Push:
    """Push an event about a list item (or anything with party, resource and id)."""

    def _push(item: dict[str, Any], kind: str = "updated", **more: Any) -> InboundEvent:
        source = f"https://platform.altinn.no/dialogporten/api/v1/enduser/dialogs/{item['id']}"
        event = {
            "specversion": "1.0",
            "id": str(uuid4()),
            "type": f"dialogporten.dialog.{kind}.v1",
            "time": item.get("updatedAt", timezone.now().isoformat()),
            "resource": item["serviceResource"],
            "resourceinstance": item["id"],
            "subject": item["party"],
            "source": source,
        }
        return accept(json.dumps(event | more).encode())

    return _push


def drain(*, later: timedelta = timedelta(0)) -> None:
    """Do all that is due, and what becomes due within `later`."""
    at = timezone.now() + later
    for _ in range(50):
        if not events.take_in(now=at) + refresh.refresh(now=at):
            return
    pytest.fail("the drain never ends")


@pytest.fixture
def registered(agent: SystemUser, now: datetime) -> SystemUser:
    """The agent with all its clients registered; nothing read yet."""
    with connect.end_user(agent) as api:
        actions.keep_in_step(agent, api.parties(), now=now)
    return agent


@pytest.fixture
def synced(registered: SystemUser, altinn: Altinn) -> SystemUser:
    """The agent with everything read once."""
    tasks.load_new()
    assert not Access.objects.current().filter(loaded_at=None).exists()
    altinn.delete("/requests")
    return registered


def altinns_id(altinn: Altinn, system_user: SystemUser) -> str:
    """The id Altinn has for one of our system users."""
    return next(
        str(one["id"])
        for one in altinn.system_users()
        if one["external_ref"] == system_user.external_ref
    )
