"""The specification curve: against exact fits, against simulated nothing, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import pgsicbt
from pgsicbt.errors import SpecError
from pgsicbt.models.engine.crossproducts import cross_products
from pgsicbt.models.engine.lmm import LmmFit, fit_lmm
from pgsicbt.robustness.curve import Curve, specification_curve
from pgsicbt.robustness.curve_choices import curve_choices
from pgsicbt.robustness.dealt import dealt_scores
from pgsicbt.robustness.people import only
from pgsicbt.robustness.variants import effects
from pgsicbt.words.robustness import curve_note
from tests.robustness.example import SPEC, study


@pytest.fixture(scope="module")
def curve() -> Curve:
    return specification_curve(study(), SPEC, specs=60, permutations=19)


def test_every_analysis_is_what_the_engine_fits_exactly(curve: Curve) -> None:
    made = study()
    known = only(made, made.persons.index, "everybody")
    rng = np.random.default_rng(3)
    for number in [0, *rng.choice(np.arange(1, curve.n_specs), 9, replace=False)]:
        spec = curve.choices.specs[number].replace(scores=SPEC.scores)
        if spec.outliers != "none":  # the curve judges outliers by the widest of its models
            continue
        exact = effects(pgsicbt.fit(known, spec), curve.span, "")
        mine = curve.table[curve.table["spec"] == number]
        both = exact.merge(mine, on=["score", "role"], suffixes=("", "_curve"))
        assert len(both) == 4
        gap = (both["estimate"] - both["estimate_curve"]).abs() / both["std_error"]
        # A score that explains much moves the variance: z up to 4 in 300 people here.
        assert gap.max() < 0.05
        assert (both["std_error_curve"] / both["std_error"] - 1).abs().max() < 0.05
        weak = both[both["score"] == "PGS_B"]
        near = (weak["estimate"] - weak["estimate_curve"]).abs() / weak["std_error"]
        assert near.max() < 0.01
        assert list(both["n_persons"]) == list(both["n_persons_curve"])


def test_the_analysis_itself_comes_first_and_no_two_are_the_same(curve: Curve) -> None:
    first = curve.choices.specs[0]
    assert first.covariates == SPEC.covariates
    assert first.adjustments == ("adjusted",)
    assert len({s.canonical() for s in curve.choices.specs}) == curve.n_specs == 60
    assert curve.choices.possible > 500
    assert not curve.failed


def test_a_planted_effect_is_found_and_nothing_is_not(curve: Curve) -> None:
    rows = curve.summary.set_index(["score", "role"])
    planted, nothing = rows.loc[("PGS_A", "main")], rows.loc[("PGS_B", "main")]
    assert planted["median"] < 0
    assert planted["p_median"] == pytest.approx(1 / 20)
    assert planted["share_significant"] > 0.5
    assert nothing["p_share"] > 1 / 20
    assert abs(nothing["median"]) < abs(planted["median"])
    assert rows["share_sign"].between(0.5, 1).all()


def test_dealt_scores_stay_correlated_and_keep_what_covariates_say() -> None:
    made = study(n=400)
    people = made.persons
    dealt = dealt_scores(made, SPEC, people, SPEC.scores, 30, 1)
    assert dealt.shape == (400, 60)
    again = dealt_scores(made, SPEC, people, SPEC.scores, 30, 1)
    assert np.array_equal(dealt, again)
    real = people[list(SPEC.scores)].to_numpy(float)
    age = people["age"].to_numpy(float)
    for column in range(0, 60, 2):
        # Ordinary least squares on a covariate gives the same slope for dealt scores ...
        assert np.corrcoef(dealt[:, column], real[:, 0])[0, 1] < 0.3
        spread = dealt[:, column].std() / real[:, 0].std()
        assert spread == pytest.approx(1, abs=0.05)
    slopes = [np.polyfit(age, dealt[:, c], 1)[0] for c in range(0, 60, 2)]
    assert np.mean(slopes) == pytest.approx(np.polyfit(age, real[:, 0], 1)[0], abs=0.003)


def test_the_pass_is_generalised_least_squares() -> None:
    """Held against dense matrices: V of every person written out."""
    from pgsicbt.robustness.curve_pass import curve_pass

    rng = np.random.default_rng(5)
    n, visits = 40, 4
    code = np.repeat(np.arange(n), visits).astype(np.intp)
    t = np.tile(np.arange(visits, dtype=float), n)
    x = rng.normal(size=n)
    y = 3 + 0.5 * t + rng.normal(size=n)[code] + 0.2 * x[code] + rng.normal(size=n * visits)
    basis = np.column_stack([np.ones_like(t), t, np.log1p(t)])
    design = np.column_stack([np.ones_like(t), t])
    cp = cross_products(("1", "t"), design, y, basis, code)
    fit = fit_lmm(cp, q=2)
    passed = curve_pass(cp, fit, (0, 2), 2, reml=True)
    estimate, covariance = passed.effects(x[:, None])
    z = basis[:visits, :2]
    v = np.kron(np.eye(n), np.eye(visits) + z @ fit.relative @ z.T)
    whole = np.column_stack([design, x[code], x[code] * np.log1p(t)])
    info = whole.T @ np.linalg.solve(v, whole)
    b = np.linalg.solve(info, whole.T @ np.linalg.solve(v, y))
    rest = y - whole @ b
    s2 = rest @ np.linalg.solve(v, rest) / (len(y) - 4)
    assert estimate[:, 0] == pytest.approx(b[2:], rel=1e-9)
    assert covariance[:, :, 0] == pytest.approx(s2 * np.linalg.inv(info)[2:, 2:], rel=1e-9)


def test_progress_counts_analyses_and_can_stop() -> None:
    seen: list[tuple[int, int]] = []

    def stop(done: int, of: int) -> None:
        seen.append((done, of))
        if done == 3:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        specification_curve(study(n=80), SPEC, specs=20, permutations=0, progress=stop)
    assert seen == [(1, 20), (2, 20), (3, 20)]


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"random": "intercept"}, "random slope"),
        ({"score_groups": 3}, "one score at a time"),
        ({"scores": (), "controls": ()}, "at least one score"),
        ({"score_scale": "as_given"}, "standard deviation"),
    ],
)
def test_what_cannot_be_varied_is_refused_in_a_sentence(
    changes: dict[str, object], named: str
) -> None:
    with pytest.raises(SpecError, match=named):
        specification_curve(study(n=60), SPEC.replace(**changes), specs=5, permutations=0)


def test_no_analysis_lacks_a_random_slope_and_logarithms_start_at_week_0() -> None:
    choices = curve_choices(study(n=60), SPEC, 400)
    for spec in choices.specs:
        assert spec.random != "intercept"
        if spec.time_coding == "log":
            assert spec.first_week is not None and spec.first_week >= 0
        assert not (spec.score_scale == "residual" and not spec.components)


ONE = SPEC.replace(scores=("PGS_A",), controls=())


@pytest.mark.parametrize(
    "changes",
    [
        {"time_coding": "categorical"},
        {"time_coding": "piecewise", "knot": 5.0},
        {"time_coding": "piecewise", "knot": 5.0, "random": "intercept+slope+second"},
        {"time_coding": "log", "first_week": 0.0},
    ],
)
def test_a_curve_around_any_course_is_what_the_engine_fits(
    changes: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing fails, and each specification's model without a score is that of ``fit`` exactly."""
    fits: list[LmmFit] = []

    def keep(*args: Any, **named: Any) -> LmmFit:
        fits.append(fit_lmm(*args, **named))
        return fits[-1]

    monkeypatch.setattr("pgsicbt.robustness.curve.fit_lmm", keep)
    made = study()
    around = SPEC.replace(**changes)
    found = specification_curve(made, around, specs=37, permutations=0)
    assert not found.failed and len(fits) == found.n_specs == 37
    assert set(found.table["spec"]) == set(range(37))
    first = found.choices.specs[0]
    assert (first.time_coding, first.knot, first.random, first.first_week) == (
        around.time_coding, around.knot, around.random, around.first_week,
    )  # fmt: skip
    known = only(made, made.persons.index, "everybody")
    by_deviance = {round(f.log_likelihood, 9): f for f in fits}
    compared = 0
    for number, one in enumerate(found.choices.specs):
        if one.outliers != "none":  # the curve judges outliers by the widest of its models
            continue
        empty = pgsicbt.fit(known, one.replace(simplify=False)).fits[0]
        near = min(by_deviance, key=lambda value: abs(value - empty.log_likelihood))
        mine = by_deviance[near]
        assert near == pytest.approx(empty.log_likelihood, abs=1e-6)
        assert mine.residual_variance == pytest.approx(empty.residual_variance, rel=1e-5)
        kept = [mine.fixed.names.index(name) for name in empty.fixed.names]
        gap = np.abs(mine.fixed.estimates[kept] - empty.fixed.estimates)
        assert (gap < 1e-5 * np.sqrt(np.diag(empty.fixed.covariance))).all()
        exact = effects(pgsicbt.fit(known, one.replace(scores=SPEC.scores)), found.span, "")
        both = exact.merge(
            found.table[found.table["spec"] == number], on=["score", "role"],
            suffixes=("", "_curve"),
        )  # fmt: skip
        away = (both["estimate"] - both["estimate_curve"]).abs() / both["std_error"]
        assert away.max() < 0.05
        assert away[both["score"] == "PGS_B"].max() < 0.01
        compared += 1
    assert compared > 10


