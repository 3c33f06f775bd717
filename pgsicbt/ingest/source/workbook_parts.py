"""The parts of an xlsx workbook beside its sheets: what sheets there are, strings, other text."""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from pgsicbt.deidentify import Text
from pgsicbt.errors import DataError
from pgsicbt.ingest.source.cell_formats import Looks, read_looks
from pgsicbt.ingest.source.containers import damaged_zip
from pgsicbt.ingest.source.markup import (
    LONGEST_CELL,
    Budget,
    local,
    parse_part,
    size_of,
    strings,
)
from pgsicbt.ingest.source.tables import Table
from pgsicbt.ingest.uploads import MAX_BYTES

MOST_SHEETS = 500
_WHERE = (
    ("xl/comments", "a comment"),
    ("xl/threadedComments", "a comment"),
    ("xl/persons", "the list of people who commented"),
    ("docProps/", "the document's properties"),
    ("customXml/", "the document's properties"),
    ("xl/drawings/", "a text box or picture"),
    ("xl/charts/", "a chart"),
    ("xl/externalLinks/", "what was copied from another workbook"),
    ("xl/tables/", "the names of a table"),
    ("xl/workbook.xml", "a defined name"),
)
_PASSED_OVER = (
    "[Content_Types].xml", "xl/styles.xml", "xl/theme/", "xl/calcChain.xml", "xl/sharedStrings",
    "xl/worksheets/sheet", "xl/pivotCache/", "xl/pivotTables/", "xl/printerSettings", "xl/metadata",
    "xl/richData/", "xl/featurePropertyBag/",
)  # fmt: skip
_LOOKED_INTO = (".xml", ".vml", ".rels")


@dataclass
class Parts:
    """What a workbook says of itself.

    Parameters
    ----------
    sheets
        Title, whether it is hidden, and the part that holds it.
    """

    sheets: list[tuple[str, bool, str]] = field(default_factory=list)
    looks: Looks = field(default_factory=Looks)
    strings: list[str] = field(default_factory=list)


def read_parts(name: str, archive: zipfile.ZipFile, budget: Budget) -> Parts:
    """Read which sheets there are, their number formats and the strings they share.

    Raises
    ------
    DataError
        If a part is missing or damaged, or there is more than is read.
    """
    members = {one.replace("\\", "/").casefold().lstrip("/"): one for one in archive.namelist()}
    home = "xl/workbook.xml"
    for kind, target in _relations(name, archive, members.get("_rels/.rels", "")).values():
        if kind == "officeDocument":
            home = target
    parts = Parts()
    folder, file = posixpath.split(home)
    if home.casefold() not in members:
        raise damaged_zip(name)
    beside = _relations(
        name, archive, members.get(f"{folder}/_rels/{file}.rels".casefold(), ""), folder
    )

    def start(tag: str, attributes: dict[str, str]) -> None:
        if tag == "sheet":
            kind, target = beside.get(local(attributes, "id"), ("", ""))
            member = members.get(target.casefold(), "")
            if kind == "worksheet" and member:
                hidden = attributes.get("state", "visible") != "visible"
                parts.sheets.append((attributes.get("name", ""), hidden, member))
        elif tag == "workbookPr":
            parts.looks.from_1904 = attributes.get("date1904") in ("1", "true")
        elif tag == "calcPr":
            parts.looks.recalculate = attributes.get("fullCalcOnLoad") in ("1", "true")
        if len(parts.sheets) > MOST_SHEETS:
            raise DataError(
                f"{name} has more than {MOST_SHEETS} sheets.",
                "Load the sheets of the cohort only.",
                code="too_large",
                file=name,
            )

    parse_part(name, archive, members[home.casefold()], start, lambda _: None, lambda _: None)
    for kind, target in beside.values():
        member = members.get(target.casefold(), "")
        if kind == "styles" and member:
            parts.looks.codes = read_looks(name, archive, member)
        elif kind == "sharedStrings" and member:
            parts.strings = _shared(name, archive, member, budget)
    return parts


