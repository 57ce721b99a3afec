"""What the model may see of the tools: their schemas without `user_id`, cached as configuration.

The schemas are the same for everybody, so the first turn's token fetches them for all. Only turns
that find none wait for them. They are fetched again, beside the turns, when mcp-tools reports
another version or after a time limit; while mcp-tools is away the last known ones serve on.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from mcp.types import ListToolsResult, Tool, ToolAnnotations
from pydantic import JsonValue, ValidationError

from chat_gateway.errors import DeadlineExceeded, ToolsUnavailable
from chat_gateway.tools.client import ToolsClient, ToolsRefused, ToolsUnreachable
from chat_gateway.tools.owner import hide_owner
from chat_gateway.turns.retries import TryAgain, retry_until
from chat_gateway.turns.runner import TurnContext

MAX_AGE_SECONDS: Final = 300.0
COOLDOWN_SECONDS: Final = 5.0
"""After a fetch that failed, known schemas are served this long before the next one."""
TOOLS_VERSION: Final = "taskchat/tools-version"

Schema = dict[str, JsonValue]
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Known:
    tools: tuple[Tool, ...]
    version: str | None


class ToolSchemas:
    """The tools as the model sees them.

    Args: client: to mcp-tools. normalise: makes a schema one that the model's provider takes.
        max_age_seconds: after which they are fetched again.
    """

    def __init__(
        self,
        client: ToolsClient,
        normalise: Callable[[Schema], Schema],
        *,
        max_age_seconds: float = MAX_AGE_SECONDS,
    ) -> None:
        self._client = client
        self._normalise = normalise
        self._max_age_seconds = max_age_seconds
        self._known: _Known | None = None
        self._fetch_at = 0.0  # on the loop's clock
        self._fetching: asyncio.Task[None] | None = None

    async def visible(self, turn: TurnContext) -> Sequence[Tool]:
        """The tools that the model may be told about.

        Args: turn: the one that asks; its token is used if the schemas must be fetched.
        Raises: ToolsUnavailable (503): they were never fetched and cannot be now.
        """
        if self._known is None:
            # Shared by all that wait, and outlives the turn that began it.
            await asyncio.shield(self._fetch(turn))
        elif asyncio.get_running_loop().time() >= self._fetch_at:
            self._fetch(turn)
        if self._known is None:
            raise ToolsUnavailable()
        return self._known.tools

    def reported(self, version: str | None, turn: TurnContext) -> None:
        """Note the version that a tool result named; one that is not ours is fetched at once.

        Args: version: hash of the five schemas, or None if the result named none.
        """
        if version is not None and self._known is not None and version != self._known.version:
            self._fetch(turn)

    async def close(self) -> None:
        """Stop a fetch that is under way."""
        if self._fetching is not None:
            self._fetching.cancel()
            await asyncio.wait([self._fetching])

    def _fetch(self, turn: TurnContext) -> asyncio.Task[None]:
        if self._fetching is None or self._fetching.done():
            self._fetching = asyncio.create_task(self._refresh(turn), name="fetch tool schemas")
        return self._fetching

    async def _refresh(self, turn: TurnContext) -> None:
        pause = COOLDOWN_SECONDS
        try:
            self._known = await retry_until(turn.deadline, lambda: self._list(turn))
            pause = self._max_age_seconds
        except (ToolsUnavailable, DeadlineExceeded) as failure:
            logger.warning("tool schemas not fetched", extra={"reason": failure.code})
        except ToolsRefused as error:
            logger.error("tool schemas refused by mcp-tools", extra={"reason": str(error)})
        self._fetch_at = asyncio.get_running_loop().time() + pause

    async def _list(self, turn: TurnContext) -> _Known:
        try:
            answer = await self._client.request("tools/list", {}, turn)
            listed = ListToolsResult.model_validate(answer)
        except ToolsUnreachable as error:
            raise TryAgain(ToolsUnavailable(), after_seconds=error.after_seconds) from error
        except ValidationError as error:
            raise ToolsRefused("a list of tools that is not MCP") from error
        version = (listed.meta or {}).get(TOOLS_VERSION)
        return _Known(
            tools=tuple(self._show(tool) for tool in listed.tools),
            version=version if isinstance(version, str) else None,
        )

    def _show(self, tool: Tool) -> Tool:
        schema = self._normalise(hide_owner(tool.input_schema))
        # Name, words and parameters are all that the model is sent, and whether it only reads is
        # what the façade asks; the rest is copied at each step of each turn.
        reads = tool.annotations is not None and tool.annotations.read_only_hint
        return Tool(
            name=tool.name,
            description=tool.description,
            input_schema=schema,
            annotations=ToolAnnotations(read_only_hint=reads),
        )
