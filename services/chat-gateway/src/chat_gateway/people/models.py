"""`chat.erased_person`."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlmodel import Field

from chat_gateway.tables import ChatTable, database_time


class ErasedPerson(ChatTable, table=True):
    """A person of whom nothing is kept here, and nothing may come any more."""

    __tablename__ = "erased_person"

    user_id: UUID = Field(primary_key=True)
    erased_at: datetime = database_time()


erased_person_table: Final = ChatTable.metadata.tables["chat.erased_person"]
