"""What results mean, on Associations: verdicts, amounts, overlap, increments."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from pgsicbt import fit
from pgsicbt.meaning.verdicts import verdicts
from pgsicbt.words.meaning import verdict_headline, verdict_sentence
from tests.pages.sessions import go, unfold, widget, with_sample, words


@pytest.fixture(scope="module")
def sample() -> AppTest:
    return go(with_sample(), "associations")


def test_verdicts_are_those_of_the_package(sample: AppTest) -> None:
    study, spec = sample.session_state["open.study"], sample.session_state["open.spec"]
    result = fit(study, spec)
    frame = verdicts(study, result)
    text = words(sample)
    assert verdict_headline(result, frame, "adjusted") in text
    row = frame.query("score == 'PGS_EDU' and model == 'adjusted' and about == 'change'").iloc[0]
    assert verdict_sentence(study, result, row) in text
    assert "Shaded: within the smallest effect of interest, ±1.6" in text
    unfold(sample, "verdicts")
    assert "Effects of the adjusted model against the smallest effect" in words(sample)


def test_amounts_overlap_and_increments_of_the_opened_score(sample: AppTest) -> None:
    for key, said in (
        ("yardsticks", "The score's effect beside changes that count"),
        ("burden", "Severity by level of the score"),
        ("overlap", "Two groups compared, with intervals"),
        ("increments", "Variance explained in regressions over people"),
    ):
        unfold(sample, key)
        assert said in words(sample), key
        assert not sample.exception
    assert "overlap by" in words(sample)
    weeks = widget(sample, "multiselect", "Weeks")
    weeks.set_value([3, 7]).run()
    assert "Week 3" in words(sample)
    assert "Week 7" in words(sample)
    (entry,) = (e for e in sample.session_state["sitting.ledger"].entries if "add" in e.what)
    assert entry.models > 8


def test_a_prediction_is_cross_validated_when_asked_for(sample: AppTest) -> None:
    unfold(sample, "prediction")
    widget(sample, "button", "Cross-validate").click().run()
    assert not sample.exception
    assert "the clinical model explains" in words(sample)
    widget(sample, "selectbox", "What is predicted").set_value("remission").run()
    widget(sample, "button", "Cross-validate").click().run()
    assert not sample.exception
    assert "with an AUC of" in words(sample)
