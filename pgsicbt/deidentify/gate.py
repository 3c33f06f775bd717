"""Examine one file before anything of it is kept."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from pgsicbt.deidentify.contact import find_contacts
from pgsicbt.deidentify.dates import compact_dates, dated, is_birth_column, look_like_births
from pgsicbt.deidentify.national_ids import Found, find_in_cells, find_in_text
from pgsicbt.deidentify.people_names import find_names
from pgsicbt.errors import DataError
from pgsicbt.study import Finding

_SHOWN_LINES = 3
_PLAIN = re.compile(r"[+-]?\d*[.,]?\d*(?:[eE][+-]?\d+)?")
_POSTAL = re.compile(
    r"^(zip|zipcode|zip_?code|post_?code|postal_?code|postnummer|postnr|post_?nr|plz|"
    r"postleitzahl|postcode|cap|code_?postal)$",
    re.IGNORECASE,
)
_ON_THE_MAP = re.compile(
    r"latitude|longitude|(^|[^a-z])(lat|lon|lng|gps|geo)([^a-z]|$)", re.IGNORECASE
)
_PLACE = re.compile(
    r"^(home_?|post_?|street_?|gatu_?|bostads_?)?(address|adress|adresse|street|gata|strasse)"
    r"(_?line)?_?\d?$",
    re.IGNORECASE,
)


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


@dataclass(frozen=True)
class _Suspicion:
    """Something found in a column: what becomes of it, and whether the user may overrule that."""

    found: Found
    refuse: bool
    overrule: bool


def examine(
    file: str,
    tables: Sequence[TableLike],
    texts: Sequence[Text],
    answers: Mapping[tuple[str, str], str],
) -> Examination:
    """Look for whatever identifies people in one file.

    National identity numbers, e-mail and street addresses, telephone numbers, names and dates of
    birth refuse the file; postal codes and free text are left out of it; calendar dates are
    pointed out, since reading turns them into weeks and drops them.

    Parameters
    ----------
    file
        Name of the file, which is examined as well.
    tables
        Every table of the file, hidden ones included.
    texts
        Comments, document properties, names of sheets, labels.
    answers
        ``(table, column)`` to ``"strip"`` or ``"keep"``, as the user decided: a column that is
        left out cannot refuse the file, and what may be chance can be kept.
    """
    refusal = next(filter(None, map(_in_file_name, (file, *(t.name for t in tables)))), None)
    if refusal is None:
        refusal = _in_texts(file, texts)
    findings: list[Finding] = []
    strip: set[tuple[str, str]] = set()
    for table in tables:
        if refusal is None:
            refusal = _in_column_names(table)
        for name in table.columns:
            answer = answers.get((table.name, name), "")
            if answer == "strip":
                strip.add((table.name, name))
                continue
            column = table.column(name)
            suspicion = _suspicion(name, column)
            if suspicion is None:
                findings += _dates(table, name, column)
            elif suspicion.refuse and not (suspicion.overrule and answer == "keep"):
                refusal = refusal or _refusal(table, name, column, suspicion)
            elif not suspicion.refuse and answer != "keep":
                strip.add((table.name, name))
                findings.append(_left_out(table, name, column, suspicion))
            else:
                findings.append(_kept(table, name, suspicion))
    return Examination(tuple(findings), frozenset(strip), refusal)


def _suspicion(name: str, column: ColumnLike) -> _Suspicion | None:
    entries = [str(level) for level in column.levels if level]
    if not entries:
        return None
    if _ON_THE_MAP.search(name) and all(_PLAIN.fullmatch(entry) for entry in entries[:50]):
        return _Suspicion(Found("places on the map", _all(entries)), False, True)
    if _only_decimals(entries):
        return None
    if is_birth_column(name):
        births = dated(entries) or compact_dates(entries)
        if births:
            return _Suspicion(Found("dates of birth", births), True, False)
    for found in _certain(entries, name):
        return _Suspicion(found, True, found.weak)
    in_cells = find_in_cells(entries)
    if in_cells is not None:
        return _Suspicion(in_cells, True, True)
    title = re.sub(r"[\s.\-]+", "_", name)
    if _PLACE.match(title) and any(any(ch.isalpha() for ch in e) for e in entries):
        return _Suspicion(Found("addresses", _all(entries), weak=True), True, True)
    if _POSTAL.match(title):
        return _Suspicion(Found("postal codes", _all(entries)), False, True)
    if look_like_births(entries) and dated(entries):
        return _Suspicion(Found("dates of birth", dated(entries), weak=True), True, True)
    wordy = _free_text(entries, len(column.codes))
    return None if wordy is None else _Suspicion(wordy, False, True)


def _all(entries: Sequence[str]) -> tuple[int, ...]:
    return tuple(range(len(entries)))


def _only_decimals(entries: Sequence[str]) -> bool:
    """True for measurements: a column of numbers most of which have decimals, or few digits."""
    head = entries[:50]
    return all(_PLAIN.fullmatch(e) and _measured(e) for e in head) and all(map(_measured, entries))


def _measured(entry: str) -> bool:
    """Few digits, or decimals other than the zero that programs add to whole numbers."""
    decimals = "." in entry or "," in entry
    return len(entry) < 7 or (decimals and not entry.endswith((".0", ",0", ".00")))


def _certain(entries: Sequence[str], column: str) -> Iterator[Found]:
    """What one entry is enough for, and names."""
    worded = [i for i, entry in enumerate(entries) if not entry.isdigit()]
    texts = [entries[i] for i in worded]
    if not texts:
        yield from find_contacts(entries, column)
        return
    names = find_names(texts, column)
    for found in (*find_in_text(texts), *([] if names is None else [names])):
        yield Found(found.kind, tuple(worded[i] for i in found.entries), found.weak)
    yield from find_contacts(entries, column)


def _free_text(entries: Sequence[str], rows: int) -> Found | None:
    """Long texts of many words that differ between rows."""
    long = [i for i, e in enumerate(entries) if len(e) >= 25 and e.count(" ") >= 3]
    varied = len(entries) >= 0.2 * rows or (len(entries) >= 25 and len(entries) >= 0.05 * rows)
    if len(long) >= 3 and len(long) >= 0.3 * len(entries) and varied:
        return Found("free text", tuple(long))
    return None


def _in_text(text: str) -> Found | None:
    return next(
        (
            found
            for found in (*find_in_text([text]), *find_contacts([text]), find_names([text]))
            if found is not None and not found.weak
        ),
        None,
    )


def _in_file_name(file: str) -> DataError | None:
    stem = re.sub(r"[_]+", " ", file)
    found = _in_text(stem)
    if found is None:
        return None
    return DataError(
        f"The name of a file holds what looks like {found.kind}.",
        "Give the file another name and load it again.",
        code="identifier",
    )


def _in_texts(file: str, texts: Sequence[Text]) -> DataError | None:
    for text in texts:
        found = _in_text(text.text)
        # Whoever wrote the document is no patient, and programs fill this in unasked.
        author = text.where == "the document's properties" and found is not None
        if found is None or (author and found.kind == "names of people"):
            continue
        return DataError(
            f"{file} has {found.kind} in {text.where}.",
            "Remove them there and load the file again; nothing of it was kept.",
            code="identifier",
            file=file,
        )
    return None


def _in_column_names(table: TableLike) -> DataError | None:
    for number, name in enumerate(table.columns, start=1):
        found = _in_text(name)
        if found is not None and found.kind != "street addresses":
            return DataError(
                f"{table.name} has {found.kind} in the name of its column number {number}.",
                "Call the column something else; nothing of the file was kept.",
                code="identifier",
                file=table.name,
            )
    return None


def _lines(table: TableLike, column: ColumnLike, found: Found) -> str:
    """The lines on which something was found; entries are numbered without empty ones."""
    filled = np.flatnonzero(np.array([bool(level) for level in column.levels]))
    codes = filled[np.array(found.entries, dtype=np.int64)]
    lines = np.unique(np.asarray(table.lines)[np.isin(column.codes, codes)])
    shown = [f"{line:,}" for line in lines[:_SHOWN_LINES].tolist()]
    if len(lines) > _SHOWN_LINES:
        shown.append(f"{len(lines) - _SHOWN_LINES:,} more")
    if len(shown) == 1:
        return f"line {shown[0]}"
    return f"lines {', '.join(shown[:-1])} and {shown[-1]}"


def _refusal(table: TableLike, name: str, column: ColumnLike, suspicion: _Suspicion) -> DataError:
    kind = suspicion.found.kind
    hint = "Remove the column, or replace it by codes that mean nothing elsewhere, and load again"
    if suspicion.overrule:
        hint += "; if it is something else, say so by keeping the column"
    looks = "what looks like " if suspicion.overrule else ""
    return DataError(
        f"{table.name} has {looks}{kind} in column {name!r} on "
        f"{_lines(table, column, suspicion.found)}.",
        f"{hint}. Nothing of the file was kept.",
        code="identifier",
        file=table.name,
        column=name,
    )


def _left_out(table: TableLike, name: str, column: ColumnLike, suspicion: _Suspicion) -> Finding:
    message = (
        f"Column {name!r} of {table.name} holds {suspicion.found.kind}, on "
        f"{_lines(table, column, suspicion.found)}; it is left out and not kept."
    )
    return Finding("stripped", "warning", message, table.name, name)


def _kept(table: TableLike, name: str, suspicion: _Suspicion) -> Finding:
    message = (
        f"Column {name!r} of {table.name} looks like {suspicion.found.kind} and is kept, as you "
        "decided."
    )
    return Finding("kept", "warning", message, table.name, name)


def _dates(table: TableLike, name: str, column: ColumnLike) -> list[Finding]:
    entries = [str(level) for level in column.levels if level]
    if not entries or not dated(entries):
        return []
    message = (
        f"Column {name!r} of {table.name} holds calendar dates; at most they count the weeks of "
        "visits, and then they are dropped."
    )
    return [Finding("dates", "info", message, table.name, name)]
