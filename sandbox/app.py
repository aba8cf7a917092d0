"""Which path leads where. Every answer carries `X-Sandbox: 1`, which no answer of Altinn's does."""

import time
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from sandbox import (
    access,
    access_requests,
    authorized_parties,
    change_requests,
    client_delegation,
    client_packages,
    confirming,
    controls,
    correspondence,
    details,
    elsewhere,
    enhetsregisteret,
    enhetsregisteret_feeds,
    events,
    faults,
    hostile,
    idporten,
    idporten_tokens,
    labels,
    lookup,
    maskinporten,
    nav,
    nav_others,
    onboarding_controls,
    owner_controls,
    received,
    search,
    storage,
    streams,
    system_register,
    system_users,
)
from sandbox.clock import written
from sandbox.faults import Aborted, Fault
from sandbox.problems import Refused, problem
from sandbox.state import Sandbox

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

Handler = Callable[..., Response]

USER = "/dialogporten/api/v1/enduser"
DIALOG = f"{USER}/dialogs/<key>"
META = "/dialogporten/api/v1/metadata"
KNOWN = "/dialogporten/api/v1/.well-known"
EVENTS = "/events/api/v1"
AUTH = "/authentication/api/v1"

ROUTES: list[tuple[str, str, str, Handler]] = [
    ("GET", "/maskinporten/.well-known/oauth-authorization-server", "metadata",
     maskinporten.metadata),
    ("GET", "/maskinporten/jwk", "jwks", maskinporten.keys),
    ("POST", "/maskinporten/token", "token", maskinporten.token),
    ("GET", f"{AUTH}/exchange/<provider>", "exchange", access.exchange),
    ("GET", f"{AUTH}/openid/.well-known/openid-configuration/jwks", "jwks", maskinporten.keys),
    ("GET", f"{USER}/parties", "parties", lookup.parties),
    ("GET", f"{USER}/dialogs", "search", search.search),
    ("POST", f"{USER}/dialogs/context/systemlabels/actions/bulkset", "bulkset", labels.set_many),
    ("GET", DIALOG, "details", details.details),
    ("GET", f"{DIALOG}/activities", "activities", details.activities),
    ("GET", f"{DIALOG}/activities/<part>", "activities", details.activities),
    ("GET", f"{DIALOG}/transmissions", "transmissions", details.transmissions),
    ("GET", f"{DIALOG}/transmissions/<part>", "transmissions", details.transmissions),
    ("GET", f"{DIALOG}/seenlog", "seenlog", details.seen_log),
    ("GET", f"{DIALOG}/seenlog/<part>", "seenlog", details.seen_log),
    ("GET", f"{DIALOG}/context/labellog", "labellog", details.label_log),
    ("PUT", f"{DIALOG}/context/systemlabels", "labels", labels.set_labels),
    ("GET", f"{USER}/dialoglookup", "lookup", lookup.dialog_lookup),
    ("GET", f"{USER}/serviceresources", "serviceresources", lookup.service_resources),
    ("GET", f"{META}/limits", "metadata", lookup.limits),
    ("GET", f"{META}/serviceresources", "metadata", lookup.metadata_services),
    ("GET", f"{KNOWN}/jwks.json", "jwks", lookup.dialog_keys),
    ("GET", f"{KNOWN}/oauth-authorization-server", "metadata", lookup.issuer),
    ("POST", f"{EVENTS}/subscriptions", "subscriptions", events.subscribe),
    ("GET", f"{EVENTS}/subscriptions", "subscriptions", events.list_subscriptions),
    ("GET", f"{EVENTS}/subscriptions/<int:key>", "subscriptions", events.get_subscription),
    ("DELETE", f"{EVENTS}/subscriptions/<int:key>", "subscriptions", events.delete_subscription),
    ("GET", f"{EVENTS}/events", "events", events.pull),
    *system_register.ROUTES,
    *access_requests.ROUTES,
    *change_requests.ROUTES,
    *system_users.ROUTES,
    *client_delegation.ROUTES,
    *client_packages.ROUTES,
    *authorized_parties.ROUTES,
    *confirming.ROUTES,
    *enhetsregisteret.ROUTES,
    *enhetsregisteret_feeds.ROUTES,
    *idporten.ROUTES,
    *idporten_tokens.ROUTES,
    *controls.ROUTES,
    *onboarding_controls.ROUTES,
    *owner_controls.ROUTES,
]  # fmt: skip
OWNERS = [
    *correspondence.ROUTES,
    *storage.ROUTES,
    *nav.ROUTES,
    *nav_others.ROUTES,
    *elsewhere.ROUTES,
    *hostile.ROUTES,
    *streams.ROUTES,
]
UNKNOWN = "unknown"  # an address where nobody answers
OWNERS_OPERATIONS = {operation for _, _, operation, _ in OWNERS}


