"""Receipts: on the page, on paper, in the client's history; and what a kill leaves behind."""

import hashlib
import json
import re
import zlib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from django.test import Client as Browser
from django.utils import timezone
from fpdf import FPDF

from dialogs.answering import paper, tasks
from dialogs.answering.asked import Request, unsealed
from dialogs.answering.receipts import Receipt, of_dialog
from dialogs.content import opening
from dialogs.models import Dialog, ServiceAction
from dialogs.paper import _typeface
from staff.models import User
from staff.sealing import seal
from tests.dialogs.answering.conftest import CONFIRM, Press, Sample, one_of, text, the_only
from tests.naughty import naughty_strings
from tests.processes import processes
from tests.stand_in import Altinn, wait_until

Kind, State, How = ServiceAction.Kind, ServiceAction.State, ServiceAction.How


def words_in(pdf: bytes) -> str:
    """The text of a PDF of ours, read back through its own table of letters."""
    found = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)
    table: dict[int, str] = {}
    written: list[str] = []
    for stream in (one for one in found if b"begincmap" in one):
        for glyph, letter in re.findall(rb"<([0-9A-Fa-f]{4})> <([0-9A-Fa-f]+)>\n", stream):
            table[int(glyph, 16)] = bytes.fromhex(letter.decode()).decode("utf-16-be")
    # Not all at once: one that happens to end with a line's end has lost its last byte here.
    whole = (zlib.decompressobj().decompress(one) for one in found if one[:1] == b"\x78")
    for stream in whole:
        for shown in re.findall(rb"\(((?:\\.|[^\\)])*)\) Tj", stream, re.DOTALL):
            raw = re.sub(
                rb"\\(.)", lambda m: b"\r" if m[1] == b"r" else m[1], shown, flags=re.DOTALL
            )
            pairs = [raw[at : at + 2] for at in range(0, len(raw), 2)]
            written.append("".join(table.get(int.from_bytes(pair), "?") for pair in pairs))
    return " ".join(written)


def unescaped(found: re.Match[bytes]) -> bytes:
    return b"\r" if found[1] == b"r" else found[1]


def letters(said: str) -> str:
    """A text as its letters alone: where lines break is the paper's own business."""
    return re.sub(r"\s+", "", said)


@pytest.fixture
def confirmed(sample: Sample, press: Press) -> ServiceAction:
    press(sample(CONFIRM), Kind.CONFIRM)
    return the_only()


def test_a_receipt_says_who_when_what_and_how_it_ended(
    confirmed: ServiceAction, karis: Browser
) -> None:
    page = text(karis.get(f"/kvittering/{confirmed.pk}/"))

    url = unsealed(confirmed.request).url
    proof = hashlib.sha256(f"POST\n{url}\n".encode()).hexdigest()
    assert confirmed.request_hash == proof
    for said in (
        "Bekreft",
        str(confirmed.dialog.client),
        "Skatteetaten",
        url,
        proof,
        "Kari Hansen",
        str(confirmed.dialog_id),
        "Ingen opplysninger fulgte med",
        "Utført. Mottaket er bekreftet.",
        "svaret fra tjenesten",
        "Krever handling",
        "Uten status",
        f"{timezone.localtime(confirmed.sent_at):%H.%M.%S}",
    ):
        assert said in page


def test_the_paper_says_what_the_page_says(confirmed: ServiceAction, karis: Browser) -> None:
    answer = karis.get(f"/kvittering/{confirmed.pk}/pdf/")

    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert answer.content.startswith(b"%PDF-")
    said = letters(words_in(answer.content))
    receipt = Receipt(confirmed)
    for label, value in [*receipt.facts, *receipt.results]:
        assert letters(label) in said
        assert letters(value) in said, value


def test_norwegian_is_right_on_paper(confirmed: ServiceAction) -> None:
    confirmed.name = "Få brøk på «æøå ÆØÅ – € é»"
    confirmed.dialog.copy.title = "Ærlig årsoppgjør for Øvre Ål"

    said = words_in(paper.pdf(Receipt(confirmed)))

    assert letters("Få brøk på «æøå ÆØÅ – € é»") in letters(said)
    assert letters("Ærlig årsoppgjør for Øvre Ål") in letters(said)


def test_no_string_stops_the_paper(confirmed: ServiceAction) -> None:
    naughty = naughty_strings()
    assert len(naughty) > 100
    for some in (naughty[i : i + 100] for i in range(0, len(naughty), 100)):
        lines = [(one[:40] or "-", one) for one in some]
        request = Request("POST", "https://x/" + "a" * 2000, lines=lines)
        confirmed.request = request.sealed()
        confirmed.name = (some[0] or "x")[:255]
        confirmed.answer = seal("\ud800\x00\u202e".encode("utf-8", "surrogatepass"))

        assert paper.pdf(Receipt(confirmed)).startswith(b"%PDF-")


@pytest.mark.parametrize("odd", ["\x00", "\ud800", "\u202e", "\U0010ffff", "💩", "𝕬" * 3000])
def test_what_cannot_be_set_is_marked_and_stops_nothing(odd: str, confirmed: ServiceAction) -> None:
    confirmed.name = f"a{odd}b"

    assert paper.pdf(Receipt(confirmed)).startswith(b"%PDF-")


