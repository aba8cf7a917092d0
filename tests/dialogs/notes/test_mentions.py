"""Naming colleagues in notes: who is offered, who is told, and who is refused."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from clients.models import Client
from dialogs.models import Dialog, Mention, Note, Notice
from dialogs.notes import actions, bell
from dialogs.notes.naming import marked, named_in
from dialogs.notes.place import Place
from staff.models import User
from tests.dialogs.notes.test_notes import PART, add, edit, shown, write


def offered(browser: Browser, dialog: Dialog) -> list[str]:
    names: list[str] = browser.get(f"/innboks/{dialog.pk}/kolleger/").json()["kolleger"]
    return names


def test_those_who_may_see_the_client_are_offered(
    karis: Browser, ola: User, leder: User, admin: User, bakeren: Client, dialog: Dialog
) -> None:
    assert offered(karis, dialog) == ["Marit Solberg", "Per Nilsen"], "not Ola, and not oneself"
    about = karis.get(f"/klienter/{bakeren.pk}/kolleger/").json()["kolleger"]
    assert about == ["Marit Solberg", "Per Nilsen"]
    bakeren.members.add(ola)
    leder.is_active = False
    leder.save()
    assert offered(karis, dialog) == ["Ola Berg", "Per Nilsen"]


def test_somebody_who_is_named_is_told_once_and_the_author_never(
    karis: Browser, kari: User, leder: User, dialog: Dialog
) -> None:
    page = shown(add(karis, dialog, "@Marit Solberg: se på @marit solberg og @Kari Hansen"))
    assert page == ""
    assert [one.user for one in Mention.objects.all()] == [leder]
    notice = Notice.objects.get()
    assert (notice.user, notice.actor, notice.dialog) == (leder, kari, dialog)
    assert notice.kind == Notice.Kind.MENTIONED
    assert notice.comment == "@Marit Solberg: se på @marit solberg og @Kari Hansen"


def test_somebody_who_may_not_see_the_client_cannot_be_named(
    karis: Browser, ola: User, bakeren: Client, dialog: Dialog
) -> None:
    response = add(karis, dialog, "Spør @Ola Berg", headers=PART)

    assert response.status_code == 422
    assert "Ola Berg kan ikke se Bakeren AS og kan derfor ikke nevnes." in shown(response)
    assert "Spør @Ola Berg" in shown(response), "the text is still there"
    assert not Note.objects.exists()
    assert not Notice.objects.exists()
    response = karis.post(f"/innboks/{dialog.pk}/notater/", {"text": "Hei", "colleagues": ola.pk})
    assert response.status_code == 422
    assert "kan ikke se klienten" in shown(response)

    bakeren.members.add(ola)
    assert add(karis, dialog, "Spør @Ola Berg", headers=PART).status_code == 200
    assert Mention.objects.get().user == ola


def test_a_note_cannot_be_edited_to_name_a_stranger(
    karis: Browser, kari: User, ola: User, dialog: Dialog
) -> None:
    note = write(dialog, kari, "Hei")
    assert edit(karis, note, "Hei @Ola Berg").status_code == 422
    note.refresh_from_db()
    assert note.text == "Hei"


def test_editing_tells_only_those_who_were_not_named_before(
    karis: Browser, kari: User, leder: User, admin: User, dialog: Dialog
) -> None:
    add(karis, dialog, "@Marit Solberg")
    note = Note.objects.get()
    edit(karis, note, "@Marit Solberg og @Per Nilsen")

    assert Notice.objects.filter(user=leder).count() == 1
    assert Notice.objects.filter(user=admin).count() == 1
    comments = set(Notice.objects.values_list("comment", flat=True))
    assert comments == {"@Marit Solberg og @Per Nilsen"}, "the bell says what the note says now"


def test_a_deleted_note_is_taken_from_the_bell_too(
    karis: Browser, kari: User, leder: User, dialog: Dialog
) -> None:
    add(karis, dialog, "@Marit Solberg")
    note = Note.objects.get()
    actions.delete_note(note, actor=kari, now=timezone.now())
    assert not Notice.objects.exists()
    actions.restore_note(note, actor=kari, now=timezone.now())
    assert Notice.objects.get().user == leder


def test_without_javascript_colleagues_are_chosen_from_a_list(
    karis: Browser, leder: User, ola: User, dialog: Dialog
) -> None:
    address = f"/innboks/{dialog.pk}/notater/"
    page = karis.post(address, {"text": "Kan du se?", "velg": "kolleger"}).content.decode()
    assert "Kan du se?" in page
    assert f'<option value="{leder.pk}"' in page
    assert f'<option value="{ola.pk}"' not in page
    assert not Note.objects.exists()

    karis.post(address, {"text": "Kan du se?", "colleagues": leder.pk})
    assert Mention.objects.get().user == leder
    assert Notice.objects.get().user == leder
    assert "Nevnt: Marit Solberg" in shown(karis.get(address))


def test_in_a_note_on_a_client_the_bell_leads_to_the_client(
    karis: Browser, kari: User, leder: User, bakeren: Client, logged_in: Callable[[User], Browser]
) -> None:
    karis.post(f"/klienter/{bakeren.pk}/notater/", {"text": "@Marit Solberg bytter de eier?"})
    notice = Notice.objects.get()
    managers = logged_in(leder)
    page = shown(managers.get("/varsler/"))
    assert "Kari Hansen nevnte deg i et notat om Bakeren AS." in page
    response = managers.get(f"/varsler/{notice.pk}/")
    assert response.headers["Location"] == f"/klienter/{bakeren.pk}/alle-notater/"
    assert bell.unread_count(leder) == 0


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("@Kari Hansen", {"Kari Hansen"}),
        ("hei @kari hansen, og takk", {"Kari Hansen"}),
        ("(@Kari Hansen)", {"Kari Hansen"}),
        ("@Kari Hansen Moe", {"Kari Hansen Moe"}),
        ("@Kari Hansensen", set()),
        ("Kari Hansen", set()),
        ("post@Kari Hansen", set()),
        ("@Kari", set()),
        ("@Ame\u0301lie Å", {"Amélie Å"}),
    ],
)
def test_a_full_name_after_the_sign_names_somebody(
    bakeren: Client, kari: User, text: str, names: set[str]
) -> None:
    for first, last in (("Kari", "Hansen Moe"), ("Amélie", "Å")):
        one = User.objects.create_user(f"{first}{last[-1]}@x.invalid", first_name=first)
        one.last_name = last
        one.save()
        bakeren.members.add(one)
    assert {one.name for one in named_in(text, at=bakeren).welcome} == names


def test_two_of_the_same_name_are_told_apart(
    karis: Browser, leder: User, bakeren: Client, dialog: Dialog
) -> None:
    twin = User.objects.create_user("m2@firmaet.invalid", first_name="Marit", last_name="Solberg")
    stranger = named_in("@Marit Solberg", at=bakeren)
    assert stranger.welcome == [leder], "the one who may see the client is meant"
    assert stranger.strangers == []

    bakeren.members.add(twin)
    assert offered(karis, dialog) == [
        "Marit Solberg (leder@firmaet.invalid)",
        "Marit Solberg (m2@firmaet.invalid)",
    ]
    text = "@Marit Solberg (m2@firmaet.invalid)"
    assert named_in(text, at=bakeren).welcome == [twin]


def test_names_stand_out_and_the_rest_is_escaped(leder: User) -> None:
    html = marked("<i>@Marit Solberg</i> & @Ola Berg", [leder])
    assert html == (
        '&lt;i&gt;<strong class="mention">@Marit Solberg</strong>&lt;/i&gt; &amp; @Ola Berg'
    )


def test_a_name_cannot_bring_markup_along(leder: User) -> None:
    leder.first_name = "<script>"
    assert "<script" not in marked("@<script> Solberg", [leder])


def test_nobody_is_looked_up_when_nobody_is_named(
    bakeren: Client, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(0):
        named_in("Helt vanlig tekst", at=bakeren)


def test_a_guide_is_for_all_and_names_nobody(leder: User, kari: User, dialog: Dialog) -> None:
    actions.write_guide(
        dialog.service, "@Kari Hansen vet", seen="", actor=leder, now=timezone.now()
    )
    assert not Mention.objects.exists()
    assert Place(dialog.client).key == f"client-{dialog.client_id}"
