"""Altinn Events: subscriptions and the pull API. Only an exchanged Altinn token is taken.

Source: Altinn/altinn-events, subscription service and its error texts, read 2026-09.
"""

import ipaddress
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec
from werkzeug.wrappers import Request, Response

from sandbox.access import Caller, bearer, caller, claims_of, unauthorized
from sandbox.clock import written
from sandbox.model import Json
from sandbox.problems import Refused, json_response, refuse

if TYPE_CHECKING:
    from sandbox.state import Sandbox

SCOPE = "altinn:events.subscribe"
RESOURCE = re.compile(r"urn:[a-z0-9-]{1,30}(:[a-z0-9()+,.\-;$_!/]{1,100}){1,10}")


class Subscription(msgspec.Struct, kw_only=True):
    id: int
    end_point: str
    resource_filter: str
    subject_filter: str | None
    type_filter: str | None
    consumer: str  # /systemuser/<id> or /organisation/<orgnr>
    created: int
    validated: bool = False
    include_subunits: bool = False

    def shown(self) -> Json:
        found: Json = {"id": self.id, "endPoint": self.end_point,
                       "resourceFilter": self.resource_filter}  # fmt: skip
        if self.subject_filter is not None:
            found["subjectFilter"] = self.subject_filter
        if self.type_filter is not None:
            found["typeFilter"] = self.type_filter
        return found | {
            "consumer": self.consumer,
            "createdBy": self.consumer,
            "created": written(self.created),
            "validated": self.validated,
            "includeSubunits": self.include_subunits,
        }


def _subscriber(box: "Sandbox", request: Request) -> tuple[Caller, str]:
    claims = claims_of(box, bearer(request))
    if claims["iss"] != box.exchange_issuer:
        raise unauthorized()
    found = caller(box, request, claims)
    if SCOPE not in found.scopes:
        raise Refused(Response(status=403))
    name = f"/systemuser/{found.user.id}" if found.user else f"/organisation/{found.consumer}"
    return found, name


def _bad(text: str) -> Refused:
    return Refused(json_response(text, 400))


def _is_pushable(box: "Sandbox", url: str) -> bool:
    """Take https, as Altinn does, and http to this machine or a host allowed at the start."""
    try:
        parsed = urlsplit(url)
        host = parsed.hostname or ""
        _ = parsed.port
    except ValueError:
        return False
    if parsed.scheme == "https":
        return bool(host)
    if parsed.scheme != "http":
        return False
    if host == "localhost" or host in box.push_hosts:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _asked(request: Request) -> Json:
    """Read the body; names are taken in any case."""
    try:
        body = msgspec.json.decode(request.get_data())
    except msgspec.MsgspecError as exc:
        raise refuse(request, 400, {"$": [str(exc)]}) from exc
    if not isinstance(body, dict):
        raise refuse(request, 400, {"$": ["The JSON value could not be converted."]})
    return {name.lower(): value for name, value in body.items()}


def _check(box: "Sandbox", body: Json) -> None:
    end_point = body.get("endpoint")
    if not isinstance(end_point, str) or not _is_pushable(box, end_point):
        raise _bad("Missing or invalid endpoint to push events towards")
    resource = body.get("resourcefilter")
    if not resource:
        raise _bad("Resource filter is required.")
    if not RESOURCE.fullmatch(str(resource).lower()):
        raise _bad("Resource filter must be a valid urn")
    if body.get("sourcefilter"):
        raise _bad("Source filter is not supported for subscriptions on this resource.")
    if body.get("alternativesubjectfilter"):
        told = "AlternativeSubject filter is not supported for subscriptions on this resource."
        raise _bad(told)
    if body.get("includesubunits") and not body.get("subjectfilter"):
        raise _bad("IncludeSubunits requires a subject filter.")


def _may_subscribe(box: "Sandbox", who: Caller, resource: str, subject: str | None) -> bool:
    user, service = who.user, box.world.services.get(resource)
    return (
        user is not None
        and user.may_use(subject or "", resource)
        and (service is None or service.allows_subscribing)
    )


