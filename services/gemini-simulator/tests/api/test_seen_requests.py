"""What was asked lately, over HTTP."""

import httpx2

from .bodies import PATH, body
from .test_faults import order


class TestSeenRequests:
    async def test_requests_are_kept_with_body_step_and_fault(
        self, http: httpx2.AsyncClient
    ) -> None:
        fault_id = await order(http, kind="status", status=500, match="seen by all")
        await http.post(PATH, json=body("seen by all"))
        await http.post(PATH, json=body("seen by all", temperature=0.5))
        query = {"match": "seen by all", "limit": "2"}
        first, second = (await http.get("/admin/requests", params=query)).json()["requests"]
        assert (first["fault_id"], second["fault_id"]) == (fault_id, None)
        assert second["step"] == 0
        assert second["body"]["temperature"] == 0.5

    async def test_limit_counts_from_the_end(self, http: httpx2.AsyncClient) -> None:
        for number in range(3):
            await http.post(PATH, json=body(f"limited request {number}"))
        query = {"match": "limited request", "limit": "1"}
        [last] = (await http.get("/admin/requests", params=query)).json()["requests"]
        assert last["user_message"] == "limited request 2"
