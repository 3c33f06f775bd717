"""Identifiers spelt differently in different files, and two values of one visit."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pgsicbt.errors import DataError
from pgsicbt.ingest import ReadingChoices, Upload, read_study
from pgsicbt.study import Study
from tests.ingest.builders import text

Spell = Callable[[int], str]
WIDTH = 20


def scores(spell: Spell, n: int = WIDTH) -> Upload:
    return text("s.csv", "id,PGS_A", *(f"{spell(i)},{i / 7:.3f}" for i in range(1, n + 1)))


def outcomes(spell: Spell, n: int = WIDTH) -> Upload:
    rows = [f"{spell(i)},{week},{(i + week) % 27}" for i in range(1, n + 1) for week in range(3)]
    return text("o.csv", "id,week,phq9", *rows)


def said(study: Study, code: str) -> list[str]:
    return [f.message for f in study.findings if f.code == code]


def test_zeros_dropped_by_a_spreadsheet_are_passed_over_and_told() -> None:
    study = read_study(scores(lambda i: f"{i:04d}"), outcomes(str))
    assert len(study.persons) == WIDTH
    (message,) = said(study, "ids_matched")
    assert message.startswith("20 people of s.csv (column 'id') are found in the other files only")
    assert "leading zeros" in message
    # Whoever does not want that says so.
    with pytest.raises(DataError, match="No person of") as caught:
        read_study(scores(lambda i: f"{i:04d}"), outcomes(str), recipe=ReadingChoices(ids="exact"))
    assert "without leading zeros" in caught.value.hint


def test_decimals_of_zero_go_the_same_way() -> None:
    assert len(read_study(scores(lambda i: f"{i}.0"), outcomes(str)).persons) == WIDTH


@pytest.mark.parametrize(
    ("ids", "left", "right", "words"),
    [
        ("case", lambda i: f"K{i}", lambda i: f"k{i}", "upper and lower case"),
        ("punctuation", lambda i: f"K-{i}", lambda i: f"K{i}", "blanks and punctuation"),
        ("zeros", lambda i: f"K{i:03d}", lambda i: f"K{i}", "leading zeros"),
        ("family", lambda i: f"K{i}_K{i}", lambda i: f"K{i}", "family identifier"),
        ("family", lambda i: f"0_K{i}", lambda i: f"K{i}", "family identifier"),
        ("all", lambda i: f" k-{i}", lambda i: f"K{i:04d}", "blanks, punctuation, case"),
    ],
)
def test_other_spellings_are_asked_about_and_applied_when_chosen(
    ids: str, left: Spell, right: Spell, words: str
) -> None:
    with pytest.raises(DataError) as caught:
        read_study(scores(left), outcomes(right))
    assert caught.value.code == "no_matching_ids"
    assert words in caught.value.hint
    study = read_study(scores(left), outcomes(right), recipe=ReadingChoices(ids=ids))
    assert len(study.persons) == WIDTH
    (message, *_) = said(study, "ids_matched")
    assert words in message


def test_a_part_that_is_spelt_otherwise_is_told_though_most_match() -> None:
    study = read_study(scores(lambda i: f"K{i}"), outcomes(lambda i: f"{'Kk'[i % 3 == 0]}{i}"))
    (message,) = said(study, "few_matches")
    assert "Only 14 of 20 people" in message
    assert "upper and lower case" in message


def test_two_people_never_become_one() -> None:
    both = Upload("s.csv", scores(lambda i: f"{i:04d}").data + b"7,0.5\n")
    with pytest.raises(DataError, match=r"lines 8 and 22") as caught:
        read_study(both, outcomes(str), recipe=ReadingChoices(ids="zeros"))
    assert (caught.value.code, caught.value.file, caught.value.column) == (
        "merged_ids", "s.csv", "id",
    )  # fmt: skip
    assert "0007" not in str(caught.value)
    with pytest.raises(DataError, match=r"lines 8 and 22"):
        read_study(both, outcomes(str))


REPEATED = text(
    "o.csv", "id,week,phq9", *(f"k{i},{w},{i + w}" for i in range(9) for w in range(3)), "k3,1,14"
)


@pytest.mark.parametrize(("keep", "value"), [("first", 4.0), ("last", 14.0), ("mean", 9.0)])
def test_two_values_of_one_visit(keep: str, value: float) -> None:
    with pytest.raises(DataError, match=r"lines 12 and 29 of o\.csv") as caught:
        read_study(REPEATED)
    assert "the first, the last or their mean" in caught.value.hint
    study = read_study(REPEATED, recipe=ReadingChoices(repeats=keep))
    visits = study.outcome_visits("PHQ-9")
    assert len(visits) == 27
    person = visits.loc[visits["time"] == 0].query("value == 3")["person"].item()
    kept = visits[(visits["person"] == person) & (visits["time"] == 1)]["value"].item()
    assert kept == value
    (message,) = said(study, "repeats")
    assert "1 value differs" in message
    assert "line 29 of o.csv" in message
    assert [s.lost_observations for s in study.ledger if s.step == "all files joined"] == [1]
