"""One file opened: its tables, and all text in it that is not in a table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pgsicbt.deidentify import Text
from pgsicbt.ingest.choices import TableChoice
from pgsicbt.ingest.source.tables import Table, read_table
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

    Parameters
    ----------
    choices
        Table to how it is to be read.

    Raises
    ------
    DataError
        If there is no table in the file that can be read.
    """
    table = read_table(upload)
    return Contents((table,), texts=tuple(Text("a comment", line) for line in table.comments))
