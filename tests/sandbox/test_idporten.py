import json
import time
import uuid
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from jwt.algorithms import RSAAlgorithm

from tests.sandbox.newcomer import REDIRECT, Newcomer

VERIFIER = "v" * 50


def unread(token: str) -> dict[str, Any]:
    return jwt.decode(token, options={"verify_signature": False})


def form(code: str) -> dict[str, str]:
    return {
        "grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT,
        "code_verifier": VERIFIER,
    }  # fmt: skip


def test_a_person_logs_in_and_the_tokens_say_who_and_how(newcomer: Newcomer) -> None:
    found = newcomer.http.get("/idporten/.well-known/openid-configuration").json()
    back = newcomer.log_in(VERIFIER)
    answer = newcomer.ask_person_tokens(**form(back["code"]))

    body = answer.json()
    key = jwt.PyJWK(newcomer.http.get(found["jwks_uri"]).json()["keys"][0]).key
    own = newcomer.credentials["idporten"]
    claims = jwt.decode(body["id_token"], key, algorithms=["RS256"], audience=own["client_id"],
                        issuer=found["issuer"])  # fmt: skip
    assert (back["state"], back["iss"]) == ("st4te", found["issuer"])
    assert (claims["nonce"], claims["acr"]) == ("n0nce", "idporten-loa-high")
    assert claims["pid"] == newcomer.people[0]["pid"]
    assert claims["sub"] != claims["pid"]
    assert not {"email", "name", "given_name", "family_name"} & set(claims)
    access = unread(body["access_token"])
    assert access["scope"] == body["scope"]
    assert body["expires_in"] == access["exp"] - access["iat"] == 600


def test_a_lower_level_can_come_back_than_was_asked_for(newcomer: Newcomer) -> None:
    tokens = newcomer.person_tokens(acr="idporten-loa-substantial")

    assert unread(tokens["id_token"])["acr"] == "idporten-loa-substantial"


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"scope": "openid email"}, "invalid_scope"),
        ({"scope": "altinn:clientdelegations.read"}, "invalid_scope"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"acr_values": "Level4"}, "invalid_request"),
        ({"prompt": "none"}, "login_required"),
    ],
)
def test_a_wrong_request_comes_back_with_its_error(
    newcomer: Newcomer, changed: dict[str, Any], error: str
) -> None:
    answer = newcomer.http.get(newcomer.authorize_url(VERIFIER, **changed))

    assert answer.status_code == 303
    assert answer.headers["Location"].startswith(f"{REDIRECT}?error={error}&")
    assert "state=st4te" in answer.headers["Location"]


def test_an_address_elsewhere_must_be_registered_to_the_letter(newcomer: Newcomer) -> None:
    uri = f"https://{uuid.uuid4()}.example.no/tilbake"

    before = newcomer.http.get(newcomer.authorize_url(VERIFIER, redirect_uri=uri))
    newcomer.control("idporten", {"redirect_uris": [uri]})
    after = newcomer.http.get(newcomer.authorize_url(VERIFIER, redirect_uri=uri))
    longer = newcomer.http.get(newcomer.authorize_url(VERIFIER, redirect_uri=f"{uri}/"))
    unknown = newcomer.http.get(newcomer.authorize_url(VERIFIER, client_id="ukjent"))

    assert [one.status_code for one in (before, after, longer, unknown)] == [400, 200, 400, 400]
    assert newcomer.people[2]["name"] in after.text


def test_somebody_who_changes_their_mind_is_sent_back(newcomer: Newcomer) -> None:
    answer = newcomer.http.post(newcomer.authorize_url(VERIFIER), data={"do": "cancel"})

    assert "error=access_denied" in answer.headers["Location"]


@pytest.mark.parametrize(
    "changed", [{"code_verifier": "x" * 50}, {"redirect_uri": f"{REDIRECT}/"}, {"code": "ukjent"}]
)
def test_a_code_is_for_who_asked_for_it(newcomer: Newcomer, changed: dict[str, str]) -> None:
    code = newcomer.log_in(VERIFIER)["code"]

    answer = newcomer.ask_person_tokens(**form(code) | changed)

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


def test_a_code_is_taken_once(newcomer: Newcomer) -> None:
    code = newcomer.log_in(VERIFIER)["code"]

    first, second = (newcomer.ask_person_tokens(**form(code)) for _ in range(2))

    assert (first.status_code, second.status_code) == (200, 400)


