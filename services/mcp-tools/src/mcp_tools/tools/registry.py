"""The five tools. Exactly five: law 4."""

import json
from hashlib import sha256
from types import MappingProxyType
from typing import Final

from mcp_tools.tools.add_task import ADD_TASK
from mcp_tools.tools.complete_task import COMPLETE_TASK
from mcp_tools.tools.definition import ToolDefinition
from mcp_tools.tools.delete_task import DELETE_TASK
from mcp_tools.tools.list_tasks import LIST_TASKS
from mcp_tools.tools.update_task import UPDATE_TASK

TOOLS: Final = MappingProxyType(
    {tool.name: tool for tool in (ADD_TASK, LIST_TASKS, COMPLETE_TASK, DELETE_TASK, UPDATE_TASK)}
)


def _version(tools: tuple[ToolDefinition, ...]) -> str:
    told = [[tool.name, tool.description, tool.input_schema, tool.output_schema] for tool in tools]
    return sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]


TOOLS_VERSION: Final = _version(tuple(TOOLS.values()))
"""Changes when a tool's name, words or schema change: who caches them compares it."""
