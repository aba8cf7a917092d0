"""The client as the agent's readings leave it: found, and read in full."""

from collections.abc import Iterator

import pytest
from django.utils import timezone

from clients import connect, tasks
from clients.models import Access, Client, SystemUser
from dialogs.ingest import load
from tests.stand_in import Altinn


@pytest.fixture
def agent_id(altinn: Altinn) -> str:
    """Altinn's own id of the agent."""
    return str(next(u for u in altinn.system_users() if u["external_ref"] == "regnskap")["id"])


@pytest.fixture
def expired_key(altinn: Altinn) -> Iterator[str]:
    """Our key, a year too old at Maskinporten. A reset of the stand-in keeps its keys."""
    kid = altinn.credentials()["jwk"]["kid"]
    altinn.post("/keys", {"expire": kid})
    yield kid
    altinn.post("/keys", {"renew": kid})


@pytest.fixture
def client(agent: SystemUser, agent_id: str, altinn: Altinn) -> Client:
    """A client that the agent reads, with dialogs."""
    tasks.keep_parties_in_step()
    listed = altinn.listed(agent_id)
    urn = listed[0]["party"]
    found = Client.objects.get(parties__urn=urn)
    accesses = list(
        Access.objects.filter(party__client=found, system_user=agent).select_related(
            "party", "system_user"
        )
    )
    with connect.end_user(agent) as api:
        load.read_in_full(api, accesses, now=timezone.now())
    return found
