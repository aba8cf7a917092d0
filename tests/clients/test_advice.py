"""Every documented refusal has a sentence, and a next step that says who does what."""

import re
from uuid import uuid4

import pytest
from django.utils.functional import Promise

from altinn.environment import Environment
from altinn.errors import (
    AltinnError,
    Changed,
    KeyExpired,
    LevelTooLow,
    Misunderstood,
    NoSystemUser,
    NotThere,
    Refused,
    TokenRefused,
    TryLater,
    UnknownOutcome,
    Unreached,
)
from altinn.http import open_http
from altinn.idporten import NotGenuine, SignInCancelled, SignInEnded
from altinn.keys import Key
from altinn.maskinporten import Grant, Maskinporten, MemoryTokenCache
from altinn.onboarding_errors import CAUSES, Cause, cause_of
from altinn.systemusers import SCOPES, SystemUserRequests
from altinn.token_errors import ADVICE
from clients.advice import advice_about, advice_for
from clients.advice_words import WORDS
from portal import catalogs
from tests.stand_in import Altinn

# Altinn's and Maskinporten's documented codes; AUTH-00029 and VLD-00010 are not among them.
AUTH = [f"AUTH-{number:05}" for number in range(81) if number != 29]
VLD = [f"AUTH.VLD-{number:05}" for number in range(19) if number != 10]
MP = [
    *("MP-010", "MP-011", "MP-012", "MP-100", "MP-110", "MP-120", "MP-121", "MP-122", "MP-123"),
    *("MP-124", "MP-130", "MP-200", "MP-201", "MP-250", "MP-251", "MP-301", "MP-302", "MP-303"),
]
IDPORTEN = ["invalid_client", "invalid_request", "invalid_scope", "unauthorized_client"]

# What the reader does: a next step begins with one of these, or says whom it leaves it to.
DOES = re.compile(
    "(Be|Begynn|Du|Fjern|Hent|Ikke|Koble|Kontroller|Lag|Last|Legg|Logg|Meld|Prøv|Registrer|Se|"
    r"Send|Sett|Snakk|Spør|Ta|Velg|Vent)\b"
)


def error(code: str) -> AltinnError:
    if code.startswith("AUTH.VLD-"):
        return Misunderstood("x", status=400, code="STD-00000", validation_codes=(code,))
    if code.startswith("MP-"):
        return TokenRefused("x", status=400, code=code)
    return Misunderstood("x", status=400, code=code)


def test_the_table_knows_every_documented_code_and_no_other() -> None:
    assert set(CAUSES) == {*AUTH, *VLD, *MP, *IDPORTEN}
    assert set(ADVICE) == set(MP)


@pytest.mark.parametrize("code", [*AUTH, *VLD, *MP, *IDPORTEN])
def test_every_documented_code_says_what_is_the_matter_and_who_does_what(code: str) -> None:
    advice = advice_for(error(code))

    for sentence in (advice.text, advice.next_step):
        assert re.fullmatch(r"[A-ZÆØÅ].{15,250}\.", sentence), sentence
    assert DOES.match(advice.next_step)
    assert code not in advice.text


def test_every_code_the_sandbox_can_say_is_heard_as_it_was_said(stand_in: Altinn) -> None:
    stand_in.reset("onboarding", clients=80)
    known = stand_in.credentials()
    environment, key = Environment(**stand_in.addresses()), Key.from_jwk(known["jwk"])
    misheard = []
    with open_http() as http:
        tokens = Maskinporten(environment, known["client_id"], key, MemoryTokenCache(), http)
        requests = SystemUserRequests(http, environment, tokens.auth(Grant(scopes=SCOPES)))
        for code in [*AUTH, *VLD, *MP]:
            operation = "token" if code in MP else "systemuser-requests"
            stand_in.post("/faults", {"operation": operation, "error": code, "times": 2})
            tokens.forget(Grant(scopes=SCOPES))
            try:
                requests.agent(uuid4())
                misheard.append(code)
            except AltinnError as exc:
                misheard += [code] if cause_of(exc) != CAUSES[code] else []
            stand_in.delete("/faults")

    assert misheard == []


