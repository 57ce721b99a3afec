"""The two services that look at tokens, set up to trust an issuer whose keys the tests hold."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import uuid4

from servicekit.tokens.gateway_proof import GatewaySigner

from tests.equipment.chat import ORIGIN
from tests.equipment.issuer import KeyServer
from tests.equipment.raw_http import Header, RawResponse, send
from tests.equipment.tools import rpc
from tests.security.forge import Forge
from tests.security.presentations import Presentation

TITLE = "written by a forger"


@dataclass(frozen=True, slots=True)
class Border:
    """One service and the forge that makes tokens for it.

    url: base URL of the service. trusted: the key set that it reads. strangers: the key set that it
    must never read.
    """

    service: str
    url: str
    forge: Forge
    trusted: KeyServer
    strangers: KeyServer

    def for_somebody_else(self) -> "Border":
        """The same border and a forge for a fresh user, so that no test sees another's rows."""
        return replace(self, forge=replace(self.forge, user_id=uuid4()))

    async def show(
        self,
        presentation: Presentation,
        *,
        headers: Sequence[Header] = (),
        gateway: GatewaySigner | None = None,
    ) -> RawResponse:
        """Ask for something that leaves a row behind when the token is accepted.

        Args: gateway: signs the request to mcp-tools, where it shall be the gateway's.
        """
        sent = (*presentation.headers, *headers)
        user_id = str(self.forge.user_id)
        if self.service == "mcp-tools":
            arguments = {"user_id": user_id, "title": TITLE}
            call = {"name": "add_task", "arguments": arguments}
            return await rpc(
                self.url,
                "tools/call",
                call,
                headers=sent,
                name="add_task",
                query=presentation.query,
                gateway=gateway,
            )
        url = f"{self.url}/api/{user_id}/chat"
        return await send(
            f"{url}?{presentation.query}" if presentation.query else url,
            headers=(("Origin", ORIGIN), ("Content-Type", "application/json"), *sent),
            body=json.dumps({"message": "hello"}).encode(),
        )
