"""Verdicts against one-sided t tests of R, against the grid, and where there can be none."""

from __future__ import annotations

import dataclasses
import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from pgsicbt import AnalysisSpec, fit
from pgsicbt.errors import FitError, SpecError
from pgsicbt.meaning.equivalence import judge
from pgsicbt.meaning.interest import (
    HAZARD_RATIO,
    ODDS_RATIO,
    Interest,
    forest_band,
    interest,
    mean_improvement,
)
from pgsicbt.meaning.verdicts import VERDICT_COLUMNS, verdicts
from pgsicbt.models.effects.effects import effect_sizes
from pgsicbt.result import Result
from pgsicbt.study import Study
from pgsicbt.words.meaning import (
    band_note,
    interest_sentence,
    verdict_headline,
    verdict_note,
    verdict_rows,
    verdict_sentence,
)
from tests.models.example import example_study

REFERENCE = json.loads((Path(__file__).parent / "reference" / "equivalence.json").read_text())
SPEC = AnalysisSpec(
    scores=("PGS_A", "PGS_B", "PGS_C"), covariates=("age", "sex"), components=("PC1",),
    adjustments=("crude", "adjusted"),
)  # fmt: skip


@pytest.fixture(scope="module")
def study() -> Study:
    return example_study()


@pytest.fixture(scope="module")
def result(study: Study) -> Result:
    return fit(study, SPEC)


@pytest.mark.parametrize("case", REFERENCE["cases"])
def test_one_sided_tests_are_those_of_r(case: dict[str, float]) -> None:
    b, se, df = (np.array([case[k]]) for k in ("estimate", "std_error", "df"))
    found = judge(b, se, df, case["bound"])
    assert found.p_excluded[0] == pytest.approx(case["p_tost"], rel=1e-9, abs=1e-15)
    assert found.p_meaningful[0] == pytest.approx(case["p_minimal"], rel=1e-9, abs=1e-15)
    assert found.low[0] == pytest.approx(case["inner_low"], rel=1e-10)
    assert found.high[0] == pytest.approx(case["inner_high"], rel=1e-10)


@given(
    st.floats(-5, 5), st.floats(0.01, 3), st.floats(2, 500), st.floats(0.01, 4),
    st.sampled_from([0.01, 0.05, 0.1]),
)  # fmt: skip
def test_verdicts_say_where_the_interval_lies(
    b: float, se: float, df: float, bound: float, alpha: float
) -> None:
    found = judge(np.array([b]), np.array([se]), np.array([df]), bound, alpha=alpha)
    low, high = found.low[0], found.high[0]
    (verdict,) = found.verdict
    if verdict == "excluded":
        assert -bound <= low and high <= bound
        assert found.p_excluded[0] < alpha
    elif verdict == "meaningful":
        assert low >= bound or high <= -bound
    mirrored = judge(np.array([-b]), np.array([se]), np.array([df]), bound, alpha=alpha)
    assert mirrored.verdict == found.verdict


def test_a_bound_near_zero_does_not_double_the_error() -> None:
    # 1.7 standard errors from zero: beyond the bound on one side at 5 %, not different from zero.
    found = judge(np.array([1.7]), np.array([1.0]), np.array([np.inf]), 1e-6)
    assert found.p_meaningful[0] < 0.05
    assert found.verdict == ("inconclusive",)


def test_missing_estimates_have_no_verdict_and_bounds_must_be_positive() -> None:
    found = judge(np.array([np.nan]), np.array([np.nan]), np.array([10.0]), 1.0)
    assert found.verdict == ("",)
    assert np.isnan(found.p_excluded[0]) and np.isnan(found.low[0])
    for wrong in (0.0, -1.0, math.nan):
        with pytest.raises(SpecError, match="above zero"):
            judge(np.array([1.0]), np.array([1.0]), np.array([1.0]), wrong)


def test_amounts_are_the_change_over_all_weeks_per_sd(study: Study, result: Result) -> None:
    frame = verdicts(study, result).set_index(["score", "model", "about"])
    assert list(verdicts(study, result).columns) == list(VERDICT_COLUMNS)
    effects = effect_sizes(study, result).set_index(["score", "model", "quantity"])
    for score in SPEC.scores:
        ours, theirs = frame.loc[(score, "adjusted", "change")], effects.loc[
            (score, "adjusted", "change")
        ]  # fmt: skip
        for name in ("estimate", "conf_low", "conf_high"):
            assert ours[name] == pytest.approx(theirs[name], rel=1e-9)
    main = result.terms("main", adjustment="adjusted").set_index("score")["estimate"]
    assert frame.loc[("PGS_A", "adjusted", "severity"), "estimate"] == main["PGS_A"]


