"""A firm with an agent system user that has no clients yet, and an administrator at ID-porten."""

import re
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from django.conf import settings as portal_settings
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from clients.adding import lists, person
from clients.models import (
    AddingRun,
    Client,
    DelegationSnapshot,
    Firm,
    SystemRegistration,
    SystemUser,
    SystemUserRequest,
    VendorClient,
)
from clients.setup import registering, requesting
from clients.setup.packages import FROM_ROLE
from staff.models import User
from tests.clients.conftest import Browse
from tests.stand_in import Altinn

SUBSTANTIAL = "idporten-loa-substantial"


@pytest.fixture
def system(db: None, altinn: Altinn, admin: User) -> SystemRegistration:
    altinn.reset("onboarding", clients=80, dialogs=80)
    return register(altinn, admin)


def register(altinn: Altinn, admin: User) -> SystemRegistration:
    """The firm is known, and the system registered, with the key of the server's settings."""
    known = altinn.credentials()
    Firm.objects.create(**known["firm"])
    vendor = VendorClient.objects.create(
        client_id=known["client_id"], vendor_orgnr=known["vendor_orgnr"]
    )
    return registering.register(
        vendor,
        system_id=registering.system_id_of(vendor, "portalen"),
        name="Regnskapsportalen",
        packages=[*FROM_ROLE, "ordinaer-post-til-virksomheten"],
        actor=admin,
        now=timezone.now(),
    )


def approve(altinn: Altinn, request: SystemUserRequest) -> None:
    altinn.post("/access-requests", {"id": str(request.altinn_id), "do": "approve"})


def new_agent(altinn: Altinn, admin: User, area: str = "Post", **more: Any) -> SystemUser:
    """An agent system user that the firm has approved."""
    request = requesting.write_down(
        kind=SystemUser.Kind.AGENT,
        party_orgnr=Firm.get().orgnr,
        area=area,
        adds_clients=False,
        actor=admin,
        now=timezone.now(),
        **{"packages": FROM_ROLE} | more,
    )
    request = requesting.send(request, actor=admin, now=timezone.now())
    approve(altinn, request)
    made = requesting.check(request, now=timezone.now()).system_user
    assert made is not None
    return made


@pytest.fixture
def post(system: SystemRegistration, altinn: Altinn, admin: User) -> SystemUser:
    return new_agent(altinn, admin)


@pytest.fixture
def admins(admin: User, browse: Browse) -> Browser:
    return browse(admin)


def pid_of(altinn: Altinn, *, administers: bool = True) -> str:
    """Somebody at the firm who is its client administrator, or is not."""
    for one in altinn.credentials()["people"]:
        if ("klientadministrator" in one["packages"]) == administers:
            return str(one["pid"])
    raise LookupError


def walk(
    browser: Browser, altinn: Altinn, *, pid: str = "", acr: str = SUBSTANTIAL, **more: str
) -> Any:
    """Go to ID-porten and back as a browser would; return the portal's last answer."""
    begun = browser.get(reverse("clients:idporten-begin"), more)
    there = begun["Location"]
    form = {"person": pid or pid_of(altinn), "acr": acr, "do": "login"}
    answer = httpx.post(there, data=form, trust_env=False)
    return browser.get(answer.headers["Location"].removeprefix(portal_settings.PUBLIC_URL))


@pytest.fixture
def connected(admins: Browser, altinn: Altinn, admin: User) -> User:
    """The administrator, signed in at ID-porten as the firm's client administrator."""
    walk(admins, altinn)
    return admin


@pytest.fixture
def listed(post: SystemUser, connected: User) -> SystemUser:
    """The agent, with its lists read."""
    with person.delegation(connected) as api:
        lists.read(api, post, agent=lists.agent_of(api, post), now=timezone.now())
    return post


def take_on(system_user: SystemUser, *, most: int = 1000) -> list[Client]:
    """Make clients of those that could be added."""
    ready = DelegationSnapshot.objects.filter(system_user=system_user, is_added=False)
    now = timezone.now()
    return [
        Client.objects.create(orgnr=one.orgnr, name=one.name, added_at=now)
        for one in ready.order_by("name")[:most]
    ]


def added(altinn: Altinn, user: User, agent: SystemUser) -> set[str]:
    """The numbers of the clients the agent has, as Altinn says."""
    with person.delegation(user) as api:
        return {one.orgnr for one in api.added(lists.agent_of(api, agent))}


def calls(altinn: Altinn, method: str = "POST") -> list[str]:
    """Which clients were added, a call each, as the stand-in saw it."""
    log = altinn.get("/requests")["log"]
    found = [
        re.search(r"client=([0-9a-f-]{36})", one["query"])
        for one in log
        if one["operation"] == "clientdelegation" and one["method"] == method
    ]
    return [match[1] for match in found if match]


def outcomes(run: AddingRun) -> dict[str, int]:
    states = list(run.items.values_list("state", flat=True))
    return {state: states.count(state) for state in sorted(set(states))}


def path_of(address: str) -> str:
    return urlsplit(address).path