def test_a_straggler_stretches_neither_the_weeks_nor_the_knot_of_a_curve() -> None:
    made = study(n=120)
    late = made.visits.iloc[[0]].assign(time=40.0)
    longer = replace(made, visits=pd.concat([made.visits, late], ignore_index=True), digest="late")
    one, other = (specification_curve(s, ONE, specs=15, permutations=0) for s in (made, longer))
    assert one.span == other.span == (0.0, 12.0)
    assert {s.knot for s in other.choices.specs} == {s.knot for s in one.choices.specs}
    medians = [c.summary.set_index("role")["median"] for c in (one, other)]
    assert medians[1]["interaction"] == pytest.approx(medians[0]["interaction"], rel=0.1)


def test_change_before_treatment_only_is_told_over_all_of_it() -> None:
    made = study(n=120)
    early = made.visits.assign(time=made.visits["time"] - 12.0)
    found = specification_curve(replace(made, visits=early), ONE, specs=8, permutations=0)
    assert found.span == (-14.0, 0.0)


def test_a_choice_that_cannot_be_made_is_named_and_the_others_stand() -> None:
    bent = ONE.replace(time_coding="piecewise", knot=11.5)
    found = specification_curve(study(), bent, specs=20, permutations=0)
    assert [f.message for f in found.failed] == [
        "before the end: The knot at week 11.5 is not inside the chosen weeks."
    ]
    assert "before the end" not in set(found.choices.frame.query("time == 'two lines'")["weeks"])
    assert len(set(found.table["spec"])) == found.n_specs == 20