def test_scores_as_given_and_other_codings_get_the_same_verdicts(
    study: Study, result: Result
) -> None:
    columns = ["estimate", "inner_low", "inner_high", "p_excluded", "p_meaningful"]
    z = verdicts(study, result, 1.5)
    given_ = verdicts(study, fit(study, SPEC.replace(score_scale="as_given")), 1.5)
    np.testing.assert_allclose(z[columns], given_[columns], rtol=1e-5, atol=1e-8)
    monthly = verdicts(study, fit(study, SPEC.replace(time_unit="month")), 1.5)
    np.testing.assert_allclose(z[columns], monthly[columns], rtol=1e-5, atol=1e-7)
    two_lines = fit(study, SPEC.replace(time_coding="piecewise", knot=4.0))
    row = verdicts(study, two_lines, 1.5).set_index(["score", "model", "about"])
    change = effect_sizes(study, two_lines).set_index(["score", "model", "quantity"])
    assert row.loc[("PGS_A", "adjusted", "change"), "estimate"] == pytest.approx(
        change.loc[("PGS_A", "adjusted", "change"), "estimate"], rel=1e-9
    )


def test_the_proposal_is_a_tenth_of_the_mean_improvement(study: Study, result: Result) -> None:
    found = interest(study, result)
    improvement, first, last = mean_improvement(study, SPEC)
    visits = study.outcome_visits("harmonised").groupby("time")["value"].mean()
    assert improvement == pytest.approx(visits[first] - visits[last], abs=1.5)
    assert (first, last) == (0.0, 12.0)
    assert found.source == "improvement"
    assert found.amount == pytest.approx(improvement / 10)
    assert "a tenth of the mean improvement of" in interest_sentence(study, result, found)


def test_a_chosen_smallest_effect_is_used_per_step_of_the_score(study: Study) -> None:
    chosen = fit(study, SPEC.replace(smallest_effect=2.0))
    assert interest(study, chosen).amount == 2.0
    assert "as chosen with the analysis" in interest_sentence(
        study, chosen, interest(study, chosen)
    )
    # Scores as given have SDs of their own: two points per unit are another bound for each.
    wide = study.persons.assign(**{SPEC.scores[1]: 10 * study.persons[SPEC.scores[1]]})
    units = dataclasses.replace(study, persons=wide, digest="units")
    raw = fit(units, SPEC.replace(smallest_effect=2.0, score_scale="as_given"))
    against = interest(units, raw)
    assert (against.amount, against.per_unit) == (2.0, True)
    assert "per unit of a score" in interest_sentence(units, raw, against)
    assert forest_band(raw, against)["main"] == 2.0
    judged = verdicts(units, raw).drop_duplicates("score").set_index("score")["smallest"]
    for score in SPEC.scores:
        assert judged[score] == pytest.approx(2 * wide[score].std(), rel=0.01)
    assert judged[SPEC.scores[1]] > 5 * judged.min()
    # A tenth of the improvement is per SD, so another amount per unit of each: there is no band.
    proposed = fit(units, SPEC.replace(score_scale="as_given"))
    assert verdicts(units, proposed)["smallest"].unique().size == 1
    assert forest_band(proposed, interest(units, proposed)) == {}


def test_without_improvement_a_tenth_of_the_spread_is_proposed(study: Study) -> None:
    visits = study.visits.assign(value=study.visits["value"] + 1.5 * study.visits["time"])
    still = Study(**{**study.__dict__, "visits": visits, "digest": "still"})
    found = interest(still, fit(still, SPEC))
    assert found.source == "spread"
    start = visits[visits["time"] <= 0].drop_duplicates("person", keep="last")
    assert found.amount == pytest.approx(0.1 * start["value"].std(), rel=0.15)


def test_with_two_visits_each_the_improvement_is_the_mean_of_the_differences() -> None:
    made = example_study(n=120)
    visits = made.visits[made.visits["time"].isin([0, 12])]
    both = visits.groupby("person", observed=True)["time"].transform("size") == 2
    two = dataclasses.replace(made, visits=visits[both], digest="two")
    wide = two.visits.pivot_table(index="person", columns="time", values="value", observed=True)
    paired = float((wide[0.0] - wide[12.0]).mean())
    moved, first, last = mean_improvement(two, SPEC)
    assert moved == pytest.approx(paired, rel=1e-6)
    assert (first, last) == (0, 12)
    with pytest.raises(FitError, match="ANCOVA, change scores or MMRM"):
        fit(two, SPEC)
    ancova = fit(two, SPEC.replace(family="ancova"))
    found = interest(two, ancova)
    assert found.amount == pytest.approx(paired / 10, rel=1e-6)
    unknown = Interest(1.3, "spread")
    assert "the mean improvement could not be estimated" in interest_sentence(two, ancova, unknown)


