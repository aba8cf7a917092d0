"""Two people change the same dialog: nobody's change is lost, and who comes second chooses."""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from dialogs import actions
from dialogs.models import Dialog, PinRule
from staff.models import AuditEntry, User
from tests.dialogs.work.conftest import Post, flat, panel
from tests.rewriting import rewriting


@pytest.fixture
def marits(leder: User, logged_in: Callable[[User], Browser]) -> Browser:
    return logged_in(leder)


def hidden(html: str) -> dict[str, str]:
    """The hidden fields of the form in the box on top."""
    box = html[html.index('id="svar"') :]
    form = box[box.index("<form") : box.index("</form>")]
    fields = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form)
    return {name: value for name, value in fields if name != "csrfmiddlewaretoken"}


def shown_at(html: str) -> str:
    found = re.search(r'name="shown_at" value="([^"]+)"', html)
    assert found
    return found[1]


def test_the_second_one_sees_who_changed_what_and_when_and_the_own_wish(
    karis: Browser, marits: Browser, dialog: Dialog, post: Post, today: date
) -> None:
    seen_at = shown_at(panel(karis, dialog))
    theirs, mine = today + timedelta(days=5), today + timedelta(days=9)
    post(marits, "intern-frist", day=theirs.isoformat())

    answer = post(
        karis,
        "intern-frist",
        htmx=True,
        work_version=0,
        shown_at=seen_at,
        day=mine.isoformat(),
    )

    assert answer.status_code == 409
    html = flat(answer)
    assert re.search(
        r"Marit Solberg satte intern frist \d+\.\s\w+( \d{4})? \(kl\.\s\d\d\.\d\d\)\.", html
    )
    assert "Du ville sette intern frist" in html
    assert "Behold min" in html
    assert "Bruk Marits" in html
    assert f'value="{mine.isoformat()}"' in html
    assert dialog.internal_due_on == theirs


def test_my_own_can_be_kept_on_purpose(
    karis: Browser, marits: Browser, dialog: Dialog, post: Post, today: date
) -> None:
    theirs, mine = today + timedelta(days=5), today + timedelta(days=9)
    post(marits, "intern-frist", day=theirs.isoformat())
    answer = post(karis, "intern-frist", htmx=True, work_version=0, day=mine.isoformat())

    again = hidden(flat(answer))
    assert again["work_version"] == "1"
    post(karis, "intern-frist", **again)

    assert dialog.internal_due_on == mine
    told = AuditEntry.objects.order_by("-pk")[0]
    assert told.detail["before"]["internal_due_on"] == theirs.isoformat()  # theirs is not forgotten


def test_theirs_is_used_by_looking_again(
    karis: Browser, marits: Browser, dialog: Dialog, post: Post, today: date
) -> None:
    theirs = today + timedelta(days=5)
    post(marits, "intern-frist", day=theirs.isoformat())
    html = flat(post(karis, "utsett", htmx=True, work_version=0, day=theirs.isoformat()))

    link = re.search(r'href="([^"]+)" hx-get="([^"]+)" hx-target="#panel"[^>]*>Bruk Marits', html)

    assert link
    assert link[1] == link[2] == f"/innboks/{dialog.pk}/?mappe=alle"
    assert 'id="svar"' not in flat(karis.get(link[1]))
    dialog.refresh_from_db()
    assert (dialog.internal_due_on, dialog.snoozed_until_on) == (theirs, None)


def test_everything_done_since_is_told_and_nothing_older(
    karis: Browser, marits: Browser, kari: User, dialog: Dialog, post: Post, today: date
) -> None:
    post(marits, "ferdig")
    with rewriting():
        AuditEntry.objects.update(at=timezone.now() - timedelta(hours=1))
    seen_at = shown_at(panel(karis, dialog))
    post(marits, "gjenoppta")
    post(marits, "ansvarlig", responsible=kari.pk)

    html = flat(post(karis, "utsett", htmx=True, work_version=1, shown_at=seen_at, day=_in(3)))

    box = html[html.index('id="svar"') : html.index("Behold min")]
    assert "Marit Solberg tok dialogen opp igjen (kl." in box
    assert "Marit Solberg endret ansvarlig kl." in box
    assert "Nå er Kari Hansen ansvarlig." in box
    assert "merket dialogen som ferdig" not in box


def test_what_i_did_myself_a_moment_ago_is_not_told(
    karis: Browser, marits: Browser, dialog: Dialog, post: Post
) -> None:
    post(karis, "ferdig")
    post(karis, "gjenoppta")
    seen_at = shown_at(panel(karis, dialog))
    post(marits, "utsett", day=_in(2))

    html = flat(post(karis, "utsett", htmx=True, work_version=2, shown_at=seen_at, day=_in(3)))

    box = html[html.index('id="svar"') : html.index("Behold min")]
    assert "Marit Solberg utsatte dialogen til" in box
    assert "Kari Hansen" not in box