def test_a_refresh_token_is_taken_once_and_gives_the_next(newcomer: Newcomer) -> None:
    tokens = newcomer.person_tokens()

    def refresh(token: str) -> Any:
        return newcomer.ask_person_tokens(grant_type="refresh_token", refresh_token=token)

    second = refresh(tokens["refresh_token"])
    assert second.status_code == 200
    assert (
        unread(second.json()["id_token"])["auth_time"] == (unread(tokens["id_token"])["auth_time"])
    )
    assert refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant"
    newcomer.control("idporten", {"end_sessions": True})
    assert refresh(second.json()["refresh_token"]).json()["error"] == "invalid_grant"


def test_the_client_proves_itself_by_secret_or_by_key(newcomer: Newcomer) -> None:
    own = newcomer.credentials["idporten"]
    private = generate_private_key(public_exponent=65537, key_size=2048)
    jwk = json.loads(RSAAlgorithm.to_jwk(private.public_key())) | {"kid": str(uuid.uuid4())}
    newcomer.control("idporten", {"jwk": jwk})

    def assertion(**changed: Any) -> dict[str, str]:
        now = int(time.time())
        claims = {"iss": own["client_id"], "sub": own["client_id"], "aud": own["issuer"],
                  "iat": now, "exp": now + 60, "jti": str(uuid.uuid4())} | changed  # fmt: skip
        signed = jwt.encode(claims, private, algorithm="RS256", headers={"kid": jwk["kid"]})
        kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
        return {"client_assertion": signed, "client_assertion_type": kind}

    def ask(told: dict[str, str], **more: Any) -> int:
        code = newcomer.log_in(VERIFIER)["code"]
        return newcomer.http.post("/idporten/token", data=form(code) | told, **more).status_code

    once = assertion()
    assert ask(once) == 200
    assert ask(once) == 401
    assert ask(assertion(aud="https://example.no")) == 401
    assert ask({}, auth=(own["client_id"], own["client_secret"])) == 200
    assert ask({"client_id": own["client_id"], "client_secret": "feil"}) == 401
    newcomer.control("idporten", {"secret_expired": True})
    assert ask({}, auth=(own["client_id"], own["client_secret"])) == 401
    newcomer.control("idporten", {"secret_expired": False})


def test_logging_out_ends_that_log_in_and_leads_back(newcomer: Newcomer) -> None:
    mine, others = newcomer.person_tokens(), newcomer.person_tokens(1)
    query = {"id_token_hint": mine["id_token"], "post_logout_redirect_uri": REDIRECT, "state": "x"}

    answer = newcomer.http.get("/idporten/logout", params=query)

    def refresh(tokens: dict[str, str]) -> int:
        return newcomer.ask_person_tokens(
            grant_type="refresh_token", refresh_token=tokens["refresh_token"]
        ).status_code

    assert answer.headers["Location"] == f"{REDIRECT}?state=x"
    assert (refresh(mine), refresh(others)) == (400, 200)


def test_altinn_makes_its_token_of_a_persons_and_it_lives_as_long(newcomer: Newcomer) -> None:
    raw = newcomer.person_tokens()["access_token"]

    claims = unread(newcomer.exchange_person(raw).text)

    assert claims["exp"] == unread(raw)["exp"]
    assert (claims["urn:altinn:authlevel"], claims["pid"]) == (4, newcomer.people[0]["pid"])
    lower = newcomer.person_tokens(acr="idporten-loa-substantial")["access_token"]
    assert unread(newcomer.exchange_person(lower).text)["urn:altinn:authlevel"] == 3
    plain = newcomer.person_tokens(scope="openid profile")["access_token"]
    assert newcomer.exchange_person(plain).status_code == 403
    assert newcomer.exchange_person(newcomer.token()).status_code == 401


def test_a_persons_token_opens_no_dialogs(newcomer: Newcomer) -> None:
    token = newcomer.exchange_person(
        newcomer.person_tokens(scope="openid digdir:dialogporten altinn:clientdelegations.read")[
            "access_token"
        ]
    ).text

    answer = newcomer.ask("/dialogporten/api/v1/enduser/parties", token=token)

    assert answer.status_code == 403
