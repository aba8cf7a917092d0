"""Which of six states a client is in, and why. No database, no clock, nobody is asked."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from altinn.enhetsregisteret import Unit
from altinn.packages import ACCOUNTANT_PACKAGES, package_urn
from clients.finding.letters import Sender, letter_to
from clients.finding.verdicts import ASKS_FOR_PACKAGES, ASKS_FOR_ROLE, Facts, Reason, Sight, judge
from clients.finding.words import asks_client, sentence
from clients.models import Candidate

State = Candidate.State
ORGNR = "310495921"
ACCOUNTANT = frozenset(ACCOUNTANT_PACKAGES)
MAIL = frozenset({package_urn("ordinaer-post-til-virksomheten")})
REGN = frozenset({"REGN"})
FIRM = "Fjordbygg Regnskap AS"
SENDER = Sender(FIRM, "923609016", "Per Nilsen")


def unit(**more: Any) -> Unit:
    return Unit(orgnr=ORGNR, name="BAKEREN AS", form="AS", **more)


def regnskap(**more: Any) -> Sight:
    """An agent with the accountant's packages, which sees nothing yet."""
    return Sight(**{"name": "Regnskap", "wanted": ACCOUNTANT} | more)


def post(**more: Any) -> Sight:
    """An agent for mail, which needs what the client must give itself."""
    return Sight(**{"name": "Post", "wanted": MAIL} | more)


SEEING = regnskap(held=ACCOUNTANT, sees=True, in_dialogporten=True)
MAIL_SEEING = post(held=MAIL, sees=True, in_dialogporten=True)

