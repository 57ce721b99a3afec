"""A click of the person is a turn without a message, and maybe without a conversation.

It neither waits for a running turn of its conversation nor holds one up, so it is not in the index
that makes the turns of a conversation serial. Versions before this write neither NULL, and find no
fault with the index, which still holds each of their own turns.

Source: ADR 0026.
"""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let both columns be NULL, and make the index anew under its name."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(
        """
        ALTER TABLE chat.turn
            ALTER COLUMN conversation_id DROP NOT NULL,
            ALTER COLUMN user_message_id DROP NOT NULL
        """
    )
    op.execute("DROP INDEX chat.turn_running_per_conversation")
    op.execute(
        """
        CREATE UNIQUE INDEX turn_running_per_conversation
            ON chat.turn (user_id, conversation_id)
            WHERE state = 'running' AND user_message_id IS NOT NULL
        """
    )
