"""helm, as the tests use it; every command works with helm 3 and helm 4."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.cluster.equipment.commands import CommandFailed, run

Values = Mapping[str, Any]
"""Values of the chart, nested as in values.yaml: the chart's schema judges them."""


@dataclass(frozen=True, slots=True)
class Helm:
    """One release.

    Attributes: context: as kubectl's. limit_seconds: how long helm may wait for a command's end.
    """

    namespace: str
    release: str
    chart: Path
    context: str = ""
    limit_seconds: int = 300

    async def __call__(
        self, command: str, *arguments: str, stdin: str = "", with_errors: bool = False
    ) -> str:
        """Run a command on this release; return its output. Raises: CommandFailed."""
        return await run(
            *("helm", command, self.release, *arguments, *self._where),
            stdin=stdin,
            limit_seconds=self.limit_seconds + 15,
            with_errors=with_errors,
        )

    async def revision(self) -> int:
        """The newest revision. Raises: CommandFailed: there is no such release."""
        return int(json.loads(await self("status", "--output=json"))["version"])

    async def status(self) -> str:
        """How the newest revision is doing: `deployed`, `failed`, …"""
        return str(json.loads(await self("status", "--output=json"))["info"]["status"])

    async def is_installed(self) -> bool:
        """Whether there is such a release."""
        try:
            await self("status")
        except CommandFailed as error:
            if "not found" in error.errors:
                return False
            raise
        return True

    async def values(self, *, computed: bool = False) -> dict[str, Any]:
        """What the user of the release has set. Args: computed: and the chart's defaults."""
        which = ["--all"] if computed else []
        found: dict[str, Any] | None = json.loads(
            await run(
                *("helm", "get", "values", self.release, "--output=json", *which, *self._where)
            )
        )
        return found or {}

    async def install(self, *value_files: Path, values: Values | None = None) -> None:
        """Install it, and wait until everything is ready."""
        files = [f"--values={path}" for path in value_files]
        await self(
            "install", str(self.chart), *files, *self._given(), stdin=json.dumps(values or {})
        )

    async def upgrade(self, values: Values) -> None:
        """Change these values, keep the others, and wait until everything is ready."""
        await self(
            *("upgrade", str(self.chart), "--reset-then-reuse-values"),
            *self._given(),
            stdin=json.dumps(values),
        )

    async def rollback(self, revision: int) -> None:
        """Go back to a revision, and wait until everything is ready."""
        await self("rollback", str(revision), "--wait", self._timeout)

    async def test(self) -> str:
        """Run the release's own tests; return what helm and the tests say.

        Not with --logs: helm 3 looks for the logs of a pod after its hook policy has deleted it.

        Raises: CommandFailed: one failed.
        """
        return await self("test", self._timeout, with_errors=True)

    async def uninstall(self) -> None:
        """Remove the release, and wait until its objects are gone."""
        await self("uninstall", "--wait", self._timeout)

    @property
    def _where(self) -> list[str]:
        chosen = [f"--kube-context={self.context}"] if self.context else []
        return [f"--namespace={self.namespace}", *chosen]

    @property
    def _timeout(self) -> str:
        return f"--timeout={self.limit_seconds}s"

    def _given(self) -> list[str]:
        return ["--values=-", "--wait", self._timeout]