CASES: dict[str, tuple[Facts, State, Reason]] = {
    "everything is seen": (Facts(sights=(SEEING,)), State.SEES_ALL, Reason.SEES_ALL),
    "both agents see it": (
        Facts(unit=unit(), roles=REGN, sights=(SEEING, MAIL_SEEING)),
        State.SEES_ALL,
        Reason.SEES_ALL,
    ),
    "more is held than was wanted": (
        Facts(sights=(replace(SEEING, held=ACCOUNTANT | MAIL),)),
        State.SEES_ALL,
        Reason.SEES_ALL,
    ),
    "nobody has written down what was wanted": (
        Facts(sights=(replace(SEEING, wanted=frozenset(), held=frozenset()),)),
        State.SEES_ALL,
        Reason.SEES_ALL,
    ),
    "the client has a system user of its own": (
        Facts(sights=(regnskap(), replace(MAIL_SEEING, name="Egen", is_own=True))),
        State.SEES_ALL,
        Reason.SEES_BY_ITS_OWN,
    ),
    "its own system user lacks a package": (
        Facts(sights=(replace(MAIL_SEEING, held=frozenset(), is_own=True),)),
        State.PARTLY,
        Reason.PACKAGES_LACK,
    ),
    "its own system user is not in Dialogporten yet": (
        Facts(sights=(replace(MAIL_SEEING, in_dialogporten=False, is_own=True),)),
        State.PARTLY,
        Reason.NOT_IN_DIALOGPORTEN,
    ),
    "its own system user sees nothing, an agent does": (
        Facts(sights=(SEEING, post(is_own=True))),
        State.SEES_ALL,
        Reason.SEES_ALL,
    ),
    "a package the client must give lacks": (
        Facts(roles=REGN, sights=(replace(SEEING, wanted=ACCOUNTANT | MAIL),)),
        State.PARTLY,
        Reason.PACKAGES_LACK,
    ),
    "the role is gone and took its packages along": (
        Facts(sights=(replace(SEEING, held=frozenset()),)),
        State.PARTLY,
        Reason.ROLE_GONE,
    ),
    "an accountant's package lacks although the role is there": (
        Facts(roles=REGN, sights=(replace(SEEING, held=frozenset(ACCOUNTANT_PACKAGES[:2])),)),
        State.PARTLY,
        Reason.ROLE_PACKAGES_LACK,
    ),
    "only a sub-unit is seen": (
        Facts(roles=REGN, sights=(regnskap(sees_only_sub_units=True),)),
        State.PARTLY,
        Reason.ONLY_SUB_UNITS,
    ),
    "Dialogporten has not got it yet": (
        Facts(sights=(replace(SEEING, in_dialogporten=False),)),
        State.PARTLY,
        Reason.NOT_IN_DIALOGPORTEN,
    ),
    "the other agent may be given it": (
        Facts(roles=REGN, sights=(SEEING, post(is_available=True, is_added=False))),
        State.PARTLY,
        Reason.NOT_ADDED_TO_ALL,
    ),
    "the other agent follows from the role, as far as is known": (
        Facts(roles=REGN, sights=(MAIL_SEEING, regnskap())),
        State.PARTLY,
        Reason.NOT_ADDED_TO_ALL,
    ),
    "the other agent cannot be given it": (
        Facts(roles=REGN, sights=(SEEING, post(is_available=False, is_added=False))),
        State.PARTLY,
        Reason.PACKAGES_NOT_GIVEN_ON,
    ),
    "the other agent's packages do not come with the role": (
        Facts(roles=REGN, sights=(SEEING, post())),
        State.PARTLY,
        Reason.PACKAGES_NOT_GIVEN_ON,
    ),
    "the other agent lacks what the role should have given": (
        Facts(roles=REGN, sights=(MAIL_SEEING, regnskap(is_available=False))),
        State.PARTLY,
        Reason.ROLE_PACKAGES_LACK,
    ),
    "added, and Altinn does not show it yet": (
        Facts(roles=REGN, sights=(regnskap(is_available=True, is_added=True),)),
        State.PARTLY,
        Reason.ADDED_NOT_SEEN,
    ),
    "a person's own company": (
        Facts(roles=REGN, sights=(SEEING,), has_owner=True),
        State.PARTLY,
        Reason.OWNER_OUT_OF_REACH,
    ),
    "available": (
        Facts(roles=REGN, sights=(regnskap(is_available=True, is_added=False),)),
        State.READY,
        Reason.READY,
    ),
    "available without the role: the client has delegated": (
        Facts(sights=(post(is_available=True, is_added=False),)),
        State.READY,
        Reason.READY,
    ),
    "nobody has read the list, and the role gives all": (
        Facts(roles=REGN, sights=(regnskap(),)),
        State.READY,
        Reason.READY_BY_ROLE,
    ),
    "the role, and no system user at all": (
        Facts(roles=REGN),
        State.READY,
        Reason.NO_SYSTEM_USER,
    ),
    "nobody has read the list, and the role does not give all": (
        Facts(roles=REGN, sights=(post(),)),
        State.PACKAGE_MISSING,
        Reason.PACKAGES_MISSING,
    ),
    "not available, as a package was not given": (
        Facts(
            roles=REGN, sights=(regnskap(wanted=ACCOUNTANT | MAIL, is_available=False),)
        ),
        State.PACKAGE_MISSING,
        Reason.PACKAGES_MISSING,
    ),
    "not available although the role gives all": (
        Facts(roles=REGN, sights=(regnskap(is_available=False, is_added=False),)),
        State.PACKAGE_MISSING,
        Reason.ROLE_BUT_NOT_AVAILABLE,
    ),
    "Altinn refused to add it": (
        Facts(roles=REGN, sights=(regnskap(is_available=True, refusal="AUTH-00069"),)),
        State.PACKAGE_MISSING,
        Reason.REFUSED,
    ),
    "no role": (Facts(sights=(regnskap(),)), State.NO_ROLE, Reason.NO_ROLE),
    "no role and nothing known": (Facts(), State.NO_ROLE, Reason.NO_ROLE),
    "no role and not available": (
        Facts(sights=(regnskap(is_available=False),)),
        State.NO_ROLE,
        Reason.NO_ROLE,
    ),
    "another role": (
        Facts(roles=frozenset({"REVI"}), sights=(regnskap(),)),
        State.NO_ROLE,
        Reason.OTHER_ROLE,
    ),
    "the role has ended": (Facts(role_ended=True), State.NO_ROLE, Reason.ROLE_ENDED),
    "somebody else is the accountant": (
        Facts(role_ended=True, accountant="Strandkanten AS"),
        State.NO_ROLE,
        Reason.OTHER_ACCOUNTANT,
    ),
    "the firm itself": (Facts(is_firm=True, sights=(regnskap(),)), State.NO_ROLE,
                        Reason.FIRM_ITSELF),
    "a number nobody has": (
        Facts(is_unknown=True, roles=REGN, sights=(SEEING,)),
        State.NO_ROLE,
        Reason.UNKNOWN_NUMBER,
    ),
    "a sub-unit": (
        Facts(unit=unit(is_sub_unit=True, parent_orgnr="313170004"), sights=(SEEING,)),
        State.NO_ROLE,
        Reason.SUB_UNIT,
    ),
    **{
        reason: (
            Facts(unit=unit(**{mark: True}), roles=REGN, sights=(SEEING,)),
            State.ENDED,
            reason,
        )
        for mark, reason in {
            "is_removed": Reason.REMOVED,
            "is_deleted": Reason.DELETED,
            "is_bankrupt": Reason.BANKRUPT,
            "is_dissolving": Reason.DISSOLVING,
            "is_forced_dissolving": Reason.FORCED_DISSOLVING,
        }.items()
    },
    "bankrupt and deleted": (
        Facts(unit=unit(is_bankrupt=True, is_deleted=True)),
        State.ENDED,
        Reason.DELETED,
    ),
}  # fmt: skip


