"""Altinn Correspondence: a letter's overview, and confirming and deleting it.

`Correspondence(http, environment, token)` has `overview(id)`, `confirm(id)` and `purge(id)`;
`correspondence_in(url, environment)` finds the id in an address. `token` gives an exchanged token
with altinn:correspondence.read, or a dialog token.

The refusals are in `altinn.correspondence_errors`. To confirm: `overview` first, which has the
letter registered as fetched, then `confirm`.

Source: altinn-correspondence da785168, read 2026-08.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import urlsplit
from uuid import UUID

import httpx
import msgspec

from altinn.correspondence_errors import DialogNotPatched, correspondence_error_in
from altinn.environment import Environment
from altinn.errors import AltinnError, Misunderstood, UnknownOutcome
from altinn.http import deliver, is_below, receive, without_secrets
from altinn.problems import UNREADABLE
from altinn.wire import Time, Wire

_ID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


class LetterAttachment(Wire, frozen=True, kw_only=True, rename="camel"):
    """`file_name` is what the dialog's own list of attachments leaves out."""

    id: UUID
    file_name: str | None = None
    display_name: str | None = None
    name: str | None = None
    data_type: str | None = None
    status: str = ""
    expiration_time: Time | None = None


class LetterContent(Wire, frozen=True, kw_only=True, rename="camel"):
    language: str = ""
    message_title: str = ""
    attachments: tuple[LetterAttachment, ...] = ()


class Overview(Wire, frozen=True, kw_only=True, rename="camel"):
    """A letter without its body. `status` is Published, Fetched, Read, Confirmed …"""

    correspondence_id: UUID
    status: str = ""
    status_changed: Time | None = None
    published: Time | None = None
    resource_id: str = ""
    recipient: str = ""
    senders_reference: str | None = None
    message_sender: str | None = None
    due_date_time: Time | None = None
    is_confirmation_needed: bool = False
    is_confidential: bool = False
    content: LetterContent | None = None


_overview = msgspec.json.Decoder(Overview)
_id_answered = msgspec.json.Decoder(UUID)


class Correspondence:
    """One token's view of the letters. The caller opens and closes `http`."""

    def __init__(
        self, http: httpx.Client, environment: Environment, token: Callable[[], str]
    ) -> None:
        self._http = http
        self._token = token
        self._base = f"{environment.platform_url}/correspondence/api/v1/correspondence"

    def overview(self, id: UUID) -> Overview:
        """The letter's state and its attachments. Has it registered as Fetched, which is not Read.

        Altinn counts it once in 15 seconds. Only because a person pressed something.
        """
        request = self._request("GET", id)
        response = receive(self._http, request, base=self._base)
        if error := _error_in(response):
            raise error
        try:
            return _overview.decode(response.content)
        except UNREADABLE as exc:
            raise Misunderstood(
                str(exc), status=response.status_code, url=str(request.url)
            ) from None

    def confirm(self, id: UUID) -> UUID:
        """Confirm on the client's behalf; gives the id that Altinn answers with.

        The dialog is changed at once, silently: no event tells of it.

        Raises:
            NotFetched: call `overview` first.
            AlreadyConfirmed: somebody was first.
            DialogNotPatched: may be sent again.
            UnknownOutcome: look at the dialog.
        """
        return self._change("POST", id, "confirm")

    def purge(self, id: UUID) -> UUID:
        """Delete for everybody, for ever. The dialog is gone afterwards.

        Raises:
            NotConfirmed: it wants confirming first.
            PartOfADialog: cannot be deleted.
            UnknownOutcome: look whether the dialog is still there.
        """
        return self._change("DELETE", id, "purge")

    def _change(self, method: str, id: UUID, verb: str) -> UUID:
        request = self._request(method, id, verb)
        response = deliver(self._http, request, base=self._base)
        status, url = response.status_code, str(request.url)
        if status == 500 and verb == "confirm":
            raise DialogNotPatched("Dialogporten was not told", status=status, url=url)
        if status >= 500:
            raise UnknownOutcome("Correspondence failed", status=status, url=url)
        if error := _error_in(response):
            raise error
        try:
            return _id_answered.decode(response.content)
        except UNREADABLE:
            raise UnknownOutcome("Answered without an id", status=status, url=url) from None

    def _request(self, method: str, id: UUID, *verbs: str) -> httpx.Request:
        path = "/".join((str(UUID(str(id))), *verbs))
        headers = {"Authorization": f"Bearer {self._token()}"}
        return self._http.build_request(method, f"{self._base}/{path}", headers=headers)


def correspondence_in(url: str, environment: Environment) -> UUID | None:
    """The letter that an address of Correspondence is about; None for other addresses."""
    base = f"{environment.platform_url}/correspondence/api/v1/correspondence"
    if not is_below(url, base):
        return None
    below = urlsplit(url).path.removeprefix(f"{urlsplit(base).path}/")
    id = below.partition("/")[0]
    return UUID(id) if _ID.fullmatch(id) else None


def _error_in(response: httpx.Response) -> AltinnError | None:
    return correspondence_error_in(
        response.status_code,
        response.headers,
        without_secrets(response),
        url=str(response.request.url),
        now=datetime.now(UTC),
    )
