"""Sealing keys are rotated by a command: afterwards the old key opens nothing."""

from datetime import datetime
from io import StringIO

import pytest
from django.apps import apps
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import models
from pytest_django import Settings

from clients.models import PersonConnection, VendorClient, VendorKey
from staff import resealing
from staff.models import AuditEntry, User
from staff.sealing import SealedField, Unreadable, seal, unseal

OLD = "the key before, with as many letters as a key should have"
NEW = "the key now, also with as many letters as a key should have"
pytestmark = pytest.mark.django_db


def run(*words: str) -> str:
    out = StringIO()
    call_command("reseal", *words, stdout=out)
    return out.getvalue()


@pytest.fixture
def connection(kari: User, now: datetime, settings: Settings) -> PersonConnection:
    """Kari's sign-in at ID-porten, sealed with the key before."""
    settings.SEALING_KEYS = [OLD]
    made = PersonConnection.objects.create(
        user=kari, sealed=seal(b"her tokens"), connected_at=now, expires_at=now
    )
    settings.SEALING_KEYS = [NEW, OLD]
    return made


def test_after_a_rotation_the_old_key_is_not_needed(
    connection: PersonConnection, settings: Settings
) -> None:
    said = run()

    connection.refresh_from_db()
    settings.SEALING_KEYS = [NEW]
    assert unseal(connection.sealed) == b"her tokens"
    settings.SEALING_KEYS = [OLD]
    with pytest.raises(Unreadable):
        unseal(connection.sealed)
    assert "PersonConnection.sealed: 0 with the first key, 1 sealed anew" in said
    assert AuditEntry.objects.get(act="secrets resealed").detail == {"sealed_anew": 1}


def test_a_second_run_changes_nothing(connection: PersonConnection) -> None:
    run()
    connection.refresh_from_db()
    once = bytes(connection.sealed)

    said = run()

    connection.refresh_from_db()
    assert bytes(connection.sealed) == once
    assert "1 with the first key, 0 sealed anew" in said
    assert AuditEntry.objects.filter(act="secrets resealed").count() == 1


def test_asking_says_what_is_left_and_changes_nothing(connection: PersonConnection) -> None:
    before = bytes(connection.sealed)

    with pytest.raises(CommandError, match="1 are sealed with an older key"):
        run("--check")

    connection.refresh_from_db()
    assert bytes(connection.sealed) == before
    run()
    assert "Nothing is sealed with an older key." in run("--check")


def test_what_no_key_opens_is_left_and_said(
    connection: PersonConnection, settings: Settings
) -> None:
    settings.SEALING_KEYS = [NEW]
    before = bytes(connection.sealed)

    with pytest.raises(CommandError, match="1 cannot be opened with any key"):
        run()

    connection.refresh_from_db()
    assert bytes(connection.sealed) == before


def test_what_changes_meanwhile_is_not_overwritten(
    connection: PersonConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slowly(sealed: bytes) -> bytes:
        """Open it, and let Kari sign in anew before it is sealed again."""
        plain = unseal(sealed)
        PersonConnection.objects.update(sealed=seal(b"newer tokens"))
        return plain

    monkeypatch.setattr(resealing, "unseal", slowly)

    run()

    connection.refresh_from_db()
    assert unseal(connection.sealed) == b"newer tokens"


def test_a_retired_key_without_its_private_part_is_left_alone(
    now: datetime, settings: Settings
) -> None:
    client = VendorClient.objects.create(client_id="a-client", vendor_orgnr="310000000")
    VendorKey.objects.create(
        client=client,
        kid="old",
        state=VendorKey.State.RETIRED,
        sealed_private=b"",
        made_at=now,
        public_jwk={},
    )
    settings.SEALING_KEYS = [NEW, OLD]

    assert run() == "Nothing is sealed with an older key.\n"


def test_sealed_texts_within_json_are_sealed_anew_and_the_rest_is_as_it_was(
    now: datetime, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the secrets of second factors lie."""
    settings.SEALING_KEYS = [OLD]
    secrets = [seal(word).decode("ascii") for word in (b"one", b"two")]
    client = VendorClient.objects.create(client_id="a-client", vendor_orgnr="310000000")
    key = VendorKey.objects.create(
        client=client,
        kid="a-kid",
        sealed_private=b"",
        made_at=now,
        public_jwk={"secret": secrets[0], "codes": [{"code": secrets[1]}, 3, "gAAA"], "is": None},
    )
    settings.SEALING_KEYS = [NEW, OLD]
    monkeypatch.setattr(resealing, "IN_JSON", [("clients", "VendorKey", "public_jwk")])

    assert "VendorKey.public_jwk: 0 with the first key, 2 sealed anew" in run()

    key.refresh_from_db()
    settings.SEALING_KEYS = [NEW]
    assert unseal(key.public_jwk["secret"].encode()) == b"one"
    assert unseal(key.public_jwk["codes"][0]["code"].encode()) == b"two"
    assert (key.public_jwk["codes"][1:], key.public_jwk["is"]) == ([3, "gAAA"], None)


def test_every_binary_field_is_either_sealed_or_known_not_to_be() -> None:
    plain = {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, models.BinaryField) and not isinstance(field, SealedField)
    }

    assert plain == {
        "dialogs.InboundEvent.body",  # an event's ids, as they came; kept for weeks
        "staff.AuditEntry.digest",
        "staff.AuditLink.digest",
    }
    names = [f"{model._meta.label}.{name}" for model, name in resealing.sealed_fields()]
    assert "clients.VendorKey.sealed_private" in names
    assert len(names) >= 9
