"""The log level at run time: a real process, and a file that comes and goes as the kubelet's do."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ..programs import Program, wait_until

PROGRAM = """
    import logging
    import time
    from pathlib import Path

    from servicekit.settings import ServiceSettings, load
    from servicekit.telemetry.setup import set_up_telemetry

    settings = load(ServiceSettings)
    set_up_telemetry(
        "service", log_level=settings.log_level, log_level_file=settings.log_level_file
    )
    while True:
        logging.getLogger("mine").debug("quiet")
        logging.getLogger("mine").info("spoken")
        logging.getLogger("httpx2").debug("hush")
        logging.getLogger("httpx2").warning("a library warns")
        time.sleep(0.02)
"""


class Mount:
    """A ConfigMap's directory: what is in it changes as a whole, by a symbolic link."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory / "log-level"
        self._directory.mkdir()
        self._versions = 0
        self.file = self._directory / "level"

    def put(self, text: str) -> None:
        """Put another version of the file in place."""
        self._versions += 1
        version = self._directory / f"..version-{self._versions}"
        version.write_text(text)
        link = self._directory / "..data"
        link.unlink(missing_ok=True)
        link.symlink_to(version.name)
        if not self.file.is_symlink():
            self.file.symlink_to(link.name)

    def take_away(self) -> None:
        """As when the ConfigMap is deleted."""
        self.file.unlink()


@pytest.fixture
def mount(tmp_path: Path) -> Mount:
    return Mount(tmp_path)


@pytest.fixture
def program(tmp_path: Path, mount: Mount) -> Iterator[Program]:
    program = Program(PROGRAM, tmp_path, PORT="0", LOG_LEVEL_FILE=str(mount.file))
    yield program
    program.kill()


def seen_after(program: Program, lines: int) -> set[str]:
    """The messages that came after so many lines; each loop of the program writes all of them."""
    wait_until("it has written more", lambda: len(program.log) > lines + 8)
    return {told["message"] for told in program.log[lines:]}


def wait_for_change(program: Program, level: str) -> int:
    """Wait until a level counts. Returns: how many lines there are then."""

    def changed() -> bool:
        return any(told.get("to") == level for told in program.log)

    wait_until(f"the level is {level}", changed)
    return 1 + max(i for i, told in enumerate(program.log) if told.get("to") == level)


def test_level_of_the_file_counts_while_it_is_there(program: Program, mount: Mount) -> None:
    assert "quiet" not in seen_after(program, 0)

    mount.put("debug\n")
    louder = seen_after(program, wait_for_change(program, "DEBUG"))
    assert louder >= {"quiet", "spoken", "a library warns"}

    mount.put("ERROR")
    silent_from = wait_for_change(program, "ERROR")

    mount.take_away()
    back = wait_for_change(program, "INFO")
    # The program may have been about to write the lines of one loop.
    assert {told["message"] for told in program.log[silent_from + 4 : back - 1]} == set()
    assert seen_after(program, back) == {"spoken", "a library warns"}
    assert "hush" not in {told["message"] for told in program.log}


def test_file_without_a_level_changes_nothing_and_is_warned_of_once(
    program: Program, mount: Mount
) -> None:
    seen_after(program, 0)
    mount.put("LOUD")
    wait_until(
        "it is warned of",
        lambda: any(told["message"] == "no log level in the file" for told in program.log),
    )
    mount.put("DEBUG")
    wait_for_change(program, "DEBUG")

    warnings = [told for told in program.log if told["message"] == "no log level in the file"]
    assert [told["level"] for told in warnings] == ["WARNING"]
    assert "LOUD" not in str(warnings)
