"""Who was erased: a note that lives longer than any token of theirs, and keeps each out.

The record of tool calls stays append-only: only a call of an erased person can be deleted.

Versions before this do not read the note: while their pods still run, an erased person's token
opens their doors for as long as it lives, and what it leaves is deleted by the erasure that is not
done until nothing comes any more.

Source: ADR 0037.
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table, its policy, and the one that lets calls go."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(
        """
        CREATE TABLE tasks.erased_person (
            user_id uuid NOT NULL,
            erased_at timestamptz NOT NULL DEFAULT statement_timestamp(),
            CONSTRAINT erased_person_pkey PRIMARY KEY (user_id)
        )
        """
    )
    op.execute("ALTER TABLE tasks.erased_person ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE tasks.erased_person FORCE ROW LEVEL SECURITY")
    op.execute(
        """
        CREATE POLICY own_rows ON tasks.erased_person
            USING (user_id =
                (SELECT nullif(current_setting('app.user_id', true), '')::uuid))
            WITH CHECK (user_id =
                (SELECT nullif(current_setting('app.user_id', true), '')::uuid))
        """
    )
    op.execute(
        """
        CREATE POLICY only_of_erased_people ON tasks.tool_call AS RESTRICTIVE FOR DELETE
            USING (EXISTS (SELECT FROM tasks.erased_person
                WHERE erased_person.user_id = tool_call.user_id))
        """
    )
