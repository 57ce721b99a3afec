"""`python -m chat_gateway.retention`: what turns recorded goes after RETENTION_DAYS.

Run by the owner. Messages stay with their conversations: they are what a person sees.
Source: ADR 0038.
"""

from typing import Final

from servicekit.people.retention import Deleted, Emptied, Retention, retain

RETENTION: Final = Retention(
    role="chat_retention",
    emptied=(
        Emptied(
            "chat.turn",
            # The hash too: whoever guesses a message could test the guess.
            r"request_hash = '\x', steps = '[]', tool_results = '{}',"
            " answer = CASE WHEN state = 'completed' THEN '{}' END",
            # One that its process has left is running by its state, until somebody asks for it.
            "(r.state <> 'running'"
            " OR r.lease_expires_at < clock_timestamp() - make_interval(days => :days))"
            " AND r.updated_at < clock_timestamp() - make_interval(days => :days)",
        ),
    ),
    deleted=(
        Deleted("chat.daily_use", "r.day < current_date - CAST(:days AS integer)"),
        Deleted(
            "chat.erased_person",
            "r.erased_at < clock_timestamp() - make_interval(days => :days)",
        ),
    ),
)

if __name__ == "__main__":
    retain(RETENTION, service_name="chat-gateway")
