"""Nothing lost, nothing twice: what clients were told, held against what the database has."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

from tests.cluster.equipment.turns import SentTurn
from tests.equipment.database import DatabaseView

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Stored:
    """The rows of some people, as the tables have them."""

    turns: Sequence[Row]
    messages: Sequence[Row]
    tasks: Sequence[Row]
    tool_calls: Sequence[Row]

    @classmethod
    async def of(cls, database: DatabaseView, user_ids: Iterable[UUID]) -> Self:
        """Look at everything that these people have."""
        ids = list(set(user_ids))

        async def rows(table: str, columns: str, order: str = "id") -> list[Row]:
            sql = f"SELECT {columns} FROM {table} WHERE user_id = ANY($1) ORDER BY {order}"
            return await database.rows(sql, ids)

        return cls(
            turns=await rows(
                "chat.turn", "user_id, id, idempotency_key, state, answer, user_message_id"
            ),
            messages=await rows("chat.message", "user_id, id, role, content"),
            tasks=await rows("tasks.task", "user_id, id, title"),
            tool_calls=await rows(
                "tasks.tool_call", "id, turn_id, ordinal, name, status", "turn_id, ordinal, id"
            ),
        )


async def expect_nothing_lost_nothing_twice(
    database: DatabaseView, sent: Sequence[SentTurn]
) -> None:
    """Look at everything that the senders have, and compare.

    Args: sent: all that these people ever sent, each message "add a task to <title>", with a
        title of its own.
    Raises: AssertionError: something is missing, twice or from nowhere; names it.
    """
    found = discrepancies(sent, await Stored.of(database, {turn.user_id for turn in sent}))
    assert not found, f"{len(found)} of {len(sent)} turns:\n" + "\n".join(found[:20])


def discrepancies(sent: Sequence[SentTurn], stored: Stored) -> list[str]:
    """What is lost, twice or from nowhere, a sentence each; empty: the books agree."""
    books = _Books.of(stored)
    found = [sentence for turn in sent for sentence in books.about(turn)]
    keys = {turn.key for turn in sent}
    titles = {(turn.user_id, title_of(turn)) for turn in sent}
    messages = {(turn.user_id, turn.message) for turn in sent}
    found += [
        f"turn {row['id']}: nobody sent its key {row['idempotency_key']}"
        for row in stored.turns
        if row["idempotency_key"] not in keys
    ]
    found += [
        f"task “{row['title']}”: nobody asked for it"
        for row in stored.tasks
        if (row["user_id"], row["title"]) not in titles
    ]
    found += [
        f"message “{row['content']}”: nobody sent it"
        for row in stored.messages
        if row["role"] == "user" and (row["user_id"], row["content"]) not in messages
    ]
    calls = Counter((row["turn_id"], row["ordinal"]) for row in stored.tool_calls)
    found += [f"tool call {key}: {count} rows" for key, count in calls.items() if count > 1]
    return found


def title_of(turn: SentTurn) -> str:
    """The title of the task that a turn asks for."""
    return turn.message.removeprefix("add a task to ")


@dataclass(frozen=True, slots=True)
class _Books:
    turns: dict[tuple[UUID, str], list[Row]]
    said: Counter[tuple[UUID, str]]
    answers: frozenset[str]
    tasks: Counter[tuple[UUID, str]]
    calls: dict[str, list[Row]]

    @classmethod
    def of(cls, stored: Stored) -> Self:
        turns: dict[tuple[UUID, str], list[Row]] = {}
        for row in stored.turns:
            turns.setdefault((row["user_id"], row["idempotency_key"]), []).append(row)
        calls: dict[str, list[Row]] = {}
        for row in stored.tool_calls:
            calls.setdefault(str(row["turn_id"]), []).append(row)
        said = (row for row in stored.messages if row["role"] == "user")
        answers = (row for row in stored.messages if row["role"] == "assistant")
        return cls(
            turns=turns,
            said=Counter((row["user_id"], row["content"]) for row in said),
            answers=frozenset(str(row["id"]) for row in answers),
            tasks=Counter((row["user_id"], row["title"]) for row in stored.tasks),
            calls=calls,
        )

    def about(self, turn: SentTurn) -> list[str]:
        """What is wrong with one turn. One that was not answered may be there, but only once."""
        counts = {
            "turn": len(self.turns.get((turn.user_id, turn.key), [])),
            "message": self.said[turn.user_id, turn.message],
            "task": self.tasks[turn.user_id, title_of(turn)],
        }
        twice = [f"{turn}: {what} stored {rows} times" for what, rows in counts.items() if rows > 1]
        if not turn.is_answered:
            return twice
        absent = [what for what, rows in counts.items() if rows == 0]
        lost = [f"{turn}: answered, but no {what} is stored" for what in absent]
        return [*twice, *lost, *(self._about_answer(turn) if counts["turn"] == 1 else [])]

    def _about_answer(self, turn: SentTurn) -> list[str]:
        body, (row,) = turn.body(), self.turns[turn.user_id, turn.key]
        found = []
        if row["state"] != "completed":
            found.append(f"{turn}: answered, but its state is {row['state']}")
        elif row["answer"].encode() != turn.answer:
            found.append(f"{turn}: another answer is stored: {row['answer']}")
        if body["message_id"] not in self.answers:
            found.append(f"{turn}: its answer is no message of the conversation")
        told = [call["id"] for call in body["tool_calls"]]
        recorded = [str(call["id"]) for call in self.calls.get(body["turn_id"], [])]
        if told != recorded:
            found.append(f"{turn}: told of tool calls {told}, recorded are {recorded}")
        return found
