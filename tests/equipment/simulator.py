"""The model's admin endpoint: what it shall answer, what it was asked.

Every order carries a `match`, a piece of the person's message, so that tests never meet each
other's faults.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx2
from pydantic import JsonValue

from tests.equipment.waiting import wait_until


def text(words: str) -> dict[str, JsonValue]:
    """A scripted answer without a tool."""
    return {"text": words}


def calls(*named: tuple[str, dict[str, JsonValue] | str]) -> dict[str, JsonValue]:
    """A scripted answer that asks for tools; arguments as an object, or as broken text."""
    return {"tool_calls": [{"name": name, "arguments": arguments} for name, arguments in named]}


@dataclass(frozen=True, slots=True)
class Simulator:
    """The admin endpoint of the model of a stack."""

    url: str
    client: httpx2.AsyncClient

    async def script(self, match: str, *answers: Mapping[str, JsonValue]) -> None:
        """Give these answers, one to each model call of a message that contains `match`."""
        await self.order({"kind": "script", "match": match, "responses": list(answers)})

    async def hang(self, match: str, step: int = 0) -> None:
        """Hold the next model call of such a message. step: 0 is a turn's first model call."""
        await self.order({"kind": "hang", "match": match, "step": step})

    async def fail(self, match: str, status: int, *, count: int = 10) -> None:
        """Answer such messages with an error status."""
        await self.order({"kind": "status", "match": match, "status": status, "count": count})

    async def order(self, fault: Mapping[str, object]) -> int:
        """Order any fault; the simulator's README lists them. Returns: what takes it back."""
        response = await self.client.post(f"{self.url}/admin/faults", json=fault)
        assert response.status_code == 201, response.text
        return int(response.json()["id"])

    async def take_back(self, fault_id: int) -> None:
        """Take back a fault that was ordered; what it holds stays held."""
        response = await self.client.delete(f"{self.url}/admin/faults/{fault_id}")
        assert response.status_code == 200, response.text

    async def wait_until_held(self, match: str, held: int = 1) -> None:
        """Wait until so many model calls of such messages are held.

        Raises: AssertionError: not within the usual limit.
        """

        async def look() -> bool:
            found = await self._ask("GET", "held", match)
            return bool(found["held"] == held)

        await wait_until(f"{held} model call(s) of “{match}” held by the simulator", look)

    async def release(self, match: str) -> None:
        """Let the held model calls of such messages go on."""
        await self._ask("POST", "release", match)

    async def asked(self, match: str) -> list[dict[str, Any]]:
        """The bodies of the model calls of such messages, oldest first."""
        return [one["body"] for one in (await self._ask("GET", "requests", match))["requests"]]

    async def _ask(self, method: str, what: str, match: str) -> dict[str, Any]:
        url = f"{self.url}/admin/{what}?match={quote(match)}"
        response = await self.client.request(method, url)
        assert response.status_code == 200, response.text
        found: dict[str, Any] = response.json()
        return found