def test_the_typeface_has_what_norwegians_write() -> None:
    pdf = FPDF()
    pdf.add_font("Receipt", fname=_typeface())
    has = pdf.fonts["receipt"].cmap  # type: ignore[union-attr]

    assert all(ord(letter) in has for letter in "abcæøåÆØÅéüöä«»–…€§0123456789\N{THIN SPACE}")


def test_naughty_strings_are_text_on_the_page(confirmed: ServiceAction, karis: Browser) -> None:
    lines = [(one, one) for one in naughty_strings() if "\x00" not in one]
    ServiceAction.objects.update(
        request=Request("POST", "https://x/", lines=lines).sealed(),
        name="<script>alert(1)</script>",
    )

    page = karis.get(f"/kvittering/{confirmed.pk}/").content.decode()

    assert "<script>alert" not in page
    assert "<img src=x" not in page


def test_the_dialogs_page_and_the_clients_log_lead_to_the_receipt(
    confirmed: ServiceAction, karis: Browser
) -> None:
    [receipt] = of_dialog(confirmed.dialog)
    assert (receipt.title, receipt.state) == ("Bekreft", "Utført")

    page = karis.get(f"/innboks/{confirmed.dialog_id}/dialog/").content.decode()
    log = karis.get(f"/klienter/{confirmed.dialog.client_id}/logg/")

    assert f"/kvittering/{confirmed.pk}/" in page
    assert f"/kvittering/{confirmed.pk}/" in log.content.decode()
    assert "Kari Hansen sendte «Bekreft» til tjenesteeieren." in text(log)
    assert "«Bekreft» er utført hos tjenesteeieren." in text(log)


def test_a_receipt_stays_when_its_key_is_gone(confirmed: ServiceAction, karis: Browser) -> None:
    ServiceAction.objects.update(request=b"sealed with another key", answer=b"that one too")

    page = karis.get(f"/kvittering/{confirmed.pk}/")

    assert page.status_code == 200
    assert confirmed.request_hash in text(page)
    assert karis.get(f"/kvittering/{confirmed.pk}/pdf/").status_code == 200


def test_nothing_secret_is_in_what_is_kept(confirmed: ServiceAction, altinn: Altinn) -> None:
    kept = ServiceAction.objects.filter(pk=confirmed.pk).values().get()

    assert "eyJ" not in str(kept)
    assert "eyJ" not in json.dumps(unsealed(confirmed.request).lines)


Wait = Callable[[], Any]


@pytest.mark.django_db(transaction=True)
def test_a_kill_in_the_middle_leaves_the_row_and_the_end_is_found_by_looking(
    sample: Sample, kari: User, altinn: Altinn, now: datetime
) -> None:
    dialog = sample(CONFIRM)
    offer = one_of(dialog, Kind.CONFIRM, kari, now)
    kept = opening.kept(dialog)
    assert kept is not None
    altinn.post("/faults", {"operation": "correspondence-confirm", "delay_seconds": 4})
    browser = Browser()
    browser.force_login(kari)
    with processes(altinn) as portal:
        portal.start_web()
        cookies = {"session": browser.cookies["session"].value}
        with httpx.Client(base_url=portal.url, cookies=cookies, trust_env=False) as http:
            address = f"/innboks/{dialog.pk}/handling/{offer.id}/"
            token = re.search(r'csrfmiddlewaretoken" value="(\w+)"', http.get(address).text)
            assert token is not None
            sent = {"csrfmiddlewaretoken": token[1], "revision": str(kept.revision)}
            with pytest.raises(httpx.ReadTimeout):
                http.post(address, data=sent, timeout=2, headers={"Origin": portal.url})
        assert the_only().state == State.SENT
        portal.kill("web")

    wait_until(lambda: altinn.received("correspondence-confirm"))
    altinn.delete("/requests")
    later = now + timedelta(minutes=30)
    action = the_only()
    ServiceAction.objects.update(sent_at=now - timedelta(minutes=30))
    tasks.look_for_outcomes()

    action.refresh_from_db()
    assert (action.state, action.how, action.answered_at) == (State.DONE, "DIALOG", None)
    assert altinn.counts()["details"] == 0
    assert altinn.received() == []
    assert later > now


@pytest.mark.django_db(transaction=True)
def test_nothing_is_sent_that_is_not_written_down(
    sample: Sample, press: Press, altinn: Altinn, kari: User, now: datetime
) -> None:
    """The row cannot be written: a colleague's, at another revision, is in the way."""
    dialog = sample(CONFIRM)
    offer = one_of(dialog, Kind.CONFIRM, kari, now)
    theirs = ServiceAction.objects.create(
        dialog=dialog,
        kind=Kind.CONFIRM,
        action_id=offer.id,
        revision=UUID(int=1),
        name="Bekreft",
        method="POST",
        host="x",
        actor=kari,
        system_user=dialog.access.system_user,
        request=b"",
        request_hash="",
        state=State.UNKNOWN,
        asked_at=now,
        sent_at=now,
    )

    page = press(dialog, Kind.CONFIRM)

    assert page.redirect_chain[-1][0] == f"/kvittering/{theirs.pk}/"
    assert altinn.received() == []
    assert ServiceAction.objects.count() == 1
    assert Dialog.objects.filter(pk=dialog.pk).exists()
