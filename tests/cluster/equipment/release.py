"""An installed release of the chart: its objects by component, and changes that are taken back."""

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self

from tests.cluster.equipment.helm import Helm, Values
from tests.cluster.equipment.kubectl import Kubectl
from tests.cluster.equipment.pods import Pod, Rollout
from tests.equipment.waiting import wait_until

Component = Literal[
    "chat-gateway", "mcp-tools", "auth", "web", "gemini-simulator", "postgres", "pgbouncer", "edge"
]
CHART_NAME = "taskchat"
LOOK_SECONDS = 1.0
"""Between two looks: each is a kubectl, which costs a tenth of a second of CPU."""
SETTLE_SECONDS = 180.0
"""For pods that start, and for old ones that drain: a turn's deadline and more."""


@dataclass(frozen=True, slots=True)
class Release:
    """One release in one namespace."""

    kubectl: Kubectl
    helm: Helm

    @classmethod
    def at(cls, kubectl: Kubectl, name: str, chart: Path) -> Self:
        """The release of this name in kubectl's namespace; it need not be installed."""
        return cls(kubectl, Helm(kubectl.namespace, name, chart, kubectl.context))

    @property
    def name(self) -> str:
        """Its name."""
        return self.helm.release

    @property
    def namespace(self) -> str:
        """Where it is."""
        return self.kubectl.namespace

    def resource(self, suffix: str) -> str:
        """The name of one of its objects. Args: suffix: a component, usually."""
        fullname = self.name if CHART_NAME in self.name else f"{self.name}-{CHART_NAME}"
        return f"{fullname}-{suffix}"

    def selector(self, component: Component | None = None) -> str:
        """The labels of its objects, or of those of one component."""
        chosen = f",app.kubernetes.io/name={component}" if component else ""
        return f"app.kubernetes.io/instance={self.name}{chosen}"

    async def pods(self, component: Component | None = None) -> list[Pod]:
        """Its pods, also those that are starting or going."""
        found = await self.kubectl.list("pods", self.selector(component))
        return [Pod.read(one) for one in found]

    async def serving_pods(self, component: Component) -> list[Pod]:
        """The pods of a component that requests are sent to."""
        return [pod for pod in await self.pods(component) if pod.serves]

    async def configuration(self, component: Component) -> dict[str, str]:
        """The variables of a component that are no secret: its ConfigMap."""
        found = await self.kubectl.get("configmap", self.resource(component))
        data: dict[str, str] = found.get("data", {})
        return data

    async def secret(self, name: str) -> dict[str, str]:
        """What is in a Secret, decoded."""
        data = (await self.kubectl.get("secret", name)).get("data", {})
        return {key: base64.b64decode(value).decode() for key, value in data.items()}

    async def wait_until_settled(self, limit_seconds: float = SETTLE_SECONDS) -> None:
        """Wait until every rollout is done and no pod is starting or going.

        Raises: AssertionError: not in time; names what is not settled.
        """

        async def look() -> bool:
            unsettled[:] = await self._unsettled()
            return not unsettled

        unsettled: list[str] = []
        try:
            await wait_until(
                f"release {self.name} is settled", look, limit_seconds, every_seconds=LOOK_SECONDS
            )
        except AssertionError as error:
            raise AssertionError(f"{error}; still moving: {', '.join(unsettled)}") from error

    async def _unsettled(self) -> list[str]:
        rollouts = await self.kubectl.list("deployments,statefulsets", self.selector())
        undone = [one for one in map(Rollout.read, rollouts) if not one.is_done]
        going = [pod.name for pod in await self.pods() if pod.terminating]
        return [*(f"rollout of {one.name}" for one in undone), *(f"pod {name}" for name in going)]

    @asynccontextmanager
    async def upgraded(self, values: Values) -> AsyncIterator[None]:
        """Run the block with some values changed; afterwards the release is as it was before.

        Raises: CommandFailed: helm refused, or something did not become ready.
        """
        async with self.restored():
            await self.helm.upgrade(values)
            await self.wait_until_settled()
            yield

    @asynccontextmanager
    async def restored(self) -> AsyncIterator[int]:
        """Run the block; afterwards go back to the revision from before, if there are newer ones.

        Yields: that revision.
        """
        before = await self.helm.revision()
        try:
            yield before
        finally:
            if await self.helm.revision() != before:
                await self.helm.rollback(before)
            await self.wait_until_settled()
