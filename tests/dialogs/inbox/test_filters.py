"""The address of a list: read, written, and forgiven."""

import pytest
from django.http import QueryDict

from dialogs.inbox.filters import Filters
from dialogs.inbox.search import mark


@pytest.mark.parametrize(
    "query",
    [
        "",
        "q=mva&mappe=arkiv&frist=over&ansvarlig=meg&status=Draft&status=Completed",
        "fra=2026-01-01&til=2026-02-01&klientnavn=bygg&lest=ulest&klient=1&klient=22&eier=skd",
        "intern=over&oppdatert=uke&ofra=2026-01-01&haster=ja&gjenapnet=ja&folger=ja&notat=ja&mine=ja",
        "klientansvarlig=ingen&sort=klient&retning=motsatt&gruppe=klient&sok=4&team=2&tjeneste=3",
        "ansvarlig=12",
    ],
)
def test_an_address_comes_back_as_it_was(query: str) -> None:
    filters = Filters.read(QueryDict(query))

    assert filters.as_query() == query
    assert filters.complaints == ()


@pytest.mark.parametrize(
    "query",
    [
        "mappe=kjeller",
        "status=Tull",
        "frist=snart",
        "fra=i+går",
        "til=0001-01-01",
        "til=9999-12-31",
        "ansvarlig=-1",
        "ansvarlig=99999999999999999999",
        "klient=abc",
        "klient=%00",
        "eier=%27;--",
        "lest=kanskje",
        "etter=3",
    ],
)
def test_what_cannot_be_used_is_left_out_and_said(query: str) -> None:
    filters = Filters.read(QueryDict(query))

    assert filters.as_query() == ""
    assert len(filters.complaints) == 1


def test_no_letter_of_the_search_can_break_the_database() -> None:
    assert Filters.read(QueryDict("q=mva%00 melding")).words == "mva melding"
    assert len(Filters.read(QueryDict("q=" + "x" * 10_000)).words) == 200


def test_marks_words_where_they_begin_and_escapes_the_rest() -> None:
    assert mark("Mva & amva <b>", "MVA b") == ("<mark>Mva</mark> &amp; amva &lt;b&gt;")
    assert mark("<script>", "script") == "&lt;<mark>script</mark>&gt;"
