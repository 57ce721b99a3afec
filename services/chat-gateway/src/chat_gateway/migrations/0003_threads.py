"""What ChatKit calls a thread: a title, an order by last change, feedback, and a way to delete.

Conversations of earlier versions, and of their pods while they still run, have no title; the first
message is shown in its place. Without an index of turns by conversation, to delete one conversation
would read every turn of the person, in the foreign key's own check too.

Source: ADR 0025.
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the column, the two indexes and the table with its policy."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE chat.conversation ADD COLUMN title text")
    op.execute(
        """
        CREATE INDEX conversation_by_change
            ON chat.conversation (user_id, updated_at DESC, id DESC)
        """
    )
    op.execute("CREATE INDEX turn_in_conversation ON chat.turn (user_id, conversation_id)")
    op.execute(
        """
        CREATE TABLE chat.feedback (
            user_id uuid NOT NULL,
            conversation_id uuid NOT NULL,
            item_id uuid NOT NULL,
            kind text NOT NULL,
            created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
            CONSTRAINT feedback_pkey PRIMARY KEY (user_id, conversation_id, item_id),
            CONSTRAINT feedback_conversation_fkey FOREIGN KEY (user_id, conversation_id)
                REFERENCES chat.conversation (user_id, id),
            CONSTRAINT feedback_kind_check CHECK (kind IN ('positive', 'negative'))
        )
        """
    )
    op.execute("ALTER TABLE chat.feedback ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE chat.feedback FORCE ROW LEVEL SECURITY")
    op.execute(
        """
        CREATE POLICY own_rows ON chat.feedback
            USING (user_id =
                (SELECT nullif(current_setting('app.user_id', true), '')::uuid))
            WITH CHECK (user_id =
                (SELECT nullif(current_setting('app.user_id', true), '')::uuid))
        """
    )
