"""contract.md "Configuration" and what the services read, both ways: a variable that nobody reads
is a promise that nobody keeps, and one that is not written down cannot be set."""

import re
from collections.abc import Iterator

import pytest
from chat_gateway.settings import GatewaySettings
from mcp_tools.settings import Settings as ToolsSettings
from servicekit.settings import ServiceSettings

from tests.equipment.documents import CONTRACT, ROOT, rows, section

PYTHON_SERVICES: dict[str, type[ServiceSettings]] = {
    "gateway": GatewaySettings,
    "tools": ToolsSettings,
}
AUTH_SETTINGS = ROOT / "services" / "auth" / "src" / "settings.ts"
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
    return services.startswith("all") or service in services or (is_python and "Python" in services)


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


def test_auth_reads_what_is_written() -> None:
    block = AUTH_SETTINGS.read_text().split("const serviceVariables = {")[1].split("\n};")[0]
    read = set(re.findall(r"^  ([A-Z][A-Z_]+):", block, re.MULTILINE))

    of_opentelemetry = {name for name in read if name.startswith("OTEL_")}
    assert read - of_opentelemetry == variables_of("auth") - {"METRICS_PORT"}


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
