"""Tasks and tool calls, each row visible to its user alone, each final outcome final.

Source: architecture.md "Data"; ADR 0002 and 0006.
"""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = ("task", "tool_call")


def upgrade() -> None:
    """Make the two tables, their indexes and their policies."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(
        """
        CREATE TABLE tasks.task (
            user_id uuid NOT NULL,
            id uuid NOT NULL,
            title text NOT NULL,
            description text,
            completed boolean NOT NULL,
            created_at timestamptz NOT NULL DEFAULT statement_timestamp(),
            updated_at timestamptz NOT NULL DEFAULT statement_timestamp(),
            CONSTRAINT task_pkey PRIMARY KEY (user_id, id)
        )
        """
    )
    op.execute("CREATE INDEX task_newest_first ON tasks.task (user_id, created_at DESC, id DESC)")
    op.execute(
        """
        CREATE INDEX task_by_status
            ON tasks.task (user_id, completed, created_at DESC, id DESC)
        """
    )
    op.execute(
        """
        CREATE TABLE tasks.tool_call (
            user_id uuid NOT NULL,
            id uuid NOT NULL,
            conversation_id uuid,
            turn_id uuid,
            ordinal integer,
            name text NOT NULL,
            arguments jsonb NOT NULL,
            status text NOT NULL,
            output jsonb,
            error jsonb,
            duration_ms double precision NOT NULL,
            trace_id text,
            created_at timestamptz NOT NULL DEFAULT statement_timestamp(),
            CONSTRAINT tool_call_pkey PRIMARY KEY (user_id, id),
            CONSTRAINT tool_call_key_check CHECK ((turn_id IS NULL) = (ordinal IS NULL)),
            CONSTRAINT tool_call_ordinal_check CHECK (ordinal >= 0),
            CONSTRAINT tool_call_status_check CHECK (status IN ('ok', 'error')),
            CONSTRAINT tool_call_output_check CHECK ((status = 'ok') = (output IS NOT NULL)),
            CONSTRAINT tool_call_error_check CHECK ((status = 'error') = (error IS NOT NULL))
        )
        """
    )
    op.execute(
        """
        CREATE UNIQUE INDEX tool_call_once
            ON tasks.tool_call (user_id, turn_id, ordinal) WHERE turn_id IS NOT NULL
        """
    )
    op.execute(
        """
        CREATE INDEX tool_call_by_conversation
            ON tasks.tool_call (user_id, conversation_id, created_at)
        """
    )
    for table in TABLES:
        op.execute(f"ALTER TABLE tasks.{table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE tasks.{table} FORCE ROW LEVEL SECURITY")
        # The sub-select is evaluated once a statement; a bare current_setting() once a row.
        op.execute(
            f"""
            CREATE POLICY own_rows ON tasks.{table}
                USING (user_id =
                    (SELECT nullif(current_setting('app.user_id', true), '')::uuid))
                WITH CHECK (user_id =
                    (SELECT nullif(current_setting('app.user_id', true), '')::uuid))
            """
        )
    # A call is claimed as `unavailable` and then finished, or run again: nothing else may be
    # changed about what happened, not by a bug of ours either.
    op.execute(
        """
        CREATE POLICY final_outcomes_stay ON tasks.tool_call AS RESTRICTIVE FOR UPDATE
            USING (error ->> 'code' = 'unavailable')
            WITH CHECK (true)
        """
    )
