"""A client who has left is erased when its time is out; nothing that names it is left behind."""

import hashlib
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path
from uuid import uuid4

import pytest
from django.apps import apps
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client as Browser
from pytest_django import Settings

from clients import actions as registering
from clients.models import Access, Alarm, Client, ClientFollower, ErasedClient, Party
from dialogs import counters
from dialogs.files.archive import storage
from dialogs.models import (
    ArchivedFile,
    Dialog,
    FolderCount,
    InboundEvent,
    Note,
    ServiceAction,
)
from dialogs.privacy import erasing
from dialogs.privacy.tasks import erase_clients
from staff import chain
from staff.models import AuditEntry, User
from staff.sealing import seal
from tests.dialogs.conftest import MakeDialog

CANARY = "Kanarifuglen"
ORGNR = "310495921"
MakeClient = Callable[..., Client]


def make_file(dialog: Dialog, user: User, now: datetime, name: str = f"{CANARY}.pdf") -> None:
    content = f"{CANARY} {ORGNR}".encode()
    stored_as = storage().save(f"{dialog.client_id}/{uuid4().hex}", ContentFile(content))
    ArchivedFile.objects.create(
        client_id=dialog.client_id,
        dialog=dialog,
        attachment_id=uuid4(),
        sealed_name=seal(name.encode()),
        media_type="application/pdf",
        size_bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        stored_as=stored_as,
        saved_at=now,
        saved_by=user,
        keep_until_on=now.date(),
    )


@pytest.fixture
def left(make_client: MakeClient, make_dialog: MakeDialog, kari: User, now: datetime) -> Client:
    """A client that left long ago, with one of everything, whose name is a canary."""
    client = make_client(f"{CANARY} AS", orgnr=ORGNR, responsible=kari)
    party = client.parties.get()
    dialog = make_dialog(client, f"Brev til {CANARY}", created_at=now - timedelta(days=400))
    make_dialog(client, summary=CANARY, folder="BIN")
    make_file(dialog, kari, now)
    for place in ({"dialog": dialog}, {"client": client}):
        Note.objects.create(**place, author=kari, text=f"Ring {CANARY}", created_at=now)
    ClientFollower.objects.create(client=client, user=kari, since_at=now)
    Alarm.objects.create(
        kind=Alarm.Kind.SILENT, subject=f"client {client.pk}", client=client,
        facts={"name": CANARY}, raised_at=now, last_seen_at=now,
    )  # fmt: skip
    InboundEvent.objects.create(
        received_at=now, subscription_id=uuid4(), ce_source="x", ce_id="1", next_at=now,
        body=json.dumps({"subject": party.urn}).encode(),
    )  # fmt: skip
    ServiceAction.objects.create(
        dialog=dialog, kind="BUTTON", action_id=uuid4(), revision=uuid4(), name=CANARY,
        method="POST", host="example.invalid", actor=kari, system_user=dialog.access.system_user,
        request=b"", request_hash="", state="DONE", asked_at=now, sent_at=now,
    )  # fmt: skip
    Access.objects.update(lost_at=now)
    Client.objects.filter(pk=client.pk).update(archived_at=now - timedelta(days=366 * 6))
    client.refresh_from_db()
    return client


def tables_that_name(words: tuple[str, ...]) -> set[str]:
    """Every table with one of the words in any column of any row."""
    found = set()
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            table = model._meta.db_table
            cursor.execute(f"SELECT t::text FROM {table} t")  # noqa: S608 (our own names)
            if any(word in row for (row,) in cursor.fetchall() for word in words):
                found.add(table)
    return found


def test_nothing_that_names_the_client_is_left(
    left: Client, archive_root: Path, now: datetime
) -> None:
    words = (CANARY, ORGNR, CANARY.encode().hex(), ORGNR.encode().hex())
    assert {"clients_client", "dialogs_dialogcopy", "dialogs_note"} <= tables_that_name(words)

    erase_clients()

    assert tables_that_name(words) == set()
    assert not [path for path in archive_root.rglob("*") if path.is_file()]
    left.refresh_from_db()
    assert (left.name, left.orgnr, left.responsible) == (f"Slettet klient {left.pk}", None, None)
    assert not Party.objects.exists()
    assert not FolderCount.objects.exists()
    assert not counters.drift()


def test_how_much_there_was_is_kept_and_told(left: Client, now: datetime) -> None:
    erase_clients()

    counts = ErasedClient.objects.get(client=left).counts
    assert counts["dialogs"] == 2
    assert (counts["files"], counts["notes"], counts["actions"]) == (1, 2, 1)
    assert sum(count for name, count in counts.items() if name.startswith("dialogs_")) == 2
    entry = AuditEntry.objects.get(act="client erased")
    assert (entry.actor, entry.client_id, entry.detail) == (None, left.pk, counts)
    chain.add_links(now=now)
    assert chain.verify().faults == []


