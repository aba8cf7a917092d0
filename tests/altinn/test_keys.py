import json
from pathlib import Path

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from altinn.keys import Key, new_key


def test_a_key_can_be_kept_and_read_again(key: Key, tmp_path: Path) -> None:
    path = tmp_path / "key.json"
    path.write_text(json.dumps(key.private_jwk()))

    for read in (
        Key.from_file(path),
        Key.from_jwk(key.private_jwk()),
        Key.from_jwk(path.read_text()),
    ):
        assert read.kid == key.kid
        assert read.private.private_numbers() == key.private.private_numbers()


def test_the_public_half_verifies_and_gives_nothing_away(key: Key) -> None:
    public = key.public_jwk()
    signed = jwt.encode({"a": 1}, key.private, algorithm="RS256")

    assert jwt.decode(signed, jwt.PyJWK(public), algorithms=["RS256"]) == {"a": 1}
    assert set(public) == {"kty", "n", "e", "kid", "use", "alg"}


def test_each_new_key_has_a_name_of_its_own() -> None:
    first, second = new_key(), new_key()

    assert first.kid != second.kid
    assert first.private.key_size >= 2048
    assert new_key("ours").kid == "ours"


@pytest.mark.parametrize("change", [{"d": None}, {"kid": None}, {"kid": ""}, {"kty": "oct"}])
def test_half_a_key_is_refused_without_being_quoted(key: Key, change: dict[str, object]) -> None:
    jwk = {name: value for name, value in (key.private_jwk() | change).items() if value is not None}

    with pytest.raises(ValueError, match=r"JWK|key") as caught:
        Key.from_jwk(jwk)

    assert str(jwk["n"]) not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    "text", ["", "x", "[]", "null", "{}", '"x"', "-----BEGIN PRIVATE KEY-----", "[" * 100_000]
)
def test_other_texts_are_no_key(text: str) -> None:
    with pytest.raises(ValueError, match="JWK"):
        Key.from_jwk(text)


def test_a_small_key_is_refused() -> None:
    small = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505 -- that is the point
    jwk = RSAAlgorithm.to_jwk(small, as_dict=True) | {"kid": "small"}

    with pytest.raises(ValueError, match="fewer than 2048 bits"):
        Key.from_jwk(jwk)
