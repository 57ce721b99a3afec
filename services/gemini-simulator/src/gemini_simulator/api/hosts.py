"""The names under which the simulator may be called: no page makes it its own by DNS rebinding.

A page of anywhere can give its name the address of the developer's machine, and is then of one
origin with what listens there, the admin endpoint with the last prompts first of all. Its browser
still sends the page's name as `Host`.
"""

import re
from collections.abc import Sequence
from typing import Final

from servicekit.problems import Problem, send_problem
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

# A kubelet calls a pod by its address, and learns nothing there.
_PROBES: Final = frozenset({"/healthz", "/readyz"})
_HOST: Final = re.compile(r"([A-Za-z0-9._-]+)(:[0-9]{1,5})?")


class MisdirectedRequest(Problem):
    """The host is not served here."""

    status, code, title = 421, "misdirected_request", "Misdirected request"


class KnownHosts:
    """Refuses requests under another name than those that are set."""

    def __init__(self, app: ASGIApp, hosts: Sequence[str]) -> None:
        self._app = app
        self._hosts = frozenset(host.lower() for host in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer it with a problem (421)."""
        if scope["type"] == "http" and scope["path"] not in _PROBES and not self._knows(scope):
            refusal = MisdirectedRequest("Not called by this name. Set SIMULATOR_ALLOWED_HOSTS.")
            await send_problem(refusal, scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _knows(self, scope: Scope) -> bool:
        hosts = Headers(scope=scope).getlist("host")
        named = _HOST.fullmatch(hosts[0]) if len(hosts) == 1 else None
        return named is not None and named[1].lower() in self._hosts
