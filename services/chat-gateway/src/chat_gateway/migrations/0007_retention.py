"""What a turn recorded may go after a while, and its row stays.

Whoever lets it go is a role of its own that nobody can sign in as: the owner takes it for the
length of a transaction (retention.py). It may empty what finished turns recorded, and delete what
was used of past days and the notes on people erased long ago; it can read no word of anybody.

Versions before this take an emptied turn that failed for one to go on with: after a rollback, stop
the retention.

Source: ADR 0038.
"""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

ROLE = """
    DO $$ BEGIN
        IF to_regrole('chat_retention') IS NULL THEN
            CREATE ROLE chat_retention NOLOGIN NOINHERIT;
        END IF;
        IF current_setting('server_version_num')::int >= 160000 THEN
            EXECUTE 'GRANT chat_retention TO CURRENT_USER WITH INHERIT FALSE, SET TRUE';
        ELSE
            GRANT chat_retention TO CURRENT_USER;
        END IF;
    END $$
"""


def upgrade() -> None:
    """Make column, role, rights and policies."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE chat.turn ADD COLUMN expired_at timestamptz")
    op.execute(ROLE)
    op.execute("GRANT USAGE ON SCHEMA chat TO chat_retention")
    op.execute(
        """
        GRANT SELECT (user_id, id, state, updated_at, expired_at),
            UPDATE (request_hash, steps, tool_results, answer, expired_at)
            ON chat.turn TO chat_retention
        """
    )
    op.execute("GRANT SELECT, DELETE ON chat.daily_use, chat.erased_person TO chat_retention")
    op.execute(
        "CREATE POLICY retention_sees ON chat.turn FOR SELECT TO chat_retention USING (true)"
    )
    op.execute(
        """
        CREATE POLICY retention_empties ON chat.turn FOR UPDATE TO chat_retention
            USING (state <> 'running') WITH CHECK (expired_at IS NOT NULL)
        """
    )
    for table in ("daily_use", "erased_person"):
        op.execute(f"CREATE POLICY retention ON chat.{table} TO chat_retention USING (true)")
    op.execute("DROP POLICY only_of_erased_people ON chat.daily_use")
    op.execute(
        """
        CREATE POLICY only_of_erased_people ON chat.daily_use AS RESTRICTIVE FOR DELETE
            USING (current_user = 'chat_retention'
                OR EXISTS (SELECT FROM chat.erased_person
                    WHERE erased_person.user_id = daily_use.user_id))
        """
    )
