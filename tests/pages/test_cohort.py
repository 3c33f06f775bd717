"""The Cohort page: empty, with the sample, with other groups, with small files."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from pgsicbt.cohort import describe
from pgsicbt.study import Study
from pgsicbt.words.cohort import who
from tests.pages.sessions import go, recorded, started, unfold, upload, widget, with_sample, words
from tests.real_files import small_outcomes, small_scores

FOLDED = ("cohort-correlations-part", "cohort-ancestry", "cohort-ends")


@pytest.fixture(scope="module")
def sample() -> AppTest:
    return go(with_sample(), "cohort")


def _titles(app: AppTest) -> str:
    return " ".join(str(c.proto.spec) for c in app.get("plotly_chart"))


def test_without_data_it_says_what_would_be_here() -> None:
    app = go(started(), "cohort")
    assert "Nothing is open yet." in words(app)
    assert "who is in your cohort" in words(app)
    assert not app.get("plotly_chart")


def test_the_answer_the_table_and_every_figure(sample: AppTest) -> None:
    study: Study = sample.session_state["open.study"]
    text = words(sample)
    assert who(study, describe(study)) in text
    for piece in ("Age in years, mean (SD)", "Symptoms at the start", "1,654 (62)", "Not listed"):
        assert piece in text
    assert len(sample.get("plotly_chart")) == 3  # the others are drawn when they are opened
    for key in FOLDED:
        unfold(sample, key)
    assert len(sample.get("plotly_chart")) == 6
    for title in (
        "How the polygenic scores are distributed", "The course of every instrument",
        "How the scores go together", "Where people lie on PC1 and PC2", "Who is seen when",
        "People at the lowest and the highest possible score",
    ):  # fmt: skip
        assert title in _titles(sample)
    assert all(c.proto.alt for c in sample.get("plotly_chart"))
    assert "Looked at and nothing found" in text


def test_other_groups_other_forms_and_other_components(sample: AppTest) -> None:
    widget(sample, "selectbox", "Groups").set_value("batch").run()
    widget(sample, "checkbox", "Median and quartiles").set_value(True).run()
    widget(sample, "checkbox", "Standardised differences").set_value(True).run()
    text = words(sample)
    assert "B1<br>n = 1,210" in text
    assert ">SMD</th>" in text
    assert "Age in years, median (quartiles)" in text
    unfold(sample, "cohort-ancestry")
    components = widget(sample, "selectbox", "Components")
    components.select_index(1).run()
    assert "Where people lie on PC1 and PC3" in _titles(sample)
    widget(sample, "selectbox", "Groups").set_value("").run()
    assert not sample.exception
    assert "n = 1,210" not in words(sample)


def test_the_score_that_is_open_splits_who_is_seen(sample: AppTest) -> None:
    widget(sample, "selectbox", "Score").set_value("PGS_ADHD").run()
    assert "by third of PGS-ADHD" in _titles(sample)
    assert sample.session_state["open.score"] == "PGS_ADHD"


def test_single_people_are_drawn_only_when_unfolded_and_without_identifiers(
    sample: AppTest,
) -> None:
    with recorded() as messages:
        sample.run()
        assert "one by one" not in _titles(sample)
        unfold(sample, "single-people")
        assert "60 people one by one" in _titles(sample)
    keys = [str(k).encode() for k in sample.session_state["open.study"].persons.index]
    everything = b"\n".join(messages)
    assert b"Who is seen when" in everything
    assert not any(key in everything for key in keys)


def test_small_files_without_groups_are_described() -> None:
    app = upload(
        go(started(), "data"), ("scores.csv", small_scores()), ("phq.csv", small_outcomes())
    )
    go(app, "cohort")
    assert not app.error
    assert "people" in words(app)
    only = upload(go(started(), "data"), ("o.csv", small_outcomes()))
    go(only, "cohort")
    assert not only.exception
    assert "Who is seen when" in _titles(only)
