"""Settings, read once by `__main__.py`. Source: docs/contract.md "Configuration"."""

from typing import Annotated

from pydantic import AfterValidator, Field
from servicekit.settings import HostNames, HttpUrl, PostgresUrl, ServiceSettings
from servicekit.tokens.gateway_proof import GatewayProofs


def _check_public_keys(pem: str) -> str:
    GatewayProofs.from_pem(pem)
    return pem


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
    max_tasks_per_person: int = Field(
        10_000, ge=1, description="most tasks of one person", examples=[10_000]
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
    auth_token_lifetime_seconds: int = Field(
        300,
        ge=30,
        le=3600,
        description="longest lifetime of a token that is accepted: what auth issues",
        examples=[300],
    )
    turn_grace_seconds: float = Field(
        30,
        ge=0,
        le=300,
        description="seconds for which a token stays good after its turn began; at least "
        "TURN_DEADLINE_SECONDS of the gateway",
        examples=[30],
    )
    gateway_proof_public_keys: Annotated[str, AfterValidator(_check_public_keys)] = Field(
        description="Ed25519 public keys or certificates in PEM, one after the other: of the keys "
        "with which chat-gateway proves itself",
        examples=['"$(openssl pkey -in gateway.pem -pubout)"'],
    )
    allowed_hosts: HostNames = Field(
        ("localhost", "127.0.0.1", "mcp-tools"),
        min_length=1,
        description="names under which this service may be called, comma-separated",
        examples=["mcp-tools,mcp-tools.taskchat.svc.cluster.local"],
    )
