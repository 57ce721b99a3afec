"""What a mailbox shows: a page for people, JSON and single links for programs.

The links let in whoever reads them, so only this machine's names are answered: a foreign page that
points a name of its own at 127.0.0.1 (DNS rebinding) gets nothing.
"""

import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from html import escape
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import Final
from urllib.parse import parse_qs, urlsplit

from devstack.mailbox.letters import LINK, Letter, Letters

NAMES: Final = ("localhost", "127.0.0.1", "[::1]")
LINK_WAIT_SECONDS: Final = 10.0
IDLE_SECONDS: Final = 30.0
HEADERS: Final = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
    ),
    "Connection": "close",
}
# The colours of services/web.
STYLE: Final = """
:root {
  color-scheme: light dark;
  --ground: light-dark(#fdfdfc, #16181a); --raised: light-dark(#ffffff, #24282b);
  --line: light-dark(#dcdcd6, #35393c); --ink: light-dark(#1e2123, #e9eaea);
  --soft: light-dark(#5b6065, #a5abb0); --accent: light-dark(#2f5d50, #8fcdb9);
  --on-accent: light-dark(#ffffff, #10231d);
}
body {
  max-width: 42rem; margin: 0 auto; padding: 2.5rem 1.25rem 4rem;
  background: var(--ground); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif;
}
h1 { margin: 0; font-size: 1.5rem }
h2 { margin: 0; font-size: 1.125rem }
a { color: var(--accent) }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px }
p, pre { margin: 0.75rem 0 0 }
article {
  margin-top: 1.25rem; padding: 1.25rem; border: 1px solid var(--line); border-radius: 10px;
  background: var(--raised); overflow-wrap: anywhere;
}
pre { white-space: pre-wrap; font: inherit }
pre a {
  display: inline-block; padding: 0.5rem 1rem; border-radius: 10px; background: var(--accent);
  color: var(--on-accent); text-decoration: none;
}
.quiet { margin-top: 0.25rem; color: var(--soft); font-size: 0.9375rem }
"""
# A mail may be on its way to who looks at an empty box.
LOOK_AGAIN: Final = '<meta http-equiv="refresh" content="2">'


def page_handler(letters: Letters, port: Callable[[], int]) -> type[BaseHTTPRequestHandler]:
    """A handler that answers `/`, `/mails.json?to=` and `/link?to=`. Args: port: listened on."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = IDLE_SECONDS

        def do_GET(self) -> None:
            hosts = self.headers.get_all("Host", [])
            if len(hosts) != 1 or hosts[0] not in {f"{name}:{port()}" for name in NAMES}:
                return self._answer(HTTPStatus.MISDIRECTED_REQUEST, "This name is not served here.")
            url = urlsplit(self.path)
            to = next(iter(parse_qs(url.query).get("to", [])), "").lower() or None
            match url.path:
                case "/":
                    return self._answer(HTTPStatus.OK, _page(letters.all(to)), "text/html")
                case "/mails.json":
                    mails = json.dumps([asdict(letter) for letter in letters.all(to)])
                    return self._answer(HTTPStatus.OK, mails, "application/json")
                case "/link" if to is not None:
                    link = letters.newest_link(to, LINK_WAIT_SECONDS)
                    if link is not None:
                        return self._answer(HTTPStatus.OK, link)
            self._answer(HTTPStatus.NOT_FOUND, "Nothing here.")

        def _answer(self, status: HTTPStatus, text: str, kind: str = "text/plain") -> None:
            body = f"{text}\n".encode()
            self.send_response(status)
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            for name, value in HEADERS.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Who reads their mail is no event."""

    return Handler


def _page(letters: list[Letter]) -> str:
    shown = "".join(map(_article, letters)) or "<p>No mail yet. It is shown here as it comes.</p>"
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Mailbox · taskchat</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"{'' if letters else LOOK_AGAIN}<style>{STYLE}</style><main><h1>Mailbox</h1>"
        '<p class="quiet">What taskchat sends by mail ends here, and goes when it stops. '
        f'<a href="">Look for new mail</a></p>{shown}</main></html>'
    )


def _article(letter: Letter) -> str:
    text, end = [], 0
    for found in LINK.finditer(letter.text):
        text += [escape(letter.text[end : found.start()]), _link(found[0])]
        end = found.end()
    text.append(escape(letter.text[end:].rstrip()))
    # Whoever reads it sits at this machine.
    received_at = datetime.fromisoformat(letter.received_at).astimezone()
    return (
        f"<article><h2>{escape(letter.subject)}</h2>"
        f'<p class="quiet">to {escape(letter.to)} at '
        f'<time datetime="{letter.received_at}">{received_at:%H:%M:%S}</time></p>'
        f"<pre>{''.join(text)}</pre></article>"
    )


def _link(address: str) -> str:
    """All of it for the browser, and for the eye what can be read of it."""
    shown, question, _ = address.removeprefix("https://").removeprefix("http://").partition("?")
    words = f"Open {shown}{'…' if question else ''}"
    return f'<a href="{escape(address)}" title="{escape(address)}">{escape(words)}</a>'
