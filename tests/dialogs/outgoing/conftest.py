"""A firm that sends mail, and a place for it to go."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage as Parsed
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone
from pytest_django import Settings

from clients.models import Client
from dialogs.models import Dialog, Notice
from dialogs.notices import notify
from dialogs.outgoing.delivering import deliver_due
from staff.models import User
from tests.dialogs.conftest import MakeDialog
from tests.dialogs.outgoing.post_office import PostOffice

Tell = Callable[..., Notice]
Kind = Notice.Kind


@pytest.fixture
def mails(settings: Settings) -> None:
    """The firm has a mail server; what is sent lies in `mail.outbox`."""
    settings.EMAIL_HOST = "post.invalid"


@pytest.fixture
def post_office(settings: Settings) -> Iterator[PostOffice]:
    """A mail server over SMTP."""
    with PostOffice() as office:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = office.server_address[:2]
        settings.EMAIL_USE_TLS = False
        yield office


@pytest.fixture
def dialog(bakeren: Client, make_dialog: MakeDialog) -> Dialog:
    return make_dialog(bakeren, "Mva-melding 4. termin", due_in=3)


@pytest.fixture
def tell(kari: User, ola: User, dialog: Dialog) -> Tell:
    """Tell Kari of the dialog, unless something else is given."""

    def tell(kind: Notice.Kind = Kind.ASSIGNED, **given: Any) -> Notice:
        about: dict[str, Any] = {"dialog": dialog} if "query" not in given else {}
        usual: dict[str, Any] = {"users": [kari], "actor": ola, "now": timezone.now()}
        given = usual | about | given
        notify(given.pop("users"), kind, **given)
        return Notice.objects.latest("pk")

    return tell


def later(**much: Any) -> datetime:
    return timezone.now() + timedelta(**much)


def deliver(**much: Any) -> list[Parsed]:
    """Let the worker send what is due in two minutes, or when it is said; return the mails."""
    mail.outbox.clear()
    deliver_due(now=later(**(much or {"minutes": 2})))
    return [parsed(one) for one in mail.outbox]


def parsed(message: mail.EmailMessage) -> Parsed:
    """Read a mail as a mail program does."""
    return message_from_bytes(message.message().as_bytes(), policy=policy.default)


def text_of(message: Parsed) -> str:
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def html_of(message: Parsed) -> str:
    body = message.get_body(("html",))
    assert body is not None
    return str(body.get_content())


def header(message: Parsed, name: str) -> str:
    """Return a header; a long one begins on the line below its name."""
    return str(message[name]).strip()
