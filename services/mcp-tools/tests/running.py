"""An ASGI app behind a real socket, in a thread with a loop of its own."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

START_LIMIT_SECONDS = 30.0


@contextmanager
def running(app: ASGIApp) -> Iterator[str]:
    """Serve an app on a free port until the block ends; gives the base URL."""
    server = uvicorn.Server(
        uvicorn.Config(app, port=0, log_config=None, lifespan="on", timeout_graceful_shutdown=5)
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    limit = time.monotonic() + START_LIMIT_SECONDS
    while not server.started:
        assert thread.is_alive() and time.monotonic() < limit, "the app did not start within 30 s"
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()
