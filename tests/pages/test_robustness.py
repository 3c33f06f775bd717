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
    assert not app.exception


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
