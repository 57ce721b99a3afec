"""The dashboards without a Grafana: that they are what their Python makes, and hold together."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from copy import deepcopy
from itertools import combinations
from typing import Any

import pytest
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard

from otel.dashboards.files import CHART, DASHBOARDS, as_json, files
from otel.rules import objectives, operation
from otel.rules.objectives import PROMISED_SECONDS
from otel.rules.rule import Alert
from tests.equipment.documents import ROOT
from tests.otel.dashboards import FOLDER, asked, dashboards, panels

GRID_WIDTH = 24
OF_GRAFANA = {"__rate_interval", "__range"}
VARIABLE = re.compile(r"\$\{?(\w+)\}?")
BOARDS = dashboards()
TITLES = {
    "Promise",
    "Anatomy of a turn",
    "Agent and tools",
    "Model",
    "Database",
    "Edge and allowlist",
    "Accounts",
    "Scaling",
}


def name(board: dict[str, Any]) -> str:
    return str(board["uid"])


each_board = pytest.mark.parametrize("board", BOARDS, ids=name)


def test_files_are_what_the_python_makes() -> None:
    made = files()
    committed = {
        str(path.relative_to(ROOT)): path.read_text()
        for folder in (FOLDER, ROOT / CHART)
        for path in folder.glob("*.json")
    }
    assert committed.keys() == made.keys()
    changed = [path for path, text in made.items() if committed[path] != text]
    assert not changed, "run make generate, and look at what changed"


def test_each_dashboard_that_was_asked_for_is_there() -> None:
    assert {board["title"].removeprefix("taskchat / ") for board in BOARDS} == TITLES
    assert len(BOARDS) == len(DASHBOARDS)


@each_board
def test_dashboard_is_one_of_grafanas_types(board: dict[str, Any]) -> None:
    """What the types do not know is lost on the way through them."""
    register_default_plugins()
    through = as_json(Dashboard.from_json(deepcopy(board)))
    assert json.loads(through) == board


def test_no_two_dashboards_have_the_same_uid_or_title() -> None:
    for member in ("uid", "title"):
        assert max(Counter(board[member] for board in BOARDS).values()) == 1
    assert all(re.fullmatch(r"taskchat-[a-z]{1,30}", board["uid"]) for board in BOARDS)


@each_board
def test_no_two_panels_have_the_same_id_or_title(board: dict[str, Any]) -> None:
    assert max(Counter(panel["id"] for panel in board["panels"]).values()) == 1
    titles = Counter(panel["title"] for panel in panels(board))
    assert [title for title, count in titles.items() if count > 1] == []


@each_board
def test_no_two_panels_stand_on_each_other(board: dict[str, Any]) -> None:
    places = [panel["gridPos"] for panel in board["panels"]]
    assert all(place["x"] + place["w"] <= GRID_WIDTH for place in places)
    for one, other in combinations(places, 2):
        beside = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
        below = one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
        assert beside or below, (one, other)


def sources(node: Any) -> Iterator[dict[str, str]]:
    """Every reference to a datasource, wherever it stands."""
    if isinstance(node, dict):
        if "datasource" in node:
            yield node["datasource"]
        for child in node.values():
            yield from sources(child)
    elif isinstance(node, list):
        for child in node:
            yield from sources(child)


@each_board
def test_every_datasource_is_the_one_that_the_person_chose(board: dict[str, Any]) -> None:
    (variable,) = [one for one in board["templating"]["list"] if one["type"] == "datasource"]
    assert variable["query"] == "prometheus"
    wanted = {"type": "prometheus", "uid": f"${variable['name']}"}
    found = list(sources(board))
    assert len(found) > len(board["panels"])
    assert [one for one in found if one != wanted] == []
    targets = [target for panel in panels(board) for target in panel["targets"]]
    assert all("datasource" in target for target in targets)


@each_board
def test_every_variable_that_is_used_is_one_of_the_dashboard(board: dict[str, Any]) -> None:
    known = {one["name"] for one in board["templating"]["list"]}
    assert {"datasource", "namespace", "version"} <= known
    used = {word for text in strings(board) for word in VARIABLE.findall(text)}
    assert used - known - OF_GRAFANA - {"__all"} == set()


def strings(node: Any) -> Iterator[str]:
    """Every text of a dashboard."""
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict):
        for child in node.values():
            yield from strings(child)
    elif isinstance(node, list):
        for child in node:
            yield from strings(child)


@each_board
def test_every_panel_says_what_to_do_with_it(board: dict[str, Any]) -> None:
    for panel in panels(board):
        text = panel["description"]
        assert len(text) >= 40, panel["title"]
        assert text.endswith("."), panel["title"]
    descriptions = Counter(panel["description"] for panel in panels(board))
    assert max(descriptions.values()) == 1


@each_board
def test_every_number_has_a_unit(board: dict[str, Any]) -> None:
    for panel in panels(board):
        if panel["type"] in {"timeseries", "stat", "table"}:
            assert panel["fieldConfig"]["defaults"]["unit"], panel["title"]
        if panel["type"] == "heatmap":
            assert panel["options"]["yAxis"]["unit"], panel["title"]


def unit_of(panel: dict[str, Any]) -> str:
    """The unit of what a picture shows."""
    if panel["type"] == "heatmap":
        return str(panel["options"]["yAxis"]["unit"])
    return str(panel["fieldConfig"]["defaults"]["unit"])


def test_every_picture_of_durations_has_exemplars() -> None:
    pictures = [
        (board["uid"], panel)
        for board in BOARDS
        for panel in panels(board)
        if panel["type"] in {"timeseries", "heatmap"}
        and unit_of(panel) == "s"
        and any("_seconds_bucket" in target["expr"] for target in panel["targets"])
    ]
    assert len(pictures) >= 15
    without = [
        (uid, panel["title"])
        for uid, panel in pictures
        if not all(target["exemplar"] for target in panel["targets"])
    ]
    assert without == []


def test_whole_turns_are_shown_against_the_promise() -> None:
    pictures = [
        panel
        for board in BOARDS
        for panel in panels(board)
        if panel["type"] in {"timeseries", "stat"}
        and panel["fieldConfig"]["defaults"]["unit"] == "s"
        and any("taskchat_turn_duration_seconds_bucket" in one["expr"] for one in panel["targets"])
    ]
    assert len(pictures) >= 3
    for panel in pictures:
        steps = panel["fieldConfig"]["defaults"]["thresholds"]["steps"]
        assert PROMISED_SECONDS in {step.get("value") for step in steps}, panel["title"]


@each_board
def test_dashboards_lead_to_each_other(board: dict[str, Any]) -> None:
    (link,) = board["links"]
    assert link["type"] == "dashboards"
    assert link["includeVars"]
    assert link["keepTime"]
    for other in BOARDS:
        assert set(link["tags"]) <= set(other["tags"])


def test_every_runbook_that_is_linked_is_that_of_an_alert() -> None:
    """That each alert has its page is test_runbooks.py."""
    names = {
        rule.name
        for module in (objectives, operation)
        for group in module.groups()
        for rule in group.rules
        if isinstance(rule, Alert)
    }
    linked = {
        link["url"]
        for board in BOARDS
        for panel in panels(board)
        for link in panel.get("links", ())
    }
    assert len(linked) >= 6
    assert linked <= {f"${{runbooks}}/{name}.md" for name in names}


def test_no_expression_is_asked_twice_in_a_panel() -> None:
    for board in BOARDS:
        for panel in panels(board):
            found = Counter(target["expr"] for target in panel["targets"])
            assert max(found.values()) == 1, panel["title"]
            refs = [target["refId"] for target in panel["targets"]]
            assert len(set(refs)) == len(refs)
    assert len(asked()) > 100
