"""Whether a request is chat-gateway's own: judged first, noted on the request; ADR 0035.

Who asks of it: the trace, which begins before anything is refused, and the border of identity.
"""

from typing import Final

from servicekit.problems import Unauthenticated
from servicekit.tokens.bearer import bearer_token
from servicekit.tokens.gateway_proof import PROOF_HEADER, GatewayProofs, ProvenBody
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

TURN_STARTED_AT: Final = "turn-started-at"
_PROVEN: Final = "mcp_tools.gateway_proof"


class ProofJudged:
    """Stands around everything, and notes on a request whether the gateway has signed it.

    It refuses nothing: `TokenBorder` does. The trace of a request, which begins before, asks too.
    """

    def __init__(self, app: ASGIApp, proofs: GatewayProofs) -> None:
        self._app = app
        self._proofs = proofs

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Judge the signature; the body is held against it later, where it is read."""
        if scope["type"] == "http":
            scope[_PROVEN] = self._judge(Headers(scope=scope))
        await self._app(scope, receive, send)

    def _judge(self, headers: Headers) -> ProvenBody | None:
        proofs, moments = headers.getlist(PROOF_HEADER), headers.getlist(TURN_STARTED_AT)
        if not len(proofs) == len(moments) == 1:
            return None
        try:
            token = bearer_token(headers.getlist("authorization"))
        except Unauthenticated:
            return None
        return self._proofs.check(proofs[0], token=token, turn_started_at=moments[0])


def is_the_gateways(scope: Scope) -> bool:
    """Whether the gateway has signed a request, its body aside."""
    return proven_body(scope) is not None


def proven_body(scope: Scope) -> ProvenBody | None:
    """What the gateway's signature says of a request's body; None: it has not signed this."""
    proven = scope.get(_PROVEN)
    return proven if isinstance(proven, ProvenBody) else None
