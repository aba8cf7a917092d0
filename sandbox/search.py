"""GET /enduser/dialogs: filters, order and pages.

A party's dialogs are sorted once per order and kept until one of them moves, so that a page costs
a search in the sorted list and the writing of its items.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from typing import TYPE_CHECKING

from werkzeug.wrappers import Request, Response

from sandbox import ids, items, language
from sandbox.access import end_user
from sandbox.asking import KEYS, Asked, check_sets
from sandbox.clock import read, written
from sandbox.faults import TOO_MANY
from sandbox.model import LABELS, STATUSES, Dialog, SystemUser
from sandbox.problems import refuse
from sandbox.words import matcher

if TYPE_CHECKING:
    from sandbox.state import Sandbox

FAR = 1 << 62
Order = tuple[tuple[str, bool], ...]  # key and whether it descends
Place = tuple[int, ...]
Test = Callable[[Dialog], bool]

_values: dict[str, Callable[[Dialog], int | None]] = {
    "createdat": lambda dialog: dialog.created,
    "updatedat": lambda dialog: dialog.updated,
    "contentupdatedat": lambda dialog: dialog.content_updated,
    "dueat": lambda dialog: dialog.due,
    "id": lambda dialog: dialog.number,
}
_ranges = {
    "created": "createdat",
    "updated": "updatedat",
    "contentUpdated": "contentupdatedat",
    "due": "dueat",
}


def _signed(value: int | None, *, down: bool) -> int:
    """Make a number that sorts as asked for: no value is the largest of all."""
    if value is None:
        return -FAR if down else FAR
    return -value if down else value


def read_order(text: str) -> Order | None:
    """Read `orderBy`; None if it is wrong. `id` always ends it."""
    found: dict[str, bool] = {}
    for piece in filter(None, (part.strip() for part in text.lower().split(","))):
        key, _, direction = piece.partition("_")
        if key not in KEYS or direction not in ("", "asc", "desc"):
            return None
        found[key] = direction != "asc"
    down = found.pop("id", True)
    if not found:
        found["contentupdatedat"] = True
    return (*found.items(), ("id", down))


def write_order(order: Order) -> str:
    return ",".join(f"{key}_{'desc' if down else 'asc'}" for key, down in order)


def write_token(dialog: Dialog, order: Order) -> str:
    def value(key: str) -> str:
        if key == "id":
            return dialog.id
        stamp = _values[key](dialog)
        return "" if stamp is None else written(stamp)

    return ",".join(f"{key}_{value(key)}" for key, _ in order)


def read_token(asked: Asked, order: Order, text: str) -> Place | None:
    """Read where the page before ended. The token tells neither direction nor filters."""
    values: dict[str, int | None] = {}
    try:
        for piece in text.split(","):
            key, _, value = piece.strip().partition("_")
            if key.lower() not in KEYS:
                raise ValueError(key)
            if key.lower() == "id":
                if not ids.is_uuid(value):
                    raise ValueError(value)
                values["id"] = int(value.replace("-", ""), 16)
            else:
                values[key.lower()] = read(value) if value else None
    except ValueError:
        asked.fail("continuationToken", f"Failed to parse {text} as a ContinuationToken.")
        return None
    missing = [key for key, _ in order if key not in values]
    if missing:
        told = "ContinuationToken does not match OrderBy. Missing token keys: "
        asked.fail("continuationToken", f"{told}[{', '.join(missing)}].")
        return None
    return tuple(_signed(values[key], down=down) for key, down in order)


def _tests(asked: Asked) -> list[Test]:
    """Turn the filters into tests that a dialog must pass, the times apart."""
    query, tests = asked.query, list[Test]()
    resources = {value.lower() for value in query.getlist("serviceResource")}
    if resources:
        tests.append(lambda dialog: dialog.resource.lower() in resources)
    orgs = {value.lower() for value in query.getlist("org")}
    if orgs:
        tests.append(lambda dialog: dialog.org.lower() in orgs)
    extended = set(query.getlist("extendedStatus"))
    if extended:
        tests.append(lambda dialog: dialog.extended_status in extended)
    statuses = asked.choice("status", STATUSES)
    if statuses:
        tests.append(lambda dialog: dialog.status in statuses)
    labels = asked.choice("systemLabel", LABELS)
    if labels:
        tests.append(lambda dialog: labels.issubset(dialog.labels))
    if reference := query.get("externalReference"):
        tests.append(lambda dialog: dialog.external_reference == reference)
    if process := query.get("process"):
        tests.append(lambda dialog: dialog.process == process)
    seen = asked.flag("isContentSeen")
    if seen is not None:
        tests.append(lambda dialog: (dialog.content_seen and not dialog.is_marked) == seen)
    if asked.flag("excludeApiOnly"):
        tests.append(lambda dialog: not dialog.is_api_only)
    for name, key in _ranges.items():
        low, high = asked.time(f"{name}After"), asked.time(f"{name}Before")
        if low is not None and high is not None and low > high:
            asked.fail(f"{name}After", f"'{name}After' must not be after '{name}Before'.")
        if low is not None or high is not None:
            asked.ranges[key] = (low, high)
            tests.append(_within(_values[key], low, high))
    return tests


def _within(value: Callable[[Dialog], int | None], low: int | None, high: int | None) -> Test:
    least, most = -FAR if low is None else low, FAR if high is None else high

    def test(dialog: Dialog) -> bool:
        found = value(dialog)
        return found is not None and least <= found <= most

    return test


def _sorted(box: "Sandbox", parties: list[str], order: Order) -> list[tuple[Place, Dialog]]:
    """Give the parties' dialogs in order, from what was kept if nothing moved since."""
    world = box.world
    key = (tuple(parties), order)
    version = sum(world.versions.get(party, 0) for party in parties)
    kept = world.orders.pop(key, None)
    if kept is None or kept[0] != version:
        getters = [(_values[name], down) for name, down in order]
        rows = [
            (tuple(_signed(get(dialog), down=down) for get, down in getters), dialog)
            for party in parties
            for dialog in world.by_party.get(party, {}).values()
        ]
        rows.sort(key=lambda row: row[0])
        kept = (version, rows)
    world.orders[key] = kept  # the latest used is last
    while len(world.orders) > 64:
        world.orders.pop(next(iter(world.orders)))
    rows_kept: list[tuple[Place, Dialog]] = kept[1]
    return rows_kept


