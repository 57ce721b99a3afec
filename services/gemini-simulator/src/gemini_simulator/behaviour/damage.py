"""What a fault makes of an answer."""

import json
from dataclasses import replace

from starlette.responses import Response

from gemini_simulator.behaviour.faults import (
    Fault,
    GarbageFault,
    MalformedArgumentsFault,
    ScriptedResponse,
    ScriptFault,
    StatusFault,
    Strike,
    UnknownToolFault,
    WrongIdFault,
)
from gemini_simulator.protocol.answers import Answer, Call
from gemini_simulator.protocol.errors import GeminiError, error_response, retry_info

TASK_ID = "task_id"
GARBAGE = {
    "not_json": "Internal: stream reset {{",
    "html": "<html><body><h1>502 Bad Gateway</h1></body></html>",
    "empty_object": "{}",
    "no_choices": '{"id": "x", "object": "chat.completion", "created": 0, "model": "x", '
    '"choices": []}',
    "empty_message": '{"id": "x", "object": "chat.completion", "created": 0, "model": "x", '
    '"choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant"}}]}',
}


def damaged_response(fault: Fault) -> Response | None:
    """The response of a fault that needs no answer; None when the fault changes the answer."""
    if isinstance(fault, StatusFault):
        return _status_response(fault)
    if isinstance(fault, GarbageFault):
        body = GARBAGE[fault.variant] if fault.body is None else fault.body
        media_type = "text/html" if fault.variant == "html" else "application/json"
        return Response(body, media_type=media_type)
    return None


def _status_response(fault: StatusFault) -> Response:
    wait = fault.retry_after_seconds
    if fault.body is not None:
        headers = None if wait is None else {"retry-after": str(wait)}
        return Response(fault.body, fault.status, headers, media_type="application/json")
    if fault.status == 429 and wait is None:
        wait = 1
    details = (retry_info(wait),) if fault.status == 429 and wait is not None else ()
    error = GeminiError(fault.status, fault.message, details=details, retry_after_seconds=wait)
    return error_response(error)


def damage(answer: Answer, strike: Strike) -> Answer:
    """The answer after the fault; the same one for faults that strike the connection."""
    fault = strike.fault
    if isinstance(fault, ScriptFault):
        return _scripted(fault.responses[strike.ordinal % len(fault.responses)])
    if isinstance(fault, MalformedArgumentsFault):
        first = answer.calls[0]
        broken = first.arguments[:-1] + ',"' if fault.arguments is None else fault.arguments
        return _with_first(answer, replace(first, arguments=broken))
    if isinstance(fault, UnknownToolFault):
        return _with_first(answer, replace(answer.calls[0], name=fault.name))
    if isinstance(fault, WrongIdFault):
        calls = (_with_id(call, fault.task_id) for call in answer.calls)
        return replace(answer, calls=tuple(calls))
    return answer


def has_task_ids(answer: Answer) -> bool:
    """Whether some call of the answer names a task by its id."""
    return any(TASK_ID in json.loads(call.arguments) for call in answer.calls)


def _with_first(answer: Answer, call: Call) -> Answer:
    return replace(answer, calls=(call, *answer.calls[1:]))


def _with_id(call: Call, task_id: str) -> Call:
    arguments = json.loads(call.arguments)
    if TASK_ID in arguments:
        arguments[TASK_ID] = task_id
    return replace(call, arguments=json.dumps(arguments, ensure_ascii=False))


def _scripted(response: ScriptedResponse) -> Answer:
    calls = tuple(
        Call(
            call.name,
            call.arguments
            if isinstance(call.arguments, str)
            else json.dumps(call.arguments, ensure_ascii=False),
        )
        for call in response.tool_calls
    )
    return Answer(text=response.text, calls=calls)
