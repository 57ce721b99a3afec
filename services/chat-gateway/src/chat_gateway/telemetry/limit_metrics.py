"""Metrics of what one person may use."""

from prometheus_client import CollectorRegistry, Counter


class LimitMetrics:
    """Part of the service's metrics."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._budgets_used_up = Counter(
            "taskchat_budgets_used_up_total",
            "People whose budget of a day came to its end, once each; budget: turns or"
            " model_tokens.",
            ["budget"],
            registry=registry,
        )
        for budget in ("turns", "model_tokens"):
            self._budgets_used_up.labels(budget)

    def budget_used_up(self, budget: str) -> None:
        """A person has used the last of a day's. Args: budget: `turns` or `model_tokens`."""
        self._budgets_used_up.labels(budget).inc()
