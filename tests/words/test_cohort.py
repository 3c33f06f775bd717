"""A cohort in words, and its table as a journal prints it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from pgsicbt.cohort import describe
from pgsicbt.study import ScoreInfo, Study
from pgsicbt.words.cohort import checks_note, relatives_rows, seen, soundness, who
from pgsicbt.words.cohort_table import TableOne, table_one
from tests.cohort.example import make_cohort

STUDY = make_cohort(500)
FOUND = describe(STUDY)


def _cells(table: TableOne, label: str) -> list[str]:
    (row,) = [r for r in table.rows if r[0] == label]
    return list(row[1:])


def test_who_is_in_it() -> None:
    sizes = STUDY.persons["diagnosis"].value_counts()
    women = round(100 * (STUDY.persons["sex"] == "female").mean())
    assert who(STUDY, FOUND) == (
        f"500 people: depression ({sizes['depression']}), panic ({sizes['panic']}) and social "
        f"({sizes['social']}); {STUDY.persons['age'].mean():.1f} years old on average, "
        f"{women} % women."
    )
    assert seen(FOUND).startswith("On average they were seen 4.")
    assert seen(FOUND).endswith("% of them in week 12, the last.")


def test_soundness_names_what_was_found() -> None:
    assert soundness(STUDY, FOUND) == "None of 12 checks of scores and outcomes found anything."
    study = make_cohort(500)
    study.persons["EDU"] *= 0.3
    found = describe(study)
    assert soundness(study, found) == (
        "Soundness: scale of the scores asks for a decision; 11 other checks found nothing."
    )
    passed, absent = checks_note(study, found)
    assert "scale of the scores" not in passed
    assert absent.endswith("nothing about it: relatives.")


def test_the_table_reads_like_a_journals() -> None:
    table = table_one(STUDY, FOUND)
    people = STUDY.persons
    assert [text for text, _ in table.header][::4] == ["Characteristic", "All\nn = 500"]
    age = people["age"]
    assert _cells(table, "Age in years, mean (SD)")[-1] == f"{age.mean():.1f} ({age.std():.1f})"
    female = (people["sex"] == "female").sum()
    assert _cells(table, "\u2003female")[-1] == f"{female} ({100 * female / 500:.0f})"
    assert _cells(table, "PDSS-SR (0-28)")[0] == "–"
    assert _cells(table, "PGS-EDU")[-1].startswith(f"{people['EDU'].mean():.2f}".replace("-", "−"))
    sections = [r[0] for r in table.rows if len(r) == 1]
    assert sections == [
        "Background", "Symptoms at the start, mean (SD)", "Visits", "Polygenic scores, mean (SD)",
    ]  # fmt: skip
    assert "p value would answer no question" in " ".join(table.notes)
    assert not any("*" in cell for row in table.rows for cell in row)
    frame = table.frame()
    assert list(frame)[-1] == "All, n = 500"
    assert len(frame) == len(table.rows)


def test_median_and_standardised_differences_can_be_had() -> None:
    table = table_one(STUDY, FOUND, median=True, differences=True)
    q = STUDY.persons["age"].quantile([0.5, 0.25, 0.75]).tolist()
    cell = _cells(table, "Age in years, median (quartiles)")
    assert cell[-2] == f"{q[0]:.1f} ({q[1]:.1f}–{q[2]:.1f})"
    assert " to " in _cells(table, "PGS-EDU")[-2]
    assert table.header[-1][0] == "SMD"
    expected = FOUND.differences.set_index("variable").loc["age", "difference"]
    assert cell[-1] == f"{expected:.2f}"
    assert "Austin" in " ".join(table.notes)


def _unknown(n: int) -> Study:
    study = make_cohort(500)
    study.persons.loc[study.persons.index[:n], "sex"] = None
    return study


def test_missing_values_have_a_row() -> None:
    study = _unknown(40)
    assert _cells(table_one(study, describe(study, "")), "\u2003missing, n (%)") == ["40 (8)"]


def test_hidden_counts_are_marked_and_the_mark_is_explained() -> None:
    study = _unknown(4)
    table = table_one(study, describe(study, ""))
    assert _cells(table, "\u2003missing, n (%)") == ["*"]
    assert _cells(table, "\u2003female")[0].startswith("* (")
    notes = " ".join(table.notes)
    assert "fewer than 8 people" in notes
    assert "A percentage then stands alone." in notes


def test_yes_and_no_take_one_row_and_small_units_keep_their_figures() -> None:
    study = make_cohort(500, medication=np.array(["no", "yes"] * 250))
    study.persons["EDU"] *= 1e-4
    table = table_one(study, describe(study, ""))
    assert _cells(table, "Medication, n (%)") == ["250 (50)"]
    sd = study.persons["EDU"].std()
    assert _cells(table, "PGS-EDU")[0].endswith(f"({sd:.5f})")


def test_relatives_in_words() -> None:
    import pandas as pd

    ids = STUDY.persons.index
    pairs = [(ids[2 * i], ids[2 * i + 1], 0.25) for i in range(6)] + [(ids[40], ids[41], 0.5)]
    study = replace(
        STUDY, relatives=pd.DataFrame(pairs, columns=["person_1", "person_2", "kinship"])
    )
    rows = relatives_rows(describe(study))
    assert rows[0][1:] == ["fewer than 8", "fewer than 8"]
    assert rows[1][1:] == ["6", "12"]


def test_of_very_many_scores_the_table_prints_the_first() -> None:
    rng = np.random.default_rng(2)
    study = make_cohort(60)
    names = [f"S{i}" for i in range(30)]
    for name in names:
        study.persons[name] = rng.standard_normal(60)
    study = replace(study, scores=tuple(ScoreInfo(n, n) for n in names))
    found = describe(study, "")
    table = table_one(study, found)
    labels = [r[0] for r in table.rows]
    assert "S23" in labels
    assert "S24" not in labels
    assert "6 more scores" in " ".join(table.notes)
    assert "S29" in set(found.characteristics["variable"])
