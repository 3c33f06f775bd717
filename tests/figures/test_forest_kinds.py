"""The forest plot of other kinds of models: one panel, ratios on a logarithmic axis."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from pgsicbt.figures.export import svg_bytes
from pgsicbt.figures.forest import (
    forest_alt,
    forest_interactive,
    forest_note,
    forest_rows,
    forest_static,
)
from pgsicbt.models import fit
from pgsicbt.report import html_report
from pgsicbt.result import Result
from pgsicbt.spec import AnalysisSpec
from pgsicbt.words import coefficient, headline, method_facts, pretty_term
from pgsicbt.words.families import outcome_facts, outcome_sentence, ratio_ticks
from pgsicbt.words.passages import passages
from tests.models.example import example_study
from tests.models.families.test_person_level import CASES, STUDY

PERSON = ("ancova", "change", "response", "ordinal", "tobit", "dropout", "cox")
LONG = example_study(n=150)
LONG_SPEC = AnalysisSpec(
    scores=("PGS_A", "PGS_B"), covariates=("age",), adjustments=("crude", "adjusted")
)


def _result(name: str) -> Result:
    return fit(STUDY, CASES[name].replace(adjustments=("crude", "adjusted")))


@pytest.mark.parametrize("name", PERSON)
def test_one_panel_with_every_model_and_a_note_that_names_the_kind(name: str) -> None:
    result = _result(name)
    rows = forest_rows(result)
    assert set(rows["role"]) == {"outcome"}
    figure = forest_interactive(rows, result, STUDY)
    assert "xaxis2" not in figure.to_plotly_json()["layout"]
    assert forest_interactive(rows, result, STUDY, narrow=True).layout.height > 100
    assert svg_bytes(forest_static(rows, result, STUDY)).startswith(b"<?xml")
    note = forest_note(rows, result, STUDY)
    assert "mixed model" not in note
    assert "people" in note
    assert headline(result, STUDY, "adjusted") in forest_alt(rows, result, STUDY)


@pytest.mark.parametrize("name", ["response", "dropout", "ordinal", "cox"])
def test_ratios_are_printed_as_such_and_marked_at_their_logarithm(name: str) -> None:
    result = _result(name)
    row = result.terms("outcome", adjustment="adjusted").iloc[0]
    rows = forest_rows(result)
    figure = forest_interactive(rows, result, STUDY).to_plotly_json()
    assert "1" in figure["layout"]["xaxis"]["ticktext"]
    at = dict(zip(figure["layout"]["xaxis"]["ticktext"], figure["layout"]["xaxis"]["tickvals"],
                  strict=True))  # fmt: skip
    assert at["1"] == 0
    said = outcome_sentence(result, STUDY, "x", "adjusted")
    assert f"{math.exp(row['estimate']):.2f} times as high" in said
    drawn = [a["text"] for a in figure["layout"]["annotations"]]
    assert any(f"{math.exp(row['estimate']):.2f}" in text for text in drawn)


@pytest.mark.parametrize("name", PERSON)
def test_every_row_has_a_name_and_a_sentence(name: str) -> None:
    result = _result(name)
    for _, row in result.table.iterrows():
        assert pretty_term(row, result, STUDY)
        assert coefficient(row, result, STUDY).endswith(".")
    assert len(outcome_facts(result)) >= 3
    assert len(passages(result, STUDY, "x", "adjusted")) == 3


def test_the_tests_of_least_squares_are_named_by_their_degrees_of_freedom() -> None:
    result = _result("ancova")
    residual = "t with the residual degrees of freedom"
    assert dict(outcome_facts(result))["Tests"] == residual
    robust = replace(result, spec=result.spec.replace(errors="CR2"))
    assert "those of the robust errors" in dict(outcome_facts(robust))["Tests"]
    normal = replace(result, spec=result.spec.replace(df="normal"))
    assert dict(outcome_facts(normal))["Tests"] == "normal distribution"


@pytest.mark.parametrize("name", ["ancova", "response"])
def test_the_report_has_no_course_and_all_the_rest(name: str) -> None:
    html = html_report(_result(name), STUDY)
    assert html.count("<svg") == 1
    assert "Every coefficient" in html


@pytest.mark.parametrize("family", ["mmrm", "clda", "gee"])
def test_models_of_visits_say_what_they_are(family: str) -> None:
    result = fit(LONG, LONG_SPEC.replace(family=family))
    rows = forest_rows(result)
    note = forest_note(rows, result, LONG)
    assert {"mmrm": "MMRM", "clda": "cLDA", "gee": "GEE"}[family] in note
    assert "Linear mixed" not in note
    facts = dict(method_facts(result))
    assert ("Working correlation" in facts) == (family == "gee")
    assert " of 2" in headline(result, LONG, "adjusted")
    assert result.to_json()
    said = passages(result, LONG, "PGS_A", "adjusted")
    assert said[0][1].startswith("This model gives everybody") == (family == "clda")
    assert forest_interactive(rows, result, LONG).layout.height > 100
    assert html_report(result, LONG).count("<svg") == 2


def test_ticks_of_ratios_are_few_and_hold_one() -> None:
    for low, high in [(-0.1, 0.1), (-0.5, 0.8), (-3, 2), (-0.02, 0.01)]:
        values, labels = ratio_ticks(low, high, 5)
        assert "1" in labels
        assert len(values) == len(set(labels)) <= 6
        assert values == sorted(values)
