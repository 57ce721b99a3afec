"""Programs of the machine: run to their end, and their failure told in their own words."""

import asyncio
import shlex
from collections.abc import Sequence

SHOWN_CHARACTERS = 2_000


class CommandFailed(Exception):
    """A program ended with another code than 0; `errors` is what it said on standard error."""

    def __init__(self, argv: Sequence[str], code: int | str, errors: str) -> None:
        super().__init__(f"$ {shlex.join(argv)}\nended with {code}: {errors[-SHOWN_CHARACTERS:]}")
        self.errors = errors


async def run(
    *argv: str, stdin: str = "", limit_seconds: float = 60.0, with_errors: bool = False
) -> str:
    """Run a program and return what it wrote to standard output.

    Args: stdin: what it reads. limit_seconds: > 0; then it is killed. with_errors: return also what
        it wrote to standard error, in its place.
    Raises: CommandFailed: another exit code than 0, not there, or not done in time.
    """
    try:
        process = await asyncio.create_subprocess_exec(
            *argv,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT if with_errors else asyncio.subprocess.PIPE,
        )
    except FileNotFoundError:
        raise CommandFailed(argv, "no start", f"{argv[0]} is not on PATH") from None
    try:
        async with asyncio.timeout(limit_seconds):
            output, errors = await process.communicate(stdin.encode())
    except BaseException as error:
        process.kill()
        await process.wait()
        if isinstance(error, TimeoutError):
            raise CommandFailed(argv, "no end", f"not done within {limit_seconds} s") from None
        raise
    if process.returncode != 0:
        told = output if errors is None else errors
        raise CommandFailed(argv, process.returncode or 0, told.decode(errors="replace").strip())
    return output.decode(errors="replace")
