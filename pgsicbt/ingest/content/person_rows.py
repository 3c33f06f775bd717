"""The rows of a file by person: numbers and groups, one entry each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pgsicbt.errors import DataError
from pgsicbt.ingest.choices import ReadingChoices
from pgsicbt.ingest.recognise.layout import Assigned, Layout
from pgsicbt.ingest.source.columns import Column
from pgsicbt.ingest.source.tables import Table
from pgsicbt.ingest.wording import lines_text


@dataclass(frozen=True)
class PersonRows:
    """A table whose rows belong to people.

    ``person`` has shape (n_rows,): the person of each row, from 0 to ``n_persons`` - 1; ``id`` is
    the column that names them.
    """

    table: Table
    layout: Layout
    choices: ReadingChoices
    person: NDArray[np.int64]
    n_persons: int
    id: str

    def numbers(self, column: Column, given: Assigned) -> NDArray[np.float64]:
        """Shape (n_rows,): the column's numbers, declared missing codes taken out."""
        codes = self.choices.missing_of(column.name, given.name or column.name)
        numbers = column.numbers
        return np.where(np.isin(numbers, codes), np.nan, numbers) if codes else numbers

    def once(self, column: Column, what: str) -> NDArray[np.int64]:
        """First row with a value of each person, -1 for none; refuses differing values."""
        differing = column.varies_within(self.person, self.n_persons)
        if differing.size:
            first = column.first_rows(self.person, self.n_persons)[self.person[differing]]
            lines = self.table.lines[np.concatenate([first, differing])]
            raise DataError(
                f"{self.table.name} has different entries for the same person in column "
                f"{column.name!r}, which is {what}, on {lines_text(lines)}.",
                "Keep one entry per person; if the rows are visits, give the column of weeks or "
                "visits its role.",
                code="varies_within_person",
                file=self.table.name,
                column=column.name,
            )
        return column.first_rows(self.person, self.n_persons)


def require_numbers(table: Table, column: Column, what: str) -> None:
    """Refuse text in a column that must hold numbers.

    Raises
    ------
    DataError
        Names the file, the column and the lines; never the text.
    """
    if column.text_rows.size:
        lines = table.lines[column.text_rows]
        raise DataError(
            f"{table.name} has text where numbers are due in column {column.name!r}, which is "
            f"{what}, on {lines_text(lines)}.",
            "Correct these cells, leave them empty if the value is missing, or give the column "
            "another role.",
            code="text_for_number",
            file=table.name,
            column=column.name,
        )
    if column.empty:
        raise DataError(
            f"{table.name} has nothing in column {column.name!r}, which is {what}.",
            "Export the table again or set the column aside.",
            code="empty_column",
            file=table.name,
            column=column.name,
        )
