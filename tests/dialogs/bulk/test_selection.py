"""Which dialogs are chosen: across pages, by the list's own filters, and never somebody else's."""

from collections.abc import Callable
from datetime import datetime
from uuid import uuid4

import pytest
from django.http import QueryDict
from django.test import Client as Browser

from clients.models import Client, Party
from dialogs.bulk import jobs, selection
from dialogs.bulk.acts import Act
from dialogs.bulk.selection import Selection, TooMany
from dialogs.inbox.filters import Filters
from dialogs.inbox.listing import Scope, find
from dialogs.inbox.sight import Sight
from dialogs.models import BulkJob, Dialog
from staff.models import User
from tests.dialogs.bulk.conftest import chosen, everything
from tests.dialogs.conftest import MakeDialog


def titles(chosen: Selection, user: User, now: datetime) -> set[str]:
    return {dialog.copy.title for dialog in chosen.dialogs(user, now=now)}


@pytest.fixture
def many(
    bakeren: Client, rorleggeren: Client, make_dialog: MakeDialog, kari: User, ola: User
) -> list[Dialog]:
    """Dialogs that differ in all that one can filter by; half are a stranger's."""
    unit = Party.objects.create(
        urn="urn:altinn:organization:identifier-no:974652277",
        client=bakeren,
        kind=Party.Kind.SUB,
        orgnr="974652277",
        name="Bakeren avd. Moss",
    )
    return [
        dialog
        for client in (bakeren, rorleggeren)
        for dialog in (
            make_dialog(client, "Mva-melding", due_in=-3, responsible=kari),
            make_dialog(client, "A-melding", due_in=3, is_unread=True, owner="nav"),
            make_dialog(client, "Årsregnskap", folder="ARCHIVE", reference="AR-2026-77"),
            make_dialog(client, "Kontroll", due_in=20, summary="om mva-melding", folder="BIN"),
            make_dialog(client, "Sykmelding", folder="INBOX", responsible=ola, note_count=1),
            *(
                [make_dialog(client, "Brev til avdelingen", party=unit)]
                if client == bakeren
                else []
            ),
        )
    ]


@pytest.mark.parametrize(
    "query",
    [
        "",
        "mappe=alle",
        "mappe=arkiv",
        "frist=over",
        "frist=har",
        "frist=uten&mappe=alle",
        "ansvarlig=meg",
        "ansvarlig=ingen",
        "eier=nav",
        "lest=ulest",
        "notat=ja",
        "q=mva",
        "q=mva&mappe=alle",
        "q=Bakeren&mappe=alle",
        "q=974652277",
        "q=ar-2026&mappe=alle",
        "klientnavn=bak",
        "q=melding&frist=har&eier=nav",
        "sort=klient&gruppe=klient",
        "etter=5.00000000000000000000000000000000",
        "q=finnes-ikke",
    ],
)
def test_all_hits_are_just_those_of_the_list(
    kari: User, leder: User, many: list[Dialog], now: datetime, query: str
) -> None:
    for user in (kari, leder):
        filters = Filters.read(QueryDict(query.replace("etter=", "")))
        listed = find(Scope.of(Sight(user), filters, now=now), size=500, count=False).ids
        found = everything(query).dialogs(user, now=now)
        assert {dialog.pk for dialog in found} == set(listed)
        assert everything(query).total(user, now=now).dialogs == len(listed)


def test_all_hits_reach_beyond_the_page_and_are_counted_truly(
    karis: Browser, bakeren: Client, make_dialog: MakeDialog, kari: User, now: datetime
) -> None:
    for _ in range(120):
        make_dialog(bakeren)

    html = karis.post("/masseendring/antall/", {"alle": "ja", "liste": ""}).content.decode()

    assert "Alle 120 treff er valgt." in html
    job = jobs.start(Act.DONE, everything(), {}, actor=kari, now=now)
    assert job.items.count() == 120


def test_strangers_dialogs_are_never_chosen_by_filter_or_by_name(
    kari: User, ola: User, many: list[Dialog], now: datetime
) -> None:
    his = next(dialog for dialog in many if dialog.client.responsible == ola)
    hers = next(dialog for dialog in many if dialog.client.responsible == kari)

    both = chosen(his, hers)
    assert [dialog.pk for dialog in both.dialogs(kari, now=now)] == [hers.pk]
    assert both.total(kari, now=now).dialogs == 1
    assert chosen(his).total(kari, now=now).dialogs == 0
    by_client = everything(f"mappe=alle&klient={his.client_id}")
    assert by_client.total(kari, now=now).dialogs == 0
    assert not by_client.dialogs(kari, now=now).exists()
    job = jobs.start(Act.ASSIGN, both, {"responsible": kari.pk}, actor=kari, now=now)
    assert [item.dialog_id for item in job.items.all()] == [hers.pk]


def test_the_page_says_that_a_strangers_dialog_was_left_out(
    karis: Browser, ola: User, many: list[Dialog]
) -> None:
    ids = [dialog.pk for dialog in many]

    html = karis.post("/masseendring/antall/", {"id": ids, "liste": "mappe=alle"}).content.decode()

    mine = [dialog for dialog in many if dialog.client.responsible != ola]
    assert f"<strong>{len(mine)} valgt.</strong>" in html
    assert len(mine) < len(many)


def test_somebody_who_left_chooses_nothing(kari: User, many: list[Dialog], now: datetime) -> None:
    kari.is_active = False

    assert everything("mappe=alle").total(kari, now=now).dialogs == 0
    assert chosen(*many).total(kari, now=now).dialogs == 0


def test_keys_that_are_none_are_left_out(five: list[Dialog], kari: User, now: datetime) -> None:
    sent = QueryDict(mutable=True)
    sent.setlist("id", [str(five[0].pk), "tull", "", str(five[0].pk), str(uuid4())])
    sent["ids"] = f"{five[1].pk},,{five[1].pk},'; DROP TABLE"

    read = Selection.read(sent)

    assert {dialog.pk for dialog in read.dialogs(kari, now=now)} == {five[0].pk, five[1].pk}


def test_an_empty_selection_is_none(now: datetime) -> None:
    assert not Selection.read(QueryDict("ids=tull&liste=frist=har"))
    assert Selection.read(QueryDict("alle=ja"))


def test_more_than_a_job_takes_is_refused_and_nothing_is_written(
    kari: User, five: list[Dialog], now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selection, "MOST", 4)

    with pytest.raises(TooMany):
        jobs.start(Act.DONE, everything(), {}, actor=kari, now=now)

    assert not BulkJob.objects.exists()
    assert not Dialog.objects.filter(folder="DONE").exists()


def test_each_act_is_counted_for_what_it_fits(
    leder: User, bakeren: Client, make_dialog: Callable[..., Dialog], now: datetime
) -> None:
    dialogs = [
        make_dialog(bakeren),
        make_dialog(bakeren, is_unread=True),
        make_dialog(bakeren, folder="ARCHIVE"),
        make_dialog(bakeren, folder="BIN"),
        make_dialog(bakeren, folder="DRAFTS"),
        make_dialog(bakeren, folder="GONE"),
        make_dialog(bakeren, done_at=now),
    ]

    fitting = chosen(*dialogs).total(leder, now=now).fitting

    assert fitting == {
        Act.ASSIGN: 6,
        Act.INTERNAL_DUE: 3,
        Act.NOTE: 7,
        Act.SNOOZE: 2,
        Act.DONE: 2,
        Act.UNREAD: 5,
        Act.ARCHIVE: 5,
        Act.INBOX: 2,
        Act.BIN: 5,
    }
