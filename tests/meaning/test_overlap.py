"""Overlap of the highest and lowest tenth, and effects beside changes that count."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np
import pandas as pd
import pytest

from pgsicbt import AnalysisSpec, fit
from pgsicbt.errors import FitError, SpecError
from pgsicbt.figures.cohort import CohortFigure
from pgsicbt.figures.overlap import overlap_drawing
from pgsicbt.meaning.overlap import overlap
from pgsicbt.meaning.yardsticks import yardsticks
from pgsicbt.models.effects.effects import effect_sizes
from pgsicbt.outcomes import reliable_change_index
from pgsicbt.result import Result
from pgsicbt.study import OutcomeInfo, Study
from pgsicbt.words.overlap import (
    overlap_note,
    overlap_rows,
    overlap_sentence,
    yardstick_rows,
    yardstick_sentence,
)
from tests.models.example import example_study

SPEC = AnalysisSpec(scores=("PGS_A", "PGS_B"), covariates=("age", "sex"), adjustments=("adjusted",))


@pytest.fixture(scope="module")
def study() -> Study:
    return example_study(n=500)


@pytest.fixture(scope="module")
def result(study: Study) -> Result:
    return fit(study, SPEC)


def test_the_model_s_view_is_what_was_planted(study: Study, result: Result) -> None:
    post, change = overlap(study, result, "PGS_A", "adjusted")
    assert (post.about, change.about) == ("post", "change")
    assert (post.first, post.week, post.n_group) == (0.0, 12.0, 50)
    assert post.model is not None and change.model is not None
    # Tenths of a normal score lie 3.5 SD apart; -2 - 0.2 x 12 = -4.4 points per SD at week 12.
    assert post.model.difference.estimate == pytest.approx(-4.4 * 3.5, rel=0.35)
    # The planted spread: 150 + 2 x 12 x -1 + 144 x 0.3 + 25, and a little of age.
    assert post.model.sd == pytest.approx(math.sqrt(150 - 24 + 43.2 + 25), rel=0.12)
    assert change.model.sd == pytest.approx(math.sqrt(144 * 0.3 + 50), rel=0.15)
    d = post.model.difference.estimate / post.model.sd
    from scipy import stats

    assert post.model.overlap.estimate == pytest.approx(2 * stats.norm.cdf(-abs(d) / 2), abs=0.02)
    assert post.model.better.estimate > 0.6
    for view in (post.model, change.model):
        for one in (view.difference, view.overlap, view.better):
            assert one.low <= one.estimate <= one.high


def test_scale_of_the_score_and_coding_of_time_do_not_matter(study: Study, result: Result) -> None:
    ours = overlap(study, result, "PGS_A", "adjusted")
    for other in (SPEC.replace(score_scale="as_given"), SPEC.replace(time_unit="month"),
                  SPEC.replace(origin="end")):  # fmt: skip
        theirs = overlap(study, fit(study, other), "PGS_A", "adjusted")
        for a, b in zip(ours, theirs, strict=True):
            assert a.model is not None and b.model is not None
            assert a.model.difference.estimate == pytest.approx(b.model.difference.estimate, 1e-5)
            assert a.model.overlap.low == pytest.approx(b.model.overlap.low, abs=1e-6)
            assert a.model.sd == pytest.approx(b.model.sd, rel=1e-5)
            np.testing.assert_allclose(
                np.average(a.model.shape.grid, weights=a.model.shape.top),
                np.average(b.model.shape.grid, weights=b.model.shape.top), atol=1e-3,
            )  # fmt: skip


def test_a_score_of_no_effect_overlaps_wholly_at_the_upper_limit(
    study: Study, result: Result
) -> None:
    post, _ = overlap(study, result, "PGS_B", "adjusted")
    assert post.model is not None
    if post.model.difference.low < 0 < post.model.difference.high:
        assert post.model.overlap.high == 1.0
        assert post.model.better.low < 0.5 < post.model.better.high


@pytest.mark.parametrize("scale", ["z", "within"])
def test_what_was_observed_is_of_those_seen(study: Study, scale: Any) -> None:
    panic = study.persons["diagnosis"] == "panic"
    x = study.persons["PGS_A"] + np.where(panic, 20.0, 0.0)  # the raw highest tenth is of panic
    study = dataclasses.replace(study, persons=study.persons.assign(PGS_A=x), digest="moved")
    result = fit(study, SPEC.replace(score_scale=scale, ancestry="diagnosis"))
    post, _ = overlap(study, result, "PGS_A", "adjusted")
    visits = study.outcome_visits("harmonised")
    near = visits[(visits["time"] - 12).abs() <= 3].assign(away=lambda v: (v["time"] - 12).abs())
    after = near.sort_values("away", kind="stable").drop_duplicates("person").set_index("person")
    if scale == "within":
        x = x.groupby(study.persons["diagnosis"]).transform(lambda v: (v - v.mean()) / v.std())
    ranked = x.rank()
    top, bottom = (
        after["value"].reindex(ranked.index[mask]).dropna() for mask in (ranked > 450, ranked <= 50)
    )
    assert (panic[ranked > 450].mean() == 1) == (scale == "z")
    seen = post.observed
    assert seen is not None
    assert (seen.n_top, seen.n_bottom) == (len(top), len(bottom))
    assert seen.difference.estimate == pytest.approx(top.mean() - bottom.mean())
    better = np.mean(top.to_numpy()[:, None] < bottom.to_numpy()[None, :])
    assert seen.better.estimate == pytest.approx(better)


def test_other_families_and_joint_models_show_what_was_observed(study: Study) -> None:
    for spec in (SPEC.replace(family="ancova"), SPEC.replace(together=True)):
        found = overlap(study, fit(study, spec), "PGS_A", "adjusted")
        assert found[0].model is None and found[0].observed is not None
        assert "as observed" in overlap_sentence(study, fit(study, spec), found[0])


def test_refusals_name_the_thing(study: Study, result: Result) -> None:
    with pytest.raises(SpecError, match="does not give two groups"):
        overlap(study, result, "PGS_A", "adjusted", share=0.7)
    small = example_study(n=60)
    with pytest.raises(FitError, match="fewer than 8 people"):
        overlap(small, fit(small, SPEC), "PGS_A", "adjusted")


def test_sentences_and_figure_speak_of_groups(study: Study, result: Result) -> None:
    found = overlap(study, result, "PGS_A", "adjusted")
    said = overlap_sentence(study, result, found[0])
    assert said.startswith("In week 12, by the model, severity in the highest and the lowest tenth")
    assert "50 % is chance" in said
    assert "predicts nobody's outcome" in overlap_note(result, found)
    rows = overlap_rows(study, result, found)
    assert [len(r) for r in rows] == [1, 5, 5, 1, 5, 5]
    drawing = overlap_drawing(study, result, found)
    assert drawing is not None
    assert len(drawing.panels.panels) == 4
    figure = CohortFigure(drawing)
    assert "overlap" in figure.alt
    figure.static()
    assert len(figure.interactive(dark=True, narrow=True).data) >= 12


def _phq(study: Study) -> Study:
    """The example on the PHQ-9, which has all kinds of changes that count."""
    visits = study.visits.assign(outcome="PHQ-9", value=study.visits["value"] * 0.27)
    info = OutcomeInfo("PHQ-9", "PHQ-9", "PHQ-9", 0, 27, 1)
    return Study(**{**study.__dict__, "visits": visits, "outcomes": (info,), "digest": "phq"})


def test_effects_are_set_beside_changes_that_count(study: Study) -> None:
    phq = _phq(study)
    result = fit(phq, SPEC.replace(outcome="PHQ-9"))
    frame = yardsticks(phq, result, "PGS_A", "adjusted")
    effects = effect_sizes(phq, result).query("score == 'PGS_A'").set_index("quantity")
    start = phq.visits[phq.visits["time"] <= 0].drop_duplicates("person", keep="last")["value"]
    reliable = frame[(frame["yardstick"] == "reliable improvement") & (frame["about"] == "post")]
    row = reliable[reliable["points"] == 6].iloc[0]
    assert row["estimate"] == pytest.approx(effects.loc["points_at_post", "estimate"])
    assert row["share"] == pytest.approx(-row["estimate"] / 6)
    assert row["share_low"] < row["share"] < row["share_high"]
    assert row["steps"] == pytest.approx(6 / abs(row["estimate"]))
    minimal = frame[frame["yardstick"] == "minimal improvement"].iloc[0]
    assert minimal["points"] == pytest.approx(0.21 * start.mean(), rel=0.05)
    said = yardstick_sentence(phq, "PGS_A", frame)
    assert said.startswith("Of the changes that count, a standard deviation of PGS-A comes nearest")
    rows, titles = yardstick_rows(frame)
    assert len(rows) == len(titles) == len(frame) + frame["about"].nunique()


def test_the_harmonised_scale_is_told_in_each_instrument_s_points(study: Study) -> None:
    infos = (
        *study.outcomes,
        OutcomeInfo("MADRS-S", "MADRS-S", "MADRS-S", 0, 54, 1),
    )
    own = study.visits.assign(outcome="MADRS-S", value=study.visits["value"] * 0.54)
    both = Study(
        **{**study.__dict__, "outcomes": infos, "digest": "both",
           "visits": pd.concat([study.visits, own], ignore_index=True)}
    )  # fmt: skip
    result = fit(both, SPEC)
    frame = yardsticks(both, result, "PGS_A", "adjusted")
    post = effect_sizes(both, result).query("score == 'PGS_A'").set_index("quantity")
    row = frame[frame["about"] == "post"].iloc[0]
    assert row["estimate"] == pytest.approx(0.54 * post.loc["points_at_post", "estimate"])
    start = own[own["time"] <= 0].drop_duplicates("person", keep="last")["value"]
    assert row["points"] == pytest.approx(reliable_change_index(start.std(), 0.84), rel=0.1)


def test_without_a_registry_entry_there_is_nothing_to_set_beside(
    study: Study, result: Result
) -> None:
    frame = yardsticks(study, result, "PGS_A", "adjusted")
    assert frame.empty
    assert "knows no smallest change" in yardstick_sentence(study, "PGS_A", frame)
    with pytest.raises(SpecError, match="do not give points"):
        yardsticks(study, fit(study, SPEC.replace(family="dropout")), "PGS_A", "adjusted")


def test_gee_and_joint_models_give_amounts_from_their_lines(study: Study) -> None:
    phq = _phq(study)
    one = yardsticks(phq, fit(phq, SPEC.replace(outcome="PHQ-9")), "PGS_A", "adjusted")
    for change in ({"family": "gee"}, {"together": True}):
        found = yardsticks(
            phq, fit(phq, SPEC.replace(outcome="PHQ-9", **change)), "PGS_A", "adjusted"
        )
        assert list(found["about"]) == list(one["about"])
        np.testing.assert_allclose(found["estimate"], one["estimate"], rtol=0.15)
    interacting = fit(phq, SPEC.replace(outcome="PHQ-9", interactions=(("PGS_A", "sex"),)))
    with pytest.raises(SpecError, match="without interactions"):
        yardsticks(phq, interacting, "PGS_A", "adjusted")


def test_a_straggler_does_not_move_the_week_that_amounts_are_told_in(study: Study) -> None:
    phq = _phq(study)
    late = phq.visits.iloc[[0]].assign(time=40.0)
    longer = Study(
        **{**phq.__dict__, "visits": pd.concat([phq.visits, late], ignore_index=True),
           "digest": "late"}
    )  # fmt: skip
    spec = SPEC.replace(outcome="PHQ-9", together=True)
    one, other = (yardsticks(s, fit(s, spec), "PGS_A", "adjusted") for s in (phq, longer))
    np.testing.assert_allclose(other["estimate"], one["estimate"], rtol=0.02)
