"""One column of text cells, looked at as numbers, as groups and as dates."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)
_COMMA = re.compile(r"[+-]?\d*,\d+(?:[eE][+-]?\d{1,3})?", re.ASCII)
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}", re.ASCII)
_DATE = re.compile(
    r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}([ T].*)?|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}([ T].*)?", re.ASCII
)
_SPACED = re.compile(r"[+-]?\d{1,3}(?:[ \u00a0\u202f'\u2019]\d{3})+(?:[.,]\d+)?", re.ASCII)
_POINTS = re.compile(r"[+-]?\d{1,3}(?:\.\d{3})+,\d+", re.ASCII)
_COMMAS = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+\.\d+", re.ASCII)
_MARKED = re.compile(r"[+-]?\d[\d.,]*", re.ASCII)
MISSING = frozenset(
    {
        "",
        "na",
        "n/a",
        "n.a.",
        "#n/a",
        "nan",
        "-nan",
        "null",
        "#null!",
        ".",
        "..",
        "-",
        "--",
        "?",
        "missing",
        "miss",
        "<na>",
        "#div/0!",
        "#value!",
        "#ref!",
        "#name?",
        "#num!",
        "not available",
        "not answered",
        "no answer",
        "unanswered",
        "refused",
        "declined",
        "prefer not to say",
        "don't know",
        "vill ej svara",
        "vet ej",
        "weiss nicht",
        "weiß nicht",
        "saknas",
        "ej svar",
        "uppgift saknas",
        "fehlt",
        "keine angabe",
        "k.a.",
        "k. a.",
        "ontbreekt",
        "nat",
        "not done",
    }
)
"""Cells that stand for "no value", compared without case."""
MISSING_AMONG_NUMBERS = frozenset(
    {
        "none",
        "nd",
        "n.d.",
        "n/d",
        "bortfall",
        "ej ifyllt",
        "ej ifylld",
        "ej besvarad",
        "ej gjort",
        "inget svar",
        "ikke svart",
        "ikke besvart",
        "mangler",
        "puuttuu",
        "geen antwoord",
        "sans réponse",
        "no data",
        "not applicable",
        "not completed",
        "not assessed",
        "dropout",
        "drop-out",
        "lost",
        "withdrawn",
        "ej aktuellt",
        "avbrutit",
        "nicht ausgefüllt",
        "no contestó",
        "nil",
        "void",
        "*",
        "**",
    }
)
"""Words that stand for "no value" in a column that otherwise holds numbers."""
_ERROR = re.compile(r"#[^\W\d_][\w/ ]*[!?]?|\.[a-zA-Z]")  # of spreadsheets, .a to .z of Stata


def _grouped(text: str, mark: str) -> bool:
    """True if every ``mark`` in a number could stand between groups of thousands."""
    whole = re.split(r"[.,]" if mark not in text else ("," if mark == "." else r"\."), text)[0]
    groups = whole.lstrip("+-").split(mark)
    return len(groups) == 1 or (
        1 <= len(groups[0]) <= 3 and all(len(group) == 3 for group in groups[1:])
    )


_ODD_BLANKS = "\ufeff\u200b\u200e\u200f"
_GUARD = re.compile(r'="(.*)"')


def trim(cell: str) -> str:
    """A cell without outer blanks and without the marks by which spreadsheets force text."""
    text = cell.strip().strip(_ODD_BLANKS).strip().replace("\N{MINUS SIGN}", "-")
    guarded = _GUARD.fullmatch(text) if text.startswith("=") else None
    if guarded:
        return guarded[1].strip()
    return text[1:] if text.startswith("'") and text[1:].isdigit() else text


@dataclass(frozen=True, eq=False)
class Column:
    """A column of a table.

    Parameters
    ----------
    codes
        Shape (n_rows,): position of each cell in ``levels``.
    levels
        Shape (n_levels,): the different cells, trimmed, in order of first appearance.
    decimal
        The decimal mark if the user has said it, otherwise ''.
    """

    name: str
    codes: NDArray[np.int64]
    levels: NDArray[np.object_]
    decimal: str = ""

    @classmethod
    def read(cls, name: str, cells: pd.Series[str], decimal: str = "") -> Column:
        """Trim the cells and number the different ones."""
        codes, found = pd.factorize(cells)
        raw = [str(level) for level in found]
        trimmed = [trim(level) for level in raw]
        if trimmed != raw:
            again, levels = pd.factorize(np.array(trimmed, dtype=object))
            codes, trimmed = again[codes], [str(level) for level in levels]
        levels_array = np.empty(len(trimmed), dtype=object)
        levels_array[:] = trimmed
        return cls(name, codes.astype(np.int64), levels_array, decimal)

    @cached_property
    def level_missing(self) -> NDArray[np.bool_]:
        missing = [
            level.casefold() in MISSING or _ERROR.fullmatch(level) is not None
            for level in self.levels
        ]
        rest = [level for level, gone in zip(self.levels, missing, strict=True) if not gone]
        numbers = sum(level[:1].isdigit() or level[1:2].isdigit() for level in rest)
        if numbers >= 0.5 * len(rest):  # words that could be a group stand for nothing here
            missing = [
                gone or level.casefold() in MISSING_AMONG_NUMBERS
                for level, gone in zip(self.levels, missing, strict=True)
            ]
        return np.array(missing, dtype=bool)

    @cached_property
    def _ungrouped(self) -> list[str]:
        """The levels without marks between thousands, where these are beyond doubt.

        Blanks and apostrophes between groups of three digits are no part of a number. Points or
        commas are thousands' marks of the whole column if one of its numbers has both marks.
        """
        texts = [str(level) for level in self.levels]
        if any(_SPACED.fullmatch(text) for text in texts):
            texts = [
                re.sub(r"[\s\u00a0\u202f'\u2019]", "", text) if _SPACED.fullmatch(text) else text
                for text in texts
            ]
        for pattern, mark in ((_POINTS, "."), (_COMMAS, ",")):
            numbers = [text for text in texts if _MARKED.fullmatch(text)]
            if any(pattern.fullmatch(text) for text in numbers) and all(
                _grouped(text, mark) for text in numbers
            ):
                texts = [t.replace(mark, "") if _MARKED.fullmatch(t) else t for t in texts]
        return texts

    @cached_property
    def decimal_comma(self) -> bool:
        """True if the column writes 0,5 and never 0.5, unless the user has said how it is."""
        if self.decimal:
            return self.decimal == ","
        present = [text for text in self._ungrouped if text.casefold() not in MISSING]
        return any(_COMMA.fullmatch(level) for level in present) and not any(
            "." in level and NUMBER.fullmatch(level) for level in present
        )

    @cached_property
    def ambiguous_comma(self) -> bool:
        """True if every comma could also mark thousands, as in 1,234."""
        commas = [level for level in self.levels if "," in level]
        return (
            not self.decimal
            and self.decimal_comma
            and all(_THOUSANDS.fullmatch(level) for level in commas)
        )

    @cached_property
    def level_numbers(self) -> NDArray[np.float64]:
        """Shape (n_levels,): the levels as finite numbers, NaN where they are none."""
        pattern, comma = NUMBER.fullmatch, self.decimal_comma
        texts = self._ungrouped
        texts = [text.replace(",", ".") for text in texts] if comma else texts
        numbers = np.array([float(t) if pattern(t) else np.nan for t in texts], dtype=float)
        numbers[~np.isfinite(numbers)] = np.nan
        return numbers

    @cached_property
    def level_text(self) -> NDArray[np.bool_]:
        """Shape (n_levels,): levels that are neither missing nor a number."""
        return ~self.level_missing & np.isnan(self.level_numbers)

    @cached_property
    def missing(self) -> NDArray[np.bool_]:
        """Shape (n_rows,): cells without a value."""
        return self.level_missing[self.codes]

    @cached_property
    def numbers(self) -> NDArray[np.float64]:
        """Shape (n_rows,): cells as numbers, NaN where missing or text."""
        return self.level_numbers[self.codes]

    @cached_property
    def text_rows(self) -> NDArray[np.int64]:
        """Rows whose cell is text."""
        return np.flatnonzero(self.level_text[self.codes])

    @cached_property
    def present_levels(self) -> list[str]:
        """The different cells that are not missing."""
        return list(self.levels[~self.level_missing])

    @property
    def n_missing(self) -> int:
        return int(self.missing.sum())

    @property
    def empty(self) -> bool:
        return bool(self.level_missing.all())

    @property
    def numeric(self) -> bool:
        """True if every cell that is present is a number, and there is one."""
        return not self.empty and not self.level_text.any()

    @property
    def mostly_numeric(self) -> bool:
        """True if at least four of five cells that are present are numbers."""
        present = len(self.codes) - self.n_missing
        return present > 0 and len(self.text_rows) <= 0.2 * present

    @cached_property
    def different_numbers(self) -> NDArray[np.float64]:
        """The different numbers, sorted."""
        return np.unique(self.level_numbers[~np.isnan(self.level_numbers)])

    @property
    def whole(self) -> bool:
        """True if all numbers are whole numbers."""
        values = self.different_numbers
        return bool((values == np.floor(values)).all())

    @cached_property
    def dates(self) -> bool:
        """True if nearly all cells that are present look like calendar dates."""
        present = self.present_levels[:200]
        hits = sum(bool(_DATE.fullmatch(level)) for level in present)
        return bool(present) and hits >= 0.9 * len(present)

    def varies_within(self, person: NDArray[np.int64], n_persons: int) -> NDArray[np.int64]:
        """Rows that differ from the first value that the same person has; missing is no value.

        Parameters
        ----------
        person
            Shape (n_rows,): person of each row, from 0 to ``n_persons`` - 1.
        """
        rows = np.flatnonzero(~self.missing)
        keys = self._keys[self.codes[rows]]
        first = np.full(n_persons, -1, dtype=np.int64)
        first[person[rows][::-1]] = keys[::-1]
        differing: NDArray[np.int64] = rows[keys != first[person[rows]]]
        return differing

    @cached_property
    def _keys(self) -> NDArray[np.int64]:
        """Shape (n_levels,): equal for levels of equal value, so that 1 and 1.0 agree."""
        keys = np.arange(len(self.levels), dtype=np.int64)
        return _numbered(self.level_numbers) if self.numeric else keys

    def first_rows(self, person: NDArray[np.int64], n_persons: int) -> NDArray[np.int64]:
        """Shape (n_persons,): first row with a value of each person, -1 where there is none."""
        rows = np.flatnonzero(~self.missing)
        first = np.full(n_persons, -1, dtype=np.int64)
        first[person[rows][::-1]] = rows[::-1]
        return first


def _numbered(numbers: NDArray[np.float64]) -> NDArray[np.int64]:
    """Shape (n,): equal whole numbers for equal entries."""
    return np.searchsorted(np.unique(numbers), numbers).astype(np.int64)
