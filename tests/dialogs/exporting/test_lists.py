"""Every list as a file: what the page shows, for the one who looks, and nothing else."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.http import QueryDict
from django.test import Client as Browser
from django.utils import timezone

from clients.health.alarms import Kind as Alarms
from clients.health.alarms import of_client, settle
from clients.models import Client
from dialogs import notices
from dialogs.exporting import dialogs as listed_dialogs
from dialogs.exporting import jobs, table
from dialogs.exporting.lists import LISTS
from dialogs.exporting.sending import stream
from dialogs.models import Dialog, Notice, ServiceAction
from staff.models import AuditEntry, User
from staff.sealing import seal
from staff.tables import Kind
from tests.dialogs.conftest import MakeDialog
from tests.dialogs.exporting.conftest import body, cells, leave, lines, taken

INBOX = "/eksport/innboks/csv/"


def titles(rows: list[dict[str, str]]) -> list[str]:
    return [row["Dialog"] for row in rows]


def test_the_inbox_is_taken_out_as_it_is_listed(
    karis: Browser, bakeren: Client, make_dialog: MakeDialog, kari: User, now: datetime
) -> None:
    make_dialog(bakeren, "Sist", due_in=9)
    first = make_dialog(bakeren, "=Først; «først»", due_in=1, responsible=kari, is_unread=True)
    make_dialog(bakeren, "Arkivert", folder="ARCHIVE")

    answer = karis.get(INBOX)

    assert answer["Content-Disposition"] == (
        f'attachment; filename="innboks-{timezone.localdate(now)}.csv"'
    )
    rows = lines(body(answer))
    assert titles(rows) == ["'=Først; «først»", "Sist"]
    due_on = timezone.localdate(now + timedelta(days=1))
    assert rows[0] | {"Lenke": "", "Sist oppdatert": ""} == {
        "Dialog": "'=Først; «først»",
        "Klient": "Bakeren AS",
        "Org.nr.": "310495921",
        "Underenhet": "",
        "Tjenesteeier": "Skatteetaten",
        "Status": "Krever handling",
        "Mappe": "Innboks",
        "Frist": due_on.isoformat(),
        "Type frist": "fra tjenesteeieren",
        "Intern frist": "",
        "Haster": "",
        "Ansvarlig": "Kari Hansen",
        "Ulest i Altinn": "Ja",
        "Sist oppdatert": "",
        "Utsatt til": "",
        "Notater": "0",
        "Vedlegg": "0",
        "Lenke": "",
    }
    assert rows[0]["Lenke"].endswith(f"/innboks/{first.pk}/")


def test_a_workbook_has_days_and_moments_and_no_formula(
    karis: Browser, bakeren: Client, make_dialog: MakeDialog
) -> None:
    make_dialog(bakeren, "=1+1", due_in=1)

    heading, row = cells(body(karis.get("/eksport/innboks/xlsx/")))

    found = dict(zip(heading, row, strict=True))
    assert found["Dialog"] == "=1+1"
    assert isinstance(found["Frist"], datetime)
    assert isinstance(found["Sist oppdatert"], datetime)
    assert found["Vedlegg"] == 0


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?frist=over", ["Over"]),
        ("?q=skatt", ["Skatt"]),
        ("?mappe=arkiv", ["Arkivert"]),
        ("?sort=klient", ["Over", "Skatt", "Uten", "Åsene"]),
        ("?sort=oppdatert&retning=motsatt", ["Uten", "Skatt", "Over", "Åsene"]),
        ("?gruppe=ansvarlig", ["Over", "Skatt", "Åsene", "Uten"]),
        ("?frist=tull&side=7&etter=1.2", ["Over", "Skatt", "Åsene", "Uten"]),
    ],
)
def test_filters_and_order_are_the_lists(
    query: str,
    expected: list[str],
    karis: Browser,
    kari: User,
    bakeren: Client,
    make_client: Callable[..., Client],
    make_dialog: MakeDialog,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(listed_dialogs, "AT_ONCE", 2)  # so that there are several pages
    other = make_client("Åsene AS", responsible=kari)
    ages = {"Uten": 4, "Skatt": 3, "Over": 2, "Åsene": 1}
    days = {title: now - timedelta(days=age) for title, age in ages.items()}
    make_dialog(bakeren, "Over", due_in=-2, content_updated_at=days["Over"])
    make_dialog(bakeren, "Skatt", due_in=2, content_updated_at=days["Skatt"])
    make_dialog(bakeren, "Uten", content_updated_at=days["Uten"])
    make_dialog(other, "Åsene", due_in=3, content_updated_at=days["Åsene"])
    make_dialog(bakeren, "Arkivert", folder="ARCHIVE")

    assert titles(taken(karis, INBOX + query)) == expected


def test_nobody_takes_what_they_may_not_see(
    olas: Browser, bakeren: Client, make_dialog: MakeDialog, admin: User, now: datetime
) -> None:
    dialog = make_dialog(bakeren, "Hemmelig")
    notices.notify([admin], Notice.Kind.ASSIGNED, now=now, dialog=dialog)
    _acted(dialog, admin, now)

    for listed in ("innboks", "klienter", "varsler", "kvitteringer"):
        assert taken(olas, f"/eksport/{listed}/csv/") == []
        assert taken(olas, f"/eksport/{listed}/csv/?klient={bakeren.pk}&mappe=alle") == []


@pytest.mark.parametrize("listed", ["dekning", "tilgangsvarsler"])
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_who_does_not_oversee_gets_no_coverage(listed: str, kind: str, karis: Browser) -> None:
    assert karis.get(f"/eksport/{listed}/{kind}/?tilgang=full").status_code == 403
    assert karis.post(f"/eksport/{listed}/{kind}/lag/").status_code == 403


def test_somebody_who_is_not_logged_in_gets_nothing() -> None:
    for listed in LISTS:
        assert Browser().get(f"/eksport/{listed}/csv/").status_code == 302


def test_there_are_no_other_lists_and_kinds(karis: Browser) -> None:
    assert karis.get("/eksport/passord/csv/").status_code == 404
    assert karis.get("/eksport/innboks/pdf/").status_code == 404
    assert karis.post("/eksport/innboks/csv/").status_code == 405


def test_clients_are_taken_out_as_they_are_listed(
    karis: Browser, bakeren: Client, make_client: Callable[..., Client], kari: User, now: datetime
) -> None:
    make_client("Privat Person", orgnr=None, responsible=kari)
    make_client("Gammel AS", responsible=kari, archived_at=now)

    rows = taken(karis, "/eksport/klienter/csv/")

    assert [(row["Klient"], row["Org.nr."]) for row in rows] == [
        ("Bakeren AS", "310495921"),
        ("Privat Person", "Privatperson"),
    ]
    assert rows[0]["Klientansvarlig"] == "Kari Hansen"
    assert [row["Klient"] for row in taken(karis, "/eksport/klienter/csv/?q=bak")] == ["Bakeren AS"]
    archived = taken(karis, "/eksport/klienter/csv/?vis=arkiverte")
    assert [row["Klient"] for row in archived] == ["Gammel AS"]


def test_coverage_and_alarms_are_for_those_who_oversee(
    logged_in: Callable[[User], Browser], leder: User, bakeren: Client, now: datetime
) -> None:
    settle(Alarms.BANKRUPT, [of_client(bakeren.pk, is_bankrupt=True)], looked_at=1, now=now)
    browser = logged_in(leder)

    [row] = taken(browser, "/eksport/dekning/csv/?tilgang=ingen")
    assert (row["Klient"], row["Enheter"], row["Enheter vi leser"]) == ("Bakeren AS", "1", "0")
    assert browser.get("/eksport/dekning/csv/?tilgang=tull").status_code == 404
    [alarm] = taken(browser, "/eksport/tilgangsvarsler/csv/")
    assert alarm["Klient"] == "Bakeren AS"
    assert alarm["Varsel"]


def test_notices_are_ones_own_in_several_pages(
    karis: Browser,
    kari: User,
    ola: User,
    bakeren: Client,
    make_dialog: MakeDialog,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("dialogs.notes.bell.PAGE_SIZE", 2)
    dialog = make_dialog(bakeren, "Mva")
    for number in range(5):
        at = now + timedelta(minutes=number)
        notices.notify([kari, ola], Notice.Kind.REOPENED, now=at, dialog=dialog)

    rows = taken(karis, "/eksport/varsler/csv/")

    assert len(rows) == 5
    assert "«Mva» hos Bakeren AS" in rows[0]["Varsel"]


def test_receipts_are_taken_out_by_day(
    karis: Browser, kari: User, bakeren: Client, make_dialog: MakeDialog, now: datetime
) -> None:
    dialog = make_dialog(bakeren, "Brev")
    _acted(dialog, kari, now)
    today = timezone.localdate(now)

    [row] = taken(karis, f"/eksport/kvitteringer/csv/?fra={today}&til={today}")
    assert (row["Klient"], row["Handling"], row["Utfall"]) == ("Bakeren AS", "Bekreft", "Utført")
    assert row["Bedt om av"] == "Kari Hansen"
    assert taken(karis, f"/eksport/kvitteringer/csv/?fra={today + timedelta(days=1)}") == []
    assert taken(karis, f"/eksport/kvitteringer/csv/?til={today - timedelta(days=1)}") == []


def test_the_page_of_receipts_leads_on_or_says_what_is_wrong(karis: Browser) -> None:
    answer = karis.get("/eksport/kvitteringer/?fra=2026-01-01&til=&type=csv")
    assert answer["Location"] == "/eksport/kvitteringer/csv/?fra=2026-01-01"

    wrong = karis.get("/eksport/kvitteringer/?fra=2026-02-01&til=2026-01-01&type=csv")
    assert wrong.status_code == 409
    assert "Siste dag er før den første" in wrong.content.decode()


def test_what_was_taken_is_written_down_with_filters_and_rows(
    karis: Browser, kari: User, bakeren: Client, make_dialog: MakeDialog
) -> None:
    make_dialog(bakeren, "Skatt for Hansen", due_in=-1)

    body(karis.get(INBOX + "?frist=over&q=hansen&etter=1.2"))

    entry = AuditEntry.objects.get(act="export.taken")
    assert entry.actor == kari
    assert entry.detail == {
        "list": "innboks", "filters": "frist=over&q=…", "kind": "csv", "rows": 1,
    }  # fmt: skip


def test_what_is_broken_off_is_written_down_too(
    kari: User,
    bakeren: Client,
    make_dialog: MakeDialog,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("staff.tables._AT_ONCE", 1)
    for number in range(3):
        make_dialog(bakeren, f"Brev {number}")
    made = LISTS["innboks"].make(kari, QueryDict(), now=now)
    about: dict[str, Any] = {"kind": Kind.CSV, "query": "", "user": kari, "now": now}

    answer = stream("innboks", "Dialoger", made.headings, made.batches(), **about)
    next(iter(answer))
    leave(answer)

    assert AuditEntry.objects.get(act="export.taken").detail["rows"] == 1


def test_a_file_speaks_the_readers_language(
    karis: Browser, kari: User, bakeren: Client, make_dialog: MakeDialog
) -> None:
    kari.language = "en"
    kari.save()
    make_dialog(bakeren, "Brev")

    [row] = taken(karis, INBOX)

    assert row["Client"] == "Bakeren AS"
    assert row["Status"] == "Requires attention"


def test_a_search_that_is_too_broad_is_said(
    karis: Browser, bakeren: Client, make_dialog: MakeDialog, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_dialog(bakeren, "Brev")
    monkeypatch.setattr("dialogs.inbox.listing.SEARCH_SECONDS", 0.000001)
    monkeypatch.setattr("dialogs.inbox.listing.run", lambda *_a, **_k: None)

    answer = karis.get(INBOX + "?q=brev")

    assert answer.status_code == 409
    assert "for bredt" in answer.content.decode()


def test_every_list_counts_no_further_than_it_is_asked_to(
    kari: User, bakeren: Client, make_dialog: MakeDialog, now: datetime
) -> None:
    for number in range(4):
        notices.notify([kari], Notice.Kind.REOPENED, now=now, dialog=make_dialog(bakeren))
        _acted(Dialog.objects.all()[number], kari, now)

    for listed in ("innboks", "varsler", "kvitteringer"):
        made = LISTS[listed].make(kari, QueryDict(), now=now)
        assert made.count(2) == 3
        assert made.count(jobs.AT_ONCE) == 4


@pytest.mark.parametrize(
    "page", ["/innboks/", "/innboks/?frist=over&q=mva", "/klienter/", "/varsler/"]
)
def test_the_button_is_over_the_list(
    page: str, karis: Browser, bakeren: Client, make_dialog: MakeDialog
) -> None:
    make_dialog(bakeren, "Mva", due_in=-1)
    html = karis.get(page).content.decode()

    listed = page.strip("/").partition("/")[0]
    query = page.partition("?")[2].replace("&", "&amp;")
    address = f"/eksport/{listed}/xlsx/" + (f"?{query}" if query else "")
    shown = html.replace("q=mva&amp;frist=over", "frist=over&amp;q=mva")
    assert f'href="{address}"' in shown


def test_the_button_is_over_coverage_and_alarms(
    logged_in: Callable[[User], Browser], leder: User, bakeren: Client
) -> None:
    browser = logged_in(leder)

    coverage = browser.get("/dekning/klienter/?tilgang=ingen").content.decode()
    assert 'href="/eksport/dekning/csv/?tilgang=ingen"' in coverage
    alarms = browser.get("/dekning/varsler/?vis=alle").content.decode()
    assert 'href="/eksport/tilgangsvarsler/csv/?vis=alle"' in alarms


def test_rows_are_read_some_at_a_time(
    kari: User,
    bakeren: Client,
    make_client: Callable[..., Client],
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(table, "AT_ONCE", 2)
    for number in range(4):
        make_client(f"Klient {number}", responsible=kari)

    made = LISTS["klienter"].make(kari, QueryDict(), now=now)

    assert [len(batch) for batch in made.batches()] == [2, 2, 1]


def _acted(dialog: Dialog, user: User, now: datetime) -> ServiceAction:
    """Somebody pressed «Bekreft», and it was done."""
    return ServiceAction.objects.create(
        dialog=dialog,
        kind=ServiceAction.Kind.CONFIRM,
        action_id=uuid4(),
        revision=uuid4(),
        name="Bekreft",
        method="POST",
        host="skd.example",
        actor=user,
        system_user=dialog.access.system_user,
        request=seal(b"{}"),
        request_hash="0" * 64,
        state=ServiceAction.State.DONE,
        asked_at=now,
        sent_at=now,
        settled_at=now,
        response_code=200,
    )
