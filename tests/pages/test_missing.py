"""Missed visits on the page: nothing runs before it is asked for, and what runs is the package."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from tests.pages.sessions import unfold, words

_PAGE = """
from dataclasses import replace
import streamlit as st
import pgsicbt
from pages.common import state
from pages.common.missing_parts import missing_line, missing_part
from tests.robustness.missing_example import SPEC, leaving_study

spec = SPEC.replace(scores=("PGS_A", "PGS_B"), score_scale="z")
study = leaving_study(n=120, slope=-0.5)
result = state.kept(study, "fit", spec.canonical(), lambda: pgsicbt.fit(study, spec))
missing_part(study, result, "PGS_A", "adjusted")
st.html(str(missing_line(study, result, "PGS_A", "adjusted")))
"""


def test_one_after_the_other() -> None:
    app = AppTest.from_string(_PAGE, default_timeout=120).run()
    assert not app.exception
    assert "None" in words(app)
    unfold(app, "leaving")
    assert "Odds of leaving in any week" in words(app)
    unfold(app, "filled")
    assert "drawn many times over" in words(app)
    unfold(app, "tipping")
    assert "Fill in the missed visits first" in words(app)
    app.button(key="fill-in").click().run()
    assert not app.exception
    assert "filled in 20 times" in words(app)
    app.button(key="tip").click().run()
    assert not app.exception
    text = words(app)
    assert "than others like them" in text
    assert "('holds'" in text or "('weakens'" in text or "('turns'" in text
