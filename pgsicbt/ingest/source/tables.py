"""A table of text cells that remembers the line of the file each row stood on."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pgsicbt.errors import DataError
from pgsicbt.ingest.source.columns import Column
from pgsicbt.study import Finding

MAX_COLUMNS = 20_000


@dataclass(frozen=True, eq=False)
class Table:
    """A file as rows and columns of text.

    Parameters
    ----------
    columns
        Names from the header, each once.
    cells
        One text column per name, numbered from 0, as they stand in the file.
    lines
        Shape (n_rows,): the line of the file where each row starts, counted from 1; of a sheet
        the row; of a statistical file the record plus one.
    comments
        Lines above the header that begin with ``#``.
    texts
        Other text of the file that stands above or below the table.
    format, sheet
        What the file is, such as "Excel" or "SPSS", and the sheet the table stood on.
    labels
        Column to code to label, as statistical programs keep them.
    titles
        Column to its longer name: a variable label, or the question of a survey.
    decimal
        ``","`` or ``"."`` where the user has said it, otherwise recognised by column.
    """

    name: str
    columns: tuple[str, ...]
    cells: pd.DataFrame
    lines: NDArray[np.int64]
    sha256: str = ""
    separator: str = "comma"
    encoding: str = "UTF-8"
    comments: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    format: str = "text"
    sheet: str = ""
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)
    decimal: str = ""
    findings: tuple[Finding, ...] = ()
    _columns: dict[str, Column] = field(default_factory=dict, repr=False)

    @property
    def n_rows(self) -> int:
        return len(self.lines)

    @cached_property
    def positions(self) -> dict[str, int]:
        return {name: i for i, name in enumerate(self.columns)}

    def column(self, name: str) -> Column:
        """One column, typed; worked out once.

        Raises
        ------
        DataError
            If the table has no such column.
        """
        if name not in self._columns:
            if name not in self.positions:
                raise DataError(
                    f"{self.name} has no column called {name!r}.",
                    "Check the spelling against the file's header.",
                    code="unknown_column",
                    file=self.name,
                    column=name,
                )
            self._columns[name] = Column.read(name, self.cells[self.positions[name]], self.decimal)
        return self._columns[name]

    def without(self, columns: Collection[str]) -> Table:
        """The table without some of its columns."""
        if not columns:
            return self
        kept = [i for i, name in enumerate(self.columns) if name not in columns]
        return replace(
            self,
            columns=tuple(self.columns[i] for i in kept),
            cells=self.cells[kept].set_axis(range(len(kept)), axis=1),
            _columns={},
        )

    def keep(self, rows: NDArray[np.bool_]) -> Table:
        """The table with the marked rows only."""
        return replace(self, cells=self.cells.loc[rows], lines=self.lines[rows], _columns={})