def test_two_lines_meet_within_a_window_that_begins_late() -> None:
    found = specification_curve(study(), ONE.replace(first_week=7.0), specs=20, permutations=0)
    assert not found.failed
    assert {s.knot for s in found.choices.specs if s.time_coding == "piecewise"} == {10.0}
    assert found.span == (8.0, 12.0)
    assert "severity in week 0 is extrapolated" in curve_note(found)


def test_the_analysis_itself_is_first_in_any_coding_and_log_needs_no_window_from_week_0() -> None:
    made = study(n=60)
    begun = replace(made, visits=made.visits[made.visits["time"] >= 0], digest="begun")
    logged = curve_choices(begun, ONE.replace(time_coding="log"), 400)
    assert logged.specs[0].time_coding == "log" and logged.specs[0].first_week is None
    assert "log(week + 1)" in set(curve_choices(begun, ONE, 400).frame["time"])
    bent = ONE.replace(time_coding="piecewise", knot=5.0, random="intercept+slope+second")
    second = curve_choices(made, bent, 400)
    assert second.specs[0].random == "intercept+slope+second"
    assert len(set(second.specs)) == len(second.specs)
    lines = second.frame["time"] == "straight line"
    assert set(second.frame.loc[lines, "random"]) == {"correlated", "uncorrelated"}
