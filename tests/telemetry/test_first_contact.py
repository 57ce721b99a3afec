"""A gateway whose model cannot be used is ready all the same, and says so once."""

from devstack.stack import Stack

from tests.equipment.log_lines import Line, log_lines
from tests.equipment.waiting import wait_until

ABOUT_THE_MODEL = {
    "the model answers",
    "the model may not always answer",
    "the model cannot be used",
}


async def test_wrong_key_is_one_line_that_names_its_setting(stack: Stack) -> None:
    gateway = stack.add_process(
        "chat-gateway", "chat-gateway-wrong-key", GEMINI_API_KEY="wrong-key"
    )

    def said() -> list[Line]:
        return [line for line in log_lines(gateway) if line["message"] in ABOUT_THE_MODEL]

    async def met() -> bool:
        return bool(said())

    await wait_until("the first contact is in the log", met)
    (line,) = said()
    assert (line["level"], line["setting"]) == ("ERROR", "GEMINI_API_KEY")
    assert "set GEMINI_API_KEY to" in line["reason"]
    assert "wrong-key" not in str(line)
    gateway.stop()
