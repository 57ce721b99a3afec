"""auth's doors into a service: erase a person, export a person.

No door for people: the edge and the page's server route nothing under `/internal`, and a token that
people get opens none of these. auth makes one for a single errand, about a single person, for a
minute. Source: ADR 0037; contract.md "Export and erasure".
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Self
from uuid import UUID

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from servicekit.database.transactions import Database
from servicekit.people.erasing import LONGEST_TRANSACTION_SECONDS, Eraser
from servicekit.people.exporting import ExportAnswer, Exporter
from servicekit.people.personal_data import PersonalData
from servicekit.problems import WrongUser
from servicekit.tokens.bearer import bearer_token
from servicekit.tokens.jwks import JwksCache
from servicekit.tokens.verifier import TokenVerifier

INTERNAL: Final = "/internal/"
ERASURE_AUDIENCE: Final = "taskchat-erasure"
EXPORT_AUDIENCE: Final = "taskchat-export"
ERRAND_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True)
class PersonDoors:
    """What is behind the doors, and who holds a key to which."""

    eraser: Eraser
    exporter: Exporter
    erasure_tokens: TokenVerifier
    export_tokens: TokenVerifier

    @classmethod
    def of(
        cls,
        database: Database,
        data: PersonalData,
        jwks: JwksCache,
        issuer: str,
        *,
        longest_turn_seconds: float,
    ) -> Self:
        """Make them. Args: longest_turn_seconds: that a turn may run here after its last check."""
        return cls(
            eraser=Eraser(database, data, LONGEST_TRANSACTION_SECONDS + longest_turn_seconds),
            exporter=Exporter(database, data),
            erasure_tokens=_errand(jwks, issuer, ERASURE_AUDIENCE),
            export_tokens=_errand(jwks, issuer, EXPORT_AUDIENCE),
        )


def person_routes(doors_of: Callable[[Request], PersonDoors]) -> list[Route]:
    """Make the two routes, for any Starlette or FastAPI app.

    Args: doors_of: what is behind them, while the app's lifespan runs.
    Returns: `POST /internal/people/{user_id}/erase` (200 `{"state", "deleted"}`, no body is read)
        and `GET /internal/people/{user_id}/export` (200, one JSON object). 401, 403, 429,
        503 as problems.
    """

    async def erase(request: Request) -> Response:
        doors = doors_of(request)
        erased = await doors.eraser.erase(await _person(request, doors.erasure_tokens))
        return JSONResponse({"state": erased.state, "deleted": erased.deleted})

    async def export(request: Request) -> ExportAnswer:
        doors = doors_of(request)
        return doors.exporter.export(await _person(request, doors.export_tokens))

    return [
        Route(f"{INTERNAL}people/{{user_id}}/erase", erase, methods=["POST"]),
        Route(f"{INTERNAL}people/{{user_id}}/export", export, methods=["GET"]),
    ]


def _errand(jwks: JwksCache, issuer: str, audience: str) -> TokenVerifier:
    return TokenVerifier(jwks, issuer, audience, max_lifetime_seconds=ERRAND_SECONDS)


async def _person(request: Request, tokens: TokenVerifier) -> UUID:
    """Whom the errand is about. Raises: Unauthenticated (401); WrongUser (403)."""
    identity = await tokens.verify(bearer_token(request.headers.getlist("authorization")))
    if request.path_params["user_id"] != str(identity.user_id):
        raise WrongUser("The path names another person than the token does.")
    return identity.user_id
