"""What a tool call was about may go after a while, and its row stays.

Whoever lets it go is a role of its own that nobody can sign in as: the owner takes it for the
length of a transaction (retention.py). It may empty arguments and outputs, and delete the notes on
people erased long ago; it can read no word of anybody.

Source: ADR 0038.
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ROLE = """
    DO $$ BEGIN
        IF to_regrole('tasks_retention') IS NULL THEN
            CREATE ROLE tasks_retention NOLOGIN NOINHERIT;
        END IF;
        IF current_setting('server_version_num')::int >= 160000 THEN
            EXECUTE 'GRANT tasks_retention TO CURRENT_USER WITH INHERIT FALSE, SET TRUE';
        ELSE
            GRANT tasks_retention TO CURRENT_USER;
        END IF;
    END $$
"""


def upgrade() -> None:
    """Make column, role, rights and policies."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE tasks.tool_call ADD COLUMN expired_at timestamptz")
    op.execute(ROLE)
    op.execute("GRANT USAGE ON SCHEMA tasks TO tasks_retention")
    op.execute(
        """
        GRANT SELECT (user_id, id, status, created_at, expired_at),
            UPDATE (arguments, output, expired_at)
            ON tasks.tool_call TO tasks_retention
        """
    )
    op.execute("GRANT SELECT, DELETE ON tasks.erased_person TO tasks_retention")
    op.execute(
        "CREATE POLICY retention_sees ON tasks.tool_call FOR SELECT TO tasks_retention USING (true)"
    )
    op.execute(
        """
        CREATE POLICY retention_empties ON tasks.tool_call FOR UPDATE TO tasks_retention
            USING (true) WITH CHECK (expired_at IS NOT NULL)
        """
    )
    op.execute("CREATE POLICY retention ON tasks.erased_person TO tasks_retention USING (true)")
    op.execute("DROP POLICY final_outcomes_stay ON tasks.tool_call")
    op.execute(
        """
        CREATE POLICY final_outcomes_stay ON tasks.tool_call AS RESTRICTIVE FOR UPDATE
            USING (current_user = 'tasks_retention' OR error ->> 'code' = 'unavailable')
            WITH CHECK (true)
        """
    )
