"""From a firm's number to its first client, over HTTP against the sandbox, with these clients."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID, uuid4

import httpx
import pytest

from altinn import authorized, delegation, systemregister, systemusers
from altinn.authorized import AuthorizedParties
from altinn.delegation import ClientDelegation
from altinn.enhetsregisteret import Enhetsregisteret
from altinn.environment import Environment
from altinn.errors import Misunderstood, NoSystemUser, NotThere, Refused
from altinn.http import open_http
from altinn.idporten import Client, IdPorten, PersonTokens, SignInEnded, bearer
from altinn.keys import Key, new_key
from altinn.maskinporten import Grant, Maskinporten, MemoryTokenCache
from altinn.packages import ACCOUNTANT_PACKAGES
from altinn.systemregister import System, SystemRegister
from altinn.systemusers import Request, RequestStatus, SystemUserRequests, Wish, WishedChange
from tests.stand_in import Altinn

RETURN = "http://127.0.0.1:1/tilbake"
REF = "regnskap"
MAIL = "urn:altinn:accesspackage:ordinaer-post-til-virksomheten"


class Firm:
    """A firm with a vendor's client at Maskinporten, and nothing else yet."""

    def __init__(self, stand_in: Altinn, http: httpx.Client) -> None:
        self.stand_in = stand_in
        self.http = http
        self.known = stand_in.credentials()
        self.orgnr: str = self.known["firm"]["orgnr"]
        self.vendor: str = self.known["vendor_orgnr"]
        self.system_id = f"{self.vendor}_portal"
        self.environment = Environment(**stand_in.addresses())
        key = Key.from_jwk(self.known["jwk"])
        self.maskinporten = Maskinporten(
            self.environment, self.known["client_id"], key, MemoryTokenCache(), http
        )
        vendor = self.maskinporten.auth(Grant(scopes=systemregister.SCOPES))
        self.systems = SystemRegister(http, self.environment, vendor)
        vendor = self.maskinporten.auth(Grant(scopes=systemusers.SCOPES))
        self.asking = SystemUserRequests(http, self.environment, vendor)
        self.register = Enhetsregisteret(http, self.environment)

    @property
    def system(self) -> System:
        return System(
            id=self.system_id,
            vendor_orgnr=self.vendor,
            names={"nb": "Portalen", "nn": "Portalen", "en": "The portal"},
            descriptions={"nb": "Leser", "nn": "Les", "en": "Reads"},
            packages=(*ACCOUNTANT_PACKAGES, MAIL),
            client_ids=(self.known["client_id"],),
            redirect_urls=(RETURN,),
        )

    def wish(self, **more: Any) -> Wish:
        wanted = {
            "system_id": self.system_id,
            "party_orgnr": self.orgnr,
            "packages": ACCOUNTANT_PACKAGES[:1],
            "external_ref": REF,
            "redirect_url": RETURN,
        }
        return Wish(**(wanted | more))

    def answer(self, request: Request, do: str, who: str = "manager") -> httpx.Response:
        """What a person presses at the confirm address."""
        return httpx.post(request.confirm_url, data={"who": who, "do": do}, trust_env=False)

    def grant(self, *scopes: str) -> Grant:
        return Grant(scopes=scopes, systemuser_orgnr=self.orgnr, external_ref=REF)

    def id_porten(self, **more: Any) -> IdPorten:
        known = self.known["idporten"]
        own = {"id": known["client_id"], "redirect_uri": RETURN, "secret": known["client_secret"]}
        return IdPorten(self.http, self.environment, Client(**(own | more)))

    def sign_in(self, id_porten: IdPorten) -> PersonTokens:
        """A person goes there, chooses who they are, and comes back."""
        attempt = id_porten.begin(delegation.SCOPES)
        form = {"person": self.known["people"][0]["pid"], "acr": attempt.acr, "do": "login"}
        answer = httpx.post(attempt.url, data=form, trust_env=False)
        query = dict(parse_qsl(urlsplit(answer.headers["location"]).query))
        return id_porten.exchange_code(id_porten.code_in(query, attempt), attempt)

    def delegating(self) -> ClientDelegation:
        id_porten = self.id_porten()
        token = id_porten.altinn_token(self.sign_in(id_porten))
        return ClientDelegation(self.http, self.environment, bearer(self.environment, token))


@pytest.fixture
def firm(stand_in: Altinn) -> Iterator[Firm]:
    stand_in.reset("onboarding", clients=130)
    with open_http() as http:
        yield Firm(stand_in, http)


