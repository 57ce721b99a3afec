"""Exported spans as a tree that a test can read."""

from collections.abc import Sequence
from typing import Any

from opentelemetry.sdk.trace import ReadableSpan


def tree(spans: Sequence[ReadableSpan]) -> list[Any]:
    """Names of spans, each with those under it, in the order in which they began."""

    def under(parent: int | None) -> list[Any]:
        children = sorted(
            (s for s in spans if (s.parent.span_id if s.parent else None) == parent),
            key=lambda span: span.start_time or 0,
        )
        return [
            (child.name, *under(child.context.span_id if child.context else None))
            for child in children
        ]

    return under(None)
