"""Whether what a score has to do with change depends on something, in words."""

from __future__ import annotations

import pytest

from pgsicbt import AnalysisSpec, fit
from pgsicbt.models.grid.multiplicity import adjust
from pgsicbt.words import numbers
from pgsicbt.words.exposures import interaction_answers
from tests.models.example import example_study

STUDY = example_study(n=200)
PAIRS = (("PGS_A", "diagnosis"), ("PGS_B", "age"))
SPEC = AnalysisSpec(
    scores=("PGS_A", "PGS_B"), covariates=("age",), adjustments=("adjusted",), interactions=PAIRS
)


def test_every_interaction_is_answered_with_its_corrected_test() -> None:
    result = fit(STUDY, SPEC)
    said = interaction_answers(result, STUDY, "adjusted")
    rows = result.table[result.table["role"] == "moderation_change"].set_index("term")["p_value"]
    p = [float(p) for term, p in rows.items() if "PGS_A:diag" in term or "PGS_B:age" in term]
    assert len(said) == len(p) == 2
    for text, one, last in zip(said, p, adjust(rows.to_numpy()[:2], "holm"), strict=True):
        assert numbers.equation("p", one) in text
        assert f"{numbers.equation('p', last)} after Holm correction over 2" in text
    assert said[0].startswith("What PGS-A has to do with change: ") and "on diagnosis" in said[0]


@pytest.mark.parametrize("corrected", [True, False])
def test_it_depends_only_where_the_corrected_test_says_so(corrected: bool) -> None:
    result = fit(STUDY, SPEC.replace(multiplicity="holm" if corrected else "none"))
    where = result.table["role"] == "moderation_change"
    result.table.loc[where, ["p_value", "p_adjusted"]] = [0.04, 0.08 if corrected else 0.04]
    for text in interaction_answers(result, STUDY, "adjusted"):
        assert ("no clear sign" in text) == corrected
        assert ("simple slopes" in text) != corrected


def test_several_levels_are_tested_together_and_outcomes_once_per_person() -> None:
    spec = SPEC.replace(interactions=(("PGS_A", "diagnosis"),), time_coding="piecewise", knot=4.0)
    result = fit(STUDY, spec)
    joint = result.table[result.table["role"] == "moderation_joint"]["p_value"].iloc[0]
    (said,) = interaction_answers(result, STUDY, "adjusted")
    assert numbers.equation("p", joint) in said and "Holm" not in said
    once = fit(STUDY, spec.replace(family="ancova", time_coding="linear", knot=None))
    assert "the outcome" in interaction_answers(once, STUDY, "adjusted")[0]
    assert interaction_answers(result, STUDY, "crude") == []
