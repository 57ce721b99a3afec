"""Path spelling: a slash is a slash, so that an edge and we never read two different paths."""

from servicekit.problems import send_problem
from starlette.types import ASGIApp, Receive, Scope, Send

from chat_gateway.errors import NotFound


class PathSpellingMiddleware:
    """Knows no path with an encoded slash, e.g. `/api/<user>%2Fchat`.

    The server decodes paths before the router sees them, so it would be the endpoint's; RFC 3986
    section 2.2 says that it is another one. Any other encoded character stays in its segment.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse or pass on."""
        if scope["type"] == "http" and b"%2f" in scope["raw_path"].lower():
            await send_problem(NotFound("No such path."), scope, receive, send)
            return
        await self._app(scope, receive, send)
