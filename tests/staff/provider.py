"""Reach the OIDC provider from tests: start it, and be a person in its log-in form."""

import contextlib
import json
import subprocess
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from django.test import Client as Browser
from jwt.algorithms import RSAAlgorithm

from portal.demo.set_up import environment
from tests.stand_in import ROOT

SECRET = "bare mellom disse to"
_private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
KEY = json.loads(RSAAlgorithm.to_jwk(_private)) | {"kid": "en", "alg": "RS256", "use": "sig"}
del KEY["key_ops"]  # it checks what it has signed, too


@contextlib.contextmanager
def started(portal_url: str) -> Iterator[str]:
    """The provider with the portal as its client; yields its issuer."""
    client = {
        "client_id": "portalen",
        "client_secret": SECRET,
        "redirect_uris": [f"{portal_url}/konto/oidc/firmaet/login/callback/"],
        "post_logout_redirect_uris": [f"{portal_url}/konto/login/"],
        "backchannel_logout_uri": f"{portal_url}/konto/oidc/firmaet/logout/",
        "backchannel_logout_session_required": True,
    }
    process = subprocess.Popen(
        ["node", "tests/staff/provider.mjs", json.dumps({"clients": [client], "key": KEY})],
        cwd=ROOT,
        env=environment() | {"NODE_NO_WARNINGS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    try:
        said = ""
        for line in process.stdout:
            said += line
            if "ready on" in line:
                break
        else:
            raise AssertionError(said)
        yield line.split("ready on ")[1].strip()
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()


def setting(issuer: str, /, **more: Any) -> list[dict[str, Any]]:
    """The portal's OIDC_PROVIDERS."""
    return [
        {
            "id": "firmaet",
            "name": "Firmaets konto",
            "issuer": issuer,
            "client_id": "portalen",
            "client_secret": SECRET,
        }
        | more
    ]


def signed(key: Any = _private, **claims: Any) -> str:
    """A token signed as the provider does."""
    return jwt.encode(claims, key, "RS256", headers={"kid": "en"})


class Person:
    """Somebody with a browser at the provider, and one at the portal."""

    def __init__(self, sub: str, email: str, *, verified: bool = True, amr: str = "") -> None:
        self.form = {
            "sub": sub,
            "email": email,
            "verified": "yes" if verified else "no",
            "amr": amr,
        }
        self.browser = Browser()
        self._cookies = httpx.Cookies()

    def begin(self, path: str = "/konto/oidc/firmaet/login/") -> str:
        """Leave the portal; return where it leads."""
        answer = self.browser.get(path)
        assert answer.status_code == 302, answer.content.decode()[-2000:]
        return answer["Location"]

    def at_provider(self, address: str) -> str:
        """Log in at the provider; return the address it sends the browser back to."""
        with httpx.Client(trust_env=False, timeout=20, cookies=self._cookies) as http:
            while not address.startswith("http://testserver"):
                answer = http.get(address)
                if answer.status_code == 200 and urlsplit(address).path.startswith("/hvem/"):
                    answer = http.post(address, data=self.form)
                assert answer.is_redirect, answer.text
                address = urljoin(address, answer.headers["Location"])
            self._cookies = http.cookies
        return address.removeprefix("http://testserver")

    def log_in(self, path: str = "/konto/oidc/firmaet/login/") -> Any:
        return self.browser.get(self.at_provider(self.begin(path)))
