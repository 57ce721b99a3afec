"""The ASGI app of the simulator."""

from fastapi import FastAPI
from servicekit.probes import Readiness, probe_routes
from servicekit.problems import install_problem_handlers
from servicekit.telemetry.asgi import NO_NATIVE_TELEMETRY, TelemetryMiddleware
from starlette.requests import Request
from starlette.responses import Response

from gemini_simulator.api import completions, faults, models
from gemini_simulator.api.hosts import KnownHosts
from gemini_simulator.protocol.errors import GeminiError, error_response
from gemini_simulator.settings import SimulatorSettings
from gemini_simulator.state import Simulator

GEMINI_PREFIX = "/v1beta/openai"


def create_app(settings: SimulatorSettings, readiness: Readiness) -> FastAPI:
    """Make the app: Gemini's endpoints, the admin endpoint and the probes."""
    app = FastAPI(
        title="Gemini simulator",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        telemetry=NO_NATIVE_TELEMETRY,  # it would make spans of probes too
    )
    app.add_middleware(KnownHosts, hosts=settings.simulator_allowed_hosts)
    # It is one of ours, and sees no stranger: the caller's trace goes on.
    app.add_middleware(TelemetryMiddleware, continues=lambda _: True)
    app.state.simulator = Simulator.build(settings)
    install_problem_handlers(app)
    app.add_exception_handler(GeminiError, _render_gemini_error)
    app.include_router(completions.router, prefix=GEMINI_PREFIX)
    app.include_router(models.router, prefix=GEMINI_PREFIX)
    app.include_router(faults.router)
    app.router.routes.extend(probe_routes(readiness))
    return app


async def _render_gemini_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, GeminiError)
    return error_response(error)
