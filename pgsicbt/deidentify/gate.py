"""Examine one file before anything of it is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from pgsicbt.errors import DataError
from pgsicbt.study import Finding


class ColumnLike(Protocol):
    """A column of text: ``codes`` (n_rows,) are positions in ``levels``, the different cells."""

    @property
    def codes(self) -> NDArray[np.int64]: ...
    @property
    def levels(self) -> NDArray[np.object_]: ...


class TableLike(Protocol):
    """A table of text: ``lines`` (n_rows,) are lines of the file, counted from 1."""

    @property
    def name(self) -> str: ...
    @property
    def columns(self) -> tuple[str, ...]: ...
    @property
    def lines(self) -> NDArray[np.int64]: ...
    def column(self, name: str, /) -> ColumnLike: ...


@dataclass(frozen=True)
class Text:
    """Text of a file outside its tables: ``where`` says what it is, such as "a comment"."""

    where: str
    text: str


@dataclass(frozen=True)
class Examination:
    """What the gate found in one file.

    ``strip`` holds ``(table, column)`` that must be left out before anything else is done with
    the file; ``refusal`` is set where the file must not be kept at all. No finding holds a value.
    """

    findings: tuple[Finding, ...] = ()
    strip: frozenset[tuple[str, str]] = frozenset()
    refusal: DataError | None = None


def examine(
    file: str,
    tables: Sequence[TableLike],
    texts: Sequence[Text],
    answers: Mapping[tuple[str, str], str],
) -> Examination:
    """Look for whatever identifies people in one file.

    Parameters
    ----------
    file
        Name of the file, which is examined as well.
    tables
        Every table of the file, hidden ones included.
    texts
        Comments, document properties, names of sheets, labels.
    answers
        ``(table, column)`` to ``"strip"`` or ``"keep"``, as the user decided.
    """
    return Examination()
