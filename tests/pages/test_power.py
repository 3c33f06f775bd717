"""Power and pooling: what was detectable, curves, replications, summaries and their pooling."""

from __future__ import annotations

import dataclasses

import pytest
from streamlit.testing.v1 import AppTest

from pgsicbt import fit
from pgsicbt.meaning.interest import interest
from pgsicbt.pooling import group_summaries, site_summary
from pgsicbt.power import detectable
from pgsicbt.words.power import power_answer
from tests.pages.sessions import go, started, unfold, widget, with_sample, words


@pytest.fixture(scope="module")
def sample() -> AppTest:
    return go(with_sample(), "power")


def test_the_answer_is_the_packages(sample: AppTest) -> None:
    study, spec = sample.session_state["open.study"], sample.session_state["open.spec"]
    result = fit(study, spec)
    table = detectable(study, result)
    amount = interest(study, result).amount
    assert amount is not None
    assert power_answer(study, result, table, "adjusted", amount) in words(sample)
    unfold(sample, "detectable-numbers")
    assert "smallest detectable, in the adjusted model" in words(sample)
    assert "a study of" in words(sample)


def test_a_study_with_other_visits(sample: AppTest) -> None:
    unfold(sample, "power-visits")
    widget(sample, "selectbox", "Drop-out").set_value(0.2).run()
    assert not sample.exception
    assert "the interval would be" in words(sample)
    widget(sample, "multiselect", "Weeks with a visit").set_value([0.0]).run()
    assert not sample.exception
    assert any("cannot tell change" in e.value for e in sample.error)
    widget(sample, "multiselect", "Weeks with a visit").set_value([0.0, 6.0, 12.0]).run()
    assert not sample.error
    unfold(sample, "replication-sizes")
    assert not sample.exception


def test_the_groups_of_a_cohort_pooled(sample: AppTest) -> None:
    label = "Or the groups of this cohort, as if they were sites"
    widget(sample, "selectbox", label).set_value("batch").run()
    assert not sample.exception
    assert "3 sites with 2,668 people together" in words(sample)
    entries = sample.session_state["sitting.ledger"].entries
    (entry,) = (e for e in entries if e.what == "groups of batch pooled")
    assert entry.models == 3 * len(entry.spec.scores) * len(entry.spec.adjustments)
    unfold(sample, "pooled-sites")
    assert "LSAS-SR" in words(sample)


def test_summaries_are_pooled_without_a_study() -> None:
    app = go(started(), "power")
    assert "Nothing is open yet." in words(app)
    study = go(with_sample(), "power").session_state["open.study"]
    from pgsicbt.models import default_spec

    spec = default_spec(study).replace(scores=("PGS_EDU",), adjustments=("adjusted",))
    sites, _ = group_summaries(study, spec, "diagnosis")
    files = [(f"{s.site}.json", s.to_json().encode(), "application/json") for s in sites]
    app.file_uploader(key="site-files").set_value(files).run()
    assert not app.exception
    assert "sites with 2,668 people together" in words(app)
    other = dataclasses.replace(
        site_summary(study, fit(study, spec.replace(family="ancova")), "other"), site="Z"
    )
    files.append(("z.json", other.to_json().encode(), "application/json"))
    files.append(("bad.json", b"{}", "application/json"))
    app.file_uploader(key="site-files").set_value(files).run()
    assert not app.exception
    text = " ".join(e.value for e in app.error)
    assert "kind of model" in text
    assert "bad.json" in text.replace("\\", "")
