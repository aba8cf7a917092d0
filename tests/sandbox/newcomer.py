"""A firm's way into Altinn over HTTP: system, request, human answers, clients added one by one."""

import base64
import hashlib
import secrets
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from tests.sandbox.kit import Json, Portal

AUTH = "/authentication/api/v1"
URN = "urn:altinn:accesspackage:"
MED = "regnskapsforer-med-signeringsrettighet"
POST = "ordinaer-post-til-virksomheten"
REDIRECT = "http://127.0.0.1:1/tilbake"
VENDOR_SCOPES = (
    "altinn:authentication/systemregister.write altinn:authentication/systemuser.request.write"
    " altinn:authentication/systemuser.request.read"
)
PERSON_SCOPES = (
    "openid altinn:clientdelegations.read altinn:clientdelegations.write"
    " altinn:accessmanagement/authorizedparties"
)


def urns(*names: str) -> list[Json]:
    return [{"urn": URN + name} for name in names]


class Newcomer(Portal):
    def reset(self, **world: Any) -> None:
        super().reset(**{"world": "onboarding", "clients": 80, "dialogs": 160} | world)
        self.control("idporten", {"token_seconds": 600, "session_seconds": 28800})
        self.vendor: str = self.credentials["vendor_orgnr"]
        self.firm: str = self.credentials["firm"]["orgnr"]
        self.system = f"{self.vendor}_portal"
        self.people: list[Json] = self.credentials["people"]
        self._person_tokens: dict[str, str] = {}

    # The vendor

    def as_vendor(self, method: str, path: str, json: Any = None, **query: Any) -> httpx.Response:
        token = self.token(scope=VENDOR_SCOPES)
        return self.http.request(
            method, f"{AUTH}/{path}", json=json, params=query or None,
            headers={"Authorization": f"Bearer {token}"},
        )  # fmt: skip

    def system_body(self, **changed: Any) -> Json:
        return {
            "id": self.system,
            "vendor": {"authority": "iso6523-actorid-upis", "ID": f"0192:{self.vendor}"},
            "name": {"nb": "Portal", "nn": "Portal", "en": "Portal"},
            "description": {"nb": "Innboks", "nn": "Innboks", "en": "Inbox"},
            "rights": [],
            "accessPackages": urns(MED, "regnskapsforer-lonn", POST, "skatt-naering",
                                   "konkursbo-tilgangsstyrer"),
            "clientId": [self.credentials["client_id"]],
            "allowedRedirectUrls": [REDIRECT],
            "isVisible": False,
        } | changed  # fmt: skip

    def register(self, **changed: Any) -> httpx.Response:
        return self.as_vendor("POST", "systemregister/vendor", self.system_body(**changed))

    def ask_agent(self, *names: str, ref: str = "post", **changed: Any) -> httpx.Response:
        body = {
            "externalRef": ref, "systemId": self.system, "partyOrgNo": self.firm,
            "accessPackages": urns(*names or (MED,)), "redirectUrl": REDIRECT,
        }  # fmt: skip
        return self.as_vendor("POST", "systemuser/request/vendor/agent", body | changed)

    def answer(self, asked: Json, do: str = "approve", who: str = "manager") -> httpx.Response:
        return self.http.post(asked["confirmUrl"], data={"who": who, "do": do})

    def agent(self, *names: str, ref: str = "post") -> Json:
        """Give an approved agent, as `credentials` writes system users."""
        asked = self.ask_agent(*names, ref=ref).json()
        assert self.answer(asked).status_code == 303
        found: list[Json] = self.look("credentials")["system_users"]
        return next(user for user in found if user["id"] == asked["id"])

    # The person

    def authorize_url(self, verifier: str, **changed: Any) -> httpx.URL:
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest())
        query = {
            "response_type": "code", "client_id": self.credentials["idporten"]["client_id"],
            "redirect_uri": REDIRECT, "scope": PERSON_SCOPES, "state": "st4te", "nonce": "n0nce",
            "code_challenge": challenge.decode().rstrip("="), "code_challenge_method": "S256",
            "acr_values": "idporten-loa-high",
        } | changed  # fmt: skip
        query = {name: value for name, value in query.items() if value is not None}
        return httpx.URL("/idporten/authorize", params=query)

    def log_in(self, verifier: str, *, person: int = 0, acr: str = "idporten-loa-high",
               **changed: Any) -> Json:  # fmt: skip
        """Log in on the page; give what came back in the address."""
        form = {"person": self.people[person]["pid"], "acr": acr, "do": "login"}
        answer = self.http.post(self.authorize_url(verifier, **changed), data=form)
        assert answer.status_code == 303, answer.text
        found = parse_qs(urlsplit(answer.headers["Location"]).query)
        return {name: values[0] for name, values in found.items()}

    def ask_person_tokens(self, **form: Any) -> httpx.Response:
        own = self.credentials["idporten"]
        secret = {"client_id": own["client_id"], "client_secret": own["client_secret"]}
        return self.http.post("/idporten/token", data=secret | form)

    def person_tokens(self, person: int = 0, **changed: Any) -> Json:
        verifier = secrets.token_urlsafe(32)
        code = self.log_in(verifier, person=person, **changed)["code"]
        answer = self.ask_person_tokens(
            grant_type="authorization_code", code=code, redirect_uri=REDIRECT,
            code_verifier=verifier,
        )  # fmt: skip
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()
        return found

    def exchange_person(self, token: str) -> httpx.Response:
        return self.http.get(
            f"{AUTH}/exchange/id-porten", headers={"Authorization": f"Bearer {token}"}
        )

    def as_person(self, method: str, path: str, person: int = 0, **query: Any) -> httpx.Response:
        key = str(person)
        if key not in self._person_tokens:
            raw = self.person_tokens(person)["access_token"]
            self._person_tokens[key] = self.exchange_person(raw).text
        return self.http.request(
            method, f"{AUTH}/enduser/systemuser/{path}", params=query,
            headers={"Authorization": f"Bearer {self._person_tokens[key]}"},
        )  # fmt: skip

    def available(self, agent: Json) -> dict[str, str]:
        """Give what can be added: party uuids by organisation number."""
        rows = self.as_person("GET", "clients/available", agent=agent["id"]).json()["data"]
        return {row["clientOrganizationNumber"]: row["clientId"] for row in rows}

    def add(self, agent: Json, client: str) -> httpx.Response:
        return self.as_person("POST", "clients", agent=agent["id"], client=client)

    def fault(self, key: str) -> str:
        rows: list[Json] = self.look("onboarding")
        return next(str(row["orgnr"]) for row in rows if row["fault"] == key)
