"""Columns of one thing at several visits."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from pgsicbt.ingest import inspect
from tests.ingest.builders import csv


def read(columns: list[str], highest: int = 40, **more):
    rng = np.random.default_rng(4)
    frame = pd.DataFrame({"person_id": [f"K{i:02d}" for i in range(30)]})
    for name in columns:
        frame[name] = rng.integers(0, highest + 1, 30)
    for name, values in more.items():
        frame[name] = values
    (found,) = inspect([csv(frame, "wide.csv")])
    roles = {c.column: (c.role, c.name) for c in found.columns}
    return found, roles


@pytest.mark.parametrize("pattern", ["PHQ9TOT{}", "phq9tot{}", "PHQ9sum{}", "phq9_total{}"])
def test_a_word_for_the_total_before_the_number(pattern):
    names = [pattern.format(week) for week in (0, 1, 12)]
    found, roles = read(names, 27)
    assert found.error is None
    assert {roles[name] for name in names} == {("outcome", "PHQ-9")}
    assert [visit.week for visit in found.visits] == [0, 1, 12]
    assert "visit_numbers" in {one.code for one in found.findings}


@pytest.mark.parametrize("names", [["WORRYX_t0", "WORRYX_t1"], ["v0_worryx", "v1_worryx"]])
def test_an_unknown_scale_is_an_outcome_with_a_warning(names):
    found, roles = read(names)
    assert {roles[name][0] for name in names} == {"outcome"}
    assert "visit_numbers" in {one.code for one in found.findings}


@pytest.mark.parametrize(
    ("names", "highest"),
    [(["worryx_1", "worryx_2", "worryx_3"], 40),
     (["worryx1_t0", "worryx2_t0", "worryx1_t1", "worryx2_t1"], 3)],
)  # fmt: skip
def test_what_could_be_anything_is_left_out_with_a_warning(names, highest):
    found, roles = read(names, highest, phq9_pre=np.arange(30) % 28, phq9_post=5)
    assert {roles[name][0] for name in names} == {"ignore"}
    assert [one.severity for one in found.findings if one.code == "unread_outcome"] == ["warning"]


def test_the_first_measurement_of_a_covariate_stays():
    names = ["bmi_w12", "bmi_w0", "bmi_w4"]
    found, roles = read([*names, "phq9_w0", "phq9_w4", "phq9_w12"], 27)
    assert [roles[name][0] for name in names] == ["ignore", "covariate", "ignore"]
    assert "unread_outcome" in {one.code for one in found.findings}


def test_scores_components_and_yes_or_no_are_left_alone():
    rng = np.random.default_rng(5)
    more = {f"EA_{t}": rng.normal(size=30) for t in ("0.05", "0.5", "1")}
    found, roles = read(["comorb_1", "comorb_2", "comorb_3"], 1, PC_1=rng.normal(size=30), **more)
    assert {roles[name][0] for name in ("comorb_1", "comorb_2", "comorb_3")} == {"covariate"}
    assert {roles[name][0] for name in more} == {"score"}
    assert roles["PC_1"][0] == "component"
    assert not [one for one in found.findings if one.code == "unread_outcome"]


def test_ages_in_whole_years_do_not_tell_weeks():
    whole = {f"age_t{t}": np.arange(30) + 30 for t in (0, 1)}
    found, roles = read(["phq9_t0", "phq9_t1"], 27, **whole)
    assert found.error is None
    assert [roles[f"age_t{t}"][0] for t in (0, 1)] == ["covariate", "ignore"]


def test_two_totals_of_one_scale_are_no_scores():
    rows = [(f"K{i:02d}", w, (i + w) % 28, (i + w) % 28) for i in range(20) for w in (0, 4)]
    frame = pd.DataFrame(rows, columns=["person_id", "week", "phq9", "phq9_sum"])
    (found,) = inspect([csv(frame, "long.csv")])
    assert {c.column: c.role for c in found.columns}["phq9"] == "outcome"


def test_copies_of_a_repeating_form_are_numbered_visits():
    rows = []
    for i in range(12):
        rows.append((f"K{i:02d}", "", "", 30 + i, ""))
        rows += [(f"K{i:02d}", "phq9", str(k), "", str((i + k) % 28)) for k in (1, 2, 3)]
    names = ["record_id", "redcap_repeat_instrument", "redcap_repeat_instance", "age", "phq9_total"]
    (found,) = inspect([csv(pd.DataFrame(rows, columns=names), "repeat.csv")])
    assert found.error is None
    assert {c.column: c.role for c in found.columns}["redcap_repeat_instance"] == "time"
    assert "visit_numbers" in {one.code for one in found.findings}


@pytest.mark.parametrize("pattern", ["phq9{}_t{}", "t{1}_phq9_{0}", "PHQ9_{}_week{}"])
def test_questions_in_letters(pattern):
    names = [pattern.format(letter, visit) for visit in (0, 4) for letter in "abcdefghi"]
    found, roles = read(names, 3)
    assert found.error is None
    assert {roles[name] for name in names} == {("item", "PHQ-9")}


def test_two_subscales_are_no_questions_in_letters():
    names = [f"HADS_{scale}_t{visit}" for scale in "AD" for visit in (0, 1)]
    _, roles = read(names, 21)
    assert {roles[name] for name in names} == {("outcome", "HADS-A"), ("outcome", "HADS-D")}
