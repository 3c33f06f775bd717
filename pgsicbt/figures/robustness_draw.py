"""Rows of effects, drawn for a browser and on paper."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from matplotlib.figure import Figure

from pgsicbt.figures.layout import (
    SMALL_SIZE,
    Sheet,
    add_title,
    axis,
    empty_figure,
    escape,
    shorten,
    title_height,
    wrap,
)
from pgsicbt.figures.palette import LIGHT, Theme, theme
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
from pgsicbt.figures.robustness_rows import RowPanel, Rows

_ROW, _NARROW_ROW = 30, 46
_LABELS, _TEXT = 250, 96


@dataclass(frozen=True)
class RowsFigure:
    """A figure of rows in every form."""

    rows: Rows

    @property
    def alt(self) -> str:
        return self.rows.alt

    @property
    def note(self) -> str:
        return self.rows.note

    def interactive(self, *, dark: bool = False, narrow: bool = False) -> go.Figure:
        """For a browser: panels side by side, or one below the other on a telephone."""
        return _interactive(self.rows, dark=dark, narrow=narrow)

    def static(self) -> Figure:
        """For the report and for download."""
        return _static(self.rows)


def _interactive(rows: Rows, *, dark: bool, narrow: bool) -> go.Figure:
    colours = theme(dark=dark)
    heads = wrap(rows.title, 34 if narrow else 92)
    top = title_height(len(heads), 0) + 34
    n, panels = len(rows.labels), len(rows.panels)
    body = n * (_NARROW_ROW if narrow else _ROW)
    block = body + 84
    height = top + (panels * block - 34 if narrow else body + 52)
    left = 8 if narrow else _LABELS
    margin = {"l": left, "r": 12 if narrow else 4, "t": top, "b": 4}
    figure = empty_figure(colours, height, margin)
    add_title(figure, colours, heads, [])
    inner = height - top - 4
    for i, panel in enumerate(rows.panels):
        suffix = "" if i == 0 else str(i + 1)
        if narrow:
            y1 = 1 - i * block / inner
            domain = ([0.0, 1.0], [y1 - body / inner, y1])
        else:
            share = _TEXT / 640
            domain = (
                [i / panels, (i + 1) / panels - share],
                [1 - body / inner, 1.0],
            )
        _panel(figure, rows, panel, colours, suffix, domain, narrow=narrow)
    return figure.done()


def _panel(
    figure: Sheet,
    rows: Rows,
    panel: RowPanel,
    colours: Theme,
    suffix: str,
    domain: tuple[list[float], list[float]],
    *,
    narrow: bool,
) -> None:
    n = len(rows.labels)
    values, names = panel.ticks(4 if narrow else 5)
    small = {"size": SMALL_SIZE, "color": colours.muted}
    figure.update_layout(
        **{
            f"xaxis{suffix}": axis(
                colours, range=list(panel.limits), tickvals=values, ticktext=names,
                domain=domain[0], anchor=f"y{suffix}",
                title={"text": escape(panel.unit), "font": small, "standoff": 4},
            ),
            f"yaxis{suffix}": axis(
                colours, range=[n - 0.5, -0.5], showgrid=False, tickvals=[],
                domain=domain[1], anchor=f"x{suffix}",
            ),
        }
    )  # fmt: skip
    x, y = f"x{suffix}", f"y{suffix}"
    for at, dash, colour in ((0.0, "solid", colours.zero), (panel.own, "dot", colours.muted)):
        if np.isfinite(at):
            figure.shape(
                type="line", x0=at, x1=at, y0=0, y1=1, xref=x, yref=f"{y} domain", layer="below",
                line={"color": colour, "width": 1, "dash": dash},
            )  # fmt: skip
    figure.annotate(
        x=0, xref=f"{x} domain", xanchor="left", y=1, yref=f"{y} domain", yanchor="bottom",
        yshift=6, showarrow=False, text=f"<b>{escape(panel.title)}</b>",
        font={"size": SMALL_SIZE + 1, "color": colours.text},
    )  # fmt: skip
    # On a narrow page words stand inside the panel, and lines must not run through them.
    ground = {"bgcolor": colours.background} if narrow else {}
    for i, mark in enumerate(panel.marks):
        drop = 8 if narrow else 0
        if np.isfinite(mark.low) and np.isfinite(mark.high):
            figure.add(
                "scatter", x=[mark.low, mark.high], y=[i + 0.18 if narrow else i] * 2,
                xaxis=x, yaxis=y, mode="lines", hoverinfo="skip",
                line={"color": colours.band(colours.accent, 0.3) if rows.thick else colours.accent,
                      "width": 9 if rows.thick else 1.6},
            )  # fmt: skip
        if mark.points:
            figure.add(
                "scatter",
                x=list(mark.points),
                y=[i + 0.18 if narrow else i] * len(mark.points),
                xaxis=x, yaxis=y, mode="markers",
                hovertext=[escape(h) for h in mark.hover] or None,
                hoverinfo="text" if mark.hover else "skip",
                marker={
                    "size": 8, "symbol": "circle",
                    "color": [colours.accent if c else colours.background for c in mark.clear],
                    "line": {"color": colours.accent, "width": 1.6},
                },
            )  # fmt: skip
        if narrow:
            figure.annotate(
                x=0, xref=f"{x} domain", xanchor="left", y=i, yref=y, yanchor="bottom",
                yshift=-drop + 8, showarrow=False, text=escape(shorten(rows.labels[i], 34)),
                font={"size": SMALL_SIZE, "color": colours.text}, **ground,
            )  # fmt: skip
        elif not suffix:
            figure.annotate(
                x=0, xref="paper", xanchor="right", xshift=-10, y=i, yref=y, showarrow=False,
                text=escape(shorten(rows.labels[i], 38)),
                font={"size": SMALL_SIZE + 1, "color": colours.text},
            )  # fmt: skip
        if mark.text:
            figure.annotate(
                x=1, xref=f"{x} domain", xanchor="right" if narrow else "left",
                xshift=0 if narrow else 8, y=i, yref=y, yanchor="bottom" if narrow else "middle",
                yshift=-drop + 8 if narrow else 0, showarrow=False,
                text=escape(mark.text), font={"size": SMALL_SIZE, "color": colours.text}, **ground,
            )  # fmt: skip


def _static(rows: Rows) -> Figure:
    heads = wrap(rows.title, 90)
    n, panels = len(rows.labels), len(rows.panels)
    top = 0.14 + 0.2 * len(heads) + 0.3
    body = 0.24 * n
    figure = new_figure(7.4, top + body + 0.5)
    for i, head in enumerate(heads):
        text_at(figure, 0.12, 0.1 + 0.2 * i, head, TITLE, bold=True)
    left, room = 2.35, (7.4 - 2.35) / panels
    for k, panel in enumerate(rows.panels):
        ax = axes_at(figure, left + k * room, top, room - 1.05, body)
        ax.set_xlim(*panel.limits)
        ax.set_ylim(n - 0.5, -0.5)
        set_ticks(ax, "x", *panel.ticks(4))
        set_ticks(ax, "y", [], [])
        ax.xaxis.grid(visible=True, color=LIGHT.grid, lw=0.6)
        ax.axvline(0, color=LIGHT.zero, lw=0.7)
        if np.isfinite(panel.own):
            ax.axvline(panel.own, color=LIGHT.muted, lw=0.7, ls=(0, (1, 1.5)))
        text_at(figure, left + k * room, top - 0.06, panel.title, BODY, bold=True, va="bottom")
        text_at(figure, left + k * room, top + body + 0.24, panel.unit, SMALL, color=LIGHT.muted)
        for i, mark in enumerate(panel.marks):
            if np.isfinite(mark.low) and np.isfinite(mark.high):
                alpha, width = (0.3, 5.0) if rows.thick else (1.0, 1.0)
                ax.plot([mark.low, mark.high], [i, i], color=LIGHT.accent, lw=width, alpha=alpha,
                        solid_capstyle="butt")  # fmt: skip
            for point, clear in zip(mark.points, mark.clear, strict=True):
                ax.plot([point], [i], "o", ms=4, mec=LIGHT.accent, mew=0.9,
                        mfc=LIGHT.accent if clear else "white")  # fmt: skip
            if k == 0:
                text_at(figure, left - 0.1, top + 0.24 * (i + 0.5),
                        shorten(rows.labels[i], 42), BODY, ha="right", va="center")  # fmt: skip
            if mark.text:
                text_in(ax, panel.limits[1], i, " " + mark.text, SMALL)
    return figure
