"""What a failure needs: a system, and gateways to which something has happened."""

from dataclasses import dataclass

from devstack.proxy import OutageProxy
from devstack.stack import Stack

from tests.conftest import NewUser
from tests.equipment.chat import User
from tests.equipment.database import DatabaseView
from tests.equipment.simulator import Simulator


@dataclass(frozen=True, slots=True)
class Scene:
    """A stack, somebody who speaks, and gateways in distress.

    gateway: the healthy one. narrow: runs one turn at a time, each for two seconds at
    most, and one of each person a day.
    severed: its database is behind `database_line` and its tools are on a port where nobody
    listens. keyless: never got a signing key, so it was never ready. limited_auth: auth with its
    rate limit.
    """

    stack: Stack
    user: User
    new_user: NewUser
    simulator: Simulator
    database: DatabaseView
    gateway: str
    narrow: str
    severed: str
    database_line: OutageProxy
    keyless: str
    limited_auth: str
