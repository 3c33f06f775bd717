"""Every kind of model, chosen on a page: answered there and on Trajectories."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from pgsicbt.spec import LONGITUDINAL
from tests.pages.sessions import go, submit, unfold, widget, with_sample, words


@pytest.fixture(scope="module")
def sample() -> AppTest:
    return with_sample()


def _few(app: AppTest, outcome: str) -> None:
    widget(app, "selectbox", "Outcome").set_value(outcome)
    widget(app, "multiselect", "Scores").set_value(["PGS_EDU", "PGS_MDD"])
    widget(app, "multiselect", "Models").set_value(["adjusted"])
    widget(app, "multiselect", "Covariates").set_value(["sex"])
    widget(app, "multiselect", "Interactions").set_value([])
    widget(app, "selectbox", "Groups of a score").set_value(0)
    widget(app, "toggle", "All scores in one model").set_value(False)


@pytest.mark.parametrize(
    ("family", "outcome", "said"),
    [("ancova", "PDSS-SR", "people who started alike"),
     ("change", "PDSS-SR", "change from before to after treatment"),
     ("tobit", "PDSS-SR", "allowing for the ends of the scale"),
     ("logistic", "PDSS-SR", "times as high"), ("ordinal", "PDSS-SR", "more severe band"),
     ("dropout", "PDSS-SR", "having no value after treatment"),
     ("cox", "PDSS-SR", "hazard of leaving"), ("gee", "PDSS-SR", "GEE"),
     ("mmrm", "PDSS-SR", "MMRM"), ("clda", "PDSS-SR", "same mean before treatment")],
)  # fmt: skip
def test_a_kind_of_model_is_chosen_and_told(
    sample: AppTest, family: str, outcome: str, said: str
) -> None:
    go(sample, "associations")
    _few(sample, outcome)
    widget(sample, "selectbox", "Kind of model").set_value(family)
    submit(sample)
    assert not sample.exception
    assert not sample.error
    assert sample.session_state["open.spec"].family == family
    assert said in words(sample)
    go(sample, "trajectories")
    assert not sample.exception
    assert sample.get("plotly_chart")
    if family not in LONGITUDINAL:  # its trajectories are those of a mixed model of its own
        instead = sample.session_state["open.spec"].replace(family="lmm", definition="")
        digest = sample.session_state["open.study"].digest
        entry = sample.session_state["sitting.ledger"].entry(instead, digest, "trajectories")
        assert entry is not None
        assert entry.models == 2


@pytest.mark.parametrize(
    ("label", "value", "said"),
    [("Interactions", ["PGS_EDU × diagnosis"], "PGS-EDU × diagnosis"),
     ("Groups of a score", 3, "highest third"),
     ("All scores in one model", True, "all scores in one"),
     ("Outliers", "residual", "without visits beyond 3 SD"),
     ("Without", "diagnosis: MDD", "without diagnosis MDD")],
)  # fmt: skip
def test_how_scores_and_people_enter_is_chosen_and_told(
    sample: AppTest, label: str, value: object, said: str
) -> None:
    go(sample, "associations")
    _few(sample, "harmonised")
    widget(sample, "selectbox", "Kind of model").set_value("lmm")
    widget(sample, "selectbox", "Outliers").set_value("none")
    widget(sample, "selectbox", "Without").set_value("")
    kind = {"Interactions": "multiselect", "All scores in one model": "toggle"}
    widget(sample, kind.get(label, "selectbox"), label).set_value(value)
    submit(sample)
    assert not sample.exception
    assert not sample.error
    assert said in words(sample) + str([e.label for e in sample.expander])
    go(sample, "trajectories")
    assert not sample.exception
    # Where there is no trajectory to choose, no choice is offered.
    none = label in ("Interactions", "Groups of a score")
    assert bool(sample.get("plotly_chart")) != none
    assert any(box.label == "Split by" for box in sample.selectbox) != none
    assert ("stands on Associations, under the opened score" in words(sample)) == none


def test_after_a_refused_fit_the_old_analysis_is_called_old() -> None:
    app = with_sample()
    _few(app, "harmonised")
    submit(app)
    assert "the analysis before" not in words(app)
    widget(app, "selectbox", "Kind of model").set_value("ordinal")
    submit(app)
    assert app.error[0].value.startswith("No published severity bands are known for ")
    assert "What follows is the analysis before" in words(app)
    widget(app, "selectbox", "Kind of model").set_value("lmm")
    submit(app)
    assert "the analysis before" not in words(app)


def test_declared_before_it_is_seen_is_confirmatory() -> None:
    app = with_sample()
    _few(app, "LSAS-SR")
    widget(app, "button", "Declare, then fit").click().run(timeout=60)
    assert not app.exception
    assert "Declared " in words(app)
    assert "after 1 other analysis of these data" in words(app)
    # Once it was seen it can no longer be declared.
    unfold(app)
    widget(app, "button", "Declare, then fit").click().run(timeout=60)
    assert "looked at already" in app.error[0].value
