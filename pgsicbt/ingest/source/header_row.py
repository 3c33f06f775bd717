"""Where a table begins and ends on a sheet: titles above, one or two header rows, notes below."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from pgsicbt.ingest.source.columns import MISSING, NUMBER

MOST_ABOVE = 40
"""Rows above the header that are passed over at most."""
MOST_BELOW = 20
_TOTALS = {
    "total", "totals", "grandtotal", "sum", "sums", "mean", "means", "average", "median", "sd",
    "count", "summa", "totalt", "medel", "medelvärde", "antal", "summe", "gesamt", "mittelwert",
    "anzahl", "totaal", "gemiddelde", "somme", "moyenne", "suma", "media", "n",
}  # fmt: skip
_NOTE = re.compile(
    r"(\*|note\b|notes\b|source\b|comment|legend|exported|generated|created|page \d|end of|"
    r"anm[\s:.]|anmärkning|källa|obs[!:]|hinweis|bemerkung|quelle|opmerking)",
    re.IGNORECASE,
)
_IMPORT_ID = re.compile(r'\{"ImportId":')


@dataclass(frozen=True)
class Header:
    """Rows of a table's head, as positions: the row of names, and the first row of data.

    ``titles`` are longer names of the columns, where a second row gives them; ``upper`` are the
    cells of a row of groups above the names, such as merged cells with the name of a scale.
    """

    row: int
    data: int
    upper: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()


def is_number(cell: str) -> bool:
    """True for a cell that is a number, with a point or a comma."""
    return NUMBER.fullmatch(cell.strip().replace(",", ".", 1)) is not None


def find_header(rows: Sequence[Sequence[str]]) -> Header:
    """The header among the first rows of a table.

    Titles above a table fill fewer cells than the table does, so the header is the first row that
    fills more than half of what most rows fill. Two rows make one header where the upper one has
    gaps, as merged cells leave them, and the lower one holds names and no number. Survey platforms
    write the question and an import mark below the name; these are taken for titles.

    Parameters
    ----------
    rows
        The first rows of the sheet or file, empty ones included.
    """
    filled = [sum(bool(cell.strip()) for cell in row) for row in rows]
    usual = Counter(n for n in filled if n).most_common(1)
    if not usual:
        return Header(0, 1)
    width = max(usual[0][0], 1)
    first = next(
        (
            i
            for i, n in enumerate(filled[:MOST_ABOVE])
            if n >= max(min(2, width), 0.5 * width + 0.5)
        ),
        0,
    )
    above = _group_row(rows, filled, first)
    upper: tuple[str, ...] = ()
    if above is not None:
        first, upper = above
    else:
        lower = _names_below(rows, filled, first)
        if lower is not None:
            upper, first = _spread(rows[first]), lower
    data = first + 1
    titles: tuple[str, ...] = ()
    if first + 2 < len(rows) and any(_IMPORT_ID.match(cell.strip()) for cell in rows[first + 2]):
        titles, data = tuple(rows[first + 1]), first + 3
    elif first + 1 < len(rows) and any(_IMPORT_ID.match(cell.strip()) for cell in rows[first + 1]):
        data = first + 2
    return Header(first, data, upper, titles)


def _text_row(row: Sequence[str]) -> bool:
    """True if the row could be names: filled cells, none of them a number or a sign for missing."""
    cells = [cell.strip() for cell in row if cell.strip()]
    return bool(cells) and not any(is_number(c) or c.casefold() in MISSING for c in cells)


def _group_row(
    rows: Sequence[Sequence[str]], filled: Sequence[int], first: int
) -> tuple[int, tuple[str, ...]] | None:
    """A row of groups right above the header, with fewer cells than it."""
    if first == 0 or not 1 <= filled[first - 1] < filled[first] or not _text_row(rows[first - 1]):
        return None
    blank_first = not rows[first - 1][0].strip()  # a title would begin in the first column
    return (first, _spread(rows[first - 1])) if blank_first else None


def _names_below(rows: Sequence[Sequence[str]], filled: Sequence[int], first: int) -> int | None:
    """The row of names below a row of groups that has gaps, or None."""
    if first + 2 >= len(rows):
        return None
    groups, names, data = rows[first], rows[first + 1], rows[first + 2]
    gaps = filled[first] < filled[first + 1] and any(not cell.strip() for cell in groups)
    if not gaps or not _text_row(groups) or not _text_row(names):
        return None
    numbers = any(is_number(cell) for cell in data)
    return first + 1 if numbers and filled[first + 1] >= len(_trimmed(names)) - 1 else None


def _trimmed(row: Sequence[str]) -> Sequence[str]:
    last = max((i for i, cell in enumerate(row) if cell.strip()), default=-1)
    return row[: last + 1]


def _spread(row: Sequence[str]) -> tuple[str, ...]:
    """Merged cells hold their text in the first of them: it counts for those to the right."""
    spread, held = [], ""
    for cell in row:
        held = cell.strip() or held
        spread.append(held)
    return tuple(spread)


def joined_names(names: Sequence[str], upper: Sequence[str]) -> list[str]:
    """Names below a row of groups: ``PHQ-9`` above ``week 1`` gives ``PHQ-9 week 1``."""
    padded = [*upper, *[upper[-1] if upper else ""] * (len(names) - len(upper))]
    return [
        f"{group} {name}".strip() if group.casefold() != name.casefold() else name
        for name, group in zip(names, padded, strict=False)
    ]


def is_footer(row: Sequence[str], width: int) -> bool:
    """True for a row below a table that is no data: a note, or totals of the columns.

    Parameters
    ----------
    row
        The cells of one of the last rows.
    width
        Number of columns of the table.
    """
    cells = [cell.strip() for cell in row]
    filled = [cell for cell in cells if cell]
    if not filled or width < 2:
        return False
    first = "".join(ch for ch in filled[0].casefold() if ch.isalpha())
    if filled[0] == cells[0] and first in _TOTALS and not any(c.isdigit() for c in filled[0]):
        return True
    alone = len(filled) == 1 and filled[0] == cells[0]
    return alone and bool(
        _NOTE.match(filled[0]) or (" " in filled[0] and (len(filled[0]) > 20 or len(cells) == 1))
    )
