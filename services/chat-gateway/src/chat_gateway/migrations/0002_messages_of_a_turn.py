"""A turn and its two messages are found from each other: history tells what became of each.

Turns of earlier versions have no `answer_message_id`; what they said is read from their answer.

Source: ADR 0020.
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the index and the column."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("CREATE INDEX turn_of_message ON chat.turn (user_id, user_message_id)")
    op.execute("ALTER TABLE chat.turn ADD COLUMN answer_message_id uuid")
