"""What is said and drawn of power: the numbers of the package, no direction, real minus signs."""

from __future__ import annotations

import dataclasses

import pytest

import pgsicbt
from pgsicbt import AnalysisSpec
from pgsicbt.figures.cohort import CohortFigure
from pgsicbt.figures.export import svg_bytes
from pgsicbt.figures.power import curve_drawing, detectable_drawing, sizes_drawing
from pgsicbt.power import (
    Precision,
    Visits,
    check_power,
    detectable,
    power_curve,
    precision,
    replication_sizes,
    size_curve,
)
from pgsicbt.result import Result
from pgsicbt.study import Study
from pgsicbt.words import numbers
from pgsicbt.words.power import (
    WHY,
    amount,
    check_sentence,
    detectable_header,
    detectable_note,
    detectable_rows,
    power_answer,
    replication_rows,
    replication_sentence,
    visits_sentence,
    visits_words,
)
from tests.models.example import example_study

SPEC = AnalysisSpec(scores=("PGS_A", "PGS_B"), adjustments=("crude",))


@pytest.fixture(scope="module")
def study() -> Study:
    return example_study(n=150)


@pytest.fixture(scope="module")
def result(study: Study) -> Result:
    return pgsicbt.fit(study, SPEC)


@pytest.fixture(scope="module")
def known(study: Study, result: Result) -> Precision:
    return precision(study, result, "PGS_A", "crude", "change")


def test_the_answer_names_both_levels(study: Study, result: Result) -> None:
    table = detectable(study, result)
    change = table[table["about"] == "change"]
    one, two = change["smallest_80"].median(), change["family_80"].median()
    text = power_answer(study, result, table, "crude", None)
    assert f"finds a difference in change of {numbers.estimate(one)} points" in text
    assert f"the strictest of 2 finds {numbers.estimate(two)} points" in text
    for interest, said in ((two + 1, "within"), ((one + two) / 2, "can be missed"),
                           (one / 2, "would mostly be missed")):  # fmt: skip
        assert said in power_answer(study, result, table, "crude", interest)
    single = pgsicbt.fit(study, SPEC.replace(scores=("PGS_A",)))
    text = power_answer(study, single, detectable(study, single), "crude", None)
    assert "strictest" not in text


def test_rows_and_their_head_agree(study: Study, result: Result) -> None:
    table = detectable(study, result)
    rows = detectable_rows(study, result, table, "crude")
    assert [len(r) for r in rows] == [1, 6, 6, 1, 6, 6]
    assert len(detectable_header(result)) == 6
    assert "-" not in "".join(c for r in rows[1:3] for c in r[1:])
    assert "0.025" in detectable_note(result, table, "crude")


def test_ratios_are_told_as_ratios(study: Study) -> None:
    found = pgsicbt.fit(study, SPEC.replace(family="dropout", post_window=0.0))
    table = detectable(study, found)
    assert (table["unit"] == "log odds").all()
    text = power_answer(study, found, table, "crude", 0.18)
    assert "finds an odds ratio of" in text
    assert "points" not in text
    drawing = detectable_drawing(study, found, table, "crude")
    assert drawing is not None
    assert drawing.panels.panels[0].x.title == "odds ratio per SD"
    assert "1" in drawing.panels.panels[0].x.labels
    one = precision(study, found, "PGS_A", "crude", "outcome")
    curve = curve_drawing(study, found, one, power_curve(one))
    assert "true odds ratio" in curve.panels.panels[0].x.title


@pytest.mark.parametrize(
    ("visits", "words"),
    [
        (Visits(), "the visits and the drop-out of this cohort"),
        (Visits((0.0, 6.0, 12.0)), "visits in week 0, 6 and 12"),
        (Visits(leavers=0.2), "the visits of this cohort, and 20 % more people leaving early"),
        (Visits((0.0, 12.0), -1.0), "visits in week 0 and 12, and nobody missing one"),
    ],
)
def test_visits_in_words(visits: Visits, words: str) -> None:
    assert visits_words(visits) == words


def test_other_visits_widen_or_narrow(known: Precision) -> None:
    assert visits_sentence(known) == ""
    wide = dataclasses.replace(known, visits=Visits((0.0, 12.0)), factor=1.44)
    assert "20 % wider than here" in visits_sentence(wide)
    assert "1.44 times as many people" in visits_sentence(wide)
    assert "20 % narrower" in visits_sentence(dataclasses.replace(wide, factor=0.64))


def test_replications_are_cautious(study: Study, result: Result, known: Precision) -> None:
    strong = dataclasses.replace(known, estimate=-4 * known.std_error)
    table = replication_sizes(strong, 1.0)
    text = replication_sentence(study, result, strong, table)
    assert "likely to be too large" in text
    assert "whether it matters" not in text
    large = replication_sizes(strong, 10 * abs(strong.estimate))
    assert "whether it matters" in replication_sentence(study, result, strong, large)
    rows, means = replication_rows(study, result, strong, table)
    assert len(rows) == len(means) == 4
    assert set(means) == set(WHY.values())
    weak = dataclasses.replace(known, estimate=0.1 * known.std_error)
    text = replication_sentence(study, result, weak, replication_sizes(weak))
    assert "hardly tells whether there is any effect" in text
    rows, _ = replication_rows(study, result, weak, replication_sizes(weak))
    assert rows[-1][1:] == ["none", numbers.MISSING, numbers.MISSING]


def test_the_check_is_told_beside_the_promise(
    study: Study, result: Result, known: Precision
) -> None:
    check = check_power(study, result, "PGS_A", "crude", replicates=40)
    text = check_sentence(study, result, known, check, known.smallest(0.8))
    assert "In 40 simulated studies of 150 people" in text
    assert "80.0 % of the formula" in text
    assert amount(study, result, known.smallest(0.8), "points") in text


def test_every_figure_in_every_form(study: Study, result: Result, known: Precision) -> None:
    check = check_power(study, result, "PGS_A", "crude", replicates=5)
    curves = [("as found", size_curve(known, 2.0, [50.0, 500.0, 5000.0]))]
    for drawing in (
        detectable_drawing(study, result, detectable(study, result), "crude"),
        curve_drawing(study, result, known, power_curve(known), check, interest=1.0),
        sizes_drawing(study, known, curves),
    ):
        assert drawing is not None
        figure = CohortFigure(drawing)
        for dark in (False, True):
            for narrow in (False, True):
                assert figure.interactive(dark=dark, narrow=narrow).data
        assert svg_bytes(figure.static()) == svg_bytes(figure.static())
        assert figure.alt.endswith(".")
        assert figure.note.endswith(".")
        assert all(p.x.title for p in drawing.panels.panels)
    assert detectable_drawing(study, result, detectable(study, result), "complete") is None
