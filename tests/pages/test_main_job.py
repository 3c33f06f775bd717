"""Every page, empty, with the sample cohort, with uploads, and with what it must refuse."""

from __future__ import annotations

import json

import pytest
from streamlit.testing.v1 import AppTest

from pgsicbt.sample import sample_files
from tests.pages.sessions import go, started, submit, upload, widget, with_sample
from tests.real_files import small_outcomes, small_scores

PAGES = ("data", "associations", "trajectories")


@pytest.fixture
def sample() -> AppTest:
    """A session with the simulated cohort open, on Associations."""
    return with_sample()


def _text(app: AppTest) -> str:
    """Everything that the page sent to the browser, as text."""
    return "\n".join(str(element.proto) for element in app.main)


def test_start_says_what_it_is_and_what_it_is_not() -> None:
    app = started()
    text = _text(app)
    assert "nothing about one patient" in text
    assert [b.label for b in app.button] == ["Open the simulated cohort", "Load tables"]
    assert "tipping point" not in text
    app.session_state["glossary"] = True
    assert "tipping point" in _text(app.run())


@pytest.mark.parametrize("page", PAGES)
def test_a_page_without_data_teaches(page: str) -> None:
    app = go(started(), page)
    assert "Nothing is open yet" in _text(app)
    assert not app.error


def test_one_click_shows_the_forest_of_the_simulated_cohort(sample: AppTest) -> None:
    assert sample.title[0].value == "Associations"
    charts = sample.get("plotly_chart")
    figure = json.loads(charts[0].proto.spec)
    drawn = json.dumps(figure)
    for name in ("PGS-EDU", "PGS-CROSS", "PGS-ADHD"):
        assert name in drawn
    assert {trace["type"] for trace in figure["data"]} == {"scatter"}
    text = _text(sample)
    assert "1 of 8 (PGS-EDU)" in text
    assert "Simulated cohort" in text
    assert "PGS-HEIGHT" not in drawn


@pytest.mark.parametrize("page", PAGES)
def test_results_of_the_simulated_cohort_are_called_simulated(sample, page) -> None:
    assert "imulated" in _text(go(sample, page))


def test_nobody_is_identified_in_what_reaches_the_browser(sample: AppTest) -> None:
    study = sample.session_state["open.study"]
    ids = [line.split(",")[0] for line in dict(sample_files())["scores.csv"].decode().split()[1:60]]
    keys = list(study.persons.index[:200])
    for page in PAGES:
        text = _text(go(sample, page))
        assert not [one for one in (*ids, *keys) if one in text]


def test_another_outcome_and_fewer_covariates_are_fitted(sample: AppTest) -> None:
    widget(sample, "selectbox", "Outcome").set_value("LSAS-SR")
    widget(sample, "multiselect", "Covariates").set_value(["age", "sex"])
    widget(sample, "selectbox", "Correction for several scores").set_value("bh")
    submit(sample)
    spec = sample.session_state["open.spec"]
    assert spec.outcome == "LSAS-SR"
    assert spec.covariates == ("age", "sex")
    text = _text(sample)
    assert "640 people" in text
    assert "Benjamini-Hochberg" in text
    assert "LSAS-SR" in _text(go(sample, "trajectories"))


def test_an_empty_selection_is_refused_and_the_old_analysis_stays(sample: AppTest) -> None:
    before = sample.session_state["open.spec"]
    widget(sample, "multiselect", "Scores").set_value([])
    submit(sample)
    assert "No score is chosen" in sample.error[0].value
    assert sample.session_state["open.spec"] == before
    assert "1 of 8 (PGS-EDU)" in _text(sample)


def test_a_score_opened_on_one_page_is_open_on_the_other(sample: AppTest) -> None:
    next(s for s in sample.selectbox if s.label == "Score").set_value("PGS_SCZ").run()
    assert "PGS-SCZ × time" in _text(sample)
    go(sample, "trajectories")
    assert next(s for s in sample.selectbox if s.label == "Score").value == "PGS_SCZ"
    assert "PGS-SCZ" in sample.get("plotly_chart")[0].proto.spec


