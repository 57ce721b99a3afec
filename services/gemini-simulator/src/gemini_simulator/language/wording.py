"""Choosing among phrases of the same meaning, always the same one for the same seed and message."""

import hashlib
import hmac
from collections.abc import Sequence


class Wording:
    """Chooses phrases. Args: seed: the simulator's; message: what the person said."""

    def __init__(self, seed: int, message: str) -> None:
        self._key = f"wording:{seed}".encode()
        self._message = message.encode(errors="replace")

    def pick(self, phrases: Sequence[str]) -> str:
        """One of the phrases; at least one must be given."""
        digest = hmac.digest(self._key, self._message + phrases[0].encode(), hashlib.sha256)
        return phrases[digest[0] % len(phrases)]
