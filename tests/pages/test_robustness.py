"""Robustness: the challenges stand there at once, each opened, and the curve when asked for."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.sessions import go, started, with_sample, words


@pytest.fixture
def sample() -> AppTest:
    return go(with_sample(), "robustness")


def test_without_a_study_the_page_says_what_would_be_here() -> None:
    app = go(started(), "robustness")
    assert "Nothing is open yet" in words(app)
    assert "Here you would see what your scores have to do with symptoms" in words(app)


@pytest.mark.parametrize(
    ("family", "said"),
    [
        ("cox", "has one outcome per person and no course"),
        ("gee", "is of another kind: estimating equations (GEE"),
    ],
)
def test_another_kind_of_model_is_challenged_as_a_mixed_model_and_that_is_said(
    family: str, said: str
) -> None:
    app = with_sample()
    spec = app.session_state["open.spec"]
    fewer = {"scores": ("PGS_EDU",), "adjustments": ("crude",), "outcome": "PDSS-SR"}
    app.session_state["open.spec"] = spec.replace(family=family, **fewer)
    text = words(go(app, "robustness"))
    assert f"The current analysis {said}" in text
    assert text.index("What follows is the linear mixed model") < text.index("holds in")


def test_challenges_come_first_and_each_can_be_opened(sample: AppTest) -> None:
    assert not sample.exception
    text = words(sample)
    assert "Taken by itself, PGS-EDU goes with severity at the start, which holds in" in text
    assert len(sample.get("plotly_chart")) == 1
    labels = [e.label.replace("\\", "") for e in sample.expander]
    assert any(label.startswith("Outliers left out: ") for label in labels)
    assert any(label.startswith("Each diagnosis left out: ") for label in labels)
    entries = sample.session_state["sitting.ledger"].entries
    assert any(e.what == "challenges" for e in entries)
