"""What the dashboards ask: PromQL that Prometheus understands, of metrics that somebody makes.

That the expressions find something in a real Prometheus is tests/cluster/test_promql.py.
"""

from otel.dashboards.foreign import FOREIGN
from otel.rules import limits, objectives, operation
from otel.rules.rule import Alert, Recording
from tests.equipment.telemetry_schema import Metric, metric_schema
from tests.otel.dashboards import asked
from tests.otel.promql import metrics, selectors
from tests.otel.promtool import check_rules

WINDOW, WHOLE = "1m", "1h"
SCRAPED = {"namespace", "job", "instance"}
"""Labels that the scrape gives."""
RULES = [
    rule
    for module in (objectives, operation, limits)
    for group in module.groups()
    for rule in group.rules
]
RECORDED = {rule.name for rule in RULES if isinstance(rule, Recording)}


def shown(metric: Metric) -> set[str]:
    """The names under which Prometheus has a metric."""
    if metric.type == "histogram":
        return {f"{metric.name}_{part}" for part in ("bucket", "sum", "count")}
    return {metric.name}


OURS = {name: metric for metric in metric_schema().metrics for name in shown(metric)}


def rules(expressions: list[str]) -> dict[str, object]:
    """A rule file with these expressions."""
    made = [{"record": f"asked:{number}", "expr": one} for number, one in enumerate(expressions)]
    return {"groups": [{"name": "asked", "rules": made}]}


def test_prometheus_understands_every_expression() -> None:
    expressions = sorted({one.concrete(WINDOW, WHOLE) for one in asked()})
    code, said = check_rules(rules(expressions))
    assert code == 0, said
    assert f"{len(expressions)} rules found" in said


def test_what_prometheus_does_not_understand_is_found() -> None:
    code, said = check_rules(rules(["sum by (le (rate(x[1m]))"]))
    assert code != 0
    assert "parse error" in said


def test_every_metric_is_one_that_somebody_makes() -> None:
    known = OURS.keys() | FOREIGN.keys() | RECORDED
    for one in asked():
        found = metrics(one.concrete(WINDOW, WHOLE))
        assert found, one
        assert found - known == set(), one.place


def test_every_label_is_one_that_the_metric_has() -> None:
    for one in asked():
        for selector in selectors(one.concrete(WINDOW, WHOLE)):
            metric = OURS.get(selector.metric)
            if metric is not None:
                buckets = {"le"} if selector.metric.endswith("_bucket") else set()
                unknown = selector.labels - set(metric.labels) - SCRAPED - buckets
                assert unknown == set(), (one.place, selector)


def test_every_foreign_metric_is_asked_for() -> None:
    used = {name for one in asked() for name in metrics(one.concrete(WINDOW, WHOLE))}
    assert FOREIGN.keys() - used == set()


def test_every_metric_of_ours_is_looked_at() -> None:
    """A metric that is on no dashboard and in no rule is written for nobody."""
    expressions = [one.concrete(WINDOW, WHOLE) for one in asked()]
    expressions += [rule.expression for rule in RULES if isinstance(rule, Alert | Recording)]
    used = {name for expression in expressions for name in metrics(expression)}
    unseen = [metric.name for metric in metric_schema().metrics if not shown(metric) & used]
    assert unseen == []
