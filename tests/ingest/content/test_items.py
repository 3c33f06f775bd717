"""Answers to single questions become the totals that adding up by hand gives."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pgsicbt.errors import DataError
from pgsicbt.ingest import ReadingChoices, Upload, read_study
from pgsicbt.ingest.recognise.item_names import split_item
from pgsicbt.instruments import Items, find_instrument

ANSWERS = st.lists(st.lists(st.integers(0, 3), min_size=9, max_size=9), min_size=4, max_size=8)
SCORES = "id,PGS\n" + "".join(f"k{i},{i / 7:.3f}\n" for i in range(12))


def study(frame: pd.DataFrame, **choices):
    files = [Upload("s.csv", SCORES.encode()), Upload("i.csv", frame.to_csv(index=False).encode())]
    return read_study(*files, recipe=ReadingChoices(**choices))


def long(answers) -> pd.DataFrame:
    frame = pd.DataFrame(answers, columns=[f"phq9_{i}" for i in range(1, 10)], dtype=object)
    rows = np.arange(len(frame))
    return frame.assign(id=[f"k{i // 2}" for i in rows], week=rows % 2)


def values(found) -> list[float]:
    return found.outcome_visits("PHQ-9").sort_values(["person", "time"])["value"].tolist()


@settings(deadline=None, max_examples=25)
@given(ANSWERS)
def test_long_and_wide_give_the_sum(answers):
    answers = answers[: len(answers) // 2 * 2]
    frame = long(answers)
    wide = frame.pivot_table(index="id", columns="week", aggfunc="first")
    wide.columns = [f"{name}_w{week}" for name, week in wide.columns]
    expected = sorted(sum(one) for one in answers)
    assert sorted(values(study(frame))) == expected
    assert sorted(values(study(wide.reset_index()))) == expected


def test_unanswered_questions_are_made_up_for_up_to_a_limit():
    answers = [[2] * 9, [2] * 8 + [None], [1, 2] + [3] * 5 + [None] * 2, [3] * 6 + [None] * 3]
    whole = [[1] * 9] * 2
    found = study(long(answers + whole))
    # (1 + 2 + 15) / 7 * 9 = 23.14, rounded to whole points
    assert sorted(values(found)) == [9, 9, 18, 18, 23]
    codes = [finding.code for finding in found.findings]
    assert "prorated" in codes
    assert "too_few_answers" in codes
    assert sorted(values(study(long(answers + whole), prorate={"PHQ-9": 0}))) == [9, 9, 18]
    assert sorted(values(study(long(answers), prorate={"PHQ-9": 3}))) == [18, 18, 23, 27]


def test_questions_counted_the_other_way(monkeypatch):
    from dataclasses import replace

    import pgsicbt.ingest.content.items as items

    phq = find_instrument("PHQ-9")
    turned = replace(phq, items=Items(9, 0, 3, (1, 9)))
    monkeypatch.setattr(items, "find_instrument", lambda _name: turned)
    found = study(long([[0] * 9, [3] * 9, [3] + [0] * 8, [0] * 8 + [1]]))
    assert sorted(values(found)) == [3, 5, 6, 21]


def test_a_total_beside_its_questions_is_held_against_them():
    frame = long([[1] * 9] * 4).assign(phq9_total=[9, 9, 9, 8])
    found = study(frame)
    assert sorted(values(found)) == [8, 9, 9, 9]
    (finding,) = [f for f in found.findings if f.code == "items_differ"]
    assert "line 5" in finding.message


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ([[1, 2, 3, 4] * 2 + [1]] * 4, "counted from 1 to 4"),
        ([[0, 1, 2, 3] * 2 + [9]] * 4, "If 9 stands for no answer"),
        ([[0, 1, 2, 3] * 2 + [5]] * 4, "outside the range of its questions, 0 to 3"),
        ([[0, 1, 2, 3] * 2 + ["often"]] * 2 + [[0] * 9] * 8, "text where an answer"),
    ],
)
def test_answers_out_of_range_are_named_by_column_and_line(answers, words):
    with pytest.raises(DataError) as caught:
        study(long(answers))
    assert words in str(caught.value)
    assert "i.csv" in str(caught.value)
    assert "line" in str(caught.value)


def test_declared_codes_are_no_answers():
    found = study(long([[0, 1, 2, 3] * 2 + [9]] * 4), missing={"PHQ-9": (9.0,)})
    assert values(found) == [14.0] * 4  # 12 / 8 * 9 = 13.5, to the even whole


@pytest.mark.parametrize(
    ("name", "item", "visit"),
    [
        ("phq9_3", 3, ""), ("PHQ9[SQ003]", 3, ""), ("PHQ-9 item 3", 3, ""),
        ("phq9_item_3_w2", 3, "w2"), ("w2_phq9_3", 3, "w2"), ("phq9.q3.week4", 3, "week4"),
    ],
)  # fmt: skip
def test_names_of_questions(name, item, visit):
    found = split_item(name)
    assert found is not None
    assert (found[0].id, found[1], found[2]) == ("PHQ-9", item, visit)


@pytest.mark.parametrize("name", ["phq9", "phq9_total", "phq9_10", "age_3", "PGS_EDU"])
def test_other_names_are_no_questions(name):
    found = split_item(name)
    assert found is None or found[1] == 9  # phq 9 at visit 10 is told by its lonely number
