"""What is chosen on a page: taken up every time, on every page, and never half."""

from __future__ import annotations

import json

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.sessions import go, started, submit, upload, widget, with_sample
from tests.real_files import small_outcomes, small_scores


@pytest.fixture
def sample() -> AppTest:
    return with_sample()


def _shown(app: AppTest) -> str:
    return " ".join(h.proto.body for h in app.get("html"))


@pytest.mark.parametrize("page", ["associations", "trajectories"])
def test_one_score_after_another_is_opened(sample: AppTest, page: str) -> None:
    go(sample, page)
    for name, label in [("PGS_INT", "PGS-INT"), ("PGS_SCZ", "PGS-SCZ"), ("PGS_ADHD", "PGS-ADHD"),
                        ("PGS_EDU", "PGS-EDU"), ("PGS_SCZ", "PGS-SCZ")]:  # fmt: skip
        widget(sample, "selectbox", "Score").set_value(name).run()
        assert not sample.exception
        assert widget(sample, "selectbox", "Score").value == name
        assert f"standard deviation of {label}" in _shown(sample)
    other = {"associations": "trajectories", "trajectories": "associations"}[page]
    assert widget(go(sample, other), "selectbox", "Score").value == "PGS_SCZ"
