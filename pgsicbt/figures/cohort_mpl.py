"""Small multiples on paper."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from pgsicbt.figures.cohort_panels import (
    Cells,
    Line,
    Panel,
    Panels,
    colour,
    label_colour,
    mixed,
    scale_stops,
)
from pgsicbt.figures.layout import shorten, spread_labels, wrap
from pgsicbt.figures.palette import LIGHT, contrast
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

_WIDTH, _EDGE = 7.2, 0.12
_INCH = 125.0
"""Pixels of the screen form in an inch of paper."""
_STYLES: tuple[Any, ...] = (
    "-", (0, (4, 2)), (0, (1, 1.5)), (0, (4, 1.5, 1, 1.5)), (0, (7, 2)),
    (0, (7, 1.5, 1, 1.5)), "-", (0, (4, 2)),
)  # fmt: skip


def panels_static(sheet: Panels) -> Figure:
    """Draw small multiples with matplotlib, in the light colours of print."""
    columns = min(sheet.columns, len(sheet.panels)) or 1
    rows = -(-len(sheet.panels) // columns)
    heads, below = wrap(sheet.title, 88), [w for s in sheet.lines for w in wrap(s, 124)]
    keys = _key_lines(sheet)
    top = 0.12 + 0.2 * len(heads) + 0.15 * len(below) + 0.2 * len(keys)
    head = 0.24 + (0.14 if sheet.subtitles else 0.0)
    height, beneath = sheet.height / _INCH, max(sheet.below / _INCH, 0.2)
    row = head + height + beneath
    figure = new_figure(_WIDTH, top + rows * row + 0.08)
    y = 0.1
    for text in heads:
        text_at(figure, _EDGE, y, text, TITLE, bold=True)
        y += 0.2
    for text in below:
        text_at(figure, _EDGE, y + 0.02, text, SMALL, color=LIGHT.muted)
        y += 0.15
    for entries in keys:
        _key(figure, entries, y + 0.04)
        y += 0.2
    cell = (_WIDTH - 2 * _EDGE) / columns
    for i, panel in enumerate(sheet.panels):
        r, c = divmod(i, columns)
        left = _EDGE + c * cell + sheet.left / _INCH
        width = cell - (sheet.left + sheet.right) / _INCH
        at = top + r * row + head
        rise = at - 0.05
        for text, bold in ((panel.subtitle, False), (panel.title, True)):
            if text:
                words = shorten(text, max(int(width / (0.075 if bold else 0.058)), 8))
                text_at(figure, left, rise, words, BODY if bold else SMALL, bold=bold, va="bottom",
                        color=LIGHT.text if bold else LIGHT.muted)  # fmt: skip
                rise -= 0.13
        shown = replace(panel, y=sheet.placed(panel))
        _panel(axes_at(figure, left, at, width, height), shown, (width, height))
        if panel.x.title:
            text_at(figure, left + width / 2, at + height + 0.2, panel.x.title, SMALL, ha="center",
                    color=LIGHT.muted)  # fmt: skip
    return figure


def _key_lines(sheet: Panels) -> list[list[tuple[str, str, int]]]:
    out: list[list[tuple[str, str, int]]] = []
    used = 1000.0
    for entry in sheet.key:
        size = _key_width(entry[0])
        if used + size > _WIDTH - 2 * _EDGE:
            out.append([])
            used = 0.0
        out[-1].append(entry)
        used += size
    return out


def _key_width(label: str) -> float:
    return 0.5 + 0.075 * len(shorten(label, 40))


def _key(figure: Figure, entries: list[tuple[str, str, int]], top: float) -> None:
    w, h = figure.get_size_inches()
    x = _EDGE
    for label, name, dash in entries:
        y = 1 - (top + 0.06) / h
        figure.add_artist(
            Line2D([x / w, (x + 0.24) / w], [y, y], color=colour(name, LIGHT), lw=1.6,
                   ls=_STYLES[dash])
        )  # fmt: skip
        text_at(figure, x + 0.3, top, shorten(label, 40), SMALL, bold=True,
                color=label_colour(name, LIGHT))  # fmt: skip
        x += _key_width(label)


def _panel(ax: Axes, panel: Panel, size: tuple[float, float]) -> None:
    ax.set_xlim(panel.x.low, panel.x.high)
    ax.set_ylim(panel.y.low, panel.y.high)
    set_ticks(ax, "x", panel.x.values, panel.x.labels)
    set_ticks(ax, "y", panel.y.values, panel.y.labels)
    for drawn, side in ((panel.x.grid, ax.xaxis), (panel.y.grid, ax.yaxis)):
        if drawn:
            side.grid(visible=True, color=LIGHT.grid, lw=0.6)
    for at in panel.across:
        ax.axhline(at, color=LIGHT.zero, lw=0.7)
    if panel.cells is not None:
        _cells(ax, panel.cells)
    for line in panel.lines:
        _line(ax, line)
    if panel.cross is not None:
        ax.plot([panel.cross[0]], [panel.cross[1]], "+", ms=8, mew=1.6,
                color=colour("group 1", LIGHT))  # fmt: skip
    _end_labels(ax, panel, size)


def _line(ax: Axes, line: Line) -> None:
    shade = colour(line.colour, LIGHT)
    x, y = np.asarray(line.x, dtype=float), np.asarray(line.y, dtype=float)
    if len(line.low):
        ax.fill_between(x, np.asarray(line.low, dtype=float), np.asarray(line.high, dtype=float),
                        color=shade, alpha=0.16, lw=0)  # fmt: skip
    if line.filled:
        ax.fill_between(x, 0, y, color=shade, alpha=0.22, lw=0)
    ax.plot(x, y, color=shade, lw=0.7 * line.width, ls=_STYLES[line.dash],
            marker="o" if line.marks else None, ms=2.4)  # fmt: skip


def _cells(ax: Axes, cells: Cells) -> None:
    stops = scale_stops(cells.scale, LIGHT)
    low, high = cells.limits
    x, y = cells.x_edges, cells.y_edges
    boxes = cells.boxes or [
        (x[i], x[i + 1], y[j], y[j + 1], value)
        for j, row in enumerate(cells.z)
        for i, value in enumerate(row)
        if np.isfinite(value)
    ]
    corners = [[(a, c), (b, c), (b, d), (a, d)] for a, b, c, d, _ in boxes]
    shades = [mixed(stops, (v - low) / (high - low)) for *_, v in boxes]
    edge = "white" if len(cells.text) else shades
    ax.add_collection(PolyCollection(corners, facecolors=shades, edgecolors=edge, linewidths=0.5))
    for j, row in enumerate(cells.text):
        for i, text in enumerate(row):
            if text:
                ground = mixed(stops, (cells.z[j][i] - low) / (high - low))
                ink = max(("#FFFFFF", "#000000"), key=partial(contrast, ground))
                text_in(ax, (x[i] + x[i + 1]) / 2, (y[j] + y[j + 1]) / 2, text, SMALL - 0.5,
                        ha="center", color=ink)  # fmt: skip


def _end_labels(ax: Axes, panel: Panel, size: tuple[float, float]) -> None:
    ends: list[tuple[Line, float, float]] = []
    for line in panel.lines:
        known = [(x, y) for x, y in zip(line.x, line.y, strict=True) if np.isfinite(y)]
        if line.label and known:
            ends.append((line, *known[-1]))
    per_inch = (panel.y.high - panel.y.low) / size[1]
    placed = spread_labels([(y - panel.y.low) / per_inch for *_, y in ends], 0.13, 0, size[1])
    for (line, x, _), at in zip(ends, placed, strict=True):
        beside = x + 0.07 * (panel.x.high - panel.x.low) / size[0]
        text_in(ax, beside, panel.y.low + at * per_inch, line.label, SMALL, bold=True,
                color=label_colour(line.colour, LIGHT))  # fmt: skip
