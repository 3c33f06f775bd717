"""Two columns of one table that both hold the total of one scale at one visit."""

from __future__ import annotations

import numpy as np

from pgsicbt.ingest.questions import AskingError, Question
from pgsicbt.ingest.source.columns import Column
from pgsicbt.ingest.source.tables import Table
from pgsicbt.ingest.wording import lines_text
from pgsicbt.study import Finding


def same_totals(
    table: Table, first: Column, second: Column, outcome: str, codes: tuple[float, ...]
) -> Finding:
    """Hold the two against each other; ``codes`` stand for no value.

    Returns
    -------
    Finding
        That they agree, so that the first is used, and the second where the first is empty.

    Raises
    ------
    AskingError
        If they differ on any row, with the question which of them counts.
    """
    one, two = (np.where(np.isin(c.numbers, codes), np.nan, c.numbers) for c in (first, second))
    differs = ~np.isnan(one) & ~np.isnan(two) & ~np.isclose(one, two)
    both = f"{table.name} has two columns with totals of {outcome} at one visit, "
    both += f"{first.name!r} and {second.name!r}"
    if not differs.any():
        message = f"{both}; where both have one they agree, and it counts once."
        return Finding("same_totals", "info", message, table.name, second.name)
    sentence = f"{both}, which differ on {lines_text(table.lines[differs])}."
    text = f"{sentence} Which of them is the total?"
    names = (first.name, second.name)
    raise AskingError(
        sentence,
        "Choose the column to be used; the other is left out.",
        questions=(Question("total", table.name, second.name, text, names),),
        code="two_totals",
        file=table.name,
        column=second.name,
    )
