"""What is chosen on a page: taken up every time, on every page, and never half."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from pages.common import state
from pgsicbt.spec import AnalysisSpec
from tests.pages.sessions import (
    go,
    recorded,
    started,
    submit,
    unfold,
    upload,
    widget,
    with_sample,
    words,
)
from tests.real_files import small_outcomes, small_scores


@pytest.fixture
def sample() -> AppTest:
    return with_sample()


def _spec(app: AppTest) -> AnalysisSpec:
    spec: AnalysisSpec = app.session_state["open.spec"]
    return spec


def _figure(app: AppTest, at: int = 0) -> dict[str, Any]:
    figure: dict[str, Any] = json.loads(app.get("plotly_chart")[at].proto.spec)
    return figure


def _rows(app: AppTest) -> list[str]:
    """Scores from top to bottom of the forest."""
    return list(_figure(app)["layout"]["yaxis"]["ticktext"])


@pytest.mark.parametrize("page", ["associations", "trajectories"])
def test_one_score_after_another_is_opened(sample: AppTest, page: str) -> None:
    go(sample, page)
    for name, label in [("PGS_INT", "PGS-INT"), ("PGS_SCZ", "PGS-SCZ"), ("PGS_ADHD", "PGS-ADHD"),
                        ("PGS_EDU", "PGS-EDU"), ("PGS_SCZ", "PGS-SCZ")]:  # fmt: skip
        widget(sample, "selectbox", "Score").set_value(name).run()
        assert not sample.exception
        assert widget(sample, "selectbox", "Score").value == name
        assert f"standard deviation of {label}" in words(sample)
    other = {"associations": "trajectories", "trajectories": "associations"}[page]
    assert widget(go(sample, other), "selectbox", "Score").value == "PGS_SCZ"


def test_the_form_can_be_sent_again_and_again(sample: AppTest) -> None:
    for outcome, covariates in [("LSAS-SR", ["age"]), ("MADRS-S", []), ("harmonised", ["sex"])]:
        widget(sample, "selectbox", "Outcome").set_value(outcome)
        widget(sample, "multiselect", "Covariates").set_value(covariates)
        submit(sample)
        assert not sample.error
        assert (_spec(sample).outcome, list(_spec(sample).covariates)) == (outcome, covariates)
        assert widget(sample, "selectbox", "Outcome").value == outcome
        assert ("age × time" in words(sample)) == ("age" in covariates)


def test_every_choice_reaches_the_analysis(sample: AppTest) -> None:
    widget(sample, "multiselect", "Scores").set_value(["PGS_EDU", "PGS_HEIGHT"])
    widget(sample, "number_input", "Principal components").set_value(2)
    widget(sample, "multiselect", "Models").set_value(["complete", "crude"])
    widget(sample, "slider", "Weeks").set_value((0.0, 6.0))
    widget(sample, "selectbox", "People differ in (random part)").set_value("intercept")
    widget(sample, "selectbox", "Unit of time in downloads").set_value("month")
    widget(sample, "selectbox", "Correction for several scores").set_value("bonferroni")
    widget(sample, "selectbox", "Degrees of freedom").set_value("normal")
    widget(sample, "selectbox", "Scores enter").set_value("as_given")
    widget(sample, "toggle", "REML (off: maximum likelihood)").set_value(False)
    submit(sample)
    assert not sample.error
    assert _spec(sample) == AnalysisSpec(
        outcome="harmonised", scores=("PGS_EDU", "PGS_HEIGHT"),
        covariates=("age", "sex", "diagnosis", "batch"), components=("PC1", "PC2"),
        adjustments=("crude", "complete"), first_week=0, last_week=6, random="intercept",
        time_unit="month", multiplicity="bonferroni", df="normal", score_scale="as_given",
        reml=False,
    )  # fmt: skip
    assert sorted(_rows(sample)) == ["PGS-EDU", "PGS-HEIGHT"]
    assert "Bonferroni" in words(sample)
    # A choice made on one page holds on all.
    for page in ("trajectories", "associations"):
        go(sample, page)
        assert not sample.error
        assert widget(sample, "slider", "Weeks").value == (0.0, 6.0)
        assert widget(sample, "multiselect", "Scores").value == ["PGS_EDU", "PGS_HEIGHT"]


@pytest.mark.parametrize(("scale", "unit"), [("z", "SD"), ("change", "%")])
def test_another_scale_holds_on_all_pages(sample: AppTest, scale: str, unit: str) -> None:
    _one_score(sample)
    widget(sample, "selectbox", "On the scale").set_value(scale)
    submit(sample)
    assert not sample.error
    assert _spec(sample).outcome == f"harmonised:{scale}"
    assert unit in words(sample)
    go(sample, "trajectories")
    assert not sample.error
    assert widget(sample, "selectbox", "Scale").value == f"harmonised:{scale}"


def test_a_scale_that_an_outcome_lacks_is_refused_and_nothing_is_lost(sample: AppTest) -> None:
    widget(sample, "selectbox", "On the scale").set_value("pomp")
    submit(sample)
    assert "percent of maximum possible" in sample.error[0].value
    assert _spec(sample).outcome == "harmonised"


COURSE = "Course over the weeks"
CODINGS = {"log": "log", "piecewise": "two straight lines", "spline": "curve",
           "categorical": "every week by itself"}  # fmt: skip


def _one_score(app: AppTest) -> None:
    """Fewer models, so that the tests are quick."""
    widget(app, "multiselect", "Scores").set_value(["PGS_EDU"])
    widget(app, "multiselect", "Models").set_value(["adjusted"])
    widget(app, "multiselect", "Covariates").set_value(["sex"])


@pytest.mark.parametrize("coding", list(CODINGS))
def test_every_course_is_fitted_and_drawn_on_all_pages(sample: AppTest, coding: str) -> None:
    _one_score(sample)
    widget(sample, "selectbox", COURSE).set_value(coding)
    widget(sample, "selectbox", "Severity stands at").set_value("end")
    widget(sample, "slider", "Weeks").set_value((0.0, 12.0))
    widget(sample, "number_input", "Lines meet at week").set_value(4.0)
    widget(sample, "number_input", "Columns of the curve").set_value(4)
    submit(sample)
    assert not sample.error
    spec = _spec(sample)
    assert (spec.time_coding, spec.origin) == (coding, "end")
    # What a course does not need is ignored.
    assert spec.knot == (4.0 if coding == "piecewise" else None)
    assert spec.spline_df == (4 if coding == "spline" else 3)
    text = words(sample)
    assert "Severity at week 12" in text
    assert "Change, week 0 to 12" in text
    assert "At week 12, people one standard deviation higher" in text
    assert "from week 0 to week 12" in text
    assert ("Any difference in course" in text) == (coding != "log")
    assert ("Looking at all weeks together" in text) == (coding != "log")
    assert "Change, week 0 to 12" in sample.get("plotly_chart")[0].proto.spec
    for fold in ("meanings", "described", "every-coefficient"):
        unfold(sample, fold)
    text = words(sample)
    assert CODINGS[coding] in text
    assert "own level and own slope, correlated" in text
    assert "Satterthwaite" in text
    go(sample, "trajectories")
    assert "from week 0 to week 12" in words(sample)
    line = next(t for t in _figure(sample)["data"] if t.get("name") == "+1 SD")
    assert len(line["x"]) == {"piecewise": 13, "categorical": 13}.get(coding, len(line["x"]))
    assert len(line["x"]) >= 13
    widget(sample, "selectbox", "Split by").set_value("diagnosis").run()
    assert not sample.exception
    assert not sample.error
    assert len(sample.get("plotly_chart")) == 3


def test_random_part_errors_and_degrees_of_freedom_are_named(sample: AppTest) -> None:
    _one_score(sample)
    widget(sample, "selectbox", COURSE).set_value("piecewise")
    widget(sample, "selectbox", "People differ in (random part)").set_value(
        "intercept+slope+second"
    )
    widget(sample, "selectbox", "Standard errors").set_value("CR2")
    widget(sample, "toggle", "Simplify if the data cannot carry it").set_value(False)
    submit(sample)
    assert not sample.error
    assert (_spec(sample).errors, _spec(sample).simplify) == ("CR2", False)
    text = words(unfold(sample, "described"))
    assert "own level, own slope and own second time term, correlated" in text
    assert "robust, people as clusters (CR2)" in text
    assert "second time term 0." in text
    widget(sample, "selectbox", "Standard errors").set_value("model")
    widget(sample, "selectbox", "Degrees of freedom").set_value("kenward-roger")
    submit(sample)
    assert not sample.error
    assert "Kenward-Roger" in words(sample)


@pytest.mark.parametrize(
    ("label", "value", "said"),
    [
        (COURSE, "log", "Start the window at week 0"),
        ("People differ in (random part)", "intercept+slope+second", "no second random slope"),
    ],
)
def test_what_cannot_be_is_refused_and_the_old_analysis_stays(
    sample: AppTest, label: str, value: str, said: str
) -> None:
    before = _spec(sample)
    widget(sample, "selectbox", label).set_value(value)
    submit(sample)
    assert said in sample.error[0].value
    assert _spec(sample) == before
    assert "Change per week" in words(sample)


def test_a_knot_outside_the_weeks_is_refused(sample: AppTest) -> None:
    widget(sample, "selectbox", COURSE).set_value("piecewise")
    widget(sample, "number_input", "Lines meet at week").set_value(40.0)
    submit(sample)
    assert "week 40 is not inside the weeks" in sample.error[0].value
    assert _spec(sample).time_coding == "linear"


def test_slopes_on_the_page_are_per_week_whatever_the_unit(sample: AppTest) -> None:
    _one_score(sample)
    submit(sample)
    weekly = words(sample)
    widget(sample, "selectbox", "Unit of time in downloads").set_value("month")
    submit(sample)
    assert _spec(sample).time_unit == "month"
    assert words(sample) == weekly


def test_a_long_fit_shows_how_far_it_is_and_a_short_one_nothing(
    sample: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    for unnoticed, shown in ((60.0, False), (0.0, True)):
        monkeypatch.setattr("pages.common.choices._UNNOTICED", unnoticed)
        widget(sample, "selectbox", "Outcome").set_value("LSAS-SR" if shown else "PDSS-SR")
        with recorded() as messages:
            submit(sample)
        assert (b"Fitting models: 1 of 24" in b"".join(messages)) == shown
        assert not sample.get("progress")
        assert _spec(sample).outcome == ("LSAS-SR" if shown else "PDSS-SR")


def test_a_fit_that_was_dropped_shows_its_progress_again(
    sample: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    _one_score(sample)
    submit(sample)

    def fitted_anew(outcome: str) -> None:
        widget(sample, "selectbox", "Outcome").set_value(outcome)
        submit(sample)

    shown: list[str] = []
    fit = state.pgsicbt.fit

    def counted(*args: Any) -> Any:
        if len(args) == 3:  # with a progress
            shown.append(args[1].outcome)
        return fit(*args)

    monkeypatch.setattr(state.pgsicbt, "fit", counted)
    fitted_anew("LSAS-SR")
    fitted_anew("harmonised")
    assert shown == ["LSAS-SR"]  # the other was kept
    # Too old, as the cache counts it.
    kept = sample.session_state["fitted"]
    for key in kept:
        kept[key] -= 9 * 3600
    fitted_anew("LSAS-SR")
    assert shown.count("LSAS-SR") == 2
    # And too many others since it was looked at last.
    fitted_anew("PDSS-SR")
    for number in range(64):
        kept["other", str(number)] = time.monotonic()
    fitted_anew("harmonised")
    assert len(sample.session_state["fitted"]) == 64
    fitted_anew("LSAS-SR")
    assert shown.count("LSAS-SR") == 3


def test_parts_of_the_choices_that_were_open_are_open_again(sample: AppTest) -> None:
    unfold(sample)
    assert "Choices count once they are fitted" in words(sample)
    assert not sample.session_state["more-choices"]
    unfold(sample, "more-choices")
    widget(sample, "multiselect", "Covariates").set_value(["sex"])
    submit(sample)
    assert not sample.session_state["analysis-line"]
    go(sample, "data")
    unfold(go(sample, "associations"))
    assert sample.session_state["more-choices"]
    assert not sample.session_state["model-choices"]


def test_the_order_of_the_forest_is_turned_and_turned_back(sample: AppTest) -> None:
    by_effect = _rows(sample)
    in_file = ["PGS-EDU", "PGS-INT", "PGS-ADHD", "PGS-ASD", "PGS-BD", "PGS-MDD", "PGS-SCZ",
               "PGS-CROSS"]  # fmt: skip
    assert by_effect != in_file
    order = sample.get("button_group")[0]
    order.set_value("file").run()
    assert _rows(sample) == in_file
    sample.get("button_group")[0].set_value("effect").run()
    assert _rows(sample) == by_effect


def test_no_model_and_an_empty_window_are_refused_with_a_sentence(sample: AppTest) -> None:
    before = _spec(sample)
    widget(sample, "multiselect", "Models").set_value([])
    submit(sample)
    assert "No model is chosen" in sample.error[0].value
    assert _spec(sample) == before
    assert _rows(sample)
    widget(sample, "multiselect", "Models").set_value(["adjusted"])
    widget(sample, "slider", "Weeks").set_value((3.0, 3.0))
    submit(sample)
    assert "window" in sample.error[0].value
    assert _spec(sample) == before
    widget(sample, "slider", "Weeks").set_value((0.0, 12.0))
    submit(sample)
    assert not sample.error
    assert _spec(sample).adjustments == ("adjusted",)


def test_trajectories_stand_on_their_scale(sample: AppTest) -> None:
    go(sample, "trajectories")
    for name, last in [("PDSS-SR", "0-28"), ("LSAS-SR", "0-144"), ("harmonised", "0-100")]:
        widget(sample, "selectbox", "Scale").set_value(name).run()
        assert not sample.exception
        assert not sample.error
        assert last in sample.get("plotly_chart")[0].proto.spec
    # The scale is that of this page's figure; the analysis stays what it was.
    assert _spec(sample).outcome == "harmonised"


def test_a_diagnosis_has_its_own_people_and_course(sample: AppTest) -> None:
    go(sample, "trajectories")
    widget(sample, "selectbox", "Split by").set_value("diagnosis").run()
    charts = [c.proto.spec for c in sample.get("plotly_chart")]
    assert len(charts) == 3
    assert len(set(charts)) == 3
    widget(sample, "selectbox", "Score").set_value("PGS_MDD").run()
    assert all("PGS-MDD" in c.proto.spec for c in sample.get("plotly_chart"))
    assert _spec(sample).subset is None


def test_another_study_starts_from_its_own_proposal(sample: AppTest) -> None:
    widget(sample, "selectbox", "Correction for several scores").set_value("bh")
    submit(sample)
    upload(go(sample, "data"), ("s.csv", small_scores()), ("o.csv", small_outcomes()))
    assert _spec(sample).multiplicity == "holm"
    go(sample, "associations")
    assert not sample.error
    assert sorted(_rows(sample)) == ["PGS-EDU", "PGS-MDD"]
    assert "Simulated cohort" not in words(sample)


def test_outcomes_without_scores_show_the_course_alone() -> None:
    app = upload(go(started(), "data"), ("o.csv", small_outcomes()))
    assert not app.error
    go(app, "associations")
    assert not app.error
    assert "No score was analysed" in words(app)
    assert not app.get("plotly_chart")
    go(app, "trajectories")
    assert not app.error
    assert len(app.get("plotly_chart")) == 1
