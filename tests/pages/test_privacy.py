"""Nothing of one person reaches a browser, and nothing of one session reaches another."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from pgsicbt.sample import sample_files
from tests.pages.sessions import go, recorded, started, submit, upload, widget, with_sample, words
from tests.real_files import small_outcomes, small_scores
from tests.serving import ROOT

SIMULATED = re.compile(rb"SIM\d{3,}")
PAGES = sorted(file.stem for file in (ROOT / "pages").glob("*.py") if file.stem != "__init__")


def _keys(app: AppTest) -> list[bytes]:
    """Keys of the open study's people."""
    return [str(key).encode() for key in app.session_state["open.study"].persons.index]


def _found(messages: Iterable[bytes], keys: Iterable[bytes]) -> int:
    everything = b"\n".join(messages)
    return sum(key in everything for key in keys)


def test_nobody_of_the_simulated_cohort_is_in_any_message() -> None:
    ids = {line.split(b",")[0] for line in dict(sample_files())["scores.csv"].splitlines()[1:]}
    assert all(SIMULATED.fullmatch(one) for one in ids)
    with recorded() as messages:
        app = with_sample()
        for page in PAGES:
            go(app, page)
        widget(app, "selectbox", "Split by").set_value("diagnosis").run()
        widget(app, "selectbox", "Scale").set_value("MADRS-S").run()
        go(app, "associations")
        widget(app, "multiselect", "Covariates").set_value(["age", "therapist"])
        submit(app)
        assert not app.exception
    everything = b"\n".join(messages)
    # What is looked for would be found: names that do go to the browser are there.
    assert b"PGS-EDU" in everything
    assert b"sex: male" in everything
    assert not SIMULATED.findall(everything)
    assert not _found(messages, _keys(app))


def test_nobody_of_an_upload_is_in_any_message_even_where_it_is_refused() -> None:
    scores, outcomes = small_scores(), small_outcomes()
    people = [f"P{i:04d}".encode() for i in range(60)]
    with recorded() as messages:
        app = upload(go(started(), "data"), ("scores.csv", scores), ("phq.csv", outcomes))
        keys = _keys(app)
        for page in PAGES:
            go(app, page)
        go(app, "data")
        bad = outcomes.replace("P0003,4,", "P0003,4,Zebra")
        upload(app, ("scores.csv", scores), ("phq.csv", bad))
        assert len(app.error) == 1
        upload(app, ("scores.csv", scores + "P0003,9.1,9.1,20,male\n"), ("phq.csv", outcomes))
        assert len(app.error) == 1
    assert not _found(messages, [*people, *keys, b"Zebra"])


def _length(values: Any) -> int:
    """How many values a trace has, which Plotly may have packed into bytes."""
    if isinstance(values, dict):
        packed = base64.b64decode(values["bdata"])
        return len(packed) // np.dtype(values["dtype"]).itemsize
    return len(values or ())


def test_figures_hold_groups_and_not_people() -> None:
    app = with_sample()
    drawn = {}
    for page in PAGES:
        charts = go(app, page).get("plotly_chart")
        drawn[page] = len(charts)
        for chart in charts:
            figure = json.loads(chart.proto.spec)
            longest = max(_length(trace.get("y")) for trace in figure["data"])
            assert longest < 200
            assert not re.search(r"\bperson\b", json.dumps(figure["data"]))
    with_figures = {page for page, n in drawn.items() if n}
    assert with_figures == {"associations", "cohort", "power", "robustness", "trajectories"}


def test_each_session_sees_its_own_study() -> None:
    first, second = with_sample(), started()
    go(second, "associations")
    assert "Nothing is open yet" in words(second)
    upload(go(second, "data"), ("scores.csv", small_scores()), ("phq.csv", small_outcomes()))
    assert "60 people" in words(second)
    with recorded() as messages:
        for page in PAGES:
            go(first, page)
    assert not _found(messages, [b"phq.csv", b"PHQ-9", b"PGS_MDD_", *_keys(second)])
    with recorded() as messages:
        for page in PAGES:
            go(second, page)
    assert not _found(messages, [b"PGS-SCZ", b"MADRS-S", b"outcomes_long.csv", *_keys(first)])


def test_the_same_file_under_the_same_name_is_another_study_in_another_session() -> None:
    first = upload(go(started(), "data"), ("s.csv", small_scores()), ("o.csv", small_outcomes()))
    second = upload(
        go(started(), "data"), ("s.csv", small_scores(seed=9)), ("o.csv", small_outcomes(seed=8))
    )
    figures = []
    for app in (first, second):
        go(app, "associations")
        figures.append(app.get("plotly_chart")[0].proto.spec)
    assert figures[0] != figures[1]
    # The keys that stand for people are drawn anew for each reading.
    again = upload(go(started(), "data"), ("s.csv", small_scores()), ("o.csv", small_outcomes()))
    assert not set(_keys(again)) & set(_keys(first))
    assert again.session_state["open.study"].digest == first.session_state["open.study"].digest


@pytest.mark.parametrize("page", ["associations", "trajectories"])
def test_both_pages_call_the_simulated_cohort_simulated(page: str) -> None:
    app = go(with_sample(), page)
    assert "Simulated cohort: nobody in it exists" in words(app)
    for chart in app.get("plotly_chart"):
        assert "imulated" in words(app) + chart.proto.spec
