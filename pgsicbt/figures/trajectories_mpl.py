"""The static trajectory figure, for print and download; the same frames as on screen."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pgsicbt.disclosure import MINIMUM_CELL
from pgsicbt.figures.layout import spread_labels, ticks, wrap
from pgsicbt.figures.palette import LIGHT
from pgsicbt.figures.paper import (
    BODY,
    SMALL,
    TITLE,
    axes_at,
    new_figure,
    set_ticks,
    text_at,
    text_in,
)
from pgsicbt.figures.trajectory_data import (
    key_words,
    model_lines,
    observed_points,
    shortest_gap,
    value_range,
    week_range,
    week_ticks,
)
from pgsicbt.words import numbers

_MARKERS = {"lowest third": "v", "middle third": "o", "highest third": "^", "all": "o"}
_WIDTH, _PLOT, _STRIP, _GAP = 7.0, 2.9, 0.22, 0.66
_LEFT, _RIGHT, _EDGE = 0.5, 0.9, 0.12


def trajectories_static(
    predicted: pd.DataFrame,
    observed: pd.DataFrame,
    counts: pd.DataFrame,
    *,
    title: str,
    unit: str,
    better: str = "lower",
    value_limits: tuple[float, float] | None = None,
) -> Figure:
    """Draw the course of symptoms on paper; parameters as in the interactive figure."""
    lines = model_lines(predicted)
    points = observed_points(observed)
    heads = wrap(title, 84)
    key = wrap(key_words(lines, points), 118)
    top = 0.2 + 0.2 * len(heads) + 0.15 * len(key) + 0.26
    strip = len(counts) > 0
    figure = new_figure(_WIDTH, top + _PLOT + (_GAP + _STRIP + 0.1 if strip else 0.5))
    y = 0.1
    for head in heads:
        text_at(figure, _EDGE, y, head, TITLE, bold=True)
        y += 0.2
    for line in key:
        text_at(figure, _EDGE, y + 0.04, line, SMALL, color=LIGHT.muted)
        y += 0.15
    text_at(figure, _EDGE, top - 0.06, f"{unit} ({better} is better)", SMALL, va="bottom")
    width = _WIDTH - _LEFT - _RIGHT
    ax = axes_at(figure, _LEFT, top, width, _PLOT)
    low, high = value_limits or value_range(predicted, observed)
    weeks = week_range(predicted, observed, counts)
    ax.set_xlim(*weeks)
    ax.set_ylim(low, high)
    known = [*counts["week"], *observed["week"]] or list(predicted["week"])
    marks = week_ticks(known, 16)
    set_ticks(ax, "x", marks, [numbers.week(w) for w in marks])
    set_ticks(ax, "y", *ticks(low, high, 5))
    ax.yaxis.grid(visible=True, color=LIGHT.grid, lw=0.6)
    for model in lines:
        f, colour = model.frame, LIGHT.levels[model.shade]
        ax.fill_between(f["week"], f["conf_low"], f["conf_high"], color=colour, alpha=0.16, lw=0)
        ax.plot(f["week"], f["estimate"], color=colour, lw=1.6, zorder=3,
                ls=("--", "-", "-")[model.shade])  # fmt: skip
    for group, shade, f in points:
        colour = LIGHT.levels[shade]
        ax.vlines(f["x"], f["conf_low"], f["conf_high"], color=colour, lw=0.6, zorder=2)
        ax.scatter(f["x"], f["mean"], marker=_MARKERS.get(group, "o"), s=11, color=colour,
                   linewidths=0, zorder=2)  # fmt: skip
    ends = [model.frame.iloc[-1] for model in lines]
    per_inch = (high - low) / _PLOT
    placed = spread_labels([(float(e["estimate"]) - low) / per_inch for e in ends], 0.15, 0, _PLOT)
    for model, end, at in zip(lines, ends, placed, strict=True):
        x = float(end["week"]) + 0.16 * (weeks[1] - weeks[0]) / width
        text_in(ax, x, low + at * per_inch, model.label, BODY, bold=True,
                color=LIGHT.level_text[model.shade])  # fmt: skip
    middle = _LEFT + width / 2
    text_at(figure, middle, top + _PLOT + 0.24, "Weeks from the start of treatment", SMALL,
            color=LIGHT.muted, ha="center")  # fmt: skip
    if strip:
        below = axes_at(figure, _LEFT, top + _PLOT + _GAP, width, _STRIP)
        _people(below, counts, weeks, marks)
        text_at(figure, _LEFT + width + 0.06, top + _PLOT + _GAP + _STRIP, "people", SMALL,
                color=LIGHT.muted, va="bottom")  # fmt: skip
    return figure


def _people(ax: Axes, counts: pd.DataFrame, weeks: tuple[float, float], marks: list[float]) -> None:
    """People observed per week as thin bars with their number."""
    n = counts["n"].to_numpy(float)
    week = counts["week"].to_numpy(float)
    top = float(np.nanmax(n)) if np.isfinite(n).any() else 1.0
    ax.bar(week, np.nan_to_num(n), width=0.4 * shortest_gap(week),
           color=LIGHT.bars, lw=0)  # fmt: skip
    ax.set_xlim(*weeks)
    ax.set_ylim(0, top)
    set_ticks(ax, "x", [], [])
    set_ticks(ax, "y", [], [])
    for w, v in zip(week, n, strict=True):
        if len(week) <= 16 or w in marks:
            known = np.isfinite(v)
            text_in(ax, w, (v if known else 0) + 0.12 * top,
                    numbers.count(v) if known else f"<{MINIMUM_CELL}", 6.0,
                    ha="center", va="bottom", color=LIGHT.muted)  # fmt: skip
