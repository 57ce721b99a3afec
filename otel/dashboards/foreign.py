"""Metrics that are not ours, and who makes them. A dashboard uses no other foreign name.

Ours are in otel/schema/metrics.yaml.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

ENVOY: Final = "Envoy, /stats/prometheus of each pod of the Gateway"
CADVISOR: Final = "the kubelet's cAdvisor, /metrics/cadvisor"
COLLECTOR: Final = "the OpenTelemetry Collector's connector span_metrics"
KUBE_STATE: Final = "kube-state-metrics"
PROMETHEUS: Final = "Prometheus itself"

FOREIGN: Final[Mapping[str, str]] = MappingProxyType(
    {
        "ALERTS": PROMETHEUS,
        "envoy_cluster_membership_healthy": ENVOY,
        "envoy_cluster_upstream_cx_connect_fail": ENVOY,
        "envoy_cluster_upstream_rq_retry": ENVOY,
        "envoy_cluster_upstream_rq_time_bucket": ENVOY,
        "envoy_cluster_upstream_rq_timeout": ENVOY,
        "envoy_cluster_upstream_rq_xx": ENVOY,
        "envoy_http_downstream_cx_active": ENVOY,
        "envoy_http_downstream_rq_active": ENVOY,
        "envoy_http_downstream_rq_xx": ENVOY,
        "envoy_http_jwt_authn_allowed": ENVOY,
        "envoy_http_jwt_authn_denied": ENVOY,
        "envoy_http_jwt_authn_jwks_fetch_failed": ENVOY,
        "envoy_http_local_rate_limit_rate_limited": ENVOY,
        "envoy_http_rbac_denied": ENVOY,
        "envoy_http_rq_direct_response": ENVOY,
        "envoy_listener_ssl_certificate_expiration_unix_time_seconds": ENVOY,
        "container_cpu_cfs_throttled_periods_total": CADVISOR,
        "container_cpu_usage_seconds_total": CADVISOR,
        "container_memory_working_set_bytes": CADVISOR,
        "container_oom_events_total": CADVISOR,
        "traces_span_metrics_calls_total": COLLECTOR,
        "traces_span_metrics_duration_seconds_bucket": COLLECTOR,
        "traces_span_metrics_duration_seconds_count": COLLECTOR,
        "traces_span_metrics_duration_seconds_sum": COLLECTOR,
        "kube_horizontalpodautoscaler_spec_max_replicas": KUBE_STATE,
        "kube_horizontalpodautoscaler_spec_min_replicas": KUBE_STATE,
        "kube_horizontalpodautoscaler_status_desired_replicas": KUBE_STATE,
        "kube_pod_container_resource_limits": KUBE_STATE,
        "kube_pod_container_status_restarts_total": KUBE_STATE,
    }
)
