"""What somebody who wishes us ill puts in dialogs does nothing in a browser, and leaves nothing."""

import zipfile
from datetime import datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from clients.models import Client
from dialogs.content import opening
from dialogs.models import ArchivedFile, Dialog, OpenedBody
from sandbox import corpus, hostile
from tests.dialogs.content.conftest import firms_agent, read_all
from tests.dialogs.content.watching import Watch, open_all, save_all
from tests.stand_in import Altinn

pytestmark = [pytest.mark.browser, pytest.mark.expects_complaints("status of (4|5)|sandbox")]

TABS = ("", "dialoger/", "frister/", "alle-notater/", "dokumenter/", "tilgang/", "logg/")
SLOW = "embed-slow"
# What is not given, and what is said then. Everything else is saved as it is.
NOT_GIVEN = {
    "bidi": "et program, og hentes ikke",
    "program": "et program, og hentes ikke",
    "redirect-private": "ikke fullmakt",
    "redirect-canary": "ikke fullmakt",
    "redirect-log-in": "ikke fullmakt",
    "slow": "ikke filen i tide",
    "failed": "kan ikke svare nå",
    "forbidden": "ikke fullmakt",
    "expired": "utløpt",
    "purged": "utløpt",
}
# What the frame of a preview holds: the browser's viewer of PDF, or a page that says why not.
SHOWN_AS = {
    "path": "pdf",
    "polyglot": "pdf",
    "quotes": "page",
    "html-as-pdf": "page",
    "svg-as-png": "page",
    "redirect-canary": "page",
    "forbidden": "page",
}
ODD_IN_NAMES = set('/\\:"<>|*?\r\n\u202e')


@pytest.fixture
def traps(transactional_db: None, altinn: Altinn, now: datetime) -> dict[str, str]:
    """The dialogs of the hostile world, read: each one's id by its name."""
    altinn.reset("hostile")
    read_all(firms_agent(altinn), altinn, now=now)
    return {one["template"]: one["id"] for one in altinn.get("/dialogs")}


@pytest.mark.expects_complaints("Content Security Policy")
def test_the_watch_hears_what_the_policy_stops(watch: Watch, altinn: Altinn) -> None:
    watch.go("hjem/")
    watch.page.evaluate("address => { new Image().src = address }", f"{altinn.base_url}/canary/x")

    assert "the policy stopped" in " ".join(watch.end())
    assert altinn.counts()["canary"] == 0


@pytest.mark.timeout(300)
def test_every_trap_is_opened_and_nothing_happens(
    traps: dict[str, str], watch: Watch, altinn: Altinn
) -> None:
    watch.go("innboks/?antall=500")
    watch.go("hjem/")
    # «addresses-…» have all the addresses; what comes last of all is asked for first.
    names = [SLOW, *(n for n in traps if n != SLOW and not n.startswith("address-"))]
    open_all(watch.page, [traps[name] for name in names])
    names.append(names.pop(names.index("addresses-0")))  # it has something that is refused
    unread = []
    for name in names:
        watch.go(f"innboks/{traps[name]}/dialog/")
        unread += [name] if name.startswith("embed-") and not said_of_content(watch) else []
    watch.page.locator("#hele").get_by_role("button", name="Hvorfor?").first.click()
    expect(watch.page.locator("#hvorfor-h, #hindring-h").first).to_be_visible()
    watch.look()

    assert watch.end() == []
    assert unread == ["embed-empty"]
    assert altinn.counts()["details"] >= len(names)
    assert altinn.counts()["canary"] == 0
    led_away = [key for name, key in traps.items() if name.startswith("embed-redirect")]
    bodies = OpenedBody.objects.filter(dialog__in=led_away)
    assert {body.outcome for body in bodies} == {OpenedBody.Outcome.UNSAFE}


def said_of_content(watch: Watch) -> str:
    """The content itself, or the sentence that says why there is none."""
    shown = watch.page.locator("#innhold-del").locator(".text, .refused p")
    return "".join(shown.all_inner_texts()).strip()


