"""The report's pictures, as SVG."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import matplotlib

matplotlib.use("svg")  # before pyplot: a terminal has no screen

from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, NullFormatter

from otel.rules.objectives import PROMISED_SECONDS
from tests.load.slo.analysis import PERCENTILES, Result, percentile
from tests.load.slo.plan import PROMISED_SHARE

SIZE: Final = (7.5, 4.0)
STEPS: Final = 200
"""Points of a distribution: as fine as the eye."""
NAMES: Final = ("percentiles", "distribution", "parts", "cores")


def draw(results: Sequence[Result], folder: Path) -> None:
    """Draw all of them into a folder, each as `<name>.svg` of NAMES."""
    # The same picture for the same numbers: ids by hash, no date. Letters stay letters.
    plt.rcParams.update({"svg.hashsalt": "slo", "svg.fonttype": "none", "font.size": 9})
    hedged = [one for one in results if one.stage.hedging]
    for name, painter, shown in (
        ("percentiles", _percentiles, hedged),
        ("distribution", _distribution, results),
        ("parts", _parts, hedged),
        ("cores", _cores, hedged),
    ):
        figure, axes = plt.subplots(figsize=SIZE, layout="constrained")
        painter(axes, shown)
        axes.grid(alpha=0.3)
        for axis in (axes.xaxis, axes.yaxis):
            if axis.get_scale() == "log":
                axis.set_major_locator(LogLocator(subs=(1, 2, 3, 5)))
                axis.set_major_formatter("{x:g}")
                axis.set_minor_formatter(NullFormatter())
        axes.legend(frameon=False)
        figure.savefig(folder / f"{name}.svg", metadata={"Date": None})
        plt.close(figure)


def _percentiles(axes: Axes, results: Sequence[Result]) -> None:
    rates = [one.offered for one in results]
    for share in PERCENTILES:
        seconds = [percentile(one.seconds, share) for one in results]
        axes.plot(rates, seconds, marker="o", label=f"p{share * 100:g}")
    axes.axhline(PROMISED_SECONDS, color="black", linestyle="--", label="the promise for p95")
    axes.set(
        title="A whole turn",
        xlabel="arrivals per second",
        ylabel="seconds",
        yscale="log",
        xlim=(0, None),
    )


def _distribution(axes: Axes, results: Sequence[Result]) -> None:
    for one in results:
        if not one.seconds:
            continue
        answered = len(one.seconds) / one.arrivals
        shares = [step / STEPS for step in range(1, STEPS + 1)]
        seconds = [percentile(one.seconds, share) for share in shares]
        style = "-" if one.stage.hedging else ":"
        axes.plot(seconds, [share * answered for share in shares], style, label=one.stage.name)
    axes.axvline(PROMISED_SECONDS, color="black", linestyle="--")
    axes.axhline(PROMISED_SHARE, color="black", linestyle="--")
    axes.set(
        title="Answered within so many seconds",
        xlabel="seconds",
        ylabel="share of the arrivals",
        xscale="log",
    )


def _parts(axes: Axes, results: Sequence[Result]) -> None:
    rates = [one.offered for one in results]
    for name in ("model", "beyond the model", "open", "close"):
        seconds = [percentile(one.parts[name], 0.95) for one in results]
        axes.plot(rates, seconds, marker="o", label=name)
    axes.set(
        title="Parts of a turn, p95 of each",
        xlabel="arrivals per second",
        ylabel="seconds",
        yscale="log",
        xlim=(0, None),
    )


def _cores(axes: Axes, results: Sequence[Result]) -> None:
    rates = [one.offered for one in results]
    for name in dict.fromkeys(name for one in results for name in one.used):
        cores = [one.used[name].cores if name in one.used else float("nan") for one in results]
        axes.plot(rates, cores, marker="o", label=name)
    axes.plot(
        rates, [one.machine.busy for one in results], "--", color="black", label="whole machine"
    )
    axes.set(title="CPU", xlabel="arrivals per second", ylabel="cores", xlim=(0, None))
