"""What only some may read does not exist for others, whoever they are: not in a list, not in a sum.

Kari and Ola both work for Bakeren; Kari alone reads what Nav writes of people's health.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from asgiref.sync import async_to_sync
from django.db import connection
from django.http import QueryDict
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from clients.models import Category, CategoryRestriction, Client
from dialogs import actions, notices
from dialogs.actions import Decision
from dialogs.bulk import jobs
from dialogs.bulk.acts import Act
from dialogs.bulk.people import people
from dialogs.bulk.selection import Selection
from dialogs.counters import counts_for, counts_of
from dialogs.exporting import told as told_of
from dialogs.home import hand_over
from dialogs.home.archiving import ArchiveForm
from dialogs.home.colleagues import workload
from dialogs.home.forms import AbsenceForm, ReceiversForm
from dialogs.home.hand_over import Plan
from dialogs.inbox import listing
from dialogs.inbox.filters import Filters
from dialogs.inbox.listing import Scope
from dialogs.inbox.sight import Sight
from dialogs.inbox.stream import _ears
from dialogs.models import (
    ArchivedFile,
    BulkItem,
    Dialog,
    Follower,
    Note,
    Notice,
    ServiceAction,
)
from dialogs.notes import bell
from dialogs.notes.actions import add_note
from dialogs.notes.naming import named_in
from dialogs.notes.place import Place, visible_notes
from dialogs.searches.counts import _counted
from staff.models import User
from staff.sealing import seal
from tests.dialogs.bulk.conftest import run_out
from tests.dialogs.conftest import MakeDialog

SECRET = "Sykmelding Per"
HEALTH = "nav_sykepenger_"  # the stand-in owner of a service in the category
LISTS = ["", "mappe=alle", "gruppe=klient", "gruppe=ansvarlig", "sort=klient", "sort=ansvarlig",
    "sort=oppdatert", "frist=over", "frist=har", "q=sykmelding", "q=bakeren&mappe=alle",
    "q=sykmelding&gruppe=klient", "ansvarlig=ingen", "ansvarlig=meg", "notat=ja", "lest=ulest",
    "eier=nav_sykepenger_", "mappe=utsatt", "mine=ja", "q=REF123"]  # fmt: skip


@pytest.fixture
def bakeren(bakeren: Client, ola: User, health: Category, kari: User) -> Client:
    """Bakeren, whom Ola works for too, with what Kari alone reads."""
    bakeren.members.add(ola)
    bakeren.category_restrictions.create(category=health).readers.set([kari])
    return bakeren


@pytest.fixture
def secret(bakeren: Client, kari: User, make_dialog: MakeDialog) -> Dialog:
    about = {"owner": HEALTH, "reference": "REF123", "is_unread": True}
    return make_dialog(bakeren, SECRET, **about, due_in=-2, responsible=kari)


@pytest.fixture
def open_one(bakeren: Client, kari: User, make_dialog: MakeDialog) -> Dialog:
    return make_dialog(bakeren, "Mva-melding", due_in=-1, is_unread=True, responsible=kari)


@pytest.fixture(params=["ola", "admin", "leder"])
def other(request: pytest.FixtureRequest) -> User:
    """Somebody who sees Bakeren, and may not read it all."""
    found: User = request.getfixturevalue(request.param)
    return found


@contextmanager
def statements() -> Iterator[list[str]]:
    seen: list[str] = []
    with CaptureQueriesContext(connection) as queries:
        yield seen
    seen.extend(one["sql"] for one in queries.captured_queries)


def listed(user: User, query: str, now: datetime, *, learned: bool) -> set[UUID]:
    sight = Sight(user)
    if learned:
        counts_of(sight, today=timezone.localdate(now))
    filters = Filters.read(QueryDict(query))
    return set(listing.find(Scope.of(sight, filters, now=now), count=True).ids)


@pytest.mark.parametrize("query", LISTS)
def test_no_list_shows_it_to_others(
    other: User,
    kari: User,
    secret: Dialog,
    open_one: Dialog,
    query: str,
    logged_in: Callable[[User], Browser],
) -> None:
    Dialog.objects.filter(pk=secret.pk).update(note_count=1)
    shown = logged_in(other).get(f"/innboks/?{query}").content.decode()
    part = logged_in(other).get(
        f"/innboks/?{query}", headers={"HX-Request": "true", "HX-Target": "liste"}
    )

    assert SECRET not in shown
    assert str(secret.pk) not in shown
    assert str(secret.pk) not in part.content.decode()
    if query in {"", "mappe=alle", "frist=over", "gruppe=klient", "notat=ja", "q=REF123"}:
        assert str(secret.pk) in logged_in(kari).get(f"/innboks/?{query}").content.decode()


def test_no_page_of_the_client_shows_it_to_others(
    other: User,
    kari: User,
    bakeren: Client,
    secret: Dialog,
    now: datetime,
    logged_in: Callable[[User], Browser],
) -> None:
    decision = Decision(kari, now, secret.work_version)
    actions.set_internal_due(secret, timezone.localdate(now), decision)
    add_note(Place(bakeren, secret), "Per er syk", author=kari, now=now)
    file = ArchivedFile.objects.create(
        client=bakeren,
        dialog=secret,
        attachment_id=uuid4(),
        sealed_name=seal(b"sykmelding-per.pdf"),
        media_type="application/pdf",
        size_bytes=1,
        sha256="0" * 64,
        stored_as="x",
        saved_at=now,
        saved_by=kari,
        keep_until_on=timezone.localdate(now) + timedelta(days=9),
    )
    telling = {
        "client": SECRET,
        "client-dialogs": SECRET,
        "client-deadlines": SECRET,
        "client-all-notes": "Per er syk",
        "client-documents": "sykmelding-per.pdf",
        "client-log": SECRET,
    }
    for name, text in telling.items():
        address = reverse(f"dialogs:{name}", args=[bakeren.pk])
        assert text in logged_in(kari).get(address).content.decode(), name
        shown = logged_in(other).get(address).content.decode()
        assert text not in shown, name
        assert str(secret.pk) not in shown, name
    assert list(ArchivedFile.objects.visible_to(kari)) == [file]
    assert not ArchivedFile.objects.visible_to(other).exists()


@pytest.mark.parametrize(
    "tail",
    ["", "hele/", "notater/", "kolleger/", "notat-utkast/", "vedlegg/x/"],
)
def test_it_is_not_found_by_its_address(
    other: User, secret: Dialog, tail: str, logged_in: Callable[[User], Browser]
) -> None:
    for headers in ({}, {"HX-Request": "true", "HX-Target": "panel"}):
        answer = logged_in(other).get(f"/innboks/{secret.pk}/{tail}", headers=headers)
        assert answer.status_code in {404, 405}
        assert SECRET not in answer.content.decode()


@pytest.mark.parametrize("what", ["ansvarlig", "utsett", "ferdig", "folg", "apne", "her"])
def test_nothing_can_be_done_with_it(
    other: User, secret: Dialog, what: str, logged_in: Callable[[User], Browser]
) -> None:
    before = Dialog.objects.filter(pk=secret.pk).values().get()
    sent = {"work_version": secret.work_version, "responsible": other.pk, "folg": "ja", "side": "x"}

    answer = logged_in(other).post(f"/innboks/{secret.pk}/{what}/", sent)

    assert answer.status_code == 404
    assert Dialog.objects.filter(pk=secret.pk).values().get() == before
    assert not Follower.objects.exists()


def test_home_and_what_is_searched_for_from_anywhere_do_not_know_of_it(
    other: User,
    kari: User,
    bakeren: Client,
    secret: Dialog,
    now: datetime,
    make_dialog: MakeDialog,
    logged_in: Callable[[User], Browser],
) -> None:
    make_dialog(bakeren, SECRET, owner=HEALTH, due_in=2, responsible=kari)
    note = add_note(Place(bakeren, secret), "@Ola", author=kari, now=now, mentioned=[other])
    assert Notice.objects.filter(user=other).count() == 0, "who may not read it is not told"
    assert note.mentions.filter(user=other).exists(), "as if named before it was restricted"
    Notice.objects.create(
        user=other, kind=Notice.Kind.ASSIGNED, dialog=secret, comment=SECRET, created_at=now
    )
    for address in ("/hjem/", "/hurtigmeny/?q=sykmelding", reverse("dialogs:notices")):
        shown = logged_in(other).get(address).content.decode()
        assert SECRET not in shown, address
        assert str(secret.pk) not in shown, address
    assert SECRET in logged_in(kari).get("/hjem/").content.decode()
    assert SECRET in logged_in(kari).get("/hurtigmeny/?q=sykmelding").content.decode()


def test_no_number_counts_it_for_others(
    other: User, kari: User, bakeren: Client, secret: Dialog, open_one: Dialog, now: datetime
) -> None:
    today = timezone.localdate(now)
    Dialog.objects.filter(pk=secret.pk).update(reopened_at=now, responsible=None)
    for counts in (
        counts_of(Sight(other), today=today),
        counts_for(other, bakeren.pk, today=today),
    ):
        assert (counts.inbox, counts.unread, counts.overdue) == (1, 1, 1)
        assert (counts.unassigned, counts.reopened) == (0, 0)
    karis = counts_of(Sight(kari), today=today)
    assert (karis.inbox, karis.unread, karis.overdue) == (2, 2, 2)
    assert (karis.unassigned, karis.reopened) == (1, 1)
    every = {"alle": Filters(), "ord": Filters(words="sykmelding"), "over": Filters(due="over")}
    assert _counted(every, Sight(other), now=now) == {"alle": 1, "ord": 0, "over": 1}
    assert _counted(every, Sight(kari), now=now) == {"alle": 2, "ord": 1, "over": 2}


def test_min_dag_counts_what_its_lists_show(
    other: User,
    kari: User,
    bakeren: Client,
    secret: Dialog,
    logged_in: Callable[[User], Browser],
) -> None:
    assert logged_in(kari).get("/hjem/").context["day"].overdue == 1
    day = logged_in(other).get("/hjem/").context["day"]
    assert (day.overdue, day.due_this_week, day.unassigned, day.new_total) == (0, 0, 0, 0)
    assert (day.next, day.internal, day.news, day.mentions) == ([], [], [], [])


@pytest.mark.parametrize("learned", [True, False])
def test_who_reads_it_all_is_asked_for_nothing_more(
    kari: User, secret: Dialog, open_one: Dialog, now: datetime, *, learned: bool
) -> None:
    with statements() as seen:
        assert listed(kari, "", now, learned=learned) == {secret.pk, open_one.pk}
    lists = [sql for sql in seen if "dialogs_foldercount" not in sql]  # not the counts
    finding = [sql for sql in lists if "UNION ALL" in sql and "dialogs_dialog" in sql]
    assert finding
    assert not [sql for sql in finding if "restriction" in sql]


def test_a_page_takes_as_many_statements_with_something_hidden_as_without(
    other: User, secret: Dialog, open_one: Dialog, logged_in: Callable[[User], Browser]
) -> None:
    browser = logged_in(other)
    browser.get("/innboks/")
    with statements() as hidden:
        browser.get("/innboks/")
    CategoryRestriction.objects.all().delete()
    with statements() as plain:
        browser.get("/innboks/")
    assert len(hidden) == len(plain)
    assert any("restriction_id" in sql for sql in hidden)
    assert not any("restriction_id" in sql for sql in plain if "categoryrestriction" not in sql), (
        "without a restriction the lists are what they were"
    )


def test_it_is_never_given_to_somebody_who_may_not_read_it(
    ola: User, kari: User, bakeren: Client, secret: Dialog, open_one: Dialog, now: datetime
) -> None:
    chosen = Selection("", (secret.pk, open_one.pk))

    job = jobs.start(Act.ASSIGN, chosen, {"responsible": ola.pk}, actor=kari, now=now)
    run_out(job, now=now)

    secret.refresh_from_db()
    open_one.refresh_from_db()
    assert (secret.responsible, open_one.responsible) == (kari, ola)
    reasons = dict(job.items.values_list("dialog", "reason"))
    assert reasons == {
        open_one.pk: "",
        secret.pk: "Ola Berg kan ikke lese dialogen. Velg en annen.",
    }
    Dialog.objects.filter(pk=secret.pk).update(responsible=ola)
    secret.refresh_from_db()
    assert secret.responsible is None, "whoever writes"


def test_others_cannot_choose_it_among_many(
    other: User, secret: Dialog, open_one: Dialog, now: datetime
) -> None:
    for chosen in (
        Selection("", (secret.pk, open_one.pk)),
        Selection("mappe=alle", is_all=True),
        Selection("q=sykmelding", is_all=True),
        Selection("mappe=alle&frist=over", is_all=True),
    ):
        assert secret.pk not in chosen.dialogs(other, now=now).values_list("pk", flat=True)
    job = jobs.start(Act.DONE, Selection("", (open_one.pk, secret.pk)), {}, actor=other, now=now)
    assert set(BulkItem.objects.filter(job=job).values_list("dialog", flat=True)) == {open_one.pk}


def test_who_may_not_read_it_is_not_offered_nor_named(
    kari: User, ola: User, secret: Dialog, open_one: Dialog, karis: Browser
) -> None:
    page = karis.get(f"/innboks/{open_one.pk}/").content.decode()
    assert f'value="{ola.pk}"' in page
    page = karis.get(f"/innboks/{secret.pk}/").content.decode()
    assert f'value="{ola.pk}"' not in page
    assert named_in("@Ola Berg", at=open_one).welcome == [ola]
    assert named_in("@Ola Berg", at=secret).strangers == ["Ola Berg"]
    sent = {"work_version": secret.work_version, "responsible": ola.pk}
    answer = karis.post(f"/innboks/{secret.pk}/ansvarlig/", sent)
    assert answer.status_code == 409
    assert "kan ikke se denne dialogen" in answer.content.decode()


def test_who_may_not_read_it_is_not_told_of_it(
    kari: User, ola: User, secret: Dialog, open_one: Dialog, now: datetime
) -> None:
    for dialog in (secret, open_one):
        notices.notify([kari, ola], Notice.Kind.FOLLOWED, now=now, dialog=dialog)
    assert set(Notice.objects.filter(user=ola).values_list("dialog", flat=True)) == {open_one.pk}
    assert Notice.objects.filter(user=kari).count() == 2


def test_receipts_and_notes_go_with_the_dialog(
    other: User, kari: User, bakeren: Client, secret: Dialog, now: datetime
) -> None:
    add_note(Place(bakeren, secret), "Per er syk", author=kari, now=now)
    assert visible_notes(kari).count() == 1
    assert visible_notes(other).count() == 0
    assert Note.objects.count() == 1
    assert "restriction" in str(ServiceAction.objects.visible_to(other).query)


def test_an_open_page_hears_of_what_its_reader_may_read(
    transactional_db: None,
    other: User,
    kari: User,
    bakeren: Client,
    secret: Dialog,
    open_one: Dialog,
) -> None:
    rows = [[str(one.pk), bakeren.pk, False] for one in (secret, open_one)]

    def heard(user: User) -> list[str]:
        browser = Browser()
        browser.force_login(user)
        ears = async_to_sync(_ears)(user.pk, browser.session.session_key)
        assert ears is not None
        return [pk for pk, _new in async_to_sync(ears.hear)(rows)]

    assert heard(kari) == [str(secret.pk), str(open_one.pk)]
    assert heard(other) == [str(open_one.pk)]


def test_news_do_not_tell_whether_it_belongs_to_a_list(
    other: User, kari: User, secret: Dialog, open_one: Dialog, logged_in: Callable[[User], Browser]
) -> None:
    address = reverse("dialogs:news") + f"?id={secret.pk}&id={open_one.pk}"

    assert logged_in(other).get(address).json()["treff"] == [str(open_one.pk)]
    assert set(logged_in(kari).get(address).json()["treff"]) == {str(secret.pk), str(open_one.pk)}


def test_what_nobody_who_takes_over_may_read_becomes_unassigned(
    admin: User, ola: User, kari: User, secret: Dialog, open_one: Dialog, now: datetime
) -> None:
    lines = hand_over.lines_of(kari, actor=kari)
    [share] = hand_over.shares(lines, Plan(ola))
    assert [one.dialog_id for one in share.dialogs] == [open_one.pk]
    assert hand_over.left_unseen(kari, actor=admin) == 0

    hand_over.hand_over(kari, Plan(ola), actor=admin, now=now)

    secret.refresh_from_db()
    open_one.refresh_from_db()
    assert (secret.responsible, open_one.responsible) == (None, ola)


def test_handing_over_shows_no_number_of_it(
    admin: User,
    ola: User,
    kari: User,
    secret: Dialog,
    open_one: Dialog,
    logged_in: Callable[[User], Browser],
) -> None:
    address = reverse("dialogs:hand-over-from", args=[kari.pk])
    page = logged_in(admin).get(address, {"til": ola.pk})

    assert page.content.decode().count("1 åpen dialog") == 2
    assert "2 åpne dialoger" not in page.content.decode()
    assert "blir ufordelt" in page.content.decode()


def test_how_much_a_colleague_has_is_told_without_it(
    other: User,
    kari: User,
    bakeren: Client,
    secret: Dialog,
    open_one: Dialog,
    now: datetime,
    logged_in: Callable[[User], Browser],
) -> None:
    today = timezone.localdate(now)

    def told(user: User) -> list[str]:
        panel = logged_in(user).get(f"/innboks/{open_one.pk}/").content.decode()
        many = {one.value: one.about for one in people(me=user, today=today)}
        return [
            *(words for words in ("1 åpen", "2 åpne") if f"Kari Hansen ({words})" in panel),
            many[str(kari.pk)],
            workload(user, today=today)[kari.pk],
        ]

    assert told(kari) == ["2 åpne"] * 3
    assert told(other) == ["1 åpen"] * 3


@pytest.mark.parametrize("ask", [AbsenceForm, ReceiversForm, ArchiveForm])
def test_who_takes_over_is_chosen_without_that_number_either(
    ask: Any, admin: User, ola: User, kari: User, secret: Dialog, open_one: Dialog, now: datetime
) -> None:
    of_form: dict[Any, dict[str, Any]] = {
        AbsenceForm: {"user": ola},
        ReceiversForm: {"leaver": ola},
        ArchiveForm: {"has_open": True},
    }

    def shown(asker: User) -> str:
        return str(ask(asker=asker, today=timezone.localdate(now), **of_form[ask]))

    assert "Kari Hansen (2 åpne)" in shown(kari)
    assert "Kari Hansen (1 åpen)" in shown(admin)


def test_the_bell_neither_counts_nor_lists_what_has_been_kept_since(
    other: User,
    kari: User,
    bakeren: Client,
    secret: Dialog,
    open_one: Dialog,
    now: datetime,
    logged_in: Callable[[User], Browser],
) -> None:
    for user in (other, kari):
        for dialog in (secret, open_one):
            Notice.objects.create(
                user=user, kind=Notice.Kind.ASSIGNED, dialog=dialog, created_at=now
            )

    def told(user: User) -> tuple[int, ...]:
        listed = bell.page_of(user, before=None, now=now).lines
        menu = counts_of(Sight(user), today=timezone.localdate(now)).notices
        file = told_of.notices(user, QueryDict(), now=now)
        taken = sum(len(rows) for rows in file.batches())
        return bell.unread_count(user), menu, len(listed), file.count(10), taken

    assert told(other) == (1,) * 5
    assert told(kari) == (2,) * 5
    kept = Notice.objects.get(user=other, dialog=secret)
    address = reverse("dialogs:notice", args=[kept.pk])
    assert logged_in(other).get(address).status_code == 404
    logged_in(other).post(reverse("dialogs:notices-read"))

    CategoryRestriction.objects.all().delete()

    assert told(other)[:2] == (1, 1), "what was not shown has not been read"
    assert told(other)[2] == 2