def _relations(
    name: str, archive: zipfile.ZipFile, member: str, folder: str = ""
) -> dict[str, tuple[str, str]]:
    """Identifier to the kind and the part of a relation."""
    found: dict[str, tuple[str, str]] = {}

    def start(tag: str, attributes: dict[str, str]) -> None:
        if tag == "Relationship" and len(found) < 100_000:
            target = attributes.get("Target", "").replace("\\", "/")
            path = target if target.startswith("/") else posixpath.join(folder, target)
            kind = attributes.get("Type", "").rpartition("/")[2]
            found[attributes.get("Id", "")] = (kind, posixpath.normpath(path).lstrip("/"))

    if member:
        parse_part(name, archive, member, start, lambda _: None, lambda _: None)
    return found


def _shared(name: str, archive: zipfile.ZipFile, member: str, budget: Budget) -> list[str]:
    """The strings that cells refer to by their position; without hints on pronunciation."""
    found: list[str] = []
    pieces: list[str] = []
    taking = phonetic = False
    held = 0

    def start(tag: str, _: dict[str, str]) -> None:
        nonlocal taking, phonetic
        taking = tag == "t" and not phonetic
        phonetic = phonetic or tag == "rPh"

    def end(tag: str) -> None:
        nonlocal taking, phonetic, held
        taking = False
        if tag == "rPh":
            phonetic = False
        elif tag == "si":
            text = " ".join("".join(pieces).split())
            budget.take(1, size_of(text))
            found.append(text)
            pieces.clear()
            held = 0

    def letters(text: str) -> None:
        nonlocal held
        if taking:
            held += len(text)
            if held > LONGEST_CELL:
                budget.take(0, MAX_BYTES + 1)
            pieces.append(text)

    parse_part(name, archive, member, start, end, letters)
    return found


def other_texts(name: str, archive: zipfile.ZipFile) -> Iterator[Text]:
    """Comments, properties, text boxes, defined names, links and headers for printing.

    Raises
    ------
    DataError
        If a part is damaged.
    """
    for member in archive.namelist():
        plain = member.replace("\\", "/").lstrip("/")
        if plain.startswith(_PASSED_OVER) or not plain.casefold().endswith(_LOOKED_INTO):
            continue
        where = next((what for start, what in _WHERE if plain.startswith(start)), "")
        where = "a link" if plain.endswith(".rels") else where or "a part of the workbook"
        for text in strings(name, archive, member):
            yield Text(where, text)


def pivot_copies(name: str, archive: zipfile.ZipFile, budget: Budget) -> list[Table]:
    """Copies of data that pivot tables keep, also of sheets that were deleted since.

    Raises
    ------
    DataError
        If a part is damaged or holds more than is read.
    """
    columns: dict[str, dict[str, None]] = {}
    inside, at = "", -1

    def keep(column: str, value: str) -> None:
        value = " ".join(value.split())
        if value and value not in (known := columns.setdefault(column, {})):
            budget.take(1, size_of(value))
            known[value] = None

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal inside, at
        if tag == "cacheField":
            inside = attributes.get("name", "")
            columns.setdefault(inside, {})
        elif tag in ("s", "n", "d", "e"):
            keep(inside if at < 0 else f"field {at + 1}", attributes.get("v", ""))
            at += at >= 0
        elif tag == "x":
            at += at >= 0
        elif tag == "r":
            at = 0

    def end(tag: str) -> None:
        nonlocal inside, at
        if tag == "r":
            at = -1
        elif tag == "cacheField":
            inside = ""

    for member in archive.namelist():
        if member.startswith("xl/pivotCache/pivotCache") and member.endswith(".xml"):
            parse_part(name, archive, member, start, end, lambda _: None)
    if not columns:
        return []
    titles = tuple(title or "unnamed" for title in columns)
    longest = max(map(len, columns.values()))
    budget.take(longest * len(columns), 0)
    cells = {
        i: pd.Series([*values, *[""] * (longest - len(values))], dtype="str")
        for i, values in enumerate(columns.values())
    }
    lines = np.arange(1, longest + 1, dtype=np.int64)
    called = f"{name} [copy kept by a pivot table]"
    return [Table(called, titles, pd.DataFrame(cells), lines, format="Excel")]
