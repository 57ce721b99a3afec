"""What chat-gateway is told by its environment. Source: contract.md "Configuration"."""

from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, field_validator
from servicekit.database.urls import asyncpg_url
from servicekit.settings import (
    EnvironmentSettings,
    HttpUrl,
    OptionalInt,
    PostgresUrl,
    SerializedOrigins,
    ServiceSettings,
)
from servicekit.tokens.gateway_proof import GatewaySigner

_OTHER_SPELLINGS: Final = {"TRUE": "SPAN_ONLY", "FALSE": "NO_CONTENT", "": "NO_CONTENT"}


def _spelled(value: object) -> object:
    """The variable was a boolean in older conventions; EVENT_ONLY is refused: we send no events."""
    spelled = str(value).upper()
    return _OTHER_SPELLINGS.get(spelled, spelled)


def _signs(value: SecretStr) -> SecretStr:
    GatewaySigner.from_pem(value.get_secret_value())
    return value


CaptureMessageContent = Annotated[
    Literal["NO_CONTENT", "SPAN_ONLY"],
    BeforeValidator(_spelled),
]
"""Source: opentelemetry-util-genai, OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT."""


class ModelSettings(EnvironmentSettings):
    """Which models are asked, where, and how."""

    gemini_api_key: SecretStr = Field(
        min_length=1, description="key of the model's endpoint", examples=["AIza..."]
    )
    gemini_model: str = Field(
        "gemini-flash-latest",
        min_length=1,
        description="name of the model that is asked first",
        examples=["gemini-flash-latest"],
    )
    gemini_fallback_model: str = Field(
        "gemini-flash-lite-latest",
        description="name of the model that is asked when the first is out of quota, overloaded or "
        "gone; empty: none",
        examples=["gemini-flash-lite-latest"],
    )
    gemini_reasoning_effort: Literal["", "none", "minimal", "low", "medium", "high"] = Field(
        "",
        description="how much the first model thinks; empty: the least that it takes",
        examples=["low"],
    )
    gemini_max_output_tokens: int = Field(
        8192,
        ge=1000,
        le=65_536,
        description="most tokens of one answer of the model, its thoughts included",
        examples=[8192],
    )
    gemini_base_url: HttpUrl = Field(
        "https://generativelanguage.googleapis.com/v1beta/openai/",
        description="base URL of the model's OpenAI-compatible endpoint",
        examples=["https://generativelanguage.googleapis.com/v1beta/openai/"],
    )

    model_may_see_traces: bool = Field(
        False,
        description="whether the model's endpoint is sent our trace's id: for one of our own",
        examples=["true"],
    )


class GatewaySettings(ModelSettings, ServiceSettings):
    """Read once, in `__main__.py`, and passed down."""

    database_url: PostgresUrl = Field(
        description="URL of this service's own role, pooled",
        examples=["postgresql://chat_gateway:password@host/db?sslmode=require"],
    )
    auth_jwks_url: HttpUrl = Field(
        description="URL of the auth service's public keys",
        examples=["http://localhost:8001/api/auth/jwks"],
    )
    auth_issuer: str = Field(
        min_length=1, description="exact iss of a token", examples=["http://localhost:8001"]
    )
    auth_audience: str = Field(
        "chat-gateway",
        min_length=1,
        description="own member of a token's aud",
        examples=["chat-gateway"],
    )
    auth_token_lifetime_seconds: int = Field(
        300,
        ge=30,
        le=3600,
        description="longest lifetime of a token that is accepted: what auth issues",
        examples=[300],
    )
    allowed_origins: SerializedOrigins = Field(
        description="comma-separated list of serialized origins whose pages may call",
        examples=["https://chat.example.com,http://localhost:3000"],
    )
    mcp_url: HttpUrl = Field(
        description="URL of the MCP endpoint of mcp-tools",
        examples=["http://localhost:8002/mcp"],
    )
    gateway_proof_key: Annotated[SecretStr, AfterValidator(_signs)] = Field(
        description="private key (Ed25519, PEM) with which this service proves itself to mcp-tools",
        examples=['"$(openssl genpkey -algorithm ed25519)"'],
    )
    model_call_timeout_seconds: float = Field(
        12.0,
        gt=0,
        le=600,
        description="seconds after which one request to the model is given up and sent anew",
        examples=[12],
    )
    model_hedge_after_seconds: float = Field(
        2.0,
        ge=0,
        le=600,
        description="seconds after which a second request is sent beside a slow one; 0: never",
        examples=[2],
    )
    agent_max_steps: int = Field(
        10,
        ge=1,
        le=100,
        description="most answers of the model in one turn that may ask for tools; one more, "
        "without, ends it",
        examples=[10],
    )
    max_calls_per_turn: int = Field(
        32,
        ge=1,
        le=1000,
        description="most tool calls of one turn; the model is told of those that are not run",
        examples=[32],
    )
    turn_deadline_seconds: float = Field(
        30.0, gt=0, le=600, description="seconds in which a turn must have answered", examples=[30]
    )
    turn_lease_seconds: float = Field(
        10.0,
        ge=1,
        le=600,
        description="seconds after which the turn of a dead process is free",
        examples=[10],
    )
    max_turns_in_flight: int = Field(
        200, ge=1, le=10_000, description="most turns at once in this process", examples=[200]
    )
    turns_per_day: OptionalInt = Field(
        None,
        ge=1,
        description="most turns of one person on one day of UTC, clicks too; empty: no limit",
        examples=[2000],
    )
    model_tokens_per_day: OptionalInt = Field(
        None,
        ge=1,
        description="tokens of the model after which one person's messages are refused until the "
        "next day of UTC; empty: no limit",
        examples=[2_000_000],
    )
    turns_in_flight_per_person: int = Field(
        8, ge=1, le=10_000, description="most turns of one person at once here", examples=[8]
    )
    history_max_messages: int = Field(
        40, ge=0, le=1000, description="most earlier messages that the model sees", examples=[40]
    )
    history_max_tokens: int = Field(
        8000, ge=0, description="most estimated tokens of those messages", examples=[8000]
    )

    edge_begins_traces: bool = Field(
        False,
        description="true: an edge in front begins every trace itself, and its traceparent is "
        "continued; false: traces begin here",
        examples=["true"],
    )
    otel_instrumentation_genai_capture_message_content: CaptureMessageContent = Field(
        "NO_CONTENT",
        description="SPAN_ONLY or true: spans hold what people, model and tools say; "
        "NO_CONTENT or false: they do not",
        examples=["NO_CONTENT"],
    )

    @property
    def captures_contents(self) -> bool:
        """Whether spans hold what people, model and tools say."""
        return self.otel_instrumentation_genai_capture_message_content == "SPAN_ONLY"

    @field_validator("database_url")
    @classmethod
    def _can_be_used(cls, value: SecretStr) -> SecretStr:
        """Refuse at the start a URL that the engine would refuse later."""
        asyncpg_url(value.get_secret_value())
        return value
