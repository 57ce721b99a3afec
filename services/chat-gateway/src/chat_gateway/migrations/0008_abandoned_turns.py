"""What an abandoned turn recorded may go too.

A turn whose process died stays `running` until somebody asks for it again, or for anything in its
conversation. Where nobody does, it was kept for ever. Its lease says that it runs nowhere; a day
after its end, no clock and no transaction that is still open can make it run.

Source: ADR 0038.
"""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let the retention's role see when leases end, and empty what was left lying."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("GRANT SELECT (lease_expires_at) ON chat.turn TO chat_retention")
    op.execute(
        """
        ALTER POLICY retention_empties ON chat.turn
            USING (state <> 'running' OR lease_expires_at < clock_timestamp() - interval '1 day')
        """
    )
