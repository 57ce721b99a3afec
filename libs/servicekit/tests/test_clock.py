"""The clock: aware and UTC."""

from datetime import timedelta

from servicekit.clock import now


def test_now_is_aware_utc() -> None:
    assert now().utcoffset() == timedelta(0)
