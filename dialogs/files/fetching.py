"""Fetch an attachment for the person who pressed, without holding it.

Each address gets the credential it is meant for and no other, with a token made for the system
user that reads the dialog. The service owner notes the fetching, and the client can see that: it is
never done in the background.

Source: altinn-correspondence da785168, altinn-storage d9364e40, navikt/sykepenger-im-lps-api
69d000a9, read 2026-08.
"""

import itertools
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from typing import Self
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings

from altinn.correspondence import Correspondence, correspondence_in
from altinn.credentials import Credential
from altinn.details import Attachment
from altinn.environment import Environment
from altinn.errors import AltinnError
from altinn.instances import DataElement, Instance, Instances, Place, ScanResult, instance_in
from altinn.outside import Answer, Outside
from clients import connect
from clients.connect import NotConfigured
from dialogs.content import opening
from dialogs.files import kinds, names
from dialogs.files.choosing import EXPIRED, UNAUTHORIZED, Source, choose, name_of
from dialogs.files.kinds import Kind
from dialogs.files.refusals import NotGiven, Reason, from_answer, from_error
from dialogs.models import Dialog
from staff.models import User

PIECE_BYTES = 1024 * 1024  # what is handed on at a time: few hops to and from threads
PIECE_SECONDS = 0.5  # or less, when it comes slowly


@dataclass
class Arriving:
    """A file on its way: its beginning has been looked at, the rest is not read yet.

    `pieces` raises AltinnError in the middle. Whoever holds it closes it, or uses it in a `with`.
    """

    name: str
    kind: Kind
    size_bytes: int | None  # as its owner says; less or more of it is an error
    pieces: Iterator[bytes]
    close: Callable[[], None]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()


class Fetcher:
    """Fetches attachments of one dialog, for one press."""

    def __init__(self, dialog: Dialog, *, user: User, now: datetime) -> None:
        self._dialog = dialog
        self._number = dialog.party.urn.rpartition(":")[2]
        self._user = user
        self._now = now
        self._environment: Environment = settings.ALTINN
        self._instances: dict[Place, Instance] = {}
        self._recipients: dict[UUID, str] = {}

    def open(self, attachment: Attachment) -> Arriving:
        """Ask for a file, and look at how it begins.

        Raises:
            NotGiven: there is none for us, or not now. Nothing is left open.
        """
        source = self._source(attachment)
        with ExitStack() as stack:
            try:
                return self._arriving(attachment, source, stack)
            except (AltinnError, NotConfigured) as exc:
                raise from_error(exc) from exc

    def _source(self, attachment: Attachment) -> Source:
        if reason := closed(attachment, now=self._now):
            raise NotGiven(reason)
        choice = choose(attachment, self._environment)
        if choice.source is None:
            raise NotGiven(Reason.ELSEWHERE)
        return choice.source

    def _arriving(self, attachment: Attachment, source: Source, stack: ExitStack) -> Arriving:
        url, filename = source.url, ""
        if source.credential is Credential.INSTANCES:
            element = self._element(url)
            url, filename = element.url or "", element.filename or ""
        elif source.credential is Credential.CORRESPONDENCE:
            self._check_letter(url)
        outside = Outside(_hosts(self._environment))
        answer = stack.enter_context(
            outside.open(
                "GET",
                outside.check(url),
                bearer=self._token(source.credential),
                most_bytes=settings.ATTACHMENT_MOST_BYTES,
                seconds=settings.ATTACHMENT_SECONDS,
                silence_seconds=settings.ATTACHMENT_SILENCE_SECONDS,
            )
        )
        if refusal := from_answer(answer):
            raise refusal
        size = _size(answer)
        if size is not None and size > settings.ATTACHMENT_MOST_BYTES:
            raise NotGiven(Reason.TOO_LARGE)
        head = _head(answer.chunks)
        name = name_of(attachment)
        kind = kinds.of_content(head, name if names.extension_of(name) else filename or name)
        if kind.is_program:
            raise NotGiven(Reason.PROGRAM)
        pieces = _gathered(itertools.chain([head] if head else [], answer.chunks))
        named = names.with_extension(name, kind.extension)
        return Arriving(named, kind, size, pieces, stack.pop_all().close)

    def _token(self, credential: Credential) -> str | None:
        """Make the token that this credential is, for the dialog's own system user."""
        if credential is Credential.DIALOG:
            return opening.fresh(self._dialog, user=self._user, now=self._now)[1]
        with connect.credential(self._dialog.access.system_user, credential) as (_http, get_token):
            return get_token()

    def _element(self, url: str) -> DataElement:
        """Find an app's file in its instance, and obey what is said of it there.

        The instance must be the client's own, as `_check_letter` says of letters.
        """
        place = instance_in(url, self._environment)
        if place is None or place.data_id is None:
            raise NotGiven(Reason.ELSEWHERE)
        instance = self._instance(place)
        if (instance.owner_orgnr or "") != self._number:
            raise NotGiven(Reason.OF_ANOTHER)
        element = instance.element(place.data_id)
        if element is None:
            raise NotGiven(Reason.GONE)
        if element.scan is ScanResult.PENDING:
            raise NotGiven(Reason.SCANNING)
        if element.scan not in (ScanResult.CLEAN, ScanResult.NOT_APPLICABLE):
            raise NotGiven(Reason.INFECTED)
        if element.url is None:
            raise NotGiven(Reason.ELSEWHERE)
        return element

    def _check_letter(self, url: str) -> None:
        """Refuse a letter's file unless the letter was sent to the dialog's party.

        Its id came out of a dialog, which is somebody else's input, and our system user may read
        the letters of other clients.
        """
        letter = correspondence_in(url, self._environment)
        if letter is None:
            raise NotGiven(Reason.ELSEWHERE)
        if self._recipient(letter) != self._number:
            raise NotGiven(Reason.OF_ANOTHER)

    def _recipient(self, letter: UUID) -> str:
        """Ask whom a letter was sent to: a URN, or ISO 6523's «0192:» and the number."""
        if letter not in self._recipients:
            system_user = self._dialog.access.system_user
            with connect.credential(system_user, Credential.CORRESPONDENCE) as (http, get_token):
                overview = Correspondence(http, self._environment, get_token).overview(letter)
                self._recipients[letter] = overview.recipient.rpartition(":")[2]
        return self._recipients[letter]

    def _instance(self, place: Place) -> Instance:
        key = Place(place.party_id, place.guid)
        if key not in self._instances:
            system_user = self._dialog.access.system_user
            with connect.credential(system_user, Credential.INSTANCES) as (http, get_token):
                storage = Instances(http, self._environment, get_token)
                self._instances[key] = storage.read(place.party_id, place.guid)
        return self._instances[key]


