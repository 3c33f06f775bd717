"""The exact sentences about scores."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from pgsicbt.result import Result
from pgsicbt.study import OutcomeInfo, Study
from pgsicbt.words import interaction, main_effect
from tests.figures.example import make_result, make_study, with_row

STUDY = make_study()
RESULT = make_result(STUDY)
EDU = "PGS_EDU"


def _set(role: str, estimate: float, low: float, high: float, result: Result = RESULT) -> Result:
    return with_row(result, EDU, "adjusted", role, estimate=estimate, conf_low=low, conf_high=high)


def _with_outcome(info: OutcomeInfo) -> Study:
    rest = tuple(o for o in STUDY.outcomes if o.name != info.name)
    visits = STUDY.visits.copy()
    visits["outcome"] = visits["outcome"].replace({"harmonised": info.name})
    return replace(STUDY, outcomes=(*rest, info), visits=visits)


def _with_average_change(result: Result, weekly: float) -> Result:
    """The same result where the average person changes by ``weekly`` points a week."""
    fits = []
    for fit in result.fits:
        b = fit.fixed.estimates.copy()
        for j, name in enumerate(fit.fixed.names):
            if name.startswith("time"):
                b[j] = weekly if name == "time" else 0.0
        fits.append(replace(fit, fixed=replace(fit.fixed, estimates=b)))
    return replace(result, fits=tuple(fits))


def test_change_in_the_words_that_were_asked_for() -> None:
    result = _set("interaction", -0.041, -0.069, -0.013)
    assert interaction(result, STUDY, EDU, "adjusted") == (
        "Per standard deviation of PGS-EDU, symptoms fell 0.04 points a week more "
        "(95 % interval 0.01 to 0.07), about 0.5 points by week 12, "
        "3 % of the average improvement."
    )


def test_severity_in_the_words_that_were_asked_for() -> None:
    result = _set("main", -0.69, -1.33, -0.05)
    assert main_effect(result, STUDY, EDU, "adjusted") == (
        "At the start of treatment, people one standard deviation higher scored 0.69 points "
        "lower (−1.33 to −0.05) on the 0-100 scale."
    )


@pytest.mark.parametrize(
    ("weekly", "numbers", "text"),
    [
        (-1.5, (0.05, 0.02, 0.08), "symptoms fell 0.05 points a week less (95 % interval 0.02 to "
         "0.08), about 0.6 points by week 12, 3 % of the average improvement."),
        (1.5, (0.05, 0.02, 0.08), "symptoms rose 0.05 points a week more (95 % interval 0.02 to "
         "0.08), about 0.6 points by week 12."),
        (1.5, (-0.05, -0.08, -0.02), "symptoms rose 0.05 points a week less (95 % interval 0.02 "
         "to 0.08), about 0.6 points by week 12."),
        (-0.01, (-0.05, -0.08, -0.02), "symptoms fell 0.05 points a week more (95 % interval "
         "0.02 to 0.08), about 0.6 points by week 12."),
        (-0.01, (0.05, 0.02, 0.08), "symptoms moved 0.05 points a week further upwards "
         "(95 % interval 0.02 to 0.08), about 0.6 points by week 12."),
        (-1.5, (-0.012, -0.02, -0.004), "symptoms fell 0.012 points a week more (95 % interval "
         "0.004 to 0.020), about 0.1 points by week 12, 0.8 % of the average improvement."),
    ],
)  # fmt: skip
def test_direction_is_told_along_the_average_course(
    weekly: float, numbers: tuple[float, float, float], text: str
) -> None:
    result = _with_average_change(_set("interaction", *numbers), weekly)
    sentence = interaction(result, STUDY, EDU, "adjusted")
    assert sentence == f"Per standard deviation of PGS-EDU, {text}"


def test_other_time_units_are_translated_to_weeks() -> None:
    daily = make_result(STUDY, time_unit="day")
    result = _set("interaction", -0.041 / 7, -0.069 / 7, -0.013 / 7, daily)
    fits = []
    for fit in result.fits:
        b = fit.fixed.estimates.copy()
        b[[n.startswith("time") for n in fit.fixed.names]] /= 7
        fits.append(replace(fit, fixed=replace(fit.fixed, estimates=b)))
    result = replace(result, fits=tuple(fits))
    assert interaction(result, STUDY, EDU, "adjusted") == interaction(
        _set("interaction", -0.041, -0.069, -0.013), STUDY, EDU, "adjusted"
    )


def test_a_null_says_what_is_excluded_and_claims_no_direction() -> None:
    text = interaction(_set("interaction", 0.012, -0.016, 0.040), STUDY, EDU, "adjusted")
    assert text == (
        "The data exclude a difference of more than 0.5 points by week 12 per standard "
        "deviation of PGS-EDU, 3 % of the average improvement "
        "(95 % interval −0.016 to 0.040 points a week)."
    )
    text = main_effect(_set("main", 0.21, -0.43, 0.85), STUDY, EDU, "adjusted")
    assert text == (
        "The data exclude a difference of more than 0.9 points on the 0-100 scale at the start "
        "of treatment per standard deviation of PGS-EDU (95 % interval −0.43 to 0.85)."
    )


def test_a_wide_null_says_that_the_data_cannot_tell() -> None:
    text = interaction(_set("interaction", 0.01, -0.15, 0.17), STUDY, EDU, "adjusted")
    assert text.startswith(
        "The data cannot tell: per standard deviation of PGS-EDU, differences up to 2.1 points "
        "by week 12 remain possible"
    )
    text = main_effect(_set("main", 0.2, -2.0, 2.4), STUDY, EDU, "adjusted")
    assert text.startswith("The data cannot tell: ")


@pytest.mark.parametrize("role", ["main", "interaction"])
def test_nulls_never_claim_a_direction(role: str) -> None:
    rng = np.random.default_rng(8)
    speak = main_effect if role == "main" else interaction
    for _ in range(60):
        low, high = -rng.exponential(0.3), rng.exponential(0.3)
        result = _set(role, (low + high) / 2, low, high)
        text = speak(result, STUDY, EDU, "adjusted")
        for word in ("fell", "rose", "lower", "higher", " more (", " less ("):
            assert word not in text


def test_the_smallest_difference_of_interest_can_be_named() -> None:
    result = _set("interaction", 0.012, -0.016, 0.040)
    assert "cannot tell" in interaction(result, STUDY, EDU, "adjusted", interest=0.1)
    result = _set("main", 0.2, -2.0, 2.4)
    assert "exclude" in main_effect(result, STUDY, EDU, "adjusted", interest=3)


def test_the_excluded_bound_is_rounded_up() -> None:
    text = main_effect(_set("main", 0.4, -0.23, 1.01), STUDY, EDU, "adjusted")
    assert "more than 1.1 points" in text


def test_main_effects_are_never_called_change() -> None:
    for score in STUDY.score_names:
        for adjustment in RESULT.spec.adjustments:
            text = main_effect(RESULT, STUDY, score, adjustment).lower()
            assert "chang" not in text
            assert "fell" not in text


def test_a_failed_cell_has_a_sentence_of_its_own() -> None:
    for speak in (main_effect, interaction):
        assert speak(RESULT, STUDY, "PGS_SCZ", "complete") == (
            "The complete model of PGS-SCZ could not be fitted, so there is no estimate."
        )


def test_scores_as_given_are_spoken_of_per_unit() -> None:
    result = _set("interaction", -0.041, -0.069, -0.013, make_result(STUDY, score_scale="as_given"))
    assert interaction(result, STUDY, EDU, "adjusted").startswith("Per unit of PGS-EDU, ")
    result = _set("main", -0.69, -1.33, -0.05, result)
    assert "people one unit higher scored" in main_effect(result, STUDY, EDU, "adjusted")


@pytest.mark.parametrize(
    ("info", "change", "level"),
    [
        (OutcomeInfo("fev", "FEV1", higher_is_worse=False),
         "Per standard deviation of PGS-EDU, FEV1 rose 0.04 units a week more",
         "0.69 units lower (−1.33 to −0.05) in FEV1."),
        (OutcomeInfo("total", "total"),
         "Per standard deviation of PGS-EDU, total rose 0.04 units a week more",
         "0.69 units lower (−1.33 to −0.05) in total."),
        (OutcomeInfo("phq9", "PHQ-9", "PHQ-9", 0, 27, 1),
         "Per standard deviation of PGS-EDU, symptoms rose 0.04 points a week more",
         "0.69 points lower (−1.33 to −0.05) on the PHQ-9 (0-27)."),
    ],
)  # fmt: skip
def test_outcomes_of_every_kind(info: OutcomeInfo, change: str, level: str) -> None:
    study = _with_outcome(info)
    result = _with_average_change(make_result(STUDY), 1.4)
    result = replace(result, spec=result.spec.replace(outcome=info.name))
    result = _set("interaction", 0.041, 0.013, 0.069, result)
    result = _set("main", -0.69, -1.33, -0.05, result)
    assert interaction(result, study, EDU, "adjusted").startswith(change)
    assert main_effect(result, study, EDU, "adjusted").endswith(level)


def test_the_share_needs_an_improvement_in_the_right_direction() -> None:
    info = OutcomeInfo("eq", "EQ-5D", "EQ-5D", -0.6, 1.0, higher_is_worse=False)
    study = _with_outcome(info)
    for weekly, expected in ((0.01, True), (-0.01, False)):
        result = _with_average_change(make_result(STUDY), weekly)
        result = replace(result, spec=result.spec.replace(outcome="eq"))
        result = _set("interaction", 0.001, 0.0005, 0.0015, result)
        text = interaction(result, study, EDU, "adjusted")
        assert ("of the average improvement" in text) is expected


def test_level_of_the_interval_follows_the_spec() -> None:
    result: Any = _set("interaction", -0.041, -0.069, -0.013, make_result(STUDY, confidence=0.9))
    assert "(90 % interval" in interaction(result, STUDY, EDU, "adjusted")
