"""A release in a cluster under load: through its edge, with what kubectl says of its pods."""

import os
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, get_args

import httpx2
from devstack.people import Person

from tests.cluster.equipment.database import open_database_view
from tests.cluster.equipment.edge import Edge
from tests.cluster.equipment.kubectl import Kubectl
from tests.cluster.equipment.people import sign_up_many
from tests.cluster.equipment.release import Component, Release
from tests.cluster.equipment.settings import ClusterSettings
from tests.equipment.database import DatabaseView
from tests.load.slo.resources import Used
from tests.load.slo.system import Summary, connections_in, summaries_in

MEBIBYTE: Final = 2**20
_TOP: Final = re.compile(r"^\S+\s+(?P<millicores>\d+)m\s+(?P<memory>\d+)Mi", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class ClusterSystem:
    """See tests.load.slo.system.System. began_at: aware UTC; the logs before it are not read."""

    release: Release
    edge: Edge
    client: httpx2.AsyncClient
    database: DatabaseView | None
    began_at: datetime

    @property
    def place(self) -> str:
        """See System."""
        return (
            f"release {self.release.name} in a cluster, through {self.edge.url}; load from this"
            " machine"
        )

    @property
    def host(self) -> str:
        """See System."""
        return self.edge.host

    def gateway_url(self, *, hedging: bool) -> str:
        """See System."""
        if not hedging:
            raise LookupError("a release has no second gateway without hedges")
        return self.edge.raw_url

    def pids(self, *, hedging: bool) -> Mapping[str, int]:
        """See System."""
        return {}

    async def pods(self) -> Mapping[str, Used]:
        """See System."""
        used: dict[str, Used] = {}
        for component in get_args(Component):
            chosen = f"--selector={self.release.selector(component)}"
            found = used_in(await self.release.kubectl("top", "pods", "--no-headers", chosen))
            if found is not None:
                used[component] = found
        return used

    async def people(self, number: int) -> Sequence[Person]:
        """See System."""
        return await sign_up_many(self.release, self.edge, self.client, number)

    async def summaries(self, *, hedging: bool) -> Sequence[Summary]:
        """See System."""
        log = await self.release.kubectl(
            "logs",
            f"--selector={self.release.selector('chat-gateway')}",
            f"--since-time={self.began_at:%Y-%m-%dT%H:%M:%SZ}",
            "--tail=-1",
            "--max-log-requests=50",
        )
        return list(summaries_in(log))

    async def connections(self) -> Mapping[str, int]:
        """See System."""
        return {} if self.database is None else await connections_in(self.database)


def used_in(top: str) -> Used | None:
    """What `kubectl top pods` says of some pods: cores of all, memory of the largest."""
    pods = [(int(one["millicores"]), int(one["memory"])) for one in _TOP.finditer(top)]
    if not pods:
        return None
    return Used(
        cores=sum(millicores for millicores, _ in pods) / 1000,
        memory_mb=max(memory for _, memory in pods) * MEBIBYTE / 1e6,
    )


@asynccontextmanager
async def cluster_system(target: str) -> AsyncIterator[ClusterSystem]:
    """The release behind an edge; TASKCHAT_CONTEXT, _NAMESPACE and _RELEASE as in cluster-test.

    Args: target: the edge's origin. Its database is looked into if it is the chart's own.
    """
    settings = ClusterSettings.read({**os.environ, "TASKCHAT_EDGE_URL": target.rstrip("/")})
    kubectl = Kubectl(settings.namespace, settings.context)
    release = Release.at(kubectl, settings.release, settings.chart)
    edge = Edge.of(settings)
    async with AsyncExitStack() as opened:
        client = await opened.enter_async_context(edge.client())
        own = await kubectl.find("statefulset", release.resource("postgres"))
        database = await opened.enter_async_context(open_database_view(release)) if own else None
        yield ClusterSystem(release, edge, client, database, datetime.now(UTC))
