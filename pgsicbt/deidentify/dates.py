"""Dates of birth, and calendar dates of other things."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence

import numpy as np

from pgsicbt.deidentify.found import Found

_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[ T].*)?", re.ASCII)
_DAY_FIRST = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4}|\d{2})(?:[ T].*)?", re.ASCII)
_WORDED = re.compile(
    r"(?:[A-Za-z]{3,9},? )?(\d{1,2})\.?[- ]?\s?([A-Za-z\u00c0-\u024f]{3,10})\.?[-, ]\s?"
    r"(\d{4}|\d{2})",
)
_MONTH_FIRST = re.compile(r"([A-Za-z]{3,9})\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})")
_MONTHS = (
    "jan", "feb", "f\u00e9v", "mar", "m\u00e4r", "maa", "mrt", "apr", "avr", "may", "maj", "mai",
    "mei", "jun", "jui", "jul", "aug", "ao\u00fb", "sep", "oct", "okt", "nov", "dec", "dez", "des",
    "d\u00e9c", "ene", "abr", "ago", "dic",
)  # fmt: skip
_SHORT = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ]\d{2}", re.ASCII)
_COMPACT = re.compile(r"(19|20)(\d{2})(\d{2})(\d{2})", re.ASCII)
_BIRTH = re.compile(
    r"birth_?da(te|y)|date_?of_?birth|dateofbirth|birthdate|(^|[^a-z])dob([^a-z]|$)|brthdtc|"
    r"f(ö|o|oe)delse_?(datum|dag|tid)|f(ö|o)dd_?(datum)?$|f(ø|o|oe)dsels_?(dato|dag|nummer)|"
    r"geb(urts)?_?(datum|tag)|^geb_?dat|geboorte_?datum|^geb_?dat|syntym(ä|a)_?(aika|p)|"
    r"date_?de_?naissance|fecha_?de_?nacimiento|fecha_?nac|data_?di_?nascita|data_?urodzenia|"
    r"data_?de_?nascimento|ddn$|kennitala|narozen",
    re.IGNORECASE,
)
_BORN = re.compile(
    r"(?:\bborn|\bdob|\bbirth(?:day|date)?|\bfödd|\bf\.|\bfødt|\bgeb(?:oren)?|\bnée?)"
    r"\W{1,3}(?:(?:on|the|den|am|le|of)\W)?\s?"
    r"(?:(?:19|20)?\d{6}(?!\d)|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}|\d{1,2}\.? [^\W\d_]{3,10} \d{4})",
    re.IGNORECASE,
)
_EARLIEST, _LATEST = 1900, 2100
_FIRST_DIGITS = re.compile(
    r"[A-Za-z\u00c0-\u024f]{0,4}[-_ ]?(\d{8}|\d{6})(?:[-_+ A-FU-Y]?[0-9A-Za-z*#]{1,6})?"
)
_SHARE_OF_BIRTHS = 0.9
_HEAD = 300


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
    for pattern, month in ((_WORDED, 2), (_MONTH_FIRST, 1)):
        found = pattern.fullmatch(entry)
        if found and found[month][:3].casefold() in _MONTHS and 1 <= int(found[3 - month]) <= 31:
            a = int(found[3])
            a += (1900 if a > 30 else 2000) if a < 100 else 0
            if _EARLIEST <= a <= _LATEST:
                return float(a)
    return float("nan")


def _valid(year: int, month: int, day: int) -> bool:
    try:
        dt.date(year, month, day)
    except ValueError:
        return False
    return True


def dated(entries: Sequence[str]) -> tuple[int, ...]:
    """Entries that are calendar dates, if they are most of the column; otherwise none."""
    step = max(1, len(entries) // _HEAD)
    head = entries[::step][:_HEAD]
    if sum(year_of(entry) > 0 for entry in head) < 0.6 * len(head):
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


def look_like_births(years: Sequence[float]) -> bool:
    """True if years lie as those of births do: decades ago, and far apart."""
    of = np.array([year for year in years if year == year], dtype=float)
    return bool(of.size >= 8 and np.median(of) < 2003 and of.std() > 5 and of.max() < 2016)


def born_in_text(entries: Sequence[str]) -> Found | None:
    """Dates within text that are said to be of a birth."""
    if not _BORN.search("\n".join(entries)):
        return None
    return Found("dates of birth", tuple(i for i, e in enumerate(entries) if _BORN.search(e)))


def find_births(entries: Sequence[str]) -> Found | None:
    """Dates that lie as those of births do, whatever the column is called.

    Plain dates, and dates at the head of a code, as in 811218, 19811218-XXXX or AL811218. Codes
    made of running numbers pass for dates by chance; here days, months and years must all take
    as many values as dates of birth do.
    """
    step = max(1, len(entries) // _HEAD)
    head = entries[::step][:_HEAD]
    if sum(year_of(entry) > 0 for entry in head) >= 0.6 * len(head):
        years = [year_of(entry) for entry in entries]
        if look_like_births(years) and _days_and_months(entries):
            return Found("dates of birth", tuple(i for i, y in enumerate(years) if y > 0), True)
        return None
    if sum(_FIRST_DIGITS.fullmatch(entry) is not None for entry in head) < 0.8 * len(head):
        return None
    for read in (_year_first, _day_first):
        if sum(_read(read, entry) is not None for entry in head) < _SHARE_OF_BIRTHS * len(head):
            continue
        dates = [(i, _read(read, entry)) for i, entry in enumerate(entries)]
        known = [(i, date) for i, date in dates if date is not None]
        if _spread([date for _, date in known]):
            return Found("dates of birth", tuple(i for i, _ in known), True)
    return None


def _days_and_months(entries: Sequence[str]) -> bool:
    """Whether dates with two digits for the year are no codes such as site, arm and number."""
    short = [found for found in map(_SHORT.fullmatch, entries) if found]
    if len(short) < 0.5 * len(entries):
        return True
    least = min(6, max(4, len(short) // 3))
    return all(len({found[k] for found in short}) >= least for k in (1, 2))


def _read(read: Callable[[str], tuple[int, int, int]], entry: str) -> dt.date | None:
    found = _FIRST_DIGITS.fullmatch(entry)
    if found is None:
        return None
    year, month, day = read(found[1])
    if year < 100:
        year += 1900 if year > 26 else 2000
    # Numbers of people without a permanent one add 60 or 40 to the day.
    day -= 60 if day > 60 else 40 if day > 40 else 0
    return dt.date(year, month, day) if 1905 < year < 2027 and _valid(year, month, day) else None


def _year_first(digits: str) -> tuple[int, int, int]:
    n = len(digits) - 4
    return int(digits[:n]), int(digits[n : n + 2]), int(digits[n + 2 :])


def _day_first(digits: str) -> tuple[int, int, int]:
    return int(digits[4:]), int(digits[2:4]), int(digits[:2])


def _spread(dates: Sequence[dt.date]) -> bool:
    """Whether days, months and years all vary as those of births do."""
    if len(dates) < 8 or not look_like_births([float(date.year) for date in dates]):
        return False
    n = min(len(dates), 40)
    days = {date.day for date in dates}
    return (
        len(days) >= 0.35 * n
        and max(days) > 20
        and len({date.month for date in dates}) >= min(5, n // 3)
        and len({date.year for date in dates}) >= 0.3 * n
    )
