"""Values that cannot work are refused at install, with the path and the way out, by both Helms."""

from pathlib import Path

import pytest
from devstack.chart.golden import BASE, values_of
from devstack.chart.rendering import Refused, render

from tests.equipment.documents import ROOT

from .refusals import components, edge, environment, shared
from .refusals.refusal import Refusal

ROWS = (*shared.ROWS, *components.ROWS, *edge.ROWS, *environment.ROWS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.values[:120])
def test_bad_value_is_refused_with_the_way_out(
    each_helm: Path, tmp_path: Path, row: Refusal
) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text(row.values)
    with pytest.raises(Refused) as refused:
        render(each_helm, ROOT, [*values_of(ROOT, BASE), bad])
    said = str(refused.value)
    lines = [line for line in said.splitlines() if row.path in line and row.way_out in line]
    assert lines, said


def test_what_the_rows_are_laid_over_is_taken(each_helm: Path) -> None:
    assert render(each_helm, ROOT, values_of(ROOT, BASE))


def test_two_problems_are_said_at_once(each_helm: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text('publicUrl: ""\nauth: {existingSecret: ""}')
    with pytest.raises(Refused) as refused:
        render(each_helm, ROOT, [*values_of(ROOT, BASE), bad])
    assert "`publicUrl`: " in str(refused.value)
    assert "`auth.existingSecret`: " in str(refused.value)
