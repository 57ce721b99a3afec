"""What this service keeps of people: what an export holds, and an erasure leaves nothing of.

A test compares the list with the catalog: a table of people's rows that is not here fails it.
"""

from typing import Final

from servicekit.people.personal_data import ExportedTable, PersonalData

from mcp_tools.people.models import ERASED_PERSON
from mcp_tools.tasks.models import TASK
from mcp_tools.tool_calls.models import TOOL_CALL

TOMBSTONES: Final = ERASED_PERSON.fullname

PERSONAL_DATA: Final = PersonalData(
    tombstones=ERASED_PERSON,
    tables=(TASK, TOOL_CALL),
    exported=(
        ExportedTable(
            "tasks",
            TASK,
            ("id", "title", "description", "completed", "created_at", "updated_at"),
        ),
        ExportedTable(
            "tool_calls",
            TOOL_CALL,
            (
                "id",
                "conversation_id",
                "turn_id",
                "ordinal",
                "name",
                "arguments",
                "status",
                "output",
                "error",
                "duration_ms",
                "created_at",
            ),
        ),
    ),
)
