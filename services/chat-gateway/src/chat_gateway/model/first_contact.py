"""The first contact with the model: does the key fit, does the model answer, and if not, why?

Nobody's turn: one tiny request for each model that is configured, and one for the list of models.
The product asks at its start, `make run` before it is ready, `helm test` in a cluster.
"""

import asyncio
import logging
import re
from collections.abc import Mapping, Sequence
from typing import Final

import aiohttp
import orjson

from chat_gateway.model.answers import Answer, Unreached
from chat_gateway.model.candidates import candidates
from chat_gateway.model.verdicts import NO_KEY, Asked, Finding, judge
from chat_gateway.settings import ModelSettings

CONNECT_SECONDS: Final = 4.0
ANSWER_SECONDS: Final = 8.0
"""A tiny answer takes one or two; the person waits for it before `make run` is ready."""
MOST_BYTES: Final = 1_000_000
PAUSES: Final = (1.0, 2.0, 4.0, 8.0, 16.0)
"""Seconds until a process that just started asks again: a pod's network may come after it."""

TINY_TOKENS: Final = 64
"""What the model thinks counts too. An answer that is cut is an answer."""
_MESSAGES: Final = [{"role": "user", "content": "Say OK."}]

logger = logging.getLogger(__name__)


async def first_contact(
    settings: ModelSettings, *, answer_seconds: float = ANSWER_SECONDS
) -> list[Finding]:
    """Ask for the list of models and, at the same time, each model for one word.

    Args: answer_seconds: after which nothing is waited for.
    Returns: what is wrong, one sentence each and none twice; empty: every model answers.
    """
    asked = candidates(
        settings.gemini_model,
        settings.gemini_fallback_model,
        reasoning_effort=settings.gemini_reasoning_effort,
        max_output_tokens=TINY_TOKENS,
    )
    base = settings.gemini_base_url.rstrip("/")
    key = settings.gemini_api_key.get_secret_value()
    if not re.fullmatch(r"[!-~]+", key):
        return [NO_KEY]
    async with aiohttp.ClientSession(
        headers={"authorization": f"Bearer {key}"},
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=answer_seconds, sock_connect=CONNECT_SECONDS),
    ) as session:
        listed, *answers = await asyncio.gather(
            _ask(session, "GET", f"{base}/models"),
            *(
                _ask(
                    session,
                    "POST",
                    f"{base}/chat/completions",
                    {"model": one.name, "messages": _MESSAGES, **one.members},
                )
                for one in asked
            ),
        )
    findings = [
        judge(
            Asked(
                base,
                one.variable,
                one.name,
                is_spare=position > 0,
                is_told_effort=position == 0 and settings.gemini_reasoning_effort != "",
            ),
            answer,
            listed,
        )
        for position, (one, answer) in enumerate(zip(asked, answers, strict=True))
    ]
    return _each_once([one for one in findings if one is not None])


async def patient_first_contact(
    settings: ModelSettings, pauses: Sequence[float] = PAUSES
) -> list[Finding]:
    """Make the first contact, and again after each pause while the endpoint is not reached."""
    findings = await first_contact(settings)
    for pause in pauses:
        if not any(one.may_pass for one in findings):
            break
        await asyncio.sleep(pause)
        findings = await first_contact(settings)
    return findings


async def report_first_contact(settings: ModelSettings, pauses: Sequence[float] = PAUSES) -> None:
    """Tell the log, once, whether the model can be used."""
    findings = await patient_first_contact(settings, pauses)
    for one in findings:
        facts = {"setting": one.variable, "reason": one.sentence}
        if one.is_failure:
            logger.error("the model cannot be used", extra=facts)
        else:
            logger.warning("the model may not always answer", extra=facts)
    if not findings:
        logger.info("the model answers")


def _each_once(findings: list[Finding]) -> list[Finding]:
    """Failures first. What is wrong with the key or the network is so for every model."""
    failures_first = sorted(findings, key=lambda one: not one.is_failure)
    return list({one.sentence: one for one in reversed(failures_first)}.values())[::-1]


async def _ask(
    session: aiohttp.ClientSession,
    method: str,
    url: str,
    body: Mapping[str, object] | None = None,
) -> Answer | Unreached:
    sent = {} if body is None else {"content-type": "application/json"}
    data = None if body is None else orjson.dumps(body)
    try:
        async with session.request(
            method, url, data=data, headers=sent, allow_redirects=False
        ) as response:
            return Answer(response.status, response.content_type, await _read(response))
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        return Unreached.by(error)


async def _read(response: aiohttp.ClientResponse) -> bytes:
    """The body, up to what a list of models can take."""
    content = bytearray()
    async for chunk in response.content.iter_any():
        content += chunk
        if len(content) > MOST_BYTES:
            break
    return bytes(content)
