"""Links to the page of docs/runbooks that an alert names too."""

from grafana_foundation_sdk.builders.dashboard import DashboardLink

FOLDER = "docs/runbooks"
"""Where the pages are in the repository; the chart puts an address in front of it."""
VARIABLE = "runbooks"


def runbook(alert: str) -> DashboardLink:
    """The page for an alert. Args: alert: its name, e.g. `TaskchatJwksStale`."""
    return DashboardLink(f"Runbook {alert}").url(f"${{{VARIABLE}}}/{alert}.md").target_blank(True)
