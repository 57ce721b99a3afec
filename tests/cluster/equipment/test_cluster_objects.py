"""Objects of the API, as the tests read them: what is done, what serves, what is wrong."""

import json
from typing import Any

import pytest

from tests.cluster.equipment.diagnosis import edge_status, shortened
from tests.cluster.equipment.pod_metrics import TURNS, total
from tests.cluster.equipment.pods import Pod, Rollout

DONE = {
    "observedGeneration": 2,
    "replicas": 3,
    "updatedReplicas": 3,
    "readyReplicas": 3,
    "availableReplicas": 3,
}


def rollout(**status: int) -> dict[str, Any]:
    return {
        "kind": "Deployment",
        "metadata": {"name": "taskchat-auth", "generation": 2},
        "spec": {"replicas": 3},
        "status": {**DONE, **status},
    }


@pytest.mark.parametrize(
    "status",
    [
        {"observedGeneration": 1},
        {"replicas": 4},
        {"updatedReplicas": 2},
        {"readyReplicas": 2},
        {"availableReplicas": 2},
    ],
    ids=lambda status: next(iter(status)),
)
def test_rollout_that_is_under_way(status: dict[str, int]) -> None:
    assert not Rollout.read(rollout(**status)).is_done


def test_rollout_that_is_done() -> None:
    assert Rollout.read(rollout()).is_done


def pod(ready: str = "True", **metadata: str) -> Pod:
    return Pod.read(
        {
            "metadata": {"name": "taskchat-auth-1", "uid": "1", **metadata},
            "spec": {"containers": [{"image": "taskchat/auth:dev"}]},
            "status": {
                "conditions": [{"type": "Ready", "status": ready}],
                "containerStatuses": [{"restartCount": 1}, {"restartCount": 2}],
            },
        }
    )


def test_pod_serves_while_it_is_ready_and_not_going() -> None:
    assert pod().serves
    assert not pod(ready="False").serves
    assert not pod(deletionTimestamp="2026-11-21T16:00:00Z").serves
    assert pod().restarts == 3


def test_counts_of_one_name_are_added_over_its_series() -> None:
    text = (
        "# TYPE taskchat_turn_duration_seconds histogram\n"
        'taskchat_turn_duration_seconds_bucket{outcome="completed",le="+Inf"} 4\n'
        'taskchat_turn_duration_seconds_count{outcome="completed"} 4\n'
        'taskchat_turn_duration_seconds_sum{outcome="completed"} 1.5\n'
        'taskchat_turn_duration_seconds_count{outcome="tools_unavailable"} 1\n'
    )
    assert total(text, TURNS) == 5
    assert total("", TURNS) == 0


def test_conditions_of_the_edge_are_told_in_lines() -> None:
    condition = {"type": "Accepted", "status": "False", "reason": "NoMatch", "message": "no host"}
    route = {
        "metadata": {"name": "taskchat-chat"},
        "status": {"parents": [{"parentRef": {"name": "taskchat"}, "conditions": [condition]}]},
    }
    told = edge_status(json.dumps({"items": [route]}))
    assert told == "taskchat-chat, taskchat: Accepted=False (NoMatch) no host"
    assert edge_status("error: no such resource") == "error: no such resource"


def test_long_text_keeps_its_end() -> None:
    assert shortened("abc", most=3) == "abc"
    assert shortened("abcdef", most=2).endswith("ef")
