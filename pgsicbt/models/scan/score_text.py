"""Scores from text tables: wide ones, and the long files of pgsc_calc.

The head of a file goes through the same recognition as any other table; the body is then read
as numbers at once, since as text cells thousands of scores would fill the memory.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import csv

from pgsicbt.errors import DataError
from pgsicbt.ingest.choices import ReadingChoices
from pgsicbt.ingest.reading import open_files
from pgsicbt.ingest.recognise.formats import known_format, refuse_variants
from pgsicbt.ingest.source.columns import MISSING, Column
from pgsicbt.ingest.source.containers import unpack
from pgsicbt.ingest.source.decode import decode, refuse_other_files
from pgsicbt.ingest.source.separators import SEPARATOR_NAMES, spaces_to_tabs
from pgsicbt.ingest.source.tables import Table
from pgsicbt.ingest.source.text_table import read_table
from pgsicbt.ingest.uploads import Upload, as_upload
from pgsicbt.ingest.wording import lines_text
from pgsicbt.models.scan.score_columns import Kind, choose_columns
from pgsicbt.result import Array

_HEAD = 40  # lines from which the kind of each column is told
_BLOCK = 2**24
_AT = re.compile(r"column #(\d+)")
_NULLS = sorted(
    {spelling for m in MISSING for spelling in (m, m.upper(), m.title(), "NaN", "<NA>")}
)


@dataclass(frozen=True)
class TextScores:
    """Scores of a text table: ``matrix`` is (people, scores), ``ids`` one cell per person.

    ``components`` are principal components by name, (people,) each.
    """

    ids: Column
    id_column: str
    names: tuple[str, ...]
    matrix: Array
    set_aside: tuple[tuple[str, str], ...] = ()
    components: dict[str, Array] = field(default_factory=dict)


def read_text(path: Path, roles: Mapping[str, str]) -> TextScores:
    """Read a text table of scores; ``roles`` as chosen by the user.

    Raises
    ------
    DataError
        If the file is no table of people, or a score holds text.
    """
    upload = as_upload(path)
    data = unpack(upload).data
    refuse_other_files(upload.name, data)
    text, _ = decode(upload.name, data)
    lines = text.split("\n", _HEAD)
    head = read_table(Upload(upload.name, "\n".join(lines[:_HEAD]).encode()))
    refuse_variants(head)
    layout = known_format(head, {})
    if layout is not None and layout.score_names:
        return _long(upload, roles)
    kinds = {name: _kind(head.column(name)) for name in head.columns}
    chosen = choose_columns(upload.name, kinds, roles)
    wanted = [chosen.id_column, *chosen.scores, *chosen.components]
    if head.separator == "spaces":
        text = spaces_to_tabs(text)
    table = _numbers(head, text, wanted)
    matrix = np.empty((len(chosen.scores), table.num_rows))
    for row, name in enumerate(chosen.scores):
        matrix[row] = table.column(name).to_numpy()
    cells = pd.Series(table.column(chosen.id_column).to_pylist(), dtype="str")
    ids = Column.read(chosen.id_column, cells)
    components = {name: np.array(table.column(name).to_numpy()) for name in chosen.components}
    return TextScores(ids, chosen.id_column, chosen.scores, matrix.T, chosen.set_aside, components)


def _kind(column: Column) -> Kind:
    if column.empty or column.numeric:
        return "whole" if column.numeric and column.whole else "number"
    # A score in which a few cells are wrong is refused later, with the place, and not lost.
    return "number" if column.mostly_numeric else "text"


def _numbers(head: Table, text: str, wanted: list[str]) -> pa.Table:
    """The wanted columns, the first as text and the others as numbers."""
    separators = {label: sign for sign, label in SEPARATOR_NAMES.items()} | {"spaces": "\t"}
    comma = any(head.column(name).decimal_comma for name in wanted[1:])
    types = {name: pa.float64() for name in wanted[1:]} | {wanted[0]: pa.string()}
    data = text.encode()
    try:
        return csv.read_csv(
            io.BytesIO(data),
            csv.ReadOptions(
                use_threads=False,
                block_size=max(_BLOCK, 4 * len(data) // max(text.count("\n"), 1)),
                skip_rows=int(head.lines[0]) - 1,
                column_names=list(head.columns),
            ),
            csv.ParseOptions(delimiter=separators.get(head.separator, ",")),
            csv.ConvertOptions(
                column_types=types,
                include_columns=wanted,
                null_values=_NULLS,
                strings_can_be_null=False,
                decimal_point="," if comma else ".",
            ),
        )
    except pa.ArrowInvalid as error:
        # The message of the reader repeats the cell, so only the number of the column is used.
        found = _AT.search(str(error))
        name = head.columns[int(found[1])] if found else ""
    if not name:
        raise DataError(
            f"{head.name} cannot be divided into rows and cells.",
            "Check for lines with too many or too few cells, and save the table again as CSV.",
            code="ragged",
            file=head.name,
        )
    raise DataError(
        f"{head.name} has text where numbers are due in column {name!r}{_where(head, text, name)}.",
        "Correct these cells, or leave them empty if the value is missing.",
        code="text_for_number",
        file=head.name,
        column=name,
    )


def _where(head: Table, text: str, name: str) -> str:
    """The lines of the cells that are no numbers, if every row is one line."""
    at, sign = head.positions[name], "\t" if head.separator == "spaces" else None
    separators = {label: one for one, label in SEPARATOR_NAMES.items()}
    rows = text.rstrip("\n").split("\n")[int(head.lines[0]) - 1 :]
    cells = [row.split(sign or separators.get(head.separator, ",")) for row in rows]
    if any(len(row) != len(head.columns) for row in cells):
        return ""
    column = Column.read(name, pd.Series([row[at] for row in cells], dtype="str"))
    return (
        f", on {lines_text(column.text_rows + int(head.lines[0]))}" if len(column.text_rows) else ""
    )


def _long(upload: Upload, roles: Mapping[str, str]) -> TextScores:
    """A file with one row per person and score, as reading a study takes it."""
    chosen = {(upload.name, column): role for column, role in roles.items()}
    (opened,) = open_files([upload], ReadingChoices(roles=chosen))
    if opened.reading.error is not None or opened.part is None:
        raise opened.reading.error or DataError(f"{upload.name} holds no scores.")
    part = opened.part
    ids = Column.read(part.id_column, pd.Series(part.ids, dtype="str"))
    matrix = np.array([score.values for score in part.scores]).T
    return TextScores(ids, part.id_column, tuple(s.name for s in part.scores), matrix)
