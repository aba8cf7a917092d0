"""The RSA key that the portal signs with: a JWK (RFC 7517)."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self
from uuid import uuid4

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

_SMALLEST_BITS = 2048
_BITS = 3072


@dataclass(frozen=True)
class Key:
    """A private RSA key with the `kid` it is registered under. Never shows its private parts."""

    kid: str
    private: rsa.RSAPrivateKey = field(repr=False, compare=False)

    @classmethod
    def from_jwk(cls, jwk: str | dict[str, Any]) -> Self:
        """Read a private JWK, as JSON text or decoded.

        Raises:
            ValueError: not a private RSA key of at least 2048 bits with a `kid`. The text never
                quotes the key.
        """
        try:
            parts = json.loads(jwk) if isinstance(jwk, str) else dict(jwk)
            private = RSAAlgorithm.from_jwk(parts)
            kid = parts.get("kid")
        except (ValueError, TypeError, AttributeError, RecursionError, jwt.PyJWTError):
            raise ValueError("Not an RSA key in JWK format. Make one with new_key()") from None
        if not isinstance(private, rsa.RSAPrivateKey):
            raise ValueError(
                "The JWK holds only the public key. The private one (with d) is needed"
            )
        if private.key_size < _SMALLEST_BITS:
            raise ValueError(f"The key has fewer than {_SMALLEST_BITS} bits. Make a new one")
        if not isinstance(kid, str) or not kid:
            raise ValueError("The JWK has no kid. Give it the one it is registered under")
        return cls(kid=kid, private=private)

    @classmethod
    def from_file(cls, path: Path | str) -> Self:
        """Read a private JWK from a file.

        Raises:
            ValueError: as `from_jwk`.
            OSError: the file cannot be read.
        """
        return cls.from_jwk(Path(path).read_text(encoding="utf-8"))

    def private_jwk(self) -> dict[str, Any]:
        """The whole key: for the secret store, and nowhere else."""
        return self._named(RSAAlgorithm.to_jwk(self.private, as_dict=True))

    def public_jwk(self) -> dict[str, Any]:
        """The half to register with Maskinporten."""
        return self._named(RSAAlgorithm.to_jwk(self.private.public_key(), as_dict=True))

    def _named(self, jwk: dict[str, Any]) -> dict[str, Any]:
        jwk.pop("key_ops", None)
        return {**jwk, "kid": self.kid, "use": "sig", "alg": "RS256"}


def new_key(kid: str | None = None) -> Key:
    """Make an RSA key. `kid` must be unique among all of Maskinporten's customers: leave it out.

    Takes a second or so.
    """
    private = rsa.generate_private_key(public_exponent=65537, key_size=_BITS)
    return Key(kid=kid or str(uuid4()), private=private)
