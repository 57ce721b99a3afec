"""The model's chat completions endpoint over HTTP: one POST on a pooled connection, checked.

The Agents SDK asks through an OpenAI client. That client compares every value of a request with
the types of its API, and builds request and answer twice over: with it, the agent's share of a turn
costs 13.3 ms CPU, with this module 8.5 (side by side on a busy machine; openai 3.52, aiohttp 3.14).
It also takes whatever comes back for an answer, so that garbage fails later, anywhere.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Final, Self, cast

import aiohttp
import orjson
from openai import AsyncOpenAI, NotGiven, Omit
from openai.types.chat import ChatCompletion
from pydantic import BaseModel, Field, SecretStr, ValidationError

from chat_gateway.model_spans import Completed, model_request_span
from chat_gateway.spans import trace_headers

CONNECT_SECONDS: Final = 5.0
_PATH: Final = "/chat/completions"
_LEFT_OUT: Final = (NotGiven, Omit)


class EndpointError(Exception):
    """A request to the model that brought no answer.

    ├── EndpointUnreachable   no connection, or one that broke
    ├── EndpointRefusal       an HTTP status that is not 200
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


class GarbledAnswer(EndpointError):
    """Status 200 and not a chat completion."""


@dataclass(frozen=True, slots=True)
class ChatEndpoint:
    """An OpenAI-compatible endpoint, for all turns of the process. Deadlines are its caller's."""

    base_url: str
    api_key: SecretStr
    session: aiohttp.ClientSession
    began_to_answer: Callable[[float], None]

    @classmethod
    def open(
        cls,
        base_url: str,
        api_key: SecretStr,
        *,
        connections: int,
        began_to_answer: Callable[[float], None],
    ) -> Self:
        """Make the pool; needs a running event loop.

        Args: base_url: what `chat/completions` stands under. connections: most at once.
            began_to_answer: told of each completion how many seconds after the request its first
                byte came.
        """
        session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=connections),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS),
        )
        return cls(base_url.rstrip("/"), api_key, session, began_to_answer)

    async def close(self) -> None:
        """Close every connection."""
        await self.session.close()

    def as_openai_client(self) -> AsyncOpenAI:
        """As much of the OpenAI client as OpenAIChatCompletionsModel uses without streaming."""
        return cast(AsyncOpenAI, _Client(self.base_url, _Chat(_Completions(self))))

    async def complete(self, body: dict[str, Any], headers: dict[str, str]) -> ChatCompletion:
        """Ask for one completion.

        Args: body: plain JSON. headers: beside those that every request has.
        Raises: EndpointError.
        """
        url = f"{self.base_url}{_PATH}"
        with model_request_span("POST", url, _PATH) as span:
            sent = {
                **headers,
                "content-type": "application/json",
                "authorization": f"Bearer {self.api_key.get_secret_value()}",
                **trace_headers(),
            }
            began = time.perf_counter()
            try:
                async with self.session.post(
                    url, data=orjson.dumps(body), headers=sent, allow_redirects=False
                ) as response:
                    # Not streamed, so the first token comes with all others: this is the moment in
                    # which the person could first have read something.
                    first = await response.content.readany()
                    first_byte_seconds = time.perf_counter() - began
                    content = first + await response.read()
            except (aiohttp.ClientError, TimeoutError) as error:
                raise EndpointUnreachable(type(error).__name__) from error
            span.answered(response.status)
            if response.status != 200:
                retry_after = response.headers.get("retry-after")
                raise EndpointRefusal(response.status, retry_after, _parsed(content))
            completion = _read_completion(content)
            self.began_to_answer(first_byte_seconds)
            span.completed(_facts(completion, first_byte_seconds))
            return completion


@dataclass(frozen=True, slots=True)
class _Completions:
    endpoint: ChatEndpoint

    async def create(
        self, *, extra_headers: dict[str, str], extra_query: None, extra_body: None, **body: Any
    ) -> ChatCompletion:
        given = {name: value for name, value in body.items() if not isinstance(value, _LEFT_OUT)}
        return await self.endpoint.complete(given, extra_headers)


@dataclass(frozen=True, slots=True)
class _Chat:
    completions: _Completions


@dataclass(frozen=True, slots=True)
class _Client:
    base_url: str
    chat: _Chat


class _Function(BaseModel):
    name: str
    arguments: str


class _ToolCall(BaseModel):
    type: str
    function: _Function


class _Message(BaseModel):
    content: str | None = None
    refusal: str | None = None
    tool_calls: list[_ToolCall] | None = None


class _Choice(BaseModel):
    message: _Message


class _Usage(BaseModel):
    prompt_tokens: int = 0
    completion_tokens: int = 0
    total_tokens: int = 0


class _Completion(BaseModel):
    """The members that the SDK reads without asking whether they are there.

    As loose as can be: what Gemini leaves out when it is zero or empty may be left out.
    """

    choices: Annotated[list[_Choice], Field(min_length=1)]
    usage: _Usage | None = None


def _facts(completion: ChatCompletion, first_byte_seconds: float) -> Completed:
    """What may be told of an answer, which is nothing that it says; all of it may be missing."""
    usage = completion.usage
    return Completed(
        id=str(completion.id or ""),
        model=str(completion.model or ""),
        finish_reasons=[str(one.finish_reason) for one in completion.choices if one.finish_reason],
        input_tokens=int(usage.prompt_tokens or 0) if usage else 0,
        output_tokens=int(usage.completion_tokens or 0) if usage else 0,
        first_byte_seconds=first_byte_seconds,
    )


def _read_completion(content: bytes) -> ChatCompletion:
    parsed = _parsed(content)
    try:
        _Completion.model_validate(parsed)
    except ValidationError:
        # Without its cause: a validation error quotes the answer.
        raise GarbledAnswer from None
    return ChatCompletion.construct(**cast(dict[str, Any], parsed))


def _parsed(content: bytes) -> object:
    try:
        return cast(object, orjson.loads(content))
    except orjson.JSONDecodeError:
        return None
