"""A declaration made elsewhere may name what the open study lacks: it is kept and not taken up."""

from __future__ import annotations

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from pgsicbt.ledger import declaration_text
from pgsicbt.spec import AnalysisSpec
from tests.pages.sessions import go, submit, unfold, widget, with_sample, words

LACKING: dict[str, dict[str, Any]] = {
    "outcome": {"outcome": "BDI"},
    "scale": {"outcome": "harmonised:pomp"},
    "score": {"scores": ("PGS_TEA",)},
    "control": {"scores": ("PGS_EDU", "PGS_TEA"), "controls": ("PGS_TEA",)},
    "covariate": {"covariates": ("shoe size",)},
    "component": {"components": ("PC99",)},
    "interaction": {"interactions": (("PGS_EDU", "shoe size"),)},
    "ancestry": {"score_scale": "within", "ancestry": "shoe size"},
    "group": {"subset": ("diagnosis", "flu")},
    "group left out": {"without": ("shoe size", "44")},
    "week": {"first_week": 200.0},
}


@pytest.fixture
def sample() -> AppTest:
    return go(with_sample(), "data")


def _load(app: AppTest, spec: AnalysisSpec) -> AppTest:
    text = declaration_text(spec).encode()
    app.file_uploader(key="declaration").set_value([("d.json", text, "application/json")]).run()
    assert not app.exception
    return app


def _one(**fields: Any) -> AnalysisSpec:
    return AnalysisSpec(**{"scores": ("PGS_EDU",), "adjustments": ("crude",), **fields})


@pytest.mark.parametrize("kind", list(LACKING))
def test_what_the_study_lacks_is_named_and_the_current_choices_stay(
    sample: AppTest, kind: str
) -> None:
    before = sample.session_state["open.spec"]
    declared = _one(**LACKING[kind])
    _load(sample, declared)
    assert len(sample.error) == 1
    assert "the current choices stay as they were" in words(sample)
    assert sample.session_state["open.spec"] == before
    assert sample.session_state["sitting.ledger"].declared[0].spec == declared
    assert not go(sample, "associations").error


def test_other_spelling_and_wider_weeks_are_taken_up(sample: AppTest) -> None:
    declared = _one(scores=("pgs-edu",), covariates=("PC1", "Age"), last_week=40.0)
    _load(sample, declared)
    assert not sample.error
    assert sample.session_state["open.spec"] == declared
    go(sample, "associations")
    assert not sample.error
    assert "Declared 20" in words(sample)
    assert widget(sample, "multiselect", "Scores").value == ["PGS_EDU"]
    assert widget(sample, "multiselect", "Covariates").value == ["PC1", "age"]
    assert widget(sample, "slider", "Weeks").value == (-2.0, 12.0)


@pytest.mark.parametrize("kind", [kind for kind in LACKING if kind != "week"])
def test_a_page_with_an_impossible_analysis_says_so_and_offers_the_choices(
    sample: AppTest, kind: str
) -> None:
    sample.session_state["open.spec"] = _one(**LACKING[kind])
    go(sample, "associations")
    assert len(sample.error) == 1
    submit(unfold(sample))
    assert not sample.error
    assert sample.get("plotly_chart")


def test_a_declaration_loaded_after_its_analysis_was_seen_does_not_count(sample: AppTest) -> None:
    seen = sample.session_state["open.spec"]
    go(go(sample, "associations"), "data")
    _load(sample, seen)
    assert "so it stays exploratory" in words(sample)
    go(sample, "associations")
    assert "Exploratory: this analysis was not declared" in words(sample)
    assert {e.purpose for e in sample.session_state["sitting.ledger"].entries} == {"exploratory"}
