"""A machine on which kubectl, helm, kind, docker and skaffold are one small script.

They are other people's programs: what counts here is what we ask of them, and what we make of
their answers. The real ones are met by the tests on a real cluster.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

from devstack.cluster.kubectl import Kubectl
from devstack.cluster.programs import Programs

PROGRAMS = ("kubectl", "helm", "kind", "docker", "skaffold")
CONTEXT = "kind-taskchat"
# The newest rule that fits a command answers it; one with `after` waits until such a command came.
SCRIPT = """\
#!{python} -IS
import json, os, re, sys
folder = {folder!r}
line = " ".join([os.path.basename(sys.argv[0]), *sys.argv[1:]])
stdin = "" if os.isatty(0) else sys.stdin.read()
with open(folder + "/calls.jsonl", "a+") as log:
    log.write(json.dumps([line, stdin]) + "\\n")
    log.seek(0)
    calls = [json.loads(call)[0] for call in log]
for rule in reversed(json.load(open(folder + "/rules.json"))):
    came = not rule["after"] or any(re.search(rule["after"], call) for call in calls)
    if came and re.search(rule["pattern"], line):
        sys.stdout.write(rule["says"])
        sys.stderr.write(rule["complains"])
        sys.exit(rule["code"])
"""


class Machine:
    """Answers by rules, remembers what it was asked; what has no rule succeeds in silence."""

    def __init__(self, folder: Path) -> None:
        self.bin = folder / "bin"
        self.bin.mkdir()
        self._folder = folder
        self._rules: list[dict[str, Any]] = []
        self._write()
        for name in PROGRAMS:
            self.add(name)

    @property
    def programs(self) -> Programs:
        """These programs and no others."""
        return Programs(self._folder, {"PATH": str(self.bin)})

    @property
    def kubectl(self) -> Kubectl:
        """kubectl of the machine's cluster."""
        return Kubectl(self.programs, CONTEXT)

    def add(self, name: str) -> None:
        """Install a program."""
        path = self.bin / name
        path.write_text(SCRIPT.format(python=sys.executable, folder=str(self._folder)))
        path.chmod(0o755)

    def remove(self, name: str) -> None:
        """Uninstall a program."""
        (self.bin / name).unlink()

    def when(
        self, pattern: str, says: Any = "", *, code: int = 0, complains: str = "", after: str = ""
    ) -> None:
        """Answer commands that match. Args: says: text, or what to print as JSON."""
        text = says if isinstance(says, str) else json.dumps(says)
        rule = {"pattern": pattern, "says": text, "code": code, "complains": complains}
        self._rules.append({**rule, "after": after})
        self._write()

    def calls(self, pattern: str = "") -> list[str]:
        """The commands so far that match."""
        return [line for line, _ in self._calls() if re.search(pattern, line)]

    def given(self, pattern: str) -> list[str]:
        """What was written to the standard input of the commands that match."""
        return [stdin for line, stdin in self._calls() if re.search(pattern, line)]

    def _calls(self) -> list[tuple[str, str]]:
        log = self._folder / "calls.jsonl"
        if not log.exists():
            return []
        return [(line, stdin) for line, stdin in map(json.loads, log.read_text().splitlines())]

    def _write(self) -> None:
        (self._folder / "rules.json").write_text(json.dumps(self._rules))
