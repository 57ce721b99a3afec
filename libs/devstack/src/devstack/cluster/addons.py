"""What the chart expects of its cluster, as k8s/platform describes it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

PLATFORM = Path("k8s/platform")
# In this order they are begun. Envoy Gateway is last: its chart waits for a job, and the others'
# images are pulled meanwhile.
ORDER = ("metrics-server", "keda", "jaeger", "prometheus", "otel-collector", "envoy-gateway")


@dataclass(frozen=True)
class Need:
    """An object that the chart relies on, whoever made it."""

    kind: str
    name: str
    namespace: str | None = None

    def __str__(self) -> str:
        where = "" if self.namespace is None else f"{self.namespace}/"
        return f"{self.kind} {where}{self.name}"


@dataclass(frozen=True)
class Addon:
    """One folder of k8s/platform.

    Attributes:
        needs: where all of these are, the add-on is left alone.
        values: for the chart, the later wins.
        manifest: objects that are added to what the chart makes, or None.
    """

    name: str
    repository: str
    chart: str
    version: str
    namespace: str
    release: str
    needs: tuple[Need, ...]
    values: tuple[Path, ...]
    manifest: Path | None

    def chart_arguments(self) -> list[str]:
        """What tells helm which chart in which version with which values."""
        pinned = ["--version", self.version]
        pinned += [word for path in self.values for word in ("--values", str(path))]
        if self.repository.startswith("oci://"):
            return [f"{self.repository}/{self.chart}", *pinned]
        return [self.chart, "--repo", self.repository, *pinned]

    def additions(self) -> tuple[Need, ...]:
        """The objects of the manifest."""
        if self.manifest is None:
            return ()
        documents = yaml.safe_load_all(self.manifest.read_text())
        return tuple(need_of(document) for document in documents if document)


def read_addons(root: Path) -> list[Addon]:
    """All add-ons, in the order in which they are begun."""
    return [read_addon(root / PLATFORM / name) for name in ORDER]


def read_addon(folder: Path) -> Addon:
    """The add-on of a folder."""
    fields: dict[str, Any] = yaml.safe_load((folder / "version.yaml").read_text())
    manifest = fields.pop("manifest", None)
    values = fields.pop("values", ["values.yaml"])
    needs = tuple(Need(**need) for need in fields.pop("needs"))
    return Addon(
        **fields,
        name=folder.name,
        needs=needs,
        values=tuple((folder / path).resolve() for path in values),
        manifest=None if manifest is None else folder / manifest,
    )


def need_of(manifest: dict[str, Any]) -> Need:
    """What identifies an object."""
    metadata = manifest["metadata"]
    return Need(manifest["kind"], metadata["name"], metadata.get("namespace"))
