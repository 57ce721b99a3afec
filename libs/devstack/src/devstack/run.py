"""`make run`: the whole system in one terminal, from the database to the gateway."""

import signal
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from types import MappingProxyType

from devstack.configuration import Configuration
from devstack.console import Console
from devstack.database_urls import DatabaseUrls
from devstack.deployment import NEEDED_FIRST, ROLES, Deployment, Kind
from devstack.guardian import Guardian
from devstack.local_traces.telemetry import NO_TELEMETRY, LocalTelemetry, jaeger_process
from devstack.mailbox.mailbox import Mailbox, settings_of, told_by, url_of
from devstack.migrations import (
    MigrationFailed,
    finish_migration,
    migrations_digest,
    start_migration,
)
from devstack.model_check import ModelUnusable, finish_model_check, start_model_check
from devstack.ports import free_port
from devstack.postgres import EmbeddedPostgres
from devstack.postgres_programs import PostgresFailed
from devstack.postgres_server import PostgresServer
from devstack.processes import ManagedProcess
from devstack.run_record import RunLock
from devstack.secret_store import SecretStore
from devstack.stack import DATABASE
from devstack.summary import database_note, mail_note, metrics_note, model_note, ready_text
from devstack.supervisor import Supervisor
from devstack.unprivileged import CannotDropPrivileges

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
POLL_SECONDS = 0.02
TERMINAL_CHECK_SECONDS = 1.0


class Stopped(Exception):
    """Somebody asked for the end while the system was starting."""


def deployment_of(
    configuration: Configuration,
    root: Path,
    database: DatabaseUrls,
    secrets: SecretStore,
    more_settings: Mapping[str, str] = MappingProxyType({}),
) -> Deployment:
    """What the choices of a person come to. Args: more_settings: stronger than theirs."""
    return Deployment(
        root=root,
        ports=configuration.ports,
        metrics_ports={kind: free_port() for kind in configuration.ports},
        database=database,
        secrets=secrets,
        settings={**configuration.settings, **more_settings},
        gemini_api_key=configuration.gemini_api_key,
        better_auth_secret=configuration.better_auth_secret,
        origin=configuration.origin,
    )


