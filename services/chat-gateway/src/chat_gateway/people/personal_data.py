"""What this service keeps of people: what an export holds, and an erasure leaves nothing of.

A test compares the list with the catalog: a table of people's rows that is not here fails it.
"""

from typing import Final

from servicekit.people.personal_data import ExportedTable, PersonalData

from chat_gateway.conversations.models import conversation_table, feedback_table, message_table
from chat_gateway.people.models import erased_person_table
from chat_gateway.turns.models import daily_use_table, turn_table

TOMBSTONES: Final = erased_person_table.fullname

PERSONAL_DATA: Final = PersonalData(
    tombstones=erased_person_table,
    tables=(turn_table, feedback_table, message_table, conversation_table, daily_use_table),
    exported=(
        ExportedTable(
            "conversations", conversation_table, ("id", "title", "created_at", "updated_at")
        ),
        ExportedTable(
            "messages", message_table, ("id", "conversation_id", "role", "content", "created_at")
        ),
        ExportedTable(
            "turns",
            turn_table,
            (
                "id",
                "conversation_id",
                "user_message_id",
                "answer_message_id",
                "state",
                "steps",
                "tool_results",
                "answer",
                "failure",
                "created_at",
                "updated_at",
            ),
        ),
        ExportedTable(
            "feedback", feedback_table, ("conversation_id", "item_id", "kind", "created_at")
        ),
        ExportedTable("daily_use", daily_use_table, ("day", "turns", "model_tokens")),
    ),
)