def test_one_week_after_treatment_is_held_against_the_improvement_up_to_it() -> None:
    made = example_study(n=300)
    visits = made.visits.copy()  # nothing improves after week 6
    late = visits["time"] > 6
    visits.loc[late, "value"] += 1.5 * (visits.loc[late, "time"] - 6)
    study = dataclasses.replace(made, visits=visits, digest="late")
    moved, first, last = mean_improvement(study, SPEC.replace(family="ancova", post_week=6.0))
    assert (first, last) == (0, 6)
    assert moved == pytest.approx(9.0, abs=1.2)
    assert mean_improvement(study, SPEC)[0] > 10  # of a straight line to week 12


def test_proposals_for_ratios_are_a_tenth_of_a_standard_deviation() -> None:
    assert pytest.approx(1.199, abs=5e-4) == ODDS_RATIO
    assert pytest.approx(1.137, abs=5e-4) == HAZARD_RATIO


def test_corrected_p_values_leave_controls_out(study: Study) -> None:
    spec = SPEC.replace(controls=("PGS_C",))
    frame = verdicts(study, fit(study, spec), 1.5)
    one = frame[(frame["model"] == "adjusted") & (frame["about"] == "severity")].set_index("score")
    assert np.isnan(one.loc["PGS_C", "p_excluded_adjusted"])
    p = one.loc[["PGS_A", "PGS_B"], "p_excluded"].sort_values()
    assert one.loc[p.index[0], "p_excluded_adjusted"] == pytest.approx(min(1, 2 * p.iloc[0]))
    assert one.loc["PGS_C", "verdict"] in ("excluded", "inconclusive")


def test_groups_of_a_score_are_refused(study: Study) -> None:
    with pytest.raises(SpecError, match="groups"):
        verdicts(study, fit(study, SPEC.replace(score_groups=3)), 1.0)


def test_all_scores_together_have_a_verdict_each(study: Study) -> None:
    frame = verdicts(study, fit(study, SPEC.replace(together=True)), 1.0)
    assert set(frame["score"]) == set(SPEC.scores)
    assert frame["estimate"].notna().all()


def test_sentences_name_amount_interval_and_p(study: Study, result: Result) -> None:
    frame = verdicts(study, result, 0.8)
    mine = frame[frame["model"] == "adjusted"].set_index(["score", "about"])
    said = verdict_sentence(study, result, _row(mine, "PGS_A", "severity"))
    assert said.startswith("Severity at the start: meaningful. Per standard deviation of PGS-A")
    assert "90 % interval" in said and "beyond 0.80 points" in said
    said = verdict_sentence(study, result, _row(mine, "PGS_B", "severity"))
    assert "the data cannot tell" in said
    wide = verdicts(study, result, 9.0)
    mine = wide[wide["model"] == "adjusted"].set_index(["score", "about"])
    said = verdict_sentence(study, result, _row(mine, "PGS_A", "change"))
    assert "there is a difference, and it is smaller than what would matter, 9.00 points" in said
    said = verdict_sentence(study, result, _row(mine, "PGS_B", "change"))
    assert said.startswith("Change, week 0 to 12: excluded. Any effect is smaller than 9.00")
    assert "All 6 effects" in verdict_headline(result, wide, "adjusted")
    assert "Of 6 effects" in verdict_headline(result, frame, "adjusted")
    rows, means = verdict_rows(study, result, frame, "adjusted")
    assert len(rows) == len(means) == 8
    assert rows[0] == ["Severity at the start"] and rows[1][0] == "PGS-A"
    assert "two one-sided tests at 5 % each" in verdict_note(result)


def test_the_headline_counts_what_stays_after_correction(study: Study, result: Result) -> None:
    frame = verdicts(study, result, 0.8)
    mine = frame["model"] == "adjusted"
    close = frame.copy()
    close.loc[mine, ["verdict", "verdict_corrected"]] = ["meaningful", "inconclusive"]
    said = verdict_headline(result, close, "adjusted")
    assert said.startswith("Of 6 effects of the adjusted models, corrected over the scores, 0 are")
    row = close[mine].iloc[0]
    assert verdict_sentence(study, result, row).endswith(
        "Corrected over the scores it is inconclusive."
    )
    shown, _ = verdict_rows(study, result, close, "adjusted")
    assert shown[1][-1] == "meaningful; corrected: inconclusive"


