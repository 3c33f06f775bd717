"""MMRM, cLDA and GEE on the pages, and what the opened score amounts to over the course."""

from __future__ import annotations

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.sessions import go, unfold, with_sample, words


@pytest.fixture(scope="module")
def sample() -> AppTest:
    return with_sample()


@pytest.mark.parametrize("family", ["gee", "clda", "lmm"])
def test_a_family_is_shown_on_every_page(sample: AppTest, family: Any) -> None:
    spec = sample.session_state["open.spec"]
    fewer = spec.replace(family=family, scores=("PGS_EDU", "PGS_MDD"), adjustments=("adjusted",))
    sample.session_state["open.spec"] = fewer
    go(sample, "associations")
    assert not sample.exception
    assert "PGS-EDU" in words(sample)
    unfold(sample, "burden")
    assert "points × weeks" in words(sample)
    unfold(sample, "slopes")
    assert not sample.exception
    assert "The interval leaves zero out" in words(sample)
    go(sample, "trajectories")
    assert not sample.exception
    assert "PGS-EDU" in words(sample)
