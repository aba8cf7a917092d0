"""The sandbox's own controls under `/_sandbox/`, a path Altinn cannot have. JSON in and out."""

import html
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import msgspec
from werkzeug.wrappers import Request, Response

from sandbox import clock, lively, orders, rights
from sandbox.faults import Fault, described
from sandbox.model import Json
from sandbox.problems import Refused, json_response

if TYPE_CHECKING:
    from sandbox.state import Sandbox

OPERATION = "control"


def body_of(request: Request) -> Json:
    """Read the body of a control; no body is an empty one."""
    data = request.get_data()
    try:
        body = msgspec.json.decode(data) if data else {}
    except msgspec.MsgspecError as exc:
        raise wrong(str(exc)) from exc
    if not isinstance(body, dict):
        raise wrong("the body must be a JSON object")
    return body


def wrong(text: str) -> Refused:
    return Refused(json_response({"error": text}, 400))


def overview(box: "Sandbox", request: Request) -> Response:
    world = box.world
    facts = {
        "World": f"{world.name}, seed {world.seed}",
        "Firm": world.parties[world.firm].name,
        "Parties": len(world.parties),
        "Dialogs": len(world.dialogs),
        "Subscriptions": len(box.subscriptions),
        "Time": clock.written(box.clock.now()),
        "Requests": dict(box.counts),
        "Pushes": dict(box.delivery.counts),
    }
    rows = "".join(
        f"<tr><th>{html.escape(name)}</th><td>{html.escape(str(value))}</td></tr>"
        for name, value in facts.items()
    )
    paths = "".join(f"<li><code>{method} {html.escape(path)}</code></li>"
                    for method, path, _, _ in ROUTES)  # fmt: skip
    page = (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Sandbox</title>'
        f"<h1>Sandbox</h1><table>{rows}</table><h2>Controls</h2><ul>{paths}</ul></html>"
    )
    return Response(page, content_type="text/html; charset=utf-8")


def credentials(box: "Sandbox", request: Request) -> Response:
    world = box.world
    firm = world.parties[world.firm]
    return json_response(
        {
            "base_url": box.base_url,
            "issuer": box.issuer,
            "token_url": f"{box.issuer}token",
            "client_id": box.client_id,
            "jwk": box.keys.client.private_jwk(),
            "vendor_orgnr": world.vendor,
            "firm": {"orgnr": firm.orgnr, "name": firm.name},
            "idporten": box.idporten.shown(),
            "people": [person.shown() for person in world.registers.people.values()],
            "system_users": [
                {
                    "id": user.id,
                    "orgnr": user.owner,
                    "external_ref": user.external_ref,
                    "kind": user.kind,
                    "name": user.name,
                    "parties": sorted(user.parties),
                    "resources": sorted(user.resources) if user.resources else None,
                    "packages": user.packages,
                }
                for user in world.users.values()
                if not user.is_deleted
            ],
        }
    )


def reset(box: "Sandbox", request: Request) -> Response:
    body = body_of(request)
    try:
        box.reset(
            world=str(body.get("world", box.world.name)),
            seed=int(body.get("seed", box.world.seed)),
            clients=body.get("clients"),
            dialogs=body.get("dialogs"),
            keep_subscriptions=bool(body.get("keep_subscriptions")),
        )
    except ValueError as exc:
        raise wrong(str(exc)) from exc
    return credentials(box, request)


def requests(box: "Sandbox", request: Request) -> Response:
    if request.method == "DELETE":
        with box.lock:
            box.forget_requests()
    with box.lock:
        return json_response({"counts": dict(box.counts), "log": list(box.log)})


def set_clock(box: "Sandbox", request: Request) -> Response:
    body = body_of(request)
    to = body.get("set")
    try:
        stamp = clock.read(str(to)) if to not in (None, "real") else None
    except ValueError as exc:
        raise wrong(str(exc)) from exc
    if to == "real":
        box.clock.reset()
    box.clock.change(advance_seconds=body.get("advance_seconds"), to=stamp, scale=body.get("scale"))
    box.later.do_due()
    if "maskinporten_skew_seconds" in body:
        box.maskinporten_skew = int(body["maskinporten_skew_seconds"])
    return json_response({"now": clock.written(box.clock.now()), "scale": box.clock.scale})


def add_fault(box: "Sandbox", request: Request) -> Response:
    if request.method == "DELETE":
        box.faults.clear()
    elif request.method == "POST":
        body = body_of(request)
        if isinstance(body.get("retry_after"), int | float):
            body["retry_after"] = str(body["retry_after"])
        try:
            box.faults.add(msgspec.convert(body, type=Fault))
        except msgspec.ValidationError as exc:
            raise wrong(str(exc)) from exc
    waiting = [described(fault) for fault in box.faults.waiting]
    return json_response({"waiting": waiting, "struck": box.faults.struck})


def deliveries(box: "Sandbox", request: Request) -> Response:
    delivery = box.delivery
    if request.method == "POST":
        body = body_of(request)
        delivery.change(
            duplicate=body.get("duplicate"), lose=body.get("lose"),
            shuffle=body.get("shuffle"), pause=body.get("pause"),
        )  # fmt: skip
        if body.get("retry_dead"):
            delivery.retry_dead()
        with box.world.lock:
            again = list(delivery.published)[-int(body.get("replay") or 0) :]
            for event in again if body.get("replay") else []:
                delivery.send(event)
            if isinstance(made_up := body.get("send"), dict):
                if missing := {"id", "type", "resource", "subject"} - set(made_up):
                    raise wrong(f"send lacks {', '.join(sorted(missing))}")
                delivery.send(made_up)
    waiting = delivery.waiting()
    return json_response(
        {
            "counts": dict(delivery.counts),
            "idle": delivery.is_idle(),
            "paused": delivery.paused,
            "pushes": list(delivery.done),
            "waiting_count": len(waiting),
            "waiting": [push.shown() for push in waiting[:1000]],
            "dead": [push.shown() | {"body": push.event} for push in delivery.dead],
            "subscriptions": [one.shown() for one in box.subscriptions.values()],
        }
    )


