"""What this service keeps of a person goes at auth's word, and their token opens nothing after."""

from uuid import uuid4

from chat_gateway.people.personal_data import PERSONAL_DATA
from servicekit.database.engine import create_engine
from servicekit.database.transactions import Database
from servicekit.people.erasing import Eraser

from ..equipment.gateway import running, settings
from ..equipment.issuer import Issuer
from ..equipment.storage import Storage

TABLES = ("conversation", "message", "turn", "feedback", "daily_use")


async def test_every_table_of_people_is_erased(storage: Storage) -> None:
    found = await storage.rows(
        "SELECT relname FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid"
        " WHERE relnamespace = 'chat'::regnamespace AND relkind = 'r' AND attname = 'user_id'"
    )

    known = {table.name for table in (*PERSONAL_DATA.tables, PERSONAL_DATA.tombstones)}
    assert {row["relname"] for row in found} == known


async def test_an_erased_person_is_refused_whatever_they_ask(storage: Storage) -> None:
    person, other = uuid4(), uuid4()
    async with (
        Issuer().publishing() as issuer,
        running(settings(storage.service_url, issuer), issuer) as gateway,
    ):
        for somebody in (person, other):
            assert (await gateway.post(somebody, {"message": "hello"})).status_code == 200
        errand = issuer.token(person, seconds=60, audience="taskchat-erasure")
        door = f"/internal/people/{person}/erase"

        own = {"authorization": f"Bearer {issuer.token(person)}"}
        assert (await gateway.client.post(door, headers=own)).status_code == 401
        answer = await gateway.client.post(door, headers={"authorization": f"Bearer {errand}"})

        assert answer.status_code == 200
        assert answer.json()["state"] == "running"
        assert answer.json()["deleted"].keys() >= {"turn", "message", "conversation"}
        for body in (
            {"message": "again"},
            {"type": "threads.list", "params": {}},
            {"type": "threads.get_by_id", "params": {"thread_id": str(uuid4())}},
        ):
            refused = await gateway.post(person, body)
            assert (refused.status_code, refused.json()["code"]) == (401, "unauthenticated")
        assert (await gateway.post(other, {"message": "still here"})).status_code == 200
    assert [await storage.count(table, person) for table in TABLES] == [0] * len(TABLES)
    assert await storage.count("message", other) == 4


async def test_many_rows_that_refer_to_each_other_go_in_batches(storage: Storage) -> None:
    person = uuid4()
    await storage.rows(
        "WITH c AS (INSERT INTO chat.conversation (user_id, id) VALUES ($1, gen_random_uuid())"
        " RETURNING id), m AS (INSERT INTO chat.message (user_id, id, conversation_id, role,"
        " content) SELECT $1, gen_random_uuid(), c.id, 'user', 'x' FROM c, generate_series(1, 2500)"
        " RETURNING id, conversation_id) INSERT INTO chat.turn (user_id, id, conversation_id,"
        " user_message_id, request_hash, state, attempt, answer) SELECT $1, gen_random_uuid(),"
        " conversation_id, id, 'x', 'completed', 1, '{}' FROM m",
        person,
    )
    database = Database(create_engine(storage.service_url, application_name="tests"))

    erased = await Eraser(database, PERSONAL_DATA, settle_seconds=0).erase(person)
    await database.dispose()

    assert erased.state == "done"
    assert erased.deleted == {"turn": 2500, "message": 2500, "conversation": 1}
