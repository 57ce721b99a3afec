"""The body of a chat completion request, as far as Gemini's OpenAI layer knows it.

A member that the layer does not know is refused ("Unknown name ...: Cannot find field"), as
protobuf's JSON parser does. Source: BerriAI/litellm/issues/14330.
"""

from collections.abc import Iterator, Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError

from gemini_simulator.protocol.errors import InvalidArgument, bad_request

JsonObject = dict[str, JsonValue]


class Wire(BaseModel):
    """Base of everything read from a client: frozen, unknown members refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class FunctionCall(Wire):
    """Name and arguments (JSON as text) of a call that the model asked for."""

    name: str
    arguments: str = "{}"


class ToolCall(Wire):
    """A call that the model asked for in an earlier step, replayed by the client."""

    id: str
    type: Literal["function"] = "function"
    function: FunctionCall
    index: int | None = None
    extra_content: JsonObject | None = None

    @property
    def thought_signature(self) -> str | None:
        """What stands in `extra_content.google.thought_signature`, if anything does."""
        google = (self.extra_content or {}).get("google")
        signature = google.get("thought_signature") if isinstance(google, dict) else None
        return signature if isinstance(signature, str) else None


class TextPart(Wire):
    """The only kind of content part that the simulator reads."""

    type: Literal["text"]
    text: str


class Message(Wire):
    """One message of any role."""

    role: Literal["system", "developer", "user", "assistant", "tool"]
    content: str | list[TextPart] | None = None
    name: str | None = None
    refusal: str | None = None
    tool_calls: list[ToolCall] | None = None
    tool_call_id: str | None = None
    extra_content: JsonObject | None = None

    @property
    def text(self) -> str:
        """The content as one string; empty when there is none."""
        if self.content is None or isinstance(self.content, str):
            return self.content or ""
        return "".join(part.text for part in self.content)


class Function(Wire):
    """A tool's declaration."""

    name: str
    description: str | None = None
    parameters: JsonObject | None = None
    strict: bool | None = None


class Tool(Wire):
    """A tool that the model may call."""

    type: Literal["function"] = "function"
    function: Function


class NamedFunction(Wire):
    """The function that a `tool_choice` object insists on."""

    name: str


class NamedToolChoice(Wire):
    """`tool_choice` as an object: call exactly this function."""

    type: Literal["function"] = "function"
    function: NamedFunction


class StreamOptions(Wire):
    """Options of a streamed answer."""

    include_usage: bool = False


class ChatRequest(Wire):
    """A whole request. Temperature, top_p, stop and seed are accepted and change nothing."""

    model: str
    messages: list[Message]
    tools: list[Tool] | None = None
    tool_choice: Literal["none", "auto", "required"] | NamedToolChoice = "auto"
    parallel_tool_calls: bool | None = None
    stream: bool = False
    stream_options: StreamOptions | None = None
    max_tokens: int | None = None
    max_completion_tokens: int | None = None
    n: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    stop: str | list[str] | None = None
    seed: int | None = None
    user: str | None = None
    frequency_penalty: float | None = None
    presence_penalty: float | None = None
    response_format: JsonObject | None = None
    reasoning_effort: str | None = None
    extra_body: JsonObject | None = None

    @property
    def model_id(self) -> str:
        """The model's name without Gemini's optional `models/` prefix."""
        return self.model.removeprefix("models/")

    @property
    def token_limit(self) -> int | None:
        """The most tokens that the answer may have, or None."""
        return self.max_completion_tokens or self.max_tokens


def read_request(body: object, *, refuse_nulls: bool = False) -> ChatRequest:
    """Check a decoded JSON body.

    Args: refuse_nulls: whether a member that is null is refused, as reports say of the endpoint.
        Source: lastmile-ai/mcp-agent/issues/121, github/copilot-sdk/issues/2061.
    Raises: InvalidArgument (400) that names each offending field.
    """
    if not isinstance(body, dict):
        raise InvalidArgument("Invalid JSON payload received. Root element must be a message.")
    if refuse_nulls and (nulls := list(_nulls(body, ()))):
        raise bad_request([(path, "Value is not a string: null") for path in nulls])
    try:
        return ChatRequest.model_validate(body)
    except ValidationError as error:
        raise bad_request(_violations(error)) from error


def _nulls(value: object, where: tuple[str | int, ...]) -> Iterator[str]:
    if value is None:
        yield _path(where)
    elif isinstance(value, dict):
        for name, member in value.items():
            yield from _nulls(member, (*where, name))
    elif isinstance(value, list):
        for position, member in enumerate(value):
            yield from _nulls(member, (*where, position))


def _violations(error: ValidationError) -> list[tuple[str, str]]:
    violations = []
    for problem in error.errors(include_url=False, include_input=False, include_context=False):
        *parents, last = problem["loc"]
        if problem["type"] == "extra_forbidden":
            path = _path(parents)
            where = f" at '{path}'" if path else ""
            text = (
                f'Invalid JSON payload received. Unknown name "{last}"{where}: Cannot find field.'
            )
        else:
            path = _path([*parents, last])
            text = f"Invalid value at '{path}': {problem['msg']}."
        violations.append((path, text))
    return violations


def _path(location: Sequence[str | int]) -> str:
    path = ""
    for part in location:
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else str(part)
    return path