def candidate(facts: Facts, **more: Any) -> Candidate:
    verdict = judge(facts)
    detail = {
        **verdict.more,
        "packages": sorted(verdict.packages),
        "system_users": list(verdict.system_users),
    }
    return Candidate(
        orgnr=ORGNR, name="Bakeren AS", state=verdict.state, reason=verdict.reason, detail=detail,
        **more,
    )  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_client_is_in_one_state_for_one_reason(name: str) -> None:
    facts, state, reason = CASES[name]

    verdict = judge(facts)
    assert (verdict.state, verdict.reason) == (state, reason)


def test_every_reason_and_state_is_in_the_table() -> None:
    assert {reason for _facts, _state, reason in CASES.values()} == set(Reason)
    assert {state for _facts, state, _reason in CASES.values()} == set(State)


@pytest.mark.parametrize("name", CASES)
def test_what_lacks_is_said_in_one_sentence(name: str) -> None:
    text = sentence(candidate(CASES[name][0]), firm=FIRM)

    assert text.endswith(".")
    assert text.count(". ") == 0
    assert "%" not in text
    assert "  " not in text
    assert "urn:" not in text


def test_no_two_reasons_are_said_the_same_way() -> None:
    texts = {
        c.reason: sentence(c, firm=FIRM) for c in (candidate(f) for f, _s, _r in CASES.values())
    }

    assert len(set(texts.values())) == len(Reason)


def test_packages_and_system_users_are_named() -> None:
    facts, _state, _reason = CASES["the other agent cannot be given it"]

    text = sentence(candidate(facts), firm=FIRM)
    assert "Post ser ikke klienten" in text
    assert "Ordinær post til virksomheten" in text
    assert FIRM in text


def test_the_day_of_deletion_is_told() -> None:
    facts = Facts(unit=unit(is_deleted=True, deleted_on=date(2026, 9, 30)))

    assert "30. september 2026" in sentence(candidate(facts), firm=FIRM)


def test_the_other_accountant_is_named() -> None:
    facts, _state, _reason = CASES["somebody else is the accountant"]

    assert sentence(candidate(facts), firm=FIRM).startswith("Strandkanten AS er registrert")


@pytest.mark.parametrize("name", CASES)
def test_a_client_is_written_to_when_it_can_do_something(name: str) -> None:
    one = candidate(CASES[name][0])

    letter = letter_to(one, SENDER)
    assert (letter is not None) == asks_client(one)
    assert (letter is not None) == (one.reason in ASKS_FOR_PACKAGES | ASKS_FOR_ROLE)
    if letter:
        assert letter.subject == "Tilgang i Altinn for Bakeren AS"
        assert letter.body.startswith("Hei,")
        assert "923 609 016" in letter.body
        assert letter.body.endswith(f"Per Nilsen\n{FIRM}")
        assert "%" not in letter.body
        assert "urn:" not in letter.body


def test_a_letter_names_the_packages_and_where_to_press() -> None:
    facts, _state, _reason = CASES["not available, as a package was not given"]

    letter = letter_to(candidate(facts, unit={"email": "post@bakeren.example"}), SENDER)
    assert letter is not None
    assert letter.to == "post@bakeren.example"
    assert "– Ordinær post til virksomheten" in letter.body
    assert "Tilgangsstyring" in letter.body
    assert "Regnskapsfører" not in letter.body  # comes with the role: nothing to ask for


def test_a_letter_opens_in_a_mail_program() -> None:
    one = candidate(CASES["no role"][0], unit={"email": "post@bakeren.example"})

    letter = letter_to(one, SENDER)
    assert letter is not None
    assert letter.mailto.startswith("mailto:post@bakeren.example?subject=Tilgang%20i%20Altinn%20")
    assert "&body=Hei%2C%0D%0A%0D%0A" in letter.mailto
    assert not set(letter.mailto) & set(" \n+«»ø")


def test_an_address_cannot_add_to_the_letter() -> None:
    one = candidate(CASES["no role"][0], unit={"email": "a@b.no?bcc=x@y.no&body=z"})

    letter = letter_to(one, SENDER)
    assert letter is not None
    assert "bcc=" not in letter.mailto
