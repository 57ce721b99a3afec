"""The ChatKit body: which part of the service answers which type of request."""

from collections.abc import Awaitable, Callable, Sequence

from chatkit.types import ThreadStreamEvent
from starlette.responses import Response

from chat_gateway.actions.clicks import ClickRequest
from chat_gateway.actions.stops import StopRequest
from chat_gateway.api.call import REPLAYED, Call, turn_request
from chat_gateway.api.channel import Channel
from chat_gateway.api.turn_stream import HEADERS, MEDIA_TYPE, TurnStream
from chat_gateway.chatkit.actions import Click, Stop, click_events, stop_events
from chat_gateway.chatkit.requests import ChatKitRequest, RetryAfter, Say
from chat_gateway.chatkit.stream import ThreadStream, written
from chat_gateway.chatkit.threads import render
from chat_gateway.state import State
from chat_gateway.turns.chat_answer import TurnAnswer

_Run = Callable[[Channel], Awaitable[TurnAnswer | None]]


async def answer_chatkit(state: State, call: Call, asked: ChatKitRequest) -> Response:
    """Answer a request of the ChatKit protocol.

    Raises: what the service that answers raises before it has begun to.
    """
    match asked:
        case Say():
            return _stream(state, _say(state, call, asked))
        case RetryAfter():
            return _stream(state, _retry(state, call, asked))
        case Click():
            return await _click(state, call, asked)
        case Stop():
            return await _stop(state, call, asked)
        case _:
            answer = await state.threads.answer(call.identity.user_id, asked, call.deadline)
            return Response(render(answer), media_type="application/json")


def _stream(state: State, run: _Run) -> TurnStream:
    return TurnStream(run, ThreadStream(), state.metrics.streams)


def _say(state: State, call: Call, asked: Say) -> _Run:
    def run(reader: Channel) -> Awaitable[TurnAnswer]:
        request = turn_request(
            call, asked.conversation_id, asked.message, reader.tell, has_items=True
        )
        return state.turns.answer(request)

    return run


def _retry(state: State, call: Call, asked: RetryAfter) -> _Run:
    def run(reader: Channel) -> Awaitable[TurnAnswer | None]:
        request = turn_request(call, asked.conversation_id, "", reader.tell, has_items=True)
        return state.turns.answer_after(request, asked.item_id, reader.has_left)

    return run


async def _click(state: State, call: Call, asked: Click) -> Response:
    """Do it before a byte is sent: what ends it is a problem, not an event."""
    answer = await state.clicks.answer(
        ClickRequest(
            identity=call.identity,
            conversation_id=asked.conversation_id,
            action=asked.action,
            tool=asked.tool,
            arguments=asked.arguments,
            idempotency_key=call.idempotency_key,
            started_at=call.started_at,
            deadline=call.deadline,
            arrived_at=call.arrived_at,
        )
    )
    return _events(click_events(answer.body), replayed=answer.replayed)


async def _stop(state: State, call: Call, asked: Stop) -> Response:
    stopped = await state.stops.stop(
        StopRequest(call.identity, asked.conversation_id, asked.turn_id, call.deadline)
    )
    return _events(stop_events(asked.turn_id, stopped=stopped), replayed=False)


def _events(events: Sequence[ThreadStreamEvent], *, replayed: bool) -> Response:
    """A stream that is over before it begins."""
    headers = HEADERS | REPLAYED if replayed else HEADERS
    return Response(b"".join(map(written, events)), media_type=MEDIA_TYPE, headers=headers)