def subscribe(box: "Sandbox", request: Request) -> Response:
    """Store a subscription; asking again for the same one only sends a new validation."""
    who, consumer = _subscriber(box, request)
    body = _asked(request)
    _check(box, body)
    resource = str(body["resourcefilter"]).lower()
    subject: Any = body.get("subjectfilter")
    with box.world.lock:
        if not _may_subscribe(box, who, resource, subject):
            told = f"Not authorized to create a subscription for resource {resource}."
            raise Refused(json_response(told, 403))
        asked = Subscription(
            id=0,
            end_point=body["endpoint"],
            resource_filter=resource,
            subject_filter=subject,
            type_filter=body.get("typefilter"),
            consumer=consumer,
            created=box.clock.now(),
            include_subunits=bool(body.get("includesubunits")),
        )
        kept = _same(box, asked)
        if kept is None:
            box.last_subscription += 1
            kept = asked
            kept.id = box.last_subscription
            box.subscriptions[kept.id] = kept
    box.delivery.validate(kept)
    response = json_response(kept.shown(), 201)
    response.autocorrect_location_header = False
    # Altinn's own mistake is kept: the path lacks its last s.
    response.headers["Location"] = f"{box.base_url}/events/api/v1/subscription/{kept.id}"
    return response


def _same(box: "Sandbox", asked: Subscription) -> Subscription | None:
    def key(one: Subscription) -> tuple[object, ...]:
        return (one.consumer, one.end_point, one.resource_filter, one.subject_filter,
                one.type_filter, one.include_subunits)  # fmt: skip

    return next((one for one in box.subscriptions.values() if key(one) == key(asked)), None)


def list_subscriptions(box: "Sandbox", request: Request) -> Response:
    _, consumer = _subscriber(box, request)
    with box.world.lock:
        found = [one.shown() for one in box.subscriptions.values() if one.consumer == consumer]
    return json_response({"count": len(found), "subscriptions": found})


def _own(box: "Sandbox", request: Request, key: int) -> Subscription:
    _, consumer = _subscriber(box, request)
    found = box.subscriptions.get(key)
    if found is None:
        raise Refused(Response(status=404))
    if found.consumer != consumer:
        raise Refused(Response(status=403))
    return found


def get_subscription(box: "Sandbox", request: Request, key: int) -> Response:
    return json_response(_own(box, request, key).shown())


def delete_subscription(box: "Sandbox", request: Request, key: int) -> Response:
    with box.world.lock:
        del box.subscriptions[_own(box, request, key).id]
    return Response(status=200)


def is_for(box: "Sandbox", one: Subscription, event: Json) -> bool:
    """Tell whether an event matches a subscription's filters; all are exact."""
    if one.resource_filter != event["resource"]:
        return False
    if one.type_filter is not None and one.type_filter != event["type"]:
        return False
    if one.subject_filter in (None, event["subject"]):
        return True
    units = box.world.sub_units.get(one.subject_filter or "", [])
    return one.include_subunits and any(unit.urn == event["subject"] for unit in units)


def may_receive(box: "Sandbox", consumer: str, event: Json) -> bool:
    user = box.world.users.get(consumer.removeprefix("/systemuser/"))
    return user is not None and user.may_use(event["subject"], event["resource"])


def pull(box: "Sandbox", request: Request) -> Response:
    """Give events after an id. Access is judged after paging, so a page can come out empty."""
    _, consumer = _subscriber(box, request)
    query = request.args
    resource, after = query.get("resource", ""), query.get("after")
    if not resource.startswith("urn:altinn:resource:"):
        told = "The 'resource' parameter must begin with `urn:altinn:resource:`"
        raise refuse(request, 400, detail=told)
    if not after:
        raise refuse(request, 400, detail="The 'after' parameter must be defined.")
    subject = query.get("subject")
    if subject and request.headers.get("Altinn-AlternativeSubject"):
        told = "Only one of 'subject' or 'alternativeSubject' can be defined."
        raise refuse(request, 400, detail=told)
    size = query.get("size", 50, type=int)
    types = query.getlist("type")
    with box.world.lock:
        log = list(box.delivery.published)
    start = next((place + 1 for place, event in enumerate(log) if event["id"] == after), 0)
    page = [
        event
        for event in log[start:]
        if event["resource"] == resource
        and subject in (None, event["subject"])
        and (not types or event["type"] in types)
    ][: max(1, min(size, 1000))]
    shown = [event for event in page if may_receive(box, consumer, event)]
    response = Response(
        msgspec.json.encode(shown), content_type="application/cloudevents+json; charset=utf-8"
    )
    if shown:
        told = f"{box.base_url}/events/api/v1/events?resource={resource}&after={shown[-1]['id']}"
        if subject:
            told += f"&subject={subject}"
        response.headers["next"] = told + "".join(f"&type={kind}" for kind in types)
    return response
