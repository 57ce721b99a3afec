"""What a failure needs: a system, and gateways to which something has happened."""

from dataclasses import dataclass

from devstack.proxy import OutageProxy
from devstack.stack import Stack

from tests.conftest import Newcomer
from tests.equipment.chat import Speaker
from tests.equipment.database import Eyes
from tests.equipment.simulator import Simulator


@dataclass(frozen=True, slots=True)
class Scene:
    """A stack, somebody who speaks, and gateways in distress.

    gateway: the healthy one. narrow: runs one turn at a time, each for two seconds at most.
    severed: its database is behind `database` and its tools are on a port where nobody listens.
    keyless: never got a signing key, so it was never ready. limited_auth: auth with its rate limit.
    """

    stack: Stack
    speaker: Speaker
    newcomer: Newcomer
    simulator: Simulator
    eyes: Eyes
    gateway: str
    narrow: str
    severed: str
    database: OutageProxy
    keyless: str
    limited_auth: str
