"""Notes on dialogs and clients: written, changed, pinned, taken away, and who sees them."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.template.loader import render_to_string
from django.test import Client as Browser
from django.test import RequestFactory
from django.utils import timezone
from django.utils.html import escape
from pytest_django import DjangoAssertNumQueries

from clients.models import Client
from dialogs import live
from dialogs.models import Dialog, Note, NoteVersion, Service
from dialogs.notes import actions
from dialogs.notes.place import Place
from dialogs.notes.shown import MOST_SHOWN, Shown
from staff.models import AuditEntry, User
from tests.dialogs.conftest import MakeDialog
from tests.naughty import naughty_strings

NAUGHTY = [text for text in naughty_strings() if "\x00" not in text]
PART = {"HX-Request": "true", "HX-Target": "notater"}


def add(browser: Browser, dialog: Dialog, text: str = "Ring klienten", **more: Any) -> Any:
    headers = more.pop("headers", None)
    return browser.post(f"/innboks/{dialog.pk}/notater/", {"text": text} | more, headers=headers)


def write(dialog: Dialog, author: User, text: str = "Ring klienten", **fields: Any) -> Note:
    place = Place(dialog.client, dialog)
    return actions.add_note(place, text, author=author, now=timezone.now(), **fields)


def shown(response: Any) -> str:
    return " ".join(response.content.decode().split())


def test_a_note_is_counted_told_and_written_down_without_its_text(
    karis: Browser,
    kari: User,
    dialog: Dialog,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:
    told: list[Any] = []
    monkeypatch.setattr(live, "_publish", told.extend)
    with django_capture_on_commit_callbacks(execute=True):
        response = add(karis, dialog, headers=PART)

    note = Note.objects.get()
    assert (note.author, note.dialog, note.text) == (kari, dialog, "Ring klienten")
    assert "Ring klienten" in shown(response)
    dialog.refresh_from_db()
    assert dialog.note_count == 1
    assert dialog.work_version == 0, "a note changes nobody's decision"
    assert told == [[str(dialog.pk), dialog.client_id, False]]
    entry = AuditEntry.objects.get(act="note.added")
    assert (entry.actor, entry.about) == (kari, f"dialog {dialog.pk}")
    assert entry.detail == {"note": note.pk}


def test_without_javascript_saving_leads_back_to_the_dialog_and_its_list(
    karis: Browser, dialog: Dialog
) -> None:
    response = karis.post(f"/innboks/{dialog.pk}/notater/?mappe=alle", {"text": "Hei"})
    note = Note.objects.get()
    assert response.headers["Location"] == f"/innboks/{dialog.pk}/?mappe=alle#notat-{note.pk}"


def test_what_is_known_and_the_notes_are_beside_the_dialog(
    karis: Browser, kari: User, leder: User, dialog: Dialog, bakeren: Client
) -> None:
    actions.write_guide(
        dialog.service, "Hent tall fra lønn", seen="", actor=leder, now=timezone.now()
    )
    actions.add_note(
        Place(bakeren), "Bare e-post", author=leder, now=timezone.now(), is_pinned=True
    )
    actions.add_note(Place(bakeren), "Har hund", author=leder, now=timezone.now())
    write(dialog, kari, "Først")
    write(dialog, kari, "Sist")
    write(dialog, kari, "Festet", is_pinned=True)

    page = shown(karis.get(f"/innboks/{dialog.pk}/"))

    places = ["Slik svarer vi", "Hent tall fra lønn", "Viktig om klienten", "Bare e-post"]
    places += ["Internt notat", ">Festet<", ">Sist<", ">Først<"]
    assert sorted(places, key=page.index) == places
    assert "Har hund" not in page, "only what is pinned follows the client"
    assert "Vises bare for ansatte. Sendes ikke til Altinn." in page


def test_everything_beside_a_dialog_is_gathered_in_three_statements(
    kari: User,
    leder: User,
    dialog: Dialog,
    bakeren: Client,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(5):
        write(dialog, kari, f"@Marit Solberg {number}", mentioned=[leder])
        actions.add_note(
            Place(bakeren), f"Om {number}", author=kari, now=timezone.now(), is_pinned=True
        )
    request = RequestFactory().get("/")
    request.user = AnonymousUser()
    opened = Dialog.objects.select_related("client", "copy").get(pk=dialog.pk)
    context = {"opened": {"dialog": opened}, "page": {"query": ""}, "user": kari}
    with django_assert_max_num_queries(3):
        html = render_to_string("dialogs/notes/of_dialog.html", context)
    assert html.count('class="note"') == 5


def test_the_oldest_of_very_many_are_on_a_page_of_their_own(
    karis: Browser, kari: User, dialog: Dialog, bakeren: Client
) -> None:
    for number in range(MOST_SHOWN + 25):
        write(dialog, kari, f"Notat nummer {number}.")
        actions.add_note(Place(bakeren), f"Om nummer {number}.", author=kari, now=timezone.now())

    panel = karis.get(f"/innboks/{dialog.pk}/").content.decode()
    assert panel.count("Notat nummer") == MOST_SHOWN
    assert "Vis alle notatene" in panel
    first = karis.get(f"/innboks/{dialog.pk}/notater/").content.decode()
    rest = karis.get(f"/innboks/{dialog.pk}/notater/?side=2").content.decode()
    assert first.count("Notat nummer") == 50
    assert rest.count("Notat nummer") == 5
    assert "nummer 0." in rest
    client = karis.get(f"/klienter/{bakeren.pk}/notater/?side=2").content.decode()
    assert client.count("Om nummer") == 5


def test_notes_of_clients_one_may_not_see_are_not_found(
    olas: Browser, kari: User, dialog: Dialog, bakeren: Client
) -> None:
    note = write(dialog, kari)
    about = actions.add_note(Place(bakeren), "Om dem", author=kari, now=timezone.now())
    deleted = write(dialog, kari, "Borte")
    actions.delete_note(deleted, actor=kari, now=timezone.now())

    for address in (f"/innboks/{dialog.pk}", f"/klienter/{bakeren.pk}"):
        assert olas.get(f"{address}/notater/").status_code == 404
        assert olas.post(f"{address}/notater/", {"text": "Hei"}).status_code == 404
        assert olas.get(f"{address}/kolleger/").status_code == 404
    for pk in (note.pk, about.pk):
        assert olas.get(f"/notater/{pk}/").status_code == 404
        assert olas.get(f"/notater/{pk}/rediger/").status_code == 404
        assert olas.get(f"/notater/{pk}/versjoner/").status_code == 404
        for act in ("rediger", "slett", "fest"):
            assert olas.post(f"/notater/{pk}/{act}/", {"text": "Mitt"}).status_code == 404
    assert olas.post(f"/notater/{deleted.pk}/angre/").status_code == 404
    assert Note.objects.filter(deleted_at=None).count() == 2


@pytest.mark.parametrize("text", ["", "  \n\t "])
def test_an_empty_note_is_refused(karis: Browser, dialog: Dialog, text: str) -> None:
    response = add(karis, dialog, text, headers=PART)
    assert response.status_code == 422
    assert "Skriv noe i notatet før du lagrer." in shown(response)
    assert not Note.objects.exists()


def test_ten_thousand_characters_are_taken_and_one_more_is_explained(
    karis: Browser, dialog: Dialog
) -> None:
    longest = ("å" * 99 + "\r\n") * 100  # the browser sends a line break as two
    assert add(karis, dialog, longest.strip(), headers=PART).status_code == 200
    response = add(karis, dialog, "x" * 10_001, headers=PART)
    assert response.status_code == 422
    assert "Notatet er på 10001 tegn. Det kan være på 10000." in shown(response)
    assert "x" * 10_001 in shown(response), "the text is still there to be cut"
    assert Note.objects.count() == 1


def test_any_text_is_shown_as_it_is(kari: User, dialog: Dialog) -> None:
    now = timezone.now()
    for text in [*NAUGHTY, "<b>fet</b>", "https://evil.example", "\u202eabc"]:
        note = Note.objects.create(dialog=dialog, author=kari, text=text, created_at=now)
        shown_note = {"shown": Shown(note, kari, now)}
        html = render_to_string("dialogs/notes/text.html", shown_note)
        assert escape(text.split("\n")[0]) in html
        assert set(re.findall(r"<(\w+)", html)) <= {"div", "br", "details", "summary", "span"}


def test_naughty_strings_survive_the_way_through_the_form(karis: Browser, dialog: Dialog) -> None:
    texts = [text for text in NAUGHTY if text.strip() and "@" not in text]
    for start in range(0, len(texts), 40):
        text = "\n".join(texts[start : start + 40])
        assert add(karis, dialog, text, headers=PART).status_code == 200
        saved = Note.objects.latest("pk").text
        assert saved == text.replace("\x00", "").replace("\r\n", "\n").replace("\r", "\n").strip()


def test_a_character_no_database_takes_is_left_out(karis: Browser, dialog: Dialog) -> None:
    assert add(karis, dialog, "før\x00etter", headers=PART).status_code == 200
    assert Note.objects.get().text == "føretter"


def test_line_breaks_are_kept(karis: Browser, dialog: Dialog) -> None:
    assert "én<br>to<br><br>fire" in shown(add(karis, dialog, "én\r\nto\n\nfire", headers=PART))


def test_a_long_note_shows_its_beginning_and_the_rest_on_demand(
    karis: Browser, dialog: Dialog
) -> None:
    page = shown(
        add(karis, dialog, "Begynnelsen. " + "mye tekst " * 100 + "Slutten.", headers=PART)
    )
    assert page.index("Begynnelsen.") < page.index("Vis hele") < page.index("Slutten.")


def test_a_note_that_is_sent_twice_is_one_note(
    karis: Browser, kari: User, leder: User, dialog: Dialog, now: Any
) -> None:
    add(karis, dialog)
    add(karis, dialog)
    assert Note.objects.count() == 1
    write(dialog, leder)
    assert Note.objects.count() == 2, "another person may say the same"
    place = Place(dialog.client, dialog)
    later = timezone.now() + actions.SENT_AGAIN + timedelta(seconds=1)
    actions.add_note(place, "Ring klienten", author=kari, now=later)
    assert Note.objects.count() == 3
    dialog.refresh_from_db()
    assert dialog.note_count == 3


def edit(browser: Browser, note: Note, text: str, version: str | None = None) -> Any:
    version = actions.version_of(note) if version is None else version
    return browser.post(
        f"/notater/{note.pk}/rediger/", {"text": text, "version": version}, headers=PART
    )


def test_an_edited_note_says_so_and_keeps_what_it_said(
    karis: Browser, kari: User, dialog: Dialog
) -> None:
    note = write(dialog, kari, "Ring i dag")

    page = shown(edit(karis, note, "Ring i morgen"))

    assert "Ring i morgen" in page
    assert "redigert i dag kl." in page
    assert "vis tidligere versjoner" in page
    version = NoteVersion.objects.get()
    assert (version.text, version.changed_by) == ("Ring i dag", kari)
    earlier = shown(karis.get(f"/notater/{note.pk}/versjoner/"))
    assert "Ring i dag" in earlier
    assert "Ring i dag" in shown(karis.get(f"/notater/{note.pk}/versjoner/", headers=PART))
    assert "Ring" not in str(AuditEntry.objects.get(act="note.edited").detail)


def test_saving_without_a_change_is_not_an_edit(karis: Browser, kari: User, dialog: Dialog) -> None:
    note = write(dialog, kari)
    edit(karis, note, note.text)
    note.refresh_from_db()
    assert note.edited_at is None
    assert not NoteVersion.objects.exists()


def test_two_windows_lose_nothing_of_each_others_text(
    karis: Browser, kari: User, dialog: Dialog
) -> None:
    note = write(dialog, kari, "Utgangspunktet")
    seen = actions.version_of(note)
    assert edit(karis, note, "Det første", seen).status_code == 200

    response = edit(karis, note, "Det andre", seen)

    assert response.status_code == 409
    assert "Det første" in shown(response)
    assert "Det andre" in shown(response)
    note.refresh_from_db()
    assert note.text == "Det første"
    assert f'name="version" value="{escape(actions.version_of(note))}"' in shown(response)
    assert edit(karis, note, "Det andre").status_code == 200


def test_an_answer_that_got_lost_can_be_asked_for_again(
    karis: Browser, kari: User, dialog: Dialog
) -> None:
    note = write(dialog, kari, "Før")
    seen = actions.version_of(note)
    edit(karis, note, "Etter", seen)
    assert edit(karis, note, "Etter", seen).status_code == 200
    assert NoteVersion.objects.count() == 1


def test_only_the_author_edits_and_managers_may_delete(
    kari: User, leder: User, admin: User, dialog: Dialog, logged_in: Callable[[User], Browser]
) -> None:
    note = write(dialog, kari)
    colleague = User.objects.create_user("eva@firmaet.invalid", first_name="Eva")
    dialog.client.members.add(colleague)
    evas, managers = logged_in(colleague), logged_in(leder)

    assert edit(evas, note, "Mitt").status_code == 403
    assert edit(managers, note, "Mitt").status_code == 403
    assert evas.post(f"/notater/{note.pk}/slett/").status_code == 403
    page = evas.get(f"/innboks/{dialog.pk}/").content.decode()
    assert f"/notater/{note.pk}/fest/" in page
    assert f"/notater/{note.pk}/rediger/" not in page
    assert f"/notater/{note.pk}/slett/" not in page
    assert managers.post(f"/notater/{note.pk}/slett/").status_code == 302
    note.refresh_from_db()
    assert note.deleted_at is not None


def test_a_deleted_note_is_gone_until_it_is_taken_back(
    karis: Browser, kari: User, dialog: Dialog
) -> None:
    note = write(dialog, kari, "Hemmelig")

    page = shown(karis.post(f"/notater/{note.pk}/slett/", headers=PART))

    assert "Hemmelig" not in page
    assert "Angre" in page
    dialog.refresh_from_db()
    assert dialog.note_count == 0
    note.refresh_from_db()
    assert note.text == ""
    assert NoteVersion.objects.get().text == "Hemmelig"
    assert karis.get(f"/notater/{note.pk}/versjoner/").status_code == 404
    assert karis.post(f"/notater/{note.pk}/slett/").status_code == 404

    assert "Hemmelig" in shown(karis.post(f"/notater/{note.pk}/angre/", headers=PART))
    dialog.refresh_from_db()
    assert dialog.note_count == 1
    assert not NoteVersion.objects.exists()
    assert karis.post(f"/notater/{note.pk}/angre/").status_code == 404


def test_deleting_without_javascript_offers_to_undo(
    karis: Browser, kari: User, dialog: Dialog
) -> None:
    note = write(dialog, kari, "Hemmelig")
    response = karis.post(f"/notater/{note.pk}/slett/")
    page = karis.get(response.headers["Location"]).content.decode()
    assert f"/notater/{note.pk}/angre/" in page


def test_a_deletion_that_is_repeated_counts_once(kari: User, dialog: Dialog) -> None:
    note = write(dialog, kari)
    write(dialog, kari, "En til")
    for _time in range(2):
        actions.delete_note(note, actor=kari, now=timezone.now())
    dialog.refresh_from_db()
    assert dialog.note_count == 1


def test_a_pinned_note_stands_first_and_can_be_let_go(
    karis: Browser, kari: User, dialog: Dialog
) -> None:
    old = write(dialog, kari, "Gammelt")
    write(dialog, kari, "Nytt")

    page = shown(karis.post(f"/notater/{old.pk}/fest/", {"fest": "1"}, headers=PART))
    assert page.index("Gammelt") < page.index("Nytt")
    page = shown(karis.post(f"/notater/{old.pk}/fest/", {"fest": "0"}, headers=PART))
    assert page.index("Nytt") < page.index("Gammelt")
    acts = AuditEntry.objects.filter(act__in=["note.pinned", "note.unpinned"])
    assert acts.count() == 2


def test_what_is_important_about_a_client_is_on_each_of_its_dialogs(
    karis: Browser, bakeren: Client, make_dialog: MakeDialog, dialog: Dialog
) -> None:
    karis.post(f"/klienter/{bakeren.pk}/notater/", {"text": "Bytter eier", "is_pinned": "on"})
    karis.post(f"/klienter/{bakeren.pk}/notater/", {"text": "Liker kringle"})

    for one in (dialog, make_dialog(bakeren, "Et annet brev")):
        page = karis.get(f"/innboks/{one.pk}/").content.decode()
        assert "Bytter eier" in page
        assert "Liker kringle" not in page
    for address in ("", "alle-notater/"):
        about = karis.get(f"/klienter/{bakeren.pk}/{address}").content.decode()
        assert "Bytter eier" in about
        assert "Liker kringle" in about
    assert AuditEntry.objects.filter(about=f"client {bakeren.pk}", act="note.added").count() == 2


def test_a_note_on_another_service_or_client_is_not_shown(
    karis: Browser,
    kari: User,
    leder: User,
    dialog: Dialog,
    rorleggeren: Client,
    make_dialog: MakeDialog,
) -> None:
    other = Service.objects.create(urn="urn:altinn:resource:annen", owner=dialog.owner)
    actions.write_guide(other, "Annen veiledning", seen="", actor=leder, now=timezone.now())
    theirs = make_dialog(rorleggeren, "Deres")
    write(theirs, leder, "Deres notat")
    actions.add_note(
        Place(rorleggeren), "Deres klient", author=leder, now=timezone.now(), is_pinned=True
    )
    page = karis.get(f"/innboks/{dialog.pk}/").content.decode()
    for text in ("Annen veiledning", "Deres notat", "Deres klient"):
        assert text not in page
