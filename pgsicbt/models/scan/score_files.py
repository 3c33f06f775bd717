"""Files of thousands of scores: which column names the person, and which columns are scores.

Parquet, text tables (CSV, tab and so on, also gzipped), NumPy matrices with a list of
identifiers beside them, and the long files of pgsc_calc. Identifiers are handed back by
themselves, for the reading of the study to match them (:mod:`pgsicbt.ingest.join.beside`); what
stays is the source of the scores.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import parquet

from pgsicbt.errors import DataError
from pgsicbt.ingest.join.beside import Identifiers
from pgsicbt.ingest.source.columns import Column
from pgsicbt.ingest.source.decode import decode
from pgsicbt.ingest.uploads import as_upload
from pgsicbt.ingest.wording import count, people
from pgsicbt.models.scan.score_columns import Kind, choose_columns
from pgsicbt.models.scan.score_source import MatrixScores, ParquetScores, ScoreSource
from pgsicbt.models.scan.score_text import read_text


@dataclass(frozen=True)
class OpenedScores:
    """A file of scores: whose they are, where they come from, and what was set aside.

    ``set_aside`` holds columns of numbers that were not taken for scores, with the reason.
    """

    ids: Identifiers
    source: ScoreSource
    set_aside: tuple[tuple[str, str], ...] = ()


def open_scores(
    path: str | Path,
    *,
    id_column: str = "",
    ids_file: str | Path | None = None,
    roles: Mapping[str, str] | None = None,
) -> OpenedScores:
    """Recognise a file of scores by its content.

    Parameters
    ----------
    id_column
        The column that names the person; found by its name or content if empty.
    ids_file
        A text file with one identifier per row, for files that hold numbers only (``.npy``).
    roles
        Column to role (``id``, ``score``, ``ignore``), as the user has chosen.

    Raises
    ------
    DataError
        If the file cannot be read, has no scores, no column that names the person, or names a
        person twice.
    """
    path = Path(path)
    roles = dict(roles or {})
    if id_column:
        roles = {name: role for name, role in roles.items() if role != "id"} | {id_column: "id"}
    try:
        with path.open("rb") as file:
            head = file.read(6)
            file.seek(0)
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        raise DataError(
            f"There is no readable file called {path.name!r}.",
            "Check the name and the folder.",
            code="no_file",
            file=path.name,
        ) from None
    if head == b"\x93NUMPY":
        return _matrix(path, ids_file, digest)
    if ids_file is not None:
        raise DataError(
            f"{path.name} names its people itself, so no list of identifiers is needed.",
            "Give a list only with a NumPy matrix.",
            file=path.name,
        )
    if head[:4] == b"PAR1":
        return _parquet(path, roles, digest)
    found = read_text(path, roles)
    values = _distinct(path.name, found.ids)
    ids = Identifiers(path.name, found.id_column, values, digest, found.components)
    return OpenedScores(ids, MatrixScores(found.names, found.matrix), found.set_aside)


def _parquet(path: Path, roles: Mapping[str, str], digest: str) -> OpenedScores:
    name = path.name
    try:
        file = parquet.ParquetFile(path)
    except (OSError, pa.ArrowException):
        raise DataError(f"{name} cannot be read as Parquet.", "Save it again.", file=name) from None
    kinds = {field.name: _kind(field.type) for field in file.schema_arrow}
    chosen = choose_columns(name, kinds, roles)
    cells = file.read(columns=[chosen.id_column]).column(0)
    ids = Column.read(chosen.id_column, _as_text(name, chosen.id_column, cells))
    source = ParquetScores(path, names=chosen.scores)
    table = file.read(columns=list(chosen.components))
    parts = {c: table.column(c).to_numpy().astype(np.float64) for c in chosen.components}
    found = Identifiers(name, chosen.id_column, _distinct(name, ids), digest, parts)
    return OpenedScores(found, source, chosen.set_aside)


def _kind(kind: pa.DataType) -> Kind:
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    if pa.types.is_integer(kind):
        return "whole"
    if pa.types.is_floating(kind):
        return "number"
    return "text" if pa.types.is_string(kind) or pa.types.is_large_string(kind) else "other"


def _as_text(file: str, name: str, cells: pa.ChunkedArray) -> pd.Series[str]:
    """Identifiers as a person would write them; whole numbers that became floats are whole."""
    if pa.types.is_floating(cells.type):
        numbers = cells.to_numpy()
        whole = np.isnan(numbers) | (np.abs(numbers) < 2**53) & (numbers == np.floor(numbers))
        if not whole.all():
            raise DataError(
                f"{file} has decimal numbers in column {name!r}, which is to name the person.",
                "Choose another column, or save identifiers as text.",
                code="no_id",
                file=file,
                column=name,
            )
        return pd.Series(["" if np.isnan(x) else str(int(x)) for x in numbers], dtype="str")
    texts = ["" if cell is None else str(cell) for cell in cells.to_pylist()]
    return pd.Series(texts, dtype="str")


def _matrix(path: Path, ids_file: str | Path | None, digest: str) -> OpenedScores:
    name = path.name
    if ids_file is None:
        raise DataError(
            f"{name} is a matrix and does not say whose rows these are.",
            "Give a text file with one identifier per row as well.",
            code="no_id",
            file=name,
        )
    try:
        matrix = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError):
        raise DataError(
            f"{name} cannot be read as a matrix.", "Save it again.", file=name
        ) from None
    if matrix.ndim != 2 or matrix.dtype.kind not in "fiu":
        raise DataError(
            f"{name} is not a matrix of numbers.",
            "Save an array with one row per person and one column per score.",
            file=name,
        )
    upload = as_upload(ids_file)
    lines = decode(upload.name, upload.data)[0].rstrip("\n").split("\n")
    if len(lines) != len(matrix):
        raise DataError(
            f"{upload.name} has {count(len(lines), 'line')} for {len(matrix):,} rows of {name}.",
            "Give one identifier per line and no header.",
            file=upload.name,
        )
    ids = Column.read("", pd.Series(lines, dtype="str"))
    names = tuple(f"score_{j + 1}" for j in range(matrix.shape[1]))
    found = Identifiers(upload.name, "", _distinct(upload.name, ids), digest)
    return OpenedScores(found, MatrixScores(names, matrix))


def _distinct(file: str, ids: Column) -> Sequence[str]:
    """The identifiers in the order of the rows.

    Raises
    ------
    DataError
        If one is missing, or stands on two rows.
    """
    where = f" in column {ids.name!r}" if ids.name else ""
    if ids.n_missing:
        raise DataError(
            f"{file} has no identifier{where} for {count(ids.n_missing, 'row')}.",
            "Fill in the identifiers or delete these rows.",
            code="missing_id",
            file=file,
            column=ids.name,
        )
    extra = len(ids.codes) - len(ids.levels)
    if extra:
        rows = np.bincount(ids.codes)
        twice = int((rows > 1).sum())
        first = np.flatnonzero(ids.codes == np.flatnonzero(rows > 1)[0])[:2] + 1
        raise DataError(
            f"{file} names {people(twice)} on more than one row{where}, first on rows "
            f"{first[0]:,} and {first[1]:,}.",
            "Keep one row per person, or choose another column.",
            code="duplicate_id",
            file=file,
            column=ids.name,
        )
    return [str(level) for level in ids.levels[ids.codes]]
