"""Whether a need is met: the object is there, and what stands behind it works."""

from collections.abc import Iterable

from devstack.cluster.addons import Need
from devstack.cluster.kubectl import Kubectl, Manifest

# The condition with which an object's controller says that it took it over.
CONDITIONS = {
    "CustomResourceDefinition": "Established",
    "APIService": "Available",
    "GatewayClass": "Accepted",
}
# By full names: another add-on may bring a kind of the same short name.
RESOURCES = {
    "CustomResourceDefinition": "customresourcedefinitions.apiextensions.k8s.io",
    "APIService": "apiservices.apiregistration.k8s.io",
    "GatewayClass": "gatewayclasses.gateway.networking.k8s.io",
    "Service": "services",
}


def absent(kubectl: Kubectl, needs: Iterable[Need]) -> list[Need]:
    """The needs whose object is not there."""
    return [need for need in needs if find(kubectl, need) is None]


def unmet(kubectl: Kubectl, needs: Iterable[Need]) -> list[Need]:
    """The needs that are not there or do not work yet."""
    return [need for need in needs if not works(kubectl, need)]


def works(kubectl: Kubectl, need: Need) -> bool:
    """Whether the object of a need is there and ready."""
    found = find(kubectl, need)
    if found is None:
        return False
    if need.kind == "Service":
        return serves(kubectl, found)
    conditions = found.get("status", {}).get("conditions", ())
    return any(
        condition["type"] == CONDITIONS[need.kind] and condition["status"] == "True"
        for condition in conditions
    )


def find(kubectl: Kubectl, need: Need) -> Manifest | None:
    """The object of a need."""
    return kubectl.get(RESOURCES[need.kind], need.name, need.namespace)


def serves(kubectl: Kubectl, service: Manifest) -> bool:
    """Whether somebody ready stands behind a Service."""
    if service["spec"].get("type") == "ExternalName":
        return True
    metadata = service["metadata"]
    selector = f"kubernetes.io/service-name={metadata['name']}"
    slices = kubectl.list("endpointslices.discovery.k8s.io", metadata["namespace"], selector)
    return any(
        endpoint.get("conditions", {}).get("ready", False)
        for one in slices
        for endpoint in one.get("endpoints") or ()
    )
