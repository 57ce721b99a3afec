"""How to run a program that refuses root, when we are root.

Postgres refuses to run as root. In a container there is often nobody else, so its programs then run
as the unprivileged uid 65534, which exists without creating a user.
"""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

NOBODY = 65534
EXECUTE_BY_OTHERS = 0o001


class CannotDropPrivileges(Exception):
    """We are root, and uid 65534 can neither reach a path nor be let through to it."""


@dataclass(frozen=True)
class Unprivileged:
    """What a program needs to run without root's powers; nothing when we are not root."""

    prefix: tuple[str, ...] = ()
    user: int | None = None
    extra_groups: tuple[int, ...] | None = None

    def give(self, path: Path) -> None:
        """Make the unprivileged user the owner of a path."""
        if os.geteuid() == 0:
            os.chown(path, NOBODY, NOBODY)


def unprivileged(*needed: Path) -> Unprivileged:
    """Decide how to run a program that must reach these paths.

    A checkout under a private folder (`/root`, a test's temporary folder) is closed to uid 65534.
    Then the program keeps one capability of root, CAP_DAC_OVERRIDE, which lets it pass through
    those folders; uid, groups and every other capability are dropped all the same.

    Raises: CannotDropPrivileges: the paths are closed and `setpriv` (util-linux) is not installed.
    """
    if os.geteuid() != 0:
        return Unprivileged()
    closed = [path for path in needed if not _open_to_everybody(path)]
    if not closed:
        return Unprivileged(user=NOBODY, extra_groups=())
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise CannotDropPrivileges(
            f"Postgres does not run as root, and uid {NOBODY} cannot reach {closed[0]}; "
            "move the checkout to a folder that everybody may enter (for example /srv), "
            "or run as a normal user"
        )
    ids = (f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")
    keep = ("--inh-caps=-all,+dac_override", "--ambient-caps=-all,+dac_override")
    return Unprivileged(prefix=(setpriv, *ids, *keep, "--"))


def _open_to_everybody(path: Path) -> bool:
    """Whether a stranger may enter every folder above a path."""
    return all(parent.stat().st_mode & EXECUTE_BY_OTHERS for parent in path.resolve().parents)
