"""A thousand people with very many rows, so that the planner has something to avoid."""

from dataclasses import dataclass
from uuid import UUID

PEOPLE = 1_000
TASKS = 200_000
MESSAGES = 1_000_000
CONVERSATIONS = 100_000
DAYS = 90

# Bulk rows for plans: the one case in which SQL makes what the API could make.
FILL = f"""
    SET session_replication_role = replica;  -- a foreign key's check of each row takes minutes
    CREATE TEMP TABLE somebody AS
        SELECT n, gen_random_uuid() AS user_id, gen_random_uuid() AS conversation_id
        FROM generate_series(1, {PEOPLE}) AS n;
    INSERT INTO tasks.task (user_id, id, title, completed, created_at, updated_at)
        SELECT user_id, gen_random_uuid(), 'task ' || i, i % 3 = 0, moment, moment
        FROM generate_series(1, {TASKS}) AS i
        JOIN somebody ON n = 1 + i % {PEOPLE},
        LATERAL (SELECT now() - make_interval(secs => i) AS moment) AS time;
    INSERT INTO chat.conversation (user_id, id) SELECT user_id, conversation_id FROM somebody;
    INSERT INTO chat.message (user_id, id, conversation_id, role, content, created_at)
        SELECT user_id, gen_random_uuid(), conversation_id,
               CASE WHEN (i / {PEOPLE}) % 2 = 0 THEN 'user' ELSE 'assistant' END,
               'message ' || i, now() - make_interval(secs => i)
        FROM generate_series(1, {MESSAGES}) AS i JOIN somebody ON n = 1 + i % {PEOPLE};
    INSERT INTO chat.turn (user_id, id, conversation_id, user_message_id, request_hash, state,
                           attempt, answer, answer_message_id, tool_results)
        SELECT user_id, gen_random_uuid(), conversation_id, id, '', 'completed', 1, '{{}}',
               lag(id) OVER (PARTITION BY user_id ORDER BY created_at DESC),
               '{{"0": {{"read_only": true}}}}'
        FROM chat.message WHERE role = 'user';
    INSERT INTO chat.conversation (user_id, id, title, updated_at)
        SELECT user_id, gen_random_uuid(), CASE WHEN i % 2 = 0 THEN 'conversation ' || i END,
               now() - make_interval(secs => i)
        FROM generate_series(1, {CONVERSATIONS}) AS i JOIN somebody ON n = 1 + i % {PEOPLE};
    INSERT INTO chat.feedback (user_id, conversation_id, item_id, kind)
        SELECT user_id, conversation_id, id, 'positive' FROM chat.message WHERE role = 'assistant'
        ON CONFLICT DO NOTHING;  -- other tests of the same stack have given some
    INSERT INTO chat.daily_use (user_id, day, turns, model_tokens)
        SELECT user_id, (now() AT TIME ZONE 'UTC')::date - i, 10, 10000
        FROM somebody, generate_series(0, {DAYS - 1}) AS i;
    SET session_replication_role = DEFAULT;
    ANALYZE tasks.task, chat.conversation, chat.message, chat.turn, chat.feedback, chat.daily_use;
"""
ONE_OF_THEM = """
    SELECT s.user_id, s.conversation_id, t.id
    FROM somebody s JOIN tasks.task t USING (user_id) LIMIT 1
"""
INDEXES = """
    SELECT i.relname AS index, a.attname AS first_column
    FROM pg_index x
    JOIN pg_class i ON i.oid = x.indexrelid
    JOIN pg_class t ON t.oid = x.indrelid
    JOIN pg_namespace n ON n.oid = t.relnamespace
    JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = x.indkey[0]
    WHERE n.nspname IN ('chat', 'tasks') AND t.relname <> 'alembic_version'
"""


@dataclass(frozen=True, slots=True)
class Somebody:
    """One of the thousand."""

    user_id: UUID
    conversation_id: UUID
    task_id: UUID
