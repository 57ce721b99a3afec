"""What a process shows on `/metrics`, read as Prometheus reads it."""

from dataclasses import dataclass

from devstack.processes import ManagedProcess
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from tests.equipment.raw_http import send

OPEN_METRICS = "application/openmetrics-text; version=1.0.0"


@dataclass(frozen=True, slots=True)
class Scrape:
    """Every sample of one moment."""

    samples: tuple[Sample, ...]

    def value(self, name: str, **labels: str) -> float:
        """The sum of the samples of a name that have these labels; 0 where there is none."""
        return sum(
            sample.value
            for sample in self.samples
            if sample.name == name and labels.items() <= sample.labels.items()
        )

    def values_of(self, name: str, label: str) -> set[str]:
        """The values of a label."""
        return {sample.labels[label] for sample in self.samples if sample.name == name}


async def scrape(process: ManagedProcess) -> Scrape:
    """Read all metrics of a process."""
    families = text_string_to_metric_families(await read_metrics(process))
    return Scrape(tuple(sample for family in families for sample in family.samples))


async def read_metrics(process: ManagedProcess, accept: str = "text/plain") -> str:
    """The page as it is. Args: accept: OPEN_METRICS shows exemplars too."""
    url = f"http://127.0.0.1:{process.env['METRICS_PORT']}/metrics"
    response = await send(url, "GET", headers=[("Accept", accept)])
    assert response.status == 200
    return response.body.decode()
