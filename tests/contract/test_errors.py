"""Every row of contract.md "Errors" is produced for real: one that nobody can produce is a lie."""

import re

import pytest
from chat_gateway import errors
from servicekit.problems import Problem

from tests.contract.failures import FAILURES
from tests.contract.scenes import Scene
from tests.equipment.chat import refusal
from tests.equipment.documents import ErrorRow, error_rows
from tests.equipment.waiting import wait_until

ROWS = error_rows()


def test_every_row_has_a_way_to_produce_it() -> None:
    assert {row.code for row in ROWS} == set(FAILURES)


def test_no_code_stands_twice() -> None:
    codes = [row.code for row in ROWS]
    assert len(codes) == len(set(codes))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.status}-{row.code}")
async def test_row_is_produced(row: ErrorRow, scene: Scene) -> None:
    response = await FAILURES[row.code](scene)

    async def traceback_logged() -> bool:
        return '"stack": [' in scene.stack.process("chat-gateway").log_path.read_text()

    found = refusal(response, row.status, row.code)
    assert found["type"].endswith(row.code)
    assert found["title"]
    assert found["detail"]
    assert found["instance"].startswith("/")
    if "Retry-After" in row.when:
        assert re.fullmatch(r"[1-9]\d*", response.header("retry-after") or "")
    if "`Allow`" in row.when:
        assert response.header("allow") == "POST"
    if "`errors" in row.when:
        assert found["errors"]
        assert all(set(error) == {"pointer", "message"} for error in found["errors"])
    if row.status == 401:
        assert (response.header("www-authenticate") or "").startswith("Bearer")
    if "the log has its traceback" in row.when:
        await wait_until("the traceback in the log", traceback_logged)  # after the answer


def test_classes_of_the_gateway_are_rows_of_the_contract() -> None:
    """errors.py and servicekit.problems, both ways."""
    rows = {(row.status, row.code) for row in ROWS}
    classes = {
        (problem.status, problem.code)
        for problem in every_subclass(Problem) | {Problem}
        if problem.__module__ in {errors.__name__, Problem.__module__}
    }

    assert classes == rows


def every_subclass(of: type[Problem]) -> set[type[Problem]]:
    """All classes under a class."""
    found: set[type[Problem]] = set()
    for child in of.__subclasses__():
        found |= {child} | every_subclass(child)
    return found
