"""A way from the tests into the cluster, for what the edge does not let through."""

import asyncio
import re
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from tests.cluster.equipment.commands import CommandFailed
from tests.cluster.equipment.kubectl import Kubectl

_FORWARDING = re.compile(rb"Forwarding from 127\.0\.0\.1:(\d+) ->")
START_LIMIT_SECONDS = 20.0
KEPT_LINES = 20


@asynccontextmanager
async def port_forward(kubectl: Kubectl, target: str, port: int) -> AsyncIterator[int]:
    """Forward a free port of this machine while the block runs; yields its number.

    It ends in one pod, also when a Service is named, and breaks when that pod goes.

    Args: target: as kubectl takes it: `pod/name`, `service/name`, `deployment/name`. port: there.
    Raises: CommandFailed: nothing to forward to, or not accepted within 20 s.
    """
    argv = kubectl.argv("port-forward", "--address=127.0.0.1", target, f":{port}")
    process = await asyncio.create_subprocess_exec(
        *argv, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    assert process.stdout is not None
    said: deque[bytes] = deque(maxlen=KEPT_LINES)
    draining: asyncio.Task[None] | None = None
    try:
        try:
            async with asyncio.timeout(START_LIMIT_SECONDS):
                local_port = await _local_port(process.stdout, said)
        except TimeoutError:
            local_port = None
        if local_port is None:
            words = b"".join(said).decode(errors="replace").strip()
            raise CommandFailed(argv, "no port", words)
        # kubectl writes a line for each connection: unread, they would block it.
        draining = asyncio.create_task(_drain(process.stdout))
        yield local_port
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        if draining is not None:
            await draining


async def _local_port(lines: asyncio.StreamReader, said: deque[bytes]) -> int | None:
    """kubectl names the port once it listens there; None: it ended instead."""
    async for line in lines:
        said.append(line)
        if match := _FORWARDING.match(line):
            return int(match[1])
    return None


async def _drain(lines: asyncio.StreamReader) -> None:
    while await lines.read(65_536):
        pass
