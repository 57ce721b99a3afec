"""Values by their dotted path, as `helm --set` writes them."""


def leaves(node: object, path: str = "") -> dict[str, object]:
    """What is not a map, and empty maps. Keys may be paths already, as in a suite's `set`."""
    if not isinstance(node, dict) or not node:
        return {path: node}
    found = {}
    for key, child in node.items():
        found.update(leaves(child, f"{path}.{key}" if path else key))
    return found
