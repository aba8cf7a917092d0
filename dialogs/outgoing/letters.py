"""A mail as it is made up: the same content as plain text and as HTML, in the reader's language."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from dialogs.outgoing import unsubscribing
from staff.models import User

LONGEST_SUBJECT = 150


@dataclass(frozen=True)
class Line:
    text: str
    href: str = ""
    below: str = ""  # a deadline, a comment


@dataclass(frozen=True)
class Section:
    heading: str
    lines: Sequence[Line]
    more: str = ""  # «Vis alle 34»
    more_href: str = ""


@dataclass(frozen=True)
class Letter:
    """What is said to one person. Addresses are whole, as a mail is read elsewhere."""

    subject: str
    sections: Sequence[Section]
    why: Sequence[str] = field(default=())
    events: Sequence[str] = field(default=())  # what «meld av» turns off

    @property
    def short_subject(self) -> str:
        """On one line, as headers are."""
        subject = " ".join(self.subject.split())
        is_long = len(subject) > LONGEST_SUBJECT
        return f"{subject[: LONGEST_SUBJECT - 1]}…" if is_long else subject


def whole(path: str) -> str:
    """Return an address of ours as it is written outside the portal."""
    return f"{settings.PUBLIC_URL}{path}"


def message_to(user: User, letter: Letter, *, message_id: UUID) -> EmailMultiAlternatives:
    """Make up a mail. Its id is ours, so that one that comes twice can be told.

    Source for the headers: RFC 8058 (one click), RFC 3834 (no answering machine answers).
    """
    off = whole(unsubscribing.address_for(user, letter.events))
    links = {
        "off": off,
        "choices": whole(reverse("dialogs:notice-choices")),
        "log": whole(reverse("dialogs:notices-sent")),
    }
    message = EmailMultiAlternatives(
        letter.short_subject,
        "\n".join(_as_text(letter, links)),
        to=[user.email],
        headers={
            "Message-ID": f"<{message_id}@{_host()}>",
            "List-Unsubscribe": f"<{off}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
            "Content-Language": get_language() or settings.LANGUAGE_CODE,
        },
    )
    html = render_to_string("dialogs/outgoing/letter.html", {"letter": letter, "links": links})
    message.attach_alternative(html, "text/html")
    return message


def _as_text(letter: Letter, links: dict[str, str]) -> Iterator[str]:
    for section in letter.sections:
        if section.heading:
            yield section.heading.upper()
            yield ""
        for line in section.lines:
            yield line.text
            yield from (f"  {part}" for part in line.below.splitlines())
            if line.href:
                yield f"  {line.href}"
            yield ""
        if section.more:
            yield section.more
            yield f"  {section.more_href}"
            yield ""
    yield "-- "
    yield from letter.why
    wordings = {
        "choices": _("Velg hva du vil ha varsel om"),
        "log": _("Hvorfor fikk jeg denne?"),
        "off": _("Slutt å sende slike på e-post"),
    }
    for name, said in wordings.items():
        yield f"{said} {links[name]}"


def _host() -> str:
    return urlsplit(settings.PUBLIC_URL).hostname or "localhost"
