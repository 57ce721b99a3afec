"""Links to the page of docs/runbooks that an alert names too."""

from grafana_foundation_sdk.builders.dashboard import DashboardLink

VARIABLE = "runbooks"
"""Of a dashboard: where the pages are. In the repository, until the chart puts an address there."""


def runbook(alert: str) -> DashboardLink:
    """The page for an alert. Args: alert: its name, e.g. `TaskchatJwksStale`."""
    return DashboardLink(f"Runbook {alert}").url(f"${{{VARIABLE}}}/{alert}.md").target_blank(True)
