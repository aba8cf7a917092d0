"""Every act that some code writes to the audit log has a sentence of its own."""

import pytest
from django.utils import timezone, translation

from dialogs.audit import words
from dialogs.audit.kinds import Kind, kind_of
from staff.models import AuditEntry, User
from tests.dialogs.audit.acts import acts_in_code

ACTS = acts_in_code()


def test_the_code_was_read() -> None:
    """Each way of writing an act down: in place, a constant, a choice, a list of acts, SQL."""
    assert {
        "client added",
        "dialog.finished",
        "system user gone",
        "file.downloaded",
        "adding begun",
        "system user request denied",
        "dialog.seen",
    } <= ACTS


def test_every_act_in_the_code_has_a_sentence() -> None:
    assert not ACTS - words.ACTS


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
@pytest.mark.django_db
def test_every_sentence_can_be_told(language: str, kari: User, ola: User) -> None:
    """Also of an entry without anything but its act."""
    teller = words.Teller(today=timezone.localdate())
    with translation.override(language):
        for act in sorted(words.ACTS):
            entry = AuditEntry(actor=kari, act=act, about=f"user {ola.pk}")
            said = teller.tell(entry)
            assert "%" not in said, act
            assert said.endswith("."), act
            assert words.label_of(act) != act


@pytest.mark.django_db
def test_a_sentence_names_who_and_whom(kari: User, ola: User) -> None:
    teller = words.Teller(today=timezone.localdate())

    entry = AuditEntry(actor=kari, act="absence added", about=f"user {ola.pk}")
    assert teller.tell(entry) == "Kari Hansen førte opp fravær for Ola Berg."
    entry = AuditEntry(actor=None, act="log-in failed", about=f"user {ola.pk}")
    assert teller.tell(entry) == "Et forsøk på å logge inn som Ola Berg mislyktes."
    entry = AuditEntry(actor=None, act="log-in failed", about="log-in")
    assert teller.tell(entry) == "Et forsøk på å logge inn som en ukjent adresse mislyktes."
    entry = AuditEntry(actor=kari, act="never heard of", about="firm")
    assert teller.tell(entry) == "Kari Hansen gjorde «never heard of»."


def test_acts_are_found_by_their_kind() -> None:
    assert kind_of("dialog.opened") == Kind.SIGHT
    assert kind_of("dialog.finished") == Kind.WORK
    assert kind_of("answer.sent") == Kind.ANSWERS
    assert kind_of("client added") == Kind.CLIENTS
    assert kind_of("client erased") == Kind.PRIVACY
    assert kind_of("vendor key made") == Kind.SETUP
    assert kind_of("user logged in") == Kind.LOG_INS
    assert {kind_of(act) for act in words.ACTS} == set(Kind)
