"""Challenges: what holds, weakens and turns; small groups; other kinds of model; a contest."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import pgsicbt
from pgsicbt.errors import SpecError
from pgsicbt.figures.export import svg_bytes
from pgsicbt.figures.robustness import agreement_figure, challenges_figure, variants_figure
from pgsicbt.figures.robustness_path import PathFigure
from pgsicbt.models.resampling.influence import influence
from pgsicbt.robustness.agreement import PER_LOGIT, agreement
from pgsicbt.robustness.challenges import Challenges, challenge, verdict
from pgsicbt.robustness.proxy import Contest, contest
from pgsicbt.spec import Origin
from pgsicbt.words.robustness import (
    challenge_rows,
    challenge_sentence,
    challenges_note,
    contest_note,
    contest_sentences,
    robustness_headline,
)
from tests.robustness.example import SPEC, study


@pytest.fixture(scope="module")
def found() -> Challenges:
    return challenge(study(), SPEC)


@pytest.fixture(scope="module")
def against() -> Contest:
    return contest(study(), SPEC, "PGS_A", "schooling", replicates=60)


def _row(estimate: float, low: float, high: float) -> pd.Series:
    return pd.Series({"estimate": estimate, "conf_low": low, "conf_high": high})


@pytest.mark.parametrize(
    ("own", "variants", "said"),
    [
        ((-2, -3, -1), [(-1.9, -3, -1), (-1.5, -2.5, -0.5)], "holds"),
        ((-2, -3, -1), [(-1.9, -3.9, 0.1)], "weakens"),
        ((-2, -3, -1), [(-0.9, -1.2, -0.6)], "weakens"),
        ((-2, -3, -1), [(0.1, -1, 1.2)], "turns"),
        ((-0.1, -1, 0.8), [(0.2, -1, 1.4)], "holds"),
        ((-0.1, -1, 0.8), [(0.9, 0.1, 1.7)], "turns"),
        ((-0.1, -1, 0.8), [], "unknown"),
        ((-0.1, -1, 0.8), [(np.nan, np.nan, np.nan)], "unknown"),
    ],
)
def test_verdicts(
    own: tuple[float, float, float], variants: list[tuple[float, float, float]], said: str
) -> None:
    frame = pd.DataFrame(variants, columns=["estimate", "conf_low", "conf_high"], dtype=float)
    assert verdict(_row(*own), frame) == said


def test_the_analysis_itself_is_that_of_the_grid(found: Challenges) -> None:
    grid = pgsicbt.fit(study(), SPEC.replace(adjustments=("adjusted",)))
    for role, by in (("main", 1.0), ("interaction", found.span[1] - found.span[0])):
        row = grid.terms(role).set_index("score").loc["PGS_A"]
        mine = found.itself("PGS_A", role)
        assert mine["estimate"] == pytest.approx(by * row["estimate"], rel=1e-10)
        assert mine["conf_low"] == pytest.approx(by * row["conf_low"], rel=1e-8)
        assert mine["p_value"] == pytest.approx(row["p_value"], rel=1e-6)


def test_leaving_out_a_group_is_fitting_the_others(found: Challenges) -> None:
    left = next(c for c in found.challenges if c.key == "diagnosis")
    kept = SPEC.replace(
        adjustments=("adjusted",), without=("diagnosis", "MDD"), covariates=("age", "sex", "batch")
    )
    fewer, whole = pgsicbt.fit(study(), kept), pgsicbt.fit(study(), SPEC)
    row = fewer.terms("main").set_index("score").loc["PGS_A"]
    mine = left.rows("PGS_A", "main").set_index("variant").loc["without MDD"]
    # A step stays what it is among the people of the analysis itself.
    step = whole.fit_of("PGS_A", "adjusted").score_sd / fewer.fit_of("PGS_A", "adjusted").score_sd
    assert step != 1
    assert mine["estimate"] == pytest.approx(step * row["estimate"], rel=1e-9)
    assert mine["n_persons"] + mine["lost_persons"] == found.n_persons


def test_a_group_of_few_is_not_left_out_alone(found: Challenges) -> None:
    batches = next(c for c in found.challenges if c.key == "batch")
    assert set(batches.table["variant"]) == {"without B1", "without B2"}
    assert "fewer than 8 people" in batches.failed[0]


def test_outlier_rules_that_leave_out_a_few_say_nothing_of_them(found: Challenges) -> None:
    rules = next(c for c in found.challenges if c.key == "outliers")
    rows = rules.rows("PGS_A", "main")
    few = rows["lost_persons"].between(1, 7) | rows["lost_observations"].between(1, 7)
    assert few.any()
    assert rows.loc[few, ["estimate", "conf_low", "p_value"]].isna().all(axis=None)
    shown = [" ".join(r) for r in challenge_rows(study(), found, rules, "PGS_A")]
    assert any("fewer than 8" in text for text in shown)


def test_without_influential_people_is_the_refit_of_the_influence_checks(
    found: Challenges,
) -> None:
    left = next(c for c in found.challenges if c.key == "influence")
    spec = SPEC.replace(adjustments=("adjusted",))
    for score in SPEC.scores:
        checked = influence(study(), pgsicbt.fit(study(), spec), score, "adjusted").summary()
        row = checked[checked["rule"] == "cook"].set_index("term").loc[score]
        mine = left.rows(score, "main").iloc[0]
        assert mine["lost_persons"] == row["people_beyond"] >= 8
        assert mine["p_value"] == pytest.approx(row["p_value_without"], rel=1e-3)


def test_change_is_told_over_the_same_weeks_in_every_coding(found: Challenges) -> None:
    times = next(c for c in found.challenges if c.key == "weeks")
    rows = times.rows("PGS_A", "interaction").set_index("variant")
    own = found.itself("PGS_A", "interaction")["estimate"]
    assert found.span == (0.0, 12.0)
    assert rows["estimate"].between(1.6 * own, 0.4 * own).all()
    assert "log(week + 1) from week 0" in rows.index


def test_words_and_figures_say_the_same(found: Challenges) -> None:
    made = study()
    headline = robustness_headline(made, found, "PGS_A")
    assert "goes with severity at the start" in headline
    drawn = challenges_figure(made, found, "PGS_A")
    assert len(drawn.rows.labels) == len(found.challenges) == 8
    texts = [m.text for m in drawn.rows.panels[0].marks]
    assert texts == [found.verdict(c, "PGS_A", "main") for c in found.challenges]
    for challenge_ in found.challenges:
        said = challenge_sentence(made, found, challenge_, "PGS_A", "main")
        assert found.verdict(challenge_, "PGS_A", "main") in said
        figure = variants_figure(made, found, challenge_, "PGS_A")
        assert len(figure.interactive(narrow=True).data) > 0
    assert b"<svg" in svg_bytes(drawn.static())


def test_models_of_every_kind_on_one_axis() -> None:
    made = study()
    agreed = agreement(made, SPEC)
    table = agreed.table[agreed.table["score"] == "PGS_A"].set_index("family")
    sd = agreed.sd["harmonised"]
    grid = pgsicbt.fit(made, SPEC.replace(adjustments=("adjusted",), family="ancova"))
    row = grid.terms("outcome").set_index("score").loc["PGS_A"]
    assert table.loc["ancova", "estimate"] == pytest.approx(row["estimate"] / sd, rel=1e-9)
    assert (table["estimate"] < 0).all()
    assert table["estimate"].abs().max() < 0.5
    assert pytest.approx(0.5513, abs=1e-4) == PER_LOGIT
    figure = agreement_figure(made, agreed, "PGS_A")
    assert len(figure.interactive().data) >= len(table)
    assert b"<svg" in svg_bytes(figure.static())


def test_a_trait_that_adds_nothing_takes_little_from_the_score(against: Contest) -> None:
    lost = against.shrinks.set_index(["who", "role"])
    assert lost.loc[("score", "main"), "share"] < 0.3
    alone = against.row("trait", "main", "alone")
    assert abs(alone["estimate"]) < alone["std_error"]
    assert np.isnan(lost.loc[("trait", "main"), "share"])  # no share of nothing
    low, high = lost.loc[("score", "main"), ["points_low", "points_high"]]
    assert low < lost.loc[("score", "main"), "points"] < high
    assert against.path[1] < against.path[0] < against.path[2]
    assert against.correlation == pytest.approx(0.5, abs=0.12)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"knot": 11.5}, ["until week 11: The knot at week 11.5 is not inside the chosen weeks."]),
        ({"knot": 5.0, "random": "intercept+slope+second", "simplify": False}, []),
    ],
)
def test_what_no_variant_can_be_made_of_is_left_out_by_name(
    changes: dict[str, Any], named: list[str]
) -> None:
    bent = SPEC.replace(scores=("PGS_A",), time_coding="piecewise", **changes)
    found = challenge(study(), bent)
    weeks = next(c for c in found.challenges if c.key == "weeks")
    assert "a straight line" in set(weeks.table["variant"])
    assert list(weeks.failed) == named


def test_a_straggler_stretches_no_variant() -> None:
    made = study()
    late = made.visits.iloc[[0]].assign(time=40.0)
    longer = replace(made, visits=pd.concat([made.visits, late], ignore_index=True))
    found = challenge(longer, SPEC.replace(scores=("PGS_A",)))
    weeks = next(c for c in found.challenges if c.key == "weeks")
    assert list(dict.fromkeys(weeks.table["variant"])) == [
        "from week 0", "until week 11", "two lines that meet in week 6",
        "log(week + 1) from week 0",
    ]  # fmt: skip
    assert not weeks.failed


@pytest.mark.parametrize("origin", ["middle", "end"])
def test_severity_is_that_of_week_0_wherever_the_analysis_has_it(
    origin: Origin, found: Challenges, against: Contest
) -> None:
    elsewhere = SPEC.replace(scores=("PGS_A",), origin=origin)
    there = challenge(study(), elsewhere)
    for role in ("main", "interaction"):
        mine, want = there.itself("PGS_A", role), found.itself("PGS_A", role)
        assert mine["estimate"] == pytest.approx(want["estimate"], rel=1e-6)
        assert mine["conf_low"] == pytest.approx(want["conf_low"], rel=1e-6)
    alone = contest(study(), elsewhere, "PGS_A", "schooling", replicates=0)
    for who in ("score", "trait"):
        assert alone.row(who, "main", "together")["estimate"] == pytest.approx(
            against.row(who, "main", "together")["estimate"], rel=1e-6
        )


def test_severity_before_the_first_week_analysed_is_said_to_be_extrapolated() -> None:
    made, late = study(), SPEC.replace(scores=("PGS_A",), first_week=4.0)
    told = challenge(made, late)
    against = contest(made, late, "PGS_A", "schooling", replicates=0)
    assert told.span == against.span == (4.0, 12.0)
    for note in (challenges_note(made, told), contest_note(made, against)):
        assert "Nothing before week 4 is analysed, so that severity in week 0 is extrap" in note
    usual = contest(made, SPEC.replace(scores=("PGS_A",)), "PGS_A", "schooling", replicates=0)
    assert "extrapolated" not in contest_note(made, usual)
    assert "change from week 0 to week 12" in contest_note(made, usual)


@pytest.mark.parametrize(
    "changes",
    [
        {"df": "kenward-roger"},
        {"time_coding": "piecewise", "knot": 5.0, "random": "intercept+slope+second"},
    ],
)
def test_every_kind_of_model_is_made_whatever_the_analysis_has(changes: dict[str, Any]) -> None:
    made, one = study(), SPEC.replace(scores=("PGS_A",))
    agreed = agreement(made, one.replace(**changes))
    assert not agreed.failed
    plainly = agreement(made, one).table.set_index("label")["estimate"]
    table = agreed.table.set_index("label")
    assert list(table.index) == list(plainly.index)
    assert table["estimate"].to_numpy() == pytest.approx(plainly.to_numpy(), rel=1e-4)
    robust = pgsicbt.fit(made, one.replace(adjustments=("adjusted",), errors="CR2"))
    row = robust.terms("interaction").iloc[0]
    mine = table.loc["Linear mixed model, robust errors"]
    assert mine["p_value"] == pytest.approx(row["p_value"], rel=1e-6)


def test_more_is_said_only_where_the_resamples_tell(against: Contest) -> None:
    row = against.ahead.set_index("role").loc["main"]
    sizes = [abs(against.row(w, "main", "alone")["estimate"]) for w in ("trait", "score")]
    assert row["points"] == pytest.approx(sizes[0] - sizes[1])
    assert row["low"] < row["points"] < row["high"]
    said = contest_sentences(study(), against)[0]
    sure = row["low"] > 0 or row["high"] < 0
    assert ("cannot be told" in said) != sure
    assert ("so that schooling goes with" in said) == sure


def test_the_contest_is_ordinary_models_on_the_same_people(against: Contest) -> None:
    made = study()
    fitted = pgsicbt.fit(made, SPEC.replace(
        scores=("PGS_A",), adjustments=("adjusted",), covariates=(*SPEC.covariates, "schooling")
    ))  # fmt: skip
    row = fitted.terms("main").iloc[0]
    mine = against.row("score", "main", "together")
    assert mine["estimate"] == pytest.approx(row["estimate"], rel=1e-8)
    assert mine["std_error"] == pytest.approx(row["std_error"], rel=1e-8)


def test_resampling_both_models_alike_and_again_gives_the_same(against: Contest) -> None:
    again = contest(study(), SPEC, "PGS_A", "schooling", replicates=60)
    pd.testing.assert_frame_equal(again.shrinks, against.shrinks)


def test_the_path_picture_and_its_words(against: Contest) -> None:
    made = study()
    figure = PathFigure(against, made, "main")
    assert [label for _, label in figure.boxes] == ["PGS-A", "schooling", "Severity at the start"]
    assert len(figure.interactive(dark=True).layout.shapes) == 6
    assert b"<svg" in svg_bytes(figure.static())
    assert all("−" in s for s in contest_sentences(made, against))


def test_without_a_score_nothing_is_challenged() -> None:
    with pytest.raises(SpecError, match="no score"):
        challenge(study(n=40), SPEC.replace(scores=()))
    with pytest.raises(SpecError, match="no score"):
        agreement(study(n=40), SPEC.replace(scores=()))
