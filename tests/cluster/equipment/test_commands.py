"""A program that fails says so with its command and its own words."""

import pytest

from tests.cluster.equipment.commands import CommandFailed, run


async def test_program_that_is_not_there_is_named() -> None:
    with pytest.raises(CommandFailed, match="no-such-program is not on PATH"):
        await run("no-such-program")


async def test_failure_has_the_command_and_what_it_said() -> None:
    with pytest.raises(CommandFailed, match="ended with 3: no such pod") as caught:
        await run("sh", "-c", "echo no such pod >&2; exit 3")
    assert "$ sh -c" in str(caught.value)
    assert caught.value.errors == "no such pod"


async def test_program_that_does_not_end_is_killed() -> None:
    with pytest.raises(CommandFailed, match=r"not done within 0\.2 s"):
        await run("sleep", "30", limit_seconds=0.2)


async def test_both_outputs_can_be_had_as_one() -> None:
    script = "echo one; echo two >&2; exit $0"
    assert await run("sh", "-c", script, "0", with_errors=True) == "one\ntwo\n"
    assert await run("sh", "-c", script, "0") == "one\n"
    with pytest.raises(CommandFailed, match="ended with 1: one\ntwo"):
        await run("sh", "-c", script, "1", with_errors=True)


async def test_input_goes_in_and_output_comes_out() -> None:
    assert await run("cat", stdin="értelem") == "értelem"
