"""Probes: `/healthz` says that the process serves, `/readyz` that it may be sent requests."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from servicekit.problems import NotReady, problem_response

_NO_STORE = {"Cache-Control": "no-store"}


class Readiness:
    """What a service needs before it may start to serve, and whether it is draining.

    It remembers start-up and shutdown only; no request changes it, and a probe asks nobody
    (contract.md "Operations": a query per probe would keep a serverless database awake).
    """

    def __init__(self) -> None:
        self._missing: dict[str, None] = {}
        self._draining = False

    def require(self, name: str) -> None:
        """Name something without which the service is not ready, e.g. `the signing keys`."""
        self._missing[name] = None

    def met(self, name: str) -> None:
        """Say that a named requirement is there; it stays met (repeating is harmless)."""
        self._missing.pop(name, None)

    def drain(self) -> None:
        """Say that the process is about to stop: not ready from now on, for good."""
        self._draining = True

    @property
    def missing(self) -> list[str]:
        """The requirements not yet met, in the order they were named."""
        return list(self._missing)

    @property
    def draining(self) -> bool:
        """Whether shutdown has begun."""
        return self._draining

    @property
    def ready(self) -> bool:
        """Whether requests may be sent here."""
        return not self._missing and not self._draining


def probe_routes(readiness: Readiness) -> list[Route]:
    """Make the two probes' routes, for any Starlette or FastAPI app.

    Returns: `/healthz` (200 `{"status":"ok"}`) and `/readyz` (200 `{"status":"ready"}`, or 503
        `not_ready` with the reason in `detail`).
    Source: contract.md "Operations".
    """

    async def healthz(_: Request) -> Response:
        return JSONResponse({"status": "ok"}, headers=_NO_STORE)

    async def readyz(request: Request) -> Response:
        if readiness.ready:
            return JSONResponse({"status": "ready"}, headers=_NO_STORE)
        reason = "draining" if readiness.draining else f"waiting for {', '.join(readiness.missing)}"
        return problem_response(NotReady(reason, headers=_NO_STORE), instance=request.url.path)

    return [Route("/healthz", healthz), Route("/readyz", readyz)]
