"""Each image alone, confined as in a restricted pod; needs a docker engine and no cluster."""

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.cluster.images import (
    AUTH,
    CHAT_GATEWAY,
    IMAGES,
    MCP_TOOLS,
    PGBOUNCER,
    PYTHON_SERVICES,
    SERVICES,
    SETTINGS,
    USER,
    Container,
    Image,
    needs_engine,
)
from tests.equipment.waiting import wait_until

pytestmark = [
    needs_engine,
    pytest.mark.timeout(900),  # the first build fetches every dependency
]

LABELS: Final = {"VERSION": "1.2.3", "REVISION": "0" * 40, "SOURCE": "https://git.example.com/t"}
MOST_BESIDE_BASE_BYTES: Final = 250_000_000
MOST_SOURCES_BYTES: Final = 5_000_000
START_LIMIT_SECONDS: Final = 60.0
STOP_LIMIT_SECONDS: Final = 10
EXIT_CODE_WRONG_SETTINGS: Final = 2

UNWANTED_PROGRAMS = re.compile(
    r"(^|/)s?bin/(pip[\d.]*|uvx?|npm|npx|corepack|yarn|yarnpkg|gcc|g\+\+|cc|clang|make|git)$"
)
UNWANTED_PYTHON = re.compile(r"/(pip|ensurepip|setuptools|wheel|uv)(-[^/]+)?/|python-wheels/")
UNWANTED_FILES = re.compile(
    r"(^|/)(\.git|\.env|\.npmrc|\.netrc|node_modules|[^/]+\.test\.[jt]s)(/|$)"
)
PRIVATE_KEY = re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----\s+[A-Za-z0-9+/]{40}")
SECRET_VARIABLE = re.compile(r"SECRET|PASSWORD|TOKEN|KEY|URL")
WRITABLE_FOR_ALL = {"tmp", "var/tmp", "run/lock"}

every_image = pytest.mark.parametrize("image", IMAGES, ids=lambda image: image.name)
every_service = pytest.mark.parametrize("image", SERVICES, ids=lambda image: image.name)
python_service = pytest.mark.parametrize("image", PYTHON_SERVICES, ids=lambda image: image.name)


@pytest.fixture(scope="module", autouse=True)
def built() -> Iterator[None]:
    """All of them, as they are in the checkout."""
    for image in IMAGES:
        image.build(LABELS)
    yield
    for image in IMAGES:
        image.remove()


class TestWrongSettings:
    REQUIRED: Final = {
        "chat-gateway": {
            "DATABASE_URL",
            "AUTH_JWKS_URL",
            "ALLOWED_ORIGINS",
            "GEMINI_API_KEY",
            "GATEWAY_PROOF_KEY",
        },
        "mcp-tools": {"DATABASE_URL", "AUTH_JWKS_URL", "AUTH_ISSUER", "GATEWAY_PROOF_PUBLIC_KEYS"},
        "gemini-simulator": set(),
        "auth": {"DATABASE_URL", "BETTER_AUTH_SECRET", "ALLOWED_ORIGINS"},
        "web": set(),
    }

    @every_service
    def test_end_the_service_with_the_names_of_the_variables(self, image: Image) -> None:
        ended = image.run(env={"PORT": "none"})
        assert ended.code == EXIT_CODE_WRONG_SETTINGS, ended
        for variable in {"PORT", *self.REQUIRED[image.name]}:
            assert f"{variable} is " in ended.stderr

    @pytest.mark.parametrize(
        ("image", "command"),
        [
            (CHAT_GATEWAY, ("python", "-m", "chat_gateway.migrate")),
            (MCP_TOOLS, ("python", "-m", "mcp_tools.migrate")),
            (AUTH, ("node", "dist/migrate.js")),
        ],
        ids=["chat-gateway", "mcp-tools", "auth"],
    )
    def test_end_the_migration_with_the_names_of_the_variables(
        self, image: Image, command: tuple[str, ...]
    ) -> None:
        ended = image.run(*command)
        assert ended.code == EXIT_CODE_WRONG_SETTINGS, ended
        assert "DATABASE_URL_DIRECT is missing" in ended.stderr


