"""A table as the gate sees it, for tests."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from pgsicbt.deidentify import Examination, examine
from pgsicbt.ingest.source.columns import Column


class Table:
    """Columns of text of a file called x.csv."""

    def __init__(self, **columns: Sequence[str]) -> None:
        self.name = "x.csv"
        self.columns = tuple(columns)
        self.cells = {n: Column.read(n, pd.Series(v, dtype="str")) for n, v in columns.items()}
        self.lines = np.arange(2, 2 + len(next(iter(columns.values()))))

    def column(self, name: str) -> Column:
        return self.cells[name]


def look(column: Sequence[str], name: str = "c", **answers: str) -> Examination:
    """Examine one column."""
    table = Table(**{name: [str(one) for one in column]})
    return examine("x.csv", [table], [], {("x.csv", n): a for n, a in answers.items()})
