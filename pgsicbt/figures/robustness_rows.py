"""Rows of effects beside each other, as plain data: points, intervals and ranges on one axis.

Used for challenges (a range with its variants), for variants of one challenge and for models of
different kinds (an estimate with its interval). Filled marks exclude zero, hollow ones do not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pgsicbt.figures.layout import ticks


@dataclass(frozen=True)
class Mark:
    """One row of one panel.

    Parameters
    ----------
    points, clear
        Estimates, and of each whether its interval excludes zero.
    low, high
        Ends of the line: of the interval, or of the range of the points.
    text
        What stands beside the row.
    hover
        What each point says when pointed at.
    """

    points: tuple[float, ...]
    clear: tuple[bool, ...]
    low: float = float("nan")
    high: float = float("nan")
    text: str = ""
    hover: tuple[str, ...] = ()


@dataclass(frozen=True)
class RowPanel:
    """One panel: a mark per row, and a thin line at the analysis's own effect."""

    title: str
    unit: str
    marks: tuple[Mark, ...]
    own: float = float("nan")

    @property
    def limits(self) -> tuple[float, float]:
        """Range of the axis: everything shown, and zero."""
        values = [0.0, self.own]
        for mark in self.marks:
            values += [mark.low, mark.high, *mark.points]
        known = np.array([v for v in values if np.isfinite(v)])
        low, high = float(known.min()), float(known.max())
        pad = 0.06 * (high - low) or 1.0
        return low - pad, high + pad

    def ticks(self, most: int) -> tuple[list[float], list[str]]:
        return ticks(*self.limits, most)


@dataclass(frozen=True)
class Rows:
    """A figure of rows.

    Parameters
    ----------
    labels
        Of the rows, shared by the panels.
    thick
        Whether lines are ranges (thick bars) and not intervals.
    """

    title: str
    labels: tuple[str, ...]
    panels: Sequence[RowPanel]
    alt: str
    note: str
    thick: bool = False
