"""The shape of the simulated cohort: who is in it and what their numbers look like."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from pgsicbt.instruments import find_instrument
from pgsicbt.sample import SHIPPED_SEED, Cohort, simulate
from pgsicbt.sample import parameters as par


@pytest.fixture(scope="module")
def cohort() -> Cohort:
    return simulate()


@pytest.fixture(scope="module")
def joined(cohort: Cohort) -> pd.DataFrame:
    return cohort.covariates.merge(cohort.scores, on="person_id", validate="1:1")


def test_people_and_diagnoses_are_those_of_the_published_study(joined: pd.DataFrame) -> None:
    assert len(joined) == 2668
    counts = joined["diagnosis"].value_counts()
    assert counts.to_dict() == dict(zip(par.DIAGNOSES, par.DIAGNOSIS_COUNTS, strict=True))
    assert (joined["sex"] == "female").mean() == pytest.approx(0.62, abs=0.001)
    assert joined["age"].mean() == pytest.approx(35.6, abs=0.8)
    assert joined["age"].std() == pytest.approx(11.5, abs=0.8)
    assert joined["age"].between(18, 75).all()
    assert joined["age"].skew() > 0.5


def test_the_files_hold_slightly_different_people(cohort: Cohort) -> None:
    scores = set(cohort.scores["person_id"])
    outcomes = set(cohort.outcomes_long["person_id"])
    covariates = set(cohort.covariates["person_id"])
    assert len(scores & outcomes & covariates) == cohort.n_joined == 2668
    assert len(outcomes - scores) == par.N_NOT_GENOTYPED
    assert len(scores - outcomes) == par.N_NO_OUTCOME
    assert covariates == outcomes
    assert set(cohort.outcomes_wide["person_id"]) == outcomes


def test_identifiers_say_simulated_and_carry_no_order(cohort: Cohort) -> None:
    ids = cohort.scores["person_id"]
    assert ids.is_unique
    assert ids.str.fullmatch(r"SIM\d{4}").all()
    assert not ids.is_monotonic_increasing
    number = ids.str.slice(3).astype(int)
    year = cohort.covariates.set_index("person_id")["inclusion_year"].reindex(ids).to_numpy(float)
    known = ~np.isnan(year)
    assert abs(np.corrcoef(number[known], year[known])[0, 1]) < 0.06


def test_batches_follow_the_calendar_year(cohort: Cohort) -> None:
    table = cohort.covariates
    for batch, (first, last) in par.YEARS.items():
        years = table.loc[table["batch"] == batch, "inclusion_year"]
        assert years.between(first, last).all()
    counts = table["batch"].value_counts()
    assert counts["B1"] > counts["B2"] > counts["B3"] > 400


def test_therapists_relatives_education_and_medication(cohort: Cohort) -> None:
    table = cohort.covariates
    assert table["therapist"].nunique() == par.N_THERAPISTS
    families = table.loc[table["family"] != "", "family"].value_counts()
    assert sorted(families) == sorted(par.FAMILY_SIZES)
    assert set(table["education"].dropna()) == {1, 2, 3}
    assert 0.005 < table["education"].isna().mean() < 0.04
    assert set(table["medication"]) == {"no", "yes"}


def test_relatives_resemble_each_other_in_their_scores() -> None:
    pairs = []
    for seed in range(12):
        made = simulate(seed)
        both = made.covariates.merge(made.scores, on="person_id")
        for _, family in both[both["family"] != ""].groupby("family"):
            first, second = family[list(par.SCORE_NAMES)].to_numpy()[:2]
            pairs += list(zip(first, second, strict=True))
    assert np.corrcoef(np.array(pairs).T)[0, 1] == pytest.approx(0.5, abs=0.1)


def test_scores_correlate_as_planted_and_have_unit_variance(joined: pd.DataFrame) -> None:
    pcs = joined[[f"PC{k}" for k in range(1, 11)]].to_numpy()
    design = np.column_stack([np.ones(len(joined)), pcs / pcs.std(axis=0)])
    scores = joined[list(par.SCORE_NAMES)].to_numpy()
    rest = scores - design @ np.linalg.lstsq(design, scores, rcond=None)[0]
    assert rest.std(axis=0) == pytest.approx(np.ones(9), abs=0.002)
    assert np.abs(np.corrcoef(rest.T) - par.score_correlation()).max() < 0.07
    known = joined["education"].notna().to_numpy()
    level = joined.loc[known, "education"].astype(float)
    assert np.corrcoef(level, joined.loc[known, "PGS_EDU"])[0, 1] == pytest.approx(0.25, abs=0.06)


def test_components_have_unit_length_and_a_tail(joined: pd.DataFrame) -> None:
    pcs = joined[[f"PC{k}" for k in range(1, 11)]]
    assert pcs.std().to_numpy() == pytest.approx(np.full(10, 1 / np.sqrt(2668)), rel=0.02)
    assert pcs["PC1"].kurt() > 3
    assert abs(pcs["PC9"].kurt()) < 0.6


def test_totals_are_whole_numbers_inside_each_instrument(cohort: Cohort) -> None:
    table = cohort.outcomes_long
    assert table["total"].dtype.kind == "i"
    for name, totals in table.groupby("instrument")["total"]:
        instrument = find_instrument(str(name))
        assert instrument is not None
        assert totals.between(instrument.minimum, instrument.maximum).all()
    by_person = table.groupby("person_id")["instrument"].nunique()
    assert (by_person == 1).all()
    assert not table.duplicated(["person_id", "week"]).any()


def test_courses_start_and_end_where_the_clinic_would_see_them(cohort: Cohort) -> None:
    mean = cohort.outcomes_long.groupby(["instrument", "visit"])["total"].mean()
    for instrument, start, end in (("MADRS-S", 22, 13), ("PDSS-SR", 11.5, 6), ("LSAS-SR", 73, 50)):
        assert mean[instrument, "pre"] == pytest.approx(start, rel=0.06)
        assert mean[instrument, "post"] == pytest.approx(end, rel=0.15)
        early = mean[instrument, "pre"] - mean[instrument, "week 4"]
        late = mean[instrument, "week 8"] - mean[instrument, "post"]
        assert early > 1.1 * late


def test_panic_scores_reach_the_floor_late(cohort: Cohort) -> None:
    table = cohort.outcomes_long
    zero = (table["total"] == 0).groupby([table["instrument"], table["visit"]]).mean()
    assert zero["PDSS-SR", "pre"] < 0.02
    assert 0.07 < zero["PDSS-SR", "post"] < 0.25


def test_a_third_has_no_post_and_weeks_are_skipped(cohort: Cohort) -> None:
    table = cohort.outcomes_long
    people = table["person_id"].nunique()
    post = table.loc[table["visit"] == "post", "person_id"].nunique()
    assert 1 - post / people == pytest.approx(1 / 3, abs=0.03)
    assert table.groupby("visit")["person_id"].nunique()["week 3"] < 0.8 * people
    assert set(table["week"]) == {-2, *range(13)}
    assert table.groupby("person_id")["week"].min().max() <= 0


def test_leaving_depends_on_the_last_score_and_on_education(cohort: Cohort) -> None:
    table = cohort.outcomes_long.merge(cohort.covariates, on="person_id")
    table["level"] = (
        100
        * table["total"]
        / table["instrument"].map(dict(zip(par.INSTRUMENT_IDS, par.MAXIMUM, strict=True)))
    )
    last = table.sort_values("week").groupby("person_id").tail(1)
    # Leaving is judged among those last seen in the same weeks, as severity falls over time.
    gone = last["week"].between(2, 7)
    seen = table[table["week"].between(2, 7) & ~table["person_id"].isin(last["person_id"][gone])]
    stayed = seen.groupby("person_id")["level"].mean()
    assert last.loc[gone, "level"].mean() > stayed.mean() + 2
    share = (~last["visit"].eq("post")).groupby(last["education"]).mean()
    assert share[1] > share[3] + 0.04


def test_wide_and_long_outcomes_say_the_same(cohort: Cohort) -> None:
    wide = cohort.outcomes_wide.melt("person_id", value_name="total").dropna()
    split = wide["variable"].str.rsplit("_", n=1, expand=True)
    wide["instrument"], wide["visit"] = split[0], split[1]
    long = cohort.outcomes_long.assign(visit=cohort.outcomes_long["visit"].str.replace(" ", ""))
    keys = ["person_id", "instrument", "visit"]
    both = long.merge(wide, on=keys, how="outer", suffixes=("", "_wide"))
    assert len(both) == len(long) == len(wide)
    assert (both["total"] == both["total_wide"].astype(int)).all()


def test_outliers_are_few_wrong_and_within_range(cohort: Cohort) -> None:
    outliers = cohort.truth["outliers"]
    assert 4 <= len(outliers) <= par.N_OUTLIERS
    long = cohort.outcomes_long.set_index(["person_id", "visit"])["total"]
    for row in outliers:
        assert row["recorded"] != row["true"]
        assert long[row["person_id"], row["visit"]] == row["recorded"]


def test_a_smaller_cohort_can_be_made() -> None:
    small = simulate(3, n_persons=200)
    assert len(set(small.scores["person_id"]) & set(small.outcomes_long["person_id"])) == 200


def test_the_same_seed_gives_the_same_cohort_and_another_does_not() -> None:
    again, other = simulate(), simulate(SHIPPED_SEED + 1)
    pd.testing.assert_frame_equal(simulate().outcomes_long, again.outcomes_long)
    assert not again.scores.equals(other.scores)
