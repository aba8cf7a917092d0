"""The sandbox's own keys, made anew at each start, and the keys clients have registered."""

import hmac
import json
import time
import uuid
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from jwt.algorithms import OKPAlgorithm, RSAAlgorithm

from sandbox.model import Json

RSA_ALGORITHMS = ("RS256", "RS384", "RS512")


class Key:
    """An RSA key with an id."""

    def __init__(self, kid: str) -> None:
        self.kid = kid
        self.private: RSAPrivateKey = generate_private_key(public_exponent=65537, key_size=2048)

    def private_jwk(self) -> Json:
        found: Json = json.loads(RSAAlgorithm.to_jwk(self.private))
        return found | {"kid": self.kid, "alg": "RS256", "use": "sig"}

    def public_jwk(self) -> Json:
        found: Json = json.loads(RSAAlgorithm.to_jwk(self.private.public_key()))
        return {"kty": "RSA", "n": found["n"], "e": found["e"], "kid": self.kid,
                "alg": "RS256", "use": "sig"}  # fmt: skip

    def sign(self, claims: Json) -> str:
        return jwt.encode(claims, self.private, algorithm="RS256", headers={"kid": self.kid})


class DialogKey:
    """The Ed25519 key that dialog tokens are signed with."""

    def __init__(self, kid: str) -> None:
        self.kid = kid
        self.private = Ed25519PrivateKey.generate()

    def public_jwk(self) -> Json:
        found: Json = json.loads(OKPAlgorithm.to_jwk(self.private.public_key()))
        return {"kty": "OKP", "use": "sig", "kid": self.kid, "crv": "Ed25519", "x": found["x"],
                "alg": "EdDSA"}  # fmt: skip

    def sign(self, claims: Json) -> str:
        return jwt.encode(claims, self.private, algorithm="EdDSA", headers={"kid": self.kid})

    def read(self, token: str) -> Json:
        """Check a dialog token's signature and time.

        Raises:
            jwt.InvalidTokenError: it is not ours, or no longer valid.
        """
        return dict(
            jwt.decode(token, self.private.public_key(), algorithms=["EdDSA"], leeway=2,
                       options={"verify_aud": False})
        )  # fmt: skip


class Keys:
    """All of them. `issuer` signs for Maskinporten and the exchange, `idporten` for ID-porten."""

    def __init__(self) -> None:
        self.issuer = Key("sandbox-issuer")
        self.idporten = Key("sandbox-idporten")
        self.client = Key(f"sandbox-client-{uuid.uuid4().hex[:8]}")
        self.dialog = DialogKey("sandbox-dialog-1")
        self.next_dialog = DialogKey("sandbox-dialog-2")
        self.registered: dict[str, Any] = {}
        self.registered_jwks: dict[str, Json] = {}
        self.register(self.client.public_jwk())

    def register(self, jwk: Json) -> str:
        """Register a client's public key (a private one is cut down to its public half).

        Raises:
            ValueError: it is not an RSA key with a kid.
        """
        if jwk.get("kty") != "RSA" or not jwk.get("kid"):
            raise ValueError("a key must have kty RSA and a kid")
        public = {name: jwk[name] for name in ("kty", "n", "e") if name in jwk}
        self.registered[jwk["kid"]] = RSAAlgorithm.from_jwk(json.dumps(public))
        self.registered_jwks[jwk["kid"]] = public | {"kid": jwk["kid"]}
        return str(jwk["kid"])


def is_same_secret(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())


def now_seconds() -> int:
    """Give the real time: tokens do not follow the settable clock, since clients do not either."""
    return int(time.time())
