"""What is folded away below the score that is open: effect sizes and checks of its model."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from pgsicbt.models.effects.effects import effect_sizes
from pgsicbt.models.resampling.influence import influence
from pgsicbt.study import Study
from pgsicbt.words import numbers
from tests.pages.sessions import go, started, unfold, upload, widget, with_sample, words
from tests.real_files import small_outcomes, small_scores


@pytest.fixture(scope="module")
def sample() -> AppTest:
    return with_sample()


def test_effect_sizes_are_those_of_the_package_and_get_their_intervals_when_asked(
    sample: AppTest,
) -> None:
    unfold(sample, "effect-sizes")
    study: Study = sample.session_state["open.study"]
    expected = effect_sizes(study, sample.session_state["open.spec"])
    row = expected.query("score == 'PGS_EDU' and model == 'adjusted'").set_index("quantity")
    text = words(sample)
    assert f"{numbers.estimate(row.loc['points_at_post', 'estimate'])} points" in text
    added = f"{numbers.estimate(100 * row.loc['r2_incremental', 'estimate'])} %"
    assert f">{added}</td><td class=n></td>" in text
    button = widget(sample, "button", "Intervals of the shares, from 1,000 resamples of people")
    button.click().run(timeout=120)
    assert not sample.exception
    assert f">{added}</td><td class=n></td>" not in words(sample)
    assert f">{added}</td><td class=n>0.0" in words(sample)
    # They stay for every score of this analysis, and go with it.
    widget(sample, "selectbox", "Score").set_value("PGS_MDD").run()
    assert "open.resampled" in sample.session_state
    assert "<td class=n></td></tr>" not in words(sample).partition("Effect size")[2]
    widget(sample, "selectbox", "Score").set_value("PGS_EDU").run()


def test_checks_of_the_model_are_aggregates(sample: AppTest) -> None:
    unfold(sample, "checks")
    study: Study = sample.session_state["open.study"]
    found = influence(study, _result(sample), "PGS_EDU", "adjusted").summary()
    beyond = int(found.query("rule == 'cook'")["people_beyond"].iloc[0])
    text = words(sample)
    assert f">{beyond}</td>" in text
    assert "PGS-EDU × time" in text.partition("People beyond")[2]
    assert "Successive residuals" in text


def _result(app: AppTest) -> object:
    from pgsicbt import fit

    return fit(app.session_state["open.study"], app.session_state["open.spec"])


def test_the_parts_hold_for_a_course_without_scores_and_for_few_people() -> None:
    app = upload(go(started(), "data"), ("o.csv", small_outcomes()))
    go(app, "associations")
    unfold(app, "checks")
    assert "Every coefficient" in str([h.value for h in app.subheader])
    assert "People beyond" in words(app)
    both = upload(go(started(), "data"), ("s.csv", small_scores()), ("o.csv", small_outcomes()))
    go(both, "associations")
    for part in ("effect-sizes", "checks"):
        unfold(both, part)
        assert not both.error
