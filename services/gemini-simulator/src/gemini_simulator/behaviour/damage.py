"""What a fault makes of an answer."""

import json
import math
from dataclasses import replace

from starlette.responses import Response

from gemini_simulator.behaviour.faults import (
    Fault,
    FinishReasonFault,
    GarbageFault,
    MalformedArgumentsFault,
    OneDeltaFault,
    ScriptedResponse,
    ScriptFault,
    StatusFault,
    Strike,
    UnknownToolFault,
    WrongIdFault,
)
from gemini_simulator.behaviour.stream_faults import StreamManner
from gemini_simulator.protocol.answers import Answer, Call
from gemini_simulator.protocol.errors import (
    DEFAULT_MESSAGES,
    QUOTA_METRIC,
    Detail,
    GeminiError,
    error_response,
    quota_failure,
    retry_info,
)

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


def damaged_response(fault: Fault, model: str) -> Response | None:
    """The response of a fault that needs no answer; None when the fault changes the answer."""
    if isinstance(fault, StatusFault):
        return _status_response(fault, model)
    if isinstance(fault, GarbageFault):
        body = GARBAGE[fault.variant] if fault.body is None else fault.body
        media_type = "text/html" if fault.variant == "html" else "application/json"
        return Response(body, media_type=media_type)
    return None


def _status_response(fault: StatusFault, model: str) -> Response:
    wait = fault.retry_after_seconds
    if fault.status == 429 and fault.body is None and wait is None:
        wait = 1
    header = None if wait is None or not fault.retry_after_header else math.ceil(wait)
    if fault.body is not None:
        headers = None if header is None else {"retry-after": str(header)}
        return Response(fault.body, fault.status, headers, media_type="application/json")
    message, details = fault.message, list[Detail]()
    if fault.quota_value is not None:
        details.append(quota_failure(model, fault.quota_value))
        message = message or (
            f"{DEFAULT_MESSAGES[429]} \n* Quota exceeded for metric: {QUOTA_METRIC}, limit: "
            f"{fault.quota_value}, model: {model}"
        )
    if fault.status == 429 and wait is not None:
        details.append(retry_info(wait))
    error = GeminiError(fault.status, message, details=details, retry_after_seconds=header)
    return error_response(error)


def damage(answer: Answer, strike: Strike) -> Answer:
    """The answer after the fault; the same one for faults that strike the connection."""
    fault = strike.fault
    if isinstance(fault, ScriptFault):
        return _scripted(fault.response(strike.ordinal))
    if isinstance(fault, MalformedArgumentsFault):
        first = answer.calls[0]
        broken = first.arguments[:-1] + ',"' if fault.arguments is None else fault.arguments
        return _with_first(answer, replace(first, arguments=broken))
    if isinstance(fault, UnknownToolFault):
        return _with_first(answer, replace(answer.calls[0], name=fault.name))
    if isinstance(fault, FinishReasonFault):
        return Answer(text=fault.text, stopped=fault.reason)
    if isinstance(fault, WrongIdFault):
        calls = (_with_id(call, fault.task_id) for call in answer.calls)
        return replace(answer, calls=tuple(calls))
    return answer


def manner_of(strike: Strike | None) -> StreamManner | None:
    """How the answer is streamed; None for as Gemini does today."""
    match strike.fault if strike else None:
        case StreamManner() as manner:
            return manner
        case ScriptFault() as script if strike:
            return script.response(strike.ordinal).stream
        case OneDeltaFault():
            return StreamManner(shapes=frozenset({"one_piece"}))
        case _:
            return None


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