@pytest.fixture
def agent(firm: Firm) -> UUID:
    firm.systems.create(firm.system)
    request = firm.asking.ask_agent(firm.wish())
    firm.answer(request, "approve")
    return request.id


def test_a_system_is_registered_changed_and_has_a_history(firm: Firm) -> None:
    firm.systems.create(firm.system)

    assert firm.systems.read(firm.system_id) == firm.system
    assert [each.id for each in firm.systems.mine()] == [firm.system_id]

    firm.systems.set_packages(firm.system_id, ACCOUNTANT_PACKAGES)
    firm.systems.set_rights(firm.system_id, [])
    assert firm.systems.read(firm.system_id).packages == ACCOUNTANT_PACKAGES
    firm.systems.update(firm.system)
    assert firm.systems.read(firm.system_id) == firm.system
    assert firm.systems.changes(firm.system_id)[0].by_orgnr == firm.vendor

    with pytest.raises(Misunderstood) as caught:
        firm.systems.create(firm.system)
    assert "AUTH.VLD-00002" in caught.value.validation_codes


def test_an_agent_is_asked_for_approved_and_gets_tokens(firm: Firm) -> None:
    firm.systems.create(firm.system)
    with pytest.raises(NoSystemUser):
        firm.maskinporten.token(firm.grant("digdir:dialogporten"))

    request = firm.asking.ask_agent(firm.wish())
    again = firm.asking.ask_agent(firm.wish())
    assert (request.is_new, again.is_new, again.id) == (True, False, request.id)
    assert firm.answer(request, "approve").headers["location"].startswith(RETURN)

    accepted = firm.asking.agent(request.id)
    assert accepted.status == RequestStatus.ACCEPTED
    assert firm.asking.by_ref(firm.system_id, firm.orgnr, REF, agent=True).id == request.id
    assert [each.id for each in firm.asking.of_system(firm.system_id, agent=True)] == [request.id]
    user = firm.asking.system_user(firm.system_id, firm.orgnr, REF)
    assert (user.id, user.is_agent, user.is_deleted) == (request.id, True, False)
    assert firm.asking.system_users(firm.system_id) == [user]
    firm.maskinporten.forget(firm.grant("digdir:dialogporten"))
    assert firm.maskinporten.token(firm.grant("digdir:dialogporten"))


def test_a_rejected_request_stays_until_it_is_taken_back(firm: Firm) -> None:
    firm.systems.create(firm.system)
    first = firm.asking.ask_agent(firm.wish())
    firm.answer(first, "reject")

    assert firm.asking.ask_agent(firm.wish()).status == RequestStatus.REJECTED
    firm.asking.delete(first.id)
    with pytest.raises(NotThere) as caught:
        firm.asking.agent(first.id)
    assert caught.value.code == "AUTH-00030"
    second = firm.asking.ask_agent(firm.wish())
    assert (second.status, second.is_new) == (RequestStatus.NEW, True)


def test_a_request_can_be_sent_on_and_can_time_out(firm: Firm) -> None:
    firm.systems.create(firm.system)
    request = firm.asking.ask_agent(firm.wish())

    firm.answer(request, "escalate", "employee")
    assert firm.asking.agent(request.id).is_escalated
    firm.stand_in.post("/access-requests", {"id": str(request.id), "do": "time-out"})
    assert firm.asking.agent(request.id).is_timed_out


def test_a_standard_one_can_be_given_more(firm: Firm) -> None:
    firm.systems.create(firm.system)
    with pytest.raises(Misunderstood) as caught:
        firm.asking.ask_standard(firm.wish())
    assert caught.value.code == "AUTH-00064"

    client = firm.register.clients_of(firm.orgnr)[0].orgnr
    wish = firm.wish(party_orgnr=client, packages=(), external_ref="post")
    with pytest.raises(Misunderstood) as caught:
        firm.asking.ask_standard(wish)
    assert caught.value.code == "AUTH-00059"

    request = firm.asking.ask_standard(firm.wish(party_orgnr=client, packages=(MAIL,)))
    firm.answer(request, "approve")
    change = WishedChange(id=uuid4(), system_user_id=request.id, packages=(MAIL,))
    assert firm.asking.ask_change(change).status == RequestStatus.NO_CHANGE_NEEDED


