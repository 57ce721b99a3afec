"""Passwords and signing secrets that are made once per checkout and kept in one private file."""

import fcntl
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class SecretStore:
    """Named secrets in a JSON file that only its owner can read (mode 0600)."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __contains__(self, name: str) -> bool:
        return name in self._read()

    def get(self, name: str) -> str:
        """Return the secret of this name, made at the first call: 256 bits, URL-safe."""
        with self._alone():
            known = self._read()
            if name not in known:
                known[name] = secrets.token_urlsafe(32)
                self._write(known)
        return known[name]

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep other threads and processes out: two that make one secret would make two."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _read(self) -> dict[str, str]:
        try:
            known: dict[str, str] = json.loads(self._path.read_text())
        except FileNotFoundError:
            return {}
        return known

    def _write(self, known: dict[str, str]) -> None:
        """Replace the file in one step: a reader never sees half of it, nor another mode."""
        draft = self._path.with_suffix(".draft")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump(known, file, indent=2, sort_keys=True)
        draft.replace(self._path)