def test_a_corrected_verdict_asks_every_test_corrected(study: Study) -> None:
    """Holm over the scores of what the verdict needs: both tests, or the one of equivalence."""
    seen = set()
    for bound in (0.05, 0.5, 1.2, 1.8, 2.5):
        frame = verdicts(study, fit(study, SPEC), bound)
        for _, mine in frame.groupby(["model", "about"]):
            both = np.maximum(mine["p_meaningful"], mine["p_value"])
            for kind, p in (("meaningful", both), ("excluded", mine["p_excluded"])):
                corrected = multipletests(p, method="holm")[1]
                assert mine[f"p_{kind}_adjusted"].to_numpy() == pytest.approx(corrected)
                stays = (mine["verdict_corrected"] == kind).to_numpy()
                assert (stays == ((mine["verdict"] == kind).to_numpy() & (corrected < 0.05))).all()
            seen |= set(zip(mine["verdict"], mine["verdict_corrected"], strict=True))
    assert ("meaningful", "meaningful") in seen
    assert {("meaningful", "inconclusive"), ("excluded", "inconclusive")} & seen
    plain = fit(study, SPEC.replace(multiplicity="none"))
    frame = verdicts(study, plain, 1.2)
    assert (frame["verdict_corrected"] == frame["verdict"]).all()


def _row(frame: pd.DataFrame, score: str, about: str) -> pd.Series:
    row = frame.loc[(score, about)].copy()
    row["score"], row["about"] = score, about
    return row


def test_without_a_random_slope_the_measured_rate_is_told(study: Study, result: Result) -> None:
    bare = fit(study, SPEC.replace(random="intercept"))
    note = verdict_note(bare)
    assert "14 to 15 % of simulated cohorts instead of 5 %" in note
    assert "simulated cohorts" not in verdict_note(result)


def test_a_planted_effect_moves_the_estimate_and_nothing_else() -> None:
    # What simulations/verdicts.py rests on.
    from simulations.verdicts import NULL, cohort, one_cohort, spec

    plain = cohort(50_000, 150)
    x = plain.persons[NULL[1]]
    z = ((x - x.mean()) / x.std()).reindex(plain.visits["person"]).to_numpy()
    moved = plain.visits.assign(
        value=plain.visits["value"] + z * (1.5 - 0.1 * plain.visits["time"])
    )
    planted = Study(**{**plain.__dict__, "visits": moved, "digest": "planted"})
    a, b = (
        verdicts(s, fit(s, spec()), 2.0).set_index(["score", "about"]) for s in (plain, planted)
    )
    for about, size in (("severity", 1.5), ("change", -1.2)):
        old, new = a.loc[(NULL[1], about)], b.loc[(NULL[1], about)]
        assert new["estimate"] - old["estimate"] == pytest.approx(size, abs=1e-5)
        assert new["std_error"] == pytest.approx(old["std_error"], rel=1e-5)
    rows = one_cohort(50_000, 150)
    assert {r["size"] for r in rows} == {-1.0, 0.0, 0.5, 1.0, 1.5, 2.0}


def test_the_band_of_the_forest_is_in_the_unit_of_its_axis(study: Study, result: Result) -> None:
    against = Interest(1.2, "chosen", 15.0, 0.0, 12.0)
    assert forest_band(result, against) == pytest.approx({"main": 1.2, "interaction": 0.1})
    assert "±1.20 points and ±0.100 points a week" in band_note(
        study, result, forest_band(result, against)
    )
    monthly = fit(study, SPEC.replace(time_unit="month"))
    assert forest_band(monthly, against)["interaction"] == pytest.approx(0.1)
    bent = fit(study, SPEC.replace(time_coding="piecewise", knot=4.0))
    assert forest_band(bent, against)["interaction"] == pytest.approx(1.2)
    assert forest_band(result, Interest(90.0, "chosen")) == {}
    assert band_note(study, result, {}) == ""
    dropout = fit(study, SPEC.replace(family="dropout"))
    band = forest_band(dropout, interest(study, dropout))
    assert "ratios within the smallest effect of interest, 0.83 to 1.20" in band_note(
        study, dropout, band
    )
