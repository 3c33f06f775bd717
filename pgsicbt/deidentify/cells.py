"""Cells brought to one spelling before they are searched."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

_PLAIN = str.maketrans(
    {
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe63\uff0d", "-"),
        **dict.fromkeys("\u00a0\u2007\u2009\u202f\u3000\t\n\r\v\f\u0085\u2028\u2029", " "),
        **dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff\u200e\u200f", ""),
        "\u2019": "'",
    }
)
_NUMBER = re.compile(
    r"[A-Za-z]{0,4}[-_ :]?(\d{9,15})(?:[.,]0+)?|(\d)[.,](\d{8,14})[eE]\+?(\d{1,2})", re.ASCII
)


def spelled_plainly(entries: Sequence[str]) -> list[str]:
    """Entries on one line, with plain hyphens, blanks and digits, and nothing invisible."""
    plain = []
    for entry in entries:
        if not entry.isascii():
            entry = unicodedata.normalize("NFKC", entry.translate(_PLAIN)).translate(_PLAIN)
        elif not entry.isprintable():
            entry = entry.translate(_PLAIN)
        plain.append(entry)
    return plain


def bare_digits(entry: str) -> str:
    """The digits of an entry that is one long number; '' for anything else.

    A few letters before it, a decimal zero behind it and an exponent are seen through, since
    spreadsheets and data frames leave them: P198112189876, 198112189876.0, 1.98112189876e+11.
    """
    found = _NUMBER.fullmatch(entry)
    if found is None:
        return ""
    if found[1]:
        return found[1]
    mantissa = found[2] + found[3]
    wanted = int(found[4]) + 1
    return mantissa.ljust(wanted, "0") if len(mantissa) <= wanted <= 15 else ""
