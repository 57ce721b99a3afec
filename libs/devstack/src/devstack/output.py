"""What a process prints: always into its log file, and to whoever else wants to see it."""

import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from typing import IO

OnLine = Callable[[str], None]


def follow(process: subprocess.Popen[bytes], log_path: Path, on_line: OnLine) -> threading.Thread:
    """Copy a process's output to its log, line by line also to `on_line`, until it ends.

    Returns: the thread that does it; it ends when the last process that holds the pipe does.
    """
    if process.stdout is None:
        raise ValueError("the process was started without a pipe")
    reader = threading.Thread(
        target=_copy, args=(process.stdout, log_path, on_line), name=f"log {log_path.stem}"
    )
    reader.daemon = True
    reader.start()
    return reader


def tail(log_path: Path, lines: int = 15) -> str:
    """The end of a log, indented, below a line that says where it is."""
    last = log_path.read_text(errors="replace").splitlines()[-lines:]
    return "\n".join([f"log: {log_path}", *(f"  {line}" for line in last)])


def _copy(output: IO[bytes], log_path: Path, on_line: OnLine) -> None:
    with output, log_path.open("ab", buffering=0) as log:
        for line in output:
            log.write(line)
            on_line(line.decode(errors="replace").rstrip("\n"))
