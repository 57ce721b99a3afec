"""What makes a fresh checkout runnable, and what costs nothing the next time.

The module runs by its path with the machine's own Python, so the tests run it like that as well.
"""

import subprocess
import sys
import textwrap
from functools import partial
from pathlib import Path

import pytest
from devstack import bootstrap

SCRIPT = Path(bootstrap.__file__)


def run_with(prelude: str) -> subprocess.CompletedProcess[str]:
    """Run the script as `python3 bootstrap.py`, after changing the Python that it sees."""
    run_as_main = f"import runpy; runpy.run_path({str(SCRIPT)!r}, run_name='__main__')"
    return subprocess.run(
        [sys.executable, "-I", "-S", "-c", textwrap.dedent(prelude) + run_as_main],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
        env={"PATH": ""},
    )


def test_old_python_is_told_what_is_needed() -> None:
    done = run_with("import sys; sys.version_info = (3, 8, 10)\n")
    assert done.returncode == 1
    assert "python3 is 3.8.10, and taskchat needs 3.11 or newer" in done.stderr
    assert "make PYTHON=/path/to/python3.11" in done.stderr


def test_failed_step_shows_what_the_command_said(tmp_path: Path) -> None:
    shout = "import sys; sys.stderr.write('no such registry'); sys.exit(7)"
    with pytest.raises(bootstrap.StepFailed, match=r"no such registry\n\nfailed: "):
        bootstrap.run([sys.executable, "-c", shout], cwd=tmp_path)


def test_failed_step_is_tried_again(tmp_path: Path) -> None:
    stamp = tmp_path / "stamp"

    def fail() -> None:
        raise bootstrap.StepFailed("no network")

    with pytest.raises(bootstrap.StepFailed, match="no network"):
        bootstrap.step("step", stamp, "inputs", fail)
    assert not stamp.exists()


def test_step_is_done_once_for_the_same_inputs(tmp_path: Path) -> None:
    done: list[str] = []
    stamp = tmp_path / "made" / "stamp"
    for inputs in ("one", "one", "two"):
        bootstrap.step("step", stamp, inputs, partial(done.append, inputs))
    assert done == ["one", "two"]


def test_digest_changes_with_a_files_content_and_with_a_word() -> None:
    one = bootstrap.digest([SCRIPT], "uv 1")
    assert one == bootstrap.digest([SCRIPT], "uv 1")
    assert one != bootstrap.digest([SCRIPT], "uv 2")
    assert one != bootstrap.digest([SCRIPT.with_name("ports.py")], "uv 1")


def test_build_output_and_packages_are_no_sources(tmp_path: Path) -> None:
    for name in ("src/a.ts", "dist/a.js", "node_modules/x/i.js", "package.json"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    found = {str(path.relative_to(tmp_path)) for path in bootstrap.sources(tmp_path)}
    assert found == {"src/a.ts", "package.json"}
