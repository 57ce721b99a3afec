"""The rules of Prometheus: generated, understood, each alert shown firing and not firing."""

import re
from pathlib import Path

import pytest
import yaml
from chat_gateway.telemetry.metrics import GatewayMetrics
from chat_gateway.turns.states import INTERRUPTED
from prometheus_client import CollectorRegistry

from otel.rules import limits, objectives, operation
from otel.rules.files import files
from otel.rules.rule import EDGE, SCOPE, Alert, Recording
from tests.equipment.documents import ROOT
from tests.otel.promql import metrics
from tests.otel.promtool import check_rules
from tests.otel.rule_tests import FILES, RULES, fires, run, shown

ALL = [
    rule
    for module in (objectives, operation, limits)
    for group in module.groups()
    for rule in group.rules
]
ALERTS = [rule for rule in ALL if isinstance(rule, Alert)]
RECORDED = {rule.name for rule in ALL if isinstance(rule, Recording)}
CODE_ROW = re.compile(r"^\| (?P<status>[\d/ ]+) \| (?P<codes>[`\w,/ ]+) \|", re.MULTILINE)
BURN = re.compile(r"ratio_rate(?P<window>\w+)\{[^}]*\} > (?P<factor>[\d.]+) \* (?P<budget>[\d.]+)")
each_alert = pytest.mark.parametrize(
    "alert", ALERTS, ids=["-".join([rule.name, *rule.labels.values()]) for rule in ALERTS]
)


def test_files_are_what_the_source_says() -> None:
    for path, text in files().items():
        assert (ROOT / path).read_text() == text, f"{path}: run make generate"


@pytest.mark.parametrize("name", ["objectives", "operation", "limits"])
def test_prometheus_takes_the_rules(name: str) -> None:
    document = yaml.safe_load((RULES / f"{name}.yaml").read_text())
    code, said = check_rules(document)
    assert code == 0, said


@pytest.mark.timeout(150)  # 10 s of CPU, of which a busy machine gives little
def test_rule_tests_pass() -> None:
    code, said = run(FILES)
    assert code == 0, said


def test_wrong_expectation_is_found(tmp_path: Path) -> None:
    """Otherwise the test above would say nothing."""
    right = (RULES / "tests/TaskchatAuditMismatch.test.yaml").read_text()
    (tmp_path / "operation.yaml").write_text((RULES / "operation.yaml").read_text())
    tmp_path.chmod(0o755)
    wrong = tmp_path / "wrong.test.yaml"
    wrong.write_text(right.replace("../", "").replace("eval_time: 12m", "eval_time: 9m"))
    code, said = run([wrong], tmp_path)
    assert code != 0
    assert "TaskchatAuditMismatch" in said


@each_alert
def test_each_alert_is_shown_firing_and_not_firing(alert: Alert) -> None:
    seen = [one for one in shown() if one.alert == alert.name]
    assert any(fires(alert, one) for one in seen), "no test in which it fires"
    assert any(not fires(alert, one) for one in seen), "no test in which it does not"


def test_each_alert_is_read_once_as_a_person_reads_it() -> None:
    """With its rendered annotations: a template that fails shows there alone."""
    read = {
        one["alertname"]
        for file in FILES
        for test in yaml.safe_load(file.read_text())["tests"]
        for one in test.get("alert_rule_test", [])
        if any(expected["exp_annotations"] for expected in one["exp_alerts"])
    }
    assert read == {alert.name for alert in ALERTS}


def test_tests_are_of_alerts_that_exist() -> None:
    assert {one.alert for one in shown()} == {alert.name for alert in ALERTS}


@pytest.mark.parametrize("rule", ALL, ids=lambda rule: rule.name)
def test_every_series_of_ours_can_be_narrowed_to_a_release(rule: Alert | Recording) -> None:
    """The chart replaces these matchers; a selector without one would mix two releases."""
    for name in metrics(rule.expression):
        matcher = EDGE if name.startswith("envoy_") else SCOPE
        foreign = name.startswith(("traces_span_metrics_", "otelcol_"))
        selected = re.findall(rf"{name}(\{{[^}}]*\}})?", rule.expression)
        assert foreign or all(matcher in one for one in selected), name


@pytest.mark.parametrize("rule", ALL, ids=lambda rule: rule.name)
def test_recorded_series_that_is_read_is_recorded(rule: Alert | Recording) -> None:
    read = {name for name in metrics(rule.expression) if name.startswith("taskchat:")}
    assert read <= RECORDED


def test_outcomes_that_do_not_count_are_the_contracts_refusals() -> None:
    contract = (ROOT / "docs" / "contract.md").read_text()
    errors = contract.partition("## Errors")[2].partition("## At the edge")[0]
    refusals = {
        code
        for row in CODE_ROW.finditer(errors)
        if row["status"].startswith("4")
        for code in re.findall(r"`(\w+)`", row["codes"])
    }
    assert refusals == set(objectives.REFUSALS)
    assert set(objectives.NO_TURN) == {"replayed", INTERRUPTED["code"]}


def test_windows_and_factors_are_those_of_the_sre_workbook() -> None:
    """Chapter 5, "Multiwindow, Multi-Burn-Rate Alerts": 2, 5, 10 and 10 % of 30 days' budget."""
    for name, budget in (
        ("TaskchatTurnLatencyBudgetBurn", "0.05"),
        ("TaskchatTurnFailureBudgetBurn", "0.001"),
    ):
        found = [BURN.findall(alert.expression) for alert in ALERTS if alert.name == name]
        assert found == [
            [("1h", "14.4", budget), ("5m", "14.4", budget)],
            [("6h", "6", budget), ("30m", "6", budget)],
            [("1d", "3", budget), ("2h", "3", budget)],
            [("3d", "1", budget), ("6h", "1", budget)],
        ]


def test_limits_are_the_charts_defaults() -> None:
    chart = yaml.safe_load((ROOT / "charts/taskchat/values.yaml").read_text())
    assert {
        "chat-gateway": chart["chatGateway"]["autoscaling"]["maxReplicas"],
        "mcp-tools": chart["mcpTools"]["autoscaling"]["maxReplicas"],
    } == limits.MAX_REPLICAS


def test_bucket_of_the_promise_is_there() -> None:
    """Prometheus cannot count what is faster than a limit that no bucket has."""
    registry = CollectorRegistry()
    GatewayMetrics(registry).turn_finished("completed", objectives.PROMISED_SECONDS)
    labels = {"outcome": "completed", "le": f"{float(objectives.PROMISED_SECONDS)}"}
    assert registry.get_sample_value(f"{objectives.TURNS}_bucket", labels) == 1


@each_alert
def test_each_alert_says_what_where_and_what_to_do(alert: Alert) -> None:
    document = alert.document()
    assert document["labels"]["severity"] in {"critical", "warning"}
    assert set(document["annotations"]) == {"summary", "description", "runbook_url"}
    assert len(document["annotations"]["summary"]) <= 80
