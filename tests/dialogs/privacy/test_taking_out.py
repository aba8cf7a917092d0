"""All that the portal has of one client, in a zip that goes out while it is written."""

import io
import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from zipfile import ZipFile

from django.test import Client as Browser

from clients.models import Client
from dialogs.files.archive import storage
from dialogs.models import ArchivedFile, Note, OpenedBody, OpenedDialog
from staff import audit
from staff.models import AuditEntry, User
from staff.sealing import seal
from tests.dialogs.conftest import MakeDialog
from tests.dialogs.privacy.test_erasing import make_file


def taken_out(browser: Browser, client: Client) -> ZipFile:
    response = browser.post(f"/personvern/klienter/{client.pk}/alt/")
    assert response.status_code == 200
    assert "attachment" in response["Content-Disposition"]
    pieces: Iterable[Any] = response
    archive = ZipFile(io.BytesIO(b"".join(pieces)))
    assert archive.testzip() is None
    return archive


def lines(archive: ZipFile, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in archive.read(name).decode().splitlines()]


def test_everything_of_the_client_and_nothing_of_another(
    admins: Browser, admin: User, kari: User, bakeren: Client, rorleggeren: Client,
    make_dialog: MakeDialog, now: datetime,
) -> None:  # fmt: skip
    dialog = make_dialog(bakeren, "Brev om lønn")
    other = make_dialog(rorleggeren, "Til en annen")
    for one in (dialog, other):
        make_file(one, kari, now, f"fil-{one.client_id}.pdf")
        make_file(one, kari, now, f"fil-{one.client_id}.pdf")
        Note.objects.create(dialog=one, author=kari, text=f"Om {one.pk}", created_at=now)
        audit.record(actor=kari, act="dialog.opened", about=f"dialog {one.pk}", now=now)
        sealed = {"revision": one.pk, "by": kari, "at": now}
        OpenedDialog.objects.create(
            dialog=one, sealed=seal(b'{"id": 1}'), content_updated_at=now, **sealed
        )
        OpenedBody.objects.create(dialog=one, outcome="SHOWN", sealed=seal(b"<p>Hei</p>"), **sealed)
    Note.objects.create(client=bakeren, author=kari, text="Viktig", created_at=now)

    archive = taken_out(admins, bakeren)

    client = json.loads(archive.read("klient.json"))
    assert (client["name"], client["orgnr"]) == ("Bakeren AS", "310495921")
    assert client["people"][str(kari.pk)] == "Kari Hansen"
    [told] = lines(archive, "dialoger.jsonl")
    assert (told["id"], told["title"]) == (str(dialog.pk), "Brev om lønn")
    assert [one["content"] for one in lines(archive, "aapnet.jsonl")] == [{"id": 1}]
    assert [one["html"] for one in lines(archive, "innhold.jsonl")] == ["<p>Hei</p>"]
    assert [one["text"] for one in lines(archive, "notater-dialoger.jsonl")] == [f"Om {dialog.pk}"]
    assert [one["text"] for one in lines(archive, "notater-klient.jsonl")] == ["Viktig"]
    acts = [one["act"] for one in lines(archive, "logg.jsonl")]
    assert acts == ["dialog.opened", "client exported"]
    names = sorted(name for name in archive.namelist() if name.startswith("filer/"))
    assert names == [f"filer/fil-{bakeren.pk} (2).pdf", f"filer/fil-{bakeren.pk}.pdf"]
    assert "Kanarifuglen" in archive.read(names[0]).decode()
    whole = b"".join(archive.read(name) for name in archive.namelist())
    assert b"Til en annen" not in whole
    assert str(other.pk).encode() not in whole
    entry = AuditEntry.objects.get(act="client exported")
    assert (entry.actor, entry.client_id) == (admin, bakeren.pk)


def test_a_file_that_is_gone_is_said_to_be(
    admins: Browser, kari: User, bakeren: Client, make_dialog: MakeDialog, now: datetime
) -> None:
    make_file(make_dialog(bakeren), kari, now, "borte.pdf")
    storage().delete(ArchivedFile.objects.get().stored_as)

    archive = taken_out(admins, bakeren)

    assert "filer/borte.pdf.mangler.txt" in archive.namelist()


def test_what_is_many_is_taken_in_turns(
    admins: Browser, bakeren: Client, make_dialog: MakeDialog, monkeypatch: Any
) -> None:
    monkeypatch.setattr("dialogs.privacy.taking_out.AT_ONCE", 2)
    made = {str(make_dialog(bakeren, f"Nr. {number}").pk) for number in range(5)}

    found = [one["id"] for one in lines(taken_out(admins, bakeren), "dialoger.jsonl")]

    assert len(found) == 5
    assert set(found) == made
