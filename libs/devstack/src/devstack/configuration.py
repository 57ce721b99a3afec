"""What a person chose for `make run`: the environment, and `.env` for what it does not set."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from dotenv import dotenv_values

from devstack.database_urls import DatabaseUrls, database_urls
from devstack.deployment import Kind, local_url
from devstack.ports import free_port, is_free, require_free

# docs/contract.md, "Operations".
PORT_VARIABLES: Mapping[Kind, tuple[str, int]] = MappingProxyType(
    {
        "web": ("WEB_PORT", 3000),
        "chat-gateway": ("CHAT_GATEWAY_PORT", 8000),
        "auth": ("AUTH_PORT", 8001),
        "mcp-tools": ("MCP_TOOLS_PORT", 8002),
        "gemini-simulator": ("GEMINI_SIMULATOR_PORT", 8003),
    }
)
POSTGRES_PORT = ("POSTGRES_PORT", 54329)
MAILBOX_PORT = ("MAILBOX_PORT", 8025)
PORT_NAMES = frozenset(
    {POSTGRES_PORT[0], MAILBOX_PORT[0], *(variable for variable, _ in PORT_VARIABLES.values())}
)
# Set by us for each service, or a secret that only one of them gets. Some shells export HOST.
NOT_HANDED_ON = frozenset(
    {
        "DATABASE_URL", "DATABASE_URL_DIRECT", "GEMINI_API_KEY", "BETTER_AUTH_SECRET",
        "GATEWAY_PROOF_KEY", "GATEWAY_PROOF_PUBLIC_KEYS",
        "HOST", "PORT", "METRICS_PORT", "MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MESSAGE",
        "TELEMETRY", "TRACE",
    }
)  # fmt: skip
# Set to nothing it says something: that there is none.
MAY_BE_EMPTY = frozenset({"GEMINI_FALLBACK_MODEL"})
LOOPBACK_NAMES = "localhost,127.0.0.1,::1"


class ConfigurationWrong(Exception):
    """A variable cannot be used; the message names it, its form and an example."""


@dataclass(frozen=True)
class Configuration:
    """The choices of one run.

    Attributes: database: None for the embedded one. mailbox_port: None where the person named a
        mail server. named_ports: the variables of ports that the
        person set. settings: what services get besides their own.
        raw_logs: print the services' JSON as it is. telemetry: keep the traces of turns.
    """

    ports: Mapping[Kind, int]
    postgres_port: int
    mailbox_port: int | None
    named_ports: frozenset[str]
    database: DatabaseUrls | None
    gemini_api_key: str | None
    better_auth_secret: str | None
    settings: Mapping[str, str]
    raw_logs: bool
    telemetry: bool

    @property
    def urls(self) -> dict[str, str]:
        """Base URLs of the services, the one that people talk to first."""
        return {kind: local_url(port) for kind, port in self.ports.items()}

    @property
    def origin(self) -> str:
        """An origin that the gateway allows: the first of ALLOWED_ORIGINS, else the page's."""
        return self.allowed_origins[0]

    @property
    def allowed_origins(self) -> tuple[str, ...]:
        """The origins that the gateway allows."""
        chosen = self.settings.get("ALLOWED_ORIGINS", self.urls["web"])
        return tuple(origin.strip() for origin in chosen.split(","))

    def require_free_ports(self) -> None:
        """Refuse a port that the person named and another program listens on.

        Raises: PortTaken: naming the variable that moves it.
        """
        for variable, port in self._ports_by_variable.items():
            if variable in self.named_ports:
                require_free(variable, port)

    @property
    def taken_ports(self) -> dict[str, int]:
        """Ports by their variables that the person did not name and another program listens on."""
        return {
            variable: port
            for variable, port in self._ports_by_variable.items()
            if variable not in self.named_ports and not is_free(port)
        }

    def with_other_ports(self, taken: Iterable[str]) -> "Configuration":
        """These choices with other ports for the variables named. Raises: PortTaken: none left."""
        others = {variable: free_port() for variable in taken}
        return replace(
            self,
            ports={
                kind: others.get(PORT_VARIABLES[kind][0], port) for kind, port in self.ports.items()
            },
            postgres_port=others.get(POSTGRES_PORT[0], self.postgres_port),
            mailbox_port=others.get(MAILBOX_PORT[0], self.mailbox_port),
        )

    @property
    def _ports_by_variable(self) -> dict[str, int]:
        services = {PORT_VARIABLES[kind][0]: port for kind, port in self.ports.items()}
        own_database = {POSTGRES_PORT[0]: self.postgres_port} if self.database is None else {}
        mailbox = {} if self.mailbox_port is None else {MAILBOX_PORT[0]: self.mailbox_port}
        return services | own_database | mailbox