def published(box: "Sandbox", request: Request) -> Response:
    """List every event there has been since the start, sent to anyone or not."""
    return json_response(list(box.delivery.published))


def delegations(box: "Sandbox", request: Request) -> Response:
    """Give or take a party from a system user, or delete the system user."""
    body = body_of(request)
    with box.world.lock:
        user = box.world.users.get(str(body.get("system_user")))
        if user is None:
            raise wrong("there is no such system_user")
        for name, is_added in (("add", True), ("remove", False)):
            named = (
                [str(body["party"])] if body.get(name) is True else orders.listed(body.get(name))
            )
            for party in named:
                rights.give(box.world, user, party, is_added=is_added)
        if "deleted" in body:
            user.is_deleted = bool(body["deleted"])
        return json_response({"system_user": user.id, "parties": sorted(user.parties),
                              "deleted": user.is_deleted})  # fmt: skip


def keys(box: "Sandbox", request: Request) -> Response:
    """Register a public JWK, or say which registered key has expired (MP-121)."""
    body = body_of(request)
    if "expire" in body:
        box.expired_keys.add(str(body["expire"]))
    elif "renew" in body:
        box.expired_keys.discard(str(body["renew"]))
    else:
        try:
            box.expired_keys.discard(box.keys.register(body))  # the same again renews it
        except (ValueError, KeyError) as exc:
            raise wrong(str(exc)) from exc
    return json_response({"kids": sorted(box.keys.registered), "expired": sorted(box.expired_keys)})


def tokens(box: "Sandbox", request: Request) -> Response:
    """Set how long tokens live, or stop taking those given out so far."""
    body = body_of(request)
    if "expires_in" in body:
        box.token_seconds = int(body["expires_in"])
    if "dialog_expires_in" in body:
        box.dialog_token_seconds = int(body["dialog_expires_in"])
    if body.get("revoke_all"):
        box.revoked.update(box.checked_tokens)
    return json_response({"expires_in": box.token_seconds, "revoked": len(box.revoked)})


def limits(box: "Sandbox", request: Request) -> Response:
    """Set over how many dialogs a text search becomes too broad (422)."""
    body = body_of(request)
    box.too_broad = int(body.get("too_broad", box.too_broad))
    return json_response({"too_broad": box.too_broad})


def burst(box: "Sandbox", request: Request) -> Response:
    body = body_of(request)
    named = body.get("parties", body.get("clients"))
    world = box.world
    if isinstance(named, int):
        mains = [urn for urn, party in world.parties.items() if not party.parent]
        parties = mains[:named]
    else:
        parties = orders.listed(named)
    unknown = [party for party in parties if party not in world.parties]
    if unknown:
        raise wrong(f"no such party: {', '.join(unknown)}")
    options: dict[str, Any] = {
        "count": int(body.get("count", 100)),
        "seconds": float(body.get("seconds", 0)),
        "parties": parties,
        "seed": int(body.get("seed", 23)),
    }
    if options["seconds"] and not body.get("wait"):
        threading.Thread(
            target=lively.burst, args=(box,), kwargs=options, daemon=True, name="burst"
        ).start()
        return json_response({"started": options["count"]}, 202)
    done = lively.burst(box, **options)
    found: Json = {"count": len(done), "kinds": {}}
    for kind, _ in done:
        found["kinds"][kind] = found["kinds"].get(kind, 0) + 1
    found["dialogs"] = [key for _, key in done]
    return json_response(found)


_BASE = "/_sandbox"
ROUTES: list[tuple[str, str, str, Callable[..., Response]]] = [
    ("GET", f"{_BASE}/", OPERATION, overview),
    ("GET", f"{_BASE}/credentials", OPERATION, credentials),
    ("POST", f"{_BASE}/reset", OPERATION, reset),
    ("GET", f"{_BASE}/requests", OPERATION, requests),
    ("DELETE", f"{_BASE}/requests", OPERATION, requests),
    ("GET", f"{_BASE}/ledger", OPERATION, orders.ledger),
    ("POST", f"{_BASE}/dialogs", OPERATION, orders.create),
    ("GET", f"{_BASE}/dialogs/<key>", OPERATION, orders.show),
    ("POST", f"{_BASE}/dialogs/<key>", OPERATION, orders.do),
    ("POST", f"{_BASE}/burst", OPERATION, burst),
    ("GET", f"{_BASE}/clock", OPERATION, set_clock),
    ("POST", f"{_BASE}/clock", OPERATION, set_clock),
    ("GET", f"{_BASE}/faults", OPERATION, add_fault),
    ("POST", f"{_BASE}/faults", OPERATION, add_fault),
    ("DELETE", f"{_BASE}/faults", OPERATION, add_fault),
    ("GET", f"{_BASE}/deliveries", OPERATION, deliveries),
    ("POST", f"{_BASE}/deliveries", OPERATION, deliveries),
    ("GET", f"{_BASE}/events", OPERATION, published),
    ("POST", f"{_BASE}/delegations", OPERATION, delegations),
    ("POST", f"{_BASE}/keys", OPERATION, keys),
    ("POST", f"{_BASE}/tokens", OPERATION, tokens),
    ("POST", f"{_BASE}/limits", OPERATION, limits),
    ("GET", f"{_BASE}/seen", OPERATION, orders.seen),
    ("POST", f"{_BASE}/people/see", OPERATION, orders.person_sees),
]
