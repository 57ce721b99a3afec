"""Tools that stand in for mcp-tools in the tests of other services take what mcp-tools takes.

A service's tests import no other service; only here can all of them be seen side by side.
"""

import sys
from collections.abc import Mapping
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from mcp_tools.tools.registry import TOOLS

from tests.equipment.documents import ROOT

OWNER = "user_id"
Parameters = Mapping[str, str | None]
"""Their types by their names. None: a reference to a type."""


def package(folder: str) -> str:
    """Make a folder of another service's tests importable. Returns: under which name."""
    name = f"stand_in_{folder.replace('/', '_').replace('-', '_')}"
    if name not in sys.modules:
        path: Path = ROOT / folder
        spec = spec_from_file_location(
            name, path / "__init__.py", submodule_search_locations=[str(path)]
        )
        assert spec is not None and spec.loader is not None
        sys.modules[name] = module = module_from_spec(spec)
        spec.loader.exec_module(module)
    return name


def module(folder: str, name: str) -> ModuleType:
    return import_module(f"{package(folder)}.{name}")


def types(schema: Mapping[str, Any]) -> Parameters:
    """What may be given, and of which type, without whose tasks they are."""
    return {
        name: property_.get("type")
        for name, property_ in schema["properties"].items()
        if name != OWNER
    }


@pytest.fixture(scope="module")
def served() -> Mapping[str, Parameters]:
    return {name: types(tool.input_schema) for name, tool in TOOLS.items()}


def test_the_gateways(served: Mapping[str, Parameters]) -> None:
    stand_in = module("services/chat-gateway/tests/equipment", "mcp_tools")
    offered = {name: types(stand_in.tool(name)["inputSchema"]) for name in stand_in.TOOLS}

    # Some are spelt as a reference or a union there, which the gateway must flatten.
    assert {name: set(parameters) for name, parameters in offered.items()} == {
        name: set(parameters) for name, parameters in served.items()
    }
    for name, parameters in offered.items():
        for parameter, type_ in parameters.items():
            assert type_ in (None, served[name][parameter]), (name, parameter)


def test_the_simulators_on_the_wire(served: Mapping[str, Parameters]) -> None:
    bodies = module("services/gemini-simulator/tests/api", "bodies")
    functions = [tool["function"] for tool in bodies.TOOLS]

    assert {one["name"]: types(one["parameters"]) for one in functions} == served


def test_the_simulators_in_its_conversations(served: Mapping[str, Parameters]) -> None:
    chat = module("services/gemini-simulator/tests/language", "chat")

    assert {name: set(parameters) for name, parameters in served.items()} == chat.TOOLS
