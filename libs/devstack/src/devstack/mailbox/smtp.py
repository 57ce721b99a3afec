"""As much of SMTP as a mailer says to a server on its own machine (RFC 5321 section 4.5.1).

By hand, because it is these fifty lines or a dependency (aiosmtpd's last release is of May 2024).
"""

import re
from collections.abc import Callable
from socketserver import StreamRequestHandler
from typing import Final

LARGEST_MAIL: Final = 1024 * 1024
LONGEST_LINE: Final = 4096
IDLE_SECONDS: Final = 300.0
ADDRESS: Final = re.compile(rb"<([^<>\s]*)>")

Take = Callable[[list[str], bytes], None]


def smtp_handler(take: Take) -> type[StreamRequestHandler]:
    """A handler that gives each mail, with its recipients, to `take`."""

    class Handler(StreamRequestHandler):
        timeout = IDLE_SECONDS

        def handle(self) -> None:
            recipients: list[str] = []
            self._answer("220 mailbox")
            while line := self.rfile.readline(LONGEST_LINE):
                match line[:4].upper().strip():
                    case b"EHLO":
                        self._answer(f"250-mailbox\r\n250-8BITMIME\r\n250 SIZE {LARGEST_MAIL}")
                    case b"HELO" | b"NOOP":
                        self._answer("250 yes")
                    case b"MAIL" | b"RSET":
                        recipients = []
                        self._answer("250 yes")
                    case b"RCPT":
                        found = ADDRESS.search(line)
                        if found is None or not found[1]:
                            self._answer("501 no address")
                            continue
                        recipients.append(found[1].decode("utf-8", "replace"))
                        self._answer("250 yes")
                    case b"DATA" if recipients:
                        self._answer("354 go on, end with a dot")
                        content = self._content()
                        if content is None:
                            return self._answer("552 too large")
                        take(recipients, content)
                        recipients = []
                        self._answer("250 taken")
                    case b"DATA":
                        self._answer("503 for whom?")
                    case b"QUIT":
                        return self._answer("221 bye")
                    case _:
                        self._answer("502 not here")

        def _content(self) -> bytes | None:
            """The mail up to its dot, without the dots that protect lines; None if too large."""
            lines: list[bytes] = []
            size = 0
            while (line := self.rfile.readline(LONGEST_LINE)) not in (b".\r\n", b""):
                lines.append(line.removeprefix(b"."))
                size += len(line)
                if size > LARGEST_MAIL:
                    return None
            return b"".join(lines)

        def _answer(self, text: str) -> None:
            self.wfile.write(f"{text}\r\n".encode())

    return Handler
