"""Other scales of an outcome, held against numbers by hand and plain pandas."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

import pgsicbt
from pgsicbt.errors import SpecError
from pgsicbt.scales import baseline, percent_change, split_scale, t_score, z_at_baseline
from pgsicbt.spec import AnalysisSpec
from pgsicbt.words.scale import outcome_scale
from tests.ingest import builders


def visits(*rows: tuple[str, float, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["person", "time", "value"])


THREE = visits(
    ("a", -2, 20), ("a", 0, 16), ("a", 4, 8), ("b", -2, 10), ("b", 4, 12), ("c", 1, 4), ("c", 4, 0)
)
LATE = visits(("d", 2, 16), ("d", 4, 8))  # first seen when treatment was under way


def test_baseline_is_the_last_value_up_to_week_0_or_else_the_first_up_to_week_1():
    found = baseline(pd.concat([THREE, LATE]))
    assert found["value"].to_dict() == {"a": 16, "b": 10, "c": 4}
    assert found["time"].to_dict() == {"a": 0, "b": -2, "c": 1}
    later = baseline(pd.concat([THREE, LATE]), begin=2.0)  # the last value up to week 2, or 3
    assert later["time"].to_dict() == {"a": 0, "b": -2, "c": 1, "d": 2}


def test_who_has_no_baseline_is_measured_by_the_others_and_has_no_percentage():
    together = pd.concat([THREE, LATE])
    assert z_at_baseline(together)["value"].tolist()[-2:] == pytest.approx([1, -1 / 3])
    assert set(percent_change(together)["person"]) == {"a", "b", "c"}


def test_z_and_t_by_hand():
    # baselines 16, 10, 4: mean 10, standard deviation 6
    assert z_at_baseline(THREE)["value"].tolist() == pytest.approx(
        [10 / 6, 1, -1 / 3, 0, 1 / 3, -1, -10 / 6]
    )
    assert t_score(THREE)["value"].iloc[1] == pytest.approx(60)


def test_percentage_change_by_hand():
    found = percent_change(THREE)
    assert found[["person", "time"]].to_numpy().tolist() == [["a", 4], ["b", 4], ["c", 4]]
    assert found["value"].tolist() == pytest.approx([-50, 20, -100])
    assert percent_change(visits(("a", 0, 0), ("a", 1, 5))).empty
    assert percent_change(visits(("a", 0, -0.2), ("a", 1, 0.4))).empty  # an index below zero


@settings(deadline=None)  # the first call may come while the machine is busy
@given(
    st.lists(st.integers(0, 27), min_size=3, max_size=30).filter(lambda v: len(set(v)) > 1),
    st.integers(1, 5),
    st.integers(-9, 9),
)
def test_z_is_that_of_scipy_and_does_not_depend_on_units(values, times, plus):
    rows = visits(*((f"p{i}", 0.0, float(v)) for i, v in enumerate(values)))
    expected = stats.zscore(values, ddof=1)
    assert z_at_baseline(rows)["value"].to_numpy() == pytest.approx(expected)
    other = rows.assign(value=times * rows["value"] + plus)
    assert z_at_baseline(other)["value"].to_numpy() == pytest.approx(expected)


def test_names_with_a_scale():
    assert split_scale("PHQ-9:z") == ("PHQ-9", "z")
    assert split_scale("odd: name") == ("odd: name", None)


@pytest.fixture(scope="module")
def study():
    return pgsicbt.read_study(
        builders.csv(builders.scores(60), "s"), builders.csv(builders.long(60), "o")
    )


def test_outcomes_of_a_study_on_other_scales(study):
    name = study.outcome_names[0]
    info = study.outcome(f"{name}:z")
    assert (info.unit, info.minimum) == ("SD", None)
    assert info.label.endswith("z at baseline")
    rows = study.outcome_visits(f"{name}:z")
    start = baseline(rows)["value"]
    assert start.mean() == pytest.approx(0, abs=1e-12)
    assert start.std() == pytest.approx(1)
    raw = study.outcome_visits(name)
    own = study.outcome(name)
    assert study.outcome_visits(f"{name}:pomp")["value"].to_numpy() == pytest.approx(
        100 * (raw["value"] - own.minimum) / (own.maximum - own.minimum)
    )
    assert name in study.outcome_names
    assert f"{name}:z" not in study.outcome_names
    with pytest.raises(SpecError, match="percent of maximum"):
        study.outcome("harmonised:pomp")
    with pytest.raises(SpecError, match="no outcome"):
        study.outcome_visits("nothing:z")


def test_the_harmonised_outcome_is_standardised_within_each_instrument(study):
    rows = study.outcome_visits("harmonised:z")
    for name in study.outcome_names:
        if name == "harmonised":
            continue
        own = study.outcome_visits(f"{name}:z")
        together = rows.merge(own, on=["person", "time"], suffixes=("", "_own"))
        assert len(together) == len(own)
        assert together["value"].to_numpy() == pytest.approx(together["value_own"].to_numpy())


def test_a_scale_changes_the_unit_and_not_the_test(study):
    name = study.outcome_names[0]
    spec = AnalysisSpec(
        outcome=name, scores=("PGS_EDU",), adjustments=("crude",), random="intercept"
    )
    raw = pgsicbt.fit(study, spec).table.set_index("term")
    z = pgsicbt.fit(study, spec.replace(outcome=f"{name}:z")).table.set_index("term")
    start = baseline(study.outcome_visits(name))["value"]
    assert z["statistic"]["time:PGS_EDU"] == pytest.approx(raw["statistic"]["time:PGS_EDU"])
    assert z["estimate"]["time:PGS_EDU"] * start.std() == pytest.approx(
        raw["estimate"]["time:PGS_EDU"]
    )
    assert outcome_scale(study, f"{name}:z").unit == "SD"
    assert np.isfinite(z["p_value"]["PGS_EDU"])
