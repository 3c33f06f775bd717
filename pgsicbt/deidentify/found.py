"""What the search for identifiers returns."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Found:
    """Entries of a column that carry something that identifies people.

    ``entries`` are positions among the entries looked at. ``weak`` marks what rests on a share of
    a column of plain digits or words, or on the column's name, which may be chance: the user may
    overrule it.
    """

    kind: str
    entries: tuple[int, ...]
    weak: bool = False
