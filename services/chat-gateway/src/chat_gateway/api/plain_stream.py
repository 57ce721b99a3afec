"""A turn as server-sent events of the plain body. Source: contract.md "The endpoint"."""

import json
from typing import Final
from uuid import UUID

from servicekit.problems import Problem, problem_response
from servicekit.telemetry.trace_context import request_trace_id
from starlette.types import Scope

from chat_gateway.turns.events import Came, Closed, Event, Retracted, Said
from chat_gateway.turns.journal import ToolResult
from chat_gateway.turns.tool_calls import tool_calls

_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


class PlainStream:
    """One stream of one turn. Args: scope: of the request, for problems."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._text_id: UUID | None = None
        self._results: dict[int, ToolResult] = {}

    def told(self, event: Event) -> bytes:
        """`text`, `retracted`, `tool_call`, and `answer` with the stored body as it is."""
        match event:
            case Said(text_id, delta):
                self._text_id = text_id
                return _written("text", {"text_id": str(text_id), "delta": delta})
            case Retracted(text_id):
                self._text_id = None
                return _written("retracted", {"text_id": str(text_id)})
            case Came(result) if self._results.get(result.ordinal) != result:
                self._results[result.ordinal] = result
                return _written("tool_call", dict(tool_calls([result])[0]))
            case Closed(body):
                return _event("answer", body)
            case _:
                return b""

    def failed(self, problem: Problem) -> bytes:
        """Text that stands is taken back, then `error` with the problem."""
        gone = b"" if self._text_id is None else self.told(Retracted(self._text_id, problem.code))
        trace_id = request_trace_id(self._scope)
        response = problem_response(problem, instance=self._scope["path"], trace_id=trace_id)
        return gone + _event("error", bytes(response.body).decode())


def _written(name: str, data: dict[str, object]) -> bytes:
    return _event(name, _ENCODER.encode(data))


def _event(name: str, data: str) -> bytes:
    """Args: data: JSON, which has no line end in it."""
    return f"event: {name}\ndata: {data}\n\n".encode()
