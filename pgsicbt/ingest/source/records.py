"""Where the records of a text lie, and their cells; in memory that grows with the text only."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pgsicbt.errors import DataError
from pgsicbt.ingest.wording import lines_text

MOST_LINES = 10_000_000
"""Lines of a text that are read at most."""
MOST_CELLS = 100_000_000
"""Rows times columns that are read at most."""
_BLOCK = 2**24
_CELLS_AT_ONCE = 8_000_000
_LONGEST_LINE = 2_000_000
_SPARE = 3


@dataclass(frozen=True)
class Records:
    """Where the records of a text lie.

    Parameters
    ----------
    starts, ends
        Shape (n_records,): first byte of each record, and the byte behind its last.
    fields
        Shape (n_records,): number of cells.
    lines
        Shape (n_records,): line of the file where the record begins.
    filled
        Shape (n_records,): records that are not blank.
    """

    name: str
    data: bytes
    delimiter: str
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    fields: NDArray[np.int64]
    lines: NDArray[np.int64]
    filled: NDArray[np.bool_]

    def parsed(self, start: int, number: int) -> list[list[str]]:
        """The cells of some records, from the one numbered ``start`` on.

        Raises
        ------
        DataError
            If a line is too long for a table or quotation marks are astray.
        """
        chosen = slice(start, start + number)
        if int((self.ends[chosen] - self.starts[chosen]).max(initial=0)) > _LONGEST_LINE:
            raise DataError(
                f"{self.name} has lines too long for a table.",
                "Load a table with one row per person or visit.",
                code="not_a_table",
                file=self.name,
            )
        parts = [
            self.data[a:b].decode("utf-8", "replace")
            for a, b in zip(self.starts[chosen], self.ends[chosen], strict=True)
        ]
        try:
            return [
                next(csv.reader(io.StringIO(part), delimiter=self.delimiter), []) for part in parts
            ]
        except csv.Error:
            raise broken(self.name) from None

    def width(self, rows: NDArray[np.int64], expected: int) -> int:
        """Number of cells to read of each row.

        Raises
        ------
        DataError
            If rows are short, or longer than ``expected`` by more than stray separators.
        """
        fields = self.fields[rows]
        short = fields < expected
        if short.any():
            raise ragged(self.name, self.lines[rows][short], expected, "fewer")
        if fields.max() > expected + _SPARE:
            raise ragged(self.name, self.lines[rows][fields > expected], expected, "more")
        widest = int(fields.max())
        if widest * len(rows) > MOST_CELLS:
            raise _too_many(self.name, MOST_CELLS, "cells")
        return widest

    def cells(self, rows: NDArray[np.int64], width: int) -> pd.DataFrame:
        """Shape (n_rows, width): some records as text cells.

        Raises
        ------
        DataError
            If quotation marks are astray.
        """
        at_once = max(1, _CELLS_AT_ONCE // width)
        parts = [
            self._some(rows[start : start + at_once], width)
            for start in range(0, len(rows), at_once)
        ]
        return parts[0] if len(parts) == 1 else pd.concat(parts, ignore_index=True)

    def _some(self, rows: NDArray[np.int64], width: int) -> pd.DataFrame:
        try:
            cells = pd.read_csv(
                io.BytesIO(self._body(rows)),
                sep=self.delimiter,
                header=None,
                names=list(range(width)),
                dtype=str,
                na_filter=False,
                skip_blank_lines=False,
                encoding="utf-8",
                engine="c",
                low_memory=False,
            )
        except (pd.errors.ParserError, pd.errors.EmptyDataError, ValueError):
            raise broken(self.name) from None
        # Fields beyond the names would become an index: pandas saw quotation marks differently.
        if len(cells) != len(rows) or not isinstance(cells.index, pd.RangeIndex):
            raise broken(self.name)
        return cells

    def _body(self, rows: NDArray[np.int64]) -> bytes:
        first, last = int(rows[0]), int(rows[-1])
        limits = np.append(self.starts, len(self.data))[first : last + 2]
        if last - first + 1 == len(rows):
            return self.data[limits[0] : limits[-1]]
        keep = np.zeros(last - first + 1, dtype=bool)
        keep[rows - first] = True
        mask = np.repeat(keep, np.diff(limits))
        raw = np.frombuffer(self.data, dtype=np.uint8)[limits[0] : limits[-1]]
        body: bytes = raw[mask].tobytes()
        return body


def scan(name: str, data: bytes, delimiter: str, skipped: int) -> Records:
    """Find records and count their cells; separators within quotation marks do not count.

    Parameters
    ----------
    skipped
        Lines of the file that stand above ``data``.

    Raises
    ------
    DataError
        If a quotation mark is never closed, or there are too many lines.
    """
    if data.count(b"\n") >= MOST_LINES:
        raise _too_many(name, MOST_LINES, "lines")
    found: list[tuple[NDArray[np.int64], ...]] = []
    base = quotes = 0
    carried = [0, 0, 0]  # separators, letters and line breaks of a record begun earlier
    for start in range(0, len(data), _BLOCK):
        block = data[start : start + _BLOCK]
        raw = np.frombuffer(block, dtype=np.uint8)
        breaks, separator = raw == 10, raw == ord(delimiter)
        newline = breaks
        if b'"' in block or quotes % 2:
            mark = raw == 34
            outside = np.bitwise_xor.accumulate(mark.view(np.uint8)) == quotes % 2
            newline, separator = newline & outside, separator & outside
            quotes += int(mark.sum())
        ends = np.flatnonzero(newline)
        starts = np.concatenate([[0], ends + 1])
        starts = starts[starts < len(raw)]
        letters = (raw > 32) & (raw != ord(delimiter)) & (raw != 34)
        sums = [np.add.reduceat(x, starts, dtype=np.int64) for x in (separator, letters, breaks)]
        if len(starts) == len(ends):  # the block ends where a record ends
            sums = [np.append(one, 0) for one in sums]
        for one, before in zip(sums, carried, strict=True):
            one[0] += before
        carried = [int(one[-1]) for one in sums]
        found.append((ends + base, *(one[:-1] for one in sums)))
        base += len(raw)
    if quotes % 2:
        raise DataError(
            f"{name} opens a quotation mark that it never closes.",
            "Remove stray quotation marks and save the table again.",
            code="quotes",
            file=name,
        )
    ends, separators, content, broken_at = (
        np.concatenate(parts) for parts in zip(*found, strict=True)
    )
    if not len(ends) or ends[-1] != len(data) - 1:
        ends = np.append(ends, len(data))
        separators, content = np.append(separators, carried[0]), np.append(content, carried[1])
        broken_at = np.append(broken_at, carried[2])
    return Records(
        name,
        data,
        delimiter,
        starts=np.concatenate([[0], ends[:-1] + 1]),
        ends=ends,
        fields=separators + 1,
        lines=np.concatenate([[0], np.cumsum(broken_at)[:-1]]) + 1 + skipped,
        filled=content > 0,
    )


def _too_many(name: str, most: int, what: str) -> DataError:
    return DataError(
        f"{name} has more than {most:,} {what}.",
        "Load only the rows and columns that the analysis needs.",
        code="too_large",
        file=name,
    )


def ragged(name: str, lines: NDArray[np.int64], expected: int, how: str) -> DataError:
    """The error for rows with ``how`` ("more", "fewer") cells than the header."""
    return DataError(
        f"{name} has {how} cells than the header's {expected} on {lines_text(lines)}.",
        "Check these lines for missing or stray separators, or export the table again.",
        code="ragged",
        file=name,
    )


def broken(name: str) -> DataError:
    """The error for text in which quotation marks are astray."""
    return DataError(
        f"{name} cannot be divided into rows and cells.",
        "Remove stray quotation marks and save the table again as CSV.",
        code="quotes",
        file=name,
    )
