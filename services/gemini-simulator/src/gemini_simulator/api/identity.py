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
    """Take a configured key as bearer and nothing else.

    Gemini takes every key that was not deleted, so that one can replace another without an outage.
    Raises: InvalidArgument (400) without a usable header, InvalidApiKey (400) with another key.
    """
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not key.strip():
        raise InvalidArgument("Missing or invalid Authorization header.")
    sent, known = key.strip().encode(), simulator_of(request).settings.api_keys
    if not any(hmac.compare_digest(sent, one.encode()) for one in known):
        raise InvalidApiKey()
