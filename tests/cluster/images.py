"""The images: how each is built, what it is started with, and what is in it.

Everything is asked of the docker engine by its own command; nothing is pulled but the bases.
"""

import json
import os
import re
import subprocess
import tarfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import pytest
from devstack.gateway_keys import GatewayKeys

from tests.equipment.documents import ROOT

COMMAND_LIMIT_SECONDS: Final = 600
USER: Final = "65532:65532"
# More than a restricted pod is denied: it has a network.
CONFINED: Final = (
    "--read-only",
    "--tmpfs=/tmp",
    f"--user={USER}",
    "--cap-drop=ALL",
    "--security-opt=no-new-privileges",
    "--network=none",
)


@dataclass(frozen=True)
class Ended:
    """How a command in a container ended."""

    code: int
    stdout: str
    stderr: str


@dataclass(frozen=True)
class Image:
    """One image as this run built it.

    Attributes: dockerfile: relative to the root. context: of the build. target: a stage; empty
        for the default. packages: Python packages of ours in it.
    """

    name: str
    dockerfile: str
    context: Path = ROOT
    target: str = ""
    packages: tuple[str, ...] = ()

    @property
    def tag(self) -> str:
        """Never one that somebody deploys."""
        return f"taskchat/{self.name}:test{self.target and '-' + self.target}"

    def build(self, arguments: Mapping[str, str] | None = None) -> None:
        """Build it, or find it built."""
        given = [f"--build-arg={name}={value}" for name, value in (arguments or {}).items()]
        target = [f"--target={self.target}"] if self.target else []
        file = str(self.context / self.dockerfile)
        docker("build", "--tag", self.tag, "--file", file, *target, *given, str(self.context))

    def remove(self) -> None:
        """Remove it; what it was built from stays in the engine's cache."""
        docker("image", "rm", "--force", self.tag)

    @cached_property
    def description(self) -> Any:
        """What the engine says of it: JSON of `docker image inspect`."""
        return json.loads(docker("image", "inspect", self.tag))[0]

    @property
    def environment(self) -> dict[str, str]:
        """The variables that it sets itself."""
        pairs = (variable.partition("=") for variable in self.description["Config"]["Env"])
        return {name: value for name, _, value in pairs}

    @property
    def layer_sizes(self) -> list[int]:
        """Bytes that each step of its file has added, the newest first."""
        said = docker("history", "--human=false", "--format={{.Size}}", self.tag)
        return [int(size) for size in said.split()]

    def layers(self) -> list[str]:
        """Digests of what its steps have added, the oldest first; the base's come first."""
        return list(json.loads(docker("image", "inspect", self.tag))[0]["RootFS"]["Layers"])

    @cached_property
    def base(self) -> Any:
        """The same of the image that it stands on: the default of the file's build argument."""
        text = (self.context / self.dockerfile).read_text()
        found = re.search(r"^ARG \w+_IMAGE=(\S+)$", text, re.MULTILINE)
        assert found, f"{self.dockerfile} names no base as a build argument"
        return json.loads(docker("image", "inspect", found[1]))[0]

    @cached_property
    def files(self) -> dict[str, tarfile.TarInfo]:
        """Every path in it, without the first slash."""
        with self._exported() as archive:
            return {member.name: member for member in archive}

    def contents(self, wanted: Callable[[str], bool]) -> dict[str, bytes]:
        """The bytes of the files whose path is wanted."""
        found = {}
        with self._exported() as archive:
            for member in archive:
                if member.isfile() and wanted(member.name):
                    opened = archive.extractfile(member)
                    found[member.name] = opened.read() if opened else b""
        return found

    @contextmanager
    def _exported(self) -> Iterator[tarfile.TarFile]:
        container = docker("create", self.tag).strip()
        try:
            with subprocess.Popen(
                ["docker", "export", container], stdout=subprocess.PIPE
            ) as export:
                assert export.stdout is not None
                with tarfile.open(fileobj=export.stdout, mode="r|") as archive:
                    yield archive
        finally:
            docker("rm", container)

    def run(self, *command: str, env: Mapping[str, str] | None = None) -> Ended:
        """Run a command in it, or its own, confined and to its end."""
        argv = ["docker", "run", "--rm", *CONFINED, *_variables(env), self.tag, *command]
        ended = subprocess.run(
            argv, capture_output=True, text=True, check=False, timeout=COMMAND_LIMIT_SECONDS
        )
        return Ended(ended.returncode, ended.stdout, ended.stderr)

    @contextmanager
    def started(
        self, env: Mapping[str, str] | None = None, options: Sequence[str] = ()
    ) -> Iterator["Container"]:
        """Its own command, confined, in a container that is removed at the end."""
        name = f"taskchat-image-test-{uuid4().hex[:12]}"
        docker("run", "--detach", "--name", name, *CONFINED, *_variables(env), *options, self.tag)
        try:
            yield Container(name)
        finally:
            docker("rm", "--force", name)


