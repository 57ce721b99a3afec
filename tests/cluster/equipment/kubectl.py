"""kubectl, as the tests use it: JSON out, objects in, errors with the command and its words."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

from tests.cluster.equipment.commands import CommandFailed, run

Manifest = Mapping[str, Any]
"""An object of the API, as YAML has it: the API server judges it, not we."""


@dataclass(frozen=True, slots=True)
class Kubectl:
    """A cluster, seen from one namespace. Attributes: context: empty: KUBECONFIG's current one."""

    namespace: str
    context: str = ""

    def elsewhere(self, namespace: str) -> Self:
        """The same cluster, seen from another namespace."""
        return replace(self, namespace=namespace)

    def argv(self, *arguments: str) -> list[str]:
        """The command line of a call."""
        chosen = ["--context", self.context] if self.context else []
        return ["kubectl", *chosen, "--namespace", self.namespace, *arguments]

    async def __call__(self, *arguments: str, stdin: str = "", limit_seconds: float = 60.0) -> str:
        """Run any command; return its output. Raises: CommandFailed."""
        return await run(*self.argv(*arguments), stdin=stdin, limit_seconds=limit_seconds)

    async def get(self, kind: str, name: str) -> dict[str, Any]:
        """One object. Raises: CommandFailed: there is none."""
        found: dict[str, Any] = json.loads(await self("get", kind, name, "--output=json"))
        return found

    async def find(self, kind: str, name: str) -> dict[str, Any] | None:
        """One object, or None when there is none, or no such kind in this cluster."""
        try:
            text = await self("get", kind, name, "--output=json", "--ignore-not-found")
        except CommandFailed as error:
            if "doesn't have a resource type" in error.errors:
                return None
            raise
        return json.loads(text) if text.strip() else None

    async def list(self, kind: str, selector: str = "") -> list[dict[str, Any]]:
        """The objects of a kind. Args: selector: of labels, as kubectl takes it."""
        chosen = [f"--selector={selector}"] if selector else []
        found: list[dict[str, Any]] = json.loads(await self("get", kind, "--output=json", *chosen))[
            "items"
        ]
        return found

    async def apply(self, *manifests: Manifest) -> None:
        """Make or change objects."""
        listed = {"apiVersion": "v1", "kind": "List", "items": list(manifests)}
        await self("apply", "--filename=-", stdin=json.dumps(listed))

    async def delete(self, kind: str, *names: str, selector: str = "", wait: bool = True) -> None:
        """Delete objects, if they are there. Args: wait: until they are gone (120 s at most)."""
        chosen = [f"--selector={selector}"] if selector else list(names)
        flags = ["--ignore-not-found", f"--wait={str(wait).lower()}"]
        await self("delete", kind, *chosen, *flags, limit_seconds=120)

    async def exec(
        self, pod: str, argv: Sequence[str], *, container: str = "", limit_seconds: float = 30.0
    ) -> str:
        """Run a program in a pod's container; return its output. Raises: CommandFailed."""
        chosen = [f"--container={container}"] if container else []
        return await self("exec", pod, *chosen, "--", *argv, limit_seconds=limit_seconds)

    async def logs(self, pod: str, *, previous: bool = False, lines: int = 200) -> str:
        """The last lines of all containers of a pod; of the ones before them if `previous`."""
        flags = ["--all-containers", f"--tail={lines}", *(["--previous"] if previous else [])]
        return await self("logs", pod, *flags)

    async def make_namespace(self) -> None:
        """Make the namespace, restricted as Pod Security can, unless it is there."""
        labels = {"pod-security.kubernetes.io/enforce": "restricted"}
        metadata = {"name": self.namespace, "labels": labels}
        await self.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})

    async def delete_namespace(self) -> None:
        """Delete the namespace and all that is in it; returns when it is gone."""
        await self.delete("namespace", self.namespace)

    async def is_allowed(self, verb: str, kind: str) -> bool:
        """Whether the cluster answers and lets us do this."""
        try:
            return (await self("auth", "can-i", verb, kind)).strip() == "yes"
        except CommandFailed:
            return False
