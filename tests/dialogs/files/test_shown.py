"""What is shown of the attachments that services really send, from the samples."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from uuid import UUID, uuid4

import msgspec
import pytest
from django.template.loader import render_to_string
from pytest_django import Settings

from altinn.credentials import Credential
from altinn.details import Attachment, AttachmentUrl, Details
from altinn.environment import PRODUCTION
from altinn.wire import ConsumerType, Localization
from clients.models import Client
from dialogs.files.choosing import choose, link_to
from dialogs.files.shown import Shown, State, shown
from dialogs.models import Dialog
from tests.dialogs.conftest import MakeDialog
from tests.stand_in import ROOT

SAMPLES = ROOT / "sandbox/services"
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
_details = msgspec.json.Decoder(Details)
Show = Callable[..., list[Shown]]


def listed(files: list[Shown]) -> str:
    """The list as somebody who may work sees it."""
    context = {"attachments": files, "frame": SimpleNamespace(may_work=True)}
    return render_to_string("dialogs/files/list.html", context)


def details_of(name: str) -> Details:
    return _details.decode((SAMPLES / f"{name}.json").read_bytes())


def names_of_samples() -> list[str]:
    others = ("payload-", "fce-", "http-", "search-")
    found = sorted(path.stem for path in SAMPLES.glob("*.json"))
    return [name for name in found if not name.startswith(others)]


@pytest.fixture(autouse=True)
def production(settings: Settings) -> None:
    settings.ALTINN = PRODUCTION


@pytest.fixture
def dialog(make_dialog: MakeDialog, bakeren: Client) -> Dialog:
    return make_dialog(bakeren)


@pytest.fixture
def show(dialog: Dialog) -> Show:
    def of(name: str, *, transmission: int | None = None, now: datetime = NOW) -> list[Shown]:
        details = details_of(name)
        if transmission is None:
            return shown(dialog, details.attachments, now=now)
        sent = details.transmissions[transmission]
        return shown(dialog, sent.attachments, now=now, transmission_id=sent.id)

    return of


def attachment(*urls: str, name: str = "Brev.pdf", **more: object) -> Attachment:
    found = tuple(AttachmentUrl(url=url, consumer_type=ConsumerType.GUI) for url in urls)
    called = (Localization(value=name, language_code="nb"),)
    return Attachment(id=uuid4(), display_name=called, urls=found, **more)  # type: ignore[arg-type]


def told(files: list[Shown]) -> list[tuple[str, str, State]]:
    return [(one.name, str(one.kind), one.state) for one in files]


def test_correspondence_has_files_and_a_zip_of_all(show: Show) -> None:
    files = show("correspondence-confirmation-required")

    assert told(files) == [
        ("Alle vedlegg", "zip", State.AVAILABLE),
        ("Vedtak tvangsmulkt.pdf", "PDF", State.AVAILABLE),
        ("Klageinformasjon.pdf", "PDF", State.AVAILABLE),
    ]
    assert [one.is_all_in_one for one in files] == [True, False, False]
    assert [one.can_preview for one in files] == [False, True, True]


def test_an_expired_file_is_told_of(show: Show) -> None:
    files = show("correspondence-reply-options-expired-attachment")

    assert ("Oppgavepliktbrev.pdf", "PDF", State.EXPIRED) in told(files)
    assert ("Veiledning.docx", "Word", State.AVAILABLE) in told(files)


def test_an_apps_files_are_fetched_although_their_addresses_are_wrapped(show: Show) -> None:
    assert told(show("app-awaiting-signature")) == [
        ("Revisjonsberetning 2025.pdf", "PDF", State.AVAILABLE),
        ("Hovedskjema", "XML", State.MACHINE),
    ]
    assert told(show("a2-migrated-form", transmission=0))[1] == (
        "Skjema.html",
        "nettside",
        State.AVAILABLE,
    )
    for one in details_of("app-completed").attachments:
        source = choose(one, PRODUCTION).source
        assert source
        assert source.credential is Credential.INSTANCES


def test_nav_has_files_for_machines_files_for_us_and_links(show: Show) -> None:
    assert told(show("nav-sykepenger-foresporsel-aktiv", transmission=0)) == [
        ("sykmelding.json", "JSON", State.MACHINE),
        ("sykmelding.pdf", "PDF", State.AVAILABLE),
        ("sykmelding", "PDF", State.LINK),
    ]
    request = show("nav-sykepenger-foresporsel-aktiv", transmission=2)
    assert [one.state for one in request] == [State.MACHINE, State.LINK]
    assert request[1].link
    assert request[1].link.where == "Nav"


def test_one_document_in_two_forms_has_a_file_and_a_link(show: Show) -> None:
    [file] = show("nav-foreldrepenger-aktiv", transmission=0)

    assert file.state is State.MACHINE
    assert file.link
    assert file.link.url.startswith("https://arbeidsgiver.nav.no/")


def test_the_same_address_is_shown_once(show: Show) -> None:
    [file] = show("nav-fritak-agp-krav")

    assert file.state is State.LINK


def test_a_host_that_nobody_knows_gets_a_link_and_no_credential(show: Show) -> None:
    [file] = show("generic-service-with-write-actions")

    assert file.state is State.LINK
    assert file.link
    assert file.link.where == "dialog-innhold.skatteetaten.example"


def test_masked_and_expired_ones_are_told_apart(show: Show) -> None:
    states = [
        one.state
        for number in range(len(details_of("unauthorized-and-expired-mix").transmissions))
        for one in show("unauthorized-and-expired-mix", transmission=number)
    ]

    assert set(states) == {State.NOT_AUTHORISED, State.EXPIRED}


@pytest.mark.parametrize(
    ("left", "expiry", "expires_soon"),
    [
        (timedelta(hours=1), "Utløper i dag", True),
        (timedelta(days=1), "Utløper i morgen", True),
        (timedelta(days=3), "Utløper om 3 dager", True),
        (timedelta(days=60), "Utløper 19.\u00a0januar 2027", False),
        (timedelta(seconds=-1), "", False),
    ],
)
def test_when_a_file_expires_is_said(
    dialog: Dialog, left: timedelta, expiry: str, *, expires_soon: bool
) -> None:
    url = "https://platform.altinn.no/correspondence/api/v1/correspondence/x/attachment/y/download"
    [file] = shown(dialog, [attachment(url, expires_at=NOW + left)], now=NOW)

    assert (file.expiry, file.expires_soon) == (expiry, expires_soon)
    assert (file.state is State.EXPIRED) == (left < timedelta())


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:msgbox(1)",
        "file:///etc/passwd",
        "ftp://arbeidsgiver.nav.no/a.pdf",
        "http://arbeidsgiver.nav.no/a.pdf",
        "//arbeidsgiver.nav.no/a.pdf",
        "https://bruker:passord@arbeidsgiver.nav.no/a.pdf",
        "https://arbeidsgiver.nav.no\\@ond.example/a.pdf",
        "https://ond.example/\r\nSet-Cookie: a=b",
        "https:///uten-vert",
        "https://[::1",
        "urn:dialogporten:noe-nytt",
        "",
        "hva som helst",
    ],
)
def test_what_is_no_address_of_a_page_is_neither_called_nor_linked(
    dialog: Dialog, url: str
) -> None:
    [file] = shown(dialog, [attachment(url)], now=NOW)

    assert file.state is State.UNUSABLE
    assert file.link is None
    assert "Kan ikke åpnes" in render_to_string("dialogs/files/list.html", {"attachments": [file]})


def test_a_link_says_which_host_it_really_leads_to() -> None:
    found = link_to("https://аltinn.no/brev", PRODUCTION)  # the first letter is Cyrillic

    assert found
    assert found.where == "xn--ltinn-3ve.no"
    for lookalike in ("https://nav.no.ond.example/a", "https://ikkenav.no/a"):
        link = link_to(lookalike, PRODUCTION)
        assert link
        assert link.where not in {"Nav", "Altinn"}


@pytest.mark.parametrize(
    "url",
    [
        "https://platform.altinn.no.ond.example/storage/api/v1/instances/1/2/data/3",
        "https://ond.example/https://platform.altinn.no/correspondence/api/v1/x",
        "https://platform.altinn.no:444/correspondence/api/v1/x",
        "https://platform.altinn.no/storage/api/v1/applications",
        "https://platform.altinn.no/authentication/api/v1/authentication?goto=https%3A%2F%2Fond.example%2Fa",
        "https://platform.altinn.no/register/api/v1/parties",
        "http://platform.altinn.no/correspondence/api/v1/x",
    ],
)
def test_nothing_but_the_addresses_we_know_is_fetched(url: str) -> None:
    assert choose(attachment(url), PRODUCTION).source is None


@pytest.mark.parametrize("name", names_of_samples())
def test_every_sample_has_a_list_that_says_something_of_each(
    name: str, dialog: Dialog, show: Show
) -> None:
    details = details_of(name)
    for number in (None, *range(len(details.transmissions))):
        files = show(name, transmission=number)
        page = listed(files)
        for one in files:
            assert one.name in page
        if files:
            assert f"{len(files)} vedlegg" in " ".join(page.split())
        assert ("Last ned alle" in page) == (
            sum(one.can_be_fetched and not one.is_all_in_one for one in files) > 1
        )
        assert "urn:" not in page


def test_a_masked_file_offers_to_say_why(show: Show, dialog: Dialog) -> None:
    files = show("unauthorized-and-expired-mix", transmission=0)
    page = listed(files)

    assert "Hvorfor?" in page
    assert "Last ned" not in page


def test_names_are_text_on_the_page(dialog: Dialog) -> None:
    url = "https://platform.altinn.no/correspondence/api/v1/correspondence/x/attachment/y/download"
    name = "<img src=x onerror=alert(1)>.pdf"
    page = render_to_string(
        "dialogs/files/list.html",
        {"attachments": shown(dialog, [attachment(url, name=name)], now=NOW)},
    )

    assert "<img" not in page
    assert "_img src=x onerror=alert(1)_.pdf" in page


def test_a_transmissions_files_are_fetched_together_by_its_id(show: Show) -> None:
    first, *_ = show("nav-sykepenger-foresporsel-aktiv", transmission=0)

    sent = details_of("nav-sykepenger-foresporsel-aktiv").transmissions[0].id
    assert isinstance(first.transmission_id, UUID)
    assert first.all_url.endswith(f"/vedlegg/alle/?forsendelse={sent}")
