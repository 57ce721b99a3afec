"""The one endpoint (law 1). The order of the checks is the contract's, and can be read here."""

import asyncio
from collections.abc import Awaitable
from typing import Annotated, Final

from fastapi import FastAPI, Path, Request
from servicekit import clock
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from chat_gateway.api.bodies import ChatBody, parse_body
from chat_gateway.api.call import REPLAYED, Call, turn_request
from chat_gateway.api.channel import Channel
from chat_gateway.api.chatkit import answer_chatkit
from chat_gateway.api.description import CHAT_OPERATION, RESPONSES
from chat_gateway.api.identity import check_path_user, refusals_counted, verify_speaker
from chat_gateway.api.middleware.in_flight import held_by
from chat_gateway.api.plain_stream import PlainStream
from chat_gateway.api.request_headers import (
    check_media_type,
    idempotency_key,
    time_zone,
    wants_events,
)
from chat_gateway.api.turn_stream import TurnStream
from chat_gateway.chatkit.actions import Click
from chat_gateway.chatkit.requests import RetryAfter, Say
from chat_gateway.errors import MalformedJson, RequestTimeout
from chat_gateway.state import State, state_of
from chat_gateway.turns.chat_answer import TurnAnswer
from chat_gateway.turns.deadline import Deadline
from chat_gateway.turns.observation import received

BODY_SECONDS: Final = 5.0
"""In which a body has come: it has 128 KiB at most, and nobody waits for it in a turn's place."""
TURNS: Final = (ChatBody, Say, RetryAfter, Click)
"""What takes a turn's place; the rest reads, renames or stops."""


def add_chat_route(app: FastAPI) -> None:
    """Serve the endpoint."""
    app.add_api_route(
        "/api/{user_id}/chat",
        chat,
        methods=["POST"],
        summary="Say something, get an answer",
        description="The agent may call tools to answer; every call it made is in `tool_calls`.",
        response_class=Response,
        responses=RESPONSES,
        openapi_extra=CHAT_OPERATION,
    )


async def chat(
    request: Request,
    user_id: Annotated[
        str,
        Path(
            description="The token's subject, in canonical form.",
            json_schema_extra={"format": "uuid"},
        ),
    ],
) -> Response:
    """Answer a person's message, with every tool call that was made for it.

    Raises: every class of errors.py but NotFound, MethodNotAllowed, NotReady and OriginNotAllowed,
        which are raised on the way here.
    """
    state, held = state_of(request.app), held_by(request.scope)
    with received(state.metrics) as arrived_at:
        deadline = Deadline.after(state.settings.turn_deadline_seconds)
        with refusals_counted(state.metrics.requests.token_refused):
            identity = await verify_speaker(request.headers, state.verifier)
            started_at = clock.now()
            check_path_user(identity, user_id)
        held.enter_context(state.shares.request(identity.user_id))
        check_media_type(request.headers)
        body = parse_body(await _read_body(request))
        call = Call(
            identity=identity,
            idempotency_key=idempotency_key(request.headers),
            time_zone=time_zone(request.headers),
            started_at=started_at,
            deadline=deadline,
            arrived_at=arrived_at,
        )
        if isinstance(body, TURNS):
            held.enter_context(state.shares.turn(identity.user_id))
    if isinstance(body, ChatBody):
        if wants_events(request.headers):
            return _stream_plain(state, call, body, request)
        return await _answer_plain(state, call, body)
    return await answer_chatkit(state, call, body)


async def _answer_plain(state: State, call: Call, body: ChatBody) -> Response:
    answer = await state.turns.answer(turn_request(call, body.conversation_id, body.message))
    return Response(
        answer.body, media_type="application/json", headers=REPLAYED if answer.replayed else None
    )


def _stream_plain(state: State, call: Call, body: ChatBody, request: Request) -> TurnStream:
    def run(reader: Channel) -> Awaitable[TurnAnswer]:
        asked = turn_request(call, body.conversation_id, body.message, reader.tell)
        return state.turns.answer(asked)

    return TurnStream(run, PlainStream(request.scope), state.metrics.streams)


async def _read_body(request: Request) -> bytes:
    """Read to the end. Raises: BodyTooLarge (413); RequestTimeout (408); MalformedJson (400)."""
    scope = asyncio.timeout(BODY_SECONDS)
    try:
        async with scope:
            return await request.body()
    except TimeoutError as error:
        if not scope.expired():
            raise
        raise RequestTimeout() from error
    except ClientDisconnect as error:
        raise MalformedJson("The body ended too early.") from error
