"""What can be said of the Dockerfiles without building them; tests/cluster builds and runs them."""

import json
import re
import tomllib
from pathlib import Path
from typing import Final

import pytest
import yaml
from devstack.bootstrap import UV_VERSION

from tests.equipment.documents import ROOT

PYTHON_SERVICES: Final = ("chat-gateway", "gemini-simulator", "mcp-tools")
NODE_SERVICES: Final = ("auth", "web")
SERVICES: Final = (*NODE_SERVICES, *PYTHON_SERVICES)
BASES: Final = {"PYTHON_IMAGE": "python:3.11-slim-bookworm", "NODE_IMAGE": "node:24-bookworm-slim"}

python_service = pytest.mark.parametrize("service", PYTHON_SERVICES)
every_service = pytest.mark.parametrize("service", SERVICES)


@pytest.mark.parametrize("service", PYTHON_SERVICES[1:])
def test_python_services_are_built_alike(service: str) -> None:
    """A correction in one file belongs in all; only names, ports and the first line may differ."""
    assert without_names(service) == without_names(PYTHON_SERVICES[0])


@pytest.mark.parametrize("service", NODE_SERVICES)
def test_packages_run_no_scripts_and_stay_behind(service: str) -> None:
    text = dockerfile(service)
    assert "npm ci --cache /cache/npm --ignore-scripts" in text
    _, _, production = text.rpartition(" AS production\n")
    copied = re.findall(r"^COPY (.+)$", production, re.MULTILINE)
    assert copied == [f"services/{service}/package.json ./", "--from=application /src/dist dist"]


@pytest.mark.parametrize("service", NODE_SERVICES)
def test_node_services_leave_the_same_out_of_the_base(service: str) -> None:
    """A correction in one file belongs in both."""
    assert re.findall(r"^RUN rm -rf (?:.+\\\n)+.+$", dockerfile(service), re.MULTILINE) == (
        re.findall(r"^RUN rm -rf (?:.+\\\n)+.+$", dockerfile(NODE_SERVICES[0]), re.MULTILINE)
    )


def test_whatever_is_copied_into_an_image_is_let_through() -> None:
    """What .dockerignore leaves out would fail the build, or be missing in it."""
    let_through = {
        line.removeprefix("!")
        for line in (ROOT / ".dockerignore").read_text().splitlines()
        if line.startswith("!")
    }
    for service in SERVICES:
        for sources in re.findall(r"^COPY ((?!--from).+) \S+$", dockerfile(service), re.MULTILINE):
            assert set(sources.split()) <= let_through, service


@python_service
def test_uv_is_the_one_of_the_checkout(service: str) -> None:
    assert re.findall(r"^ARG UV_VERSION=(.+)$", dockerfile(service), re.MULTILINE) == [UV_VERSION]


@python_service
def test_every_member_of_the_workspace_is_there_for_the_lock_file(service: str) -> None:
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    for member in members():
        assert f"COPY {member}/pyproject.toml {member}/\n" in dockerfile(service)
        assert f"!{member}/pyproject.toml" in ignored


@every_service
def test_bases_are_build_arguments_with_an_exact_tag(service: str) -> None:
    text = dockerfile(service)
    names = re.findall(r"^FROM (\S+)", text, re.MULTILINE)
    stages = re.findall(r"^FROM \S+ AS (\S+)$", text, re.MULTILINE)
    arguments = dict(re.findall(r"^ARG (\w+_IMAGE)=(\S+)$", text, re.MULTILINE))
    assert arguments.items() <= BASES.items()
    assert {name for name in names if name not in stages} == {f"${{{name}}}" for name in arguments}


PINNED: Final = re.compile(r"(?P<tag>[a-z]+:[a-z0-9.-]+)@sha256:[0-9a-f]{64}")
WORKFLOWS: Final = sorted((ROOT / ".github/workflows").glob("*.yml"))


def pinned_bases() -> dict[str, dict[str, str]]:
    """Of each service that skaffold's profile for production builds: its build arguments."""
    profiles = yaml.safe_load((ROOT / "skaffold.yaml").read_text())["profiles"]
    (prod,) = (one for one in profiles if one["name"] == "prod")
    return {
        one["image"].removeprefix("taskchat/"): one["docker"]["buildArgs"]
        for one in prod["build"]["artifacts"]
    }


