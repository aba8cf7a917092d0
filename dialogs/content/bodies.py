"""Fetch what a content reference leads to, as the embed contract says; keep it clean and sealed.

Fetched only because a person pressed something: the service owner takes it as having been read. The
type is what the dialog says, whatever the answer calls itself. Every way it can fail is an outcome
that the page has words for.

Source: Dialogporten's contract for front channel embeds and arbeidsflate 1.173.1, read 2026-08:
at most 5 redirects, 100 KB and 10 seconds; an empty answer is allowed.
"""

import logging
from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import urljoin
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from altinn.credentials import may_have_dialog_token
from altinn.details import Details, Transmission
from altinn.errors import AltinnError
from altinn.outside import Outside, TooLarge, TooSlow, Unsafe
from altinn.wire import ContentValue
from clients.connect import NotConfigured
from dialogs.content import cleaning
from dialogs.content.cleaning import Kind
from dialogs.content.language import said_in
from dialogs.models import Dialog, OpenedBody
from staff import audit
from staff.models import User
from staff.sealing import seal, unseal

log = logging.getLogger(__name__)

MOST_BYTES = 100 * 1024
MOST_REDIRECTS = 5
SECONDS = 10.0
READ = "dialog.content_read"

Outcome = OpenedBody.Outcome
Renew = Callable[[], str | None]

UNAUTHORIZED = 401
_OK = frozenset({200, 203, 204})
_OUTCOMES = {
    UNAUTHORIZED: Outcome.REFUSED,
    403: Outcome.REFUSED,
    404: Outcome.GONE,
    410: Outcome.GONE,
}


class Fetched(NamedTuple):
    outcome: str
    text: str = ""


def fetch_main(
    dialog: Dialog, details: Details, token: str | None, *, renew: Renew, user: User
) -> OpenedBody | None:
    """Fetch the dialog's main content; None when it has none that we may ask for."""
    reference = details.content.main_content_reference if details.content else None
    return _fetch(dialog, details, reference, token, renew=renew, user=user)


def fetch_for(
    dialog: Dialog,
    details: Details,
    transmission: Transmission,
    token: str | None,
    *,
    renew: Renew,
    user: User,
) -> OpenedBody | None:
    """Fetch a transmission's own content; None when it has none that we may ask for."""
    if not transmission.is_authorized:
        return None
    reference = transmission.content.content_reference
    about = transmission.id
    return _fetch(dialog, details, reference, token, renew=renew, user=user, about=about)


def kept_bodies(dialog: Dialog) -> dict[UUID | None, OpenedBody]:
    """Return what has been fetched, by transmission; the dialog's own is under None."""
    return {body.transmission_id: body for body in OpenedBody.objects.filter(dialog=dialog)}


def html_of(body: OpenedBody) -> str:
    """Return the cleaned HTML, as it was kept. Raises Unreadable."""
    return unseal(body.sealed).decode() if body.outcome == Outcome.SHOWN else ""


def is_shown_by_us(value: ContentValue | None) -> bool:
    """Whether it is content that we may ask for: an embed with an address, not a masked one."""
    return bool(
        value
        and value.is_authorized is not False
        and kind_of(value.media_type)
        and not said_in(value).text.lower().startswith("urn:")
        and said_in(value)
    )


def is_ours_to_fetch(value: ContentValue | None) -> bool:
    """Whether it lies where a dialog token may go. Else only a person's own log-in reads it."""
    return may_have_dialog_token(said_in(value).text, settings.ALTINN)


def kind_of(media_type: str) -> Kind | None:
    """Tell Markdown from HTML; None when it is not an embed at all."""
    name, _sep, parameters = media_type.lower().replace(" ", "").partition(";")
    if not name.startswith("application/vnd.dialogporten.frontchannelembed"):
        return None
    return Kind.HTML if "html" in parameters else Kind.MARKDOWN


def _fetch(
    dialog: Dialog,
    details: Details,
    reference: ContentValue | None,
    token: str | None,
    *,
    renew: Renew,
    user: User,
    about: UUID | None = None,
) -> OpenedBody | None:
    if reference is None or not is_shown_by_us(reference):
        OpenedBody.objects.filter(dialog=dialog, transmission_id=about).delete()
        return None
    at = timezone.now()
    url, language = said_in(reference)
    kind = kind_of(reference.media_type) or Kind.MARKDOWN
    fetched = fetch(url, token, renew=renew)
    clean = cleaning.clean(fetched.text, kind) if fetched.outcome == Outcome.SHOWN else ""
    outcome = Outcome.EMPTY if fetched.outcome == Outcome.SHOWN and not clean else fetched.outcome
    audit.record(
        actor=user,
        act=READ,
        about=f"dialog {dialog.pk}",
        now=at,
        outcome=str(outcome),
        **({"transmission": str(about)} if about else {}),
    )
    return OpenedBody.objects.update_or_create(
        dialog=dialog,
        transmission_id=about,
        defaults={
            "outcome": outcome,
            "sealed": seal(clean.encode()) if clean else b"",
            "language": language,
            "revision": details.revision,
            "by": user,
            "at": at,
        },
    )[0]


def fetch(url: str, token: str | None, *, renew: Renew) -> Fetched:
    """Fetch one embed. A token that is not taken is renewed once.

    What goes wrong in a call does not come out of this as an error: each is an outcome.
    """
    try:
        status, text = _call(url, token)
        if status == UNAUTHORIZED:
            status, text = _call(url, renew())
    except TooLarge:
        return Fetched(Outcome.TOO_LARGE)
    except TooSlow:
        return Fetched(Outcome.TOO_SLOW)
    except Unsafe as exc:
        log.warning("Content was not fetched: %s", exc)
        return Fetched(Outcome.UNSAFE)
    except (AltinnError, NotConfigured) as exc:
        log.warning("The dialog token was not renewed: %s", exc)
        return Fetched(Outcome.REFUSED)
    if status in _OK:
        return Fetched(Outcome.SHOWN, text)
    return Fetched(_OUTCOMES.get(status, Outcome.FAILED))


def _call(url: str, token: str | None) -> tuple[int, str]:
    """Ask for the content, and follow it where the token may go; return the status and the text.

    Raises:
        Unsafe: an address that gets no token. A log-in page is one.
        TooLarge, TooSlow: see the contract.
    """
    outside = Outside(settings.ALTINN.content_hosts)
    for _turn in range(MOST_REDIRECTS + 1):
        if not may_have_dialog_token(url, settings.ALTINN):
            raise Unsafe("Not an address that gets a dialog token", url=url)
        with outside.open(
            "GET", url, bearer=token, most_bytes=MOST_BYTES, seconds=SECONDS
        ) as answer:
            if not 300 <= answer.status < 400:
                return answer.status, answer.read().decode("utf-8", errors="replace")
            url = urljoin(url, answer.headers.get("Location", ""))
    raise Unsafe("Too many redirects", url=url)