class TestWhatIsNotInIt:
    @every_image
    def test_no_package_manager_and_no_compiler(self, image: Image) -> None:
        assert not [name for name in image.files if UNWANTED_PROGRAMS.search(name)]
        assert not [name for name in image.files if UNWANTED_PYTHON.search(name)]

    @python_service
    def test_no_pip_by_another_way(self, image: Image) -> None:
        for module in ("pip", "ensurepip"):
            ended = image.run("python", "-m", module, "--version")
            assert ended.code == 1
            assert f"No module named {module}" in ended.stderr

    @every_image
    def test_no_tests_no_history_no_dependencies_of_a_build(self, image: Image) -> None:
        assert not [name for name in image.files if UNWANTED_FILES.search(name)]
        tests = [f"/{package}/tests" for package in image.packages]
        assert not [name for name in image.files for end in tests if end in name]

    @every_image
    def test_no_secret(self, image: Image) -> None:
        ours = image.contents(lambda name: name.startswith(("app/", "opt/", "src/", "root/")))
        assert not [name for name, content in ours.items() if PRIVATE_KEY.search(content)]
        assert not [name for name in image.environment if SECRET_VARIABLE.search(name)]

    @every_image
    def test_no_file_that_raises_rights(self, image: Image) -> None:
        assert not [
            name for name, file in image.files.items() if file.isfile() and file.mode & 0o6000
        ]

    @every_image
    def test_nothing_that_its_user_could_change(self, image: Image) -> None:
        kept = {name: file for name, file in image.files.items() if not file.issym()}
        assert not [name for name, file in kept.items() if file.uid == 65532 or file.gid == 65532]
        writable = {name.rstrip("/") for name, file in kept.items() if file.mode & 0o002}
        assert {name for name in writable if not kept[name].isdev()} <= WRITABLE_FOR_ALL

    @every_service
    def test_only_what_the_base_does_not_have_already(self, image: Image) -> None:
        layers = image.base["RootFS"]["Layers"]
        assert image.description["RootFS"]["Layers"][: len(layers)] == layers
        assert image.description["Size"] - image.base["Size"] <= MOST_BESIDE_BASE_BYTES


class TestWhatIsInIt:
    @every_image
    def test_labels_say_what_it_is(self, image: Image) -> None:
        labels = image.description["Config"]["Labels"]
        prefix = "org.opencontainers.image."
        assert labels == {
            f"{prefix}title": f"taskchat/{image.name}",
            f"{prefix}licenses": "MIT",
            f"{prefix}version": LABELS["VERSION"],
            f"{prefix}revision": LABELS["REVISION"],
            f"{prefix}source": LABELS["SOURCE"],
        }

    @every_image
    def test_starts_as_a_numbered_user_without_a_shell(self, image: Image) -> None:
        config = image.description["Config"]
        assert config["User"] == USER
        assert not config["Entrypoint"]
        assert config["Cmd"][0] in {"python", "node", "pgbouncer"}

    @python_service
    def test_bytecode_of_every_module_fits_its_source(self, image: Image) -> None:
        """It could not be written later, and each start would compile everything again."""
        ours = tuple(f"/site-packages/{package}/" for package in image.packages)
        modules = {
            name for name in image.files if name.endswith(".py") and any(o in name for o in ours)
        }
        compiled = image.contents(
            lambda name: name.endswith(".pyc") and any(o in name for o in ours)
        )
        assert modules
        for name in modules:
            path = Path(name)
            bytecode = compiled.get(f"{path.parent}/__pycache__/{path.stem}.cpython-311.pyc")
            assert bytecode, f"{name} is not compiled"
            assert int.from_bytes(bytecode[4:8], "little") == 0, "checked by the source's time"
            assert int.from_bytes(bytecode[8:12], "little") == int(image.files[name].mtime), name

    @every_service
    def test_sources_are_a_small_layer_over_the_dependencies(self, image: Image) -> None:
        newest = next(size for size in image.layer_sizes if size > 0)
        assert newest < MOST_SOURCES_BYTES


class TestStopping:
    @pytest.fixture
    def configuration(self, tmp_path: Path) -> Path:
        """A folder as the chart mounts it, with a configuration that writes no file."""
        tmp_path.chmod(0o755)
        (tmp_path / "pgbouncer.ini").write_text(
            "[databases]\n* = host=127.0.0.1 port=9\n"
            "[pgbouncer]\nlisten_addr = 127.0.0.1\nunix_socket_dir =\nauth_type = any\n"
        )
        return tmp_path

    @every_service
    async def test_a_service_ends_in_order(self, image: Image) -> None:
        """Its process is the container's first one, to which a signal without handler is lost."""
        with image.started(SETTINGS) as container:
            port = int(image.environment["PORT"])
            await wait_until(
                f"{image.name} listens on port {port}",
                lambda: asyncio.to_thread(listens, container, port),
                START_LIMIT_SECONDS,
                every_seconds=0.2,
            )
            code, took = await asyncio.to_thread(container.stop, STOP_LIMIT_SECONDS)
            assert code == 0, container.logs()
            assert took < STOP_LIMIT_SECONDS

    async def test_pgbouncer_ends_in_order(self, configuration: Path) -> None:
        mount = f"--volume={configuration}:/etc/pgbouncer:ro"
        with PGBOUNCER.started(options=[mount]) as container:
            await wait_until(
                "PgBouncer is up",
                lambda: asyncio.to_thread(lambda: "process up" in container.logs()),
                START_LIMIT_SECONDS,
                every_seconds=0.2,
            )
            code, took = await asyncio.to_thread(container.stop, STOP_LIMIT_SECONDS)
            assert code == 0, container.logs()
            assert took < STOP_LIMIT_SECONDS


def listens(container: Container, port: int) -> bool:
    """Whether something listens there, on every address of the container."""
    # Fields of proc(5) "/proc/net/tcp": the local address, and 0A for a socket that listens.
    table = container.run("cat", "/proc/net/tcp").stdout
    return re.search(rf"^\s*\d+: 00000000:{port:04X} \S+ 0A ", table, re.MULTILINE) is not None
