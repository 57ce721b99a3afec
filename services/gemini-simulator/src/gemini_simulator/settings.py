"""What the simulator can be told, read once from the environment."""

from typing import Literal

from pydantic import Field, SecretStr
from servicekit.settings import HostNames, ServiceSettings


class SimulatorSettings(ServiceSettings):
    """Settings of one simulator process; every one has a default that suits `make run`."""

    port: int = Field(8003, ge=0, le=65535, description="port to listen on", examples=["8003"])
    simulator_seed: int = Field(
        0, description="makes ids, signatures, wording, latency and fault rates repeatable"
    )
    simulator_api_key: SecretStr = Field(
        SecretStr("simulator"),
        description="the key that clients must send as bearer; several, comma-separated, while"
        " one replaces another",
    )
    simulator_allowed_hosts: HostNames = Field(
        ("localhost", "127.0.0.1", "gemini-simulator"),
        description="names under which it may be called, comma-separated",
        examples=["gemini-simulator,gemini-simulator.taskchat.svc.cluster.local"],
    )
    simulator_thought_signatures: Literal["always", "gemini-3", "never"] = Field(
        "always",
        description="for which models a replayed tool call must carry its thought signature",
        examples=["always"],
    )
    simulator_refuse_nulls: bool = Field(
        False, description="whether a member of a request that is null is a 400"
    )
    simulator_latency: Literal["none", "lognormal"] = Field(
        "none", description="whether answers take time", examples=["lognormal"]
    )
    simulator_ttft_median_ms: float = Field(
        450.0, gt=0, description="median time to the first token, milliseconds"
    )
    simulator_ttft_sigma: float = Field(
        0.55,
        ge=0,
        description="spread of the time to first token: 0 is none, 1 is a very long tail",
    )
    simulator_token_ms: float = Field(
        4.0, ge=0, description="median time per token after the first, milliseconds"
    )
    simulator_slow_share: float = Field(
        0.0,
        ge=0,
        le=1,
        description="share of the answers that wait in a queue before they begin",
        examples=["0.04"],
    )
    simulator_slow_median_ms: float = Field(
        6_000.0, gt=0, description="median time in that queue, milliseconds"
    )
    simulator_slow_sigma: float = Field(
        0.5, ge=0, description="spread of the time in that queue: 0 is none"
    )

    @property
    def api_keys(self) -> tuple[str, ...]:
        """Every key that is taken."""
        return tuple(key.strip() for key in self.simulator_api_key.get_secret_value().split(","))
