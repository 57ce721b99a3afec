"""What mcp-tools answers, what is recorded of it, and what the person is shown."""

from typing import Any
from uuid import uuid4

import pytest
from chat_gateway.tools.client import ToolsRefused
from chat_gateway.tools.tool_results import for_model, read_answer
from chat_gateway.turns.journal import ToolCallRequest
from chat_gateway.turns.tool_calls import tool_calls

from ..equipment.mcp_tools import done, failed

REQUEST = ToolCallRequest(0, "call_0", "add_task", {"title": "a"})


class TestReading:
    @pytest.mark.parametrize("missing", ["structuredContent", "_meta"])
    def test_an_answer_without_its_parts_is_refused(self, missing: str) -> None:
        answer = done({"task": {}})
        del answer[missing]

        with pytest.raises(ToolsRefused):
            read_answer(REQUEST, answer)

    @pytest.mark.parametrize(
        "meta", [{}, {"taskchat/tool-call": {}}, {"taskchat/tool-call": {"id": "x"}}]
    )
    def test_an_answer_without_its_receipt_is_refused(self, meta: dict[str, Any]) -> None:
        with pytest.raises(ToolsRefused):
            read_answer(REQUEST, {**done({"task": {}}), "_meta": meta})

    @pytest.mark.parametrize(
        "words",
        [
            {"structuredContent": {"message": "?"}},
            {"content": []},
            {"content": [{"type": "text", "text": "no JSON"}]},
            {"content": [{"type": "text", "text": '{"message": "?"}'}]},
            {"content": [{"type": "image", "data": "", "mimeType": "image/png"}]},
        ],
    )
    def test_an_error_without_a_code_is_refused(self, words: dict[str, Any]) -> None:
        with pytest.raises(ToolsRefused):
            read_answer(REQUEST, {**failed("not_found"), **words})

    def test_an_error_of_an_older_mcp_tools_is_read(self) -> None:
        """During a rolling update: structured, its text for people only."""
        error = {"code": "not_found", "message": "No such task."}
        answer = {**failed("x"), "structuredContent": error, "content": []}

        assert read_answer(REQUEST, answer).result.error == error

    def test_an_error_is_recorded_with_code_and_message(self) -> None:
        answer = read_answer(REQUEST, failed("not_found", "No such task."))
        result = answer.result

        assert (result.status, result.output) == ("error", None)
        assert answer.tools_version == "v1"
        assert result.error == {"code": "not_found", "message": "No such task."}
        assert for_model(result).structured_content == {"error": result.error}

    def test_an_output_is_recorded_under_the_id_of_its_row(self) -> None:
        call_id = uuid4()
        answer = read_answer(REQUEST, done({"task": {}}, version="v2", call_id=call_id))
        result = answer.result

        assert (result.id, result.status, result.error) == (call_id, "ok", None)
        assert answer.tools_version == "v2"
        assert result.arguments == {"title": "a"}
        assert for_model(result).structured_content == {"task": {}}


def test_tool_calls_are_in_order_and_have_the_members_of_the_contract() -> None:
    second = read_answer(
        ToolCallRequest(1, "call_1", "delete_task", {"task_id": "x"}), failed("not_found")
    ).result
    first = read_answer(REQUEST, done({"task": {}})).result

    shown = tool_calls([second, first])

    assert [call["name"] for call in shown] == ["add_task", "delete_task"]
    assert shown[0] == {
        "id": str(first.id),
        "name": "add_task",
        "arguments": {"title": "a"},
        "status": "ok",
        "output": {"task": {}},
        "error": None,
        "duration_ms": 1.5,
    }
