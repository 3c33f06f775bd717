"""Words on what was declared and what was looked at."""

from __future__ import annotations

from pgsicbt.ledger import Ledger
from pgsicbt.spec import AnalysisSpec
from pgsicbt.words.ledger import ledger_line, ledger_rows, purpose_note

SPEC = AnalysisSpec(outcome="PHQ-9", scores=("A", "B"), adjustments=("adjusted",))
AT = "2026-11-01T10:20:30+00:00"


def test_an_analysis_that_was_not_declared_is_called_exploratory():
    note = purpose_note(Ledger().look(SPEC, "d").entries[0])
    assert note.startswith("Exploratory: this analysis was not declared")


def test_a_declared_one_says_when_and_after_how_many_others():
    first = Ledger().declare(SPEC, "d", at=AT).look(SPEC, "d")
    assert purpose_note(first.entries[0]) == (
        "Confirmatory: declared 2026-11-01 10:20:30 UTC, before any result on these data was seen "
        "in this sitting."
    )
    other = SPEC.replace(covariates=("age",))
    later = Ledger().look(other, "d").declare(SPEC, "d", at=AT).look(SPEC, "d")
    assert "after 1 other analysis of these data had been seen" in purpose_note(later.entries[1])
    assert purpose_note(None) == ""


def test_the_line_counts_analyses_models_and_declarations():
    assert ledger_line(Ledger()) == "Nothing has been looked at yet."
    one = Ledger().look(SPEC, "d")
    assert ledger_line(one) == (
        "1 analysis with 2 models was looked at; none of them were declared before."
    )
    two = one.declare(SPEC, "e").look(SPEC, "e")
    assert ledger_line(two) == (
        "2 analyses with 4 models were looked at; 1 of them was declared before."
    )


def test_rows_tell_a_challenge_from_the_analysis_itself():
    ledger = Ledger().look(SPEC, "d", at=AT).look(SPEC, "d", "drop-out", models=9, at=AT)
    assert [row[0] for row in ledger_rows(ledger)] == ["1", "2"]
    assert ledger_rows(ledger)[1][1:4] == [
        "10:20", "drop-out: adjusted model, PHQ-9, all weeks", "9",
    ]  # fmt: skip