def test_a_person_adds_a_client_and_the_agent_sees_it(firm: Firm, agent: UUID) -> None:
    delegating = firm.delegating()

    assert [each.id for each in delegating.agents(firm.orgnr)] == [agent]
    client = delegating.available(agent)[0]
    assert delegating.added(agent) == []
    delegating.add(agent, client.party_uuid)
    delegating.add(agent, client.party_uuid)
    assert delegating.added(agent) == [client]

    auth = firm.maskinporten.auth(firm.grant(*authorized.SCOPES), exchange=True)
    sees = AuthorizedParties(firm.http, firm.environment, auth).all()
    assert client.orgnr in {each.orgnr for each in sees}
    assert all(each.packages <= set(ACCOUNTANT_PACKAGES) for each in sees)

    delegating.remove(agent, client.party_uuid)
    assert delegating.added(agent) == []


def test_why_a_client_cannot_be_added_has_a_code(firm: Firm, agent: UUID) -> None:
    odd = {each["fault"]: each["orgnr"] for each in firm.stand_in.get("/onboarding")}
    delegating = firm.delegating()
    barred = next(each for each in delegating.available(agent) if each.orgnr == odd["access-list"])

    with pytest.raises(Refused) as caught:
        delegating.add(agent, barred.party_uuid)
    assert caught.value.code == "AUTH-00069"
    with pytest.raises(Misunderstood) as unknown:
        delegating.add(agent, uuid4())
    assert unknown.value.code == "AUTH-00079"
    with pytest.raises(Misunderstood) as no_agent:
        delegating.available(uuid4())
    assert no_agent.value.validation_codes == ("AUTH.VLD-00014",)


def test_a_machine_may_not_add_clients(firm: Firm, agent: UUID) -> None:
    auth = firm.maskinporten.auth(firm.grant(*authorized.SCOPES), exchange=True)

    with pytest.raises(Refused):
        ClientDelegation(firm.http, firm.environment, auth).available(agent)


def test_a_sign_in_is_renewed_and_ended(firm: Firm) -> None:
    id_porten = firm.id_porten()
    tokens = firm.sign_in(id_porten)

    renewed = id_porten.refresh(tokens)
    assert renewed.subject == tokens.subject
    assert renewed.refresh_expires_at is not None
    with pytest.raises(SignInEnded):
        id_porten.refresh(tokens)
    back = httpx.get(id_porten.logout_url(renewed, RETURN, "s"), trust_env=False)
    assert back.headers["location"] == f"{RETURN}?state=s"
    with pytest.raises(SignInEnded):
        id_porten.refresh(renewed)


def test_our_integration_can_have_a_key_of_its_own(firm: Firm) -> None:
    key = new_key()
    firm.stand_in.post("/idporten", {"jwk": key.public_jwk()})

    assert firm.sign_in(firm.id_porten(key=key, secret="")).access_token


def test_the_register_knows_the_firm_its_clients_and_the_odd_ones(firm: Firm) -> None:
    odd = {each["fault"]: each["orgnr"] for each in firm.stand_in.get("/onboarding")}
    everyone = [each["orgnr"] for each in firm.stand_in.get("/onboarding?all=1")]

    clients = {each.orgnr for each in firm.register.clients_of(firm.orgnr)}
    units = firm.register.units(everyone)

    assert firm.register.unit(firm.orgnr).name == firm.known["firm"]["name"].upper()
    assert len(clients) > 100
    assert not clients & {odd["no-role"], odd["auditor-only"], odd["role-ended"], odd["sub-unit"]}
    assert set(everyone) - set(units) == {odd["unknown-number"]}
    assert units[odd["bankrupt"]].is_bankrupt
    assert units[odd["deleted"]].is_deleted
    assert units[odd["removed"]].is_removed
    assert units[odd["forced-dissolution"]].is_forced_dissolving
    assert units[odd["sub-unit"]].is_sub_unit
    parent = units[odd["sub-unit"]].parent_orgnr or ""
    assert odd["sub-unit"] in {each.orgnr for each in firm.register.subunits(parent)}
    ended = [each for each in firm.register.roles(odd["role-ended"]) if each.code == "REGN"]
    assert [(each.orgnr, each.is_ended) for each in ended] == [(firm.orgnr, True)]


def test_what_changes_in_the_register_is_in_its_feeds(firm: Firm) -> None:
    before = list(firm.register.unit_changes(after_id=0))
    roles_before = list(firm.register.role_changes(after_id="0"))
    client = firm.register.clients_of(firm.orgnr)[0].orgnr

    firm.stand_in.post("/units", {"orgnr": client, "bankrupt": True, "accountant": False})

    last = before[-1].id if before else 0
    assert [each.orgnr for each in firm.register.unit_changes(after_id=last)] == [client]
    last_role = roles_before[-1].id if roles_before else "0"
    assert [each.orgnr for each in firm.register.role_changes(after_id=last_role)] == [client]
    assert client not in {each.orgnr for each in firm.register.clients_of(firm.orgnr)}
