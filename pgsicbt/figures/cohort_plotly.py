"""Small multiples for a browser."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import plotly.graph_objects as go

from pgsicbt.figures.cohort_panels import (
    DASHES,
    Axis,
    Cells,
    Line,
    Panel,
    Panels,
    colour,
    label_colour,
    mixed,
    scale_stops,
)
from pgsicbt.figures.layout import (
    SMALL_SIZE,
    TEXT_SIZE,
    Sheet,
    add_title,
    axis,
    empty_figure,
    escape,
    shorten,
    spread_labels,
    title_height,
    wrap,
)
from pgsicbt.figures.palette import Theme, contrast, theme

_WIDE, _NARROW = 880, 358
"""Widths in pixels that room beside panels is reckoned for."""
_KEY = 24
_DASH_SIGNS = ("━━", "━ ━", "•••", "━ •", "━━ ━", "━━ •", "━━", "━ ━")


def panels_interactive(sheet: Panels, *, dark: bool = False, narrow: bool = False) -> go.Figure:
    """Draw small multiples with plotly: SVG traces only, a fixed height, nothing that zooms."""
    colours = theme(dark=dark)
    columns = min(sheet.narrow_columns if narrow else sheet.columns, len(sheet.panels))
    rows = -(-len(sheet.panels) // max(columns, 1))
    height = (sheet.narrow_height or sheet.height) if narrow else sheet.height
    heads = wrap(sheet.title, 34 if narrow else 90)
    below = [w for line in sheet.lines for w in wrap(line, 54 if narrow else 120)]
    keys = _key_lines(sheet, 44 if narrow else 110)
    head = 24 + (17 if sheet.subtitles else 0)
    top = title_height(len(heads), len(below)) + _KEY * len(keys)
    row = head + height + sheet.below
    inner = row * rows
    figure = empty_figure(
        colours, top + inner, {"l": 0, "r": 0, "t": top, "b": 0}
    )  # panels keep their own room at the sides
    add_title(figure, colours, heads, below)
    _add_key(figure, keys, colours, title_height(len(heads), len(below)) - top)
    width = _NARROW if narrow else _WIDE
    for i, panel in enumerate(sheet.panels):
        r, c = divmod(i, columns)
        x0, x1 = c / columns + sheet.left / width, (c + 1) / columns - sheet.right / width
        y1 = 1 - (r * row + head) / inner
        domain = ([x0, x1], [y1 - height / inner, y1])
        pixels = (x1 - x0) * width
        panel = replace(panel, y=sheet.placed(panel))
        _panel(figure, panel, colours, "" if i == 0 else str(i + 1), domain, height, pixels)
    return figure.done()


def _key_lines(sheet: Panels, width: int) -> list[list[tuple[str, str, int]]]:
    """Entries of the key in lines of at most ``width`` characters."""
    out: list[list[tuple[str, str, int]]] = []
    used = width + 1
    for entry in sheet.key:
        size = len(entry[0]) + 6
        if used + size > width:
            out.append([])
            used = 0
        out[-1].append(entry)
        used += size
    return out


def _add_key(
    figure: Sheet, keys: list[list[tuple[str, str, int]]], colours: Theme, start: int
) -> None:
    for i, entries in enumerate(keys):
        text = "&nbsp;&nbsp;&nbsp;&nbsp;".join(
            f"<span style='color:{label_colour(name, colours)}'>{_DASH_SIGNS[dash]} "
            f"<b>{escape(shorten(label, 40))}</b></span>"
            for label, name, dash in entries
        )
        figure.annotate(
            x=0, xref="paper", xanchor="left", xshift=4, y=1, yref="paper", yanchor="top",
            yshift=-start - 2 - _KEY * i, showarrow=False, align="left", borderpad=0, text=text,
            font={"size": SMALL_SIZE + 1, "color": colours.text},
        )  # fmt: skip


def _panel(
    figure: Sheet,
    panel: Panel,
    colours: Theme,
    suffix: str,
    domain: tuple[list[float], list[float]],
    height: int,
    width: float,
) -> None:
    figure.update_layout(
        **{
            f"xaxis{suffix}": {**_axis(panel.x, colours), "domain": domain[0],
                               "anchor": f"y{suffix}"},
            f"yaxis{suffix}": {**_axis(panel.y, colours), "domain": domain[1],
                               "anchor": f"x{suffix}"},
        }
    )  # fmt: skip
    place = {"xaxis": f"x{suffix}", "yaxis": f"y{suffix}"}
    refs = {"xref": f"x{suffix} domain", "yref": f"y{suffix} domain"}
    rise = 6
    for text, bold in ((panel.subtitle, False), (panel.title, True)):
        if not text:
            continue
        shown = escape(shorten(text, max(int(width / (7.2 if bold else 6.1)), 8)))
        figure.annotate(
            x=0, y=1, **refs, xanchor="left", yanchor="bottom", yshift=rise, showarrow=False,
            text=f"<b>{shown}</b>" if bold else shown, align="left", borderpad=0,
            font={"size": TEXT_SIZE - 1 if bold else SMALL_SIZE,
                  "color": colours.text if bold else colours.muted},
        )  # fmt: skip
        rise += 16
    for at in panel.across:
        figure.shape(
            type="line", x0=0, x1=1, y0=at, y1=at, xref=refs["xref"], yref=place["yaxis"],
            layer="below", line={"color": colours.zero, "width": 1},
        )  # fmt: skip
    if panel.cells is not None:
        _cells(figure, panel.cells, colours, place)
    for line in panel.lines:
        _line(figure, line, colours, place)
    if panel.cross is not None:
        figure.add(
            "scatter", x=[panel.cross[0]], y=[panel.cross[1]], mode="markers", **place,
            marker={"symbol": "cross-thin", "size": 14,
                    "line": {"width": 2.5, "color": colour("group 1", colours)}},
            hoverinfo="skip", name="mean",
        )  # fmt: skip
    _end_labels(figure, panel, colours, place, height)


def _axis(a: Axis, colours: Theme) -> dict[str, Any]:
    shown: dict[str, Any] = {"showgrid": a.grid, "range": [a.low, a.high],
                             "showticklabels": bool(len(a.values)),
                             "tickvals": list(a.values),
                             "ticktext": [escape(t) for t in a.labels], "tickangle": 0}  # fmt: skip
    if a.title:
        font = {"size": SMALL_SIZE, "color": colours.muted}
        shown["title"] = {"text": escape(a.title), "font": font, "standoff": 4}
    return axis(colours, **shown)


def _line(figure: Sheet, line: Line, colours: Theme, place: dict[str, str]) -> None:
    shade = colour(line.colour, colours)
    if len(line.low):
        x, low, high = _known(line.x, line.low, line.high)
        if x:
            figure.band(x, low, high, colours.band(shade, 0.16), f"{line.name}, interval", **place)
    figure.add(
        "scatter", x=list(line.x), y=[None if not np.isfinite(v) else v for v in line.y], **place,
        mode="lines+markers" if line.marks else "lines", name=escape(line.name),
        line={"color": shade, "width": line.width, "dash": DASHES[line.dash]},
        marker={"color": shade, "size": 5},
        **({"fill": "tozeroy", "fillcolor": colours.band(shade, 0.22)} if line.filled else {}),
        **({"hovertext": list(line.hover), "hoverinfo": "text"} if len(line.hover)
           else {"hoverinfo": "skip"}),
    )  # fmt: skip


def _known(*columns: Any) -> list[list[float]]:
    table = np.column_stack([np.asarray(c, dtype=float) for c in columns])
    return [list(map(float, c)) for c in table[np.isfinite(table).all(axis=1)].T] or [[], [], []]


def _cells(figure: Sheet, cells: Cells, colours: Theme, place: dict[str, str]) -> None:
    stops = scale_stops(cells.scale, colours)
    z = [[None if not np.isfinite(v) else float(v) for v in row] for row in cells.z]
    figure.add(
        "heatmap", x=list(cells.x_edges), y=list(cells.y_edges), z=z, **place, showscale=False,
        zmin=cells.limits[0], zmax=cells.limits[1], colorscale=[list(s) for s in stops],
        xgap=1 if cells.text else 0, ygap=1 if cells.text else 0, hoverongaps=False,
        **({"text": [list(r) for r in cells.hover],
            "hovertemplate": f"%{{text}} {cells.hover_ends}<extra></extra>"}
           if len(cells.hover) else {"hoverinfo": "skip"}),
    )  # fmt: skip
    if not len(cells.text):
        return
    low, high = cells.limits
    for j, row in enumerate(cells.text):
        for i, text in enumerate(row):
            if not text:
                continue
            at = (cells.z[j][i] - low) / (high - low)
            ground = mixed(stops, at)
            ink = max(("#FFFFFF", "#000000"), key=partial(contrast, ground))
            figure.annotate(
                x=(cells.x_edges[i] + cells.x_edges[i + 1]) / 2, xref=place["xaxis"],
                y=(cells.y_edges[j] + cells.y_edges[j + 1]) / 2, yref=place["yaxis"],
                text=text, showarrow=False, borderpad=0,
                font={"size": SMALL_SIZE, "color": ink},
            )  # fmt: skip


def _end_labels(
    figure: Sheet, panel: Panel, colours: Theme, place: dict[str, str], height: int
) -> None:
    """Names at the ends of lines, moved apart where they would overlap."""
    ends: list[tuple[Line, float, float]] = []
    for line in panel.lines:
        known = [(x, y) for x, y in zip(line.x, line.y, strict=True) if np.isfinite(y)]
        if line.label and known:
            ends.append((line, *known[-1]))
    per_pixel = (panel.y.high - panel.y.low) / height
    wanted = [(y - panel.y.low) / per_pixel for _, _, y in ends]
    placed = spread_labels(wanted, SMALL_SIZE + 4, 0, height)
    for (line, x, y), at, to in zip(ends, wanted, placed, strict=True):
        figure.annotate(
            x=x, y=y, xref=place["xaxis"], yref=place["yaxis"], xanchor="left", yanchor="middle",
            xshift=7, yshift=to - at, showarrow=False, align="left", borderpad=0,
            text=f"<b>{escape(line.label)}</b>",
            font={"size": SMALL_SIZE, "color": label_colour(line.colour, colours)},
        )  # fmt: skip
