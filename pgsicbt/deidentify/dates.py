"""Dates of birth, and calendar dates of other things."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence

import numpy as np

_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[ T].*)?", re.ASCII)
_DAY_FIRST = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4}|\d{2})(?:[ T].*)?", re.ASCII)
_WORDED = re.compile(r"(\d{1,2})[-. ]?\s?([A-Za-zåäöéû]{3,9})\.?[-, ]\s?(\d{4})", re.ASCII)
_COMPACT = re.compile(r"(19|20)(\d{2})(\d{2})(\d{2})", re.ASCII)
_BIRTH = re.compile(
    r"birth_?da(te|y)|date_?of_?birth|dateofbirth|birthdate|(^|[^a-z])dob([^a-z]|$)|brthdtc|"
    r"f(ö|o|oe)delse_?(datum|dag|tid)|f(ö|o)dd_?(datum)?$|f(ø|o)dsels_?(dato|dag|nummer)|"
    r"geb(urts)?_?(datum|tag)|geboorte_?datum|syntym(ä|a)_?aika|"
    r"date_?de_?naissance|fecha_?de_?nacimiento|data_?di_?nascita|data_?urodzenia",
    re.IGNORECASE,
)
_EARLIEST, _LATEST = 1900, 2100


def is_birth_column(name: str) -> bool:
    """True for a column that is called after the date of birth."""
    return _BIRTH.search(re.sub(r"[\s.\-]+", "_", name)) is not None


def year_of(entry: str) -> float:
    """The year of a calendar date; NaN for anything else.

    Decimal numbers, positions such as 12:345 and versions such as 3.2.1 are no dates.
    """
    for pattern, year, month, day in ((_ISO, 1, 2, 3), (_DAY_FIRST, 3, 2, 1)):
        found = pattern.fullmatch(entry)
        if found:
            a, b, c = int(found[year]), int(found[month]), int(found[day])
            a += (1900 if a > 30 else 2000) if a < 100 else 0
            if _EARLIEST <= a <= _LATEST and (_valid(a, b, c) or _valid(a, c, b)):
                return float(a)
    found = _WORDED.fullmatch(entry)
    if found and _EARLIEST <= int(found[3]) <= _LATEST:
        return float(found[3])
    return float("nan")


def _valid(year: int, month: int, day: int) -> bool:
    try:
        dt.date(year, month, day)
    except ValueError:
        return False
    return True


def dated(entries: Sequence[str]) -> tuple[int, ...]:
    """Entries that are calendar dates, if they are most of the column; otherwise none."""
    head = [i for i in range(min(len(entries), 300)) if year_of(entries[i]) > 0]
    if len(head) < 0.6 * min(len(entries), 300):
        return ()
    return tuple(i for i, entry in enumerate(entries) if year_of(entry) > 0)


def compact_dates(entries: Sequence[str]) -> tuple[int, ...]:
    """Entries such as 19850131, if nearly all entries are; otherwise none."""
    hits = []
    for i, entry in enumerate(entries):
        found = _COMPACT.fullmatch(entry)
        if found and _valid(int(found[1] + found[2]), int(found[3]), int(found[4])):
            hits.append(i)
    return tuple(hits) if len(hits) >= 0.95 * len(entries) and hits else ()


def look_like_births(entries: Sequence[str]) -> bool:
    """True if dates lie as dates of birth do: decades ago, and many years apart."""
    years = np.array([year_of(entry) for entry in entries])
    years = years[~np.isnan(years)]
    return bool(
        years.size >= 8 and np.median(years) < 2003 and years.std() > 5 and years.max() < 2015
    )
