"""The log level at run time: a file that is looked at, so that no process has to be restarted.

In Kubernetes the file is a ConfigMap's, mounted as a directory: the kubelet brings a change into
the pods, within a minute or so, and nobody needs a shell or a port in them.
"""

import logging
import threading
import time
from pathlib import Path
from typing import Final, get_args

from servicekit.settings import LogLevel
from servicekit.telemetry.logs import set_log_level

LOOK_SECONDS: Final = 2.0
_logger = logging.getLogger(__name__)


class LevelFile:
    """Follows a file that holds one level.

    While it is there, its level counts; without it, or with anything else in it, the one that the
    process was started with. A wrong one is warned of, once.

    Args: started_with: the level of the settings.
    """

    def __init__(self, path: Path, started_with: LogLevel) -> None:
        self._path = path
        self._started_with = started_with
        self._level = started_with
        self._wrong: str | None = None

    def follow(self) -> None:
        """Take the level that is there, and look again every two seconds from now on."""
        self._look()
        threading.Thread(target=self._look_again, name="log level", daemon=True).start()

    def _look_again(self) -> None:
        while True:
            time.sleep(LOOK_SECONDS)
            self._look()

    def _look(self) -> None:
        level = self._read() or self._started_with
        if level == self._level:
            return
        before, self._level = self._level, level
        quieter = getattr(logging, level) > getattr(logging, before)
        if not quieter:
            set_log_level(level)
        _logger.warning("log level changed", extra={"from": before, "to": level})  # while it shows
        set_log_level(level)

    def _read(self) -> LogLevel | None:
        """The level in the file; None where there is none."""
        try:
            text = self._path.read_text(encoding="utf-8", errors="replace").strip()
        except OSError:
            return None
        known: tuple[LogLevel, ...] = get_args(LogLevel)
        found = next((level for level in known if level == text.upper()), None)
        if found is None and text != self._wrong:
            _logger.warning("no log level in the file", extra={"path": str(self._path)})
        self._wrong = text if found is None else None
        return found
