"""Sentences about a whole analysis."""

from dataclasses import replace

import numpy as np
import pytest

from pgsicbt.spec import AnalysisSpec
from pgsicbt.words import (
    GLOSSARY,
    analysis_line,
    correction_note,
    define,
    group_note,
    headline,
    lead_adjustment,
)
from tests.figures.example import make_result, make_study, with_row

STUDY = make_study()
RESULT = make_result(STUDY)


def test_headline_counts_survivors_of_the_family() -> None:
    assert headline(RESULT, STUDY, "adjusted") == (
        "In the adjusted model, an association with severity at the start of treatment survives "
        "Holm correction for none of 8 scores, and one with change over the weeks for 1 of 8 "
        "(PGS-EDU)."
    )


def test_headline_says_what_failed_and_what_was_not_corrected() -> None:
    text = headline(RESULT, STUDY, "complete")
    assert "survives Holm correction for none of 7 scores" in text
    assert text.endswith("1 of 8 models could not be fitted.")
    bare = make_result(STUDY, multiplicity="none")
    text = headline(bare, STUDY, "adjusted")
    assert "is clear of zero, with no correction for several tests, for 1 of 8 (PGS-EDU)" in text


def test_headline_of_one_score_counts_nothing() -> None:
    table = RESULT.table[RESULT.table["score"] == "PGS_EDU"].assign(p_adjusted=0.2)
    alone = replace(RESULT, table=table, spec=RESULT.spec.replace(scores=("PGS_EDU",)))
    assert headline(alone, STUDY, "adjusted") == (
        "In the adjusted model, PGS-EDU shows no clear association with severity at the start of "
        "treatment and no clear one with change over the weeks."
    )
    assert correction_note(alone, "PGS_EDU", "adjusted", "main").endswith(
        "the only score, so there is nothing to correct for."
    )
    failed = replace(alone, table=table.assign(status="failed"))
    assert headline(failed, STUDY, "adjusted") == (
        "In the adjusted model, PGS-EDU could not be fitted."
    )


def test_headline_without_scores() -> None:
    empty = replace(RESULT, table=RESULT.table.iloc[:0])
    assert headline(empty, STUDY, "adjusted") == "No score was analysed."


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"adjustments": ("adjusted",), "first_week": 0, "last_week": 12},
         "adjusted model, harmonised score, weeks 0-12, 2,601 people"),
        ({"first_week": -2, "last_week": 12},
         "crude, adjusted and complete models, harmonised score, weeks −2 to 12, 2,601 people"),
        ({"adjustments": ("crude", "adjusted"), "outcome": "PHQ-9"},
         "crude and adjusted models, PHQ-9, all weeks, 2,601 people"),
        ({"adjustments": ("crude",), "first_week": 0, "subset": ("diagnosis", "MDD")},
         "crude model, harmonised score, from week 0, diagnosis MDD only, 2,601 people"),
        ({"adjustments": ("crude",), "last_week": 6.5},
         "crude model, harmonised score, up to week 6.5, 2,601 people"),
    ],
)  # fmt: skip
def test_analysis_line(changes: dict, line: str) -> None:
    assert analysis_line(AnalysisSpec(**changes), 2601) == line


def test_correction_note() -> None:
    assert correction_note(RESULT, "PGS_EDU", "adjusted", "main") == (
        "p = .034, and p = .275 after Holm correction over 8 scores: it does not survive."
    )
    assert correction_note(RESULT, "PGS_EDU", "adjusted", "interaction").endswith("it survives.")
    assert correction_note(RESULT, "PGS_SCZ", "complete", "main") == ""


def test_group_note_names_the_share_of_differences_explained() -> None:
    text = group_note(RESULT, STUDY, "PGS_EDU", "adjusted")
    # 0.69^2 / (0.69^2 + 250) and 0.041^2 / (0.041^2 + 0.36)
    assert text == (
        "This describes groups. Knowing one person's score would hardly change what to expect "
        "for that person: it explains 0.2 % of the differences between people at the start and "
        "0.5 % of those in change."
    )


def test_group_note_without_a_usable_fit_gives_no_number() -> None:
    assert "%" not in group_note(RESULT, STUDY, "PGS_SCZ", "complete")
    flat = tuple(
        replace(f, random_covariance=np.zeros((2, 2))) if f.score == "PGS_EDU" else f
        for f in RESULT.fits
    )
    assert "%" not in group_note(replace(RESULT, fits=flat), STUDY, "PGS_EDU", "adjusted")


def test_group_note_does_not_play_down_a_large_share() -> None:
    big = with_row(RESULT, "PGS_EDU", "adjusted", "main", estimate=9.0)
    text = group_note(big, STUDY, "PGS_EDU", "adjusted")
    assert "hardly" not in text
    assert "24 %" in text


def test_lead_adjustment_prefers_adjusted() -> None:
    assert lead_adjustment(RESULT) == "adjusted"
    crude = replace(RESULT, fits=tuple(f for f in RESULT.fits if f.adjustment == "crude"))
    assert lead_adjustment(crude) == "crude"


def test_glossary_is_found_under_the_names_that_tables_use() -> None:
    for name in ("Estimate", "Interval", "SE", "df", "p", "Adjusted p", "People", "Score",
                 "Model", "Term", "Holm", "singular", "score × time", "Verdict", "AUC (interval)",
                 "I2", "max-T", "adds"):  # fmt: skip
        assert define(name), name
    assert define("nonsense") == ""
    assert all(text.endswith(".") for text in GLOSSARY.values())
