"""What the results on Associations mean: verdicts on all scores, and more on the one opened."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages.common import show, state
from pgsicbt.errors import PgsIcbtError
from pgsicbt.meaning.interest import Interest, forest_band, interest
from pgsicbt.meaning.verdicts import verdicts
from pgsicbt.result import Result
from pgsicbt.study import Study
from pgsicbt.words.meaning import (
    band_note,
    inner_level,
    interest_sentence,
    verdict_headline,
    verdict_note,
    verdict_rows,
    verdict_sentence,
)


def judged(study: Study, result: Result) -> tuple[Interest, pd.DataFrame] | PgsIcbtError:
    """The smallest effect of interest and the verdicts, or why there are none."""

    def make() -> tuple[Interest, pd.DataFrame] | PgsIcbtError:
        try:
            against = interest(study, result)
            return against, verdicts(study, result, against)
        except PgsIcbtError as problem:
            problem.__traceback__ = problem.__context__ = None
            return problem

    return state.kept(study, "verdicts", result.spec.canonical(), make)


def band(study: Study, result: Result) -> tuple[dict[str, float], str]:
    """The band of too small effects for the forest, and what is said of it."""
    found = judged(study, result)
    if isinstance(found, PgsIcbtError):
        return {}, ""
    half = forest_band(result, found[0])
    return half, band_note(study, result, half)


def verdicts_part(study: Study, result: Result, lead: str) -> None:
    """Verdicts on every score in the leading model."""
    found = judged(study, result)
    st.subheader("Does it matter?")
    if isinstance(found, PgsIcbtError):
        show.quiet(str(found))
        return
    against, frame = found
    show.passage(
        ("sentence", verdict_headline(result, frame, lead)),
        ("quiet", interest_sentence(study, result, against)),
    )
    part = show.folded("Verdict on every score", "verdicts")
    if not part.open:
        return
    with part:
        rows, means = verdict_rows(study, result, frame, lead)
        inner = inner_level(result.spec.confidence)
        show.journal_table(
            rows,
            [
                ("Score", "Every score analysed, controls too"),
                ("Per SD (interval)", f"Effect in the {lead} model and its usual interval"),
                (f"{inner} interval", "The interval that the verdict is read from"),
                ("p, smaller", "That the effect is smaller than what would matter"),
                ("p, at least", "That the effect is at least as large as what would matter"),
                ("Verdict", "Hover over a row for its meaning"),
            ],
            f"Effects of the {lead} model against the smallest effect of interest",
            numeric=range(1, 5),
            titles=means,
        )
        show.quiet(verdict_note(result))
        show.downloads("verdicts", frame, "verdicts")


def verdict_of_score(study: Study, result: Result, score: str, lead: str) -> list[str]:
    """The verdicts on the score that is open, a sentence each."""
    found = judged(study, result)
    if isinstance(found, PgsIcbtError):
        return []
    frame = found[1]
    mine = frame[(frame["score"] == score) & (frame["model"] == lead)]
    return [verdict_sentence(study, result, row) for _, row in mine.iterrows()]
