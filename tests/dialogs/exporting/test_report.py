"""«Dette har vi håndtert for deg»: the paper a client gets, in their language."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from django.test import Client as Browser
from django.utils import timezone

from clients.models import Client, Firm
from dialogs.exporting import report as reports
from dialogs.models import Dialog, Finished, ServiceAction
from staff.models import AuditEntry, User
from staff.sealing import seal
from tests.dialogs.answering.test_receipts import letters, words_in
from tests.dialogs.conftest import MakeDialog
from tests.naughty import naughty_strings

Report = Callable[..., str]


def days(now: datetime, *, before: int = 30, language: str = "nb") -> str:
    today = timezone.localdate(now)
    first = today - timedelta(days=before)
    return urlencode({"fra": first, "til": today, "sprak": language})


@pytest.fixture
def paper(karis: Browser, bakeren: Client, now: datetime) -> Report:
    """The letters of the report on the last thirty days, as Kari gets it."""

    def get(language: str = "nb", **more: Any) -> str:
        query = days(now, language=language, **more)
        answer = karis.get(f"/klienter/{bakeren.pk}/rapport/pdf/?{query}")
        assert answer.status_code == 200
        assert answer["Content-Type"] == "application/pdf"
        assert answer.content.startswith(b"%PDF-")
        return letters(words_in(answer.content))

    return get


@pytest.fixture
def month(bakeren: Client, make_dialog: MakeDialog, kari: User, now: datetime) -> list[Dialog]:
    """One that came long ago and is open, one that is done, one that was answered."""
    ago = [now - timedelta(days=number) for number in range(60)]
    open_one = make_dialog(bakeren, "Gammelt krav", due_in=-3, content_updated_at=ago[50])
    done = make_dialog(bakeren, "Mva-melding", content_updated_at=ago[9], done_at=ago[2])
    Finished.objects.create(
        dialog=done, by=kari, at=ago[2], title="", summary="", status="", attachment_count=0,
        content_updated_at=ago[9],
    )  # fmt: skip
    answered = make_dialog(bakeren, "Varsel om kontroll", content_updated_at=ago[5], due_in=9)
    ServiceAction.objects.create(
        dialog=answered,
        kind=ServiceAction.Kind.CONFIRM,
        action_id=uuid4(),
        revision=uuid4(),
        name="Bekreft mottak",
        method="POST",
        host="skd.example",
        actor=kari,
        system_user=answered.access.system_user,
        request=seal(b"{}"),
        request_hash="0" * 64,
        reference="AR-77",
        state=ServiceAction.State.DONE,
        asked_at=ago[4],
        sent_at=ago[4],
    )
    return [open_one, done, answered]


def section(said: str, heading: str, until: str = "") -> str:
    """What stands under a heading, up to another one."""
    found = said.split(letters(heading))[-1]
    return found.split(letters(until))[0] if until else found


def test_it_says_what_came_what_was_done_and_what_is_left(month: object, paper: Report) -> None:
    Firm.objects.create(name="Firmaet Regnskap AS")

    said = paper()

    for word in ("Bakeren AS", "Firmaet Regnskap AS", "Kontakt", "Kari Hansen", "Kom2"):
        assert letters(word) in said
    assert letters("Gjenstår 2 (1 over frist)") in said
    came = section(said, "Dette kom", "Dette er gjort ferdig")
    assert "Mva-melding" in came
    assert letters("Varsel om kontroll") in came
    assert letters("Gammelt krav") not in came
    done = section(said, "Dette er gjort ferdig", "Dette er sendt inn")
    assert letters("Mva-melding Skatteetaten – Kari Hansen") in done
    sent = section(said, "med kvittering", "Dette gjenstår")
    assert letters("Bekreft mottak: Varsel om kontroll") in sent
    assert "AR-77" in sent
    left = section(said, "Dette gjenstår")
    assert letters("Gammelt krav") in left
    assert "Mva-melding" not in left


def test_the_days_are_those_asked_for(month: object, paper: Report) -> None:
    said = paper(before=6)

    came = section(said, "Dette kom", "Dette er gjort ferdig")
    assert "Mva-melding" not in came
    assert letters("Varsel om kontroll") in came


@pytest.mark.parametrize(
    ("language", "said"),
    [("nb", "Dette har vi håndtert for deg"), ("nn", "Dette har vi"), ("en", "This is what we")],
)
def test_it_is_written_in_the_clients_language(
    language: str, said: str, month: list[Dialog], paper: Report
) -> None:
    received = {"content": {"title": {"value": [{"value": "VAT return", "languageCode": "en"}]}}}
    copy = month[1].copy
    copy.received = received
    copy.save()

    found = paper(language)

    assert letters(said) in found
    assert (letters("VAT return") in found) == (language == "en")


def test_long_lists_are_cut_and_say_so(
    bakeren: Client, make_dialog: MakeDialog, paper: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reports, "MOST_LINES", 2)
    for number in range(5):
        make_dialog(bakeren, f"Brev {number}")

    assert letters("og 3 til") in paper()


def test_whatever_service_owners_write_is_set(
    bakeren: Client, make_dialog: MakeDialog, paper: Report
) -> None:
    texts = [text.replace("\x00", "") for text in naughty_strings()[::10]]
    for text in texts:
        make_dialog(bakeren, text)

    assert letters(f"Kom{len(texts)}") in paper()


def test_an_empty_month_says_so(bakeren: Client, paper: Report) -> None:
    assert paper().count("Ingenting.") == 4


def test_who_does_not_see_the_client_gets_neither_page_nor_paper(
    olas: Browser, bakeren: Client, now: datetime
) -> None:
    assert olas.get(f"/klienter/{bakeren.pk}/rapport/").status_code == 404
    assert olas.get(f"/klienter/{bakeren.pk}/rapport/pdf/?{days(now)}").status_code == 404


def test_the_page_offers_last_month_and_says_what_is_wrong(
    karis: Browser, bakeren: Client, now: datetime
) -> None:
    last = timezone.localdate(now).replace(day=1) - timedelta(days=1)
    page = karis.get(f"/klienter/{bakeren.pk}/rapport/").content.decode()
    assert f'value="{last}"' in page
    assert f'value="{last.replace(day=1)}"' in page

    wrong = urlencode({"fra": "2026-02-01", "til": "2026-01-01", "sprak": "nb"})
    answer = karis.get(f"/klienter/{bakeren.pk}/rapport/pdf/?{wrong}", follow=True)
    assert "Siste dag er før den første" in answer.content.decode()
    assert answer.redirect_chain[0][0].startswith(f"/klienter/{bakeren.pk}/rapport/?")


def test_that_it_was_made_is_written_down_and_told(
    month: object, paper: Report, karis: Browser, bakeren: Client, kari: User
) -> None:
    paper()

    entry = AuditEntry.objects.get(act="client reported")
    assert (entry.about, entry.actor) == (f"client {bakeren.pk}", kari)
    counted = {name: entry.detail[name] for name in ("came", "finished", "sent", "open")}
    assert counted == {"came": 2, "finished": 1, "sent": 1, "open": 2}
    log = karis.get(f"/klienter/{bakeren.pk}/logg/").content.decode()
    assert "Kari Hansen laget en rapport til klienten." in log
