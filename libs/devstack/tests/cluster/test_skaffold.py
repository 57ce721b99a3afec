"""skaffold.yaml, the Dockerfiles, the chart and k8s/ name the same things."""

import re
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml
from devstack.cluster.command import NAMESPACE, RELEASE
from devstack.cluster.kind_cluster import MADE_BY_US
from devstack.stack import checkout

ROOT = checkout()
CONFIG: dict[str, Any] = yaml.safe_load((ROOT / "skaffold.yaml").read_text())
PROFILES = {profile["name"]: profile for profile in CONFIG["profiles"]}
PYTHON_SERVICES = ("chat-gateway", "mcp-tools", "gemini-simulator")


def read(path: str) -> dict[str, Any]:
    """A YAML file of the checkout."""
    content: dict[str, Any] = yaml.safe_load((ROOT / path).read_text())
    return content


def developed() -> dict[str, Any]:
    """The configuration of `skaffold dev`."""
    config = deepcopy(CONFIG)
    for patch in PROFILES["dev"]["patches"]:
        *parents, last = patch["path"].strip("/").split("/")
        target: Any = config
        for key in parents:
            target = target[int(key) if isinstance(target, list) else key]
        assert patch["op"] == "add"
        if last == "-":
            target.append(patch["value"])
        else:
            target[last] = patch["value"]
    return config


