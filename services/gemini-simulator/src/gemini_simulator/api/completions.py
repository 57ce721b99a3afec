"""POST /v1beta/openai/chat/completions: a model call.

In this order: key, body, rules of the protocol, the answer, and last the fault that strikes it, so
that a fault never hides a request that Gemini would have refused.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace

from fastapi import APIRouter
from servicekit.clock import now
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from gemini_simulator.api.identity import check_key, simulator_of
from gemini_simulator.behaviour.damage import (
    damage,
    damaged_response,
    has_task_ids,
    manner_of,
)
from gemini_simulator.behaviour.faults import (
    CutFault,
    HangFault,
    Situation,
    Strike,
)
from gemini_simulator.behaviour.seen import SeenRequest
from gemini_simulator.behaviour.stream_faults import BrokenStreamFault
from gemini_simulator.language.conversation import Conversation
from gemini_simulator.language.mind import next_step
from gemini_simulator.language.steps import Say
from gemini_simulator.protocol.answers import Answer, Call
from gemini_simulator.protocol.conversation_rules import check_messages
from gemini_simulator.protocol.cut import CutResponse
from gemini_simulator.protocol.errors import InvalidArgument
from gemini_simulator.protocol.models import check_sampling, model_of, thought_tokens
from gemini_simulator.protocol.requests import ChatRequest, read_request
from gemini_simulator.protocol.schema_rules import check_tools
from gemini_simulator.protocol.stream_shapes import Form
from gemini_simulator.protocol.streaming import stream_events
from gemini_simulator.state import Simulator

router = APIRouter()


@router.post("/chat/completions")
async def create_completion(request: Request) -> Response:
    """Answer one model call, or fail as ordered.

    Raises: GeminiError with the status and body that Gemini would send.
    """
    check_key(request)
    simulator = simulator_of(request)
    body = await _read_json(request)
    chat = read_request(body, refuse_nulls=simulator.settings.simulator_refuse_nulls)
    thoughts = _check(simulator, chat)
    conversation = Conversation.of(chat)
    answer = _think(simulator, chat, conversation)
    situation = Situation(
        user_message=conversation.user_message,
        texts=tuple(message.text for message in chat.messages),
        model=chat.model_id,
        step=conversation.step,
        has_calls=bool(answer.calls),
        has_task_ids=has_task_ids(answer),
        has_text=bool(answer.text),
        is_streamed=chat.stream,
    )
    strike = simulator.faults.strike(situation)
    simulator.seen.add(
        SeenRequest(
            received_at=now(),
            body=body,
            user_message=situation.user_message,
            step=situation.step,
            fault_id=strike.fault_id if strike else None,
        )
    )
    if strike is not None:
        response = damaged_response(strike.fault, chat.model_id)
        if response is not None:
            return response
        answer = damage(answer, strike)
    answer = replace(answer, thoughts=thoughts).limited_to(chat.token_limit)
    return await _respond(request, chat, answer, strike, situation)


async def _read_json(request: Request) -> object:
    try:
        body: object = json.loads(await request.body())
    except ValueError as error:
        raise InvalidArgument(f"Invalid JSON payload received. {error}") from error
    return body


def _check(simulator: Simulator, chat: ChatRequest) -> int:
    """Refuse what Gemini refuses; returns how many tokens the model thinks."""
    model, thoughts = model_of(chat.model_id), thought_tokens(chat)
    check_sampling(chat)
    check_tools(chat.tools or ())
    check_messages(chat.messages)
    rule = simulator.settings.simulator_thought_signatures
    demanded = rule == "always" or (rule == "gemini-3" and model.name.startswith("gemini-3"))
    simulator.signer.check(chat.messages, model, demanded=demanded)
    return thoughts


def _think(simulator: Simulator, chat: ChatRequest, conversation: Conversation) -> Answer:
    step = next_step(conversation, seed=simulator.settings.simulator_seed)
    if isinstance(step, Say):
        return Answer(text=step.text)
    calls = (Call(use.name, json.dumps(use.arguments, ensure_ascii=False)) for use in step.calls)
    return Answer(calls=tuple(calls))


async def _respond(
    request: Request, chat: ChatRequest, answer: Answer, strike: Strike | None, situation: Situation
) -> Response:
    simulator, fault = simulator_of(request), strike.fault if strike else None
    delay = simulator.latency.draw()
    hang_after = fault.after_events if isinstance(fault, HangFault) and chat.stream else 0
    if isinstance(fault, HangFault) and not hang_after:
        released = await simulator.held.hold(request, situation.user_message)
        if not released:
            return Response(status_code=499)  # nobody reads it: the client is gone
    created = int(now().timestamp())
    if not chat.stream:
        await asyncio.sleep(delay.whole_seconds(answer.tokens))
        whole = JSONResponse(simulator.renderer.completion(chat, answer, created))
        return CutResponse.of_body(whole.body) if isinstance(fault, CutFault) else whole
    manner = manner_of(strike)
    form, pause_ms = (manner.form, manner.milliseconds) if manner else (Form(), 0.0)
    events = list(stream_events(simulator.renderer, chat, answer, created, form))
    if isinstance(fault, CutFault):
        return CutResponse.of_events(events[: fault.after_events])
    if isinstance(fault, BrokenStreamFault):
        events = fault.broken(events)
        if fault.disconnects:
            return CutResponse.of_events(events)

    async def stream() -> AsyncIterator[str]:
        for position, event in enumerate(events):
            if hang_after and position == hang_after:
                await simulator.held.hold_stream(situation.user_message)
            pause = delay.per_token_seconds + pause_ms / 1000
            await asyncio.sleep(pause if position else delay.first_token_seconds)
            yield event

    return StreamingResponse(stream(), media_type="text/event-stream")
