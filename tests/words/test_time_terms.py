"""Sentences about analyses in which time is no straight line, or zero elsewhere."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pgsicbt.models.course.trajectories import difference, mean_change, predicted
from pgsicbt.result import Result
from pgsicbt.words import (
    analysis_line,
    coefficient,
    define,
    group_note,
    headline,
    interaction,
    joint,
    main_effect,
    method_facts,
    numbers,
    pretty_term,
    timing,
)
from pgsicbt.words.method import intervals_rest_on, method_words
from pgsicbt.words.scale import course, score_row
from tests.figures.example import with_row
from tests.words.codings import CODINGS, STUDY, fitted

A = "PGS_A"
CURVED = [c for c in CODINGS if c != "linear"]
WHERE = {
    "start": ("At the start of treatment, ", "Severity at the start"),
    "middle": ("Half-way, at week 5, ", "Severity half-way (week 5)"),
    "end": ("At week 12, ", "Severity at week 12"),
}


def _sentence(result: Result, term: str) -> str:
    t = result.table
    return coefficient(t[(t["score"] == A) & (t["term"] == term)].iloc[0], result, STUDY)


def _set(result: Result, term: str, estimate: float, low: float, high: float) -> Result:
    table = result.table.copy()
    where = (table["score"] == A) & (table["term"] == term)
    table.loc[where, ["estimate", "conf_low", "conf_high"]] = [estimate, low, high]
    return replace(result, table=table)


@pytest.mark.parametrize("origin", ["middle", "end"])
@pytest.mark.parametrize("coding", ["linear", "spline", "categorical"])
def test_a_main_effect_says_where_it_stands(coding: str, origin: str) -> None:
    result = with_row(
        fitted(coding, origin), A, "adjusted", "main", estimate=-2.0, conf_low=-3, conf_high=-1
    )
    said, title = WHERE[origin]
    if (coding, origin) == ("categorical", "middle"):  # the planned week nearest to week 5
        said, title = said.replace("5", "4"), title.replace("5", "4")
    text = main_effect(result, STUDY, A, "adjusted")
    assert text == (
        f"{said}people one standard deviation higher scored 2.00 points lower (−3.00 to −1.00) "
        "on the 0-100 scale."
    )
    assert timing(result).severity == title
    assert "chang" not in text
    null = with_row(result, A, "adjusted", "main", conf_low=-3.0, conf_high=1.0)
    assert timing(result).at in main_effect(null, STUDY, A, "adjusted")
    assert timing(result).at in headline(result, STUDY, "adjusted")


def test_half_way_is_said_only_of_what_is_half_way() -> None:
    when = timing(fitted("categorical", "middle"))
    far = replace(when, basis=replace(when.basis, origin=0.0))
    assert far.at == "at week 0"
    assert replace(far, origin="start").at == "at the start of treatment"
    long = replace(timing(fitted("linear", "middle")).basis, last_week=40.0, seen_last=12.0)
    assert replace(when, basis=long).at.startswith("half-way (at week 5")


@pytest.mark.parametrize("coding", CURVED)
def test_change_is_told_over_all_weeks(coding: str) -> None:
    result = fitted(coding)
    row = score_row(result, A, "adjusted", "interaction")
    assert row is not None
    text = interaction(result, STUDY, A, "adjusted")
    assert text.startswith("Per standard deviation of PGS-A, symptoms fell ")
    assert f"{numbers.estimate(-row['estimate'])} points more from week 0 to week 12" in text
    assert " a week" not in text
    assert text.endswith(" % of the average improvement.")
    ends = [0.0, 12.0]
    gap = difference(result, A, "adjusted", ends)["estimate"].to_numpy()
    assert row["estimate"] == pytest.approx(gap[1] - gap[0])


@pytest.mark.parametrize("coding", CURVED)
def test_the_average_course_is_that_of_the_model(coding: str) -> None:
    result = fitted(coding)
    along = course(result, STUDY, A, "adjusted")
    line = predicted(result, A, "adjusted", [along.first, along.week], [0.0])["estimate"]
    assert along.change == pytest.approx(line.iloc[1] - line.iloc[0])
    assert along.improvement == pytest.approx(-along.change)
    assert along.week == 12


def test_a_straight_course_still_runs_from_the_start() -> None:
    result = fitted("linear", "end")
    along = course(result, STUDY, A, "adjusted")
    assert (along.first, along.week) == (0, 12)
    assert along.change == pytest.approx(mean_change(result, A, "adjusted", 12))
    assert " a week more " in interaction(result, STUDY, A, "adjusted")


@pytest.mark.parametrize("coding", CURVED)
def test_nulls_over_all_weeks_say_what_is_excluded(coding: str) -> None:
    null = with_row(
        fitted(coding), A, "adjusted", "interaction", estimate=0.1, conf_low=-0.3, conf_high=0.5
    )
    text = interaction(null, STUDY, A, "adjusted")
    assert text.startswith(
        "The data exclude a difference of more than 0.5 points in change from week 0 to "
        "week 12 per standard deviation of PGS-A, "
    )
    assert text.endswith(" (95 % interval −0.30 to 0.50 points).")
    assert "cannot tell" in interaction(null, STUDY, A, "adjusted", interest=0.2)


def test_a_difference_beyond_the_average_change_turns_the_course() -> None:
    turned = with_row(
        fitted("spline"), A, "adjusted", "interaction", estimate=60.0, conf_low=50, conf_high=70
    )
    assert "symptoms moved 60.00 points further upwards from week 0 to week 12" in interaction(
        turned, STUDY, A, "adjusted"
    )


@pytest.mark.parametrize(
    ("coding", "term", "clear", "null"),
    [
        ("log", f"log(week + 1):{A}",
         "Per standard deviation of PGS-A, symptoms moved 0.69 points further downwards with every "
         "doubling of week + 1 (95 % interval 0.35 to 1.04).",
         "The data show no clear difference in change with every doubling of week + 1 per standard "
         "deviation of PGS-A (95 % interval −1.04 to 0.35 points)."),
        ("piecewise", f"time:{A}",
         "Per standard deviation of PGS-A, symptoms moved 1.00 points a week further downwards up "
         "to week 6 (95 % interval 0.50 to 1.50).",
         "The data show no clear difference in change up to week 6 per standard deviation of PGS-A "
         "(95 % interval −1.500 to 0.500 points a week)."),
        ("piecewise", f"time_after_6:{A}",
         "Per standard deviation of PGS-A, the slope of symptoms turned 1.00 points a week further "
         "downwards at week 6 (95 % interval 0.50 to 1.50).",
         "The data show no clear difference in the bend at week 6 per standard deviation of PGS-A "
         "(95 % interval −1.500 to 0.500 points a week)."),
        ("categorical", f"week[T.4]:{A}",
         "Per standard deviation of PGS-A, symptoms in week 4 stood 1.00 points lower, relative to "
         "the start of treatment (95 % interval −1.50 to −0.50).",
         "The data show no clear difference in how far week 4 stands from the start of treatment "
         "per standard deviation of PGS-A (95 % interval −1.50 to 0.50 points)."),
        ("categorical", "week[T.4]:sex[T.male]",
         "In men, symptoms in week 4 stood 1.00 points lower than in women, relative to the start "
         "of treatment (95 % interval −1.50 to −0.50).",
         "The data show no clear difference in how far week 4 stands from the start of treatment "
         "between men and women (95 % interval −1.50 to 0.50 points)."),
        ("piecewise", "time_after_6:age",
         "Per year of age, the slope of symptoms turned 1.00 points a week further downwards at "
         "week 6 (95 % interval 0.50 to 1.50).",
         "The data show no clear difference in the bend at week 6 per year of age "
         "(95 % interval −1.500 to 0.500 points a week)."),
    ],
)  # fmt: skip
def test_products_with_the_columns_of_time(coding: str, term: str, clear: str, null: str) -> None:
    assert _sentence(_set(fitted(coding), term, -1, -1.5, -0.5), term) == clear
    assert _sentence(_set(fitted(coding), term, -0.5, -1.5, 0.5), term) == null


@pytest.mark.parametrize(
    ("coding", "term", "clear", "null"),
    [
        ("log", "log(week + 1)", "symptoms fell 0.69 points with every doubling of week + 1 "
         "(95 % interval 0.35 to 1.04).", "no clear change with every doubling of week + 1 "),
        ("piecewise", "time", "symptoms fell 1.00 points a week up to week 6 "
         "(95 % interval 0.50 to 1.50).", "no clear change up to week 6 "),
        ("piecewise", "time_after_6", "the slope of symptoms turned 1.00 points a week downwards "
         "at week 6 (95 % interval 0.50 to 1.50).", "no clear bend at week 6 "),
        ("categorical", "week[T.4]", "symptoms in week 4 stood 1.00 points lower, relative to the "
         "start of treatment (95 % interval −1.50 to −0.50).",
         "no clear difference between week 4 and the start of treatment "),
    ],
)  # fmt: skip
def test_columns_of_time_themselves(coding: str, term: str, clear: str, null: str) -> None:
    result = fitted(coding, covariates=("sex", "diagnosis"))
    text = _sentence(_set(result, term, -1, -1.5, -0.5), term)
    assert text.startswith("People with an average PGS-A and every group the first: ")
    assert text.endswith(f": {clear}")
    assert null in _sentence(_set(result, term, -0.5, -1.5, 0.5), term)
    # An age of zero is nobody's, so with it no number is told.
    text = _sentence(_set(fitted(coding), term, -1, -1.5, -0.5), term)
    assert "age is zero" in text and "describes nobody" in text


def test_slopes_in_other_units_are_translated_to_weeks() -> None:
    week, month = fitted("piecewise"), fitted("piecewise", time_unit="month")
    for term in ("time", f"time:{A}", f"time_after_6:{A}", "time_after_6:age"):
        assert _sentence(week, term) == _sentence(month, term)
    assert interaction(week, STUDY, A, "adjusted") == interaction(month, STUDY, A, "adjusted")


def test_weeks_are_compared_with_the_origin() -> None:
    result = fitted("categorical", "end")
    term = f"week[T.0]:{A}"
    assert "in week 0 stood 1.00 points higher, relative to week 12" in _sentence(
        _set(result, term, 1, 0.5, 1.5), term
    )


def test_parts_of_a_curve_are_never_read_alone() -> None:
    result = fitted("spline")
    rows = result.table[result.table["role"].isin(["time", "interaction_part", "covariate_time"])]
    for row in rows.to_dict("records"):
        text = coefficient(pd.Series(row), result, STUDY)
        last = "the parts are read together, see the figure."
        assert text.endswith("trajectories." if row["role"] == "time" else last)
        assert not [word for word in ("fell", "rose", "lower", "higher") if word in text]


@pytest.mark.parametrize("coding", list(CODINGS))
@pytest.mark.parametrize("origin", ["start", "end"])
def test_every_row_has_a_sentence_and_a_name_of_its_own(coding: str, origin: str) -> None:
    result = fitted(coding, origin)
    rows = result.table[result.table["score"] == A]
    names = []
    for _, row in rows.iterrows():
        assert coefficient(row, result, STUDY).endswith(".")
        names.append(pretty_term(row, result, STUDY))
    assert len(set(names)) == len(names)


def test_names_of_terms() -> None:
    shown = {}
    for coding, origin in (("piecewise", "start"), ("spline", "end"), ("categorical", "middle"),
                           ("log", "start")):  # fmt: skip
        result = fitted(coding, origin)
        rows = result.table[result.table["score"] == A]
        shown |= {row["term"]: pretty_term(row, result, STUDY) for _, row in rows.iterrows()}
        shown[coding] = pretty_term(rows.iloc[0], result, STUDY)
    expected = {
        "piecewise": "Start of treatment (intercept)", "spline": "Week 12 (intercept)",
        "categorical": "Week 4 (intercept)", "log(week + 1)": "Change (log(week + 1))",
        "time_after_6": "Change of slope at week 6", "spline_2": "Curve, part 2",
        f"time_after_6:{A}": "PGS-A × change of slope at week 6",
        "week[T.6]": "Week 6", "week[T.6]:sex[T.male]": "sex: male × week 6",
        f"log(week + 1):{A}": "PGS-A × log(week + 1)",
        f"change:{A}": "PGS-A: change from week 0 to week 12",
        f"any change:{A}": "PGS-A: any difference in course",
    }  # fmt: skip
    assert {term: shown[term] for term in expected} == expected


def test_the_joint_test_says_whether_courses_differ_on_the_way() -> None:
    result = fitted("spline")
    row = score_row(result, A, "adjusted", "joint")
    assert row is not None
    text = joint(result, STUDY, A, "adjusted")
    assert text == (
        "Looking at all weeks together, the course over the weeks differs with PGS-A "
        f"(F = {row['statistic']:.2f} on 3 and {row['df']:,.0f} degrees of freedom, p = .010, "
        "not corrected for several scores)."
    )
    null = with_row(result, A, "adjusted", "joint", p_value=0.4)
    text = joint(null, STUDY, A, "adjusted")
    assert "no clear sign that the course differs with PGS-A" in text
    assert text.endswith("this test is weaker than the one of change.")
    flat = with_row(null, A, "adjusted", "interaction", conf_low=-1.0, conf_high=1.0)
    assert joint(flat, STUDY, A, "adjusted").endswith("corrected for several scores).")
    parted = with_row(result, A, "adjusted", "interaction", conf_low=-1.0, conf_high=1.0)
    assert "if not clearly between the first and the last" in joint(parted, STUDY, A, "adjusted")


def test_joint_tests_of_other_kinds() -> None:
    assert joint(fitted("linear"), STUDY, A, "adjusted") == ""
    assert joint(fitted("log"), STUDY, A, "adjusted") == ""
    assert _sentence(fitted("log"), f"any change:{A}").startswith(
        "With one column of time this is the test of change: F = "
    )
    by_normal = fitted("piecewise", df="normal")
    row = score_row(by_normal, A, "adjusted", "joint")
    assert row is not None
    assert f"chi-square = {2 * row['statistic']:.2f} on 2 degrees of freedom" in joint(
        by_normal, STUDY, A, "adjusted"
    )
    failed = with_row(by_normal, A, "adjusted", "joint", status="failed")
    assert joint(failed, STUDY, A, "adjusted") == ""
    assert "could not be fitted" in _sentence(failed, f"any change:{A}")


@pytest.mark.parametrize("coding", CURVED)
def test_shares_of_change_are_those_of_change_over_all_weeks(coding: str) -> None:
    result = fitted(coding)
    fit = result.fit_of(A, "adjusted")
    row = score_row(result, A, "adjusted", "interaction")
    assert fit is not None
    assert row is not None
    step = np.log(13) if coding == "log" else 12.0
    tau = fit.random_covariance[1, 1] * step**2
    share = row["estimate"] ** 2 / (row["estimate"] ** 2 + tau)
    text = group_note(result, STUDY, A, "adjusted")
    assert text.endswith(f"at the start and {numbers.percent(share)} of those in change.")


def test_shares_with_a_second_time_term_and_without_a_slope() -> None:
    result = fitted("piecewise", random="intercept+slope+second", simplify=False)
    fit = result.fit_of(A, "adjusted")
    row = score_row(result, A, "adjusted", "interaction")
    assert fit is not None
    assert row is not None
    step = np.array([12.0, 7.0])  # weeks, and weeks after the knot
    tau = step @ fit.random_covariance[1:, 1:] @ step
    share = row["estimate"] ** 2 / (row["estimate"] ** 2 + tau)
    assert f" and {numbers.percent(share)} of those in change." in group_note(
        result, STUDY, A, "adjusted"
    )
    level = group_note(fitted("categorical", random="intercept"), STUDY, A, "adjusted")
    assert level.endswith("of the differences between people.")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, []),
        ({"time_coding": "spline", "origin": "end"},
         ["curve (spline) over the weeks", "severity at the end"]),
        ({"time_coding": "piecewise", "knot": 6, "errors": "CR2"},
         ["two lines that meet at week 6", "robust standard errors (CR2)"]),
        ({"time_coding": "log", "origin": "middle", "df": "kenward-roger"},
         ["change in log(week + 1)", "severity half-way", "Kenward-Roger"]),
        ({"time_coding": "categorical", "df": "normal"},
         ["every week by itself", "normal approximation"]),
    ],
)  # fmt: skip
def test_the_analysis_line_names_what_is_not_as_usual(changes: dict, said: list[str]) -> None:
    spec = fitted("linear").spec.replace(**changes)
    assert method_words(spec) == said
    assert ", ".join(["all weeks", *said, "200 people"]) in analysis_line(spec, 200)


def test_how_it_was_made() -> None:
    facts = dict(method_facts(fitted("piecewise", "end", errors="CR2")))
    assert facts == {
        "Kind of model": "linear mixed model",
        "Estimation": "restricted maximum likelihood",
        "Course over the weeks": "two straight lines that meet; knot at week 6",
        "Main effects stand": "at week 12",
        "People differ in": "own level and own slope, correlated",
        "Standard errors": "robust, people as clusters (CR2)",
        "Degrees of freedom": "those of the robust errors",
    }
    down = replace(fitted("linear"), random_used="intercept")
    assert dict(method_facts(down))["People differ in"] == (
        "own level only (asked for: own level and own slope, correlated)"
    )
    spec = fitted("linear").spec
    assert intervals_rest_on(spec) == " with Satterthwaite degrees of freedom"
    assert "Kenward-Roger" in intervals_rest_on(spec.replace(df="kenward-roger"))
    assert intervals_rest_on(spec.replace(df="normal")) == " by the normal distribution"
    assert "CR0" in intervals_rest_on(spec.replace(errors="CR0", df="normal"))


def test_new_words_are_in_the_glossary() -> None:
    for name in ("Kenward-Roger", "CR2", "F", "knot", "spline", "joint test", "change",
                 "course over the weeks", "change over all weeks"):  # fmt: skip
        assert define(name), name
