"""The difference that one standard deviation of a score makes, by week: drawing."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotly.graph_objects as go
from matplotlib.figure import Figure

from pgsicbt.figures.difference_data import difference_range
from pgsicbt.figures.layout import (
    SMALL_SIZE,
    TEXT_SIZE,
    add_title,
    add_unit,
    axis,
    empty_figure,
    ticks,
    title_height,
    wrap,
)
from pgsicbt.figures.palette import LIGHT, theme
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
from pgsicbt.figures.trajectory_data import week_range, week_ticks
from pgsicbt.words import numbers

_PLOT = 200


def difference_interactive(
    frame: pd.DataFrame,
    *,
    title: str,
    unit: str,
    better: str = "lower",
    marked: bool = False,
    digits: int = 2,
    dark: bool = False,
    narrow: bool = False,
) -> go.Figure:
    """Draw the difference curve with its interval for a browser.

    Parameters
    ----------
    frame
        ``week``, ``estimate``, ``conf_low``, ``conf_high`` per +1 SD of the score.
    marked
        Whether every week has a mark, where the model says nothing between them.
    digits
        Decimals of an amount in points.
    """
    colours = theme(dark=dark)
    f = frame.sort_values("week")
    heads = wrap(title, 32 if narrow else 80)
    top = title_height(len(heads), 0) + 34
    right = 64 if narrow else 76
    figure = empty_figure(
        colours, top + _PLOT + 50, {"l": 46 if narrow else 52, "r": right, "t": top, "b": 50}
    )
    add_title(figure, colours, heads, [])
    low, high = difference_range(f)
    values, names = ticks(low, high, 4)
    marks = week_ticks(list(f["week"]), 5 if narrow else 16)
    label = {"size": SMALL_SIZE, "color": colours.muted}
    figure.update_layout(
        xaxis=axis(
            colours, showgrid=False, range=list(week_range(f)), tickvals=marks,
            ticktext=[numbers.week(w) for w in marks],
            title={"text": "Weeks from the start of treatment", "font": label, "standoff": 6},
        ),
        yaxis=axis(colours, range=[low, high], tickvals=values, ticktext=names),
    )  # fmt: skip
    figure.shape(
        type="line", x0=0, x1=1, y0=0, y1=0, xref="x domain", yref="y", layer="below",
        line={"color": colours.zero, "width": 1},
    )  # fmt: skip
    ends = (f["week"].tolist(), f["conf_low"].tolist(), f["conf_high"].tolist())
    figure.band(*ends, colours.band(colours.accent, 0.18), "interval")
    hover = [
        f"Week {numbers.week(week)}<br>{numbers.estimate(b, digits)} "
        f"({numbers.interval(lo, hi, digits)})"
        for week, b, lo, hi in f[["week", "estimate", "conf_low", "conf_high"]].to_numpy(float)
    ]
    figure.add(
        "scatter",
        x=f["week"].tolist(),
        y=f["estimate"].tolist(),
        mode="lines+markers" if marked else "lines",
        hovertext=hover,
        hoverinfo="text",
        line={"color": colours.accent, "width": 1.5 if marked else 2.5},
        marker={"color": colours.accent, "size": 7},
        name="difference",
    )
    add_unit(figure, colours, unit, better)
    if len(f):
        end = f.iloc[-1]
        figure.annotate(
            x=float(end["week"]), y=float(end["estimate"]), xanchor="left", xshift=8,
            showarrow=False, text=f"<b>{numbers.estimate(end['estimate'], digits)}</b>",
            font={"size": TEXT_SIZE, "color": colours.accent},
        )  # fmt: skip
    return figure.done()


def difference_static(
    frame: pd.DataFrame, *, title: str, unit: str, better: str = "lower", marked: bool = False,
    digits: int = 2,
) -> Figure:  # fmt: skip
    """Draw the same curve on paper."""
    f = frame.sort_values("week")
    heads = wrap(title, 84)
    top = 0.2 + 0.2 * len(heads) + 0.26
    figure = new_figure(7.0, top + 1.8 + 0.5)
    for i, head in enumerate(heads):
        text_at(figure, 0.12, 0.1 + 0.2 * i, head, TITLE, bold=True)
    text_at(figure, 0.12, top - 0.06, f"{unit} ({better} is better)", SMALL, va="bottom")
    ax = axes_at(figure, 0.5, top, 5.6, 1.8)
    low, high = difference_range(f)
    weeks = week_range(f)
    ax.set_xlim(*weeks)
    ax.set_ylim(low, high)
    marks = week_ticks(list(f["week"]), 16)
    set_ticks(ax, "x", marks, [numbers.week(w) for w in marks])
    set_ticks(ax, "y", *ticks(low, high, 4))
    ax.yaxis.grid(visible=True, color=LIGHT.grid, lw=0.6)
    ax.axhline(0, color=LIGHT.zero, lw=0.7)
    ax.fill_between(f["week"], f["conf_low"], f["conf_high"], color=LIGHT.accent, alpha=0.18, lw=0)
    style: dict[str, Any] = {"lw": 1.0, "marker": "o", "ms": 3.5} if marked else {"lw": 1.6}
    ax.plot(f["week"], f["estimate"], color=LIGHT.accent, **style)
    if len(f):
        end = f.iloc[-1]
        text_in(ax, float(end["week"]) + 0.015 * (weeks[1] - weeks[0]), float(end["estimate"]),
                numbers.estimate(end["estimate"], digits), BODY, bold=True,
                color=LIGHT.accent)  # fmt: skip
    text_at(figure, 3.3, top + 1.8 + 0.24, "Weeks from the start of treatment", SMALL,
            color=LIGHT.muted, ha="center")  # fmt: skip
    return figure
