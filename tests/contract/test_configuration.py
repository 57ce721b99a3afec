"""contract.md "Configuration" and what the services read, both ways: a variable that nobody reads
is a promise that nobody keeps, and one that is not written down cannot be set."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from chat_gateway.settings import GatewaySettings
from devstack.configuration import Configuration, read_configuration
from devstack.database_urls import DatabaseUrls
from devstack.deployment import KINDS, Deployment, Kind
from devstack.run import deployment_of
from devstack.secret_store import SecretStore
from mcp_tools.settings import Settings as ToolsSettings
from servicekit.settings import ServiceSettings

from tests.equipment.documents import CONTRACT, ROOT, rows, section

PYTHON_SERVICES: dict[str, type[ServiceSettings]] = {
    "gateway": GatewaySettings,
    "tools": ToolsSettings,
}
NODE_SERVICES = {
    "auth": (ROOT / "services/auth/src/settings/settings.ts", "const serviceVariables = {"),
    "web": (ROOT / "services/web/server/settings.ts", "const variables = {"),
}
NOT_OF_THE_PAGE = {"web": {"METRICS_PORT"}}
"""The page's server gives out files, and is seen at the edge."""
OWNERS_ONLY = {"DATABASE_URL_DIRECT"}
"""Read by migrations; no service that serves is given it."""


def documented() -> Iterator[tuple[str, str, str]]:
    """Variable, the cell that names its services, and the default if the row gives one for each."""
    for variables, services, meaning in rows(section(CONTRACT, "Configuration")):
        names = re.findall(r"`([A-Z][A-Z_]+)`", variables)
        defaults = re.match(r"((?:[\w.]+, )*[\w.]+)(?:$|[:;])", meaning)
        given = defaults[1].split(", ") if defaults else []
        for position, name in enumerate(names):
            yield name, services, given[position] if len(given) == len(names) else ""


def reads(service: str, services: str) -> bool:
    """Whether a cell of the table names a service."""
    is_python = service in PYTHON_SERVICES
    is_of_all = services.startswith("all") and service != "web"
    return is_of_all or service in services or (is_python and "Python" in services)


def variables_of(service: str) -> set[str]:
    """What the contract says that a service reads; OTEL_* of all are read by OpenTelemetry."""
    return {
        name
        for name, services, _ in documented()
        if reads(service, services)
        and not (name.startswith("OTEL_") and services == "all")
        and name not in OWNERS_ONLY
    }


@pytest.mark.parametrize("service", PYTHON_SERVICES)
def test_python_service_reads_what_is_written(service: str) -> None:
    fields = {field.upper() for field in PYTHON_SERVICES[service].model_fields}

    assert fields == variables_of(service)


@pytest.mark.parametrize("service", NODE_SERVICES)
def test_node_service_reads_what_is_written(service: str) -> None:
    path, begin = NODE_SERVICES[service]
    block = path.read_text().split(begin)[1].split("\n};")[0]
    read = set(re.findall(r"^  ([A-Z][A-Z_]+):", block, re.MULTILINE))

    of_opentelemetry = {name for name in read if name.startswith("OTEL_")}
    assert read - of_opentelemetry == variables_of(service) - NOT_OF_THE_PAGE.get(service, set())


@pytest.mark.parametrize("service", PYTHON_SERVICES)
def test_defaults_are_as_written(service: str) -> None:
    fields = PYTHON_SERVICES[service].model_fields
    written = {
        name.lower(): float(default)
        for name, services, default in documented()
        if reads(service, services) and re.fullmatch(r"\d+", default)
    }

    assert written
    assert {name: fields[name].default for name in written} == written


# How the table names the processes of `make run`; migrations are those of every service with one.
KINDS_OF: dict[str, tuple[Kind, ...]] = {
    "all": ("auth", "mcp-tools", "chat-gateway"),
    "Python": ("mcp-tools", "chat-gateway"),
    "gateway": ("chat-gateway",),
    "tools": ("mcp-tools",),
    "auth": ("auth",),
    "web": ("web",),
    "migrations": ("auth", "mcp-tools", "chat-gateway"),
}
POOLED = "postgresql://owner:pw@pooled.example.com/taskchat"
DIRECT = "postgresql://owner:pw@direct.example.com/taskchat"


def chosen(folder: Path, **environ: str) -> tuple[Configuration, Deployment]:
    """What `make run` makes of an environment."""
    configuration = read_configuration(environ, folder / ".env")
    database = configuration.database or DatabaseUrls(pooled=DIRECT, direct=DIRECT)
    secrets = SecretStore(folder / "secrets.json")
    return configuration, deployment_of(configuration, ROOT, database, secrets)


def of_make_run() -> list[tuple[str, str]]:
    """The variables that `make run` reads, and the cell that names their services."""
    table = rows(section(CONTRACT, "Configuration"))
    not_read = "".join(names for names, _, meaning in table if "Not read by `make run`" in meaning)
    return [(name, services) for name, services, _ in documented() if f"`{name}`" not in not_read]


@pytest.mark.parametrize(("name", "services"), of_make_run())
def test_what_a_person_sets_for_make_run_arrives(name: str, services: str, tmp_path: Path) -> None:
    if name.startswith("DATABASE_URL"):
        _, deployment = chosen(tmp_path, DATABASE_URL=POOLED, DATABASE_URL_DIRECT=DIRECT)
        host = "direct" if name == "DATABASE_URL_DIRECT" else "pooled"
        for kind in KINDS_OF["migrations"]:
            assert f"@{host}.example.com/" in deployment.migration_env(kind)[name]
    elif name == "WEB_PORT":
        _, deployment = chosen(tmp_path, WEB_PORT="4242")
        assert deployment.env("chat-gateway")["ALLOWED_ORIGINS"] == "http://localhost:4242"
        assert deployment.env("web")["PORT"] == "4242"
    elif services == "`make run`":
        configuration, deployment = chosen(tmp_path, **{name: "4242"})
        served = {deployment.env(kind)["PORT"] for kind in KINDS}
        others = {str(configuration.postgres_port), str(configuration.mailbox_port)}
        assert "4242" in served | others
    else:
        _, deployment = chosen(tmp_path, **{name: "set by a person"})
        named = [kinds for word, kinds in KINDS_OF.items() if word in services]
        assert named, f"{services} names no process"
        for kind in {kind for kinds in named for kind in kinds}:
            assert deployment.env(kind)[name] == "set by a person"


def test_issuer_follows_the_public_address_of_auth(tmp_path: Path) -> None:
    _, deployment = chosen(tmp_path, BETTER_AUTH_URL="https://login.example.com")

    assert deployment.env("mcp-tools")["AUTH_ISSUER"] == "https://login.example.com"
