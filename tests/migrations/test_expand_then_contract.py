"""Old and new pods run side by side: a revision takes nothing away that the version before uses.

Source: docs/adr/0011-expand-then-contract.md. Better Auth's own migrations only make tables and add
columns.
"""

from pathlib import Path

import pytest

from tests.equipment.revisions import Revision, revisions_of

REVISIONS = revisions_of(Path(__file__).parents[2])

CONTRACTING = {
    "removes a column": 'op.drop_column("turn", "answer", schema="chat")',
    "removes a table": 'op.execute("DROP TABLE chat.turn")',
    "renames": 'op.alter_column("turn", "answer", new_column_name="reply", schema="chat")',
    "changes a column's type": 'op.alter_column("turn", "n", type_=sa.BigInteger, schema="chat")',
    "demands a value": 'op.alter_column("turn", "answer", nullable=False, schema="chat")',
    "demands a value of a new column": 'op.execute("ALTER TABLE t ADD COLUMN n int NOT NULL")',
    "takes a default away": 'op.execute("ALTER TABLE t ALTER COLUMN n DROP DEFAULT")',
    "forbids what was allowed": 'op.execute("ALTER TABLE t ADD CONSTRAINT c CHECK (n > 0)")',
    "removes rows": 'op.execute("delete from chat.turn")',
    "takes a right away": 'op.execute("REVOKE ALL ON chat.turn FROM chat_gateway")',
}
EXPANDING = {
    "a column": 'op.add_column("turn", sa.Column("n", sa.Integer), schema="chat")',
    "a column with a default": 'op.execute("ALTER TABLE t ADD COLUMN n int NOT NULL DEFAULT 0")',
    "a table": 'op.create_table("t", sa.Column("n", sa.Integer, nullable=False))',
    "an index": 'op.create_index("i", "turn", ["n"], schema="chat")',
    "a comment that drops": 'op.execute("SELECT 1 -- DROP TABLE chat.turn")',
}


def revision(folder: Path, statement: str) -> Revision:
    path = folder / "0002_change.py"
    path.write_text(
        "import sqlalchemy as sa\nfrom alembic import op\n"
        f'revision = "0002"\ndef upgrade() -> None:\n    {statement}\n'
    )
    return Revision(path)


@pytest.mark.parametrize(("what", "statement"), CONTRACTING.items(), ids=CONTRACTING.keys())
def test_contraction_is_found(tmp_path: Path, what: str, statement: str) -> None:
    assert what in revision(tmp_path, statement).contractions()


@pytest.mark.parametrize("statement", EXPANDING.values(), ids=EXPANDING.keys())
def test_expansion_passes(tmp_path: Path, statement: str) -> None:
    assert revision(tmp_path, statement).contractions() == []


def test_both_histories_are_looked_at() -> None:
    services = {revision.path.parent.parent.name for revision in REVISIONS}
    assert services == {"chat_gateway", "mcp_tools"}


@pytest.mark.parametrize("revision", REVISIONS, ids=lambda revision: revision.name)
def test_revision_only_expands_or_says_what_it_completes(revision: Revision) -> None:
    contractions = revision.contractions()
    if revision.completes is None:
        assert contractions == [], (
            f"{revision.name}: pods of the version before run beside it. Expand in this release;"
            ' contract in a later one, in a revision with `completes = "<the expanding revision>"`.'
        )
    else:
        history = [other for other in REVISIONS if other.path.parent == revision.path.parent]
        earlier = [other.revision for other in history if other.path < revision.path]
        assert contractions, f"{revision.name}: completes a change, but takes nothing away"
        assert revision.completes in earlier
