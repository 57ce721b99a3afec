"""What was asked lately, for tests that look at what really reached the model."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

KEPT_REQUESTS = 1_000


@dataclass(frozen=True)
class SeenRequest:
    """One request. Args: body: as received; fault_id: the fault that struck it, if one did."""

    received_at: datetime
    body: object
    user_message: str
    step: int
    fault_id: int | None


class SeenRequests:
    """The last requests of this process, oldest first."""

    def __init__(self) -> None:
        self._seen: deque[SeenRequest] = deque(maxlen=KEPT_REQUESTS)

    def add(self, request: SeenRequest) -> None:
        """Remember a request and forget the oldest beyond `KEPT_REQUESTS`."""
        self._seen.append(request)

    def last(self, limit: int, match: str | None = None) -> Sequence[SeenRequest]:
        """The last `limit` requests whose user message contains `match`."""
        fitting = [seen for seen in self._seen if match is None or match in seen.user_message]
        return fitting[-limit:] if limit else []

    def clear(self) -> None:
        """Forget all."""
        self._seen.clear()
