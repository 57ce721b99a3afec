"""Installing what is missing, from public charts, and nothing that is there.

All add-ons are begun before any is waited for, so that their images are pulled together.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from devstack.cluster.addons import Addon, Need
from devstack.cluster.kubectl import Kubectl
from devstack.cluster.needs import absent
from devstack.cluster.programs import Programs, say
from devstack.cluster.waiting import wait_until_met

# An add-on's images are at most 200 MB; a slow line takes minutes for all of them.
LIMIT_SECONDS = 420.0
HELM_SECONDS = 300


@dataclass(frozen=True)
class Installation:
    """The add-ons of one cluster."""

    programs: Programs
    kubectl: Kubectl
    limit_seconds: float = LIMIT_SECONDS

    def run(self, addons: Sequence[Addon]) -> None:
        """Install what is missing and wait until everything works.

        Raises: ClusterProblem: a chart could not be installed, or something is not ready in time.
        """
        begun: dict[str, list[Need] | None] = {}
        for addon in addons:
            if absent(self.kubectl, addon.needs):
                say(addon.name, f"installing {addon.chart} {addon.version} …")
                begun[addon.name] = self._begin(addon)
            else:
                say(addon.name, "there already")
        for addon in addons:
            started = time.monotonic()
            servers = begun.get(addon.name)
            if servers is not None:
                self._wait(addon, servers)
                self._helm(addon)
            if addon.manifest is not None and absent(self.kubectl, addon.additions()):
                self.kubectl.apply(addon.manifest.read_text())
            self._wait(addon, [*addon.needs, *addon.additions()])
            say(addon.name, f"ready ({time.monotonic() - started:.0f} s)")

    def _begin(self, addon: Addon) -> list[Need] | None:
        """Install an add-on, or all of it but the APIs that it serves itself.

        An aggregated API that is registered at once with its servers' Service may be reached by the
        API server before kube-proxy knows the Service's address. On some networks something outside
        answers for that address, the connection is kept, and the API stays missing.

        Returns: the Services that have to work before helm takes over and registers the APIs; None
            when helm has done everything.
        """
        if not any(need.kind == "APIService" for need in addon.needs):
            self._helm(addon)
            return None
        rendered = self._rendered(addon)
        registrations = [one for one in rendered if one["kind"] == "APIService"]
        servers = [marked_as_release(one, addon) for one in rendered if one not in registrations]
        self.kubectl.apply(namespace_manifest(addon.namespace))
        self.kubectl.apply(yaml.safe_dump_all(servers))
        return [served_by(one) for one in registrations]

    def _rendered(self, addon: Addon) -> list[dict[str, Any]]:
        """What the chart makes, as helm would install it in this cluster."""
        version = ("--kube-version", self.kubectl.version(), "--include-crds")
        where = ("--namespace", addon.namespace)
        said = self.programs.require(
            "helm", "template", addon.release, *addon.chart_arguments(), *where, *version
        )
        return [document for document in yaml.safe_load_all(said) if document]

    def _helm(self, addon: Addon) -> None:
        where = ("--kube-context", self.kubectl.context, "--namespace", addon.namespace)
        self.programs.require(
            *("helm", "upgrade", "--install", addon.release, *addon.chart_arguments(), *where),
            *("--create-namespace", "--timeout", f"{HELM_SECONDS}s"),
            limit_seconds=HELM_SECONDS + 60,
        )

    def _wait(self, addon: Addon, needs: Sequence[Need]) -> None:
        wait_until_met(self.kubectl, addon.name, needs, addon.namespace, self.limit_seconds)


def served_by(api_service: dict[str, Any]) -> Need:
    """The Service behind an aggregated API."""
    service = api_service["spec"]["service"]
    return Need("Service", service["name"], service["namespace"])


def namespace_manifest(name: str) -> str:
    """A namespace that helm would make."""
    return yaml.safe_dump({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})


def marked_as_release(document: dict[str, Any], addon: Addon) -> dict[str, Any]:
    """The object with the marks by which helm takes it over into the release."""
    metadata = document["metadata"]
    labels = {**(metadata.get("labels") or {}), "app.kubernetes.io/managed-by": "Helm"}
    annotations = {
        **(metadata.get("annotations") or {}),
        "meta.helm.sh/release-name": addon.release,
        "meta.helm.sh/release-namespace": addon.namespace,
    }
    return {**document, "metadata": {**metadata, "labels": labels, "annotations": annotations}}
