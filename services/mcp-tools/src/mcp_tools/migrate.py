"""`python -m mcp_tools.migrate`: role, schema, tables and grants; run by the owner, idempotent.

The role may do what the five tools do with tasks. Of tool calls it may delete only those of erased
people, and change only those that are not final: see the policies `only_of_erased_people` and
`final_outcomes_stay`.
"""

from typing import Final

from servicekit.database.migrations import MigrationHistory, migrate

from mcp_tools.people.models import ErasedPersonRow
from mcp_tools.tables import TasksTable
from mcp_tools.tasks.models import TaskRow
from mcp_tools.tool_calls.models import ToolCallRow

HISTORY: Final = MigrationHistory(
    package="mcp_tools.migrations",
    metadata=TasksTable.metadata,
    grants={
        str(TaskRow.__tablename__): ("SELECT", "INSERT", "UPDATE", "DELETE"),
        str(ToolCallRow.__tablename__): ("SELECT", "INSERT", "UPDATE", "DELETE"),
        str(ErasedPersonRow.__tablename__): ("SELECT", "INSERT"),
    },
)

if __name__ == "__main__":
    migrate(HISTORY, service_name="mcp-tools")
