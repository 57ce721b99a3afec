"""`python -m chat_gateway.migrate`: role, schema, tables and grants; run by the owner, idempotent.

The role may change what a turn changes, and delete nothing: no request of ours deletes.
"""

from typing import Final

from servicekit.database.migrations import MigrationHistory, migrate

from chat_gateway.conversations.models import Conversation, Message
from chat_gateway.tables import ChatTable
from chat_gateway.turns.models import Turn

HISTORY: Final = MigrationHistory(
    package="chat_gateway.migrations",
    metadata=ChatTable.metadata,
    grants={
        str(Conversation.__tablename__): ("SELECT", "INSERT", "UPDATE"),
        str(Message.__tablename__): ("SELECT", "INSERT"),
        str(Turn.__tablename__): ("SELECT", "INSERT", "UPDATE"),
    },
)

if __name__ == "__main__":
    migrate(HISTORY, service_name="chat-gateway")
