"""Metrics of requests on their way in, before they are anybody's turn."""

from prometheus_client import CollectorRegistry, Counter


class RequestMetrics:
    """How many come, and how many are refused for where they come from or who they are."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._received = Counter(
            "taskchat_http_requests_total",
            "Requests that reached this process, refused ones too; probes do not count.",
            registry=registry,
        )
        self._origin_refusals = Counter(
            "taskchat_origin_refusals_total",
            "Requests refused because their Origin is missing, repeated or not on the list.",
            registry=registry,
        )
        self._token_refusals = Counter(
            "taskchat_token_refusals_total",
            "Requests refused for their token or for the user in their path, by problem's code.",
            ["code"],
            registry=registry,
        )

    def received(self) -> None:
        """A request is here, whatever will become of it."""
        self._received.inc()

    def origin_refused(self) -> None:
        """A request was refused for its Origin."""
        self._origin_refusals.inc()

    def token_refused(self, code: str) -> None:
        """A request was refused for its token. Args: code: the problem's."""
        self._token_refusals.labels(code).inc()
