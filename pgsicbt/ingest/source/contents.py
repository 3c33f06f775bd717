"""One file opened: its tables, and all text in it that is not in a table."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace

from pgsicbt.deidentify import Text
from pgsicbt.errors import DataError
from pgsicbt.ingest.choices import TableChoice
from pgsicbt.ingest.source.arrow_table import is_arrow, read_arrow
from pgsicbt.ingest.source.containers import is_zip, kind_of_zip, member_names, members, unpack
from pgsicbt.ingest.source.decode import refuse_other_files
from pgsicbt.ingest.source.html_table import is_html, read_html
from pgsicbt.ingest.source.statistical import read_statistical, statistical_kind
from pgsicbt.ingest.source.tables import Table
from pgsicbt.ingest.source.text_table import read_table
from pgsicbt.ingest.source.workbook import read_workbook
from pgsicbt.ingest.uploads import Upload
from pgsicbt.study import Finding


@dataclass(frozen=True)
class Contents:
    """What a file holds.

    Parameters
    ----------
    tables
        Tables to be read, each under its own name: that of the file, or ``file [sheet]`` where
        the file holds several.
    unread
        Tables that are examined by the gate and not read, such as hidden sheets.
    texts
        Text outside the tables, for the gate.
    findings
        What was set aside and why.
    """

    tables: tuple[Table, ...]
    unread: tuple[Table, ...] = ()
    texts: tuple[Text, ...] = ()
    findings: tuple[Finding, ...] = ()


def open_contents(upload: Upload, choices: Mapping[str, TableChoice]) -> Contents:
    """Open a file of any kind that is read.

    Text tables, xlsx, SPSS, Stata, SAS, Parquet and Feather, each as it is or compressed by gzip,
    bzip2, xz or Zstandard, and zip archives of them.

    Parameters
    ----------
    choices
        Table to how it is to be read.

    Raises
    ------
    DataError
        If there is no table in the file that can be read.
    """
    whole = unpack(upload)
    if is_zip(whole.data) and kind_of_zip(whole.data) == "archive":
        contents = _archive(whole, choices)
    else:
        contents = _single(whole, choices)
    digest = hashlib.sha256(upload.data).hexdigest()
    tables = tuple(replace(table, sha256=digest) for table in contents.tables)
    return replace(contents, tables=tables)


def _archive(upload: Upload, choices: Mapping[str, TableChoice]) -> Contents:
    """The files of an archive; what is no table is set aside, as long as there is one."""
    found: list[Contents] = []
    errors: list[DataError] = []
    names = tuple(Text("the name of a file in the archive", one) for one in member_names(upload))
    for member in members(upload):
        try:
            found.append(_single(member, choices))
        except DataError as error:
            if error.code not in ("not_a_table", "empty"):
                raise
            errors.append(error)
    if not found:
        raise errors[0]
    aside = tuple(
        Finding("set_aside", "warning", f"{error.sentence} It is set aside.", upload.name)
        for error in errors
    )
    return Contents(
        tuple(table for one in found for table in one.tables),
        tuple(table for one in found for table in one.unread),
        (*names, *(text for one in found for text in one.texts)),
        (*aside, *(finding for one in found for finding in one.findings)),
    )


def _single(upload: Upload, choices: Mapping[str, TableChoice]) -> Contents:
    name, data = upload.name, upload.data
    if is_zip(data):
        kind = kind_of_zip(data)
        if kind == "workbook":
            book = read_workbook(upload, choices)
            return Contents(book.tables, book.unread, book.texts, book.findings)
        raise DataError(
            f"{name} is {_ZIPS[kind]}, which is not read.",
            "Save the table as xlsx or CSV and load that.",
            code="not_a_table",
            file=name,
        )
    choice = choices.get(name, TableChoice())
    if statistical_kind(data):
        return _with_labels(read_statistical(upload))
    if is_arrow(data):
        return _with_labels(read_arrow(upload))
    refuse_other_files(name, data)
    table = read_html(upload, choice) if is_html(data) else read_table(upload, choice)
    texts = [Text("a comment above the table", line) for line in table.comments]
    texts += [Text("a line above or below the table", line) for line in table.texts]
    return Contents((table,), texts=tuple(texts), findings=table.findings)


_ZIPS = {
    "binary workbook": "a binary Excel workbook",
    "opendocument": "an OpenDocument file",
    "document": "a text document or presentation",
}


def _with_labels(table: Table) -> Contents:
    texts = [Text(f"the label of column {name!r}", one, name) for name, one in table.titles.items()]
    texts += [
        Text(f"a value label of column {name!r}", label, name)
        for name, labels in table.labels.items()
        for label in labels.values()
    ]
    texts += [Text("a note of the file", note) for note in table.texts]
    return Contents((table,), texts=tuple(texts), findings=table.findings)
