"""Small pieces of the sentences that reading produces. Never a value, never an identifier."""

from __future__ import annotations

from collections.abc import Iterable

from pgsicbt.wording import listed

SHOWN_LINES = 3


def count(number: int, singular: str, plural: str = "") -> str:
    """``1 person``, ``2,668 people``: a number with its noun."""
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"


def people(number: int) -> str:
    """``1 person``, ``2,668 people``."""
    return count(number, "person", "people")


def lines_text(lines: Iterable[int]) -> str:
    """``line 4``, ``lines 4 and 9``, ``lines 4, 9, 12 and 34 more``; sorted, each once."""
    numbers = sorted({int(line) for line in lines})
    shown = [f"{n:,}" for n in numbers[:SHOWN_LINES]]
    rest = len(numbers) - len(shown)
    if rest:
        shown.append(f"{rest:,} more")
    return f"line{'s' if len(numbers) > 1 else ''} {listed(shown)}"


def percent(part: int, whole: int) -> str:
    """``3 %``, ``less than 1 %``, ``0 %``."""
    if part == 0 or whole == 0:
        return "0 %"
    share = 100 * part / whole
    return "less than 1 %" if share < 1 else f"{min(share, 100 if part == whole else 99):.0f} %"


def plain(number: float) -> str:
    """A number as a person writes it: ``27``, ``0.33``, a real minus sign."""
    return f"{number:g}".replace("-", "\N{MINUS SIGN}")
