"""A streamed turn passes the edge as it comes: nobody on the way waits for its end.

The model is held in the middle of its answer: what is seen then cannot have been held back.
"""

from uuid import uuid4

import httpx2
from devstack.chatkit.client import ChatKitClient
from devstack.chatkit.requests import create_thread, get_thread
from devstack.chatkit.thread_view import ThreadView
from devstack.people import Person

from tests.cluster.equipment.edge import Edge
from tests.cluster.equipment.port_forward import port_forward
from tests.cluster.equipment.release import Release
from tests.equipment.simulator import Simulator

SIMULATOR_PORT = 8003
PIECES = 2
"""Of the answer's text, after which the model is held."""


async def test_streamed_turn_arrives_in_pieces(
    edge: Edge, person: Person, browser: httpx2.AsyncClient, release: Release
) -> None:
    word = f"w{uuid4().hex[:12]}"
    client, view, seen_while_held = ChatKitClient.of(person, edge.url, browser), ThreadView(), ""
    target = f"deployment/{release.resource('gemini-simulator')}"
    async with (
        port_forward(release.kubectl, target, SIMULATOR_PORT) as port,
        httpx2.AsyncClient(trust_env=False) as own,
    ):
        simulator = Simulator(f"http://127.0.0.1:{port}", own)
        await simulator.order({"kind": "hang", "match": word, "step": 1, "after_events": PIECES})
        async with client.stream(create_thread(f"add a task to fetch {word}")) as stream:
            view.begin()
            async for event in stream.events:
                view.fold(event)
                if view.text and not seen_while_held:
                    seen_while_held = view.text
                    await simulator.wait_until_held(word)
                    await simulator.release(word)
    view.end()

    assert view.error is None
    assert view.removed == [], "the text was held back until the model was given up"
    assert word in view.text
    assert 0 < len(seen_while_held) < len(view.text)
    thread = await client.ask(get_thread(str(view.thread_id)))
    assert thread["items"]["data"] == list(view.items.values())
