"""Reach the sandbox from tests: start it, make things happen in it, ask what it saw."""

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).resolve().parents[1]


class Altinn:
    """The stand-in's controls. Facts about Altinn are read here, never from our own code."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        self._http = httpx.Client(base_url=f"{base_url}/_sandbox", timeout=30, trust_env=False)

    @classmethod
    @contextlib.contextmanager
    def started(cls, *arguments: str) -> Iterator["Altinn"]:
        command = [sys.executable, "-m", "sandbox", "--port", "0", "--world", "small"]
        process = subprocess.Popen(
            [*command, "--seed", "1", *arguments],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
        )
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            while line and "ready on" not in line:
                line = process.stdout.readline()
            altinn = cls(line.split("ready on ")[1].strip())
            yield altinn
            altinn.close()
        finally:
            process.terminate()
            process.wait(10)
            if process.stdout is not None:
                process.stdout.close()

    def close(self) -> None:
        self._http.close()

    def get(self, path: str, **query: Any) -> Any:
        return self._answer(self._http.get(path, params=query))

    def post(self, path: str, body: Any = None) -> Any:
        return self._answer(self._http.post(path, json=body if body is not None else {}))

    def delete(self, path: str) -> Any:
        return self._answer(self._http.delete(path))

    def _answer(self, response: httpx.Response) -> Any:
        assert response.is_success, f"{response.request.url}: {response.text[:300]}"
        return response.json() if response.content else None

    def reset(self, world: str = "small", **more: Any) -> None:
        self.post("/reset", {"world": world, "seed": 1, **more})

    def credentials(self) -> dict[str, Any]:
        found: dict[str, Any] = self.get("/credentials")
        return found

    def system_users(self) -> list[dict[str, Any]]:
        users: list[dict[str, Any]] = self.credentials()["system_users"]
        return users

    def addresses(self) -> dict[str, Any]:
        """What `Environment` wants to know."""
        found = self.credentials()
        return {
            "name": "sandbox",
            "maskinporten_issuer": found["issuer"],
            "maskinporten_token_url": found["token_url"],
            "platform_url": self.base_url,
            "dialogporten_url": f"{self.base_url}/dialogporten",
            "events_url": f"{self.base_url}/events/api/v1",
            "enhetsregisteret_url": f"{self.base_url}/enhetsregisteret/api",
            "idporten_issuer": f"{self.base_url}/idporten",
            "idporten_login_url": f"{self.base_url}/idporten",
            "access_management_url": self.base_url,
            "nav_sykepenger_url": f"{self.base_url}/nav-sykepenger",
            "nav_foreldrepenger_url": f"{self.base_url}/nav-foreldrepenger",
            "nav_dokumentporten_url": f"{self.base_url}/nav-dokumentporten",
            "content_hosts": frozenset({self.base_url.removeprefix("http://")}),
        }

    def settings(self) -> dict[str, Any]:
        found = self.credentials()
        return {
            "MASKINPORTEN_CLIENT_ID": found["client_id"],
            "MASKINPORTEN_JWK": json.dumps(found["jwk"]),
            "IDPORTEN_CLIENT_ID": found["idporten"]["client_id"],
            "IDPORTEN_CLIENT_SECRET": found["idporten"]["client_secret"],
        }

    def environment(self) -> dict[str, str]:
        """The same as environment variables, for processes."""
        where = self.addresses()
        return self.settings() | {
            "ALTINN_ENVIRONMENT": "sandbox",
            "MASKINPORTEN_ISSUER": where["maskinporten_issuer"],
            "MASKINPORTEN_TOKEN_URL": where["maskinporten_token_url"],
            "ALTINN_PLATFORM_URL": where["platform_url"],
            "DIALOGPORTEN_URL": where["dialogporten_url"],
            "ALTINN_EVENTS_URL": where["events_url"],
            "ENHETSREGISTERET_URL": where["enhetsregisteret_url"],
            "IDPORTEN_ISSUER": where["idporten_issuer"],
            "IDPORTEN_LOGIN_URL": where["idporten_login_url"],
            "ALTINN_ACCESS_MANAGEMENT_URL": where["access_management_url"],
            "NAV_SYKEPENGER_URL": where["nav_sykepenger_url"],
            "NAV_FORELDREPENGER_URL": where["nav_foreldrepenger_url"],
            "NAV_DOKUMENTPORTEN_URL": where["nav_dokumentporten_url"],
            "CONTENT_HOSTS": ",".join(where["content_hosts"]),
        }

    def sample(self, name: str) -> str:
        """The id of the dialog made from a sample (world `services`) or a template."""
        return str(self.get("/dialogs", template=name)[0]["id"])

    def received(self, operation: str = "") -> list[dict[str, Any]]:
        """What service owners got: operation, method, path, token (its kind), claims, body."""
        got: list[dict[str, Any]] = self.get("/received")
        return [one for one in got if operation in ("", one["operation"])]

    def listed(self, system_user_id: str) -> list[dict[str, Any]]:
        """Every dialog Altinn would list for a system user now: the list items themselves."""
        items: list[dict[str, Any]] = self.get("/ledger", system_user=system_user_id)["items"]
        return items

    def counts(self) -> dict[str, int]:
        """How often each operation was called."""
        counts: dict[str, int] = self.get("/requests")["counts"]
        return counts

    def seen(self) -> list[Any]:
        """Every seen mark, over all dialogs."""
        marks = self.get("/seen")
        return list(marks["seen"] if isinstance(marks, dict) else marks)


def wait_until(fact: Callable[[], Any], *, seconds: float = 20, pause: float = 0.1) -> Any:
    """Wait for something that happens in another process; fail with its last value."""
    until = time.monotonic() + seconds
    value = fact()
    while not value and time.monotonic() < until:
        time.sleep(pause)
        value = fact()
    assert value, f"did not happen within {seconds} s: {value!r}"
    return value
