"""The table of characteristics as a journal prints it."""

from __future__ import annotations

import math
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from pgsicbt.cohort import Description
from pgsicbt.cohort.groups import ALL
from pgsicbt.cohort.variables import CHARACTERISTICS, SCORES, START, is_yes_no
from pgsicbt.disclosure import MINIMUM_CELL
from pgsicbt.study import Study
from pgsicbt.wording import listed
from pgsicbt.words import numbers
from pgsicbt.words.cohort import HIDDEN, NO_P_VALUES

MOST_SCORES = 24
"""Scores that are printed; the others are in the numbers."""
_INDENT = "\u2003"
_NONE = numbers.MISSING


@dataclass(frozen=True)
class TableOne:
    """Header, rows and notes, all text; a row of one cell is the title of a section.

    ``header`` pairs each column's title with an explanation.
    """

    header: tuple[tuple[str, str], ...]
    rows: tuple[tuple[str, ...], ...]
    caption: str
    notes: tuple[str, ...]

    def frame(self) -> pd.DataFrame:
        """The table as it is printed, for a word processor; sections stand in the first column."""
        width = len(self.header)
        rows = [(*row, *[""] * (width - len(row))) for row in self.rows]
        return pd.DataFrame(rows, columns=[text.replace("\n", ", ") for text, _ in self.header])


def table_one(
    study: Study, found: Description, *, median: bool = False, differences: bool = False
) -> TableOne:
    """Characteristics by group and overall.

    Parameters
    ----------
    median
        Median and quartiles instead of mean and SD.
    differences
        A column with the largest standardised difference between any two groups.
    """
    table = found.characteristics
    groups = [*found.groups, ALL]
    people = {str(g): float(n) for g, n in _pairs(table[table["variable"] == "people"], "count")}
    header = [("Characteristic", "What is described")]
    header += [(f"{g}\nn = {_count(people.get(g, math.nan))}", _who(found, g)) for g in groups]
    smd = differences and len(found.groups) > 1
    apart = dict(_pairs(found.differences, "difference", "variable")) if smd else {}
    if smd:
        header.append(("SMD", "Largest standardised difference between any two groups"))
    rows: list[tuple[str, ...]] = []
    section = ""
    body = _body(study, table)
    marks = {"hidden": False, "share": False}
    for name, mine in body.groupby("variable", sort=False):
        first = mine.iloc[0]
        if first["section"] != section:
            section = str(first["section"])
            rows.append((_section(section, median),))
        last = (numbers.estimate(apart.get(name, math.nan)),) if smd else ()
        rows += [(*row, *_pad(last, k)) for k, row in enumerate(_rows(mine, groups, median, marks))]
    caption = "Characteristics of the people" + (f" by {found.by}" if found.groups else "")
    return TableOne(
        tuple(header), tuple(rows), caption, tuple(_notes(study, found, median, smd, marks))
    )


def _body(study: Study, table: pd.DataFrame) -> pd.DataFrame:
    """The rows of the table, of very many scores only the first."""
    kept = {s.name for s in study.scores[:MOST_SCORES]}
    return table[
        (table["section"] != "") & ((table["section"] != SCORES) | table["variable"].isin(kept))
    ]


def _pad(last: tuple[str, ...], k: int) -> tuple[str, ...]:
    return last if k == 0 or not last else ("",)


def _pairs(rows: pd.DataFrame, column: str, key: str = "group") -> list[tuple[Hashable, float]]:
    return [(k, float(v)) for k, v in zip(rows[key], rows[column], strict=True)]


def _count(n: float) -> str:
    return numbers.count(n) if math.isfinite(n) else HIDDEN


def _who(found: Description, group: str) -> str:
    return "Everybody in the study" if group == ALL else f"{found.by}: {group}"


def _section(name: str, median: bool) -> str:
    """A section's title, with the form of its numbers where all have the same."""
    form = "median (quartiles)" if median else "mean (SD)"
    return f"{name}, {form}" if name in (START, SCORES) else name


def _rows(
    mine: pd.DataFrame, groups: list[str], median: bool, marks: dict[str, bool]
) -> list[tuple[str, ...]]:
    """The rows of one variable."""
    first = mine.iloc[0]
    label = str(first["label"])
    cell = {(str(r["level"]), str(r["group"])): r for r in mine.to_dict("records")}
    levels = list(dict.fromkeys(str(v) for v in mine["level"]))
    if levels == [""]:
        digits = _digits(mine)
        values = [_number(cell[("", g)], digits, median, marks) for g in groups]
        out = [(_numeric_label(first, label, median), *values)]
    elif is_yes_no(tuple(levels)):
        values = [_share(cell[(levels[1], g)], marks) for g in groups]
        out = [(f"{label}, n (%)", *values)]
    else:
        out = [(f"{label}, n (%)", *[""] * len(groups))]
        out += [
            (f"{_INDENT}{level}", *(_share(cell[(level, g)], marks) for g in groups))
            for level in levels
        ]
    missing = [cell[(levels[0], g)] for g in groups]
    if any(r["missing"] != 0 for r in missing):
        out.append((f"{_INDENT}missing, n (%)", *(_missing(r, marks) for r in missing)))
    return out


