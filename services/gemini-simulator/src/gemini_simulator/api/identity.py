"""The API key check."""

import hmac

from starlette.requests import Request

from gemini_simulator.protocol.errors import InvalidApiKey, InvalidArgument
from gemini_simulator.state import Simulator


def simulator_of(request: Request) -> Simulator:
    """The parts of this process, put on the app by `create_app`."""
    simulator = request.app.state.simulator
    assert isinstance(simulator, Simulator)
    return simulator


def check_key(request: Request) -> None:
    """Take the configured key as bearer and nothing else.

    Raises: InvalidArgument (400) without a usable header, InvalidApiKey (400) with another key.
    """
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not key.strip():
        raise InvalidArgument("Missing or invalid Authorization header.")
    expected = simulator_of(request).settings.simulator_api_key.get_secret_value()
    if not hmac.compare_digest(key.strip().encode(), expected.encode()):
        raise InvalidApiKey()
