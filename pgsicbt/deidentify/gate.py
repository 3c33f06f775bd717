"""Examine one file before anything of it is kept."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pgsicbt.deidentify import messages
from pgsicbt.deidentify.cells import spelled_plainly
from pgsicbt.deidentify.contact import find_contacts
from pgsicbt.deidentify.dates import born_in_text, dated
from pgsicbt.deidentify.found import Found
from pgsicbt.deidentify.messages import TableLike
from pgsicbt.deidentify.national_ids import find_in_text
from pgsicbt.deidentify.people_names import find_names
from pgsicbt.deidentify.suspicion import ColumnLike, suspect
from pgsicbt.errors import DataError
from pgsicbt.study import Finding

PROPERTIES = "the document's properties"
_ENDING = re.compile(
    r"(?:\.(?:csv|tsv|txt|tab|dat|xls[xm]?|sav|zsav|por|dta|sas7bdat|xpt|parquet|feather|profiles?|"
    r"sscore|best|all_score|json|gz|bz2|xz|zst|zip))+$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Text:
    """Text of a file outside its tables.

    ``where`` says what it is, such as "a comment"; ``column`` is the column it belongs to, if it
    is the label of one or of its values.
    """

    where: str
    text: str
    column: str = ""


@dataclass(frozen=True)
class Examination:
    """What the gate found in one file.

    Parameters
    ----------
    findings
        Notes for people; none holds a value.
    strip
        ``(table, column)`` that must be left out before anything else is done with the file.
    dates
        ``(table, column)`` that hold calendar dates: to be dropped once weeks are counted.
    refusal
        Set where the file must not be kept at all.
    """

    findings: tuple[Finding, ...] = ()
    strip: frozenset[tuple[str, str]] = frozenset()
    dates: frozenset[tuple[str, str]] = frozenset()
    refusal: DataError | None = None


def examine(
    file: str,
    tables: Sequence[TableLike],
    texts: Sequence[Text],
    answers: Mapping[tuple[str, str], str],
) -> Examination:
    """Look for whatever identifies people in one file.

    National identity numbers, e-mail and street addresses, telephone numbers, names and dates of
    birth refuse the file; postal codes, initials, links and free text are left out of it;
    calendar dates are pointed out, since reading turns them into weeks and drops them.

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
    refusal = _in_names(file, tables) or _in_texts(file, texts, answers)
    findings: list[Finding] = []
    strip: set[tuple[str, str]] = set()
    dates: set[tuple[str, str]] = set()
    for table in tables:
        for name in table.columns:
            answer = answers.get((table.name, name), "")
            if answer == "strip":
                strip.add((table.name, name))
                continue
            if refusal is not None:
                break
            column = table.column(name)
            suspicion = suspect(name, column)
            if suspicion is None:
                if _dated(column):
                    findings.append(messages.dates(table, name))
                    if answer != "keep":
                        dates.add((table.name, name))
            elif suspicion.outcome == "warn" or (suspicion.overrule and answer == "keep"):
                findings.append(messages.kept(table, name, suspicion))
            elif suspicion.outcome == "refuse":
                refusal = messages.refusal(table, name, column, suspicion)
            else:
                strip.add((table.name, name))
                findings.append(messages.left_out(table, name, column, suspicion))
    return Examination(tuple(findings), frozenset(strip), frozenset(dates), refusal)


def safe(error: DataError) -> DataError:
    """The error itself, or one without its text if that would identify somebody.

    For errors that arise before a file can be examined, and quote names of columns or sheets.
    """
    if _certain([_words(str(error))]) is None:
        return error
    return DataError(
        "A file cannot be read, and what is wrong with it cannot be told without showing what "
        "may identify a person.",
        "Look through the names of its columns, sheets and parts, and load it again.",
        code="identifier",
    )


def _dated(column: ColumnLike) -> bool:
    entries = [str(level) for level in column.levels if level]
    return bool(entries) and bool(dated(entries))


def _certain(texts: Sequence[str]) -> Found | None:
    """The first thing in some texts that is beyond doubt."""
    plain = spelled_plainly(texts)
    others = (find_names(plain), born_in_text(plain))
    every = (*find_in_text(plain), *find_contacts(plain), *others)
    return next((found for found in every if found is not None and not found.weak), None)


def _words(name: str) -> str:
    """A name of a file or column as words: without its ending and underscores."""
    return re.sub(r"_+", " ", _ENDING.sub("", name))


def _in_names(file: str, tables: Sequence[TableLike]) -> DataError | None:
    found = _certain([_words(file), file])
    if found is not None:
        return messages.elsewhere("", found.kind, "")
    inner = [table.name[len(file) :].strip(" []") for table in tables]
    if any(inner):
        found = _certain([_words(name) for name in inner])
        if found is not None:
            return messages.elsewhere(file, found.kind, "the name of a sheet or of a part")
    for table in tables:
        found = _certain([_words(name) for name in table.columns])
        if found is not None and found.kind != "street addresses":
            number = found.entries[0] + 1
            where = f"the name of its column number {number}"
            return messages.elsewhere(table.name, found.kind, where)
    return None


def _in_texts(
    file: str, texts: Sequence[Text], answers: Mapping[tuple[str, str], str]
) -> DataError | None:
    left_out = {column for (_, column), answer in answers.items() if answer == "strip"}
    kept = {column for (_, column), answer in answers.items() if answer == "keep"}
    groups: dict[tuple[str, str], list[str]] = {}
    for text in texts:
        if not text.column or text.column not in left_out:
            groups.setdefault((text.where, text.column), []).append(text.text)
    for (where, column), group in groups.items():
        found = _certain([*group, *map(_words, group)])
        if found is None and column and column not in kept:
            found = find_names(spelled_plainly(group))
        # Whoever wrote the document is no patient, and programs fill this in unasked.
        author = where == PROPERTIES and found is not None
        if found is None or (author and found.kind == "names of people"):
            continue
        return messages.elsewhere(file, found.kind, where)
    return None