def test_another_client_is_left_alone(
    left: Client, rorleggeren: Client, make_dialog: MakeDialog, ola: User, now: datetime
) -> None:
    dialog = make_dialog(rorleggeren)
    Access.objects.update(lost_at=now)
    make_file(dialog, ola, now, "Ny.pdf")

    erase_clients()

    assert list(Dialog.objects.all()) == [dialog]
    assert storage().exists(ArchivedFile.objects.get().stored_as)
    assert Client.objects.get(pk=rorleggeren.pk).name == "Rørleggeren ENK"


def test_its_time_is_not_out_before_the_day(left: Client, settings: Settings) -> None:
    settings.CLIENT_KEEP_YEARS = 7
    day = erasing.erase_on(left)
    assert day
    assert erasing.to_erase(today=day - timedelta(days=1)) == []
    assert erasing.to_erase(today=day) == [left]


def test_a_hold_keeps_everything_until_it_is_lifted(
    left: Client, admin: User, now: datetime
) -> None:
    erasing.hold(left, "Bokettersyn", actor=admin, now=now)
    erase_clients()
    with pytest.raises(erasing.Kept, match="stanset"):
        erasing.erase(left, actor=admin, now=now)
    assert Dialog.objects.filter(client=left).count() == 2

    erasing.release(left, actor=admin, now=now)
    erase_clients()

    assert not Dialog.objects.filter(client=left).exists()
    acts = AuditEntry.objects.filter(client_id=left.pk).order_by("pk")
    assert list(acts.values_list("act", "actor")) == [
        ("client held", admin.pk),
        ("client released", admin.pk),
        ("client erased", None),
    ]


def test_who_is_in_use_or_still_listed_is_kept(left: Client, admin: User, now: datetime) -> None:
    Access.objects.update(lost_at=None)
    with pytest.raises(erasing.Kept, match="Altinn lar oss fortsatt lese"):
        erasing.erase(left, actor=admin, now=now)

    registering.unarchive_client(left, actor=admin, now=now)
    left.refresh_from_db()
    with pytest.raises(erasing.Kept, match="ikke arkivert"):
        erasing.erase(left, actor=admin, now=now)
    erase_clients()
    assert Dialog.objects.filter(client=left).count() == 2


def test_one_that_broke_off_is_finished_with_the_counts_it_began_with(
    left: Client, now: datetime
) -> None:
    ErasedClient.objects.create(client=left, counts={"dialogs": 77})

    erase_clients()

    erased = ErasedClient.objects.get()
    assert erased.at
    assert erased.counts == {"dialogs": 77}
    assert erasing.to_erase(today=now.date()) == []


def test_the_page_is_for_administrators(
    left: Client, admins: Browser, karis: Browser, leder: User, logged_in: Callable[..., Browser]
) -> None:
    for address in ("/personvern/", f"/personvern/klienter/{left.pk}/"):
        assert admins.get(address).status_code == 200
        for other in (karis, logged_in(leder)):
            assert other.get(address).status_code == 403
        assert Browser().get(address).status_code == 302
    for post in ({"gjor": "slett", "sikker": "on"}, {"gjor": "stans", "why": "x"}):
        assert karis.post(f"/personvern/klienter/{left.pk}/", post).status_code == 403
    assert karis.post(f"/personvern/klienter/{left.pk}/alt/").status_code == 403
    assert Dialog.objects.filter(client=left).count() == 2
    assert "/personvern/" in admins.get("/klienter/").content.decode()
    assert "/personvern/" not in karis.get("/klienter/").content.decode()


def test_it_is_held_and_erased_on_the_page(left: Client, admins: Browser) -> None:
    address = f"/personvern/klienter/{left.pk}/"
    assert admins.post(address, {"gjor": "slett"}).status_code == 422
    assert admins.post(address, {"gjor": "stans", "why": ""}).status_code == 422
    assert admins.post(address, {"gjor": "noe annet"}).status_code == 422
    assert admins.post(address, {"gjor": "stans", "why": "Tvist"}).status_code == 302
    page = admins.get(address).content.decode()
    assert "Tvist" in page
    assert "Sletting er stanset" in page
    assert "Stanset" in admins.get("/personvern/").content.decode()
    admins.post(address, {"gjor": "slett", "sikker": "on"})
    assert "Sletting er stanset" in admins.get(address).content.decode()
    assert Dialog.objects.filter(client=left).count() == 2

    admins.post(address, {"gjor": "opphev"})
    assert admins.post(address, {"gjor": "slett", "sikker": "on"}).status_code == 302

    page = admins.get(address).content.decode()
    assert f"Slettet klient {left.pk}" in page
    assert "2 dialoger, 1 filer og 2 notater" in page
    assert "Slett for godt" not in page
    assert not Dialog.objects.filter(client=left).exists()


def test_the_command_erases_and_says_what_keeps_one(left: Client, now: datetime) -> None:
    with pytest.raises(CommandError, match="no such client"):
        call_command("erase_client", "999999")
    Client.objects.filter(pk=left.pk).update(archived_at=None)
    with pytest.raises(CommandError):
        call_command("erase_client", str(left.pk))

    Client.objects.filter(pk=left.pk).update(archived_at=now)
    out = StringIO()
    call_command("erase_client", str(left.pk), stdout=out)
    assert out.getvalue().startswith(f"Erased client {left.pk}: 2 dialogs")
