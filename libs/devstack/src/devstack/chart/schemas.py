"""The schemas that `make test` checks manifests with, from Go modules into `tests/chart/schemas`.

They are committed, so that the check needs no network and says the same everywhere. `sources.json`
tells what they were made from; while that is what `schema_sources.py` asks for, nothing is done.
"""

import json
import shutil
from pathlib import Path

import yaml

from devstack.chart.schema_sources import (
    CUSTOM_KINDS,
    KUBERNETES,
    KUBERNETES_KINDS,
    KUBERNETES_MODULE,
    CustomKinds,
)
from devstack.chart.strict_schema import Schema, custom_resource, kubernetes
from devstack.tools.compiled import Module, download_module

FOLDER = Path("tests/chart/schemas")
SOURCES = "sources.json"


def wanted_sources() -> list[dict[str, object]]:
    """What the schemas are to be made from, without checksums."""
    built_in: list[dict[str, object]] = [
        {"module": KUBERNETES_MODULE, "version": version, "kinds": list(KUBERNETES_KINDS)}
        for version in KUBERNETES
    ]
    return built_in + [
        {"module": custom.module, "version": custom.version, "files": list(custom.files)}
        for custom in CUSTOM_KINDS
    ]


def recorded_sources(folder: Path) -> list[dict[str, object]]:
    """What the schemas in a folder were made from, without checksums; [] when there are none."""
    path = folder / SOURCES
    if not path.exists():
        return []
    return [
        {key: value for key, value in source.items() if key != "checksum"}
        for source in json.loads(path.read_text())
    ]


def generate(root: Path) -> bool:
    """Make the schemas anew unless they are of the wanted sources; return whether it was needed.

    Raises: NotCompiled: a module cannot be downloaded.
    """
    folder = root / FOLDER
    wanted = wanted_sources()
    if recorded_sources(folder) == wanted:
        return False
    files: dict[str, Schema] = {}
    checksums = []
    for version in KUBERNETES:
        module = download_module(KUBERNETES_MODULE, version)
        swagger = json.loads((module.folder / "api/openapi-spec/swagger.json").read_bytes())
        for name, schema in kubernetes(swagger, KUBERNETES_KINDS).items():
            files[f"v{version}/{name}"] = schema
        checksums.append(module.checksum)
    for custom in CUSTOM_KINDS:
        module = download_module(custom.module, custom.version)
        for name, schema in custom_schemas(module, custom).items():
            files[f"custom/{name}"] = schema
        checksums.append(module.checksum)
    shutil.rmtree(folder, ignore_errors=True)
    for name, schema in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(schema, separators=(",", ":"), sort_keys=True) + "\n")
    record = [
        {**source, "checksum": checksum} for source, checksum in zip(wanted, checksums, strict=True)
    ]
    (folder / SOURCES).write_text(json.dumps(record, indent=2) + "\n")
    return True


def custom_schemas(module: Module, custom: CustomKinds) -> dict[str, Schema]:
    """Schemas of a module's custom resources."""
    found: dict[str, Schema] = {}
    for file in custom.files:
        text = (module.folder / custom.folder / file).read_text()
        for definition in yaml.safe_load_all(text):
            if definition and definition["kind"] == "CustomResourceDefinition":
                found.update(custom_resource(definition))
    return found
