"""Path spelling: one path has one spelling, so that an edge and we never read two different ones."""

from servicekit.problems import send_problem
from starlette.types import ASGIApp, Receive, Scope, Send

from chat_gateway.errors import NotFound


class PathSpellingMiddleware:
    """Knows no path with percent signs, e.g. `/api/<user>%2Fchat`: no path of ours needs one."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse or pass on."""
        if scope["type"] == "http" and b"%" in scope["raw_path"]:
            await send_problem(NotFound("No such path."), scope, receive, send)
            return
        await self._app(scope, receive, send)
