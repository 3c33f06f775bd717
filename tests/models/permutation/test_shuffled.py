"""Shuffled scores: the tests behind them, max-T, and the check by negative controls."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from pgsicbt.derived import with_scores
from pgsicbt.errors import FitError, SpecError
from pgsicbt.models import fit
from pgsicbt.models.permutation.shuffled import control_check, max_t, nothing
from pgsicbt.spec import AnalysisSpec
from tests.models.example import example_study

STUDY = example_study(seed=4, n=250)
SPEC = AnalysisSpec(
    scores=("PGS_A", "PGS_B", "PGS_C"), covariates=("age", "sex", "diagnosis"),
    components=("PC1",), adjustments=("adjusted",),
)  # fmt: skip


@pytest.mark.parametrize(
    "changes",
    [{}, {"time_coding": "spline"}, {"time_coding": "categorical"},
     {"time_coding": "piecewise", "knot": 4.0}, {"random": "intercept"}, {"origin": "end"},
     {"score_scale": "residual"}, {"time_unit": "month"}],
)  # fmt: skip
def test_one_step_gives_the_t_of_the_full_fit_for_scores_without_effect(changes) -> None:
    spec = SPEC.replace(**changes)
    result = fit(STUDY, spec)
    t = nothing(STUDY, spec, "adjusted", random=result.random_used).observed()
    for j, role in enumerate(("main", "interaction")):
        full = result.terms(role).set_index("score").loc[list(spec.scores), "statistic"]
        # PGS_A has a large effect: with it the variances are smaller, and its t a bit larger.
        assert t[1:, j] == pytest.approx(full.to_numpy()[1:], abs=0.02)
        assert t[0, j] == pytest.approx(full.to_numpy()[0], rel=0.1)


def test_shuffled_scores_keep_what_covariates_say_of_them() -> None:
    ready = nothing(STUDY, SPEC, "adjusted")
    age = STUDY.persons["age"].to_numpy()
    for x, rest in zip(ready.predicted + ready.rest, ready.rest, strict=True):
        assert abs(np.corrcoef(rest, age)[0, 1]) < 1e-10
        assert x.std() == pytest.approx(1.0, abs=0.01)


def test_shuffled_t_are_those_of_no_association() -> None:
    ready = nothing(STUDY, SPEC, "adjusted")
    t = np.concatenate(list(ready.shuffled(400, seed=1)))
    assert t.shape == (400, 3, 2)
    for j in (0, 1):
        assert stats.kstest(t[:, :, j].ravel(), "norm").pvalue > 0.001
    again = np.concatenate(list(ready.shuffled(400, seed=1)))
    assert np.array_equal(t, again)


def test_max_t_is_the_share_of_shuffles_in_which_any_score_does_as_well() -> None:
    ready = nothing(STUDY, SPEC, "adjusted")
    p = max_t(ready, 300, seed=3)
    t = np.abs(np.concatenate(list(ready.shuffled(300, seed=3)))).max(axis=1)
    observed = np.abs(ready.observed())
    by_hand = (1 + (t[:, None, :] >= observed[None]).sum(axis=0)) / 301
    assert p == pytest.approx(by_hand)
    assert p[0, 1] < 0.05
    assert (p[1:] > 0.05).all()


def test_max_t_reaches_the_table_and_lies_between_p_and_bonferroni() -> None:
    result = fit(STUDY, SPEC.replace(multiplicity="max-t", permutations=499))
    rows = result.terms("main", "interaction")
    assert (rows["p_adjusted"] == rows["p_max_t"]).all()
    null = rows[rows["p_value"] > 0.05]
    assert (null["p_max_t"] >= null["p_value"] - 0.05).all()
    assert (null["p_max_t"] <= null["p_bonferroni"] + 0.05).all()


def test_scores_that_are_one_and_the_same_cost_nothing_more() -> None:
    same = STUDY.persons["PGS_B"].to_numpy(float)
    rng = np.random.default_rng(2)
    twins = {f"twin{i}": same + rng.normal(0, 1e-3, len(same)) for i in range(5)}
    study = with_scores(STUDY, twins, "twins")
    spec = SPEC.replace(scores=("PGS_B", *twins), multiplicity="max-t", permutations=499)
    rows = fit(study, spec).terms("interaction")
    assert rows["p_max_t"].to_numpy() == pytest.approx(rows["p_value"].to_numpy(), abs=0.06)
    # Li and Ji count an eigenvalue of just below six as nearly two tests.
    assert (rows["p_li_ji"] <= 1 - (1 - rows["p_value"]) ** 2.001).all()
    assert rows["p_galwey"].to_numpy() == pytest.approx(rows["p_value"].to_numpy(), abs=0.05)


def test_the_check_sees_what_a_missing_random_slope_does() -> None:
    good = control_check(STUDY, SPEC, times=150).set_index("role")
    bad = control_check(STUDY, SPEC, times=150, random="intercept").set_index("role")
    assert good.loc["interaction", "conf_low"] < 0.07
    assert good.loc["interaction", "inflation"] == pytest.approx(1, abs=0.4)
    assert bad.loc["interaction", "conf_low"] > 0.1
    assert bad.loc["interaction", "inflation"] > 1.8
    assert bad.loc["main", "below"] < 0.1


def test_negative_controls_are_not_shuffled_among_the_scores() -> None:
    spec = SPEC.replace(controls=("PGS_C",))
    assert nothing(STUDY, spec, "adjusted").scores == ("PGS_A", "PGS_B")
    with pytest.raises(FitError, match="no score to shuffle"):
        nothing(STUDY, SPEC.replace(scores=("PGS_C",), controls=("PGS_C",)), "adjusted")


@pytest.mark.parametrize(
    "changes", [{"together": True}, {"score_groups": 3}, {"interactions": (("PGS_A", "age"),)}]
)
def test_other_models_are_refused_in_words(changes) -> None:
    with pytest.raises(SpecError, match="worked out for linear mixed models of one score"):
        nothing(STUDY, SPEC.replace(**changes), "adjusted")


def test_max_t_is_refused_where_it_is_not_worked_out() -> None:
    with pytest.raises(SpecError, match="Max-T"):
        fit(STUDY, SPEC.replace(family="ancova", multiplicity="max-t"))


def test_people_without_a_score_are_left_out_of_the_shuffling() -> None:
    persons = STUDY.persons.copy()
    persons.loc[persons.index[:30], "PGS_B"] = np.nan
    ready = nothing(replace(STUDY, persons=persons), SPEC, "adjusted")
    assert ready.rest.shape == (3, 220)


def test_progress_is_told() -> None:
    seen: list[tuple[int, int]] = []
    max_t(nothing(STUDY, SPEC, "adjusted"), 50, 1, lambda done, of: seen.append((done, of)))
    assert seen[-1] == (50, 50)


def test_max_t_says_whom_it_shuffles_and_never_helps() -> None:
    rng = np.random.default_rng(5)
    half = STUDY.persons.assign(
        PGS_C=STUDY.persons["PGS_C"].where(rng.random(len(STUDY.persons)) < 0.4)
    )
    study = replace(STUDY, persons=half, digest="half")
    known = int(half[list(SPEC.scores)].notna().all(axis=1).sum())
    assert known < len(half)
    result = fit(study, SPEC.replace(multiplicity="max-t", permutations=199))
    said = [w.message for w in result.warnings if w.code == "max_t_people"]
    assert len(said) == 1 and f"the {known:,} people who have all of them" in said[0]
    rows = result.terms("main", "interaction")
    assert (rows["p_max_t"] >= rows["p_value"]).all()
    for changes, named in (
        ({"errors": "CR2"}, "robust"),
        ({"df": "kenward-roger"}, "Kenward-Roger's"),
    ):
        other = fit(STUDY, SPEC.replace(multiplicity="max-t", permutations=99, **changes))
        said = [w for w in other.warnings if w.code.startswith("max_t")]
        assert [w.code for w in said] == ["max_t_errors"] and f"{named} errors" in said[0].message
    whole = fit(STUDY, SPEC.replace(multiplicity="max-t", permutations=99))
    assert not [w for w in whole.warnings if w.code.startswith("max_t")]


def test_without_anybody_who_has_every_score_max_t_is_refused() -> None:
    first = np.arange(len(STUDY.persons)) % 2 == 0
    apart = STUDY.persons.assign(
        PGS_A=STUDY.persons["PGS_A"].where(first), PGS_B=STUDY.persons["PGS_B"].where(~first)
    )
    study = replace(STUDY, persons=apart, digest="apart")
    with pytest.raises(FitError, match="Fewer than 8 people have every score"):
        fit(study, SPEC.replace(multiplicity="max-t", permutations=99))
