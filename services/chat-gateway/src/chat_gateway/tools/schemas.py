"""What the model may see of the tools: their schemas without `user_id`, cached as configuration.

The schemas are the same for everybody, so the first turn's token fetches them for all. They are
fetched again when mcp-tools reports another version or after a time limit, by one turn for all
that wait; while mcp-tools is away the last known ones serve on.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Final

from mcp.types import ListToolsResult, Tool
from pydantic import JsonValue, ValidationError

from chat_gateway.errors import ToolsUnavailable
from chat_gateway.tools.client import ToolsClient, ToolsRefused, ToolsUnreachable, ToolsWireError
from chat_gateway.turns.runner import TurnContext

HIDDEN: Final = "user_id"
"""The parameter that the model never sees; the façade fills it in (law 5)."""
MAX_AGE_SECONDS: Final = 300.0
COOLDOWN_SECONDS: Final = 5.0
"""After a failed refresh, known schemas are served this long before the next try."""
TOOLS_VERSION: Final = "taskchat/tools-version"

Schema = dict[str, JsonValue]
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Known:
    tools: tuple[Tool, ...]
    version: str | None
    fetched_at: float  # on the loop's clock


class ToolSchemas:
    """The tools as the model sees them.

    Args: client: to mcp-tools. normalise: makes a schema one that the model's provider takes.
    """

    def __init__(self, client: ToolsClient, normalise: Callable[[Schema], Schema]) -> None:
        self._client = client
        self._normalise = normalise
        self._known: _Known | None = None
        self._refresh_after = 0.0
        self._refreshing: asyncio.Task[None] | None = None

    async def visible(self, turn: TurnContext) -> Sequence[Tool]:
        """The tools that the model may be told about.

        Args: turn: the one that asks; its token is used if the schemas must be fetched.
        Raises: ToolsUnavailable (503): they were never fetched and cannot be now.
        """
        if asyncio.get_running_loop().time() >= self._refresh_after:
            await self._refreshed(turn)
        if self._known is None:
            raise ToolsUnavailable()
        return self._known.tools

    def reported(self, version: str | None) -> None:
        """Note the version that a tool result named; another than ours makes the next turn fetch.

        Args: version: hash of the five schemas, or None if the result named none.
        """
        if version is not None and self._known is not None and version != self._known.version:
            self._refresh_after = 0.0

    async def close(self) -> None:
        """Stop a fetch that is under way."""
        if self._refreshing is not None:
            self._refreshing.cancel()
            await asyncio.wait([self._refreshing])

    async def _refreshed(self, turn: TurnContext) -> None:
        """Wait for one fetch that all waiting turns share; it outlives the turn that began it."""
        if self._refreshing is None or self._refreshing.done():
            self._refreshing = asyncio.create_task(self._fetch(turn))
        await asyncio.shield(self._refreshing)

    async def _fetch(self, turn: TurnContext) -> None:
        loop = asyncio.get_running_loop()
        try:
            answer = await self._client.request("tools/list", {}, turn)
            self._known = self._read(answer, fetched_at=loop.time())
            self._refresh_after = loop.time() + MAX_AGE_SECONDS
        except ToolsWireError as error:
            # Without known schemas every turn must be able to try at once.
            pause = COOLDOWN_SECONDS if self._known is not None else 0.0
            self._refresh_after = loop.time() + pause
            level = logging.WARNING if isinstance(error, ToolsUnreachable) else logging.ERROR
            logger.log(level, "tool schemas not fetched", extra={"reason": str(error)})

    def _read(self, answer: dict[str, JsonValue], *, fetched_at: float) -> _Known:
        try:
            listed = ListToolsResult.model_validate(answer)
        except ValidationError as error:
            raise ToolsRefused("a list of tools that is not MCP") from error
        version = (listed.meta or {}).get(TOOLS_VERSION)
        return _Known(
            tools=tuple(self._show(tool) for tool in listed.tools),
            version=version if isinstance(version, str) else None,
            fetched_at=fetched_at,
        )

    def _show(self, tool: Tool) -> Tool:
        schema = self._normalise(without_user(tool.input_schema))
        # Name, words and parameters are all that the model is sent; the rest is copied at each
        # step of each turn.
        return Tool(name=tool.name, description=tool.description, input_schema=schema)


def without_user(schema: Schema) -> Schema:
    """Take `user_id` out of a tool's parameters."""
    shown = deepcopy(schema)
    properties = shown.get("properties")
    if isinstance(properties, dict):
        properties.pop(HIDDEN, None)
    required = shown.get("required")
    if isinstance(required, list):
        shown["required"] = [name for name in required if name != HIDDEN]
    return shown
