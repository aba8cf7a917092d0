"""Dialogporten's end-user API: what the firm's system users can read of their clients' dialogs.

Source: Dialogporten 1.119.1, read 2026-08.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TypeVar
from urllib.parse import urlencode
from uuid import UUID

import httpx
import msgspec

from altinn.details import Details, Lookup, Services, Transmission
from altinn.environment import Environment
from altinn.errors import Misunderstood
from altinn.http import send
from altinn.problems import UNREADABLE
from altinn.searching import Page, Received, Search, read_page
from altinn.wire import (
    Activity,
    ActivityType,
    AuthorizedParty,
    DialogStatus,
    LabelChange,
    Limits,
    SearchItem,
    SeenEntry,
    SystemLabel,
    TransmissionType,
    Wire,
    text,
)

__all__ = [
    "Activity",
    "ActivityType",
    "AuthorizedParty",
    "Details",
    "DialogStatus",
    "EndUser",
    "LabelChange",
    "Limits",
    "Lookup",
    "Page",
    "Received",
    "Search",
    "SearchItem",
    "SeenEntry",
    "Services",
    "SystemLabel",
    "Transmission",
    "TransmissionType",
    "text",
]

MOST_LABELLED = 100  # dialogs in one bulk change

_T = TypeVar("_T")


class _Parties(Wire, frozen=True, kw_only=True, rename="camel"):
    authorized_parties: list[AuthorizedParty]


class _Limits(Wire, frozen=True, kw_only=True, rename="camel"):
    end_user_search: Limits


_parties = msgspec.json.Decoder(_Parties)
_limits = msgspec.json.Decoder(_Limits)
_details = msgspec.json.Decoder(Details)
_transmission = msgspec.json.Decoder(Transmission)
_transmissions = msgspec.json.Decoder(list[Transmission])
_activity = msgspec.json.Decoder(Activity)
_activities = msgspec.json.Decoder(list[Activity])
_seen_log = msgspec.json.Decoder(list[SeenEntry])
_label_log = msgspec.json.Decoder(list[LabelChange])
_lookup = msgspec.json.Decoder(Lookup)
_services = msgspec.json.Decoder(Services)


class EndUser:
    """One token's view of Dialogporten. The caller opens and closes `http`.

    Every method raises `altinn.errors.AltinnError`. Only `details` marks a dialog as seen.
    """

    def __init__(
        self, http: httpx.Client, environment: Environment, auth: httpx.Auth | None
    ) -> None:
        self._http = http
        self._auth = auth
        self._base = f"{environment.dialogporten_url}/api/v1"

    def parties(self) -> list[AuthorizedParty]:
        """Everyone we may act for. A new delegation shows after 15 minutes at most."""
        return self._get("/enduser/parties", _parties).authorized_parties

    def search(self, search: Search) -> Page:
        """One page of a search.

        Parties and resources we have no access to are left out without a word, so an empty page
        does not mean that there are no dialogs: compare with `parties`.

        Raises:
            TooBroad: took more than 20 seconds; use fewer parties or a shorter time.
        """
        response = self._ask("GET", "/enduser/dialogs", params=search.query())
        return read_page(response.content, url=str(response.request.url))

    def pages(self, search: Search) -> Iterator[Page]:
        """All pages, with the same filters and order each time: the token remembers neither.

        Raises:
            Misunderstood: there is said to be more, but the token does not move on.
        """
        tokens = {search.continuation_token}
        while True:
            page = self.search(search)
            yield page
            if not page.has_next_page:
                return
            token = page.continuation_token
            if not token or token in tokens:
                raise Misunderstood("More pages are promised, but the token does not move on")
            tokens.add(token)
            search = replace(search, continuation_token=token)

    def details(self, dialog_id: UUID) -> Details:
        """The dialog in full. Marks it as seen: only because a person pressed something.

        Not a read. The first call after a change adds us to the list of who has seen it, which the
        client sees too, removes the label «marked as unopened», makes the dialog read for everybody
        and sends events to all who subscribe. Background work uses `search`, `transmissions` and
        `activities` instead.

        Raises:
            NotYet: not visible yet; see `until`.
            NotThere: unknown, deleted or expired.
            LevelTooLow: a person must open it in altinn.no.
        """
        return self._get(f"{_path(dialog_id)}", _details)

    def transmissions(self, dialog_id: UUID) -> list[Transmission]:
        """All transmissions. No access is NotThere here, as for all lists below a dialog."""
        return self._get(f"{_path(dialog_id)}/transmissions", _transmissions)

    def transmission(self, dialog_id: UUID, transmission_id: UUID) -> Transmission:
        return self._get(f"{_path(dialog_id)}/transmissions/{_id(transmission_id)}", _transmission)

    def activities(self, dialog_id: UUID) -> list[Activity]:
        """All activities, in no order, without who performed them."""
        return self._get(f"{_path(dialog_id)}/activities", _activities)

    def activity(self, dialog_id: UUID, activity_id: UUID) -> Activity:
        return self._get(f"{_path(dialog_id)}/activities/{_id(activity_id)}", _activity)

    def seen_log(self, dialog_id: UUID) -> list[SeenEntry]:
        """Who has seen the dialog, ever. Reading it marks nothing."""
        return self._get(f"{_path(dialog_id)}/seenlog", _seen_log)

    def label_log(self, dialog_id: UUID) -> list[LabelChange]:
        """Who has moved the dialog. Fails for some old dialogs: treat it as nice to have."""
        return self._get(f"{_path(dialog_id)}/context/labellog", _label_log)

    def set_labels(
        self,
        dialog_id: UUID,
        add: Iterable[SystemLabel] = (),
        remove: Iterable[SystemLabel] = (),
        revision: UUID | None = None,
    ) -> UUID | None:
        """Change a dialog's labels, for everybody, the client too. Gives the new revision.

        `revision` is the `end_user_context.revision` that the change builds on.

        Raises:
            Changed: the labels are no longer what `revision` says.
            ValueError: SENT and UNKNOWN cannot be set or removed.
        """
        response = self._ask(
            "PUT",
            f"{_path(dialog_id)}/context/systemlabels",
            json=_labels(add, remove),
            headers={"If-Match": str(revision)} if revision else None,
        )
        try:
            return UUID(response.headers.get("etag", "").removeprefix("W/").strip('"'))
        except ValueError:
            return None

    def bulk_set_labels(
        self,
        dialogs: Sequence[tuple[UUID, UUID | None]],
        add: Iterable[SystemLabel] = (),
        remove: Iterable[SystemLabel] = (),
    ) -> None:
        """Change the labels of 1 to 100 dialogs, `(id, revision or None)`: all of them or none.

        Raises:
            NotThere: at least one is unknown or not ours.
            Changed: at least one revision is no longer right.
            ValueError: none, more than 100, or the same one twice.
        """
        if not 1 <= len({dialog_id for dialog_id, _ in dialogs}) == len(dialogs) <= MOST_LABELLED:
            raise ValueError(f"Give 1 to {MOST_LABELLED} different dialogs")
        changes = [
            {"dialogId": _id(dialog_id)}
            | ({"endUserContextRevision": str(revision)} if revision else {})
            for dialog_id, revision in dialogs
        ]
        self._ask(
            "POST",
            "/enduser/dialogs/context/systemlabels/actions/bulkset",
            json={"dialogs": changes, **_labels(add, remove)},
        )

    def lookup(self, instance_ref: str) -> Lookup:
        """Which dialog a reference is, and why we may see it; marks nothing.

        `instance_ref`: `urn:altinn:{instance-id:{party id}/{uuid} | correspondence-id:{uuid} |
        dialog-id:{uuid}}`.
        """
        return self._get("/enduser/dialoglookup", _lookup, params=[("instanceRef", instance_ref)])

    def service_resources(self, parties: Iterable[str] = ()) -> Services:
        """The services we could see dialogs of, for these parties or all."""
        params = [("party", party) for party in parties]
        return self._get("/enduser/serviceresources", _services, params=params)

    def all_service_resources(self) -> Services:
        """Every service with its owner: for names in the inbox. Sent without a token."""
        return self._get("/metadata/serviceresources", _services, anonymous=True)

    def limits(self) -> Limits:
        """How many values a search may have of each filter. Sent without a token."""
        return self._get("/metadata/limits", _limits, anonymous=True).end_user_search

    def _get(
        self,
        path: str,
        decoder: msgspec.json.Decoder[_T],
        *,
        params: list[tuple[str, str]] | None = None,
        anonymous: bool = False,
    ) -> _T:
        response = self._ask("GET", path, params=params, anonymous=anonymous)
        try:
            return decoder.decode(response.content)
        except UNREADABLE as exc:
            raise Misunderstood(
                str(exc), status=response.status_code, url=str(response.request.url)
            ) from None

    def _ask(
        self,
        method: str,
        path: str,
        *,
        params: list[tuple[str, str]] | None = None,
        json: object = None,
        headers: dict[str, str] | None = None,
        anonymous: bool = False,
    ) -> httpx.Response:
        request = self._http.build_request(
            method,
            self._base + path,
            params=urlencode(params) if params else None,
            json=json,
            headers=headers,
        )
        auth = None if anonymous else self._auth
        return send(self._http, request, base=self._base, auth=auth)


def _path(dialog_id: UUID) -> str:
    return f"/enduser/dialogs/{_id(dialog_id)}"


def _id(value: UUID) -> str:
    """As a UUID whatever came in, so that it cannot lead to another address."""
    return str(UUID(str(value)))


def _labels(add: Iterable[SystemLabel], remove: Iterable[SystemLabel]) -> dict[str, list[str]]:
    added, removed = ([SystemLabel(label) for label in labels] for labels in (add, remove))
    for label in (SystemLabel.SENT, SystemLabel.UNKNOWN):
        if label in (*added, *removed):
            raise ValueError(f"{label} cannot be set or removed")
    return {
        "addLabels": [label.value for label in added],
        "removeLabels": [label.value for label in removed],
    }
