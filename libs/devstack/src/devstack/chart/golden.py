"""What each switch of the chart changes, as manifests beside the values: `golden/<switch>.*.yaml`.

`base` is the smallest installation, in full. Every other pair is rendered over it, and shows only
the objects that differ: a change of the chart is read as the manifests that it changes.
"""

import re
from pathlib import Path

from devstack.chart.rendering import CHART, Manifest, manifests, render

FOLDER = CHART / "golden"
BASE = "base"
VALUES = ".values.yaml"
MANIFESTS = ".manifests.yaml"
HIDDEN = "(random)"
SECRET_CHECKSUM = re.compile(r"(checksum/secret: ).+")
DASHBOARD = re.compile(r"^(  \S+\.json: )\|\n(?:    .*\n)+", re.MULTILINE)
"""A file that the chart only copies, and that is read where it comes from."""
SECRET_VALUE = re.compile(r"^(  [\w.-]+: ).+$", re.MULTILINE)


def switches(root: Path) -> list[str]:
    """Names of all pairs."""
    return sorted(path.name.removesuffix(VALUES) for path in (root / FOLDER).glob(f"*{VALUES}"))


def values_of(root: Path, switch: str) -> list[Path]:
    """The values files of a pair, in Helm's order."""
    return [root / FOLDER / f"{name}{VALUES}" for name in dict.fromkeys((BASE, switch))]


def objects(helm: Path, root: Path, switch: str) -> dict[str, str]:
    """Texts of all objects of a pair, without what is random, by kind and name.

    Raises: Refused: the pair's values are refused.
    """
    rendered = render(helm, root, values_of(root, switch))
    return {found.identity: readable(found) for found in manifests(rendered)}


def golden(mine: dict[str, str], base: dict[str, str] | None) -> str:
    """What a pair's manifests should be.

    Args: mine: the pair's objects. base: those that it is compared with; None for `base` itself.
    """
    before = base or {}
    changed = {name: text for name, text in mine.items() if before.get(name) != text}
    gone = "".join(f"# not there: {name}\n" for name in before if name not in mine)
    return gone + "".join(f"---\n{text}" for text in changed.values())


def readable(manifest: Manifest) -> str:
    """An object's text, the same in each rendering, fit to be shown and short enough to be read."""
    text = SECRET_CHECKSUM.sub(rf"\g<1>{HIDDEN}", manifest.text)
    text = DASHBOARD.sub(r"\g<1>(of files/dashboards)\n", text)
    if manifest.content["kind"] != "Secret":
        return text
    head, data, values = text.partition("\ndata:\n")
    return head + data + SECRET_VALUE.sub(rf'\g<1>"{HIDDEN}"', values)


def generate(helm: Path, root: Path) -> list[str]:
    """Write the manifests of every pair; return the names of those that changed.

    Raises: Refused: with the pair's values.
    """
    changed = []
    base = objects(helm, root, BASE)
    for switch in switches(root):
        path = root / FOLDER / f"{switch}{MANIFESTS}"
        text = golden(base, None) if switch == BASE else golden(objects(helm, root, switch), base)
        if not path.exists() or path.read_text() != text:
            path.write_text(text)
            changed.append(switch)
    return changed
