"""Tables of what a result stands on: verdicts, where scores come from, what else was looked at."""

from __future__ import annotations

import pandas as pd

from pgsicbt.ledger import Ledger
from pgsicbt.provenance import Provenance
from pgsicbt.report import markup
from pgsicbt.result import Result
from pgsicbt.study import Study
from pgsicbt.words.ledger import ledger_line, ledger_rows
from pgsicbt.words.meaning import inner_level, verdict_note, verdict_rows
from pgsicbt.words.provenance import NOT_STATED, TABLE_HEADER, table_rows

LEDGER_HEADER = ("", "When (UTC)", "Analysis", "Models", "Purpose")
"""Columns of :func:`pgsicbt.words.ledger.ledger_rows`."""


def verdict_table(study: Study, result: Result, frame: pd.DataFrame, lead: str) -> str:
    """Every score against the smallest effect of interest, in the leading model."""
    rows, _ = verdict_rows(study, result, frame, lead)
    header = [
        "Score", "Per SD (interval)", f"{inner_level(result.spec.confidence)} interval",
        "p, smaller", "p, at least", "Verdict",
    ]  # fmt: skip
    caption = f"Effects of the {lead} model against the smallest effect of interest."
    table = markup.table(caption, header, rows, numeric=range(1, 5))
    return table + markup.paragraph(verdict_note(result), "quiet")


def provenance_table(study: Study, result: Result, stated: dict[str, Provenance]) -> str:
    """Where each score comes from, as papers print it."""
    rows = table_rows(study, result.spec.scores, stated)
    if all(cell == NOT_STATED for row in rows for cell in row[1:]):
        return markup.paragraph(
            "The files do not state where the scores come from: discovery study, its size and "
            "ancestry, overlap with these people, and scoring are for the paper to add.",
            "quiet",
        )
    return markup.table("Provenance of the scores.", TABLE_HEADER, rows)


def sitting_table(ledger: Ledger) -> str:
    """Every analysis that was looked at in one sitting, in order."""
    return markup.paragraph(ledger_line(ledger)) + markup.table(
        "Every analysis of this sitting, in order.", LEDGER_HEADER, ledger_rows(ledger),
        numeric=(3,),
    )  # fmt: skip
