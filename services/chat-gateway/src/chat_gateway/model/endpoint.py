"""The model's chat completions endpoint over HTTP: one POST on a pooled connection, checked.

Not by an OpenAI client: it compares every value of a request with the types of its API, builds
request and answer twice over, and takes whatever comes back for an answer (ADR 0018).
"""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, Self

import aiohttp
import orjson
from pydantic import SecretStr

from chat_gateway.model.assembly import AnswerCut
from chat_gateway.model.completion import (
    Completion,
    ErrorInside,
    NoCompletion,
    parsed_body,
    read_completion,
)
from chat_gateway.model.streamed import Hearer, StreamedAnswer
from chat_gateway.telemetry.model_spans import Completed, model_request_span
from chat_gateway.telemetry.spans import trace_headers

CONNECT_SECONDS: Final = 5.0
STALL_SECONDS: Final = 5.0
"""Without a piece of an answer that has begun: longer than a model pauses between two, and another
answer still fits into a turn's deadline."""
LAST_BYTES_SECONDS: Final = 0.05
"""What is waited for the end of a stream that is over, so that its connection can be used again."""
_PATH: Final = "/chat/completions"


class EndpointError(Exception):
    """A request to the model that brought no answer.

    ├── EndpointUnreachable   no connection, or one that broke
    ├── EndpointRefusal       an HTTP status that is not 200, or an error inside of 200
    ├── BrokenAnswer          an answer that began, and did not come to its end
    └── GarbledAnswer         status 200 and not a chat completion
    """


class EndpointUnreachable(EndpointError):
    """No connection, or one that broke."""


class EndpointRefusal(EndpointError):
    """An HTTP status that is not 200. Args: retry_after: the header. body: parsed JSON or None."""

    def __init__(self, status: int, retry_after: str | None, body: object) -> None:
        super().__init__(f"HTTP {status}")
        self.status = status
        self.retry_after = retry_after
        self.body = body


class BrokenAnswer(EndpointError):
    """An answer that did not come to its end. Args: reason: `cut` or `stall`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class GarbledAnswer(EndpointError):
    """Status 200 and not a chat completion."""


@dataclass(frozen=True, slots=True)
class ChatEndpoint:
    """An OpenAI-compatible endpoint, for all turns of the process. Deadlines are its caller's.

    stall_seconds: how long the next piece of an answer that has begun is waited for.
    may_see_traces: whether it is told our trace. No provider is: what an id says of a person's
    requests to us is none of its business (ADR 0036).
    """

    base_url: str
    api_key: SecretStr
    session: aiohttp.ClientSession
    began_to_answer: Callable[[str, float], None]
    stall_seconds: float
    may_see_traces: bool

    @classmethod
    def open(
        cls,
        base_url: str,
        api_key: SecretStr,
        *,
        connections: int,
        began_to_answer: Callable[[str, float], None],
        stall_seconds: float = STALL_SECONDS,
        may_see_traces: bool = False,
    ) -> Self:
        """Make the pool; needs a running event loop.

        Args: base_url: what `chat/completions` stands under. connections: most at once.
            began_to_answer: told of each completion the model's name, as it was asked for, and how
                many seconds after the request its first byte came; of one that is streamed, the
                first piece that says something. stall_seconds, may_see_traces: as of the class.
        """
        session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=connections),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS),
        )
        return cls(
            base_url.rstrip("/"), api_key, session, began_to_answer, stall_seconds, may_see_traces
        )

    async def close(self) -> None:
        """Close every connection."""
        await self.session.close()

    async def complete(self, body: dict[str, Any], hearer: Hearer | None = None) -> Completion:
        """Ask for one completion.

        Args: body: plain JSON. hearer: told of the answer while it comes, which is streamed then.
        Raises: EndpointError.
        """
        url = f"{self.base_url}{_PATH}"
        if hearer is not None:
            body = {**body, "stream": True, "stream_options": {"include_usage": True}}
        with model_request_span("POST", url, _PATH) as span:
            sent = {
                "content-type": "application/json",
                "authorization": f"Bearer {self.api_key.get_secret_value()}",
                **(trace_headers() if self.may_see_traces else {}),
            }
            began = time.perf_counter()
            try:
                async with self.session.post(
                    url, data=orjson.dumps(body), headers=sent, allow_redirects=False
                ) as response:
                    span.answered(response.status)
                    if hearer is None or response.status != 200:
                        completion, first_at = await _whole(response)
                    else:
                        completion, first_at = await self._streamed(response, hearer)
            except (aiohttp.ClientError, TimeoutError) as error:
                raise EndpointUnreachable(type(error).__name__) from error
            first_byte_seconds = first_at - began
            self.began_to_answer(body["model"], first_byte_seconds)
            span.completed(_facts(completion, first_byte_seconds))
            return completion

    async def _streamed(
        self, response: aiohttp.ClientResponse, hearer: Hearer
    ) -> tuple[Completion, float]:
        """Read an answer while it comes. Returns: it, and when it began."""
        answer = StreamedAnswer(hearer)
        try:
            await self._feed(answer, response.content)
            completion = answer.completion()
        except AnswerCut:
            raise BrokenAnswer("cut") from None
        except ErrorInside as error:
            raise _refusal(response, error) from None
        except _UNREADABLE:
            raise GarbledAnswer from None
        return completion, answer.first_at or time.perf_counter()

    async def _feed(self, answer: StreamedAnswer, content: aiohttp.StreamReader) -> None:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(None) as watch:
                while not answer.is_over and (block := await content.readany()):
                    if answer.feed(block) and answer.first_at is not None:
                        watch.reschedule(loop.time() + self.stall_seconds)
        except TimeoutError:
            raise BrokenAnswer("stall") from None
        except aiohttp.ClientError:
            if not answer.has_come:
                raise
            raise AnswerCut from None
        with suppress(aiohttp.ClientError, TimeoutError):
            # The end of the body, which frees the connection.
            async with asyncio.timeout(LAST_BYTES_SECONDS):
                while await content.readany():
                    pass


_UNREADABLE: Final = (
    NoCompletion, ValueError, TypeError, LookupError, AttributeError, RecursionError,
)  # fmt: skip
"""An answer of a shape that nobody has thought of is garbled, too."""


async def _whole(response: aiohttp.ClientResponse) -> tuple[Completion, float]:
    """Read an answer that is not streamed. Returns: it, and when its first byte came."""
    # The first token comes with all others: this is the moment in which the person could first have
    # read something.
    first = await response.content.readany()
    first_at = time.perf_counter()
    content = first + await response.read()
    if response.status != 200:
        raise EndpointRefusal(
            response.status, response.headers.get("retry-after"), parsed_body(content)
        )
    try:
        return read_completion(parsed_body(content)), first_at
    except _UNREADABLE:
        raise GarbledAnswer from None
    except ErrorInside as error:
        raise _refusal(response, error) from None


def _refusal(response: aiohttp.ClientResponse, error: ErrorInside) -> EndpointRefusal:
    return EndpointRefusal(error.status, response.headers.get("retry-after"), error.body)


def _facts(completion: Completion, first_byte_seconds: float) -> Completed:
    """What may be told of an answer, which is nothing that it says."""
    return Completed(
        id=completion.id,
        model=completion.model,
        finish_reasons=[completion.finish_reason] if completion.finish_reason else [],
        input_tokens=completion.input_tokens,
        output_tokens=completion.output_tokens,
        first_byte_seconds=first_byte_seconds,
    )
