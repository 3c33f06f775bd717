"""Every page, empty, with the sample cohort, with uploads, and with what it must refuse."""

from __future__ import annotations

import json

import pytest
from streamlit.testing.v1 import AppTest

from pgsicbt.sample import sample_files
from tests.real_files import small_outcomes, small_scores
from tests.serving import ROOT

PAGES = ("data", "associations", "trajectories")


def _app() -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    return app.run()


@pytest.fixture
def sample() -> AppTest:
    """A session with the simulated cohort open, on Associations."""
    app = _app()
    app.button[0].click().run()
    assert not app.exception
    return app


def _go(app: AppTest, page: str) -> AppTest:
    app.switch_page(f"pages/{page}.py").run()
    assert not app.exception
    return app


def _text(app: AppTest) -> str:
    """Everything that the page sent to the browser, as text."""
    return "\n".join(str(element.proto) for element in app.main)


def _upload(app: AppTest, *files: tuple[str, str]) -> AppTest:
    app.file_uploader(key="uploader").set_value(
        [(name, text.encode(), "text/csv") for name, text in files]
    ).run()
    assert not app.exception
    return app


def _pick(app: AppTest, label: str) -> object:
    return next(w for w in (*app.selectbox, *app.multiselect) if w.label == label)


def _submit(app: AppTest) -> AppTest:
    next(b for b in app.button if b.label == "Fit").click().run()
    assert not app.exception
    return app


def test_start_says_what_it_is_and_what_it_is_not() -> None:
    app = _app()
    text = _text(app)
    assert "nothing about one patient" in text
    assert [b.label for b in app.button] == ["Open the simulated cohort", "Load tables"]


@pytest.mark.parametrize("page", PAGES)
def test_a_page_without_data_teaches(page: str) -> None:
    app = _go(_app(), page)
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
    assert "imulated" in _text(_go(sample, page))


def test_nobody_is_identified_in_what_reaches_the_browser(sample: AppTest) -> None:
    study = sample.session_state["open.study"]
    ids = [line.split(",")[0] for line in dict(sample_files())["scores.csv"].decode().split()[1:60]]
    keys = list(study.persons.index[:200])
    for page in PAGES:
        text = _text(_go(sample, page))
        assert not [one for one in (*ids, *keys) if one in text]


def test_another_outcome_and_fewer_covariates_are_fitted(sample: AppTest) -> None:
    _pick(sample, "Outcome").set_value("LSAS-SR")
    _pick(sample, "Covariates").set_value(["age", "sex"])
    _pick(sample, "Correction for several scores").set_value("bh")
    _submit(sample)
    spec = sample.session_state["open.spec"]
    assert spec.outcome == "LSAS-SR"
    assert spec.covariates == ("age", "sex")
    text = _text(sample)
    assert "640 people" in text
    assert "Benjamini-Hochberg" in text
    assert "LSAS-SR" in _text(_go(sample, "trajectories"))


def test_an_empty_selection_is_refused_and_the_old_analysis_stays(sample: AppTest) -> None:
    before = sample.session_state["open.spec"]
    _pick(sample, "Scores").set_value([])
    _submit(sample)
    assert "No score is chosen" in sample.error[0].value
    assert sample.session_state["open.spec"] == before
    assert "1 of 8 (PGS-EDU)" in _text(sample)


def test_a_score_opened_on_one_page_is_open_on_the_other(sample: AppTest) -> None:
    next(s for s in sample.selectbox if s.label == "Score").set_value("PGS_SCZ").run()
    assert "PGS-SCZ × time" in _text(sample)
    _go(sample, "trajectories")
    assert next(s for s in sample.selectbox if s.label == "Score").value == "PGS_SCZ"
    assert "PGS-SCZ" in sample.get("plotly_chart")[0].proto.spec


def test_trajectories_by_diagnosis_and_on_the_raw_scale(sample: AppTest) -> None:
    _go(sample, "trajectories")
    next(s for s in sample.selectbox if s.label == "Split by").set_value("diagnosis").run()
    assert [h.value for h in sample.header] == ["MDD", "Panic disorder", "Social anxiety disorder"]
    assert "no evidence that the groups differ" in _text(sample)
    next(s for s in sample.selectbox if s.label == "Split by").set_value("").run()
    next(s for s in sample.selectbox if s.label == "Scale").set_value("MADRS-S").run()
    assert "MADRS-S, 0-54" in sample.get("plotly_chart")[0].proto.spec
    assert not sample.error


def test_uploaded_tables_are_read_joined_and_fitted() -> None:
    app = _go(_app(), "data")
    _upload(app, ("scores.csv", small_scores()), ("phq.csv", small_outcomes()))
    assert not app.error
    assert "60 people, 300 observations, 2 scores" in _text(app)
    _go(app, "associations")
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
    _upload(_go(sample, "data"), ("a.csv", first), ("b.csv", second))
    assert words in sample.error[0].value
    assert "P0003" not in _text(sample)
    assert "severe" not in _text(sample)
    assert "What was open before stays open" in _text(sample)
    assert sample.session_state["open.study"].digest == before
    next(b for b in sample.button if "aside" in b.label).click().run()
    assert not sample.error


def test_a_recipe_corrects_the_reading_and_a_broken_one_is_refused() -> None:
    app = _go(_app(), "data")
    _upload(app, ("scores.csv", small_scores()), ("phq.csv", small_outcomes()))
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
    app = _go(_app(), "data")
    _upload(app, ("scores.csv", small_scores()), ("phq.csv", outcomes))
    assert "Booster call" in app.error[0].value
    recipe = json.dumps({"times": {"Booster call": 13}}).encode()
    app.file_uploader(key="recipe").set_value([("r.json", recipe, "application/json")]).run()
    assert not app.error
    assert 13.0 in set(app.session_state["open.study"].visits["time"])


def test_a_second_session_has_nothing_of_the_first(sample: AppTest) -> None:
    assert "open.study" in sample.session_state
    other = _go(_app(), "associations")
    assert "open.study" not in other.session_state
    assert "Nothing is open yet" in _text(other)
