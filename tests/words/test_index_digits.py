"""Indices between 0 and 1, such as that of the EQ-5D, are shown with the decimals they need."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

import pgsicbt
from pgsicbt.figures.course import CourseFigure, DifferenceFigure
from pgsicbt.figures.robustness import challenges_figure, variants_figure
from pgsicbt.figures.robustness_curve import CurveFigure
from pgsicbt.figures.robustness_path import PathFigure
from pgsicbt.meaning.overlap import overlap
from pgsicbt.meaning.yardsticks import yardsticks
from pgsicbt.models.course.course import course
from pgsicbt.models.effects.effects import effect_sizes
from pgsicbt.result import Result
from pgsicbt.robustness.agreement import agreement
from pgsicbt.robustness.challenges import challenge
from pgsicbt.robustness.curve import specification_curve
from pgsicbt.robustness.proxy import contest
from pgsicbt.study import OutcomeInfo, Study
from pgsicbt.words.effects import effect_table
from pgsicbt.words.overlap import overlap_rows, overlap_sentence, yardstick_rows
from pgsicbt.words.robustness import (
    agreement_note,
    challenge_rows,
    challenge_sentence,
    contest_sentences,
    curve_sentence,
)
from tests.robustness.example import SPEC
from tests.robustness.example import study as points_study

INDEX = "EQ-5D-3L (UK)"
WIDE = SPEC.replace(scores=("PGS_A",), outcome=INDEX, adjustments=("adjusted",))


@pytest.fixture(scope="module")
def study() -> Study:
    """The example of the robustness tests on the EQ-5D index, a hundredth of its points."""
    made = points_study()
    visits = made.visits.assign(outcome=INDEX, value=1 - made.visits["value"] / 100)
    info = OutcomeInfo(INDEX, INDEX, INDEX, -0.594, 1, 0.001, higher_is_worse=False)
    return replace(made, visits=visits, outcomes=(info,), digest="index")


@pytest.fixture(scope="module")
def result(study: Study) -> Result:
    return pgsicbt.fit(study, WIDE)


def decimals(text: str) -> set[int]:
    """How many decimals the numbers of a text have, of those that have any."""
    return {len(found) for found in re.findall(r"\d\.(\d+)", text)}


def test_challenges_own_traits_and_curves(study: Study) -> None:
    found = challenge(study, WIDE)
    weeks = next(c for c in found.challenges if c.key == "weeks")
    for row in challenge_rows(study, found, weeks, "PGS_A"):
        assert decimals(" ".join(row[3:])) == {3}
    assert decimals(challenge_sentence(study, found, weeks, "PGS_A", "main")) == {3}
    for drawn in (
        challenges_figure(study, found, "PGS_A"),
        variants_figure(study, found, weeks, "PGS_A"),
    ):
        hovers = [h for m in drawn.rows.panels[0].marks for h in m.hover]
        assert hovers and all(decimals(h.split(": ")[1]) == {3} for h in hovers)
    against = contest(study, WIDE, "PGS_A", "schooling", replicates=60)
    assert decimals(" ".join(contest_sentences(study, against))) == {3}
    assert decimals(" ".join(PathFigure(against, study, "main").arrows[1].label)) == {3}
    curve = specification_curve(study, WIDE, specs=12, permutations=9)
    said = curve_sentence(study, curve, "PGS_A", "main")
    assert decimals(said.split("(")[0]) == {3}
    drawn_curve = CurveFigure(curve, study, "PGS_A", "main").interactive()
    texts = [h for t in drawn_curve.data for h in (t.hovertext or ()) if "p " in h]
    assert texts and all(decimals(h.split(")")[0]) == {3} for h in texts)
    agreed = agreement_note(agreement(study, WIDE))
    assert re.search(r"\(0\.\d{3} \(", agreed)


def test_overlap_and_changes_that_count(study: Study, result: Result) -> None:
    found = overlap(study, result, "PGS_A", "adjusted")
    assert re.search(r"means differ by 0\.\d{3} points", overlap_sentence(study, result, found[0]))
    rows = [row for row in overlap_rows(study, result, found) if len(row) == 5]
    assert all(decimals(row[2]) == {3} for row in rows)
    frame = yardsticks(study, result, "PGS_A", "adjusted")
    cells = [row for row in yardstick_rows(frame)[0] if len(row) > 1]
    minimal = next(row for row in cells if row[0].startswith("Minimal"))
    assert minimal[1] == "0.074"
    assert decimals(minimal[2]) == {4}


def test_effect_sizes_and_courses(study: Study, result: Result) -> None:
    effects = effect_sizes(study, result)
    rows = {
        row[0]: row[1] for row in effect_table(effects[effects["score"] == "PGS_A"], "points", 3)
    }
    assert decimals(rows["Difference in change"]) == {3}
    drawn = course(study, result, "PGS_A", "adjusted")
    assert decimals(CourseFigure(drawn, result, study).alt.split("from week")[1]) == {2}
    assert decimals(DifferenceFigure(drawn, result, study).alt) == {3}
