"""Where the scores of a scan come from: a matrix in memory, a frame, or a Parquet file.

A source hands out scores in blocks, one row per score, so that a file of any width is never in
memory as a whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import parquet

from pgsicbt.errors import DataError
from pgsicbt.result import Array


class ScoreSource(Protocol):
    """Scores by name: ``block`` returns (scores, rows) for positions in ``names``.

    Missing values are NaN. The array may be a view of the caller's data and is not written to.
    """

    @property
    def names(self) -> tuple[str, ...]: ...

    @property
    def n_rows(self) -> int: ...

    def block(self, positions: Sequence[int]) -> Array: ...


@dataclass(frozen=True)
class MatrixScores:
    """A (people, scores) matrix in memory."""

    names: tuple[str, ...]
    matrix: NDArray[np.floating]

    @property
    def n_rows(self) -> int:
        return int(self.matrix.shape[0])

    def block(self, positions: Sequence[int]) -> Array:
        first, last = positions[0], positions[-1]
        if last - first == len(positions) - 1:
            part = self.matrix[:, first : last + 1]
        else:
            part = self.matrix[:, list(positions)]
        # A view where possible: the scan copies each block once, when it centres it.
        return np.asarray(part.T, dtype=np.float64)


class ParquetScores:
    """The numeric columns of a Parquet file, one row per person.

    Parameters
    ----------
    path
        The file; only the columns of one block are read at a time.
    names
        Columns that are scores; all numeric ones if None.
    leave_out
        Columns that are not, such as a numeric identifier.

    Raises
    ------
    DataError
        If the file cannot be read, or a column is not there or not numeric.
    """

    def __init__(
        self,
        path: str | Path,
        names: Sequence[str] | None = None,
        leave_out: Sequence[str] = (),
    ) -> None:
        self._label = Path(path).name
        try:
            self._file = parquet.ParquetFile(path)
        except (OSError, pa.ArrowInvalid):
            raise DataError(
                f"{self._label} cannot be read as Parquet.", "Save it again.", file=self._label
            ) from None
        schema = self._file.schema_arrow
        numeric = [f.name for f in schema if _is_number(f.type)]
        chosen = [n for n in (numeric if names is None else names) if n not in set(leave_out)]
        known, able = set(schema.names), set(numeric)
        for name in chosen:
            if name not in able:
                what = "is not numeric" if name in known else "is not there"
                raise DataError(
                    f"{self._label}: the column {name} {what}.",
                    "Name columns that hold scores.",
                    file=self._label,
                    column=name,
                )
        self.names: tuple[str, ...] = tuple(chosen)
        self.n_rows: int = int(self._file.metadata.num_rows)

    def block(self, positions: Sequence[int]) -> Array:
        columns = [self.names[j] for j in positions]
        table = self._file.read(columns=columns, use_threads=False)
        out = np.empty((len(columns), self.n_rows))
        for row, name in enumerate(columns):
            out[row] = table.column(name).to_numpy()
        return out


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_floating(kind) or pa.types.is_integer(kind))


def score_source(
    scores: ScoreSource | NDArray[np.floating] | pd.DataFrame | str | Path,
    names: Sequence[str] | None = None,
) -> ScoreSource:
    """Whatever the caller has, as a source.

    Parameters
    ----------
    scores
        A source, a (people, scores) matrix, a frame with a column per score, or the path of a
        Parquet file.
    names
        Names of the columns of a matrix (``score_1`` .. if None); of a frame or file, the
        columns to use (all numeric ones if None).

    Raises
    ------
    DataError
        If there is no score, a name occurs twice, or names and columns disagree.
    """
    if isinstance(scores, (str, Path)):
        source: ScoreSource = ParquetScores(scores, names)
    elif isinstance(scores, pd.DataFrame):
        source = _of_frame(scores, names)
    elif isinstance(scores, np.ndarray):
        source = _of_matrix(scores, names)
    else:
        source = scores
    if not source.names:
        raise DataError("There is no score to scan.", "Give at least one numeric column.")
    if len(set(source.names)) < len(source.names):
        twice = pd.Series(source.names)
        name = str(twice[twice.duplicated()].iloc[0])
        raise DataError(f"Two scores are called {name}.", "Give each its own name.", column=name)
    return source


def _of_frame(frame: pd.DataFrame, names: Sequence[str] | None) -> MatrixScores:
    if names is None:
        frame = frame.select_dtypes("number")
    else:
        missing = [n for n in names if n not in frame.columns]
        if missing:
            raise DataError(
                f"The scores have no column {missing[0]}.", "Check the names.", column=missing[0]
            )
        frame = frame[list(names)]
        text = [str(c) for c in frame.columns if not pd.api.types.is_numeric_dtype(frame[c])]
        if text:
            raise DataError(f"The column {text[0]} is not numeric.", "Name scores.", column=text[0])
    values = frame.to_numpy(dtype=np.float64, na_value=np.nan)
    return MatrixScores(tuple(str(c) for c in frame.columns), values)


def _of_matrix(matrix: NDArray[np.floating], names: Sequence[str] | None) -> MatrixScores:
    if matrix.ndim != 2 or matrix.dtype.kind not in "fiu":
        raise DataError(
            "The scores must be a matrix of numbers.", "Give one row per person, a column a score."
        )
    made = tuple(names or (f"score_{j + 1}" for j in range(matrix.shape[1])))
    if len(made) != matrix.shape[1]:
        raise DataError(
            f"There are {len(made)} names for {matrix.shape[1]} scores.", "Name every column."
        )
    return MatrixScores(made, matrix)
