"""What a tool call can fail with: one class per code of the contract, in words for the model.

    CallFailed
    ├── InvalidArguments   invalid_arguments   a missing, wrong or unknown argument; no such tool
    ├── NotFound           not_found           this person has no task with this id
    ├── Forbidden          forbidden           user_id is not the token's subject
    └── Unavailable        unavailable         the database cannot be reached, or a bug of ours

A message says what happened and how to go on. It never holds a value that was sent, a user id, a
token, SQL or anything of another person. Source: docs/contract.md "Tools".
"""

from typing import ClassVar

from pydantic import JsonValue


class CallFailed(Exception):
    """A tool call that ended without an effect."""

    code: ClassVar[str]

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message

    def as_json(self) -> dict[str, JsonValue]:
        """The error as it is recorded and as the model reads it."""
        return {"code": self.code, "message": self.message}


class InvalidArguments(CallFailed):
    """The call cannot be understood: nothing was looked up or changed."""

    code = "invalid_arguments"


class NotFound(CallFailed):
    """No task of this user has the id; the same answer for a stranger's task."""

    code = "not_found"

    def __init__(self) -> None:
        super().__init__("There is no task with this id. Call list_tasks to see the ids.")


class Forbidden(CallFailed):
    """The call was made in the name of someone else than the token's subject."""

    code = "forbidden"

    def __init__(self) -> None:
        super().__init__(
            "This call was made for another user than the one who is signed in, and was refused. "
            "Only the signed-in person's own tasks can be seen or changed."
        )


class Unavailable(CallFailed):
    """The call could not be run or recorded now; with its idempotency key it can be repeated."""

    code = "unavailable"

    def __init__(self) -> None:
        super().__init__(
            "The tasks cannot be reached at the moment. Do not promise anything: tell the person "
            "to try again in a minute."
        )
