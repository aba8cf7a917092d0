"""What the search field finds."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client as Browser

from clients.models import Client
from dialogs.inbox import listing
from staff.models import User
from tests.dialogs.conftest import MakeDialog
from tests.dialogs.inbox.test_list import listed, shown


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("skattemeldingen", True),  # another form of the word
        ("skattem", True),  # its beginning
        ("purring skattem", True),
        ("forfalt", True),  # summary
        ("brønnøysund", True),  # sender
        ('"purring på skattemelding"', True),
        ("purring -skattemelding", False),
        ("lønn", False),
        ("bakeren", True),  # client
        ("BAKER", True),
        ("310495921", True),
        ("310 495 921", True),
        ("3104", True),
        ("AR-2026-17", True),
        ("ar-2026", True),
        ("tax return", True),  # other languages
        ("'; drop table --", False),
        ("& | ! :* ()", False),
        ("og", False),
        ("%", False),
        ("a", True),  # in the client's name
    ],
)
@pytest.mark.parametrize("sees_all", [True, False])
def test_finds(
    karis: Browser,
    kari: User,
    bakeren: Client,
    make_dialog: MakeDialog,
    words: str,
    found: bool,  # noqa: FBT001
    sees_all: bool,  # noqa: FBT001
) -> None:
    User.objects.filter(pk=kari.pk).update(sees_all_clients=sees_all)
    make_dialog(
        bakeren,
        "Purring på skattemelding",
        summary="Beløpet er forfalt.",
        sender="Brønnøysundregistrene",
        reference="AR-2026-17",
        other_words="Reminder: tax return",
    )

    hits = listed(karis, "q=" + words.replace("&", "%26").replace("%", "%25", words == "%"))

    assert hits == (["Purring på skattemelding"] if found else [])


def test_a_dialog_hit_twice_is_shown_once(
    karis: Browser, bakeren: Client, make_dialog: MakeDialog
) -> None:
    make_dialog(bakeren, "Brev til Bakeren", reference="bakeren1")

    assert listed(karis, "q=bakeren") == ["Brev til Bakeren"]
    assert "1 treff hos 1 klient." in shown(karis, "/innboks/?q=bakeren")


def test_hits_are_marked(karis: Browser, bakeren: Client, make_dialog: MakeDialog) -> None:
    make_dialog(bakeren, "Skattemelding & mer")

    assert "<mark>Skatt</mark>emelding &amp; mer" in shown(karis, "/innboks/?q=skatt")


def test_search_combines_with_filters(
    karis: Browser,
    kari: User,
    bakeren: Client,
    make_client: Callable[..., Client],
    make_dialog: MakeDialog,
) -> None:
    other = make_client("Snekkeren AS", responsible=kari)
    make_dialog(bakeren, "Mva-melding", folder="ARCHIVE")
    make_dialog(bakeren, "Mva-melding for mai", status="Draft")
    make_dialog(other, "Mva-melding for juni")

    assert listed(karis, "q=mva&status=Draft") == ["Mva-melding for mai"]
    assert listed(karis, f"q=mva&klient={other.pk}") == ["Mva-melding for juni"]
    assert listed(karis, f"q=snekkeren&klient={bakeren.pk}") == []
    assert listed(karis, "q=mva&mappe=arkiv") == ["Mva-melding"]
    assert len(listed(karis, "q=mva&mappe=alle")) == 3


@pytest.mark.django_db(transaction=True)
def test_a_search_that_takes_too_long_is_stopped_and_says_so(
    karis: Browser, bakeren: Client, make_dialog: MakeDialog, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_dialog(bakeren)
    monkeypatch.setattr(listing, "SEARCH_SECONDS", 0.1)
    page = listing.Query.page

    def slow(self: listing.Query, size: int) -> listing.Part:
        sql, params = page(self, size)
        return f"SELECT x.* FROM ({sql}) x, pg_sleep(2)", params  # noqa: S608

    monkeypatch.setattr(listing.Query, "page", slow)

    assert "Søket ble for bredt" in shown(karis, "/innboks/?q=melding")
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() == ("30s",)
