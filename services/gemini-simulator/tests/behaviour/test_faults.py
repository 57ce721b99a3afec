"""Which request an ordered fault strikes."""

from dataclasses import replace

import pytest
from gemini_simulator.behaviour.faults import (
    Fault,
    Faults,
    ScriptFault,
    Situation,
    StatusFault,
    WrongIdFault,
)
from pydantic import TypeAdapter, ValidationError

TALK = Situation(
    user_message="hi there",
    texts=("be kind", "what is forbidden", "nothing is", "hi there"),
    model="gemini-flash-latest",
    step=0,
    has_calls=False,
    has_task_ids=False,
)


def status(**selector: object) -> StatusFault:
    return StatusFault.model_validate({"kind": "status", "status": 500, **selector})


def strikes(faults: Faults, times: int, situation: Situation = TALK) -> int:
    return sum(faults.strike(situation) is not None for _ in range(times))


@pytest.mark.parametrize(
    "order",
    [
        {},
        {"kind": "earthquake"},
        {"kind": "status"},
        {"kind": "status", "status": 200},
        {"kind": "status", "status": 500, "count": 0},
        {"kind": "status", "status": 500, "rate": 1.5},
        {"kind": "status", "status": 500, "step": -1},
        {"kind": "status", "status": 500, "unknown": 1},
        {"kind": "script", "responses": []},
        {"kind": "script", "responses": [{"text": "x"}], "rate": 0.5},
        {"kind": "hang", "after_events": -1},
        {"kind": "stream"},
        {"kind": "stream", "shapes": []},
        {"kind": "stream", "shapes": ["upside_down"]},
        {"kind": "stream", "shapes": ["indexed", "equal_indices"]},
        {"kind": "stream", "shapes": ["signature_apart", "signature_beside"]},
        {"kind": "stream", "shapes": ["one_piece", "split_arguments"]},
        {"kind": "stream", "shapes": ["indexed"], "text": "hm"},
        {"kind": "stream", "shapes": ["text_before"], "text": ""},
        {"kind": "stream", "words": 0},
        {"kind": "stream", "milliseconds": -1},
        {"kind": "stream", "milliseconds": 1e9},
        {"kind": "broken_stream"},
        {"kind": "broken_stream", "variant": "sideways"},
        {"kind": "broken_stream", "variant": "empty", "after_events": 1},
        {"kind": "broken_stream", "variant": "error", "status": 200},
        {"kind": "broken_stream", "variant": "error", "disconnects": True},
        {"kind": "broken_stream", "variant": "ends_in_text", "line": "x"},
        {"kind": "broken_stream", "variant": "garbage", "line": ""},
        {"kind": "broken_stream", "variant": "ends", "after_events": -1},
        {"kind": "script", "responses": [{"text": "x", "stream": {}}]},
    ],
)
def test_wrong_order_is_refused(order: dict[str, object]) -> None:
    adapter: TypeAdapter[Fault] = TypeAdapter(Fault)
    with pytest.raises(ValidationError):
        adapter.validate_python(order)


def test_fault_without_count_strikes_once() -> None:
    faults = Faults(seed=0)
    faults.order(status())
    assert strikes(faults, 5) == 1
    assert not list(faults)


def test_count_is_used_up() -> None:
    faults = Faults(seed=0)
    faults.order(status(count=3))
    assert strikes(faults, 5) == 3


def test_rate_strikes_its_share_for_ever_and_the_same_for_a_seed() -> None:
    counts = []
    for _ in range(2):
        faults = Faults(seed=5)
        faults.order(status(rate=0.3))
        counts.append(strikes(faults, 1_000))
    assert counts[0] == counts[1]
    assert 250 < counts[0] < 350


def test_rate_with_count_ends() -> None:
    faults = Faults(seed=0)
    faults.order(status(rate=0.5, count=4))
    assert strikes(faults, 100) == 4


def test_other_message_and_other_step_are_spared() -> None:
    faults = Faults(seed=0)
    faults.order(status(match="there", step=1))
    assert strikes(faults, 3, replace(TALK, user_message="hello", step=1)) == 0
    assert strikes(faults, 3, TALK) == 0
    assert strikes(faults, 3, replace(TALK, step=1)) == 1


def test_other_model_is_spared() -> None:
    faults = Faults(seed=0)
    faults.order(status(model="gemini-flash-latest"))
    assert strikes(faults, 3, replace(TALK, model="gemini-flash-lite-latest")) == 0
    assert strikes(faults, 3, TALK) == 1


def test_filter_reads_the_whole_history() -> None:
    faults = Faults(seed=0)
    faults.order(status(anywhere="forbidden", rate=1))
    assert strikes(faults, 2, replace(TALK, texts=("be kind", "hi there"))) == 0
    assert strikes(faults, 2, TALK) == 2


def test_fault_of_calls_waits_for_a_call() -> None:
    faults = Faults(seed=0)
    faults.order(WrongIdFault(kind="wrong_id"))
    assert strikes(faults, 3) == 0
    assert strikes(faults, 3, replace(TALK, has_calls=True)) == 0
    assert strikes(faults, 3, replace(TALK, has_calls=True, has_task_ids=True)) == 1


STREAMED = replace(TALK, is_streamed=True, has_text=True)
CALLING = replace(TALK, is_streamed=True, has_calls=True)


@pytest.mark.parametrize(
    ("order", "struck", "spared"),
    [
        ({"kind": "stream", "milliseconds": 1}, [STREAMED, CALLING], [TALK]),
        ({"kind": "stream", "shapes": ["indexed"]}, [CALLING], [STREAMED]),
        ({"kind": "stream", "shapes": ["indexed", "usage_last"]}, [STREAMED, CALLING], [TALK]),
        ({"kind": "broken_stream", "variant": "empty"}, [STREAMED, CALLING], [TALK]),
        ({"kind": "broken_stream", "variant": "ends_in_text"}, [STREAMED], [CALLING]),
        ({"kind": "broken_stream", "variant": "ends_in_arguments"}, [CALLING], [STREAMED]),
    ],
)
def test_fault_of_streams_waits_for_a_stream_that_it_can_change(
    order: dict[str, object], struck: list[Situation], spared: list[Situation]
) -> None:
    adapter: TypeAdapter[Fault] = TypeAdapter(Fault)
    for situation in struck:
        faults = Faults(seed=0)
        faults.order(adapter.validate_python(order))
        assert [strikes(faults, 1, one) for one in (*spared, situation)][-1] == 1
        assert strikes(faults, 1, situation) == 0


def test_faults_strike_one_at_a_time_in_their_order() -> None:
    faults = Faults(seed=0)
    first, second = faults.order(status()), faults.order(status())
    struck = [faults.strike(TALK), faults.strike(TALK)]
    assert [one.fault_id for one in struck if one] == [first, second]


def test_script_is_played_in_order_and_again_as_often_as_it_counts() -> None:
    faults = Faults(seed=0)
    faults.order(
        ScriptFault.model_validate(
            {"kind": "script", "count": 2, "responses": [{"text": "a"}, {"text": "b"}]}
        )
    )
    ordinals = [strike.ordinal for _ in range(9) if (strike := faults.strike(TALK))]
    assert ordinals == [0, 1, 2, 3]


def test_fault_can_be_taken_back() -> None:
    faults = Faults(seed=0)
    kept, dropped = faults.order(status(count=9)), faults.order(status(count=9))
    assert faults.clear(dropped) == 1
    assert [ordered.fault_id for ordered in faults] == [kept]
    assert faults.clear() == 1
    assert strikes(faults, 3) == 0