def _in(days: int) -> str:
    return (timezone.localdate() + timedelta(days=days)).isoformat()


def test_what_came_from_altinn_is_not_blamed_on_a_colleague(
    karis: Browser, dialog: Dialog, post: Post
) -> None:
    post(karis, "utsett", day=_in(3))
    with rewriting():
        AuditEntry.objects.update(at=timezone.now() - timedelta(days=1))
    seen_at = shown_at(panel(karis, dialog))
    Dialog.objects.update(work_version=2, snoozed_until_on=None, reopened_at=timezone.now())

    html = flat(
        post(karis, "intern-frist", htmx=True, work_version=1, shown_at=seen_at, day=_in(3))
    )

    assert "Dialogen er endret etter at du åpnet den." in html
    assert "Bruk det som står" in html


def test_a_comment_that_was_not_saved_is_still_there(
    karis: Browser, marits: Browser, kari: User, dialog: Dialog, post: Post
) -> None:
    post(marits, "utsett", day=_in(3))

    answer = post(
        karis,
        "ansvarlig",
        htmx=True,
        work_version=0,
        responsible=kari.pk,
        comment="Ring «først»",
        internal_due_on=_in(2),
    )

    html = flat(answer)
    again = hidden(html)
    assert again["comment"] == "Ring «først»"
    assert again["internal_due_on"] == _in(2)
    assert again["responsible"] == str(kari.pk)
    post(karis, "ansvarlig", **again)
    assert dialog.responsible == kari
    assert dialog.internal_due_on == date.fromisoformat(_in(2))
    assert dialog.snoozed_until_on == date.fromisoformat(_in(3))  # Marit's, untouched
    assert dialog.notes.get().text == "Ring «først»"


STALE: dict[str, dict[str, str]] = {
    "utsett": {"day": _in(3)},
    "hent-tilbake": {},
    "intern-frist": {"day": _in(3)},
    "anslatt-frist": {"day": _in(3)},
    "ferdig": {},
    "gjenoppta": {},
    "endringer-sett": {},
    "haster-ikke": {},
}


@pytest.mark.parametrize("what", STALE)
@pytest.mark.parametrize("htmx", [True, False])
def test_every_form_minds_the_version(
    karis: Browser,
    dialog: Dialog,
    post: Post,
    now: datetime,
    what: str,
    htmx: bool,  # noqa: FBT001 (a parameter of the table)
) -> None:
    rule = PinRule.objects.create(why="Haster", words="haster")
    changed: dict[str, dict[str, Any]] = {
        "hent-tilbake": {"snoozed_until_on": date(2100, 1, 1)},
        "gjenoppta": {"done_at": now},
    }
    Dialog.objects.update(work_version=7, pin=rule, reopened_at=now, **changed.get(what, {}))
    before = Dialog.objects.filter(pk=dialog.pk).values().get()

    answer = post(karis, what, htmx=htmx, work_version=6, **STALE[what])

    assert answer.status_code == 409
    assert "Behold min" in flat(answer)
    assert Dialog.objects.filter(pk=dialog.pk).values().get() == before
    assert post(karis, what, work_version=7, **STALE[what]).status_code == 302
    assert dialog.work_version == 8


@pytest.mark.parametrize(
    ("first_name", "button"), [("Marit", "Bruk Marits"), ("Hans", "Bruk Hans’"), ("", "Bruk leder")]
)
def test_the_button_bears_the_others_name(
    karis: Browser,
    marits: Browser,
    leder: User,
    dialog: Dialog,
    post: Post,
    first_name: str,
    button: str,
) -> None:
    User.objects.filter(pk=leder.pk).update(first_name=first_name, last_name="")
    post(marits, "utsett", day=_in(3))

    assert button in flat(post(karis, "intern-frist", htmx=True, work_version=0, day=_in(3)))


def test_a_row_that_is_taken_by_another_says_so_above_the_list(
    karis: Browser, marits: Browser, kari: User, leder: User, dialog: Dialog, post: Post
) -> None:
    post(marits, "ansvarlig", responsible=leder.pk)

    answer = karis.post(
        f"/innboks/{dialog.pk}/ansvarlig/",
        {"responsible": kari.pk, "work_version": 0, "vis": "ansvarlig", "fra": "rad"},
        headers={"HX-Request": "true"},
    )

    html = flat(answer)
    assert answer.status_code == 409
    assert "Marit Solberg endret ansvarlig kl." in html
    assert "Du ville gi ansvaret til Kari Hansen. Det er ikke lagret." in html
    assert 'id="panel"' not in html


def test_looking_is_never_a_change(karis: Browser, dialog: Dialog) -> None:
    panel(karis, dialog)

    dialog.refresh_from_db()
    assert dialog.work_version == 0
    assert not AuditEntry.objects.filter(about=actions.about(dialog.pk)).exists()
