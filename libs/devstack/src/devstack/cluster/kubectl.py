"""What we ask of an API server, always of the context that was chosen."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from devstack.cluster.programs import Answer, ClusterProblem, Programs

# What an API server gets to answer a question; one at the other end of the world needs a second.
ANSWER_SECONDS = 15
NO_SUCH_KIND = "the server doesn't have a resource type"

Manifest = Mapping[str, Any]


@dataclass(frozen=True)
class Kubectl:
    """kubectl with one context."""

    programs: Programs
    context: str

    def ask(self, *arguments: str, stdin: str | None = None) -> Answer:
        """Run kubectl, however it ends."""
        limit = f"--request-timeout={ANSWER_SECONDS}s"
        return self.programs.ask(
            "kubectl", "--context", self.context, limit, *arguments, stdin=stdin
        )

    def answers(self) -> bool:
        """Whether the API server is there and ready."""
        return self.ask("get", "--raw=/readyz").code == 0

    def version(self) -> str:
        """The server's version, such as v1.34.4."""
        said = self._require("version", "--output=json")
        version: str = json.loads(said)["serverVersion"]["gitVersion"]
        return version

    def get(self, kind: str, name: str, namespace: str | None = None) -> Manifest | None:
        """An object; None when it, its namespace or its kind is not there.

        Raises: ClusterProblem: the server does not answer or does not let us look.
        """
        where = [] if namespace is None else ["--namespace", namespace]
        answer = self.ask("get", kind, name, *where, "--ignore-not-found", "--output=json")
        if answer.code != 0 and NO_SUCH_KIND in answer.complained:
            return None
        found: Manifest | None = json.loads(self._said(answer) or "null")
        return found

    def list(self, kind: str, namespace: str = "default", selector: str = "") -> Sequence[Manifest]:
        """Objects of a namespace; nodes and their like are in none."""
        said = self._require(
            "get", kind, "--namespace", namespace, "--selector", selector, "--output=json"
        )
        items: Sequence[Manifest] = json.loads(said)["items"]
        return items

    def apply(self, manifests: str) -> None:
        """Make these YAML documents true.

        Server-side, because some CRDs are too large for the annotation of a client-side apply; in
        Helm's name, so that Helm 4, which applies the same way, may go on with them.
        """
        self._require(
            "apply",
            "--server-side",
            "--force-conflicts",
            "--field-manager=helm",
            "--filename=-",
            stdin=manifests,
        )

    def _require(self, *arguments: str, stdin: str | None = None) -> str:
        return self._said(self.ask(*arguments, stdin=stdin))

    def _said(self, answer: Answer) -> str:
        if answer.code != 0:
            raise ClusterProblem(f"{self.context}: {answer.complained.strip()}")
        return answer.said