@dataclass(frozen=True)
class Container:
    """A container that was started."""

    name: str

    def logs(self) -> str:
        """What its process has said, both streams."""
        argv = ["docker", "logs", self.name]
        ended = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=True)
        return ended.stdout.decode()

    def run(self, *command: str) -> Ended:
        """Run a command beside its process."""
        argv = ["docker", "exec", self.name, *command]
        ended = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=30)
        return Ended(ended.returncode, ended.stdout, ended.stderr)

    def stop(self, grace_seconds: int) -> tuple[int, float]:
        """Ask it to stop, as Kubernetes does; kill it after the grace.

        Returns: the exit code (137 for a kill), and the seconds that it took.
        """
        started = time.monotonic()
        docker("stop", "--time", str(grace_seconds), self.name)
        took = time.monotonic() - started
        return int(docker("inspect", "--format", "{{.State.ExitCode}}", self.name)), took

    def copy_in(self, archive: bytes) -> None:
        """Unpack a tar archive at its root, with the command that skaffold syncs files with."""
        argv = ["docker", "exec", "--interactive", self.name]
        unpack = ["tar", "xmf", "-", "-C", "/", "--no-same-owner"]
        subprocess.run([*argv, *unpack], input=archive, check=True, timeout=30)


def docker(*arguments: str) -> str:
    """The output of a docker command.

    Raises: AssertionError: it failed; shows what it said.
    """
    ended = subprocess.run(
        ["docker", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=COMMAND_LIMIT_SECONDS,
        env={**os.environ, "DOCKER_BUILDKIT": "1"},
    )
    said = ended.stdout + ended.stderr
    assert ended.returncode == 0, f"failed: docker {' '.join(arguments)}\n{said[-4000:]}"
    return ended.stdout


def engine_answers() -> bool:
    """Whether there is a docker engine here."""
    try:
        docker("version")
    except (AssertionError, OSError, subprocess.TimeoutExpired):
        return False
    return True


needs_engine = pytest.mark.skipif(not engine_answers(), reason="no docker engine answers")


def _variables(env: Mapping[str, str] | None) -> list[str]:
    return [f"--env={name}={value}" for name, value in (env or {}).items()]


GATEWAY_KEYS: Final = GatewayKeys.new()
SETTINGS: Final = {
    "DATABASE_URL": "postgresql://service:password@127.0.0.1:9/taskchat",
    "AUTH_JWKS_URL": "http://127.0.0.1:9/api/auth/jwks",
    "AUTH_ISSUER": "http://127.0.0.1:9",
    "ALLOWED_ORIGINS": "http://127.0.0.1:9",
    "MCP_URL": "http://127.0.0.1:9/mcp",
    "GEMINI_API_KEY": "none",
    "GATEWAY_PROOF_KEY": GATEWAY_KEYS.private,
    "GATEWAY_PROOF_PUBLIC_KEYS": GATEWAY_KEYS.public,
    "BETTER_AUTH_SECRET": "no secret: nobody signs in here at all",
    "BETTER_AUTH_URL": "http://127.0.0.1:9",
}
"""Enough for every service to start; what they name answers nobody."""

CHAT_GATEWAY = Image(
    "chat-gateway", "services/chat-gateway/Dockerfile", packages=("chat_gateway", "servicekit")
)
MCP_TOOLS = Image(
    "mcp-tools", "services/mcp-tools/Dockerfile", packages=("mcp_tools", "servicekit")
)
GEMINI_SIMULATOR = Image(
    "gemini-simulator",
    "services/gemini-simulator/Dockerfile",
    packages=("gemini_simulator", "servicekit"),
)
AUTH = Image("auth", "services/auth/Dockerfile")
WEB = Image("web", "services/web/Dockerfile")
PGBOUNCER = Image("pgbouncer", "Dockerfile", context=ROOT / "k8s" / "images" / "pgbouncer")

PYTHON_SERVICES = (CHAT_GATEWAY, MCP_TOOLS, GEMINI_SIMULATOR)
SERVICES = (*PYTHON_SERVICES, AUTH, WEB)
IMAGES = (*SERVICES, PGBOUNCER)
