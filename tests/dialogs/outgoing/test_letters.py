"""Mails as a mail program reads them: both forms, the reader's language, and nothing too much."""

import re
from html.parser import HTMLParser

import pytest
from django.test import Client as Browser
from pytest_django import Settings

from clients.models import CategoryService, Client
from dialogs.models import NoticeChoices, Service
from dialogs.outgoing import unsubscribing
from dialogs.outgoing.letters import Letter
from staff.models import AuditEntry, User
from tests.dialogs.conftest import MakeDialog
from tests.dialogs.outgoing.conftest import Kind, Tell, deliver, header, html_of, text_of


class Links(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.language = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "html":
            self.language = given["lang"] or ""
        if tag == "a":
            self.found.append(given["href"] or "")


@pytest.mark.parametrize(
    ("language", "subject", "because", "choose"),
    [
        (
            "nb",
            "Ola Berg tildelte deg «Mva-melding 4. termin» hos Bakeren AS.",
            "«E-post» for «Tildelt deg» er på til noe annet blir valgt.",
            "Velg hva du vil ha varsel om",
        ),
        (
            "nn",
            "Ola Berg tildelte deg «Mva-melding 4. termin» hos Bakeren AS.",
            "«E-post» for «Tildelt deg» er på til noko anna blir valt.",
            "Vel kva du vil ha varsel om",
        ),
        (
            "en",
            "Ola Berg assigned “Mva-melding 4. termin” for Bakeren AS to you.",
            "“E-mail” for “Assigned to you” is on until something else is chosen.",
            "Choose what to be notified of",
        ),
    ],
)
def test_a_mail_is_in_the_readers_language_as_text_and_as_html(
    mails: None, kari: User, tell: Tell, language: str, subject: str, because: str, choose: str
) -> None:
    kari.language = language
    kari.save()
    tell(comment="Haster")

    [message] = deliver()

    assert header(message, "Subject") == subject
    assert message.get_content_type() == "multipart/alternative"
    text, html = text_of(message), html_of(message)
    for body in (text, html):
        assert subject in body
        assert because in body
        assert choose in body
        assert "Haster" in body
    links = Links(html)
    assert links.language == message["Content-Language"] == language
    assert all(link.startswith("http://localhost/") for link in links.found)
    assert set(links.found) == set(re.findall(r"http://\S+", text))


def test_the_headers_say_who_made_it_and_how_to_stop_it(mails: None, tell: Tell) -> None:
    tell()
    [message] = deliver()
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert re.fullmatch(r"<http://localhost/varsler/av/\S+/>", header(message, "List-Unsubscribe"))
    assert re.fullmatch(r"<[0-9a-f-]{36}@localhost>", message["Message-ID"])


def test_what_authorities_write_cannot_become_headers_or_markup(
    mails: None, bakeren: Client, make_dialog: MakeDialog, tell: Tell
) -> None:
    title = "Vedtak\r\nBcc: alle@firmaet.invalid\n<script>alert(1)</script>" + "x" * 300
    tell(dialog=make_dialog(bakeren, title))

    [message] = deliver()

    assert message["Bcc"] is None
    assert len(header(message, "Subject")) <= 150
    assert "<script>" not in html_of(message)
    assert "&lt;script&gt;" in html_of(message)


def test_a_subject_is_one_line_whoever_is_named_in_it() -> None:
    assert Letter("Kari\r\nBcc: x tildelte deg\tnoe.", []).short_subject == (
        "Kari Bcc: x tildelte deg noe."
    )


def test_titles_of_sensitive_mail_and_names_of_persons_stay_in_the_portal(
    mails: None,
    kari: User,
    bakeren: Client,
    make_client: object,
    make_dialog: MakeDialog,
    tell: Tell,
) -> None:
    person = make_client("Per Privat", orgnr=None, responsible=kari)  # type: ignore[operator]
    nav = make_dialog(bakeren, "Sykmelding for Anne", owner="nav")
    wages = make_dialog(bakeren, "Utleggstrekk hos Anne", owner="ske")
    Service.objects.filter(pk=wages.service_id).update(
        urn=CategoryService.objects.get(pattern__endswith="skd-utleggstrekk").pattern
    )
    tell(dialog=nav, comment="Anne er sykmeldt")
    tell(dialog=wages, comment="Anne skal trekkes")
    tell(dialog=make_dialog(person, "Skattemelding"), comment="Per er borte")
    tell(Kind.MENTIONED, query=f"klient={person.pk}", comment="Per er syk")

    [message] = deliver()

    for body in (text_of(message), html_of(message)):
        for secret in ("Anne", "Sykmelding", "Utleggstrekk", "Per Privat", "borte", "syk"):
            assert secret not in body
        assert body.count("Tittelen vises bare i portalen") == 2
        assert body.count("en privatperson") == 2


def test_a_firm_may_let_titles_out(
    mails: None, settings: Settings, bakeren: Client, make_dialog: MakeDialog, tell: Tell
) -> None:
    settings.NOTICES_NAME_SENSITIVE = True
    tell(dialog=make_dialog(bakeren, "Sykmelding", owner="nav"))
    [message] = deliver()
    assert "Sykmelding" in text_of(message)


def off_address(tell: Tell) -> str:
    tell()
    [message] = deliver()
    return header(message, "List-Unsubscribe").strip("<>").removeprefix("http://localhost")


def test_a_mail_can_be_stopped_with_one_press_and_without_logging_in(
    mails: None, kari: User, tell: Tell
) -> None:
    address, anybody = off_address(tell), Browser(enforce_csrf_checks=True)

    page = anybody.get(address)
    assert page.status_code == 200
    assert "Tildelt deg" in page.content.decode()
    assert not NoticeChoices.objects.exists(), "a filter that looks at it has not decided"

    for _once_more in range(2):
        done = anybody.post(address, {"List-Unsubscribe": "One-Click"})
        assert done.status_code == 200
    assert NoticeChoices.objects.get(user=kari).events == {"ASSIGNED": {"EMAIL": False}}
    assert AuditEntry.objects.filter(act=unsubscribing.CHANGED, actor=kari).count() == 1
    tell()
    assert deliver() == []


def test_an_address_nobody_signed_stops_nothing(
    mails: None, kari: User, ola: User, tell: Tell
) -> None:
    address = off_address(tell)
    forged = address.replace("/av/", "/av/x")
    assert Browser().post(forged).status_code == 404
    kari.is_active = False
    kari.save()
    assert Browser().post(address).status_code == 404
    assert not NoticeChoices.objects.exists()
