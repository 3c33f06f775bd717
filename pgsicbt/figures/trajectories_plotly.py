"""The interactive trajectory figure: model lines over observed means, people below."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from pgsicbt.disclosure import MINIMUM_CELL, shown_count
from pgsicbt.figures.layout import (
    SMALL_SIZE,
    TEXT_SIZE,
    Sheet,
    add_title,
    add_unit,
    axis,
    empty_figure,
    escape,
    spread_labels,
    ticks,
    title_height,
    wrap,
)
from pgsicbt.figures.palette import Theme, theme
from pgsicbt.figures.trajectory_data import (
    GROUP_SYMBOLS,
    Line,
    key_words,
    model_lines,
    observed_points,
    shortest_gap,
    value_range,
    week_range,
    week_ticks,
)
from pgsicbt.words import numbers

_PLOT = 330
_NARROW_PLOT = 290
_GAP = 58
_STRIP = 44
_BOTTOM = 10
_SHIFT = 0.16
_NARROW_SHIFT = 0.25


def trajectories_interactive(
    predicted: pd.DataFrame,
    observed: pd.DataFrame,
    counts: pd.DataFrame,
    *,
    title: str,
    unit: str,
    better: str = "lower",
    digits: int = 1,
    dark: bool = False,
    narrow: bool = False,
    value_limits: tuple[float, float] | None = None,
    subtitle: str = "",
) -> go.Figure:
    """Draw the course of symptoms for a browser.

    Parameters
    ----------
    predicted, observed, counts
        Frames of :mod:`.trajectories` and :mod:`.observed`.
    title
        What the figure shows.
    unit
        The vertical axis in words, such as ``"Symptom score, 0-100"``.
    better
        ``"lower"`` or ``"higher"``.
    digits
        Decimals of a level.
    value_limits
        Range of the vertical axis, for several figures that are to be compared.
    subtitle
        The line below the title; a key of lines and points if empty.

    Returns
    -------
    plotly.graph_objects.Figure
        SVG traces only, fixed height.
    """
    colours = theme(dark=dark)
    lines = model_lines(predicted)
    points = observed_points(observed, _NARROW_SHIFT if narrow else _SHIFT)
    heads = wrap(title, 32 if narrow else 80)
    below = wrap(subtitle or key_words(lines, points), 50 if narrow else 100)
    top = title_height(len(heads), len(below)) + 30
    plot = _NARROW_PLOT if narrow else _PLOT
    inner = plot + (_GAP + _STRIP if len(counts) else 0)
    bottom = _BOTTOM if len(counts) else _GAP - 8
    right = 80 if narrow else 100
    figure = empty_figure(
        colours, top + inner + bottom, {"l": 40 if narrow else 52, "r": right, "t": top,
                                        "b": bottom},
    )  # fmt: skip
    add_title(figure, colours, heads, below)
    low, high = value_limits or value_range(predicted, observed)
    first, last = week_range(predicted, observed, counts)
    weeks = [*counts["week"], *observed["week"]] or list(predicted["week"])
    marks = week_ticks(weeks, 5 if narrow else 16)
    values, names = ticks(low, high, 5)
    figure.update_layout(
        xaxis=axis(
            colours, showgrid=False, range=[first, last], anchor="y", tickvals=marks,
            ticktext=[numbers.week(w) for w in marks],
            title=_axis_title("Weeks from the start of treatment", colours),
        ),
        yaxis=axis(
            colours, range=[low, high], anchor="x", domain=[1 - plot / inner, 1.0],
            tickvals=values, ticktext=names,
        ),
    )  # fmt: skip
    add_unit(figure, colours, unit, better)
    for line in lines:
        _band(figure, line, colours)
    for group, shade, frame in points:
        _points(figure, group, shade, frame, colours, digits, narrow=narrow)
    for line in lines:
        _line(figure, line, colours, unit, digits)
    _end_labels(figure, lines, colours, plot, (low, high), 10 if narrow else 18)
    if len(counts):
        _strip(figure, counts, colours, (first, last), marks, inner, narrow=narrow)
    return figure.done()


def _axis_title(text: str, colours: Theme) -> dict[str, Any]:
    font = {"size": SMALL_SIZE, "color": colours.muted}
    return {"text": escape(text), "font": font, "standoff": 6}


def _band(figure: Sheet, line: Line, colours: Theme) -> None:
    f = line.frame
    ends = (f["week"].tolist(), f["conf_low"].tolist(), f["conf_high"].tolist())
    shade = colours.band(colours.levels[line.shade], 0.16)
    figure.band(*ends, shade, f"{line.label}, interval")


def _line(figure: Sheet, line: Line, colours: Theme, unit: str, digits: int) -> None:
    f = line.frame
    values = f[["week", "estimate", "conf_low", "conf_high"]].to_numpy(float)
    hover = [
        f"<b>{line.label}</b>, week {numbers.week(week)}<br>{numbers.estimate(b, digits)} "
        f"({numbers.interval(lo, hi, digits)})<br>{escape(unit)}"
        for week, b, lo, hi in values
    ]
    figure.add(
        "scatter",
        x=f["week"].tolist(),
        y=f["estimate"].tolist(),
        mode="lines",
        line={
            "color": colours.levels[line.shade],
            "width": 2.5,
            "dash": ("dash", "solid", "solid")[line.shade],
        },
        hovertext=hover,
        hoverinfo="text",
        name=line.label,
    )


def _points(
    figure: Sheet, group: str, shade: int, frame: pd.DataFrame, colours: Theme, digits: int, *,
    narrow: bool,
) -> None:  # fmt: skip
    colour = colours.levels[shade]
    values = frame[["week", "mean", "conf_low", "conf_high", "n"]].to_numpy(float)
    hover = [
        f"<b>Observed, {escape(group)}</b>, week {numbers.week(week)}<br>"
        f"{numbers.estimate(mean, digits)} ({numbers.interval(lo, hi, digits)})<br>"
        f"{escape(shown_count(n))} people"
        for week, mean, lo, hi, n in values
    ]
    figure.add(
        "scatter",
        x=frame["x"].tolist(),
        y=frame["mean"].tolist(),
        mode="markers",
        marker={
            "symbol": GROUP_SYMBOLS.get(group, "circle"),
            "size": 5 if narrow else 7,
            "color": colour,
            "line": {"width": 0.5, "color": colours.background},
        },
        error_y={
            "type": "data",
            "symmetric": False,
            "array": (frame["conf_high"] - frame["mean"]).tolist(),
            "arrayminus": (frame["mean"] - frame["conf_low"]).tolist(),
            "color": colour,
            "thickness": 1,
            "width": 0,
        },
        hovertext=hover,
        hoverinfo="text",
        name=f"observed, {group}",
    )


def _end_labels(
    figure: Sheet,
    lines: list[Line],
    colours: Theme,
    plot: int,
    limits: tuple[float, float],
    shift: int,
) -> None:
    """Names at the ends of the lines, moved apart where they would overlap."""
    low, high = limits
    per_pixel = (high - low) / plot
    ends = [line.frame.iloc[-1] for line in lines]
    wanted = [(float(e["estimate"]) - low) / per_pixel for e in ends]
    placed = spread_labels(wanted, TEXT_SIZE + 4, 6, plot - 6)
    for line, end, at, to in zip(lines, ends, wanted, placed, strict=True):
        figure.annotate(
            x=float(end["week"]), y=float(end["estimate"]), xref="x", yref="y",
            xanchor="left", yanchor="middle", xshift=shift, yshift=to - at, showarrow=False,
            text=f"<b>{line.label}</b>", align="left",
            font={"size": TEXT_SIZE - 1, "color": colours.level_text[line.shade]},
        )  # fmt: skip


def _strip(
    figure: Sheet,
    counts: pd.DataFrame,
    colours: Theme,
    weeks: tuple[float, float],
    marks: list[float],
    inner: int,
    *,
    narrow: bool,
) -> None:
    """People observed per week as thin bars with their number."""
    n = counts["n"].to_numpy(float)
    top = float(np.nanmax(n)) if np.isfinite(n).any() else 1.0
    labelled = (
        set(counts["week"]) if not narrow and len(counts) <= 16 else _apart(marks, counts, weeks)
    )
    text = [
        "" if w not in labelled else (numbers.count(v) if np.isfinite(v) else f"<{MINIMUM_CELL}")
        for w, v in zip(counts["week"], n, strict=True)
    ]
    width = 0.4 * shortest_gap(counts["week"].to_numpy(float))
    figure.add(
        "bar",
        x=counts["week"].tolist(),
        y=np.nan_to_num(n).tolist(),
        width=width,
        xaxis="x2",
        yaxis="y2",
        marker={"color": colours.bars, "line": {"width": 0}},
        text=[escape(t) for t in text],
        textposition="outside",
        textangle=0,
        cliponaxis=False,
        constraintext="none",
        textfont={"size": 11, "color": colours.muted},
        hovertext=[
            f"Week {numbers.week(w)}: {escape(shown_count(v))} people observed"
            for w, v in zip(counts["week"], n, strict=True)
        ],
        hoverinfo="text",
        name="people observed",
    )
    figure.update_layout(
        xaxis2=axis(
            colours, showgrid=False, range=list(weeks), showticklabels=False, anchor="y2"
        ),
        yaxis2=axis(
            colours, showgrid=False, range=[0, top * 1.05], showticklabels=False, anchor="x2",
            domain=[0.0, (_STRIP - 14) / inner],
        ),
    )  # fmt: skip
    figure.annotate(
        x=1, xref="paper", xanchor="left", xshift=6, y=0, yref="paper", yanchor="bottom",
        showarrow=False, text="people", font={"size": SMALL_SIZE, "color": colours.muted},
    )  # fmt: skip


def _apart(marks: list[float], counts: pd.DataFrame, weeks: tuple[float, float]) -> set[float]:
    """Weeks whose counts have room side by side, from the last one back.

    They are labelled weeks where people were seen in all of these, else any weeks.
    """
    seen = sorted(float(w) for w in counts["week"])
    kept: list[float] = []
    for w in reversed(marks if set(marks) <= set(seen) else seen):
        if not kept or kept[-1] - w >= 0.16 * (weeks[1] - weeks[0]):
            kept.append(w)
    return set(kept)
