"""The admin endpoint: order faults, look at what was asked, let held requests go.

It has no key: the simulator is development and test equipment and listens on the loopback.
"""

from typing import Annotated

from fastapi import APIRouter, Body, Query
from starlette.requests import Request

from gemini_simulator.api.identity import simulator_of
from gemini_simulator.behaviour.faults import Fault

router = APIRouter(prefix="/admin")

Match = Annotated[str | None, Query(description="substring of the last user message")]


@router.post("/faults", status_code=201)
async def order_fault(request: Request, fault: Annotated[Fault, Body()]) -> dict[str, int]:
    """Order a fault; the id takes it back. Raises: 422 problem when it is not one."""
    return {"id": simulator_of(request).faults.order(fault)}


@router.get("/faults")
async def list_faults(request: Request) -> dict[str, object]:
    """The faults that can still strike, in the order they are tried."""
    return {
        "faults": [
            {
                "id": ordered.fault_id,
                "struck": ordered.struck,
                "remaining": ordered.remaining,
                "fault": ordered.fault.model_dump(mode="json", exclude_none=True),
            }
            for ordered in simulator_of(request).faults
        ]
    }


@router.delete("/faults")
async def clear_faults(request: Request) -> dict[str, int]:
    """Take back all faults. Held requests stay held: release them."""
    return {"cleared": simulator_of(request).faults.clear()}


@router.delete("/faults/{fault_id}")
async def clear_fault(request: Request, fault_id: int) -> dict[str, int]:
    """Take back one fault; `cleared` is 0 when it was used up."""
    return {"cleared": simulator_of(request).faults.clear(fault_id)}


@router.get("/requests")
async def list_requests(
    request: Request,
    match: Match = None,
    limit: Annotated[int, Query(ge=0, le=1000, description="how many, the last ones")] = 100,
) -> dict[str, object]:
    """The last model calls of this process that kept the protocol, oldest first."""
    seen = simulator_of(request).seen.last(limit, match)
    return {
        "requests": [
            {
                "received_at": one.received_at.isoformat(),
                "step": one.step,
                "user_message": one.user_message,
                "fault_id": one.fault_id,
                "body": one.body,
            }
            for one in seen
        ]
    }


@router.delete("/requests")
async def forget_requests(request: Request) -> None:
    """Forget the model calls seen so far."""
    simulator_of(request).seen.clear()


@router.get("/held")
async def count_held(request: Request, match: Match = None) -> dict[str, int]:
    """How many requests a hang holds now."""
    return {"held": simulator_of(request).held.count(match)}


@router.post("/release")
async def release(request: Request, match: Match = None) -> dict[str, int]:
    """Let held requests go on to their answer."""
    return {"released": simulator_of(request).held.release(match)}
