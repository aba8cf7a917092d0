"""The bell: what people are told, in words, and what they have read of it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from clients.models import Client
from dialogs.models import Dialog, Mention, Notice
from dialogs.notes import bell
from dialogs.notices import notify
from staff.models import User
from tests.dialogs.notes.test_notes import write

Kind = Notice.Kind


def tell(user: User, kind: Notice.Kind, **more: Any) -> Notice:
    notify([user], kind, now=timezone.now(), **more)
    return Notice.objects.latest("pk")


def listed(browser: Browser, query: str = "") -> str:
    return " ".join(browser.get(f"/varsler/{query}").content.decode().split())


def test_a_notice_says_who_did_what_to_which_dialog(
    karis: Browser, kari: User, ola: User, dialog: Dialog
) -> None:
    notice = tell(kari, Kind.ASSIGNED, actor=ola, dialog=dialog, comment="Svar før fredag")

    page = listed(karis)

    assert "Ola Berg tildelte deg «Mva-melding 4. termin» hos Bakeren AS." in page
    assert "Svar før fredag" in page
    assert f'href="/varsler/{notice.pk}/"' in page
    assert "1 ulest" in page


@pytest.mark.parametrize("kind", Kind.values)
@pytest.mark.parametrize("by", ["somebody", "nobody"])
@pytest.mark.parametrize("about", ["one", "many"])
def test_every_notice_is_a_whole_sentence(
    kari: User, ola: User, dialog: Dialog, kind: str, by: str, about: str
) -> None:
    more: dict[str, Any] = {"actor": ola if by == "somebody" else None}
    many: dict[str, Any] = {"query": "ansvarlig=meg", "count": 34}
    more |= {"dialog": dialog} if about == "one" else many
    tell(kari, Kind(kind), **more)

    text = bell.page_of(kari, before=None, now=timezone.now()).lines[0].text

    assert text[0].isupper() or text[0] in "«3"
    assert text.endswith(".")
    assert "%" not in text
    assert "  " not in text
    counted = "34 rader" if kind == Kind.EXPORTED else "34 dialoger"
    assert (counted in text) is (about == "many")
    assert ("Bakeren AS" in text) is (about == "one")


def test_a_bulk_change_is_one_line_that_leads_to_its_list(
    karis: Browser, kari: User, ola: User
) -> None:
    notice = tell(kari, Kind.ASSIGNED, actor=ola, query="ansvarlig=meg&frist=over", count=34)
    assert "Ola Berg tildelte deg 34 dialoger." in listed(karis)
    response = karis.get(f"/varsler/{notice.pk}/")
    assert response.headers["Location"] == "/innboks/?ansvarlig=meg&frist=over"


def test_going_where_it_leads_reads_it_and_what_else_is_told_of_the_dialog(
    karis: Browser, kari: User, leder: User, ola: User, dialog: Dialog
) -> None:
    first = tell(kari, Kind.ASSIGNED, actor=leder, dialog=dialog)
    write(dialog, leder, "@Kari Hansen", mentioned=[kari])
    tell(kari, Kind.ASSIGNED, actor=leder, count=2)
    tell(ola, Kind.ASSIGNED, actor=leder, dialog=dialog)
    assert bell.unread_count(kari) == 3

    assert karis.head(f"/varsler/{first.pk}/").status_code == 302
    assert bell.unread_count(kari) == 3, "looking ahead is not reading"
    response = karis.get(f"/varsler/{first.pk}/")

    assert response.headers["Location"] == f"/innboks/{dialog.pk}/"
    assert bell.unread_count(kari) == 1
    assert bell.unread_count(ola) == 1
    assert Mention.objects.get(user=kari).seen_at is not None


def test_all_can_be_read_at_once_and_nobody_elses(
    karis: Browser, kari: User, ola: User, leder: User
) -> None:
    for user in (kari, kari, ola):
        tell(user, Kind.BULK, actor=leder, count=2)
    assert karis.get("/varsler/lest/").status_code == 405
    assert karis.post("/varsler/lest/").headers["Location"] == "/varsler/"
    assert bell.unread_count(kari) == 0
    assert bell.unread_count(ola) == 1
    page = listed(karis)
    assert "Ingen uleste." in page
    assert "Merk alle som lest" not in page


def test_unread_is_said_in_words_too(karis: Browser, kari: User, leder: User) -> None:
    tell(kari, Kind.BULK, actor=leder, count=2)
    bell.read_all(kari, now=timezone.now())
    assert ">Ulest<" not in listed(karis)
    tell(kari, Kind.BULK, actor=leder, count=3)
    page = listed(karis)
    assert page.count(">Ulest<") == 1
    assert page.index("3 dialoger") < page.index("2 dialoger"), "the newest first"


def test_a_colleagues_notice_is_not_found(karis: Browser, ola: User, leder: User) -> None:
    notice = tell(ola, Kind.BULK, actor=leder, count=2)
    assert karis.get(f"/varsler/{notice.pk}/").status_code == 404
    assert "2 dialoger" not in listed(karis)
    assert bell.unread_count(ola) == 1


def test_nothing_is_told_of_a_client_that_is_no_longer_ones_own(
    kari: User,
    leder: User,
    bakeren: Client,
    dialog: Dialog,
    logged_in: Callable[[User], Browser],
) -> None:
    eva = User.objects.create_user("eva@firmaet.invalid", first_name="Eva")
    bakeren.members.add(eva)
    tell(eva, Kind.ASSIGNED, actor=leder, dialog=dialog, comment="Gjelder lønn")
    tell(eva, Kind.MENTIONED, actor=leder, query=f"klient={bakeren.pk}", comment="Konkurs?")
    evas = logged_in(eva)
    assert "Bakeren AS" in listed(evas)
    bakeren.members.remove(eva)

    page = listed(evas)

    for secret in ("Bakeren", "Mva-melding", "lønn", "Konkurs"):
        assert secret not in page
    assert page.count("noe du ikke lenger har tilgang til") == 2


def test_old_notices_are_on_further_pages_without_a_gap(
    karis: Browser, kari: User, leder: User
) -> None:
    now = timezone.now()
    for number in range(120):
        notify(
            [kari],
            Kind.BULK,
            actor=leder,
            now=now + timedelta(seconds=number // 3),
            count=1000 + number,
        )
    seen: list[int] = []
    before, pages = None, 0
    while pages < 9:
        page = bell.page_of(kari, before=before, now=now)
        seen += [line.notice.count for line in page.lines]
        pages += 1
        if page.next is None:
            break
        before = bell.Before.read(str(page.next))
    assert pages == 3
    assert len(seen) == len(set(seen)) == 120
    assert seen == sorted(seen, reverse=True)
    first = listed(karis)
    assert "Eldre varsler" in first
    link = first.split('rel="next" href="')[1].split('"')[0]
    assert "Til de nyeste" in listed(karis, link)


@pytest.mark.parametrize("text", ["x", "1", "1.", ".1", "-1.2", "9" * 18 + ".1", "1.2.3", "²³.1"])
def test_a_broken_address_shows_the_newest(karis: Browser, kari: User, text: str) -> None:
    tell(kari, Kind.BULK, count=2)
    assert "2 dialoger" in listed(karis, f"?etter={text}")


def test_a_page_of_notices_takes_few_statements(
    kari: User, leder: User, dialog: Dialog, django_assert_max_num_queries: Any
) -> None:
    for _number in range(30):
        tell(kari, Kind.ASSIGNED, actor=leder, dialog=dialog)
    with django_assert_max_num_queries(3):
        bell.page_of(kari, before=None, now=timezone.now())


def test_an_empty_bell_says_what_it_is_for(karis: Browser) -> None:
    assert "Ingen varsler. Her ser du når noen tildeler deg en dialog" in listed(karis)


def test_nobody_is_told_of_what_they_did_themselves(kari: User, dialog: Dialog) -> None:
    notify([kari], Kind.ASSIGNED, actor=kari, now=timezone.now(), dialog=dialog)
    assert bell.unread_count(kari) == 0
