"""What the environment may say about the tested release."""

import pytest

from tests.cluster.equipment.settings import ClusterSettings, WrongSetting


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TASKCHAT_EDGE_URL", "taskchat.localhost"),
        ("TASKCHAT_EDGE_URL", "http://taskchat.localhost/api"),
        ("TASKCHAT_EDGE_ADDRESS", "127.0.0.1:http"),
        ("TASKCHAT_EDGE_ADDRESS", ":80"),
        ("TASKCHAT_PROMETHEUS", "prometheus"),
        ("TASKCHAT_JAEGER", "/jaeger"),
    ],
)
def test_wrong_value_is_refused_by_its_name(name: str, value: str) -> None:
    with pytest.raises(WrongSetting, match=name):
        ClusterSettings.read({name: value})


@pytest.mark.parametrize(
    ("environment", "address"),
    [
        ({}, ("127.0.0.1", 80)),
        ({"TASKCHAT_EDGE_URL": "https://taskchat.localhost"}, ("127.0.0.1", 443)),
        ({"TASKCHAT_EDGE_URL": "http://taskchat.localhost:8080"}, ("127.0.0.1", 8080)),
        ({"TASKCHAT_EDGE_ADDRESS": "172.18.0.2"}, ("172.18.0.2", 80)),
        ({"TASKCHAT_EDGE_ADDRESS": "172.18.0.2:30081"}, ("172.18.0.2", 30081)),
    ],
)
def test_edge_is_at_the_port_of_its_url_unless_told_otherwise(
    environment: dict[str, str], address: tuple[str, int]
) -> None:
    assert ClusterSettings.read(environment).edge_address == address
