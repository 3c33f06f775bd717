"""Pairs of relatives out of a table of kinship."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pgsicbt.errors import DataError
from pgsicbt.ingest.choices import ReadingChoices
from pgsicbt.ingest.content.person_rows import require_numbers
from pgsicbt.ingest.recognise.formats.kinship import kinship_factor
from pgsicbt.ingest.recognise.layout import Layout
from pgsicbt.ingest.source.tables import Table
from pgsicbt.ingest.wording import lines_text

THIRD_DEGREE = 0.0442
"""Kinship from which on two people count as relatives (Manichaikul et al. 2010)."""


@dataclass(frozen=True)
class Pairs:
    """Relatives of one file: positions among its people, and kinship, of shape (n_pairs,) each.

    ``ids`` and ``lines`` are all people of the file, those without a relative too.
    """

    ids: list[str]
    lines: NDArray[np.int64]
    first: NDArray[np.int64]
    second: NDArray[np.int64]
    kinship: NDArray[np.float64]


def read_pairs(table: Table, layout: Layout, choices: ReadingChoices) -> Pairs:
    """The pairs of a table of kinship that are related at least in the third degree.

    Nearer or more distant ones are kept from the recipe's own threshold on, if that is lower.
    Pairs of a person with themselves are passed over; of a pair named twice the larger counts.

    Raises
    ------
    DataError
        If an identifier is missing or a coefficient is no number, or none that kinship can have.
    """
    names = layout.first("id"), layout.first("relative"), layout.first("kinship")
    one, other, measure = (table.column(name) for name in names)
    for column in (one, other):
        if column.n_missing:
            raise DataError(
                f"{table.name} has no identifier in column {column.name!r} on "
                f"{lines_text(table.lines[column.missing])}.",
                "Fill in the identifier or delete these rows.",
                code="missing_id",
                file=table.name,
                column=column.name,
            )
    require_numbers(table, measure, "kinship")
    kinship = measure.numbers * kinship_factor(measure.name)
    beyond = kinship > 1
    if beyond.any():
        raise DataError(
            f"{table.name} has coefficients beyond what kinship can be in column "
            f"{measure.name!r} on {lines_text(table.lines[beyond])}.",
            "Choose the column with the kinship coefficient, which is .5 for the same person.",
            code="kinship_range",
            file=table.name,
            column=measure.name,
        )
    every, ids = pd.factorize(np.concatenate([one.levels, other.levels]))
    first = every[: len(one.levels)][one.codes]
    second = every[len(one.levels) :][other.codes]
    lowest = THIRD_DEGREE if choices.relatives is None else min(THIRD_DEGREE, choices.relatives)
    related = np.flatnonzero((kinship >= lowest) & (first != second))
    # The order of a pair says nothing, and the closest estimate of a pair comes first.
    pairs = np.sort(np.stack([first[related], second[related]], axis=1), axis=1)
    order = np.lexsort([-kinship[related], pairs[:, 1], pairs[:, 0]])
    pairs, degree = pairs[order], kinship[related][order]
    new = np.ones(len(pairs), dtype=bool)
    new[1:] = (pairs[1:] != pairs[:-1]).any(axis=1)
    return Pairs(
        [str(one) for one in ids],
        _first_lines(table, first, second, len(ids)),
        pairs[new, 0],
        pairs[new, 1],
        degree[new],
    )


def _first_lines(
    table: Table, first: NDArray[np.int64], second: NDArray[np.int64], n_people: int
) -> NDArray[np.int64]:
    """Shape (n_people,): the line on which each person is first named."""
    rows = np.full(n_people, table.n_rows, dtype=np.int64)
    for side in (first, second):
        np.minimum.at(rows, side, np.arange(table.n_rows))
    return table.lines[np.minimum(rows, table.n_rows - 1)]
