"""An OTLP/HTTP receiver that throws everything away: what tracing costs the sender, and no more.

Run as `python -m tests.load.otlp_sink PORT`; a process of its own, so that its CPU is nobody's.
"""

import sys

import uvicorn
from starlette.types import Receive, Scope, Send


async def sink(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer every export with an empty 200, which OTLP/HTTP reads as full success."""
    if scope["type"] != "http":
        return
    while (await receive()).get("more_body", False):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b""})


if __name__ == "__main__":
    uvicorn.run(sink, port=int(sys.argv[1]), lifespan="off", access_log=False, log_level="error")
