"""The document of the keys: what is in it, and what of it can be used."""

import json

import pytest
from servicekit.tokens.jwks import MAX_KEYS, parse_key_set

from .key_server import Signer


class TestKeySet:
    @pytest.mark.parametrize(
        "change",
        [
            {"kty": "EC"},
            {"crv": "X25519"},
            {"crv": "Ed448"},
            {"use": "enc"},
            {"alg": "RS256"},
            {"key_ops": ["encrypt"]},
            {"key_ops": "verify"},
            {"d": "c2VjcmV0"},
            {"kid": ""},
            {"kid": 7},
            {"kid": "k" * 129},
            {"x": "AA"},
            {"x": 5},
            {"x": "!" * 43},
        ],
    )
    def test_key_of_another_kind_is_left_out(
        self, signer: Signer, change: dict[str, object]
    ) -> None:
        strange = {**signer.public, "kid": "strange", **change}
        document = json.dumps({"keys": [signer.public, strange, "text", None]})
        assert list(parse_key_set(document.encode())) == [signer.kid]

    def test_two_keys_with_one_kid_are_refused(self, signer: Signer) -> None:
        document = json.dumps({"keys": [signer.public, Signer().public]})
        with pytest.raises(ValueError, match="two with one kid"):
            parse_key_set(document.encode())

    def test_too_many_keys_are_refused(self) -> None:
        keys = [Signer(kid=str(number)).public for number in range(MAX_KEYS + 1)]
        with pytest.raises(ValueError, match="at most 32"):
            parse_key_set(json.dumps({"keys": keys}).encode())