def test_traps_in_names_do_nothing_on_pages_that_list_them(
    traps: dict[str, str], watch: Watch, altinn: Altinn
) -> None:
    odd = Client.objects.get(orgnr=hostile.ODD_PARTY)
    usual = Dialog.objects.filter(pk__in=traps.values())[0].client_id
    for pk in (odd.pk, usual):
        for tab in TABS:
            watch.go(f"klienter/{pk}/{tab}")
    for path in ("hjem/", "innboks/filtre/", "klienter/", "tjenester/", "varsler/"):
        watch.go(path)
    watch.go(f"innboks/{traps['text-svg-onload']}/")
    watch.page.keyboard.press("Control+k")
    for word in ("alert", "script", "img"):
        watch.page.locator("#kommandoer-felt").fill(word)
        watch.page.wait_for_timeout(400)
        watch.look()

    assert watch.end() == []
    assert altinn.counts()["canary"] == altinn.counts()["details"] == 0


@pytest.mark.timeout(300)
def test_files_that_are_not_what_they_say_are_saved_or_shown_and_do_nothing(
    traps: dict[str, str], watch: Watch, altinn: Altinn, tmp_path: Path
) -> None:
    page, key = watch.page, traps["files"]
    watch.go("hjem/")
    open_all(page, [key])
    watch.go(f"innboks/{key}/dialog/")
    lines = page.locator("section.files li")
    assert lines.count() == len(corpus.FILES)
    told, saved, previews = {}, {}, {}
    for number, name in enumerate(corpus.FILES):
        if name in SHOWN_AS:
            link = lines.nth(number).get_by_role("link", name="Forhåndsvis")
            previews[name] = str(link.get_attribute("href"))[1:]
        link = lines.nth(number).get_by_role("link", name="Last ned")
        if name not in NOT_GIVEN:
            with page.expect_download() as download:
                link.click()
            saved[name] = download.value.suggested_filename
            continue
        with page.expect_navigation():
            link.click()
        told[name] = page.get_by_role("alert").inner_text()
        watch.look()
        watch.go(f"innboks/{key}/dialog/")
    shown = {}
    for name, address in previews.items():
        watch.go(address)
        shown[name] = kind_of_frame(page)
    watch.go(f"innboks/{key}/dialog/")
    with page.expect_download() as download:
        page.get_by_role("link", name="Last ned alle", exact=True).click()
    download.value.save_as(tmp_path / "alle.zip")

    assert watch.end() == []
    assert {n: t for n, t in told.items() if NOT_GIVEN[n] not in t} == {}
    names = zipfile.ZipFile(tmp_path / "alle.zip").namelist()
    for name in [*saved.values(), *names]:
        assert name
        assert not ODD_IN_NAMES & set(name), name
        assert not name.startswith((".", "CON.", "NUL.")), name
    assert len({name.casefold() for name in names}) == len(names)
    assert shown == SHOWN_AS
    assert altinn.counts()["canary"] == 0


def test_files_with_traps_for_names_lie_in_the_clients_folder(
    traps: dict[str, str], watch: Watch, altinn: Altinn
) -> None:
    watch.go("hjem/")
    open_all(watch.page, [traps["files"]])
    dialog = Dialog.objects.get(pk=traps["files"])
    kept = opening.kept(dialog)
    assert kept
    by_name = dict(zip(corpus.FILES, kept.details.attachments, strict=True))
    save_all(watch.page, dialog, [one.id for name, one in by_name.items() if name not in NOT_GIVEN])

    watch.go(f"klienter/{dialog.client_id}/dokumenter/")

    rows = ArchivedFile.objects.all()
    assert len(rows) == len(corpus.FILES) - len(NOT_GIVEN)
    for row in rows:
        assert row.name in watch.page.locator("main").inner_text()
    assert watch.end() == []
    assert altinn.counts()["canary"] == 0


def kind_of_frame(page: Page) -> str:
    """What the frame of a preview holds, once it is there."""
    for _ in range(100):
        for frame in page.frames:
            if frame.url.startswith("chrome-extension://"):
                return "pdf"
            if frame.parent_frame and frame.locator("img, h1, h2, p").count():
                return "page"
        page.wait_for_timeout(50)
    raise AssertionError([frame.url for frame in page.frames])
