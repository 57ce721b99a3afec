"""What a person would look at first when a test of the cluster fails, of a bounded length."""

import json
import subprocess
from collections.abc import Iterator

from tests.cluster.equipment.kubectl import Kubectl

LIMIT_SECONDS = 20
MOST_CHARACTERS = 6_000
LOG_LINES = 25
LOOKS = {
    "pods": ("get", "pods", "--output=wide"),
    "events": ("get", "events", "--sort-by=.lastTimestamp"),
    "workloads": ("get", "deployments,statefulsets,jobs,poddisruptionbudgets", "--output=wide"),
    "autoscaling": ("get", "horizontalpodautoscalers"),
    "scaled objects": ("get", "scaledobjects.keda.sh"),
}
EDGE_KINDS = ("gateways", "httproutes")
EDGE_GROUP = "gateway.networking.k8s.io"


def sections(kubectl: Kubectl) -> Iterator[tuple[str, str]]:
    """Headings and texts. What cannot be looked at says why; nothing here raises."""
    namespace = kubectl.namespace
    for heading, arguments in LOOKS.items():
        yield f"{heading} of {namespace}", shortened(_say(kubectl, *arguments))
    for kind in EDGE_KINDS:
        found = _say(kubectl, "get", f"{kind}.{EDGE_GROUP}", "--output=json")
        yield f"{kind} of {namespace}", edge_status(found)
    names = _say(kubectl, "get", "pods", "--output=name").split()
    for pod in (name for name in names if name.startswith("pod/")):
        flags = (pod, "--all-containers", f"--tail={LOG_LINES}", "--prefix=false")
        yield f"last lines of {pod}", shortened(_say(kubectl, "logs", *flags))
        before = _say(kubectl, "logs", *flags, "--previous")
        if "not found" not in before:
            yield f"last lines of {pod} before it was started again", shortened(before)


def edge_status(found: str) -> str:
    """The conditions of Gateways and HTTPRoutes, a line each. Args: found: a list, as JSON."""
    try:
        items = json.loads(found)["items"]
    except (ValueError, KeyError):
        return found
    lines = []
    for item in items:
        status = item.get("status", {})
        held = [status, *status.get("listeners", []), *status.get("parents", [])]
        for holder in held:
            of = holder.get("name") or holder.get("parentRef", {}).get("name") or "itself"
            for one in holder.get("conditions", []):
                told = f"{one['type']}={one['status']} ({one['reason']}) {one.get('message', '')}"
                lines.append(f"{item['metadata']['name']}, {of}: {told}")
    return "\n".join(lines)


def shortened(text: str, most: int = MOST_CHARACTERS) -> str:
    """The end of a text, where the newest lines are."""
    return text if len(text) <= most else f"… {len(text) - most} characters …\n{text[-most:]}"


def _say(kubectl: Kubectl, *arguments: str) -> str:
    """What kubectl says, on whichever output."""
    argv = kubectl.argv(*arguments)
    try:
        done = subprocess.run(
            argv, capture_output=True, text=True, timeout=LIMIT_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    return (done.stdout or done.stderr).rstrip()
