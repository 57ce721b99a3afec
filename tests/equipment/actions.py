"""What a person does without saying it: clicks and stops of the ChatKit body."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from tests.equipment.chat import User, post
from tests.equipment.raw_http import Header, RawResponse


async def act(
    gateway: str,
    user: User,
    action: str,
    payload: Mapping[str, object] | None = None,
    *,
    thread: str | None = None,
    key: str | None = None,
    headers: Sequence[Header] = (),
) -> RawResponse:
    """Send one custom action. Args: thread: None: the person names no conversation."""
    params = {"thread_id": thread, "action": {"type": action, "payload": payload}}
    body = json.dumps({"type": "threads.custom_action", "params": params})
    keyed: list[Header] = [("Idempotency-Key", key)] if key is not None else []
    return await post(gateway, user, body.encode(), headers=(*keyed, *headers))


def events(response: RawResponse) -> list[dict[str, Any]]:
    """What a stream that is over has told.

    Raises: AssertionError: it is none.
    """
    assert response.status == 200, (response.status, response.body)
    assert (response.header("content-type") or "").startswith("text/event-stream")
    *found, rest = response.body.decode().split("\n\n")
    assert rest == ""
    return [json.loads(one.removeprefix("data: ")) for one in found]


def called(response: RawResponse) -> dict[str, Any]:
    """What the one call of a click came to: `id`, `tool`, `arguments`, `output`, maybe `error`.

    Raises: AssertionError: the stream tells anything else.
    """
    options, effect, *error = events(response)
    assert options == {"type": "stream_options", "stream_options": {"allow_cancel": False}}
    assert (effect["type"], effect["name"]) == ("client_effect", "tool_result")
    found: dict[str, Any] = effect["data"]
    assert [one["type"] for one in error] == (["error"] if "error" in found else [])
    assert not any("list_tasks" in one["message"] for one in error), "advice for the model"
    return found


async def stop_turn(gateway: str, user: User, thread: str, turn_id: str) -> bool:
    """Stop a turn. Returns: whether there was anything to stop."""
    response = await act(gateway, user, "turn.stop", {"turn_id": turn_id}, thread=thread)
    _, effect = events(response)
    assert (effect["name"], effect["data"]["turn_id"]) == ("turn_stopped", turn_id)
    return bool(effect["data"]["stopped"])
