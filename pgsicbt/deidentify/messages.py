"""What the gate says: the file, the column, the lines and the kind, never what was found."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from pgsicbt.deidentify.found import Found
from pgsicbt.deidentify.suspicion import ColumnLike, Suspicion
from pgsicbt.errors import DataError
from pgsicbt.study import Finding
from pgsicbt.wording import listed

_SHOWN_LINES = 3


class TableLike(Protocol):
    """A table of text: ``lines`` (n_rows,) are lines of the file, counted from 1."""

    @property
    def name(self) -> str: ...
    @property
    def columns(self) -> tuple[str, ...]: ...
    @property
    def lines(self) -> NDArray[np.int64]: ...
    def column(self, name: str, /) -> ColumnLike: ...


def lines_of(table: TableLike, column: ColumnLike, found: Found) -> str:
    """The lines on which something was found; entries are numbered without empty ones."""
    filled = np.flatnonzero(np.array([bool(level) for level in column.levels]))
    suspect = np.zeros(len(column.levels) + 1, dtype=bool)
    suspect[filled[np.array(found.entries, dtype=np.int64)]] = True
    lines = np.unique(np.asarray(table.lines)[suspect[column.codes]])
    shown = [f"{line:,}" for line in lines[:_SHOWN_LINES].tolist()]
    if len(lines) > _SHOWN_LINES:
        shown.append(f"{len(lines) - _SHOWN_LINES:,} more")
    return f"line{'' if len(shown) == 1 else 's'} {listed(shown)}"


def refusal(table: TableLike, name: str, column: ColumnLike, suspicion: Suspicion) -> DataError:
    """The error for a column that may not be kept, or only if the user says what it is."""
    hint = "Remove the column, or replace it by codes that mean nothing elsewhere, and load again"
    if suspicion.overrule:
        hint += "; if it is something else, say so by keeping the column"
    looks = "what looks like " if suspicion.overrule else ""
    return DataError(
        f"{table.name} has {looks}{suspicion.found.kind} in column {name!r} on "
        f"{lines_of(table, column, suspicion.found)}.",
        f"{hint}. Nothing of the file was kept.",
        code="identifier_unsure" if suspicion.overrule else "identifier",
        file=table.name,
        column=name,
    )


def left_out(table: TableLike, name: str, column: ColumnLike, suspicion: Suspicion) -> Finding:
    """The note on a column that was stripped."""
    message = (
        f"Column {name!r} of {table.name} holds {suspicion.found.kind}, on "
        f"{lines_of(table, column, suspicion.found)}; it is left out and not kept."
    )
    return Finding("stripped", "warning", message, table.name, name)


def kept(table: TableLike, name: str, suspicion: Suspicion) -> Finding:
    """The note on a column that stays, because the user said so or it is the join that needs it."""
    if suspicion.outcome == "warn":
        message = (
            f"Column {name!r} of {table.name} is called after {suspicion.found.kind}; if others "
            "can look these up, give people codes of the study instead."
        )
        return Finding("record_numbers", "warning", message, table.name, name)
    message = (
        f"Column {name!r} of {table.name} looks like {suspicion.found.kind} and is kept, as you "
        "decided."
    )
    return Finding("kept", "warning", message, table.name, name)


def dates(table: TableLike, name: str) -> Finding:
    """The note on calendar dates."""
    message = (
        f"Column {name!r} of {table.name} holds calendar dates; at most they count the weeks of "
        "visits, and then they are dropped."
    )
    return Finding("dates", "info", message, table.name, name)


def elsewhere(file: str, kind: str, where: str) -> DataError:
    """The error for something outside the cells of a table; ``file`` may be empty."""
    if not file:
        return DataError(
            f"The name of a file holds what looks like {kind}.",
            "Give the file another name and load it again.",
            code="identifier",
        )
    return DataError(
        f"{file} has {kind} in {where}.",
        "Remove them there and load the file again; nothing of it was kept.",
        code="identifier",
        file=file,
    )
