"""What each person has used on each day: turns, and tokens of the model.

One row a person and day of UTC, counted up where a turn opens and where it ends. Pods of the
version before this count nothing, so what they run while a release rolls out costs no budget.

Source: ADR 0033.
"""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table and its policy."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(
        """
        CREATE TABLE chat.daily_use (
            user_id uuid NOT NULL,
            day date NOT NULL,
            turns integer NOT NULL,
            model_tokens bigint NOT NULL,
            CONSTRAINT daily_use_pkey PRIMARY KEY (user_id, day)
        )
        """
    )
    op.execute("ALTER TABLE chat.daily_use ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE chat.daily_use FORCE ROW LEVEL SECURITY")
    op.execute(
        """
        CREATE POLICY own_rows ON chat.daily_use
            USING (user_id =
                (SELECT nullif(current_setting('app.user_id', true), '')::uuid))
            WITH CHECK (user_id =
                (SELECT nullif(current_setting('app.user_id', true), '')::uuid))
        """
    )
