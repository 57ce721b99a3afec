"""The application: routes, the layers around them, and what lives as long as it does."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, Final

from fastapi import FastAPI
from servicekit.people.doors import PersonDoors, person_routes
from servicekit.probes import Readiness, probe_routes
from servicekit.problems import DatabaseUnavailable, install_problem_handlers
from servicekit.telemetry.asgi import NO_NATIVE_TELEMETRY, TelemetryMiddleware
from starlette.requests import Request
from starlette.types import ASGIApp

from chat_gateway.api.chat import add_chat_route
from chat_gateway.api.description import COMPONENTS
from chat_gateway.api.middleware.body_limit import BodyLimitMiddleware
from chat_gateway.api.middleware.in_flight import InFlight, InFlightMiddleware
from chat_gateway.api.middleware.origin import OriginMiddleware
from chat_gateway.api.middleware.path_spelling import PathSpellingMiddleware
from chat_gateway.api.middleware.request_count import RequestCountMiddleware
from chat_gateway.api.middleware.turned_away import TurnedAwayMiddleware
from chat_gateway.errors import RateLimited
from chat_gateway.settings import GatewaySettings
from chat_gateway.state import (
    Observation,
    OpenAgent,
    State,
    open_state,
    open_task_agent,
    state_of,
)
from chat_gateway.turns.closing import FAILURE_SECONDS

DATABASE: Final = "the database"
SIGNING_KEYS: Final = "the signing keys"
READINESS_POLL_SECONDS: Final = 1.0

_logger = logging.getLogger(__name__)


class ChatGateway(FastAPI):
    """One endpoint for people, two doors for auth, two probes. `/openapi.json` is not served."""

    def __init__(
        self, settings: GatewaySettings, observation: Observation, open_agent: OpenAgent
    ) -> None:
        super().__init__(
            title="taskchat",
            description="Manage your tasks by chat.",
            openapi_url=None,
            redirect_slashes=False,
            telemetry=NO_NATIVE_TELEMETRY,  # the middleware below makes the server span
            lifespan=self._lifespan,
        )
        self.settings = settings
        self.readiness = Readiness()
        self._in_flight = InFlight()
        self._observation = observation
        self._open_agent = open_agent
        install_problem_handlers(self)
        self.add_middleware(BodyLimitMiddleware)
        add_chat_route(self)
        self.router.routes.extend(probe_routes(self.readiness))
        self.router.routes.extend(person_routes(_person_doors))

    def build_middleware_stack(self) -> ASGIApp:
        """Put ours around the layer that renders bugs: a 500 needs CORS headers and a trace too."""
        app: ASGIApp = super().build_middleware_stack()
        app = PathSpellingMiddleware(app)
        metrics = self._observation.metrics
        requests = metrics.requests
        app = InFlightMiddleware(app, self._in_flight)
        turned_away = partial(metrics.turn_finished, RateLimited.code, 0.0)
        app = TurnedAwayMiddleware(app, turned_away)
        app = OriginMiddleware(app, self.settings.allowed_origins, requests.origin_refused)
        app = RequestCountMiddleware(app, requests.received)
        edge_begins = self.settings.edge_begins_traces
        return TelemetryMiddleware(app, continues=lambda _: edge_begins)

    def openapi(self) -> dict[str, Any]:
        """Describe the endpoint. Bodies are read by hand, so FastAPI knows no schema of them."""
        return {**super().openapi(), "components": COMPONENTS}

    @asynccontextmanager
    async def _lifespan(self, _: FastAPI) -> AsyncIterator[None]:
        self.readiness.require(DATABASE)
        self.readiness.require(SIGNING_KEYS)
        async with open_state(self.settings, self._observation, self._open_agent) as state:
            self.state.gateway = state
            async with asyncio.TaskGroup() as tasks:
                reaching = [
                    tasks.create_task(self._reach_database(state), name="reach the database"),
                    tasks.create_task(self._reach_keys(state), name="reach the signing keys"),
                ]
                yield
                for task in reaching:
                    task.cancel()
                await self._turns_given_back()

    async def _turns_given_back(self) -> None:
        """Let turns that the server has cut off say so while there is still a database."""
        try:
            async with asyncio.timeout(FAILURE_SECONDS):
                await self._in_flight.ended()
        except TimeoutError:
            _logger.warning("turns were left running; their leases will run out")

    async def _reach_database(self, state: State) -> None:
        """Ask until the database has answered once; afterwards each request finds out itself."""
        while True:
            try:
                await state.database.check()
                break
            except DatabaseUnavailable:
                await asyncio.sleep(READINESS_POLL_SECONDS)
        self.readiness.met(DATABASE)

    async def _reach_keys(self, state: State) -> None:
        """Ask until the keys were loaded once; afterwards their cache refreshes itself."""
        await state.jwks.load()
        while not state.jwks.loaded:
            await asyncio.sleep(READINESS_POLL_SECONDS)
            await state.jwks.load()
        self.readiness.met(SIGNING_KEYS)


def _person_doors(request: Request) -> PersonDoors:
    return state_of(request.app).people


def create_app(
    settings: GatewaySettings,
    observation: Observation | None = None,
    *,
    open_agent: OpenAgent = open_task_agent,
) -> ChatGateway:
    """Make the application; nothing is opened before its lifespan begins.

    Args: observation: how the process is watched; default: not at all.
        open_agent: makes what answers messages, once, in the lifespan.
    """
    return ChatGateway(settings, observation or Observation.none(), open_agent)
