"""Settings, read once by `__main__.py`. Source: docs/contract.md "Configuration"."""

from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_settings import NoDecode
from servicekit.settings import HttpUrl, PostgresUrl, ServiceSettings


def _split(value: object) -> object:
    return tuple(item.strip() for item in value.split(",")) if isinstance(value, str) else value


def _check_hosts(hosts: tuple[str, ...]) -> tuple[str, ...]:
    for host in hosts:
        if not host or not host.isascii() or any(mark in host for mark in "*?[]:/@ "):
            raise ValueError("each must be an exact host name or address, without port or wildcard")
    return hosts


HostNames = Annotated[
    tuple[str, ...], NoDecode, BeforeValidator(_split), AfterValidator(_check_hosts)
]


class Settings(ServiceSettings):
    """What mcp-tools is told."""

    port: int = Field(8002, ge=0, le=65535, description="port to listen on", examples=[8002])
    database_url: PostgresUrl = Field(
        description="Postgres URL of this service's own role, pooled",
        examples=["postgresql://mcp_tools:password@host/taskchat?sslmode=require"],
    )
    database_pool_size: int = Field(
        5,
        ge=1,
        le=100,
        description="database connections kept; as many again are opened in a burst",
        examples=[5],
    )
    auth_jwks_url: HttpUrl = Field(
        description="URL of the auth service's public keys",
        examples=["http://localhost:8001/api/auth/jwks"],
    )
    auth_issuer: str = Field(
        min_length=1,
        description="exact `iss` of the tokens",
        examples=["http://localhost:8001"],
    )
    auth_audience: str = Field(
        "mcp-tools",
        min_length=1,
        description="what the tokens' `aud` must hold",
        examples=["mcp-tools"],
    )
    turn_grace_seconds: float = Field(
        30,
        ge=0,
        le=300,
        description="seconds for which a token stays good after its turn began; at least "
        "TURN_DEADLINE_SECONDS of the gateway",
        examples=[30],
    )
    allowed_hosts: HostNames = Field(
        ("localhost", "127.0.0.1", "mcp-tools"),
        min_length=1,
        description="names under which this service may be called, comma-separated",
        examples=["mcp-tools,mcp-tools.taskchat.svc.cluster.local"],
    )
