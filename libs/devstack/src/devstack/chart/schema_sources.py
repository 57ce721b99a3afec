"""Which Kubernetes versions and which kinds the chart is checked against, and where they are from.

The sources are Go modules: their checksums are in Go's public database, and a machine that reaches
a module proxy and nothing else can make the schemas too.
"""

from dataclasses import dataclass

KUBERNETES_MODULE = "k8s.io/kubernetes"
KUBERNETES = ("1.33.13", "1.34.4", "1.35.4", "1.36.3")
"""The newest of each minor version that the module proxy lists (November 2026)."""

KUBERNETES_KINDS = (
    "/v1/ConfigMap",
    "/v1/Pod",
    "/v1/Secret",
    "/v1/Service",
    "/v1/ServiceAccount",
    "apps/v1/Deployment",
    "apps/v1/StatefulSet",
    "autoscaling/v2/HorizontalPodAutoscaler",
    "batch/v1/CronJob",
    "batch/v1/Job",
    "networking.k8s.io/v1/NetworkPolicy",
    "policy/v1/PodDisruptionBudget",
    "rbac.authorization.k8s.io/v1/Role",
    "rbac.authorization.k8s.io/v1/RoleBinding",
)


@dataclass(frozen=True)
class CustomKinds:
    """Custom resources of one module. Attributes: folder: of the definitions, a file per kind."""

    module: str
    version: str
    folder: str
    files: tuple[str, ...]


CUSTOM_KINDS = (
    CustomKinds(
        "sigs.k8s.io/gateway-api",
        "1.6.1",
        "config/crd/standard",
        (
            "gateway.networking.k8s.io_gateways.yaml",
            "gateway.networking.k8s.io_httproutes.yaml",
        ),
    ),
    CustomKinds(
        "github.com/envoyproxy/gateway",
        "1.9.1",
        "charts/gateway-helm/charts/crds/crds/generated",
        (
            "gateway.envoyproxy.io_backendtrafficpolicies.yaml",
            "gateway.envoyproxy.io_clienttrafficpolicies.yaml",
            "gateway.envoyproxy.io_envoyextensionpolicies.yaml",
            "gateway.envoyproxy.io_envoyproxies.yaml",
            "gateway.envoyproxy.io_httproutefilters.yaml",
            "gateway.envoyproxy.io_securitypolicies.yaml",
        ),
    ),
    CustomKinds(
        "github.com/kedacore/keda/v2",
        "2.21.0",
        "config/crd/bases",
        ("keda.sh_scaledobjects.yaml", "keda.sh_triggerauthentications.yaml"),
    ),
    CustomKinds(
        "github.com/prometheus-operator/prometheus-operator",
        "0.85.0",
        "example/prometheus-operator-crd",
        ("monitoring.coreos.com_podmonitors.yaml", "monitoring.coreos.com_prometheusrules.yaml"),
    ),
    CustomKinds(
        "github.com/external-secrets/external-secrets",
        "1.3.2",
        "config/crds/bases",
        ("external-secrets.io_externalsecrets.yaml",),
    ),
    CustomKinds(
        "github.com/cert-manager/cert-manager",
        "1.21.2",
        "deploy/crds",
        ("cert-manager.io_certificates.yaml",),
    ),
)
