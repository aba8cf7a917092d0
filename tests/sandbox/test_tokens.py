import time
import uuid
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from jwt.algorithms import RSAAlgorithm

from tests.sandbox.kit import DIALOGPORTEN, DIALOGS, Portal

EXCHANGE = "/authentication/api/v1/exchange/maskinporten"


def unread(token: str) -> dict[str, Any]:
    return jwt.decode(token, options={"verify_signature": False})


def test_a_signed_assertion_gives_a_token_for_the_system_user(portal: Portal) -> None:
    answer = portal.ask_token(portal.assertion(user=portal.regnskap))

    assert answer.status_code == 200
    assert answer.headers["X-Sandbox"] == "1"
    body = answer.json()
    assert body["expires_in"] == 600
    assert body["token_type"] == "Bearer"
    claims = unread(body["access_token"])
    assert claims["authorization_details"][0]["systemuser_id"] == [portal.regnskap["id"]]
    assert claims["consumer"]["ID"] == f"0192:{portal.credentials['vendor_orgnr']}"


def test_the_token_is_signed_with_the_published_key(portal: Portal) -> None:
    metadata = portal.http.get("/maskinporten/.well-known/oauth-authorization-server").json()
    published = portal.http.get(metadata["jwks_uri"]).json()["keys"][0]

    claims = jwt.decode(
        portal.token(portal.regnskap), jwt.PyJWK(published).key, algorithms=["RS256"]
    )

    assert claims["iss"] == metadata["issuer"] == portal.credentials["issuer"]
    assert metadata["token_endpoint"] == portal.credentials["token_url"]


def test_the_same_assertion_is_taken_once(portal: Portal) -> None:
    assertion = portal.assertion(user=portal.regnskap)

    first, second = portal.ask_token(assertion), portal.ask_token(assertion)

    assert (first.status_code, second.status_code) == (200, 400)
    assert "MP-012" in second.json()["error_description"]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"aud": "https://maskinporten.no/"}, "MP-110"),
        ({"iss": "someone-else"}, "MP-100"),
        ({"exp": 200}, "MP-010"),
        ({"exp": -5, "iat": -60}, "MP-130"),
        ({"scope": "altinn:instances.write"}, "MP-200"),
        ({"header": {"kid": "nobody's"}}, "MP-100"),
        ({"authorization_details": [{"type": "urn:altinn:other"}]}, "MP-301"),
        ({"authorization_details": [{"type": "urn:altinn:systemuser", "colour": 1}]}, "MP-302"),
    ],
)
def test_a_wrong_assertion_is_refused_with_its_code(
    portal: Portal, changed: dict[str, Any], code: str
) -> None:
    now = int(time.time())
    moments = {name: now + changed[name] for name in ("iat", "exp") if name in changed}

    answer = portal.ask_token(portal.assertion(**changed | moments))

    assert answer.status_code in (400, 401)
    assert answer.json()["error_description"].startswith(f"{code}:")


def test_a_clock_that_is_ahead_is_told_without_a_code(portal: Portal) -> None:
    ahead = int(time.time()) + 30

    answer = portal.ask_token(portal.assertion(iat=ahead, exp=ahead + 100))

    assert answer.json()["error_description"].startswith("Issue time is after now")


def test_a_system_user_nobody_approved_is_a_state_of_the_customer(portal: Portal) -> None:
    stranger = portal.regnskap | {"external_ref": "aldri-godkjent"}

    answer = portal.ask_token(portal.assertion(user=stranger))

    assert answer.json()["error"] == "invalid_altinn_customer_configuration"
    assert "MP-303" in answer.json()["error_description"]


def test_another_key_is_taken_once_it_is_registered(portal: Portal) -> None:
    private = generate_private_key(public_exponent=65537, key_size=2048)
    jwk = RSAAlgorithm.to_jwk(private, as_dict=True) | {"kid": str(uuid.uuid4())}

    before = portal.ask_token(portal.assertion(key=jwk))
    known = {"kid": portal.credentials["jwk"]["kid"]}
    wrong = portal.ask_token(portal.assertion(key=jwk, header=known))
    portal.control("keys", jwk)
    after = portal.ask_token(portal.assertion(key=jwk))

    assert "MP-100" in before.text
    assert "MP-124" in wrong.text
    assert after.status_code == 200
    portal.control("keys", {"expire": jwk["kid"]})
    assert "MP-121" in portal.ask_token(portal.assertion(key=jwk)).text
    portal.control("keys", jwk)
    assert portal.ask_token(portal.assertion(key=jwk)).status_code == 200


def test_the_lifetime_can_be_set_and_is_kept_to(portal: Portal) -> None:
    portal.control("tokens", {"expires_in": -5})
    token = portal.ask_token(portal.assertion(user=portal.regnskap)).json()

    answer = portal.ask(f"{DIALOGPORTEN}/enduser/parties", token=token["access_token"])

    assert token["expires_in"] == -5
    assert answer.status_code == 401


def test_the_exchange_gives_text_or_a_quoted_string(portal: Portal) -> None:
    headers = {"Authorization": f"Bearer {portal.token(portal.regnskap)}"}

    plain = portal.http.get(EXCHANGE, headers=headers | {"Accept": "text/plain"})
    quoted = portal.http.get(EXCHANGE, headers=headers | {"Accept": "application/json"})

    assert plain.text.count(".") == 2
    assert quoted.text[0] == quoted.text[-1] == '"'
    claims = unread(plain.text)
    assert claims["exp"] - claims["iat"] == 1800
    assert claims["authorization_details"]["systemuser_id"] == [portal.regnskap["id"]]
    assert claims["iss"].endswith("/authentication/api/v1/openid/")


def test_the_exchange_takes_only_maskinportens_tokens(portal: Portal) -> None:
    exchanged = portal.altinn_token(portal.regnskap)

    again = portal.http.get(EXCHANGE, headers={"Authorization": f"Bearer {exchanged}"})
    unknown = portal.http.get(EXCHANGE.replace("maskinporten", "bankid"))

    assert again.status_code == 401
    assert (unknown.status_code, unknown.text) == (400, "Invalid token provider: bankid")


@pytest.mark.parametrize("token", ["nonsense", "a.b.c"])
def test_no_token_or_a_bad_one_gets_an_empty_401(portal: Portal, token: str) -> None:
    answer = portal.http.get(DIALOGS, headers={"Authorization": f"Bearer {token}"})

    assert (answer.status_code, answer.content) == (401, b"")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_request_without_a_token_is_asked_for_one(portal: Portal) -> None:
    answer = portal.http.get(DIALOGS)

    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")


def test_a_token_without_the_scope_gets_an_empty_403(portal: Portal) -> None:
    token = portal.token(portal.regnskap, scope="altinn:events.subscribe")

    answer = portal.ask(DIALOGS, token=token)

    assert (answer.status_code, answer.content) == (403, b"")


def test_a_token_without_a_system_user_is_told_so(portal: Portal) -> None:
    answer = portal.ask(DIALOGS, token=portal.token(None))

    assert answer.status_code == 403
    assert answer.json()["errors"]["Type"][0].startswith("The request was authenticated")


def test_an_exchanged_token_opens_dialogporten_too(portal: Portal) -> None:
    answer = portal.ask(
        f"{DIALOGPORTEN}/enduser/parties", token=portal.altinn_token(portal.regnskap)
    )

    assert answer.status_code == 200
