"""`python -m mcp_tools.retention`: what calls were about goes after RETENTION_DAYS.

Run by the owner. Who called what, when, for how long and to which end stays. Source: ADR 0038.
"""

from typing import Final

from servicekit.people.retention import Deleted, Emptied, Retention, retain

RETENTION: Final = Retention(
    role="tasks_retention",
    emptied=(
        Emptied(
            "tasks.tool_call",
            "arguments = '{}', output = CASE WHEN status = 'ok' THEN '{}'::jsonb END",
            "r.created_at < clock_timestamp() - make_interval(days => :days)",
        ),
    ),
    deleted=(
        Deleted(
            "tasks.erased_person",
            "r.erased_at < clock_timestamp() - make_interval(days => :days)",
        ),
    ),
)

if __name__ == "__main__":
    retain(RETENTION, service_name="mcp-tools")
