"""What a column of a table is suspected of, and what follows from it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from pgsicbt.deidentify.cells import spelled_plainly
from pgsicbt.deidentify.contact import find_contacts
from pgsicbt.deidentify.dates import (
    born_in_text,
    compact_dates,
    dated,
    find_births,
    is_birth_column,
)
from pgsicbt.deidentify.found import Found
from pgsicbt.deidentify.internet import find_links
from pgsicbt.deidentify.national_ids import find_in_cells, find_in_text
from pgsicbt.deidentify.people_names import find_names, initials
from pgsicbt.deidentify.places import find_by_name, find_codes

Outcome = Literal["refuse", "strip", "warn"]

_PLAIN = re.compile(r"[+-]?\d*[.,]?\d*(?:[eE][+-]?\d+)?")
_SHORT = 7
_RECORD = re.compile(
    r"^(mrn|medical_?record(_?(no|nr|number|id))?|hospital_?(no|nr|number|id)|journal_?(nr|nummer|no)|"
    r"patient_?journal\w*|chart_?(no|number)|aktenzeichen|dossiernummer|nhs_?trust_?id)$",
    re.IGNORECASE,
)
_NATIONAL = re.compile(
    r"person_?(nummer|nr|al_?(id_?)?(number|code))|(^|_)(pnr|ssn|cpr|hetu|nino|bsn|pesel|dni|cpf|"
    r"curp|nir)(_|nr|nummer|number|$)|social_?security|f(ø|o|oe)dselsn|henkil(ö|o)tunn|nhs_?(no|nr|num)|"
    r"national_?(id|insurance)|samordningsn|passport|reisepass|burgerservice|steuer_?id|"
    r"versichert(en)?n|insurance_?(no|nr|number)|identity_?(card|number)|driv(er|ing)_?.*licen[cs]e",
    re.IGNORECASE,
)


class ColumnLike(Protocol):
    """A column of text: ``codes`` (n_rows,) are positions in ``levels``, the different cells."""

    @property
    def codes(self) -> NDArray[np.int64]: ...
    @property
    def levels(self) -> NDArray[np.object_]: ...


@dataclass(frozen=True)
class Suspicion:
    """Something found in a column: what becomes of it, and whether the user may overrule that.

    A warning (``"warn"``) leaves the column where it is.
    """

    found: Found
    outcome: Outcome
    overrule: bool


def suspect(name: str, column: ColumnLike) -> Suspicion | None:
    """The gravest thing that a column is suspected of.

    Parameters
    ----------
    name
        Name of the column, which is evidence as well.

    Returns
    -------
    Suspicion or None
        ``found.entries`` are positions among the levels that are not empty.
    """
    entries = [str(level) for level in column.levels if level]
    if not entries:
        return None
    placed = find_by_name(entries, name)
    if _only_decimals(entries):
        return None if placed is None else Suspicion(placed, "strip", True)
    entries = spelled_plainly(entries)
    found = next(_refused(entries, name, placed), None)
    if found is not None:
        return Suspicion(found, "refuse", found.weak)
    stripped = next(_stripped(entries, name, placed, len(column.codes)), None)
    if stripped is not None:
        return Suspicion(stripped, "strip", True)
    if _RECORD.match(_title(name)):
        return Suspicion(Found("record numbers", tuple(range(len(entries)))), "warn", True)
    return None


def _title(name: str) -> str:
    return re.sub(r"[\s.\-/]+", "_", name)


def _refused(entries: Sequence[str], name: str, placed: Found | None) -> Iterator[Found]:
    """What may not be kept, the certain before what may be chance."""
    if is_birth_column(name):
        births = dated(entries) or compact_dates(entries)
        if births:
            yield Found("dates of birth", births)
    weak: list[Found] = []
    for found in _one_is_enough(entries, name):
        if not found.weak:
            yield found
        weak.append(found)
    in_cells = find_in_cells(entries)
    if in_cells is not None:
        yield in_cells
    yield from (one for one in weak if one.weak)
    if _NATIONAL.search(_title(name)):
        long = [i for i, e in enumerate(entries) if sum(map(str.isdigit, e)) >= 6]
        if long and len(long) >= 0.5 * len(entries):
            yield Found("identity numbers", tuple(long), weak=True)
    for other in (placed if placed and placed.kind == "addresses" else None, find_births(entries)):
        if other is not None:
            yield other


def _one_is_enough(entries: Sequence[str], column: str) -> Iterator[Found]:
    """What one entry is enough for, and names."""
    worded = [i for i, entry in enumerate(entries) if not entry.isdigit()]
    texts = [entries[i] for i in worded]
    if texts:
        names = find_names(texts, column)
        others = [found for found in (names, born_in_text(texts)) if found is not None]
        for found in (*find_in_text(texts), *others):
            yield replace(found, entries=tuple(worded[i] for i in found.entries))
    yield from find_contacts(entries, column)


def _stripped(
    entries: Sequence[str], name: str, placed: Found | None, rows: int
) -> Iterator[Found]:
    """What is left out of the file."""
    for found in (placed, find_codes(entries), initials(entries, name)):
        if found is not None:
            yield found
    links = find_links("\n".join(entries), entries)
    if links is not None:
        yield links
    wordy = _free_text(entries, rows)
    if wordy is not None:
        yield wordy


def _only_decimals(entries: Sequence[str]) -> bool:
    """True for measurements: a column of numbers most of which have decimals, or few digits."""
    head = entries[:: max(1, len(entries) // 50)][:50]
    if all(len(entry) == 6 and entry.isdigit() for entry in head):
        # 811218: perhaps a date.
        return False
    return all(_PLAIN.fullmatch(e) and (len(e) < _SHORT or _has_decimals(e)) for e in head) and all(
        "." in e or "," in e or len(e) < _SHORT for e in entries
    )


def _has_decimals(entry: str) -> bool:
    """True for 12.345 and 1.2e-5; False for 198112189876.0, which is a whole number."""
    mark = max(entry.find("."), entry.find(","))
    if "e+1" in entry or "E+1" in entry:
        return False
    return 0 <= mark < 9 and not (mark >= 6 and entry.endswith((".0", ",0")))


def _free_text(entries: Sequence[str], rows: int) -> Found | None:
    """Long texts of many words that differ between rows."""
    long = [i for i, e in enumerate(entries) if len(e) >= 25 and e.count(" ") >= 3]
    varied = len(entries) >= 0.2 * rows or (len(entries) >= 25 and len(entries) >= 0.05 * rows)
    if len(long) >= 3 and len(long) >= 0.3 * len(entries) and varied:
        return Found("free text", tuple(long))
    return None
