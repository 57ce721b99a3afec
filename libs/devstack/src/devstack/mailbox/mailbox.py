"""A mailbox of this machine: takes mail by SMTP, shows it by HTTP, both on loopback only."""

import threading
from collections.abc import Callable, Mapping
from http.server import ThreadingHTTPServer
from socketserver import ThreadingTCPServer
from typing import Final

from devstack.mailbox.letters import Letter, Letters
from devstack.mailbox.page import page_handler
from devstack.mailbox.smtp import smtp_handler

LOOPBACK: Final = "127.0.0.1"
# How long its end may take.
POLL_SECONDS: Final = 0.1
SENDER: Final = "taskchat <no-reply@taskchat.example>"


class Smtp(ThreadingTCPServer):
    """A thread for each connection, none of which keeps the process alive."""

    allow_reuse_address = True
    daemon_threads = True


class Mailbox:
    """Listens until it is closed.

    Args: port: of its page; 0 for any.
        on_letter: hears of each mail that comes, in a thread of the mailbox.
    """

    def __init__(
        self, port: int = 0, on_letter: Callable[[Letter], None] = lambda _letter: None
    ) -> None:
        self.letters = Letters(on_letter)
        handler = page_handler(self.letters, lambda: self._page.server_port)
        self._page = ThreadingHTTPServer((LOOPBACK, port), handler)
        self._smtp = Smtp((LOOPBACK, 0), smtp_handler(self.letters.add))
        self._servers = (self._page, self._smtp)
        self._threads = [
            threading.Thread(
                target=server.serve_forever, args=(POLL_SECONDS,), name="mailbox", daemon=True
            )
            for server in self._servers
        ]
        for thread in self._threads:
            thread.start()

    @property
    def url(self) -> str:
        """Where a person reads the mails."""
        return f"http://localhost:{self._page.server_port}"

    @property
    def settings(self) -> Mapping[str, str]:
        """What the auth service is told, so that its mails come here."""
        return {
            "SMTP_URL": f"smtp://{LOOPBACK}:{self._smtp.server_address[1]}",
            "MAIL_FROM": SENDER,
            "MAILBOX_URL": self.url,
        }

    def close(self) -> None:
        """Stop listening; the mails are gone."""
        for server in self._servers:
            server.shutdown()
            server.server_close()
        for thread in self._threads:
            thread.join()


def settings_of(mailbox: Mailbox | None) -> Mapping[str, str]:
    """What auth is told of a mailbox; nothing where there is none."""
    return {} if mailbox is None else mailbox.settings


def url_of(mailbox: Mailbox | None) -> str | None:
    """Where a person reads the mails, where there are some."""
    return None if mailbox is None else mailbox.url


def told_by(say: Callable[[str], None]) -> Callable[[Letter], None]:
    """Tells of a mail on a terminal: whom it is for, what it is about, and its link to click."""

    def tell(letter: Letter) -> None:
        say(f"mail to {letter.to}: {letter.subject}")
        for link in letter.links[:1]:
            say(f"  open {link}")

    return tell
