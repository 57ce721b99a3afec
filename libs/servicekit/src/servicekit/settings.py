"""Settings: read once from the environment, frozen, and refused with a message that helps.

A service subclasses `ServiceSettings`, describes each field (`description`, `examples`), and calls
`load` once, in its `__main__.py`. Nothing else reads the environment.
"""

import re
import sys
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from typing import Annotated, Literal, TypeVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

LogLevel = Literal["DEBUG", "INFO", "WARNING", "ERROR"]

EXIT_CODE_WRONG_SETTINGS = 2
_DEFAULT_PORTS = {"http": "80", "https": "443"}
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?"
_ORIGIN = re.compile(
    rf"(?P<scheme>https?)://(?P<host>{_LABEL}(?:\.{_LABEL})*|\[[0-9a-f:.]+\])"
    r"(?::(?P<port>[1-9][0-9]*))?"
)
_POSTGRES_SCHEMES = ("postgresql", "postgres")


class EnvironmentSettings(BaseSettings):
    """Base of everything that is read from the environment: frozen, no `.env`, no arguments."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_file=None)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Keyword arguments (tests) win over the environment; files are never read."""
        return init_settings, env_settings


def _empty_is_none(value: object) -> object:
    return None if value == "" else value


OptionalInt = Annotated[int | None, BeforeValidator(_empty_is_none)]
"""A number, or an empty variable for none."""


class ServiceSettings(EnvironmentSettings):
    """What every HTTP service is told: where to listen, how loudly to log, how to stop."""

    host: str = Field("127.0.0.1", description="address to listen on", examples=["0.0.0.0"])
    port: int = Field(ge=0, le=65535, description="port to listen on", examples=[8000])
    metrics_port: OptionalInt = Field(
        9464,
        ge=0,
        le=65535,
        description="port of /metrics; 0 takes any free port, empty turns it off",
        examples=[9464],
    )
    log_level: LogLevel = Field("INFO", description="least severe level logged", examples=["INFO"])
    log_level_file: Annotated[Path | None, BeforeValidator(_empty_is_none)] = Field(
        None,
        description="file whose level wins over LOG_LEVEL while it is there, followed at run time",
        examples=["/etc/taskchat/log-level/level"],
    )
    build_revision: str = Field(
        "unknown",
        max_length=64,
        description="source revision that this was built from, shown in taskchat_build_info",
        examples=["0a1b2c3"],
    )
    max_connections: int = Field(
        1000,
        ge=1,
        le=100_000,
        description="most open connections; one more closes the one that has waited longest for "
        "a request",
        examples=[1000],
    )
    graceful_shutdown_seconds: int = Field(
        35,
        ge=1,
        le=600,
        description="seconds that open requests may take after SIGTERM before they are cancelled",
        examples=[35],
    )


def _check_postgres_url(value: SecretStr) -> SecretStr:
    parts = urlsplit(value.get_secret_value())
    if parts.scheme not in _POSTGRES_SCHEMES:
        raise ValueError("must begin with postgresql://")
    if not parts.username:
        raise ValueError("must name a user")
    if not parts.path.strip("/"):
        raise ValueError("must name a database")
    return value


PostgresUrl = Annotated[SecretStr, AfterValidator(_check_postgres_url)]
"""A libpq URL with user and database, hidden from logs: `.get_secret_value()` gives the text."""


def _check_http_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
        raise ValueError("must be an absolute http:// or https:// URL")
    if parts.username or parts.password:
        raise ValueError("must not carry a user or password")
    if parts.fragment or any(character.isspace() for character in value):
        raise ValueError("must have no fragment and no blank")
    return value


HttpUrl = Annotated[str, AfterValidator(_check_http_url)]
"""An absolute http(s) URL, kept byte for byte as it was written."""


def _host_is_serialized(host: str) -> bool:
    """Whether a browser writes the host so: a lower-case ASCII name or a canonical address."""
    try:
        if host.startswith("["):
            return str(IPv6Address(host[1:-1])) == host[1:-1]
        if host.rpartition(".")[2].isdigit():
            return str(IPv4Address(host)) == host
    except ValueError:
        return False
    return True


def _check_origin(origin: str) -> str:
    found = _ORIGIN.fullmatch(origin)
    if found is None or not _host_is_serialized(found["host"]):
        raise ValueError(
            "each origin must be serialized: http or https, ://, an exact lower-case ASCII host,"
            " a port only if it is not the default one; no path, no final slash, no wildcard"
        )
    if found["port"] and not 0 < int(found["port"]) <= 65535:
        raise ValueError("an origin's port must be between 1 and 65535")
    if found["port"] == _DEFAULT_PORTS[found["scheme"]]:
        raise ValueError("an origin must not name the default port: browsers leave it out")
    return origin


def parse_origins(value: str) -> tuple[str, ...]:
    """Read a comma-separated allowlist of serialized origins.

    Args: value: e.g. `https://app.example.com,http://localhost:3000`; blanks around commas pass.
    Returns: the origins, each byte for byte what a browser sends.
    Raises: ValueError: empty list, `null`, a wildcard, or an origin no browser would send so.
    Source: RFC 6454 section 6.2 (ASCII serialization of an origin).
    """
    origins = tuple(_check_origin(item.strip()) for item in value.split(","))
    return tuple(dict.fromkeys(origins))


def _origins_from_environment(value: object) -> object:
    return parse_origins(value) if isinstance(value, str) else value


SerializedOrigins = Annotated[
    tuple[str, ...], NoDecode, BeforeValidator(_origins_from_environment), Field(min_length=1)
]
"""A settings field that holds `parse_origins` of its variable."""


def _hosts_from_environment(value: object) -> object:
    return tuple(item.strip() for item in value.split(",")) if isinstance(value, str) else value


def _check_hosts(hosts: tuple[str, ...]) -> tuple[str, ...]:
    for host in hosts:
        if not host or not host.isascii() or any(mark in host for mark in "*?[]:/@ "):
            raise ValueError("each must be an exact host name or address, without port or wildcard")
    return hosts


HostNames = Annotated[
    tuple[str, ...],
    NoDecode,
    BeforeValidator(_hosts_from_environment),
    AfterValidator(_check_hosts),
    Field(min_length=1),
]
"""A settings field with the names under which a service may be called, comma-separated."""

S = TypeVar("S", bound=EnvironmentSettings)


def _complaint(cls: type[EnvironmentSettings], error: ErrorDetails) -> str:
    """One line about one variable; never the value, which may be a secret."""
    name = str(error["loc"][0]) if error["loc"] else ""
    field = cls.model_fields.get(name, FieldInfo())
    problem = "is missing" if error["type"] == "missing" else f"is wrong: {error['msg']}"
    line = f"{name.upper() or 'The environment'} {problem}."
    if field.description:
        line += f" It is the {field.description}."
    if field.examples:
        line += f" Example: {name.upper()}={field.examples[0]}"
    return line


def load(cls: type[S]) -> S:
    """Read the settings from the environment, or end the process with an explanation.

    Raises: SystemExit(2): one line per wrong variable on stderr, with its meaning and an example.
    """
    try:
        return cls()
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False, include_context=False)
        sys.stderr.write("".join(f"{_complaint(cls, detail)}\n" for detail in details))
        raise SystemExit(EXIT_CODE_WRONG_SETTINGS) from None
