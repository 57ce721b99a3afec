"""Who calls: the token's subject, checked before anything is parsed; then `user_id` against it.

And through whom: chat-gateway proves that a request is its own (ADR 0035). What a request says of a
turn counts with that proof alone; a person's token by itself is a client of the five tools.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from fastmcp.server.auth import AccessToken
from fastmcp.server.auth import TokenVerifier as FastMcpTokenVerifier
from fastmcp.server.dependencies import get_http_request
from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser
from servicekit.problems import AuthUnavailable, Unauthenticated, send_problem
from servicekit.telemetry.audit import claimed_id, security_event
from servicekit.tokens.bearer import bearer_token
from servicekit.tokens.claims import Identity
from servicekit.tokens.gateway_proof import PROOF_HEADER, ProvenBody
from servicekit.tokens.verifier import TokenVerifier
from starlette.authentication import AuthCredentials
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mcp_tools.errors import Forbidden
from mcp_tools.proof import TURN_STARTED_AT, proven_body

MCP_PATH: Final = "/mcp"

# Ten digits reach the year 2286; a moment is compared in whole seconds and microseconds.
_UNIX_SECONDS: Final = re.compile(r"[0-9]{1,10}(\.[0-9]{1,6})?")
_PROOF_REFUSED: Final = (
    "The gateway's proof is not valid. GATEWAY_PROOF_PUBLIC_KEYS must hold the public key of "
    "chat-gateway's GATEWAY_PROOF_KEY."
)


class Subject(AuthenticatedUser):
    """A verified caller in the form in which FastMCP expects one.

    proven: what the gateway's proof says of the body; None: the request is not the gateway's.
    """

    def __init__(self, identity: Identity, proven: ProvenBody | None) -> None:
        super().__init__(_access_token(identity))
        self.verified = identity
        self.proven = proven


class SubjectVerifier(FastMcpTokenVerifier):
    """Lets FastMCP accept exactly the tokens that our own verifier accepts.

    FastMCP's middleware would answer in its own form and without our reasons, so it is replaced
    by `TokenBorder`. Its second check stays behind it: without a `Subject` it refuses.
    """

    def __init__(self, tokens: TokenVerifier) -> None:
        super().__init__()
        self._tokens = tokens

    async def verify_token(self, token: str) -> AccessToken | None:
        """Check a token by itself, as FastMCP asks for it. None: refused."""
        try:
            return _access_token(await self._tokens.verify(token))
        except Unauthenticated:
            return None

    def get_middleware(self) -> list[Middleware]:
        """The one middleware that decides."""
        return [Middleware(TokenBorder, tokens=self._tokens)]


class TokenBorder:
    """Refuses requests for tools without a good token: 401, or 503 when none can be judged."""

    def __init__(self, app: ASGIApp, tokens: TokenVerifier) -> None:
        self._app = app
        self._tokens = tokens

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with a problem, or pass on with the subject in the scope."""
        if scope["type"] == "http" and scope["path"].rstrip("/") == MCP_PATH:
            try:
                subject = await self._identify(Headers(scope=scope), proven_body(scope))
            except (Unauthenticated, AuthUnavailable) as problem:
                await send_problem(problem, scope, receive, send)
                return
            scope["user"], scope["auth"] = subject, AuthCredentials()
        await self._app(scope, receive, send)

    async def _identify(self, headers: Headers, proven: ProvenBody | None) -> Subject:
        token = bearer_token(headers.getlist("authorization"))
        moments = headers.getlist(TURN_STARTED_AT)
        if PROOF_HEADER in headers and proven is None:
            raise Unauthenticated(_PROOF_REFUSED)
        if moments and proven is None:
            raise Unauthenticated(f"`{TURN_STARTED_AT}` is believed from the gateway alone.")
        identity = await self._tokens.verify(token, good_at=_turn_started_at(moments))
        return Subject(identity, proven)


class ProvenBodyOnly:
    """Refuses a body that is not the one that the gateway signed. Stands where bodies are whole."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with a problem, or pass the body on; who brought no proof is let through."""
        user = scope.get("user")
        if not isinstance(user, Subject) or user.proven is None:
            await self._app(scope, receive, send)
            return
        first = await receive()
        if first.get("more_body", False) or not user.proven.is_of(first.get("body", b"")):
            await send_problem(Unauthenticated(_PROOF_REFUSED), scope, receive, send)
            return
        read: list[Message] = [first]

        async def replay() -> Message:
            return read.pop() if read else await receive()

        await self._app(scope, replay, send)


def current_subject() -> Subject:
    """Who makes the call that is being answered, and whether through the gateway.

    Raises: Unauthenticated: nobody was verified, which `TokenBorder` does not let happen.
    """
    user = get_http_request().scope.get("user")
    if not isinstance(user, Subject):
        raise Unauthenticated("No token was verified.")
    return user


def refuse_other_user(identity: Identity, arguments: Mapping[str, object]) -> None:
    """Refuse a call in the name of someone else than the token's subject. Audited.

    Source: law 5. Whether `user_id` is there at all is the tool's own rule.
    Raises: Forbidden: `user_id` is a text, but not the subject.
    """
    claimed = arguments.get("user_id")
    if isinstance(claimed, str) and not _is(identity.user_id, claimed):
        security_event(
            "forbidden",
            outcome="refused",
            user_id=identity.user_id,
            claimed_user_id=claimed_id(claimed),
        )
        raise Forbidden


def _is(user_id: UUID, claimed: str) -> bool:
    try:
        return UUID(claimed.strip()) == user_id
    except ValueError:
        return False


def _access_token(identity: Identity) -> AccessToken:
    # Without expires_at: FastMCP would compare it again, knowing nothing of leeway and grace.
    subject = str(identity.user_id)
    return AccessToken(token=identity.token, client_id=subject, subject=subject, scopes=[])


def _turn_started_at(headers: list[str]) -> datetime | None:
    if not headers:
        return None
    if len(headers) > 1 or _UNIX_SECONDS.fullmatch(headers[0]) is None:
        raise Unauthenticated(f"`{TURN_STARTED_AT}` must be one number: Unix seconds, decimal.")
    return datetime.fromtimestamp(float(headers[0]), UTC)
