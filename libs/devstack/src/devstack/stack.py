"""The whole system on free ports, for tests: real processes, real Postgres, real HTTP."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from devstack.database_urls import DatabaseUrls
from devstack.deployment import (
    BEHIND_THE_PAGE,
    DEFAULT_ORIGIN,
    KINDS,
    ROLES,
    Deployment,
    Kind,
    listen_variables,
    local_url,
    system_environment,
)
from devstack.guardian import Guardian
from devstack.mailbox.mailbox import Mailbox, settings_of
from devstack.migrations import finish_migration, start_migration
from devstack.ports import free_port
from devstack.postgres import EmbeddedPostgres
from devstack.processes import ManagedProcess
from devstack.secret_store import SecretStore

DATABASE = "taskchat"
READY_LIMIT_SECONDS = 60.0
# Many people sign up from one address in a test, which is what the rate limit is against.
TEST_SETTINGS: Mapping[Kind, Mapping[str, str]] = MappingProxyType(
    {"auth": {"RATE_LIMIT_ENABLED": "false"}}
)


@dataclass(frozen=True)
class StackOptions:
    """How a stack differs from the usual one.

    Attributes: directory: gets the data, and the services' logs under `logs/`.
        env: variables for single services, stronger than all others.
        kinds: the services to start; the others only get a port, on which nothing answers. The
            page is not started unless it is asked for.
        mail: whether addresses must be confirmed, by mails to a mailbox of this process.
        durable: whether Postgres waits for its disk, as a real one does; tests do not.
    """

    directory: Path
    env: Mapping[Kind, Mapping[str, str]] = field(default_factory=dict)
    kinds: tuple[Kind, ...] = BEHIND_THE_PAGE
    durable: bool = False
    mail: bool = False


@dataclass(frozen=True)
class StackUrls:
    """Base URLs, without a slash at the end."""

    gateway: str
    auth: str
    tools: str
    simulator: str
    page: str


class Stack:
    """A running system; stop it when done. The processes are named as their services."""

    def __init__(
        self,
        deployment: Deployment,
        postgres: EmbeddedPostgres,
        log_dir: Path,
        mailbox: Mailbox | None = None,
    ) -> None:
        self.deployment = deployment
        self.mailbox = mailbox
        self.postgres = postgres
        self.log_dir = log_dir
        self.urls = StackUrls(
            gateway=deployment.url("chat-gateway"),
            auth=deployment.url("auth"),
            tools=deployment.url("mcp-tools"),
            simulator=deployment.url("gemini-simulator"),
            page=deployment.url("web"),
        )
        self._guardian = Guardian()
        self._processes: dict[str, ManagedProcess] = {}

    @classmethod
    def start(cls, options: StackOptions) -> "Stack":
        """Start everything and wait until it is ready.

        Raises: MigrationFailed, ProcessFailed, PostgresFailed: with the last lines of the log.
        """
        directory = options.directory
        postgres = EmbeddedPostgres.start(directory / "postgres", durable=options.durable)
        mailbox = Mailbox() if options.mail else None
        try:
            owner_url = postgres.create_database(DATABASE)
            ports: dict[Kind, int] = {kind: free_port() for kind in KINDS}
            origins = f"{DEFAULT_ORIGIN},{local_url(ports['web'])}"
            deployment = Deployment(
                root=checkout(),
                ports=ports,
                metrics_ports={kind: free_port() for kind in KINDS},
                database=DatabaseUrls(pooled=owner_url, direct=owner_url),
                secrets=SecretStore(directory / "secrets.json"),
                settings={
                    **system_environment(),
                    "ALLOWED_ORIGINS": origins,
                    **settings_of(mailbox),
                },
                overrides={
                    kind: {**TEST_SETTINGS.get(kind, {}), **options.env.get(kind, {})}
                    for kind in KINDS
                },
            )
            stack = cls(deployment, postgres, directory / "logs", mailbox)
        except BaseException:
            postgres.stop("immediate")
            raise
        try:
            stack._start(options.kinds)
        except BaseException:
            stack.stop()
            raise
        return stack

    def process(self, name: str) -> ManagedProcess:
        """The process of this name.

        Raises: KeyError: there is none.
        """
        return self._processes[name]

    def env(self, name: str) -> dict[str, str]:
        """A copy of the environment of a process, for another one like it."""
        return dict(self.process(name).env)

    def add_process(self, kind: Kind, name: str, **env: str) -> ManagedProcess:
        """Start one more instance of a service on a free port, and wait until it is ready.

        Args: name: of the new process, and its log. env: variables that differ.
        Returns: the process; `base_url(process)` is where it listens.
        """
        process = self.make_process(kind, name, **env)
        process.start()
        process.wait_ready(READY_LIMIT_SECONDS)
        return process

    def make_process(self, kind: Kind, name: str, **env: str) -> ManagedProcess:
        """Prepare one more instance without starting it: one that will never be ready, for one.

        Args, Returns: as `add_process`. It is stopped with the stack.
        """
        if name in self._processes:
            raise ValueError(f"there is a process {name} already")
        listen = {} if name == kind else listen_variables(free_port(), free_port())
        variables = {**self.deployment.env(kind), **listen, **env}
        process = ManagedProcess(
            name,
            self.deployment.argv(kind),
            variables,
            cwd=self.deployment.root,
            log_path=self.log_dir / f"{name}.log",
            ready_url=f"http://127.0.0.1:{variables['PORT']}/readyz",
            guardian=self._guardian,
        )
        self._processes[name] = process
        return process

    def start_again(self, *names: str) -> None:
        """Stop these processes where they run, and start them all at once."""
        with ThreadPoolExecutor(len(names)) as pool:
            list(pool.map(lambda name: self.process(name).restart(READY_LIMIT_SECONDS), names))

    def stop(self) -> None:
        """Stop everything, at once; the logs stay."""
        if self._processes:
            with ThreadPoolExecutor(len(self._processes)) as pool:
                list(pool.map(ManagedProcess.end, self._processes.values()))
        if self.mailbox is not None:
            self.mailbox.close()
        self.postgres.stop("immediate")
        self._guardian.dismiss()

    def _start(self, kinds: tuple[Kind, ...]) -> None:
        self.log_dir.mkdir(parents=True, exist_ok=True)
        migrations = [
            start_migration(self.deployment, kind, log_dir=self.log_dir, guardian=self._guardian)
            for kind in kinds
            if kind in ROLES
        ]
        for migration in migrations:
            finish_migration(migration)
        processes = [self.make_process(kind, kind) for kind in kinds]
        for process in processes:
            process.start()
        for process in processes:
            process.wait_ready(READY_LIMIT_SECONDS)


def base_url(process: ManagedProcess) -> str:
    """Where a process listens, without a slash at the end."""
    return f"http://localhost:{process.env['PORT']}"


def checkout() -> Path:
    """The root of the checkout that this package is installed from, editable."""
    return Path(__file__).resolve().parents[4]
