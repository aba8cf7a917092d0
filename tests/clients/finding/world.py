"""The firm of the world `onboarding`: approved system users, and a person who adds clients."""

import base64
import hashlib
import secrets
from collections.abc import Generator
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import httpx
from django.conf import settings
from django.utils import timezone

from altinn.delegation import Agent, ClientDelegation, Delegable
from altinn.errors import AltinnError
from clients.finding import snapshots
from clients.models import AddingItem, AddingRun, Firm, SystemUser, SystemUserRequest, VendorKey
from clients.setup import registering, requesting
from clients.setup.packages import FROM_ROLE
from staff.models import User
from tests.stand_in import Altinn

MAIL = ["ordinaer-post-til-virksomheten", "post-til-virksomheten-med-taushetsbelagt-innhold"]
_REDIRECT = "http://127.0.0.1:1/tilbake"
_SCOPES = "openid altinn:clientdelegations.read altinn:clientdelegations.write"


def register_system(key: VendorKey, altinn: Altinn, admin: User) -> None:
    firm = altinn.credentials()["firm"]
    Firm.objects.create(orgnr=firm["orgnr"], name=firm["name"])
    registering.register(
        key.client,
        system_id=registering.system_id_of(key.client, "portalen"),
        name="Regnskapsportalen",
        packages=[*FROM_ROLE, *MAIL],
        actor=admin,
        now=timezone.now(),
    )


def approved(altinn: Altinn, admin: User, area: str, packages: list[str]) -> SystemUser:
    """An agent system user that the firm has asked for and approved."""
    request: SystemUserRequest = requesting.write_down(
        kind=SystemUser.Kind.AGENT,
        party_orgnr=Firm.get().orgnr,
        area=area,
        adds_clients=False,
        packages=packages,
        actor=admin,
        now=timezone.now(),
    )
    request = requesting.send(request, actor=admin, now=timezone.now())
    altinn.post("/access-requests", {"id": str(request.altinn_id), "do": "approve"})
    made = requesting.check(request, now=timezone.now()).system_user
    assert made is not None
    return made


class _Bearer(httpx.Auth):
    def __init__(self, token: str) -> None:
        self._token = token

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers["Authorization"] = f"Bearer {self._token}"
        yield request


class Administrator:
    """The firm's client administrator, logged in with ID-porten."""

    def __init__(self, altinn: Altinn) -> None:
        self._altinn = altinn
        self._http = httpx.Client(base_url=altinn.base_url, timeout=30, trust_env=False)
        self.api = ClientDelegation(self._http, settings.ALTINN, _Bearer(self._log_in()))

    def _log_in(self) -> str:
        known = self._altinn.credentials()
        own, person = known["idporten"], known["people"][0]
        self._altinn.post("/idporten", {"redirect_uris": [_REDIRECT]})
        verifier = secrets.token_urlsafe(32)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest())
        asked = {
            "response_type": "code", "client_id": own["client_id"], "redirect_uri": _REDIRECT,
            "scope": _SCOPES, "state": "s" * 8, "nonce": "n" * 8, "code_challenge_method": "S256",
            "code_challenge": challenge.decode().rstrip("="), "acr_values": "idporten-loa-high",
        }  # fmt: skip
        form = {"person": person["pid"], "acr": "idporten-loa-high", "do": "login"}
        back = self._http.post("/idporten/authorize", params=asked, data=form)
        code = parse_qs(urlsplit(back.headers["Location"]).query)["code"][0]
        tokens = self._http.post(
            "/idporten/token",
            data={
                "grant_type": "authorization_code", "code": code, "redirect_uri": _REDIRECT,
                "code_verifier": verifier, "client_id": own["client_id"],
                "client_secret": own["client_secret"],
            },
        ).json()  # fmt: skip
        exchanged = self._http.get(
            "/authentication/api/v1/exchange/id-porten",
            headers={"Authorization": f"Bearer {tokens['access_token']}"},
        )
        return exchanged.text

    def close(self) -> None:
        self._http.close()

    def agent(self, system_user: SystemUser) -> UUID:
        agents: list[Agent] = self.api.agents(system_user.owner_orgnr)
        return next(one.id for one in agents if one.external_ref == system_user.external_ref)

    def add(self, system_user: SystemUser, orgnrs: set[str], *, on_behalf_of: User) -> None:
        """Add clients, and write down those Altinn refuses as the queue does."""
        agent = self.agent(system_user)
        for one in self.api.available(agent):
            if one.orgnr not in orgnrs:
                continue
            try:
                self.api.add(agent, one.party_uuid)
            except AltinnError as exc:
                _note_refusal(system_user, one, exc, on_behalf_of)

    def read(self, *system_users: SystemUser) -> None:
        """Have the lists read, as the queue that adds clients does."""
        for system_user in system_users:
            agent = self.agent(system_user)
            snapshots.save(
                system_user,
                available=[(o.party_uuid, o.orgnr, o.name) for o in self.api.available(agent)],
                added=[(o.party_uuid, o.orgnr, o.name) for o in self.api.added(agent)],
                now=timezone.now(),
            )


def _note_refusal(system_user: SystemUser, client: Delegable, exc: AltinnError, user: User) -> None:
    now = timezone.now()
    run = AddingRun.objects.create(
        system_user=system_user, started_by=user, person=user, created_at=now,
        state=AddingRun.State.FINISHED, finished_at=now,
    )  # fmt: skip
    AddingItem.objects.create(
        run=run, party_uuid=client.party_uuid, orgnr=client.orgnr, name=client.name,
        state=AddingItem.State.REFUSED, code=exc.code or "", tried_at=now,
    )  # fmt: skip