def _past(value: int) -> Place:
    """Give a place after every dialog with this value of the order's first key."""
    return (value, FAR << 70)


def _first(row: tuple[Place, Dialog]) -> Place:
    return row[0]


def search(box: "Sandbox", request: Request) -> Response:
    user = end_user(box, request)
    languages = language.wanted(request)
    asked = Asked(request)
    check_sets(asked)
    tests = _tests(asked)
    limit = asked.limit()
    order = read_order(request.args.get("orderBy", ""))
    after: Place | None = None
    token = request.args.get("continuationToken") or None
    if order is None:
        told = f"Invalid OrderBy, expected keys are {', '.join(KEYS)} with _asc or _desc."
        asked.fail("orderBy", told)
    elif token:
        after = read_token(asked, order, token)
    asked.done()
    assert order is not None  # noqa: S101 - done() has refused
    with box.world.lock:
        return _page(box, user, asked, tests, order, after, limit, token, languages)


def _page(
    box: "Sandbox", user: SystemUser, asked: Asked, tests: list[Test], order: Order,
    after: Place | None, limit: int, token: str | None, languages: list[str],
) -> Response:  # fmt: skip
    named = {party.lower() for party in asked.query.getlist("party")}
    parties = sorted(named & user.parties if named else user.parties)
    rows = _sorted(box, [] if user.is_deleted else parties, order)
    start, end = 0, len(rows)
    key, down = order[0]
    low, high = asked.ranges.get(key, (None, None))
    first, last = (high, low) if down else (low, high)
    if first is not None:
        edge: Place = (_signed(first, down=down),)
        start = bisect_left(rows, edge, key=_first)
    if last is not None:
        end = bisect_right(rows, _past(_signed(last, down=down)), key=_first)
    if after is not None:
        start = max(start, bisect_right(rows, after, key=_first))
    text = asked.query.get("search")
    if text:
        _check_breadth(box, asked, rows)
        tests = [*tests, matcher(box.world, text)]
    now = box.clock.now()
    hidden_because = box.world.hidden_because
    found: list[Dialog] = []
    for position in range(start, end):
        dialog = rows[position][1]
        if all(test(dialog) for test in tests) and hidden_because(dialog, user, now) is None:
            found.append(dialog)
            if len(found) > limit:
                break
    page = found[:limit]
    token = write_token(page[-1], order) if page else token
    body = bytearray(b'{"items":[')
    body += b",".join(
        language.pruned(items.encoded(box.world, dialog, user.id), languages) for dialog in page
    )
    body += b'],"hasNextPage":' + (b"true" if len(found) > limit else b"false")
    if token:
        body += b',"continuationToken":"' + token.encode() + b'"'
    body += b',"orderBy":"' + write_order(order).encode() + b'"}'
    return Response(bytes(body), content_type="application/json; charset=utf-8")


def _check_breadth(box: "Sandbox", asked: Asked, rows: list[tuple[Place, Dialog]]) -> None:
    """Refuse a text search over more dialogs than the real one gets through in time."""
    low, _ = asked.ranges.get("contentupdatedat", (None, None))
    many = len(rows) if low is None else sum(row[1].content_updated >= low for row in rows)
    if many > box.too_broad:
        raise refuse(asked.request, 422, {"Search": [TOO_MANY]})
