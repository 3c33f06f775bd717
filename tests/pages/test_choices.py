"""What is chosen on a page: taken up every time, on every page, and never half."""

from __future__ import annotations

import json
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from pgsicbt.spec import AnalysisSpec
from tests.pages.sessions import go, started, submit, upload, widget, with_sample, words
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
    widget(sample, "toggle", "Standardise scores").set_value(False)
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