class Run:
    """One run, from its start to its end.

    Args: root: the checkout. folder: for data, logs and secrets. lock: held by the caller; says
        where things are when all is ready.
    """

    def __init__(
        self,
        configuration: Configuration,
        *,
        root: Path,
        folder: Path,
        lock: RunLock,
        console: Console,
    ) -> None:
        self._configuration = configuration
        self._root = root
        self._lock = lock
        self._console = console
        self._guardian = Guardian()
        self._folder = folder
        self._secrets = SecretStore(folder / "secrets.json")
        self._supervisor = Supervisor(console, self.fail)
        self._passing: list[ManagedProcess] = []
        self._ready = {kind: threading.Event() for kind in configuration.ports}
        self._log_dir = folder / "logs"
        self._data_dir = folder / "postgres"
        self._postgres: EmbeddedPostgres | None = None
        self._telemetry = NO_TELEMETRY
        self._mailbox: Mailbox | None = None
        self._failure: str | None = None
        self._over = threading.Event()

    def run(self) -> int:
        """Start everything, keep it running until a signal comes, stop everything.

        Returns: the exit code: 0, or 1 when something could not be started.
        """
        for number in STOP_SIGNALS:
            # nohup ignores SIGHUP so that we go on without a terminal.
            if signal.getsignal(number) is not signal.SIG_IGN or number == signal.SIGINT:
                signal.signal(number, lambda _number, _frame: self.end())
        starter = threading.Thread(target=self._start, name="starter")
        starter.start()
        while not self._over.wait(TERMINAL_CHECK_SECONDS):
            if self._console.is_closed:
                self.end()
        self._console.say("stopping …")
        while starter.is_alive():
            for process in tuple(self._passing):
                process.end()
            starter.join(POLL_SECONDS)
        self._supervisor.stop()
        self._telemetry.close()
        if self._mailbox is not None:
            self._mailbox.close()
        self._guardian.dismiss()
        if self._failure is None:
            self._console.say("everything has stopped")
            return 0
        self._console.block(f"taskchat could not start: {self._failure}")
        return 1

    def end(self) -> None:
        """Ask for the end; returns at once."""
        self._over.set()

    def fail(self, reason: str) -> None:
        """Ask for the end, because something cannot be started. The first reason counts."""
        if not self._over.is_set():
            self._failure = reason
        self._over.set()

    def _start(self) -> None:
        """Bring everything up and say so, or say why not."""
        started_at = time.monotonic()
        configuration = self._configuration
        with suppress(Stopped), self._failures():
            self._lock.write(configuration.origin, configuration.urls, ready=False)
            self._start_telemetry()
            if configuration.mailbox_port is not None:
                self._mailbox = Mailbox(configuration.mailbox_port, told_by(self._console.say))
            more = {**self._telemetry.settings, **settings_of(self._mailbox)}
            deployment = deployment_of(
                configuration, self._root, self._database(), self._secrets, more
            )
            kinds = deployment.kinds
            with self._schemas(deployment) as stale, ThreadPoolExecutor(len(kinds) + 1) as pool:
                contact = pool.submit(self._meet_model, deployment)
                list(pool.map(partial(self._bring_up, deployment, stale), kinds))
                contact.result()
            record = self._lock.write(configuration.origin, configuration.urls, ready=True)
            self._console.block(ready_text(record, self._notes(deployment), url_of(self._mailbox)))
            self._console.say(f"ready after {time.monotonic() - started_at:.1f} s; Ctrl-C stops it")

    @contextmanager
    def _failures(self) -> Iterator[None]:
        """End the run when this block fails: what waits for its outcome would wait for ever."""
        try:
            yield
        except (CannotDropPrivileges, MigrationFailed, ModelUnusable, PostgresFailed) as failure:
            self.fail(str(failure))
            raise Stopped from failure
        except Stopped:
            raise
        except BaseException:
            self.fail("a bug, see above")
            raise

    def _database(self) -> DatabaseUrls:
        """Where the database is: the one that was chosen, or the embedded one, started."""
        chosen = self._configuration.database
        if chosen is not None:
            return chosen
        if not self._data_dir.exists():
            self._console.say("making the database …")
        postgres = self._postgres = EmbeddedPostgres(
            self._data_dir,
            port=self._configuration.postgres_port,
            durable=True,
            guardian=self._guardian,
            on_line=self._console.of(PostgresServer.name),
        )
        self._wait(self._supervisor.keep(PostgresServer(postgres, DATABASE)).ready)
        url = postgres.owner_url(DATABASE)
        return DatabaseUrls(pooled=url, direct=url)

    def _start_telemetry(self) -> None:
        """Receive the services' spans, if that was chosen; show them in Jaeger where it is."""
        if not self._configuration.telemetry:
            return
        self._telemetry = LocalTelemetry.start(self._configuration.settings, self._folder)
        jaeger = self._telemetry.jaeger
        if jaeger is not None:
            self._supervisor.keep(jaeger_process(jaeger, self._folder, self._guardian))

    @contextmanager
    def _schemas(self, deployment: Deployment) -> Iterator[bool]:
        """Say whether the schemas need their migrations; note it when the block has run them.

        The note is in the embedded database, so it goes where the data go. A database of somebody
        else is always migrated.
        """
        if self._postgres is None:
            yield True
            return
        digest = migrations_digest(deployment)
        if self._postgres.comment(DATABASE) == digest:
            self._console.say("all schemas are up to date")
            yield False
            return
        self._postgres.set_comment(DATABASE, "")
        yield True
        self._postgres.set_comment(DATABASE, digest)

    def _bring_up(self, deployment: Deployment, stale: bool, kind: Kind) -> None:
        """Migrate, wait for what the service needs, start it, wait until it is ready.

        Raises: Stopped: the run ended meanwhile.
        """
        with self._failures():
            if stale and kind in ROLES:
                self._migrate(deployment, kind)
            for needed in NEEDED_FIRST[kind]:
                if needed in self._ready:
                    self._wait(self._ready[needed])
            if self._over.is_set():
                raise Stopped
            process = ManagedProcess(
                kind,
                deployment.argv(kind),
                deployment.env(kind),
                cwd=self._root,
                log_path=self._log_dir / f"{kind}.log",
                ready_url=deployment.ready_url(kind),
                guardian=self._guardian,
                on_line=self._console.of(kind),
            )
            self._wait(self._supervisor.keep(process).ready)
            self._ready[kind].set()

    def _meet_model(self, deployment: Deployment) -> None:
        """Ask the real model, where it is the one; warn of what turns can live with.

        Raises: Stopped: turns could not be answered, which ends the run.
        """
        with self._failures():
            check = start_model_check(deployment, log_dir=self._log_dir, guardian=self._guardian)
            if check is not None:
                self._passing.append(check)
                for warning in finish_model_check(check):
                    self._console.warn(warning)

    def _migrate(self, deployment: Deployment, kind: Kind) -> None:
        migration = start_migration(
            deployment,
            kind,
            log_dir=self._log_dir,
            guardian=self._guardian,
            on_line=self._console.of(kind),
        )
        self._passing.append(migration)
        finish_migration(migration)

    def _wait(self, event: threading.Event) -> None:
        """Wait for an event. Raises: Stopped: the run ended first."""
        while not event.wait(POLL_SECONDS):
            if self._over.is_set():
                raise Stopped

    def _notes(self, deployment: Deployment) -> dict[str, str]:
        """What the summary says besides the URLs."""
        configuration = self._configuration
        return {
            "model": model_note(configuration),
            "database": database_note(configuration, self._shown(self._data_dir)),
            "mail": mail_note(url_of(self._mailbox)),
            "metrics": metrics_note(deployment),
            "traces": self._telemetry.note,
            "logs": str(self._shown(self._log_dir)),
        }

    def _shown(self, path: Path) -> Path:
        """A path as a person in the checkout would type it."""
        return path.relative_to(self._root) if path.is_relative_to(self._root) else path
