"""Spans as a tree that a test can read."""

from collections.abc import Sequence

from opentelemetry.sdk.trace import ReadableSpan

Tree = dict[str, "Tree"]


def tree(spans: Sequence[ReadableSpan]) -> Tree:
    """Nest finished spans by name, in the order in which they began."""
    by_start = sorted(spans, key=lambda span: span.start_time or 0)
    own_ids = {span.context.span_id for span in by_start}

    def under(parent: int | None) -> Tree:
        found: Tree = {}
        for span in by_start:
            parent_id = span.parent.span_id if span.parent else None
            if parent_id == parent or (parent is None and parent_id not in own_ids):
                found[span.name] = under(span.context.span_id)
        return found

    return under(None)