@pytest.mark.parametrize(
    ("code", "who"),
    [
        ("AUTH-00006", "Portalen"),
        ("AUTH-00007", "tilgangsstyreren"),
        ("AUTH-00009", "tilgangsstyreren"),
        ("AUTH-00014", "daglig leder"),
        ("AUTH-00020", "tilgangsstyreren"),
        ("AUTH-00024", "firmaets tilgangsstyrer"),
        ("AUTH-00041", "tilgangsstyreren"),
        ("AUTH-00053", "hovedadministrator"),
        ("AUTH-00066", "tilgangsstyrer, hovedadministrator eller daglig leder"),
        ("AUTH-00069", "tjenesteeieren"),
        ("AUTH-00078", "ID-porten"),
        ("AUTH-00080", "klienten"),
        ("MP-010", "den som drifter portalen"),
        ("MP-121", "Digdirs selvbetjening"),
        ("MP-250", "eieren av scopet"),
        ("MP-303", "firmaets tilgangsstyrer"),
    ],
)
def test_the_next_step_names_the_one_who_can_do_it(code: str, who: str) -> None:
    assert who in advice_for(error(code)).next_step


@pytest.mark.parametrize("cause", Cause)
def test_every_cause_has_words(cause: Cause) -> None:
    assert advice_about(cause).next_step
    assert len(WORDS) == len(Cause)


def test_no_two_causes_are_told_with_the_same_words() -> None:
    texts = [advice_about(cause).text for cause in Cause]

    assert len(set(texts)) == len(texts)


@pytest.mark.parametrize(
    ("raised", "cause"),
    [
        (TryLater("x"), Cause.ALTINN_AWAY),
        (Unreached("x"), Cause.ALTINN_AWAY),
        (TryLater("x", status=500, code="AUTH-00062"), Cause.ALTINN_FAILED),
        (UnknownOutcome("x"), Cause.UNKNOWN_OUTCOME),
        (Refused("", status=403), Cause.NO_ACCESS),
        (LevelTooLow("x"), Cause.LEVEL),
        (NoSystemUser("x", code="MP-303"), Cause.NO_SYSTEM_USER),
        (NoSystemUser("x"), Cause.NO_SYSTEM_USER),
        (KeyExpired("x"), Cause.KEY_EXPIRED),
        (TokenRefused("Issue time is after now"), Cause.CLOCK),
        (TokenRefused("x", code="MP-999"), Cause.TOKEN),
        (SignInEnded("x", code="invalid_grant"), Cause.SIGN_IN_ENDED),
        (SignInCancelled("x", code="access_denied"), Cause.SIGN_IN_CANCELLED),
        (NotGenuine("x"), Cause.NOT_GENUINE),
        (NotThere("x", status=404), Cause.NOT_THERE),
        (NotThere("x", status=404, code="AUTH-00010"), Cause.REQUEST_UNKNOWN),
        (Changed("x"), Cause.CHANGED),
        (Misunderstood("x", code="AUTH-00099"), Cause.UNCLEAR),
        (Misunderstood("x", code="STD-00000"), Cause.UNCLEAR),
        (
            Misunderstood("x", code="STD-00000", validation_codes=("?", "AUTH.VLD-00004")),
            Cause.CLIENT_ID_TAKEN,
        ),
    ],
    ids=repr,
)
def test_what_has_no_known_code_is_told_by_its_kind(raised: AltinnError, cause: Cause) -> None:
    assert cause_of(raised) == cause


def test_the_words_are_translated_when_they_are_read() -> None:
    sentences = [sentence for words in WORDS.values() for sentence in words]

    assert all(isinstance(sentence, Promise) for sentence in sentences)
    assert {str(sentence) for sentence in sentences} <= set(catalogs.texts())
