"""What a revision does to a database, without a database: the SQL that Alembic would send."""

import importlib.util
import re
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from types import ModuleType
from typing import Final

from alembic.migration import MigrationContext
from alembic.operations import Operations

# What pods of the version before trip over while they run beside the new ones.
CONTRACTIONS: Final = {
    "removes a table": r"\bDROP\s+TABLE\b",
    "removes a schema": r"\bDROP\s+SCHEMA\b",
    "removes a column": r"\bDROP\s+COLUMN\b",
    "removes a type": r"\bDROP\s+TYPE\b",
    "removes rows": r"\b(?:TRUNCATE|DELETE\s+FROM)\b",
    "renames": r"\bRENAME\s+(?:TO|COLUMN|CONSTRAINT)\b|\bRENAME\s+\w+\s+TO\b",
    "moves a table": r"\bSET\s+SCHEMA\b",
    "changes a column's type": r"\bALTER\s+COLUMN\s+\S+\s+(?:SET\s+DATA\s+)?TYPE\b",
    "demands a value": r"\bALTER\s+COLUMN\s+\S+\s+SET\s+NOT\s+NULL\b",
    "takes a default away": r"\bALTER\s+COLUMN\s+\S+\s+DROP\s+DEFAULT\b",
    "demands a value of a new column": (
        r"\bADD\s+COLUMN\s+(?:IF\s+NOT\s+EXISTS\s+)?(?![^,;]*\bDEFAULT\b)[^,;]*\bNOT\s+NULL\b"
    ),
    "forbids what was allowed": r"\bALTER\s+TABLE\b[^;]*\bADD\s+CONSTRAINT\b",
    "takes a right away": r"\bREVOKE\b",
}


@dataclass(frozen=True)
class Revision:
    """One file of a history."""

    path: Path

    @property
    def name(self) -> str:
        """Service and file, e.g. `mcp_tools/0001_tasks_and_tool_calls`."""
        return f"{self.path.parent.parent.name}/{self.path.stem}"

    def contractions(self) -> list[str]:
        """Name what this revision takes away."""
        sql = _without_comments(self._sql())
        found = [what for what, pattern in CONTRACTIONS.items() if re.search(pattern, sql, re.I)]
        return sorted(found)

    @property
    def completes(self) -> str | None:
        """The earlier revision whose expansion this one completes; `None`: it only expands."""
        completes: object = getattr(self._module(), "completes", None)
        return completes if isinstance(completes, str) else None

    @property
    def revision(self) -> str:
        """Alembic's own name."""
        return str(self._module().revision)

    def _module(self) -> ModuleType:
        spec = importlib.util.spec_from_file_location(f"revision_{self.path.stem}", self.path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    def _sql(self) -> str:
        written = StringIO()
        context = MigrationContext.configure(
            dialect_name="postgresql", opts={"as_sql": True, "output_buffer": written}
        )
        with Operations.context(context):
            self._module().upgrade()
        return written.getvalue()


def _without_comments(sql: str) -> str:
    return re.sub(r"--[^\n]*|/\*.*?\*/", "", sql, flags=re.S)


def revisions_of(root: Path) -> list[Revision]:
    """All revisions of all services, in each history's order."""
    found = root.glob("services/*/src/*/migrations/[0-9]*.py")
    return [Revision(path) for path in sorted(found)]
