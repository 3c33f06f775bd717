"""One sentence for every row of a table."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pgsicbt import AnalysisSpec, fit
from pgsicbt.study import CovariateInfo
from pgsicbt.words import coefficient, pretty_term
from tests.figures.example import make_result, make_study
from tests.models.example import example_study

STUDY = make_study()
RESULT = make_result(STUDY)


def _row(term: str, adjustment: str = "adjusted", score: str = "PGS_EDU") -> pd.Series:
    t = RESULT.table
    return t[(t["score"] == score) & (t["model"] == adjustment) & (t["term"] == term)].iloc[0]


@pytest.mark.parametrize(
    ("term", "sentence"),
    [
        ("age", "At the start of treatment, people one year older scored 0.05 points lower "
         "(−0.09 to −0.01) on the 0-100 scale."),
        ("sex[T.male]", "At the start of treatment, men scored 1.31 points lower than women "
         "(−2.19 to −0.43) on the 0-100 scale."),
        ("diagnosis[T.panic]", "At the start of treatment, people with diagnosis panic scored "
         "2.60 points lower than people with diagnosis MDD (−3.58 to −1.62) on the 0-100 scale."),
        ("PC1", "PC1 is in the model to adjust for ancestry. A component has no unit of its own, "
         "so this coefficient is not read by itself."),
        ("time:age", "The data show no clear difference in change per year of age "
         "(95 % interval −0.002 to 0.003 points a week)."),
        ("time:sex[T.male]", "In men, symptoms fell 0.06 points a week less than in women "
         "(95 % interval 0.01 to 0.10), about 0.7 points by week 12, "
         "4 % of the average improvement."),
        ("(Intercept)", "This is the level at the start of treatment where PGS-EDU is average, "
         "age is zero and every group is the first: it completes the model and describes nobody. "
         "The average course is among the trajectories."),
        ("time", "This is part of the course where PGS-EDU is average, age is zero and every "
         "group is the first: it completes the model and describes nobody. "
         "The average course is among the trajectories."),
        ("PGS_EDU", "At the start of treatment, people one standard deviation higher on PGS-EDU "
         "scored 0.69 points lower (−1.33 to −0.05) on the 0-100 scale."),
        ("time:PGS_EDU", "Per standard deviation of PGS-EDU, symptoms fell 0.04 points a week "
         "more (95 % interval 0.01 to 0.07), about 0.5 points by week 12, "
         "3 % of the average improvement."),
    ],
)  # fmt: skip
def test_adjusted_model(term: str, sentence: str) -> None:
    assert coefficient(_row(term), RESULT, STUDY) == sentence


def test_a_covariate_of_zeros_and_ones_is_told_as_two_groups() -> None:
    persons = STUDY.persons.assign(age=(STUDY.persons["age"] > 40).astype(float))
    infos = [replace(c, label="parent") if c.name == "age" else c for c in STUDY.covariates]
    study = replace(STUDY, persons=persons, covariates=tuple(infos))
    assert coefficient(_row("age"), RESULT, study) == (
        "At the start of treatment, people with parent 1 scored 0.05 points lower "
        "than those with 0 (\u22120.09 to \u22120.01) on the 0-100 scale."
    )
    assert coefficient(_row("time:age"), RESULT, study).startswith(
        "The data show no clear difference in change between parent 1 and 0 (95 %"
    )


def test_crude_model_speaks_of_average_scores() -> None:
    assert coefficient(_row("(Intercept)", "crude"), RESULT, STUDY) == (
        "At the start of treatment, people with an average PGS-EDU scored 44.20 points "
        "(43.40 to 45.00) on the 0-100 scale."
    )
    assert coefficient(_row("time", "crude"), RESULT, STUDY).startswith(
        "People with an average PGS-EDU: symptoms fell 1.39 points a week"
    )


def test_every_row_has_a_sentence_and_a_name() -> None:
    for _, row in RESULT.table.iterrows():
        assert coefficient(row, RESULT, STUDY).endswith(".")
        assert pretty_term(row, RESULT, STUDY)


def test_groups_that_are_not_sexes_are_named_by_their_level() -> None:
    infos = tuple(
        CovariateInfo("sex", "sex", "categorical", levels=("1", "2")) if c.name == "sex" else c
        for c in STUDY.covariates
    )
    persons = STUDY.persons.assign(sex="1")
    study = replace(STUDY, covariates=infos, persons=persons)
    fits = tuple(replace(f, references={"sex": "1"}) for f in RESULT.fits)
    row = _row("sex[T.male]").copy()
    row["term"] = "sex[T.2]"
    text = coefficient(row, replace(RESULT, fits=fits), study)
    assert "people with sex 2 scored 1.31 points lower than people with sex 1" in text


@pytest.mark.parametrize("family", ["lmm", "gee", "ancova"])
def test_the_group_named_for_comparison_is_the_one_that_the_model_has(family: str) -> None:
    made = example_study(n=200)
    levels = ("A", "B", "C", "D")
    # The people of A have no visit, so they are in the study and not among those analysed.
    group = np.array([levels[i % 4] for i in range(len(made.persons))])
    unseen = made.persons.index[group == "A"]
    study = replace(
        made,
        persons=made.persons.assign(group=group),
        visits=made.visits[~made.visits["person"].isin(unseen)],
        covariates=(
            *made.covariates,
            CovariateInfo("group", "group", "categorical", levels=levels),
        ),
    )
    spec = AnalysisSpec(
        scores=("PGS_A",), covariates=("group",), adjustments=("adjusted",), family=family,
        interactions=(("PGS_A", "group"),),
    )  # fmt: skip
    result = fit(study, spec)
    assert result.fits[0].references == {"group": "B"}
    assert "group[T.B]" not in set(result.table["term"])
    said = {str(r["term"]): coefficient(r, result, study) for _, r in result.table.iterrows()}
    if family == "ancova":
        return
    assert "people with group B" in said["group[T.C]"]
    assert "group (C against B)" in said["PGS_A:group[T.C]"] or (
        "among people with group C than B" in said["PGS_A:group[T.C]"]
    )
    assert not any("group A" in text or "than A" in text for text in said.values())


def test_names_of_terms() -> None:
    shown = {
        t: pretty_term(_row(t), RESULT, STUDY) for t in ("time:PGS_EDU", "sex[T.male]", "time:age")
    }
    assert shown == {
        "time:PGS_EDU": "PGS-EDU × time",
        "sex[T.male]": "sex: male",
        "time:age": "age × time",
    }


def test_failed_rows() -> None:
    text = coefficient(_row("PGS_SCZ", "complete", "PGS_SCZ"), RESULT, STUDY)
    assert text == "The complete model of PGS-SCZ could not be fitted, so there is no estimate."
