"""Conversations, messages and turns, each row visible to its user alone.

Source: architecture.md "Data" and "The life of a turn"; ADR 0002 and 0003.
"""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = ("conversation", "message", "turn")


def upgrade() -> None:
    """Make the three tables, their indexes and their policies."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(
        """
        CREATE TABLE chat.conversation (
            user_id uuid NOT NULL,
            id uuid NOT NULL,
            created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
            updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
            CONSTRAINT conversation_pkey PRIMARY KEY (user_id, id)
        )
        """
    )
    op.execute(
        """
        CREATE TABLE chat.message (
            user_id uuid NOT NULL,
            id uuid NOT NULL,
            conversation_id uuid NOT NULL,
            role text NOT NULL,
            content text NOT NULL,
            created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
            CONSTRAINT message_pkey PRIMARY KEY (user_id, id),
            CONSTRAINT message_conversation_fkey FOREIGN KEY (user_id, conversation_id)
                REFERENCES chat.conversation (user_id, id),
            CONSTRAINT message_role_check CHECK (role IN ('user', 'assistant'))
        )
        """
    )
    op.execute(
        """
        CREATE INDEX message_in_conversation
            ON chat.message (user_id, conversation_id, created_at, id)
        """
    )
    op.execute(
        """
        CREATE TABLE chat.turn (
            user_id uuid NOT NULL,
            id uuid NOT NULL,
            conversation_id uuid NOT NULL,
            user_message_id uuid NOT NULL,
            idempotency_key text,
            request_hash bytea NOT NULL,
            state text NOT NULL,
            attempt integer NOT NULL,
            lease_expires_at timestamptz,
            steps jsonb NOT NULL DEFAULT '[]'::jsonb,
            tool_results jsonb NOT NULL DEFAULT '{}'::jsonb,
            answer text,
            failure jsonb,
            created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
            updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
            CONSTRAINT turn_pkey PRIMARY KEY (user_id, id),
            CONSTRAINT turn_user_id_idempotency_key_key UNIQUE (user_id, idempotency_key),
            CONSTRAINT turn_conversation_fkey FOREIGN KEY (user_id, conversation_id)
                REFERENCES chat.conversation (user_id, id),
            CONSTRAINT turn_message_fkey FOREIGN KEY (user_id, user_message_id)
                REFERENCES chat.message (user_id, id),
            CONSTRAINT turn_state_check CHECK (state IN ('running', 'completed', 'failed')),
            CONSTRAINT turn_lease_check
                CHECK ((state = 'running') = (lease_expires_at IS NOT NULL)),
            CONSTRAINT turn_answer_check CHECK ((state = 'completed') = (answer IS NOT NULL)),
            CONSTRAINT turn_failure_check CHECK ((state = 'failed') = (failure IS NOT NULL))
        )
        """
    )
    op.execute(
        """
        CREATE UNIQUE INDEX turn_running_per_conversation
            ON chat.turn (user_id, conversation_id) WHERE state = 'running'
        """
    )
    for table in TABLES:
        op.execute(f"ALTER TABLE chat.{table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE chat.{table} FORCE ROW LEVEL SECURITY")
        # The sub-select is evaluated once a statement; a bare current_setting() once a row.
        op.execute(
            f"""
            CREATE POLICY own_rows ON chat.{table}
                USING (user_id =
                    (SELECT nullif(current_setting('app.user_id', true), '')::uuid))
                WITH CHECK (user_id =
                    (SELECT nullif(current_setting('app.user_id', true), '')::uuid))
            """
        )