def _numeric_label(first: pd.Series, label: str, median: bool) -> str:
    unit = str(first["unit"])
    if first["section"] == START:
        return f"{label} ({unit})" if unit else label
    if first["section"] == SCORES:
        return label
    form = "median (quartiles)" if median or first["kind"] == "year" else "mean (SD)"
    return f"{label}{f' in {unit}' if unit else ''}, {form}"


def _digits(mine: pd.DataFrame) -> int:
    """Decimals that show the spread with two or three figures."""
    if mine["kind"].iloc[0] == "year":
        return 0
    spread = mine["sd"].max()
    if not spread > 0:
        return 1
    return 1 if spread >= 2 else 2 if spread >= 0.1 else min(8, 1 - math.floor(math.log10(spread)))


def _number(r: dict[Any, Any], digits: int, median: bool, marks: dict[str, bool]) -> str:
    if r["status"] == "none":
        return _NONE
    year = r["kind"] == "year"
    middle, spread = float(r["mean"]), numbers.estimate(float(r["sd"]), digits)
    if median or year:
        middle = float(r["median"])
        ends = [_plain(float(r[q]), digits, year) for q in ("q1", "q3")]
        spread = (
            f"{ends[0]}\u2013{ends[1]}" if not ends[1].startswith("\u2212") else " to ".join(ends)
        )
        if ends[0].startswith("\u2212"):
            spread = " to ".join(ends)
    if r["status"] == "hidden" or not math.isfinite(middle):
        marks["hidden"] = True
        return HIDDEN
    return f"{_plain(middle, digits, year)} ({spread})"


def _plain(x: float, digits: int, year: bool) -> str:
    """A number; years have no thousands' separator."""
    return f"{x:.0f}" if year else numbers.estimate(x, digits)


def _share(r: dict[Any, Any], marks: dict[str, bool]) -> str:
    if r["status"] == "none":
        return _NONE
    count, share = float(r["count"]), float(r["share"])
    if math.isfinite(count):
        return f"{numbers.count(count)} ({100 * share:.0f})"
    marks["hidden"] = True
    if math.isfinite(share):
        marks["share"] = True
        return f"{HIDDEN} ({100 * share:.0f})"
    return HIDDEN


def _missing(r: dict[Any, Any], marks: dict[str, bool]) -> str:
    missing, people = float(r["missing"]), float(r["people"])
    if r["status"] == "none" and missing == 0:
        return _NONE
    if not math.isfinite(missing):
        marks["hidden"] = True
        return HIDDEN
    share = f" ({_percent(missing / people)})" if people > 0 else ""
    return f"{numbers.count(missing)}{share}"


def _percent(share: float) -> str:
    return "< 1" if 0 < share < 0.005 else f"{100 * share:.0f}"


def _notes(
    study: Study, found: Description, median: bool, smd: bool, marks: dict[str, bool]
) -> list[str]:
    n = numbers.count(len(study.persons))
    first = f"{n} people. " + ("" if median else "SD, standard deviation. ")
    first += (
        "Percentages are of those with a value, missing ones of the group. Symptoms at the start: "
        "the last value by week 0, or the first one of an instrument that was not used before."
    )
    if found.weeks_note:
        first += f" {found.weeks_note}"
    out = [first]
    if marks["hidden"]:
        out.append(
            f"{HIDDEN} Not shown: fewer than {MINIMUM_CELL} people, or a number from which so few "
            "could be worked out." + (" A percentage then stands alone." if marks["share"] else "")
        )
    if smd:
        out.append(
            "SMD, standardised mean difference: difference of two means (or shares) in standard "
            "deviations, the largest of all pairs of groups; below 0.1 is usually called balanced "
            "(Austin 2009)."
        )
    if found.groups:
        out.append(NO_P_VALUES)
    left = [f"Not listed: {listed(found.not_listed)}."] if found.not_listed else []
    more = len(study.scores) - MOST_SCORES
    if more > 0:
        left.append(f"{numbers.count(more)} more scores are in the numbers to download.")
    covariates = [c for c in study.covariates if c.role == "component"]
    if covariates:
        left.append(f"{len(covariates)} components of ancestry have figures of their own.")
    if not (found.characteristics["section"] == CHARACTERISTICS).any():
        left.append("The files hold nothing else about the people, such as age or sex.")
    if study.simulated:
        left.append("Simulated data.")
    return [*out, " ".join(left)] if left else out