def artifacts(config: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """By name of the image, without our prefix."""
    return {one["image"].removeprefix("taskchat/"): one for one in config["build"]["artifacts"]}


def dockerfile(artifact: dict[str, Any]) -> Path:
    """Where an artifact is described."""
    context: str = artifact.get("context", ".")
    name: str = artifact.get("docker", {}).get("dockerfile", "Dockerfile")
    return ROOT / context / name


def value(values: dict[str, Any], path: str) -> Any:
    """What stands at a dotted path; KeyError where the chart does not know it."""
    found: Any = values
    for key in path.split("."):
        found = found[key]
    return found


def releases() -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Each release with the configuration whose images it uses."""
    prod = PROFILES["prod"]
    return [
        (CONFIG["deploy"]["helm"]["releases"][0], CONFIG),
        (prod["deploy"]["helm"]["releases"][0], prod),
    ]


@pytest.mark.parametrize("name", artifacts(CONFIG))
def test_image_has_a_dockerfile(name: str) -> None:
    assert dockerfile(artifacts(CONFIG)[name]).is_file()


@pytest.mark.parametrize(("release", "config"), releases(), ids=["development", "prod"])
class TestRelease:
    def test_sets_values_that_the_chart_has(
        self, release: dict[str, Any], config: dict[str, Any]
    ) -> None:
        values = read(f"{release['chartPath']}/values.yaml")
        for path in release["setValueTemplates"]:
            assert isinstance(value(values, path), str)

    def test_sets_each_image_that_is_built_where_the_chart_has_it(
        self, release: dict[str, Any], config: dict[str, Any]
    ) -> None:
        values = read(f"{release['chartPath']}/values.yaml")
        wanted = {
            value(values, path): template.replace("_NO_DOMAIN", "")
            for path, template in release["setValueTemplates"].items()
            if path.endswith(".repository")
        }
        built = {one["image"]: one["image"] for one in config["build"]["artifacts"]}
        assert wanted == {
            image: f"{{{{.IMAGE_REPO_{image.replace('/', '_').replace('-', '_')}}}}}"
            for image in built
        }

    def test_sets_the_tag_beside_each_repository(
        self, release: dict[str, Any], config: dict[str, Any]
    ) -> None:
        templates = release["setValueTemplates"]
        repositories = {
            path.removesuffix(".repository"): template.replace("_NO_DOMAIN", "")
            for path, template in templates.items()
            if path.endswith(".repository")
        }
        tags = {p.removesuffix(".tag"): t for p, t in templates.items() if p.endswith(".tag")}
        assert tags == {path: t.replace("_REPO_", "_TAG_") for path, t in repositories.items()}

    def test_is_the_one_that_the_commands_know(
        self, release: dict[str, Any], config: dict[str, Any]
    ) -> None:
        assert (release["name"], release["namespace"]) == (RELEASE, NAMESPACE)
        assert all((ROOT / path).is_file() for path in release["valuesFiles"])


@pytest.mark.parametrize("name", PYTHON_SERVICES)
class TestDev:
    def test_runs_the_target_that_reloads(self, name: str) -> None:
        artifact = artifacts(developed())[name]
        assert artifact["docker"]["target"] == "dev"
        assert "AS dev\n" in dockerfile(artifact).read_text()

    def test_syncs_every_source_of_the_service(self, name: str) -> None:
        rules = artifacts(developed())[name]["sync"]["manual"]
        synced = {rule["src"] for rule in rules}
        for folder in (f"services/{name}/src/", "libs/servicekit/src/"):
            files = {path.suffix for path in (ROOT / folder).rglob("*.*") if path.is_file()}
            kinds = files - {".pyc", ".typed"}
            assert {f"{folder}**/*{kind}" for kind in kinds} <= synced
        assert all(
            rule["src"] == f"{rule['strip']}**/*{Path(rule['src']).suffix}" for rule in rules
        )
        assert {rule["dest"] for rule in rules} == {"/tmp/src"}

    def test_the_image_runs_from_where_they_are_synced_to(self, name: str) -> None:
        _, _, target = dockerfile(artifacts(CONFIG)[name]).read_text().partition(" AS dev\n")
        command = target.partition("CMD ")[2].partition("\n")[0]
        assert "/tmp/src" in command


class TestDevOfThePage:
    def test_runs_the_target_that_builds(self) -> None:
        artifact = artifacts(developed())["web"]
        assert artifact["docker"]["target"] == "dev"
        _, _, target = dockerfile(artifact).read_text().partition(" AS dev\n")
        command = target.partition("CMD ")[2].partition("\n")[0]
        assert command.endswith('rebuild.ts", "/tmp/src"]')

    def test_syncs_every_source_of_the_page_to_its_place(self) -> None:
        artifact = artifacts(developed())["web"]
        rules = artifact["sync"]["manual"]
        assert {(rule["strip"], rule["dest"]) for rule in rules} == {("services/web/", "/tmp/src")}
        synced = {rule["src"].removesuffix("/**/*") for rule in rules}
        _, _, target = dockerfile(artifact).read_text().partition(" AS application\n")
        built = set(re.findall(r"services/web/[\w/.-]+", target.partition("RUN ")[0]))
        # Those two say how it is built: who changes them gets another image.
        assert synced == built - {"services/web/vite.config.ts", "services/web/build-server.ts"}


def test_pods_that_are_synced_are_not_joined_by_others() -> None:
    (release,) = developed()["deploy"]["helm"]["releases"]
    values = read(release["valuesFiles"][-1])
    for component in ("chatGateway", "mcpTools", "web"):
        assert values[component]["autoscaling"] == {"enabled": False}
        assert values[component]["replicas"] == 1


def test_images_that_change_seldom_are_built_anew() -> None:
    changed = {name for name, one in artifacts(developed()).items() if "sync" not in one}
    assert changed == {"auth", "pgbouncer"}


class TestCluster:
    def test_edge_answers_on_the_ports_that_kind_maps(self) -> None:
        mappings = read("k8s/kind.yaml")["nodes"][0]["extraPortMappings"]
        mapped = {one["hostPort"]: one["containerPort"] for one in mappings}
        service = read("charts/taskchat/values-dev.yaml")["edge"]["proxy"]["service"]
        assert service["type"] == "NodePort"
        assert mapped[80] == service["nodePorts"]["http"]
        assert mapped[443] == 30443

    def test_edge_is_reached_from_this_machine_only(self) -> None:
        mappings = read("k8s/kind.yaml")["nodes"][0]["extraPortMappings"]
        assert {one["listenAddress"] for one in mappings} == {"127.0.0.1"}

    def test_node_is_known_as_ours(self) -> None:
        key, _, made_by = MADE_BY_US.partition("=")
        assert read("k8s/kind.yaml")["nodes"][0]["labels"] == {key: made_by}

    def test_namespace_refuses_what_is_not_restricted(self) -> None:
        metadata = read("k8s/namespace.yaml")["metadata"]
        assert metadata["name"] == NAMESPACE
        assert metadata["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"

    def test_gateway_class_is_the_one_that_the_chart_names(self) -> None:
        gateway_class = read("k8s/platform/envoy-gateway/gatewayclass.yaml")
        values = read("charts/taskchat/values.yaml")
        assert gateway_class["metadata"]["name"] == values["edge"]["gatewayClassName"]