def test_trajectories_by_diagnosis_and_on_the_raw_scale(sample: AppTest) -> None:
    go(sample, "trajectories")
    next(s for s in sample.selectbox if s.label == "Split by").set_value("diagnosis").run()
    assert [h.value for h in sample.header] == ["MDD", "Panic disorder", "Social anxiety disorder"]
    assert "no evidence that the groups differ" in _text(sample)
    next(s for s in sample.selectbox if s.label == "Split by").set_value("").run()
    next(s for s in sample.selectbox if s.label == "Scale").set_value("MADRS-S").run()
    assert "MADRS-S, 0-54" in sample.get("plotly_chart")[0].proto.spec
    assert not sample.error


def test_uploaded_tables_are_read_joined_and_fitted() -> None:
    app = go(started(), "data")
    upload(app, ("scores.csv", small_scores()), ("phq.csv", small_outcomes()))
    assert not app.error
    assert "60 people, 300 observations, 2 scores" in _text(app)
    go(app, "associations")
    assert "PGS-MDD" in app.get("plotly_chart")[0].proto.spec
    assert "imulated" not in _text(app)


BAD = {
    "ids of other people": (small_scores(prefix="Q"), small_outcomes(), "No person of"),
    "no outcome": (small_scores(), small_scores(seed=3).replace("PGS_", "PGS_X"), "outcome"),
    "text where numbers are due": (
        small_scores(),
        small_outcomes().replace("P0003,4,", "P0003,4,severe"),
        "phq9",
    ),
    "not a table": (small_scores(), "%PDF-1.7 nothing\n", "b.csv"),
}


@pytest.mark.parametrize("kind", BAD)
def test_bad_uploads_leave_what_is_open(sample: AppTest, kind: str) -> None:
    first, second, words = BAD[kind]
    before = sample.session_state["open.study"].digest
    upload(go(sample, "data"), ("a.csv", first), ("b.csv", second))
    assert words in sample.error[0].value
    assert "P0003" not in _text(sample)
    assert "severe" not in _text(sample)
    assert "What was open before stays open" in _text(sample)
    assert sample.session_state["open.study"].digest == before
    next(b for b in sample.button if "aside" in b.label).click().run()
    if sample.error:  # the scores read well, and wait for outcomes
        assert "outcome" in sample.error[0].value
        next(b for b in sample.button if "aside" in b.label).click().run()
    assert not sample.error
    assert sample.session_state["open.study"].digest == before


def test_a_recipe_corrects_the_reading_and_a_broken_one_is_refused() -> None:
    app = go(started(), "data")
    upload(app, ("scores.csv", small_scores()), ("phq.csv", small_outcomes()))
    recipe = {"roles": {"scores.csv": {"PGS_MDD": "ignore"}}}
    app.file_uploader(key="recipe").set_value(
        [("recipe.json", json.dumps(recipe).encode(), "application/json")]
    ).run()
    assert not app.exception
    assert app.session_state["open.study"].score_names == ("PGS_EDU",)
    app.file_uploader(key="recipe").set_value([("r.json", b"{", "application/json")]).run()
    assert len(app.error) == 1
    assert app.session_state["open.study"].score_names == ("PGS_EDU",)


def test_a_visit_that_cannot_be_placed_can_be_placed_there() -> None:
    outcomes = small_outcomes().replace("week,", "visit,").replace(",0,", ",pre,")
    for week in (2, 4, 8):
        outcomes = outcomes.replace(f",{week},", f",week {week},")
    outcomes = outcomes.replace(",12,", ",Booster call,")
    app = go(started(), "data")
    upload(app, ("scores.csv", small_scores()), ("phq.csv", outcomes))
    assert "Booster call" in app.error[0].value
    recipe = json.dumps({"times": {"Booster call": 13}}).encode()
    app.file_uploader(key="recipe").set_value([("r.json", recipe, "application/json")]).run()
    assert not app.error
    assert 13.0 in set(app.session_state["open.study"].visits["time"])


def test_a_second_session_has_nothing_of_the_first(sample: AppTest) -> None:
    assert "open.study" in sample.session_state
    other = go(started(), "associations")
    assert "open.study" not in other.session_state
    assert "Nothing is open yet" in _text(other)
