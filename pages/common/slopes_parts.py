"""Severity over all weeks by level of the score that is open."""

from __future__ import annotations

from pages.common import show, state
from pgsicbt.meaning.burden import burden
from pgsicbt.result import Result
from pgsicbt.study import Study
from pgsicbt.words.burden import burden_levels, burden_rows, burden_sentence


def burden_part(study: Study, result: Result, score: str, lead: str) -> None:
    """Symptom burden and scores at chosen weeks, by level of the score."""
    key = f"{result.spec.canonical()} {score} {lead}"
    found = state.kept(study, "burden", key, lambda: burden(result, score, lead))
    show.sentence(burden_sentence(study, result, found))
    levels = burden_levels(found)
    show.journal_table(
        burden_rows(study, result, found),
        [
            ("", "Week, or all weeks together"),
            *((level, f"An average person at {level} of the score") for level in levels),
            (f"{levels[-1]} less {levels[0]}", "Difference with its interval"),
            ("p", "That there is no difference; not corrected"),
        ],
        "Severity by level of the score, everything else at the average",
        numeric=range(1, 3 + len(levels)),
    )
    show.downloads(f"burden-{score}", found.weeks, "burden")
