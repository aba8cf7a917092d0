"""What to search for, and what comes back: pure, no network."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime

import msgspec

from altinn.errors import Misunderstood
from altinn.masking import masked
from altinn.problems import UNREADABLE
from altinn.wire import DialogStatus, SearchItem, SystemLabel

LARGEST_PAGE = 1000

# The defaults of 2026-08; `EndUser.limits` tells the caps of today.
_MOST = {"party": 100, "service_resource": 20, "org": 20, "extended_status": 20}
_RANGES = ("created", "updated", "content_updated", "due")

# PostgreSQL keeps no NUL in text or JSON, half a surrogate pair is not JSON to us, and the last day
# of year 9999, which .NET writes for «never», cannot be moved to Oslo. None may cost us the dialog.
_ESCAPE = re.compile(
    rb"\\(?:(?P<pair>u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})"
    rb"|(?P<bad>u0000|u[dD][89a-fA-F][0-9a-fA-F]{2})|.)",
    re.DOTALL,
)
_LAST_DAY = re.compile(rb'"9999-12-31T[0-9:.]*Z"')


@dataclass(frozen=True)
class Search:
    """Filters of one search. Values of one filter are OR-ed (`system_label`: AND-ed), filters
    are AND-ed. Times are aware, both bounds inclusive. `party` and `service_resource` are URNs.

    Sent without `order_by`, Dialogporten sorts by `contentUpdatedAt`, newest first. For a sync use
    `updatedAt_asc,id_asc`: what changes meanwhile comes twice, and is not skipped.

    Raises:
        ValueError: what Dialogporten would refuse.

    Source: Dialogporten 1.119.1, read 2026-08.
    """

    party: tuple[str, ...] = ()
    service_resource: tuple[str, ...] = ()
    org: tuple[str, ...] = ()
    extended_status: tuple[str, ...] = ()
    external_reference: str | None = None
    status: tuple[DialogStatus, ...] = ()
    created_after: datetime | None = None
    created_before: datetime | None = None
    updated_after: datetime | None = None
    updated_before: datetime | None = None
    content_updated_after: datetime | None = None
    content_updated_before: datetime | None = None
    due_after: datetime | None = None
    due_before: datetime | None = None
    is_content_seen: bool | None = None
    process: str | None = None
    system_label: tuple[SystemLabel, ...] = ()
    exclude_api_only: bool | None = None
    search: str | None = None
    search_language_code: str | None = None
    order_by: str | None = None
    continuation_token: str | None = field(default=None, repr=False)
    limit: int | None = None

    def __repr__(self) -> str:
        shown = [pair for pair in self.query() if pair[0] != "continuationToken"]
        return masked(f"Search({shown})")

    def __post_init__(self) -> None:
        for name in (*_MOST, "status", "system_label"):
            values = getattr(self, name)
            if isinstance(values, str) or not all(values):
                raise ValueError(f"{name}: a tuple of values that are not empty is wanted")
            if len(values) > (most := _MOST.get(name, 100)):
                raise ValueError(f"{name}: at most {most} values; split the search")
            if "UNKNOWN" in values:
                raise ValueError(f"{name}: UNKNOWN cannot be searched for")
        if not self.party and not self.service_resource:
            raise ValueError("Give party or service_resource")
        for name in _RANGES:
            _check_range(name, getattr(self, f"{name}_after"), getattr(self, f"{name}_before"))
        if self.limit is not None and not 1 <= self.limit <= LARGEST_PAGE:
            raise ValueError(f"limit: 1 to {LARGEST_PAGE}")
        if self.search is not None and len(self.search.strip()) < 3:
            raise ValueError("search: at least three letters")
        if self.search_language_code == "no":
            raise ValueError("search_language_code: nb or nn, not no")
        if self.process is not None and not 1 <= len(self.process) <= 1023:
            raise ValueError("process: 1 to 1023 letters")

    def query(self) -> list[tuple[str, str]]:
        """The query string's names and values, in the order of the fields."""
        pairs: list[tuple[str, str]] = []
        for each in fields(self):
            value = getattr(self, each.name)
            values = value if isinstance(value, tuple) else (value,)
            pairs += [(_camel(each.name), _written(one)) for one in values if one is not None]
        return pairs


@dataclass(frozen=True)
class Received:
    """One dialog of a page. `raw` is its JSON as received, but that NULs and the last day of year
    9999 are written so that PostgreSQL and Python can keep them."""

    item: SearchItem
    raw: bytes = field(repr=False)


@dataclass(frozen=True)
class Page:
    """One page of a search. `unreadable` holds the JSON of items we could not read, and why."""

    items: list[Received]
    unreadable: list[tuple[bytes, str]] = field(repr=False)
    has_next_page: bool
    continuation_token: str | None = field(repr=False)
    order_by: str


class _WirePage(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    items: list[msgspec.Raw]
    has_next_page: bool
    continuation_token: str | None = None
    order_by: str = ""


_page = msgspec.json.Decoder(_WirePage)
_item = msgspec.json.Decoder(SearchItem)


def read_page(body: bytes, *, url: str = "") -> Page:
    """Read a page, item by item: one that is broken does not take the others with it.

    Raises:
        Misunderstood: not a page at all.
    """
    try:
        page = _decode(body)
    except UNREADABLE as exc:
        raise Misunderstood(f"Not a page of dialogs: {exc}", url=url) from None
    items, unreadable = _read_items(page.items)
    return Page(
        items=items,
        unreadable=unreadable,
        has_next_page=page.has_next_page,
        continuation_token=page.continuation_token,
        order_by=page.order_by,
    )


def _decode(body: bytes) -> _WirePage:
    try:
        return _page.decode(body)
    except UNREADABLE:
        if b"\\ud" not in body.lower():
            raise
        return _page.decode(_without_bad_escapes(body))


def _read_items(
    raws: Iterable[msgspec.Raw],
) -> tuple[list[Received], list[tuple[bytes, str]]]:
    items: list[Received] = []
    unreadable: list[tuple[bytes, str]] = []
    for each in raws:
        raw = _storable(bytes(each))
        try:
            items.append(Received(_item.decode(raw), raw))
        except UNREADABLE as exc:
            unreadable.append((raw, masked(str(exc))))
    return items, unreadable


def _storable(raw: bytes) -> bytes:
    if b"\\u0000" in raw:
        raw = _without_bad_escapes(raw)
    if b"9999-12-31T" in raw:
        raw = _LAST_DAY.sub(b'"9999-12-31T00:00:00Z"', raw)
    return raw


def _without_bad_escapes(json: bytes) -> bytes:
    return _ESCAPE.sub(lambda found: b"\\ufffd" if found["bad"] else found[0], json)


def _check_range(name: str, after: datetime | None, before: datetime | None) -> None:
    for at in (after, before):
        if at is not None and at.tzinfo is None:
            raise ValueError(f"{name}_after and {name}_before must be aware times")
    if after and before and after > before:
        raise ValueError(f"{name}_after is later than {name}_before")


def _written(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}0Z"
    return str(value)


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