def read_configuration(environ: Mapping[str, str], env_file: Path) -> Configuration:
    """Read the choices; a variable that is set to nothing counts as not set, but for some.

    Raises: ConfigurationWrong, DatabaseUrlWrong: a variable cannot be used.
    """
    from_file = dotenv_values(env_file, interpolate=False) if env_file.exists() else {}
    chosen = {**_set(from_file), **_set(environ)}
    gemini_api_key = chosen.get("GEMINI_API_KEY")
    ports = {
        kind: _port(chosen, variable, default)
        for kind, (variable, default) in PORT_VARIABLES.items()
        if gemini_api_key is None or kind != "gemini-simulator"
    }
    postgres_port = _port(chosen, *POSTGRES_PORT)
    _require_different({PORT_VARIABLES[kind][0]: port for kind, port in ports.items()})
    pooled = chosen.get("DATABASE_URL")
    direct = chosen.get("DATABASE_URL_DIRECT")
    if pooled is None and direct is not None:
        raise ConfigurationWrong(
            "DATABASE_URL_DIRECT is set and DATABASE_URL is not; set both, or neither for the "
            "embedded database"
        )
    settings = {name: value for name, value in chosen.items() if name not in NOT_HANDED_ON}
    settings["NO_PROXY"] = settings["no_proxy"] = _no_proxy(chosen)
    return Configuration(
        ports=ports,
        postgres_port=postgres_port,
        mailbox_port=None if "SMTP_URL" in chosen else _port(chosen, *MAILBOX_PORT),
        named_ports=frozenset(chosen) & PORT_NAMES,
        database=None if pooled is None else database_urls(pooled, direct),
        gemini_api_key=gemini_api_key,
        better_auth_secret=chosen.get("BETTER_AUTH_SECRET"),
        settings=settings,
        raw_logs=chosen.get("RUN_LOGS") == "raw",
        telemetry=_switch(chosen, "TELEMETRY"),
    )


def _set(variables: Mapping[str, str | None]) -> dict[str, str]:
    return {
        name: value
        for name, value in variables.items()
        if value or (value is not None and name in MAY_BE_EMPTY)
    }


def _switch(chosen: Mapping[str, str], variable: str) -> bool:
    text = chosen.get(variable, "0")
    if text not in ("0", "1"):
        raise ConfigurationWrong(
            f"{variable}={text} is neither 1 (on) nor 0 (off), for example {variable}=1"
        )
    return text == "1"


def _port(chosen: Mapping[str, str], variable: str, default: int) -> int:
    text = chosen.get(variable, str(default))
    if not (text.isascii() and text.isdecimal()) or not 0 < int(text) < 65536:
        raise ConfigurationWrong(
            f"{variable}={text} is not a port; it must be a number from 1 to 65535, "
            f"for example {variable}={default}"
        )
    return int(text)


def _require_different(ports: Mapping[str, int]) -> None:
    seen: dict[int, str] = {}
    for variable, port in ports.items():
        if port in seen:
            raise ConfigurationWrong(
                f"{seen[port]} and {variable} are both {port}; give each a port of its own"
            )
        seen[port] = variable


def _no_proxy(chosen: Mapping[str, str]) -> str:
    """Requests between the services never go through a proxy of the environment."""
    theirs = chosen.get("NO_PROXY") or chosen.get("no_proxy")
    return f"{theirs},{LOOPBACK_NAMES}" if theirs else LOOPBACK_NAMES
