"""How slow the simulated model is: public figures of Gemini's Flash models, with their sources in
docs/slo.md "The model's latency"."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

MODEL_LATENCY: Final[Mapping[str, str]] = MappingProxyType(
    {
        "SIMULATOR_LATENCY": "lognormal",
        "SIMULATOR_TTFT_MEDIAN_MS": "600",
        "SIMULATOR_TTFT_SIGMA": "0.5",
        "SIMULATOR_TOKEN_MS": "5",
        "SIMULATOR_SLOW_SHARE": "0.04",
        "SIMULATOR_SLOW_MEDIAN_MS": "6000",
        "SIMULATOR_SLOW_SIGMA": "0.5",
    }
)
"""Variables of gemini-simulator. A cluster's simulator is set by `geminiSimulator.latency`."""
