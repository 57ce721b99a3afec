"""What one simulator process holds.

Unlike every other service this one remembers requests and ordered faults: it is test equipment, and
a test talks to one process. Answers, ids and signatures depend on the seed and the request alone.
"""

from dataclasses import dataclass

from gemini_simulator.behaviour.faults import Faults
from gemini_simulator.behaviour.held import HeldRequests
from gemini_simulator.behaviour.latency import Latency, Queue
from gemini_simulator.behaviour.seen import SeenRequests
from gemini_simulator.protocol.answers import Renderer
from gemini_simulator.protocol.signatures import Signer
from gemini_simulator.settings import SimulatorSettings


@dataclass(frozen=True)
class Simulator:
    """The parts that the endpoints share."""

    settings: SimulatorSettings
    signer: Signer
    renderer: Renderer
    latency: Latency
    faults: Faults
    held: HeldRequests
    seen: SeenRequests

    @classmethod
    def build(cls, settings: SimulatorSettings) -> "Simulator":
        """Make all parts from the settings."""
        seed = settings.simulator_seed
        signer = Signer(seed)
        return cls(
            settings=settings,
            signer=signer,
            renderer=Renderer(seed, signer),
            latency=Latency(
                seed=seed,
                ttft_median_ms=settings.simulator_ttft_median_ms,
                ttft_sigma=settings.simulator_ttft_sigma,
                token_ms=settings.simulator_token_ms,
                is_on=settings.simulator_latency == "lognormal",
                queue=Queue(
                    share=settings.simulator_slow_share,
                    median_ms=settings.simulator_slow_median_ms,
                    sigma=settings.simulator_slow_sigma,
                ),
            ),
            faults=Faults(seed),
            held=HeldRequests(),
            seen=SeenRequests(),
        )
