"""Who was erased: a note that lives longer than any token of theirs, and keeps each out.

What was used of a day's budget stays what it is: only an erased person's can be deleted.

Versions before this do not read it: while their pods still run, an erased person's token opens
their doors for as long as it lives, and what it leaves is deleted by the erasure that is not done
until nothing comes any more.

Source: ADR 0037.
"""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table, its policy, and the one that lets the use of days go."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(
        """
        CREATE TABLE chat.erased_person (
            user_id uuid NOT NULL,
            erased_at timestamptz NOT NULL DEFAULT clock_timestamp(),
            CONSTRAINT erased_person_pkey PRIMARY KEY (user_id)
        )
        """
    )
    op.execute("ALTER TABLE chat.erased_person ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE chat.erased_person FORCE ROW LEVEL SECURITY")
    op.execute(
        """
        CREATE POLICY own_rows ON chat.erased_person
            USING (user_id =
                (SELECT nullif(current_setting('app.user_id', true), '')::uuid))
            WITH CHECK (user_id =
                (SELECT nullif(current_setting('app.user_id', true), '')::uuid))
        """
    )
    op.execute(
        """
        CREATE POLICY only_of_erased_people ON chat.daily_use AS RESTRICTIVE FOR DELETE
            USING (EXISTS (SELECT FROM chat.erased_person
                WHERE erased_person.user_id = daily_use.user_id))
        """
    )
