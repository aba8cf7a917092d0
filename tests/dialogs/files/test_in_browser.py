"""Files on the page of a dialog, in Chromium."""

import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client as Browser
from playwright.sync_api import Page, expect

from clients.models import SystemUser
from dialogs.models import ArchivedFile, Dialog
from tests.dialogs.files.conftest import PDF, Opened, attachment_of, entries, key_of
from tests.processes import Processes, processes
from tests.stand_in import Altinn, wait_until

pytestmark = pytest.mark.browser
PNG = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5E"
    "rkJggg=="
)
VIEWER = "chrome-extension://"


@pytest.fixture
def portal(
    transactional_db: None,
    services: SystemUser,
    altinn: Altinn,
    archive_root: Path,
) -> Iterator[Processes]:
    with processes(altinn, ARCHIVE_ROOT=str(archive_root)) as running:
        running.start_web()
        yield running


@pytest.fixture
def dialog(portal: Processes, opened: Opened) -> Dialog:
    return opened()


@pytest.fixture
def shown(page: Page, portal: Processes, marits: Browser, dialog: Dialog) -> Page:
    """The dialog's page, as Marit sees it after it was opened."""
    session = {"name": "session", "value": marits.cookies["session"].value, "url": portal.url}
    page.context.add_cookies([session])  # type: ignore[list-item]
    page.goto(f"{portal.url}/innboks/{dialog.pk}/dialog/")
    expect(page.get_by_role("heading", name="3 vedlegg")).to_be_visible()
    return page


def expect_viewer(page: Page) -> None:
    """Wait for Chromium's own viewer of PDF to have taken the file."""
    for _ in range(100):
        if any(frame.url.startswith(VIEWER) for frame in page.frames):
            return
        page.wait_for_timeout(100)
    raise AssertionError([frame.url for frame in page.frames])


def test_nothing_is_fetched_before_a_press(shown: Page, altinn: Altinn) -> None:
    links = shown.locator("section.files a")
    for number in range(links.count()):
        links.nth(number).hover()
        links.nth(number).focus()
    shown.emulate_media(media="print")
    shown.wait_for_timeout(500)

    assert altinn.received() == []


def test_a_pdf_is_shown_in_the_page_and_put_away(shown: Page, altinn: Altinn) -> None:
    link = shown.get_by_role("link", name=f"Forhåndsvis {PDF}")
    link.click()

    frame = shown.get_by_title(f"Forhåndsvisning av {PDF}")
    expect(frame).to_be_visible()
    expect_viewer(shown)
    assert len(altinn.received("correspondence-file")) == 1

    shown.get_by_role("button", name="Lukk forhåndsvisningen").click()
    expect(frame).to_have_count(0)
    expect(link).to_be_focused()
    wait_until(lambda: entries("file.previewed"))


def test_a_picture_is_shown_in_the_page(shown: Page, altinn: Altinn, dialog: Dialog) -> None:
    altinn.post(
        "/files", {"id": key_of(attachment_of(dialog, PDF)), "body_base64": PNG, "name": "b.png"}
    )
    shown.get_by_role("link", name=f"Forhåndsvis {PDF}").click()

    picture = shown.frame_locator("iframe").locator("img")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.naturalWidth") == 1


@pytest.mark.expects_complaints("415|sandbox")
def test_a_page_with_a_script_is_not_shown_and_does_nothing(
    shown: Page, altinn: Altinn, dialog: Dialog
) -> None:
    script = "<!doctype html><script>parent.document.title = 'tatt'</script><h1>Logg inn</h1>"
    altinn.post("/files", {"id": key_of(attachment_of(dialog, PDF)), "body": script})
    title = shown.title()
    shown.get_by_role("link", name=f"Forhåndsvis {PDF}").click()

    frame = shown.frame_locator("iframe")
    expect(frame.get_by_text("Filen er ikke av et slag som kan vises her.")).to_be_visible()
    assert shown.title() == title


def test_the_preview_has_a_page_of_its_own_without_scripts(
    shown: Page, portal: Processes, dialog: Dialog
) -> None:
    letter = attachment_of(dialog, PDF)
    shown.goto(f"{portal.url}/innboks/{dialog.pk}/vedlegg/{letter.id}/vis/")

    expect(shown.get_by_role("heading", name=PDF)).to_be_visible()
    expect_viewer(shown)


def test_a_file_is_saved_under_its_name(shown: Page, tmp_path: Path) -> None:
    with shown.expect_download() as download:
        shown.get_by_role("link", name=f"Last ned {PDF}").click()
    download.value.save_as(tmp_path / "brev.pdf")

    assert download.value.suggested_filename == PDF
    assert (tmp_path / "brev.pdf").read_bytes().startswith(b"%PDF-")
    expect(shown.get_by_role("heading", name="3 vedlegg")).to_be_visible()


def test_all_are_saved_in_one_zip(shown: Page, tmp_path: Path, dialog: Dialog) -> None:
    with shown.expect_download() as download:
        shown.get_by_role("link", name="Last ned alle", exact=True).click()
    download.value.save_as(tmp_path / "alle.zip")

    assert download.value.suggested_filename.endswith(".zip")
    with zipfile.ZipFile(tmp_path / "alle.zip") as archive:
        assert sorted(archive.namelist()) == ["Klageinformasjon.pdf", PDF]


@pytest.mark.expects_complaints("403")
def test_what_is_not_given_is_told_on_a_page_that_leads_back(
    shown: Page, altinn: Altinn, dialog: Dialog
) -> None:
    altinn.post("/files", {"id": key_of(attachment_of(dialog, PDF)), "state": "forbidden"})
    shown.get_by_role("link", name=f"Last ned {PDF}").click()

    expect(shown.get_by_role("alert")).to_contain_text("ikke fullmakt til denne filen")
    shown.get_by_role("link", name="Tilbake til dialogen").click()
    expect(shown.get_by_role("heading", name="3 vedlegg")).to_be_visible()


def test_a_file_is_put_in_the_clients_folder(shown: Page, portal: Processes) -> None:
    shown.get_by_role("button", name=f"Lagre i klientmappen {PDF}").click()

    expect(shown.get_by_text("Filen er lagret i klientmappen.")).to_be_visible()
    expect(shown.get_by_text("Lagret i klientmappe ✓")).to_be_visible()
    row = ArchivedFile.objects.get()
    shown.goto(f"{portal.url}/klienter/{row.client_id}/dokumenter/")
    with shown.expect_download() as download:
        shown.get_by_role("link", name=PDF).click()
    assert download.value.suggested_filename == PDF
