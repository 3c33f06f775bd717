"""What results mean, on Associations: verdicts, amounts, overlap, increments."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from pgsicbt import fit
from pgsicbt.meaning.verdicts import verdicts
from pgsicbt.words.meaning import verdict_headline, verdict_sentence
from tests.pages.sessions import go, unfold, with_sample, words


@pytest.fixture(scope="module")
def sample() -> AppTest:
    return go(with_sample(), "associations")


def test_verdicts_are_those_of_the_package(sample: AppTest) -> None:
    study, spec = sample.session_state["open.study"], sample.session_state["open.spec"]
    result = fit(study, spec)
    frame = verdicts(study, result)
    text = words(sample)
    assert verdict_headline(frame, "adjusted") in text
    row = frame.query("score == 'PGS_EDU' and model == 'adjusted' and about == 'change'").iloc[0]
    assert verdict_sentence(study, result, row) in text
    unfold(sample, "verdicts")
    assert "Effects of the adjusted model against the smallest effect" in words(sample)