def test_production_is_built_on_digests_of_the_same_tags() -> None:
    for service, arguments in pinned_bases().items():
        declared = dict(re.findall(r"^ARG (\w+_IMAGE)=(\S+)$", dockerfile(service), re.MULTILINE))
        assert arguments.keys() == declared.keys(), service
        for name, image in arguments.items():
            found = PINNED.fullmatch(image)
            assert found is not None, image
            assert found["tag"] == declared[name]


def test_the_forge_builds_what_skaffold_builds() -> None:
    text = (ROOT / ".github/workflows/images.yml").read_text()
    job = yaml.safe_load(text)["jobs"]["image"]
    built = {
        one["service"]: dict([one["base"].split("=", 1)])
        for one in job["strategy"]["matrix"]["include"]
    }
    assert built == pinned_bases()
    (build,) = (step["with"] for step in job["steps"] if step.get("id") == "build")
    assert build["sbom"] is True
    assert build["provenance"] == "mode=max"


def test_the_forge_can_run_the_steps_of_each_platform() -> None:
    """Without an emulation a release would end at the first step of the other platform."""
    text = (ROOT / ".github/workflows/images.yml").read_text()
    steps = yaml.safe_load(text)["jobs"]["image"]["steps"]
    names = [step.get("uses", "").partition("@")[0] for step in steps]
    (build,) = (step["with"] for step in steps if step.get("id") == "build")
    if "," in build["platforms"]:
        assert "docker/setup-qemu-action" in names[: names.index("docker/build-push-action")]


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_actions_of_others_are_commits_and_nobody_may_write(workflow: Path) -> None:
    text = workflow.read_text()
    used = re.findall(r"uses: (\S+)", text)
    assert [one for one in used if not re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", one)] == []
    assert yaml.safe_load(text)["permissions"]["contents"] == "read"


def test_update_bot_finds_every_digest() -> None:
    manager = json.loads((ROOT / "renovate.json").read_text())["customManagers"][0]
    (pattern,) = (text.replace("(?<", "(?P<") for text in manager["matchStrings"])
    for name in ("skaffold.yaml", "k8s/kind.yaml", ".github/workflows/images.yml"):
        text = (ROOT / name).read_text()
        assert any(re.search(one.strip("/"), name) for one in manager["managerFilePatterns"]), name
        assert len(re.findall(pattern, text)) == text.count("@sha256:") > 0, name


@python_service
def test_what_installs_all_that_is_locked_is_locked_too(service: str) -> None:
    text = dockerfile(service)
    assert len(re.findall(r"--hash=sha256:[0-9a-f]{64}", text)) == 2
    assert "--require-hashes" in text


@pytest.mark.parametrize("service", NODE_SERVICES)
def test_what_is_bundled_is_in_the_list_of_what_is_inside(service: str) -> None:
    _, _, dependencies = dockerfile(service).partition(" AS dependencies\n")
    assert "ARG BUILDKIT_SBOM_SCAN_STAGE=true" in dependencies.partition("\nFROM ")[0]


@every_service
def test_what_is_built_without_a_target_is_for_production(service: str) -> None:
    stages = re.findall(r"^FROM \S+ AS (\S+)$", dockerfile(service), re.MULTILINE)
    assert stages[-1] == "production"


def dockerfile(service: str) -> str:
    """The text of a service's Dockerfile."""
    return (ROOT / "services" / service / "Dockerfile").read_text()


def without_names(service: str) -> str:
    """The same after its first line, with the names of the service taken out."""
    _, _, text = dockerfile(service).partition("\n")
    unnamed = re.sub(r"\bPORT=\d+|EXPOSE \d+", "PORT", text)
    for member in members():
        unnamed = unnamed.replace(f"COPY {member}/pyproject.toml {member}/\n", "")
    for name in (service, service.replace("-", "_")):
        unnamed = unnamed.replace(name, "SERVICE")
    return unnamed


def members() -> list[str]:
    """The folders of the workspace's members."""
    patterns = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["uv"]["workspace"][
        "members"
    ]
    found = (folder for pattern in patterns for folder in ROOT.glob(pattern))
    return sorted(
        str(folder.relative_to(ROOT)) for folder in found if (folder / "pyproject.toml").exists()
    )
