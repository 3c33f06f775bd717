"""Known plans: carried out in one click, shown finding by finding."""

from __future__ import annotations

import html
import json

import pytest
from streamlit.testing.v1 import AppTest

from pgsicbt.meaning.interest import forest_band, interest
from pgsicbt.presets import PlanResult
from pgsicbt.report.plan import plan_report
from pgsicbt.words.meaning import band_note
from tests.pages.sessions import go, started, widget, with_sample, words


@pytest.fixture
def sample() -> AppTest:
    return go(with_sample(), "plans")


def test_without_a_study_the_page_says_what_would_be_here() -> None:
    app = go(started(), "plans")
    assert not app.exception
    assert "Nothing is open yet" in words(app)


def _carried_out(app: AppTest) -> PlanResult:
    (found,) = app.session_state["open.runs"].values()
    assert isinstance(found, PlanResult)
    return found


def test_one_click_carries_out_the_published_study(sample: AppTest) -> None:
    assert "Not carried out yet" in words(sample)
    widget(sample, "button", "Carry out the plan (7 steps)").click().run(timeout=120)
    assert not sample.exception
    text = words(sample)
    assert "All 5 findings of the paper" in text
    assert "Severity at the start" in text
    assert len(sample.get("plotly_chart")) == 2
    # The forest is that of the report, with the band of effects too small to matter.
    study, found = sample.session_state["open.study"], _carried_out(sample)
    report = plan_report(found, study)
    said = band_note(study, found.lead, forest_band(found.lead, interest(study, found.lead)))
    assert said
    assert said in text
    assert html.escape(said) in report
    shapes = json.loads(sample.get("plotly_chart")[0].proto.spec)["layout"]["shapes"]
    assert any(shape["type"] == "rect" for shape in shapes)
    entries = sample.session_state["sitting.ledger"].entries
    assert sum(e.what.startswith("plan, ") for e in entries) == 7
    # It stays when another page was looked at, and becomes the current analysis when asked.
    go(go(sample, "data"), "plans")
    assert "All 5 findings of the paper" in words(sample)
    widget(sample, "button", "Take this plan as the current analysis").click().run(timeout=60)
    assert sample.session_state["open.spec"].adjustments == ("crude", "adjusted")


def test_the_prediction_of_a_plan_is_in_the_ledger(sample: AppTest) -> None:
    widget(sample, "segmented_control", "Plan").set_value("remission").run()
    widget(sample, "button", "Carry out the plan (1 steps)").click().run(timeout=120)
    assert not sample.exception
    found = next(r for r in sample.session_state["open.runs"].values() if r.predicted is not None)
    entries = sample.session_state["sitting.ledger"].entries
    (entry,) = (e for e in entries if e.what == "cross-validated prediction of remission")
    assert entry.models == len(found.predicted.table)
    assert entry.purpose == "exploratory"
