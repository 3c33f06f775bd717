"""Distributions, correlations, components, presence, floors, courses: right and not revealing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pgsicbt.cohort import (
    component_shifts,
    components_by_batch,
    course_by_instrument,
    describe,
    floor_ceiling,
    observed_by_week,
    presence,
    relatedness,
    score_components,
    score_correlations,
    score_distributions,
    score_summary,
    spaghetti,
)
from pgsicbt.cohort.distributions import joined_bins
from pgsicbt.cohort.groups import ALL
from pgsicbt.cohort.weeks import visit_arrays
from pgsicbt.disclosure import MINIMUM_CELL
from pgsicbt.study import HARMONISED, Study
from tests.cohort.example import make_cohort, with_visits


@pytest.fixture(scope="module")
def study() -> Study:
    return make_cohort(400)


@pytest.mark.parametrize("n", [8, 9, 30, 400, 3000])
def test_every_bin_holds_eight_people_and_nobody_is_lost(n: int) -> None:
    for seed in range(4):
        values = np.random.default_rng(seed).standard_t(3, n)
        edges, counts = joined_bins(values)
        assert counts.min() >= MINIMUM_CELL
        assert counts.sum() == n
        assert (np.diff(edges) > 0).all()


def test_distributions_cover_everybody_by_group(study: Study) -> None:
    found = score_distributions(study, "diagnosis")
    people = found.groupby(["score", "group"])["n"].sum()
    assert people["EDU", ALL] == 400
    assert people["EDU", "panic"] == (study.persons["diagnosis"] == "panic").sum()
    width = (found["high"] - found["low"]) / study.persons["EDU"].std(ddof=0)
    area = (found["density"] * width)[found["score"] == "EDU"].groupby(found["group"]).sum()
    assert area.to_numpy() == pytest.approx(1.0)


def test_scores_in_numbers(study: Study) -> None:
    row = score_summary(study).set_index("score").loc["MDD"]
    assert row["mean"] == pytest.approx(study.persons["MDD"].mean())
    assert row["sd"] == pytest.approx(study.persons["MDD"].std())
    pair = score_correlations(study).iloc[0]
    assert pair["r"] == pytest.approx(study.persons["EDU"].corr(study.persons["MDD"]))
    gappy = make_cohort(400)
    gappy.persons.loc[gappy.persons.index[:100], "EDU"] = np.nan
    pair = score_correlations(gappy).iloc[0]
    assert pair["n"] == 300
    assert pair["r"] == pytest.approx(gappy.persons["EDU"].corr(gappy.persons["MDD"]))


def test_no_cell_of_a_map_holds_few_people(study: Study) -> None:
    found = components_by_batch(study)
    assert found["n"].min() >= MINIMUM_CELL
    sums = found.groupby("group")["n"].sum()
    assert sums[ALL] == 400
    assert sums["B1"] == (study.persons["batch"] == "B1").sum()
    assert (found.groupby("group").size() > 8).all()
    # Cells of one map do not overlap.
    mine = found[found["group"] == ALL]
    grid = np.zeros((48, 48), dtype=int)
    for r in mine.itertuples():
        grid[r.column : r.column + r.wide, r.row : r.row + r.high] += 1
    assert grid.max() == 1
    empty = replace(study, covariates=study.covariates[:3])
    assert components_by_batch(empty).empty


def test_shifts_and_scores_by_component() -> None:
    study = make_cohort(400)
    study.persons["PC1"] += np.where(study.persons["batch"] == "B2", 0.01, 0.0)
    study.persons["EDU"] += 100 * study.persons["PC1"]
    shift = component_shifts(study).set_index(["group", "component"])["shift"]
    assert shift["B2", "PC1"] - shift["B1", "PC1"] == pytest.approx(0.9, abs=0.25)
    found = score_components(study).set_index(["score", "component"])["r"]
    assert found["EDU", "PC1"] == pytest.approx(study.persons["EDU"].corr(study.persons["PC1"]))
    assert found["EDU", "all"] == pytest.approx(found["EDU", "PC1"], abs=0.03)


def test_presence_counts_people(study: Study) -> None:
    found = presence(study, "EDU").set_index(["group", "week"])
    base = study.visits[study.visits["outcome"] != HARMONISED]
    for week in (8.0, 12.0):
        assert found.loc[(ALL, week), "seen"] == base[base["time"] == week]["person"].nunique()
        later = base[base["time"] >= week]["person"].nunique()
        assert found.loc[(ALL, week), "remaining"] == later
    thirds = ["lowest third", "middle third", "highest third"]
    assert sum(found.loc[(t, 8.0), "seen"] for t in thirds) == found.loc[(ALL, 8.0), "seen"]
    assert found.loc[(ALL, 0.0), "share_seen"] == 1.0


def test_presence_hides_few_people_and_all_but_few() -> None:
    study = make_cohort(200)
    visits = study.visits[study.visits["time"] != 2.0]
    first = list(study.persons.index[:5])
    rare = study.visits[(study.visits["time"] == 2.0) & study.visits["person"].isin(first)]
    gone = (visits["time"] == 0) & visits["person"].isin(study.persons.index[:3])
    found = presence(with_visits(study, pd.concat([visits[~gone], rare])))
    found = found.set_index("week")
    assert np.isnan(found.loc[2.0, ["seen", "share_seen"]].to_numpy(float)).all()
    assert np.isnan(found.loc[0.0, "seen"])
    assert found.loc[0.0, "share_seen"] == 0.98  # rounded: 197 of 200


def test_few_people_without_a_score_cannot_be_counted_from_its_thirds() -> None:
    study = make_cohort(300)
    study.persons.loc[study.persons.index[:4], "EDU"] = np.nan
    found = presence(study, "EDU")
    thirds = found[found["group"] != ALL]
    assert thirds[["people", "seen", "remaining"]].isna().all(axis=None)
    assert (thirds["share_seen"].dropna() * 100 % 1).round(6).isin([0, 1]).all()
    assert found.loc[found["group"] == ALL, "people"].eq(300).all()


def test_floor_and_ceiling_by_week() -> None:
    study = make_cohort(300)
    visits = study.visits.copy()
    here = (visits["outcome"] == "PHQ-9") & (visits["time"] == 12)
    visits.loc[visits.index[here][:20], "value"] = 0.0
    visits.loc[visits.index[here][20:24], "value"] = 27.0
    found = floor_ceiling(with_visits(study, visits)).set_index(["outcome", "week"])
    n = found.loc[("PHQ-9", 12.0), "n"]
    assert n == here.sum()
    assert found.loc[("PHQ-9", 12.0), "lowest"] >= 20
    assert found.loc[("PHQ-9", 12.0), "share_lowest"] == pytest.approx(
        found.loc[("PHQ-9", 12.0), "lowest"] / n
    )
    assert np.isnan(found.loc[("PHQ-9", 12.0), "highest"])
    assert HARMONISED not in found.index.get_level_values(0)


def test_courses_are_means_with_their_interval(study: Study) -> None:
    found = course_by_instrument(study, "diagnosis")
    mine = study.outcome_visits("PHQ-9").query("time == 4")["value"]
    row = found[(found["outcome"] == "PHQ-9") & (found["week"] == 4) & (found["group"] == ALL)]
    assert row["mean"].item() == pytest.approx(mine.mean())
    half = 1.97 * mine.std() / np.sqrt(len(mine))
    assert row["conf_high"].item() - row["mean"].item() == pytest.approx(half, rel=0.02)
    assert (found["n"].dropna() >= MINIMUM_CELL).all()


def test_observations_by_week_are_those_of_the_files(study: Study) -> None:
    labels = {0.0: "Pre", 4.0: "Week 4", 12.0: "Post"}
    found = observed_by_week(replace(study, time_labels=labels))
    assert HARMONISED not in set(found["outcome"])
    mine = study.outcome_visits("PHQ-9").query("time == 12")["value"]
    row = found[(found["outcome"] == "PHQ-9") & (found["week"] == 12)].iloc[0]
    assert (row["called"], row["n"]) == ("Post", len(mine))
    assert (row["mean"], row["sd"]) == pytest.approx((mine.mean(), mine.std()))
    assert set(found.loc[found["week"] == 4, "called"]) == {""}
    few = observed_by_week(make_cohort(5))
    assert len(few)
    assert few[["n", "mean", "sd"]].isna().all(axis=None)


def test_visits_on_any_day_count_for_whole_weeks(study: Study) -> None:
    rng = np.random.default_rng(1)
    visits = study.visits.copy()
    visits["time"] += rng.integers(-3, 4, len(visits)) / 7 * (visits["time"] > 0)
    found = visit_arrays(with_visits(study, visits))
    assert found.step == 1
    assert set(np.unique(found.week)) == {0.0, 2.0, 4.0, 8.0, 12.0}
    assert found.note == "Visits count for the nearest whole week."
    assert visit_arrays(study).note == ""


def test_single_people_have_no_name_and_are_the_same_each_time(study: Study) -> None:
    lines = spaghetti(study, "PHQ-9", 12)
    assert lines["line"].nunique() == 12
    assert list(lines) == ["line", "week", "value"]
    pd.testing.assert_frame_equal(lines, spaghetti(study, "PHQ-9", 12))


def test_relatives_by_degree() -> None:
    study = make_cohort(100)
    assert relatedness(study).empty
    ids = study.persons.index
    pairs = [(ids[2 * i], ids[2 * i + 1], 0.25) for i in range(6)] + [(ids[40], ids[41], 0.5)]
    frame = pd.DataFrame(pairs, columns=["person_1", "person_2", "kinship"])
    found = relatedness(replace(study, relatives=frame))
    assert found["pairs"].tolist()[1:] == [6.0, 0.0, 0.0]
    assert np.isnan(found["pairs"].iloc[0])
    assert found["people"].iloc[1] == 12


@pytest.mark.parametrize("n", [3, 12, 40])
def test_a_small_cohort_is_described_without_small_counts(n: int) -> None:
    study = make_cohort(n, seed=n)
    found = describe(study)
    for name, frame in found.frames().items():
        for column in set(frame) & {
            "n",
            "people",
            "seen",
            "remaining",
            "lowest",
            "highest",
            "pairs",
        }:
            shown = frame[column].dropna()
            assert ((shown == 0) | (shown >= MINIMUM_CELL)).all(), (name, column)
        keys = frame.astype(str).to_csv()
        assert not any(key in keys for key in study.persons.index)


def test_a_cohort_without_scores_covariates_or_ranges_is_described() -> None:
    study = make_cohort(60)
    bare = replace(
        study,
        persons=study.persons[[]],
        scores=(),
        covariates=(),
        outcomes=tuple(replace(o, minimum=None, maximum=None) for o in study.outcomes[:3]),
        visits=study.visits[study.visits["outcome"] != HARMONISED],
    )
    found = describe(bare)
    assert found.by == ""
    assert found.distributions.empty
    assert found.ends.empty
    assert len(found.courses)
