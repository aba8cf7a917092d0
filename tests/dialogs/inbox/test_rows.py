"""Finished rows are kept: what is shown is always what would be made anew."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.utils import translation

from dialogs.inbox.listed import Listed
from dialogs.inbox.rows import Row
from dialogs.templatetags import rows

NOON = datetime(2026, 11, 27, 11, tzinfo=UTC)
LISTED = Listed(
    id=UUID(int=7),
    client_id=1,
    status="RequiresAttention",
    folder="INBOX",
    is_unread=True,
    has_unopened_content=True,
    attachment_count=1,
    content_updated_at=NOON - timedelta(days=1),
    due_at=NOON + timedelta(days=3),
    binding_at=NOON + timedelta(days=3),
    deadline_at=NOON + timedelta(days=3),
    internal_due_on=date(2026, 11, 29),
    estimated_due_on=None,
    snoozed_until_on=None,
    reopened_at=None,
    urgency=1,
    note_count=0,
    work_version=0,
    responsible_id=4,
    assigned_why="",
    client="Bakeren AS",
    client_orgnr="310495921",
    unit="",
    unit_orgnr=None,
    title="Mva-melding",
    summary="Fjerde termin",
    sender="Skatteetaten",
    responsible="Kari Hansen",
    responsible_email="kari@firmaet.invalid",
    substitute="",
    pinned_why="",
    read_by_me_at=None,
)
OTHER: list[dict[str, Any]] = [
    {"id": UUID(int=8)},
    {"status": "Awaiting"},
    {"folder": "SNOOZED"},
    {"is_unread": False},
    {"attachment_count": 2},
    {"content_updated_at": NOON - timedelta(days=2)},
    {"deadline_at": None},
    {"internal_due_on": date(2026, 11, 26)},
    {"estimated_due_on": date(2026, 11, 30), "binding_at": None},
    {"snoozed_until_on": date(2026, 12, 1)},
    {"reopened_at": NOON},
    {"note_count": 3},
    {"work_version": 1, "responsible": ""},
    {"client": "Rørleggeren ENK"},
    {"client_orgnr": "310010693"},
    {"unit": "Bakeren avd. nord"},
    {"title": "Vedtak"},
    {"sender": "Nav"},
    {"responsible": ""},
    {"substitute": "Ola Berg"},
    {"pinned_why": "Tvangsmulkt"},
    {"read_by_me_at": NOON},
]


@dataclass
class Look:
    listed: Listed = LISTED
    now: datetime = NOON
    words: str = ""
    folder: str = "INBOX"
    query: str = ""
    group: str = ""
    viewers: str = ""

    def row(self) -> Row:
        row = Row(self.listed, self.now, words=self.words, folder=self.folder, query=self.query)
        row.group, row.viewers = self.group, self.viewers
        return row


def shown_and_anew(look: Look) -> tuple[str, str]:
    alone = rows._rendered("dialogs/row.html", row=look.row(), may_work=True)
    return rows.rows([look.row()]), alone


@pytest.mark.parametrize("other", OTHER, ids=lambda other: next(iter(other)))
def test_a_row_follows_what_was_fetched_for_it(other: dict[str, Any]) -> None:
    before, _ = shown_and_anew(Look())
    shown, anew = shown_and_anew(Look(LISTED._replace(**other)))

    assert shown == anew != before


@pytest.mark.parametrize(
    "other",
    [
        Look(now=NOON + timedelta(days=1)),
        Look(words="mva"),
        Look(folder="ARCHIVE"),
        Look(query="?frist=har"),
        Look(group="Bakeren AS"),
        Look(viewers="Ola Berg ser på denne nå."),
    ],
)
def test_a_row_follows_where_and_when_it_is_shown(other: Look) -> None:
    before, _ = shown_and_anew(Look())
    shown, anew = shown_and_anew(other)

    assert shown == anew != before


def test_a_row_speaks_the_readers_language() -> None:
    before, _ = shown_and_anew(Look())
    with translation.override("en"):
        shown, anew = shown_and_anew(Look())

    assert shown == anew != before


def test_the_same_row_is_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    first, _ = shown_and_anew(Look())
    monkeypatch.setattr(rows, "_rendered", lambda *_, **__: "made anew")

    assert rows.rows([Look(now=NOON + timedelta(hours=1)).row()]) == first


def test_who_only_reads_gets_the_row_without_buttons() -> None:
    row = Look(LISTED._replace(responsible="")).row()

    assert 'type="checkbox"' in rows.rows([row])
    assert "<button" in rows.rows([row])
    assert 'type="checkbox"' not in rows.rows([row], may_work=False)
    assert "<button" not in rows.rows([row], may_work=False)
