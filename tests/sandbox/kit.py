"""A portal's side of the talk with the sandbox, over HTTP only."""

import contextlib
import time
import uuid
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import httpx
import jwt
from jwt.algorithms import RSAAlgorithm

from tests.sandbox import contract

Json = dict[str, Any]
DIALOGPORTEN = "/dialogporten/api/v1"
DIALOGS = f"{DIALOGPORTEN}/enduser/dialogs"
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


class Portal:
    def __init__(self, url: str) -> None:
        self.http = httpx.Client(base_url=url, timeout=30)
        self.reset()

    def reset(self, **world: Any) -> None:
        found = self.control("reset", {"world": "small", "seed": 1} | world)
        self.control("tokens", {"expires_in": 600, "dialog_expires_in": 600})
        self.control("limits", {"too_broad": 50_000})
        self.credentials: Json = found
        self.users = {user["external_ref"]: user for user in found["system_users"]}
        self.regnskap = self.users.get("regnskap", {})  # `onboarding` has no system user yet
        self.lonn = self.users.get("lonn", {})  # `services` has one system user only
        standard = (user for user in found["system_users"] if user["kind"] == "standard")
        self.own: Json = next(standard, {})
        self._tokens: dict[str, str] = {}

    def control(self, path: str, body: Json | None = None, method: str = "POST") -> Any:
        answer = self.http.request(method, f"/_sandbox/{path}", json=body)
        assert answer.status_code < 300, answer.text
        assert answer.headers["X-Sandbox"] == "1"
        return answer.json()

    def look(self, path: str) -> Any:
        return self.control(path, method="GET")

    # Tokens

    def assertion(self, *, key: Json | None = None, header: Json | None = None,
                  user: Json | None = None, **changed: Any) -> str:  # fmt: skip
        now = int(time.time())
        jwk = key or self.credentials["jwk"]
        claims: Json = {
            "aud": self.credentials["issuer"], "iss": self.credentials["client_id"],
            "scope": "digdir:dialogporten altinn:events.subscribe altinn:correspondence.read",
            "iat": now, "exp": now + 100, "jti": str(uuid.uuid4()),
        }  # fmt: skip
        if user:
            claims["authorization_details"] = [self.rar(user)]
        claims |= changed
        claims = {name: value for name, value in claims.items() if value is not None}
        private: Any = RSAAlgorithm.from_jwk(jwk)
        told = {"kid": jwk["kid"]} | (header or {})
        return jwt.encode(claims, private, algorithm="RS256", headers=told)

    def rar(self, user: Json) -> Json:
        return {
            "type": "urn:altinn:systemuser",
            "systemuser_org": {"authority": "iso6523-actorid-upis", "ID": f"0192:{user['orgnr']}"},
            "externalRef": user["external_ref"],
        }

    def ask_token(self, assertion: str) -> httpx.Response:
        form = {"grant_type": GRANT, "assertion": assertion}
        return self.http.post("/maskinporten/token", data=form)

    def token(self, user: Json | None = None, **changed: Any) -> str:
        key = f"{user and user['id']}{changed}"
        if key not in self._tokens:
            answer = self.ask_token(self.assertion(user=user, **changed))
            assert answer.status_code == 200, answer.text
            self._tokens[key] = answer.json()["access_token"]
        return self._tokens[key]

    def altinn_token(self, user: Json | None, **changed: Any) -> str:
        answer = self.http.get(
            "/authentication/api/v1/exchange/maskinporten",
            headers={"Authorization": f"Bearer {self.token(user, **changed)}"},
        )
        assert answer.status_code == 200
        return answer.text

    # Dialogporten

    def ask(self, path: str, *, user: Json | None = None, token: str | None = None,
            method: str = "GET", headers: Json | None = None, json: Any = None,
            **query: Any) -> httpx.Response:  # fmt: skip
        told = {"Authorization": f"Bearer {token or self.token(user or self.regnskap)}"}
        answer = self.http.request(
            method, path if path.startswith("/") else f"{DIALOGS}/{path}",
            headers=told | (headers or {}), params=query, json=json,
        )  # fmt: skip
        if answer.request.url.path.startswith(DIALOGPORTEN):
            contract.check(answer)
        return answer

    def search(self, *, user: Json | None = None, **query: Any) -> Json:
        user = user or self.regnskap
        if not {"party", "serviceResource"} & set(query):
            query["party"] = user["parties"][:100]
        answer = self.ask(DIALOGS, user=user, **query)
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()
        return found

    def listed(self, key: str) -> Json | None:
        """Find a dialog in what search gives."""
        found = self.search(limit=1000)["items"]
        return next((item for item in found if item["id"] == key), None)

    def walk(self, **query: Any) -> Iterator[list[Json]]:
        while True:
            page = self.search(**query)
            yield page["items"]
            if not page["hasNextPage"]:
                return
            query["continuationToken"] = page["continuationToken"]

    # Service owners

    def sample(self, template: str) -> Json:
        """Open the dialog made from a sample."""
        found: Json = self.ask(self.look(f"dialogs?template={template}")[0]["id"]).json()
        return found

    def owner(self, url: str, token: str = "", method: str = "GET", json: Any = None,
              **headers: str) -> httpx.Response:  # fmt: skip
        """Ask a service owner, with a token or with none."""
        told = {"Authorization": f"Bearer {token}"} if token else {}
        return self.http.request(method, url, headers=told | headers, json=json)

    # What happens in the world

    def make(self, **fields: Any) -> Json:
        found: Json = self.control("dialogs", fields)
        return found

    def do(self, dialog: Json, what: str, **fields: Any) -> Json:
        found: Json = self.control(f"dialogs/{dialog['id']}", {"do": what} | fields)
        return found

    def hidden(self, reason: str) -> list[Json]:
        return [h["item"] for h in self.look("ledger")["hidden"] if h["reason"] == reason]

    def client(self) -> str:
        """Give a main unit's party that the firm reads, not the firm's own."""
        firm = f"urn:altinn:organization:identifier-no:{self.credentials['firm']['orgnr']}"
        parties = self.ask(f"{DIALOGPORTEN}/enduser/parties").json()["authorizedParties"]
        return next(
            str(one["party"]) for one in parties
            if one["party"] != firm and "subParties" not in one and not one["isDeleted"]
        )  # fmt: skip

    def subscribe(self, end_point: str, party: str, resource: str, **more: Any) -> httpx.Response:
        body = {"endPoint": end_point, "resourceFilter": resource, "subjectFilter": party} | more
        body = {name: value for name, value in body.items() if value is not None}
        return self.ask("/events/api/v1/subscriptions", method="POST", json=body,
                        token=self.altinn_token(self.regnskap))  # fmt: skip


def eventually(holds: Callable[[], Any], seconds: float = 8) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not come to be in time"
        time.sleep(0.02)


class Receiver:
    """A webhook that keeps what it gets; `statuses` are what it answers next, then 200."""

    def __init__(self) -> None:
        self.got: list[Json] = []
        self.headers: list[dict[str, str]] = []
        self.statuses: list[int] = []
        self.connections = 0
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def setup(self) -> None:
                receiver.connections += 1
                super().setup()

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.headers.append(dict(self.headers))
                receiver.got.append(httpx.Response(200, content=body).json())
                status = receiver.statuses.pop(0) if receiver.statuses else 200
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/hook/s3cret"
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        self._thread.start()

    def events(self) -> list[Json]:
        return [got for got in self.got if got["type"] != "platform.events.validatesubscription"]

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@contextlib.contextmanager
def receiver() -> Iterator[Receiver]:
    found = Receiver()
    try:
        yield found
    finally:
        found.stop()
