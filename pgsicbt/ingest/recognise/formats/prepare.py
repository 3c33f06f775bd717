"""What is done to the rows of a genetic file before they are read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd

from pgsicbt.ingest.recognise.formats.pgsc_calc import split_reference
from pgsicbt.ingest.recognise.formats.plink import SEX, is_oxford
from pgsicbt.ingest.recognise.layout import Layout
from pgsicbt.ingest.source.tables import Table

_SEXES = {"1": "male", "2": "female", "1.0": "male", "2.0": "female", "m": "male", "f": "female",
          "male": "male", "female": "female"}  # fmt: skip


def prepare(table: Table, layout: Layout) -> tuple[Table, int]:
    """The table as its rows are to be read, and how many rows of a reference panel were set apart.

    Sex as PLINK codes it becomes words, and an identifier that EIGENSOFT wrote as ``FID:IID``
    becomes that of the person; the types of columns below the header of a ``.sample`` file go.

    Raises
    ------
    DataError
        If all rows belong to a reference panel.
    """
    set_apart = 0
    if layout.kind in ("pgsc_calc", "pgsc_popsimilarity"):
        table, set_apart = split_reference(table)
    if layout.kind == "fam" and is_oxford(table):
        first = table.cells.iloc[0].str.strip().str.upper()
        if table.n_rows > 1 and bool(first.isin(["0", "D", "B", "C", "P"]).all()):
            table = table.keep(np.arange(table.n_rows) > 0)
    for name, given in layout.columns.items():
        if given.reason == SEX.reason and given.role == "covariate":
            table = _with_cells(table, name, lambda cell: _SEXES.get(cell.casefold(), ""))
    if layout.kind == "eigenvec":
        name = layout.first("id")
        if all(str(level).count(":") == 1 for level in table.column(name).levels):
            table = _with_cells(table, name, lambda cell: cell.partition(":")[2])
    return table, set_apart


def _with_cells(table: Table, name: str, change: Callable[[str], str]) -> Table:
    """The table with the cells of one column changed."""
    column = table.column(name)
    levels = np.array([change(str(level)) for level in column.levels], dtype=object)
    cells = table.cells.copy(deep=False)
    cells[table.positions[name]] = pd.Series(levels[column.codes], index=cells.index, dtype="str")
    return replace(table, cells=cells, _columns={})
