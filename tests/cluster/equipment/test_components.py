"""Values at their places, and merged as helm merges them."""

from tests.cluster.equipment.components import merged, values_of
from tests.cluster.equipment.scaling import scaled_values


def test_values_of_a_component_stand_in_its_section() -> None:
    assert values_of("pgbouncer", {"image": {"tag": "x"}}) == {
        "postgres": {"pgbouncer": {"image": {"tag": "x"}}}
    }


def test_values_of_one_section_are_merged_and_the_later_ones_win() -> None:
    tokens = values_of("auth", {"jwtLifetimeSeconds": 90, "replicas": 9})
    assert merged(tokens, scaled_values("auth", 2), scaled_values("mcp-tools", 1)) == {
        "auth": {
            "jwtLifetimeSeconds": 90,
            "replicas": 2,
            "autoscaling": {"minReplicas": 2, "maxReplicas": 2},
        },
        "mcpTools": {"replicas": 1, "autoscaling": {"minReplicas": 1, "maxReplicas": 1}},
    }
