"""The mails that came, as a person wants to read them: in memory, the newest few hundred."""

import re
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Final

MOST_KEPT: Final = 200
LINK: Final = re.compile(r"https?://[^\s<>\"]+")


@dataclass(frozen=True)
class Letter:
    """One mail.

    Attributes: number: from 1, in the order of their coming. to: the address that it was sent to.
        links: all that its text has, in order. received_at: UTC, ISO 8601.
    """

    number: int
    to: str
    subject: str
    text: str
    links: tuple[str, ...]
    received_at: str


class Letters:
    """What a mailbox holds; safe for several threads. Args: on_letter: hears of each that comes."""

    def __init__(self, on_letter: Callable[[Letter], None] = lambda _letter: None) -> None:
        self._on_letter = on_letter
        self._kept: deque[Letter] = deque(maxlen=MOST_KEPT)
        self._count = 0
        self._changed = threading.Condition()

    def add(self, recipients: list[str], content: bytes) -> None:
        """Keep a mail (RFC 5322) once for each of its recipients."""
        # The policy makes an EmailMessage of it; its type does not say so.
        message = message_from_bytes(content, policy=default)
        text = _text(message) if isinstance(message, EmailMessage) else ""
        for recipient in recipients:
            with self._changed:
                self._count += 1
                letter = Letter(
                    number=self._count,
                    to=recipient.lower(),
                    subject=str(message["subject"] or "(no subject)"),
                    text=text,
                    links=tuple(LINK.findall(text)),
                    received_at=datetime.now(UTC).isoformat(timespec="seconds"),
                )
                self._kept.append(letter)
                self._changed.notify_all()
            self._on_letter(letter)

    def all(self, to: str | None = None) -> list[Letter]:
        """The newest first. Args: to: of this address alone."""
        with self._changed:
            return [letter for letter in reversed(self._kept) if to in (None, letter.to)]

    def newest_link(self, to: str, wait_seconds: float) -> str | None:
        """The first link of the newest mail to an address that has one.

        Args: wait_seconds: for a mail that is on its way.
        Returns: None when none has come in time.
        """

        def found() -> str | None:
            return next((letter.links[0] for letter in self.all(to) if letter.links), None)

        with self._changed:
            self._changed.wait_for(lambda: found() is not None, wait_seconds)
            return found()


def _text(message: EmailMessage) -> str:
    body = message.get_body(preferencelist=("plain",))
    return str(body.get_content()) if body is not None else ""
