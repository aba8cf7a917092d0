"""Bulk changes over HTTP, with and without scripts."""

import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from redis.exceptions import RedisError

from clients.models import Client
from dialogs.bulk import acts, jobs, tasks
from dialogs.bulk.acts import ACTS, Act
from dialogs.models import BulkItem, BulkJob, Dialog
from staff.models import AuditEntry, User
from tests.dialogs.bulk.conftest import Do, chosen, outcomes, renewed
from tests.dialogs.conftest import MakeDialog
from tests.processes import ROOT

HTMX = {"HX-Request": "true"}
LogIn = Callable[[User], Browser]


def flat(response: Any) -> str:
    return " ".join(response.content.decode().split())


def ids(dialogs: list[Dialog]) -> list[str]:
    return [str(dialog.pk) for dialog in dialogs]


def send(browser: Browser, act: str, dialogs: list[Dialog], **more: Any) -> Any:
    headers = more.pop("headers", None)
    sent = {"act": act, "id": ids(dialogs), "liste": "", **more}
    return browser.post("/masseendring/", sent, headers=headers)


@pytest.fixture(autouse=True)
def rung(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The jobs that workers were rung for; none runs."""
    keys: list[int] = []
    monkeypatch.setattr(tasks.run_job, "delay", lambda key: keys.append(key))
    return keys


def test_a_small_change_is_done_at_once_and_shown(
    karis: Browser, five: list[Dialog], rung: list[int]
) -> None:
    response = send(karis, "DONE", five, liste="frist=har")

    job = BulkJob.objects.get()
    assert response.headers["Location"] == f"/masseendring/{job.pk}/"
    assert outcomes(job) == {"CHANGED": 5}
    assert rung == []
    html = flat(karis.get(response.headers["Location"]))
    assert "Merket 5 dialoger som ferdig." in html
    assert f'action="/masseendring/{job.pk}/angre/"' in html
    assert 'href="/innboks/?frist=har"' in html


def test_a_change_in_altinn_is_left_to_a_worker(
    karis: Browser, five: list[Dialog], rung: list[int]
) -> None:
    response = send(karis, "ARCHIVE", five)

    job = BulkJob.objects.get()
    assert rung == [job.pk]
    html = flat(karis.get(response.headers["Location"]))
    assert "Flytter til arkivet: 0 av 5." in html
    assert "Klienten ser det også i Altinn." in html
    assert 'hx-trigger="hent"' in html
    assert "/angre/" not in html


def test_a_large_change_is_left_to_a_worker(
    karis: Browser, five: list[Dialog], rung: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(acts, "AT_ONCE", 4)
    monkeypatch.setattr(jobs, "AT_ONCE", 4)

    send(karis, "DONE", five, steg="gjor")

    assert rung == [BulkJob.objects.get().pk]
    assert outcomes(BulkJob.objects.get()) == {"WAITING": 5}


def test_what_nobody_works_on_is_taken_up_again(
    karis: Browser, five: list[Dialog], rung: list[int], now: datetime
) -> None:
    send(karis, "ARCHIVE", five[:2], nokkel="a")
    send(karis, "ARCHIVE", five[2:], nokkel="b")
    first, second = BulkJob.objects.order_by("pk")
    BulkJob.objects.filter(pk=first.pk).update(state="RUNNING", lease_until_at=now + jobs.LEASE)
    rung.clear()

    tasks.run_due()

    assert rung == [second.pk]


def test_old_jobs_are_forgotten_and_the_audit_log_is_kept(
    karis: Browser, do: Do, five: list[Dialog], now: datetime
) -> None:
    old = do(Act.DONE, chosen(*five[:2]))
    undoing = jobs.undo(old, actor=old.actor, now=now)
    new = do(Act.DONE, chosen(*five[2:]))
    BulkJob.objects.exclude(pk=new.pk).update(created_at=now - timedelta(days=61))
    entries = AuditEntry.objects.count()

    tasks.tidy()

    assert list(BulkJob.objects.all()) == [new]
    assert BulkItem.objects.count() == 3
    assert undoing.pk
    assert AuditEntry.objects.count() == entries


def test_if_redis_is_down_the_job_waits_for_beat(
    karis: Browser, five: list[Dialog], monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(*, key: int) -> None:
        raise RedisError("down")

    monkeypatch.setattr(tasks.run_job, "delay", down)

    assert send(karis, "ARCHIVE", five).status_code == 302
    assert jobs.due(now=timezone.now()) == [BulkJob.objects.get().pk]


@pytest.mark.parametrize("act", ["ASSIGN", "INTERNAL_DUE", "NOTE", "SNOOZE", "BIN"])
def test_what_needs_an_answer_is_asked_first(karis: Browser, five: list[Dialog], act: str) -> None:
    html = flat(send(karis, act, five, liste="frist=har"))

    assert not BulkJob.objects.exists()
    assert "5 dialoger hos 1 klient." in html
    assert f'name="ids" value="{",".join(ids(five))}"' in html
    assert f'name="act" value="{act}"' in html
    assert 'href="/innboks/?frist=har"' in html


def test_before_the_bin_it_is_shown_whose_and_which(
    karis: Browser, leder: User, five: list[Dialog], bakeren: Client, make_dialog: MakeDialog
) -> None:
    Dialog.objects.filter(pk=five[0].pk).update(responsible=leder)
    more = [make_dialog(bakeren, "<b>Brev</b> 5", due_in=1), make_dialog(bakeren, folder="BIN")]

    html = flat(send(karis, "BIN", [*five, *more]))

    assert "Flytt 6 dialoger til papirkurven" in html
    assert "1 dialog av utvalget passer ikke for dette" in html
    assert "Klienten ser det også i Altinn." in html
    assert "Bakeren AS (6)" in html
    assert "ufordelt (5), Marit Solberg (1)" in html
    shown = re.findall(r"<li>(.*?)</li>", html[html.index("De første") :])
    assert shown[:5] == ["&lt;b&gt;Brev&lt;/b&gt; 5", "Brev 0", "Brev 1", "Brev 2", "Brev 3"]


def test_above_two_hundred_everything_is_asked_first(
    karis: Browser, five: list[Dialog], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(acts, "AT_ONCE", 4)
    monkeypatch.setattr("dialogs.bulk.views.AT_ONCE", 4)

    asked = flat(send(karis, "ARCHIVE", five))

    assert "Brev 0" in asked
    assert not BulkJob.objects.exists()
    send(karis, "ARCHIVE", five, steg="gjor")
    assert BulkJob.objects.get().items.count() == 5


def test_all_hits_are_sent_on_as_filters(karis: Browser, five: list[Dialog]) -> None:
    sent = {"act": "BIN", "alle": "ja", "liste": "frist=har"}

    html = flat(karis.post("/masseendring/", sent))
    assert '<input type="hidden" name="alle" value="ja">' in html
    assert '<input type="hidden" name="liste" value="frist=har">' in html

    karis.post("/masseendring/", sent | {"steg": "gjor"})
    job = BulkJob.objects.get()
    assert job.query == "frist=har"
    assert job.items.count() == 5


def test_assigning_asks_whom_oneself_first(
    karis: Browser, kari: User, ola: User, leder: User, five: list[Dialog]
) -> None:
    Dialog.objects.update(responsible=leder)

    html = flat(send(karis, "ASSIGN", five))

    people = re.findall(r'for="bulk-p\d+">(.*?) <span class="quiet">(.*?)</span>', html)
    assert people == [
        ("Kari Hansen (meg)", "ingen åpne"),
        ("Marit Solberg", "5 åpne"),
        ("Ola Berg", "ingen åpne"),
    ]
    send(karis, "ASSIGN", five, steg="gjor", responsible=str(kari.pk), comment="Haster")
    assert {dialog.responsible for dialog in renewed(five)} == {kari}
    assert BulkJob.objects.get().wish["comment"] == "Haster"
    send(karis, "ASSIGN", five, steg="gjor", responsible="ingen")
    assert {dialog.responsible for dialog in renewed(five)} == {None}


@pytest.mark.parametrize(
    ("act", "wish", "said"),
    [
        ("ASSIGN", {}, "Velg hvem som skal ha ansvaret."),
        ("ASSIGN", {"responsible": "9999999"}, "Kollegaen finnes ikke lenger. Velg en annen."),
        ("ASSIGN", {"responsible": "٣"}, "Kollegaen finnes ikke lenger. Velg en annen."),
        ("INTERNAL_DUE", {}, "Velg hvordan fristen skal settes."),
        ("INTERNAL_DUE", {"how": "dager"}, "Skriv hvor mange virkedager."),
        ("INTERNAL_DUE", {"how": "dager", "days": "61"}, "Skriv et tall fra 0 til 60."),
        ("INTERNAL_DUE", {"how": "dager", "days": "-1"}, "Skriv et tall fra 0 til 60."),
        ("INTERNAL_DUE", {"how": "dager", "days": "to"}, "Skriv et helt tall."),
        ("INTERNAL_DUE", {"how": "dato"}, "Velg en dato."),
        ("INTERNAL_DUE", {"how": "dato", "due_on": "2020-01-01"}, "Dagen har vært."),
        ("INTERNAL_DUE", {"how": "dato", "due_on": "9999-12-31"}, "Dagen er for langt fram."),
        ("INTERNAL_DUE", {"how": "dato", "due_on": "32. mai"}, "Skriv datoen med dag"),
        ("SNOOZE", {}, "Velg en dato."),
        ("SNOOZE", {"until_on": "2020-01-01"}, "Dagen har vært."),
        ("NOTE", {"text": "   "}, "Skriv noe i notatet før du lagrer."),
        ("NOTE", {"text": "x" * 10_001}, "Kort det ned"),
    ],
)
def test_an_answer_that_will_not_do_says_what_is_wrong(
    karis: Browser, five: list[Dialog], act: str, wish: dict[str, str], said: str
) -> None:
    response = send(karis, act, five, steg="gjor", **wish)

    assert response.status_code == 409
    assert said in flat(response)
    assert not BulkJob.objects.exists()


def test_today_is_too_soon_to_put_aside_to(karis: Browser, five: list[Dialog]) -> None:
    today = timezone.localdate()

    send(karis, "SNOOZE", five, steg="gjor", until_on=today.isoformat())
    assert not BulkJob.objects.exists()

    send(karis, "SNOOZE", five, steg="gjor", until_on=(today + timedelta(days=1)).isoformat())
    assert {dialog.folder for dialog in renewed(five)} == {"SNOOZED"}


@pytest.mark.parametrize(
    ("wish", "kept"),
    [
        ({"how": "dager", "days": "3", "due_on": "2030-01-01"}, {"days": 3, "due_on": None}),
        ({"how": "dato", "days": "3", "due_on": "DAY"}, {"days": None, "due_on": "DAY"}),
        ({"how": "fjern", "days": "3", "due_on": "DAY"}, {"days": None, "due_on": None}),
    ],
)
def test_of_the_internal_deadline_only_what_was_chosen_counts(
    karis: Browser, five: list[Dialog], wish: dict[str, str], kept: dict[str, Any]
) -> None:
    day = (timezone.localdate() + timedelta(days=20)).isoformat()
    wish = {name: value.replace("DAY", day) for name, value in wish.items()}

    send(karis, "INTERNAL_DUE", five, steg="gjor", **wish)

    stored = BulkJob.objects.get().wish
    assert stored["days"] == kept["days"]
    assert stored["due_on"] == (day if kept["due_on"] == "DAY" else None)


def test_a_form_that_is_sent_twice_makes_one_job(karis: Browser, five: list[Dialog]) -> None:
    first = send(karis, "DONE", five, nokkel="a")
    second = send(karis, "DONE", five, nokkel="a")

    assert first.headers["Location"] == second.headers["Location"]
    assert BulkJob.objects.count() == 1
    send(karis, "ARCHIVE", five, nokkel="b")
    send(karis, "ARCHIVE", five, nokkel="c")
    assert BulkJob.objects.count() == 3


def test_two_people_may_send_the_same_form(
    karis: Browser, leder: User, logged_in: LogIn, five: list[Dialog]
) -> None:
    send(karis, "ARCHIVE", five, nokkel="a")
    send(logged_in(leder), "ARCHIVE", five, nokkel="a")

    assert BulkJob.objects.count() == 2


def test_undoing_and_trying_again_twice_is_once(
    karis: Browser, kari: User, five: list[Dialog], ola: User, do: Do
) -> None:
    job = do(Act.DONE, chosen(*five))
    for _ in range(2):
        response = karis.post(f"/masseendring/{job.pk}/angre/")
    undoing = BulkJob.objects.get(undoes=job)
    assert response.headers["Location"] == f"/masseendring/{undoing.pk}/"
    assert "Angret for 5 dialoger." in flat(karis.get(response.headers["Location"]))
    assert "/angre/" not in flat(karis.get(f"/masseendring/{job.pk}/"))

    failed = do(Act.ASSIGN, chosen(*five), responsible=ola.pk)
    for _ in range(2):
        karis.post(f"/masseendring/{failed.pk}/igjen/", {"nokkel": "x"})
    assert BulkJob.objects.filter(act="ASSIGN").count() == 2


def test_after_a_week_it_can_no_longer_be_undone(
    karis: Browser, do: Do, five: list[Dialog], now: datetime
) -> None:
    job = do(Act.DONE, chosen(*five))
    BulkJob.objects.filter(pk=job.pk).update(created_at=now - timedelta(days=7, minutes=1))

    assert "/angre/" not in flat(karis.get(f"/masseendring/{job.pk}/"))
    response = karis.post(f"/masseendring/{job.pk}/angre/")

    assert response.status_code == 409
    assert "Det er ikke lenger noe å angre." in flat(response)
    assert {dialog.folder for dialog in renewed(five)} == {"DONE"}


def test_what_failed_is_shown_with_its_reason_and_can_be_tried_again(
    karis: Browser, bakeren: Client, ola: User, do: Do, five: list[Dialog]
) -> None:
    job = do(Act.ASSIGN, chosen(*five[:3]), responsible=ola.pk)

    html = flat(karis.get(f"/masseendring/{job.pk}/"))
    assert "Ingen ble endret, 3 feilet – " in html
    assert f'<a class="ds-link" href="/masseendring/{job.pk}/#feilet">Vis de tre</a>' in html
    assert "3 dialoger: Ola Berg har ikke tilgang til klienten." in html
    assert f'<a class="ds-link" href="/innboks/{five[0].pk}/">Brev 0</a>' in html
    bakeren.members.add(ola)

    again = karis.post(f"/masseendring/{job.pk}/igjen/")
    html = flat(karis.get(again.headers["Location"]))
    assert "Tildelte 3 dialoger til Ola Berg." in html
    assert {dialog.responsible for dialog in renewed(five[:3])} == {ola}


def test_a_title_is_not_shown_to_who_has_lost_the_client(
    karis: Browser, kari: User, ola: User, bakeren: Client, do: Do, five: list[Dialog]
) -> None:
    job = do(Act.ASSIGN, chosen(*five), responsible=ola.pk)
    bakeren.responsible = ola
    bakeren.save()

    html = flat(karis.get(f"/masseendring/{job.pk}/"))

    assert "5 feilet" in html
    assert "Brev 0" not in html
    assert karis.post(f"/masseendring/{job.pk}/igjen/").status_code == 409
    assert BulkJob.objects.count() == 1


def test_undoing_leaves_alone_what_one_no_longer_sees(
    karis: Browser, kari: User, ola: User, bakeren: Client, do: Do, five: list[Dialog]
) -> None:
    job = do(Act.DONE, chosen(*five))
    bakeren.responsible = ola
    bakeren.save()

    assert karis.post(f"/masseendring/{job.pk}/angre/").status_code == 409
    assert {dialog.folder for dialog in renewed(five)} == {"DONE"}


@pytest.mark.parametrize(
    ("method", "address"), [("get", ""), ("post", "angre/"), ("post", "igjen/")]
)
def test_somebody_elses_job_is_not_there(
    olas: Browser,
    leder: User,
    logged_in: LogIn,
    do: Do,
    five: list[Dialog],
    method: str,
    address: str,
) -> None:
    job = do(Act.DONE, chosen(*five))

    for browser in (olas, logged_in(leder)):
        assert getattr(browser, method)(f"/masseendring/{job.pk}/{address}").status_code == 404
        assert f"/masseendring/{job.pk}/" not in flat(browser.get("/masseendringer/"))
    assert not BulkJob.objects.filter(undoes=job).exists()


def test_ones_own_jobs_are_listed_in_few_statements(
    karis: Browser, leder: User, do: Do, five: list[Dialog]
) -> None:
    assert "Du har ikke endret flere dialoger" in flat(karis.get("/masseendringer/"))
    do(Act.ASSIGN, chosen(*five), responsible=leder.pk)
    with CaptureQueriesContext(connection) as few:
        karis.get("/masseendringer/")
    for dialog in five:
        do(Act.ASSIGN, chosen(dialog), responsible=None)

    with CaptureQueriesContext(connection) as many:
        html = flat(karis.get("/masseendringer/"))

    assert "Tildelte 5 dialoger til Marit Solberg" in html
    assert html.index("Gjorde 1 dialog ufordelt") < html.index("Tildelte 5 dialoger")
    assert len(many) == len(few)


def test_nothing_chosen_says_so(karis: Browser, olas: Browser, five: list[Dialog]) -> None:
    for sent in ({}, {"act": "DONE"}, {"act": "UNDO", "alle": "ja"}, {"act": "x", "alle": "ja"}):
        response = karis.post("/masseendring/", sent)
        assert response.status_code == 409
        assert "Ingen dialoger er valgt." in flat(response)
    strange = send(olas, "DONE", five)
    assert "Ingen av dialogene finnes lenger" in flat(strange)
    unfit = send(karis, "INBOX", five)
    assert "Ingen av de valgte dialogene kan endres slik." in flat(unfit)
    assert not BulkJob.objects.exists()


def test_nothing_is_changed_by_looking(karis: Browser) -> None:
    for address in ("", "antall/", "1/angre/", "1/igjen/"):
        assert karis.get(f"/masseendring/{address}").status_code == 405
    assert Browser().get("/masseendringer/").headers["Location"].startswith("/konto/login/")


def test_forms_without_their_token_are_refused(kari: User, five: list[Dialog]) -> None:
    browser = Browser(enforce_csrf_checks=True)
    browser.force_login(kari)

    assert send(browser, "DONE", five).status_code == 403
    assert not BulkJob.objects.exists()


# With htmx: parts of the page, and where they go.


def test_the_toolbar_counts_and_offers_what_fits(
    karis: Browser, five: list[Dialog], bakeren: Client, make_dialog: MakeDialog
) -> None:
    archived = make_dialog(bakeren, folder="ARCHIVE")
    for _ in range(32):
        make_dialog(bakeren)

    chosen_two = karis.post("/masseendring/antall/", {"id": ids(five[:2]), "liste": ""})
    html = flat(chosen_two)
    assert "<strong>2 valgt.</strong>" in html
    assert "Velg alle 37 treff</button>" in html
    assert 'value="ARCHIVE">Flytt til arkivet</button>' in html
    assert 'value="ASSIGN">Tildel …</button>' in html
    assert 'value="INBOX"' not in html

    sent = {"ids": ",".join(ids([*five, archived])), "liste": "mappe=alle"}
    html = flat(karis.post("/masseendring/antall/", sent))
    assert "<strong>6 valgt.</strong>" in html
    assert 'value="ARCHIVE">Flytt til arkivet (5 av 6)</button>' in html
    assert 'value="INBOX">Flytt til innboksen (1 av 6)</button>' in html

    html = flat(karis.post("/masseendring/antall/", {"alle": "ja", "liste": ""}))
    assert "<strong>Alle 37 treff er valgt.</strong>" in html
    assert "Fjern utvalget</button>" in html


def test_the_toolbar_does_not_offer_what_is_chosen_already(
    karis: Browser, five: list[Dialog]
) -> None:
    assert "Velg alle" not in flat(karis.post("/masseendring/antall/", {"id": ids(five)}))


def test_too_many_are_counted_and_not_changed(
    karis: Browser, five: list[Dialog], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dialogs.bulk.views.MOST", 4)
    monkeypatch.setattr("dialogs.bulk.selection.MOST", 4)

    html = flat(karis.post("/masseendring/antall/", {"alle": "ja"}))

    assert "Alle 5 treff er valgt." in html
    assert "Du kan endre 4 om gangen." in html
    assert 'name="act"' not in html
    refused = karis.post("/masseendring/", {"act": "DONE", "alle": "ja"})
    assert "Utvalget er på mer enn 4 dialoger." in flat(refused)
    assert not BulkJob.objects.exists()


def test_an_answer_goes_above_the_list_and_a_question_in_its_box(
    karis: Browser, five: list[Dialog]
) -> None:
    asked = send(karis, "BIN", five, headers=HTMX)
    assert asked.headers["HX-Retarget"] == "#bulk-boks-innhold"
    assert "<html" not in flat(asked)

    done = send(karis, "DONE", five, headers=HTMX)
    assert done.headers["HX-Retarget"] == "#bulk-svar"
    assert done.headers["HX-Reswap"] == "afterbegin"
    assert "Merket 5 dialoger som ferdig." in flat(done)
    told = json.loads(done.headers["HX-Trigger-After-Swap"])["bulk"]
    assert told["ferdig"] is True
    assert told["tekst"] == "Merket 5 dialoger som ferdig"

    nothing = send(karis, "DONE", five, headers=HTMX, key="a form of its own")
    assert "Ingen av de valgte dialogene kan endres slik." in flat(nothing)
    assert nothing.headers["HX-Retarget"] == "#bulk-svar"


def test_progress_is_a_line_until_it_is_finished(
    karis: Browser, kari: User, five: list[Dialog], now: datetime
) -> None:
    send(karis, "ARCHIVE", five)
    job = BulkJob.objects.get()
    address = f"/masseendring/{job.pk}/"
    BulkItem.objects.filter(dialog__in=five[:2]).update(outcome="CHANGED")

    line = karis.get(address, headers=HTMX)
    assert "Flytter til arkivet: 2 av 5." in flat(line)
    assert "tekst" not in json.loads(line.headers["HX-Trigger-After-Swap"])["bulk"]
    assert '<progress value="2" max="5"' in flat(line)
    assert "data-bulk-poll" in flat(line)

    on_its_page = HTMX | {"HX-Current-URL": f"http://testserver{address}"}
    assert "Lukk" in flat(line)
    assert "Lukk" not in flat(karis.get(address, headers=on_its_page))
    BulkJob.objects.update(state="WAITING", lease_until_at=now + timedelta(minutes=5))
    assert "Altinn svarer ikke nå. Vi prøver igjen kl." in flat(karis.get(address, headers=HTMX))

    BulkItem.objects.update(outcome="CHANGED")
    BulkJob.objects.update(state="FINISHED", finished_at=now, lease_until_at=None)
    line = karis.get(address, headers=HTMX)
    assert "Flyttet 5 til arkivet." in flat(line)
    assert "data-bulk-poll" not in flat(line)
    assert karis.get(address, headers=on_its_page).headers["HX-Refresh"] == "true"


def test_without_scripts_everything_can_be_chosen(karis: Browser) -> None:
    """The form that is shown when there are no scripts offers every act."""
    source = (ROOT / "templates/dialogs/bulk/plain.html").read_text("utf-8")
    assert re.findall(r'<option value="(\w+)"', source) == [act.value for act in ACTS]
    assert source.index("<noscript>") < source.index('name="alle" value="ja"')


def test_an_assigned_count_of_a_thousand_breaks_nothing(
    karis: Browser, bakeren: Client, make_dialog: MakeDialog, do: Do
) -> None:
    """Numbers on screen are spaced, and words for few stop at twelve."""
    for _ in range(13):
        make_dialog(bakeren)
    job = do(Act.DONE, chosen(*Dialog.objects.all()))
    BulkItem.objects.filter(job=job).update(outcome="FAILED", reason="Nei.")

    assert "Vis de 13</a>" in flat(karis.get(f"/masseendring/{job.pk}/"))
    BulkItem.objects.filter(pk__in=job.items.values("pk")[:12]).update(outcome="CHANGED")
    assert "Vis den</a>" in flat(karis.get(f"/masseendring/{job.pk}/"))
