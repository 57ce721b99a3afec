"""`make run TELEMETRY=1`: traces of the local turns, without Kubernetes and without an account."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from devstack.deployment import system_environment
from devstack.guardian import Guardian
from devstack.local_traces.receiver import Receiver
from devstack.local_traces.trace_file import TraceFile
from devstack.ports import PortTaken, require_free
from devstack.processes import ManagedProcess

ENDPOINT: Final = "OTEL_EXPORTER_OTLP_ENDPOINT"
# A turn's spans are there when its answer has been read, not 5 s later as the SDK would have it.
SOON: Final = {"OTEL_BSP_SCHEDULE_DELAY": "200"}
# What Jaeger 2 listens on without a configuration: its page, OTLP by gRPC and HTTP, its health.
JAEGER_PORTS: Final = (16686, 4317, 4318, 13133)
JAEGER_READY_URL: Final = "http://127.0.0.1:13133/status"
JAEGER_OTLP_URL: Final = "http://127.0.0.1:4318"
JAEGER_PAGE_URL: Final = "http://localhost:16686"


@dataclass(frozen=True)
class LocalTelemetry:
    """Where the spans of one run go.

    Attributes: settings: for every service. note: one line for the person. receiver: None where
        spans go elsewhere, or nowhere. jaeger: the program, to be started: it gets a copy.
    """

    settings: Mapping[str, str]
    note: str
    receiver: Receiver | None = None
    jaeger: Path | None = None

    @classmethod
    def start(cls, settings: Mapping[str, str], folder: Path) -> Self:
        """Receive spans, unless the settings send them somewhere else already.

        Args: settings: what the services get. folder: of the run.
        """
        endpoint = settings.get(ENDPOINT)
        if endpoint is not None:
            return cls({}, f"sent to {endpoint}, as {ENDPOINT} says")
        jaeger = _usable_jaeger()
        file = TraceFile(folder)
        file.clear()
        receiver = Receiver(file, relay_url=None if jaeger is None else JAEGER_OTLP_URL)
        page = "" if jaeger is None else f", or Jaeger: {JAEGER_PAGE_URL}"
        return cls({ENDPOINT: receiver.url, **SOON}, f"make trace{page}", receiver, jaeger)

    def close(self) -> None:
        """Stop receiving; what was received stays."""
        if self.receiver is not None:
            self.receiver.close()


NO_TELEMETRY: Final = LocalTelemetry({}, "off; on with make run TELEMETRY=1")


def jaeger_process(program: Path, folder: Path, guardian: Guardian) -> ManagedProcess:
    """Jaeger with the traces in its memory. Args: folder: of the run."""
    return ManagedProcess(
        "jaeger",
        [str(program)],
        system_environment(),
        cwd=folder,
        log_path=folder / "logs" / "jaeger.log",
        ready_url=JAEGER_READY_URL,
        guardian=guardian,
    )


def _usable_jaeger() -> Path | None:
    """Jaeger 2 of this machine, where it is on PATH and its ports are free."""
    found = shutil.which("jaeger")
    if found is None:
        return None
    try:
        for port in JAEGER_PORTS:
            require_free("Jaeger", port)
    except PortTaken:
        return None
    return Path(found)
