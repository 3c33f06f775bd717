"""Tipping points on cohorts whose leavers are known."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest

from pgsicbt.errors import FitError, SpecError
from pgsicbt.robustness.imputation import Imputations, impute
from pgsicbt.robustness.imputed_fit import imputed_fit
from pgsicbt.robustness.tipping import only, shift_unit, tipping
from pgsicbt.robustness.tipping_quick import quick_term
from tests.robustness.missing_example import SPEC, leaving_study

TWO = SPEC.replace(scores=("PGS_A", "PGS_B"), score_scale="z")


@pytest.fixture(scope="module")
def filled() -> Imputations:
    return impute(leaving_study(n=250, slope=-0.4), TWO, 4)


def test_without_a_shift_it_is_the_analysis_of_completed_data(filled: Imputations) -> None:
    steps: list[tuple[int, int]] = []
    found = tipping(filled, "PGS_A", deltas=np.array([0.0]), progress=lambda *s: steps.append(s))
    row = imputed_fit(filled).table.set_index(["score", "role"]).loc[("PGS_A", "interaction")]
    at_zero = found.curve[found.curve["delta"] == 0].iloc[0]
    for name in ("estimate", "std_error", "df", "p_value"):
        assert at_zero[name] == pytest.approx(row[name], rel=1e-6)
    assert steps[-1][0] == steps[-1][1]


def test_it_turns_where_the_interval_reaches_zero(filled: Imputations) -> None:
    found = tipping(filled, "PGS_A", way="score")
    assert found.significant
    assert found.point is not None
    assert found.point > 0  # the planted slope is negative
    curve = found.curve
    assert (np.diff(curve["estimate"]) > 0).all()
    near = curve.iloc[(curve["delta"] - found.point).abs().argmin()]
    assert abs(near["conf_high"]) < 0.2 * near["std_error"]
    assert found.leavers == int(filled.missed.leavers.sum())


def test_a_score_of_nothing_turns_to_something_in_both_directions(filled: Imputations) -> None:
    found = tipping(filled, "PGS_B", way="score")
    assert not found.significant
    assert len(found.points) == 2
    assert found.points[0] * found.points[1] < 0
    assert found.point == found.points[0]


def test_what_is_added_to_whom(filled: Imputations) -> None:
    missed = filled.missed
    once, weekly, by_score = (
        shift_unit(filled, filled.spec, "PGS_A", way) for way in ("once", "weekly", "score")
    )
    assert once.tolist() == missed.left.astype(float).tolist()
    assert weekly.tolist() == missed.gone.tolist()
    z = filled.sample.persons["PGS_A"].to_numpy(float)
    z = (z - z.mean()) / z.std(ddof=1)
    assert by_score == pytest.approx(missed.gone * z[missed.code])


def test_verdicts(filled: Imputations) -> None:
    found = tipping(filled, "PGS_A", way="once", deltas=np.array([-1.0, 1.0]))
    assert found.verdict == "never"
    small = tipping(filled, "PGS_A", way="score")
    assert small.plausible < small.far
    assert small.verdict in ("plausible", "stretch", "implausible")
    wide = SPEC.replace(smallest_effect=7.0, scores=("PGS_A",))
    study = leaving_study(n=100)
    sized = tipping(impute(study, wide, 2), "PGS_A", deltas=np.array([0.0]))
    sd = study.persons["PGS_A"].std()  # analysed as given, so it is 7 points per unit
    assert sized.plausible == pytest.approx(7 * sd / 12)


def test_the_part_of_an_analysis_that_a_score_is_of() -> None:
    spec = TWO.replace(controls=("PGS_B",), interactions=(("PGS_A", "age"), ("PGS_B", "sex")))
    mine = only(spec, "PGS_A", "adjusted")
    assert mine.scores == ("PGS_A",)
    assert mine.controls == ()
    assert mine.interactions == (("PGS_A", "age"),)
    assert only(TWO.replace(together=True), "PGS_A", "adjusted").scores == TWO.scores
    with pytest.raises(SpecError, match="not part of the analysis"):
        only(TWO, "PGS_A", "crude")


def test_nobody_left() -> None:
    between = impute(leaving_study(n=100), SPEC, 2, which="between")
    with pytest.raises(FitError, match="left early"):
        tipping(between, "PGS_A")


@pytest.mark.parametrize(
    "changes",
    [{}, {"time_coding": "piecewise", "knot": 4.0}, {"score_scale": "as_given", "df": "normal"}],
    ids=["straight", "piecewise", "as given"],
)
def test_the_quick_way_is_the_long_way(changes: dict[str, Any]) -> None:
    study = leaving_study(n=150, slope=-0.4)
    persons = study.persons.copy()
    persons.iloc[::10, persons.columns.get_loc("PGS_A")] = np.nan
    filled = impute(replace(study, persons=persons), TWO.replace(**changes), 3)
    asked = {"score": "PGS_A", "way": "score", "deltas": np.array([-0.3, 0.2])}
    quick = tipping(filled, **asked).curve
    with patch.object(import_module("pgsicbt.robustness.tipping"), "quick_term", return_value=None):
        long = tipping(filled, **asked).curve
    for name in ("estimate", "std_error", "conf_low", "conf_high"):
        off = (quick[name] - long[name]).abs() / long["std_error"]
        assert off.max() < 1e-5
    if np.isfinite(long["df"]).all():
        assert quick["df"].to_numpy() == pytest.approx(long["df"].to_numpy(), rel=1e-3)


def test_robust_errors_and_other_families_go_the_long_way() -> None:
    filled = impute(leaving_study(n=100), SPEC, 2)
    unit = filled.missed.left.astype(float)
    for changes in ({"errors": "CR0"}, {"df": "kenward-roger"}, {"family": "ancova"}):
        spec = filled.plain_spec.replace(**changes)
        assert quick_term(filled, spec, unit) is None
