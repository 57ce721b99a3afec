"""How many pods an autoscaler may make, as series: the alert compares with what Prometheus knows.

Here it is the chart's default. Where the chart installs the rules it records its own values instead
(templates/observability/prometheusrule.yaml).
"""

from otel.rules.rule import Group, Recording

MAX_REPLICAS = {"chat-gateway": 10, "mcp-tools": 10}
"""`autoscaling.maxReplicas` of charts/taskchat/values.yaml."""


def groups() -> list[Group]:
    """One series for each service that scales."""
    return [
        Group(
            "taskchat-limits",
            [
                Recording("taskchat:replicas:max", f"vector({most})", {"service": service})
                for service, most in MAX_REPLICAS.items()
            ],
        )
    ]