def closed(attachment: Attachment, *, now: datetime) -> Reason | None:
    """Say why the dialog itself says that a file is not for us; nothing if it does not."""
    urls = {one.url for one in attachment.urls}
    if attachment.expires_at and attachment.expires_at <= now:
        return Reason.EXPIRED
    if attachment.is_authorized is False or (urls and urls <= {UNAUTHORIZED}):
        return Reason.NOT_AUTHORISED
    return Reason.EXPIRED if urls and urls <= {EXPIRED, UNAUTHORIZED} else None


def _hosts(environment: Environment) -> frozenset[str]:
    """Return the hosts that files are fetched from."""
    addresses = (
        environment.platform_url,
        environment.nav_sykepenger_url,
        environment.nav_foreldrepenger_url,
        environment.nav_dokumentporten_url,
    )
    return frozenset(urlsplit(address).netloc.lower() for address in addresses)


def _size(answer: Answer) -> int | None:
    said = answer.headers.get("Content-Length", "")
    return int(said) if said.isascii() and said.isdigit() and len(said) < 19 else None


def _head(chunks: Iterator[bytes]) -> bytes:
    """Read so much that the file's kind can be told."""
    head = b""
    while len(head) < kinds.HEAD_BYTES and (chunk := next(chunks, b"")):
        head += chunk
    return head


def _gathered(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Join what comes from the network into pieces that are worth handing on."""
    waiting: list[bytes] = []
    size, until = 0, time.monotonic() + PIECE_SECONDS
    for chunk in chunks:
        waiting.append(chunk)
        size += len(chunk)
        if size >= PIECE_BYTES or time.monotonic() > until:
            yield b"".join(waiting) if len(waiting) > 1 else chunk
            waiting, size, until = [], 0, time.monotonic() + PIECE_SECONDS
    if waiting:
        yield b"".join(waiting)
