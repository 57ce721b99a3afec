"""Each alert has a page that a person who is called can use, and each page an alert."""

import re
from pathlib import Path

import pytest
from chat_gateway.telemetry.metrics import GatewayMetrics
from mcp_tools.metrics import UNKNOWN_TOOL, tool_call_recorded
from prometheus_client import REGISTRY, CollectorRegistry

from otel.dashboards.foreign import FOREIGN
from otel.rules import operation
from otel.rules.objectives import OBJECTIVES, alerts
from otel.rules.rule import RUNBOOKS, Alert
from tests.equipment.documents import ROOT
from tests.equipment.telemetry_schema import metric_schema
from tests.otel.promql import metrics
from tests.otel.promtool import check_rules

FOLDER = ROOT / RUNBOOKS
INDEX = FOLDER / "README.md"
PAGES = sorted(path for path in FOLDER.glob("*.md") if path != INDEX)
ALERTS = [
    rule
    for rule in (*alerts(), *(rule for group in operation.groups() for rule in group.rules))
    if isinstance(rule, Alert)
]
BLOCK = re.compile(r"```promql\n(.+?)\n\s*```", re.DOTALL)
ROW = re.compile(r"^\| \[(?P<name>\w+)\]\((?P<page>\w+\.md)\) \| (?P<severity>[\w, ]+) \|", re.M)
PARTS = ("", "_total", "_bucket", "_sum", "_count")
OF_EVERY_SCRAPE = {"up"}

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)


def queries(page: Path) -> list[str]:
    """The PromQL that a page tells its reader to ask."""
    return [block.strip() for block in BLOCK.findall(page.read_text())]


def shown_by_services() -> set[str]:
    """Names under which Prometheus has what the services show: auth's are those of the schema."""
    registry = CollectorRegistry()
    GatewayMetrics(registry)
    families = {family.name for family in registry.collect()}
    tool_call_recorded(UNKNOWN_TOOL, "ok", duration_ms=1.0, replayed=False)
    families |= {family.name for family in REGISTRY.collect()}
    families |= {one.name for one in metric_schema().metrics if "auth" in one.services}
    return {f"{name}{part}" for name in families for part in PARTS}


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert.name)
def test_link_of_each_alert_leads_to_its_page(alert: Alert) -> None:
    link = alert.document()["annotations"]["runbook_url"]
    assert (ROOT / link).is_file()
    assert Path(link).stem == alert.name


@each_page
def test_each_page_belongs_to_an_alert(page: Path) -> None:
    assert page.stem in {alert.name for alert in ALERTS}


@each_page
def test_page_says_what_it_means_whom_it_hurts_how_to_look_and_what_to_do(page: Path) -> None:
    text = page.read_text()
    assert text.startswith(f"# {page.stem}\n")
    sections = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert sections == ["Meaning", "Impact", "Diagnosis", "Mitigation"]
    bodies = re.split(r"^## .+$", text, flags=re.MULTILINE)[1:]
    assert all(body.strip() for body in bodies)


@each_page
def test_page_has_something_to_ask_and_prometheus_understands_it(page: Path) -> None:
    asked = queries(page)
    assert asked
    rules = [{"record": f"asked:{number}", "expr": one} for number, one in enumerate(asked)]
    code, said = check_rules({"groups": [{"name": "asked", "rules": rules}]})
    assert code == 0, said


@each_page
def test_page_asks_for_metrics_that_somebody_makes(page: Path) -> None:
    recorded = {f"{objective.counted}:rate5m" for objective in OBJECTIVES}
    asked = {name for query in queries(page) for name in metrics(query)}
    assert asked - shown_by_services() - recorded - FOREIGN.keys() - OF_EVERY_SCRAPE == set()


def test_index_has_a_row_for_each_page_with_its_severities() -> None:
    rows = {row["name"]: row for row in ROW.finditer(INDEX.read_text())}
    assert rows.keys() == {page.stem for page in PAGES}
    for name, row in rows.items():
        severities = {alert.severity for alert in ALERTS if alert.name == name}
        assert set(row["severity"].split(", ")) == severities
        assert row["page"] == f"{name}.md"
