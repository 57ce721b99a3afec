"""`python -m chat_gateway.migrate`: role, schema, tables and grants; run by the owner, idempotent.

The role may change what a turn changes, and delete a conversation with all that belongs to it.
"""

from typing import Final

from servicekit.database.migrations import MigrationHistory, migrate

from chat_gateway.conversations.models import Conversation, Feedback, Message
from chat_gateway.people.models import ErasedPerson
from chat_gateway.tables import ChatTable
from chat_gateway.turns.models import DailyUse, Turn

HISTORY: Final = MigrationHistory(
    package="chat_gateway.migrations",
    metadata=ChatTable.metadata,
    grants={
        str(Conversation.__tablename__): ("SELECT", "INSERT", "UPDATE", "DELETE"),
        str(Message.__tablename__): ("SELECT", "INSERT", "DELETE"),
        str(Turn.__tablename__): ("SELECT", "INSERT", "UPDATE", "DELETE"),
        str(Feedback.__tablename__): ("SELECT", "INSERT", "UPDATE", "DELETE"),
        str(ErasedPerson.__tablename__): ("SELECT", "INSERT"),
        # Of erased people alone (a policy): what was used cannot be made unused by a bug.
        str(DailyUse.__tablename__): ("SELECT", "INSERT", "UPDATE", "DELETE"),
    },
)

if __name__ == "__main__":
    migrate(HISTORY, service_name="chat-gateway")