class App:
    """The sandbox as WSGI, for its own server and for a test client without one."""

    def __init__(self, box: Sandbox) -> None:
        self.box = box
        self._map = Map(
            [
                Rule(path, methods=[method], endpoint=(operation, handler))
                for method, path, operation, handler in (*ROUTES, *OWNERS)
            ],
            strict_slashes=False,
            redirect_defaults=False,
        )

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        response, _ = self.answer(environ)
        return response(environ, start_response)

    def answer(self, environ: "WSGIEnvironment") -> tuple[Response, Fault | None]:
        """Answer a request, with the fault that is to spoil the way back, if any.

        Raises:
            Aborted: the connection is to be cut instead.
        """
        started = time.monotonic()
        request = Request(environ)
        try:
            (operation, handler), args = self._map.bind_to_environ(environ).match()
        except HTTPException as exc:
            response = Response(status=exc.code or 404)
            self._note(request, UNKNOWN, response, started)
            return self._marked(response), None
        if operation == "control":
            return self._marked(self._done(request, handler, args)), None
        fault = None
        if self.box.faults.waiting:
            target = f"{request.path}?{request.query_string.decode()}"
            fault = self.box.faults.pick(operation, target, self._caller(request))
        try:
            response = self._spoiled(request, handler, args, fault)
        except Aborted as cut:
            self._note(request, operation, Response(status=499), started)
            if cut.response is not None:
                self._marked(cut.response)
            raise
        self._note(request, operation, response, started)
        return self._marked(response), fault

    def _done(self, request: Request, handler: Handler, args: Mapping[str, Any]) -> Response:
        try:
            return handler(self.box, request, **args)
        except Refused as refused:
            return refused.response
        except Aborted:
            raise
        except Exception as exc:  # the sandbox's own mistake, told as one
            detail = f"The sandbox failed: {type(exc).__name__}: {exc}"
            return problem(request, 500, detail=detail)

    def _spoiled(
        self, request: Request, handler: Handler, args: Mapping[str, Any], fault: Fault | None
    ) -> Response:
        if fault is None:
            return self._done(request, handler, args)
        if fault.delay_seconds:
            time.sleep(fault.delay_seconds)
        is_own = fault.status is not None or fault.body is not None or bool(fault.error)
        response = None
        if not is_own or fault.after_effect:
            response = self._done(request, handler, args)
        if is_own:
            response = faults.answer(fault, request)
        assert response is not None  # noqa: S101 - one of the two was made
        response = faults.dress(fault, response)
        if fault.abort:
            raise Aborted()
        if fault.abort_after_bytes is not None:
            raise Aborted(response, fault.abort_after_bytes)
        return response

    def _caller(self, request: Request) -> str:
        try:
            return access.caller(self.box, request).key
        except Refused:
            return ""

    def _marked(self, response: Response) -> Response:
        response.headers["X-Sandbox"] = "1"
        return response

    def _note(self, request: Request, operation: str, response: Response, started: float) -> None:
        box = self.box
        if operation in OWNERS_OPERATIONS or operation == UNKNOWN:
            received.write_down(box, request, operation, response.status_code)
        with box.lock:
            box.counts[operation] += 1
            box.log.append(
                {
                    "at": written(int(time.time() * 1_000_000)),
                    "operation": operation,
                    "method": request.method,
                    "path": request.path,
                    "query": request.query_string.decode("latin-1"),
                    "status": response.status_code,
                    "seconds": round(time.monotonic() - started, 4),
                    "caller": request.environ.get("sandbox.caller", ""),
                }
            )
