"""Names of images."""

import pytest

from tests.cluster.equipment.kind_node import repository_of


@pytest.mark.parametrize(
    ("image", "repository"),
    [
        ("taskchat/auth", "taskchat/auth"),
        ("taskchat/auth:dev", "taskchat/auth"),
        ("localhost:5000/taskchat/auth", "localhost:5000/taskchat/auth"),
        ("localhost:5000/taskchat/auth:1.0", "localhost:5000/taskchat/auth"),
    ],
)
def test_port_of_a_registry_is_no_tag(image: str, repository: str) -> None:
    assert repository_of(image) == repository
