"""What the interactive figures share: type, axes, escaping, labels that do not overlap."""

from __future__ import annotations

import html
import textwrap
from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from pgsicbt.figures.palette import FONT, Theme
from pgsicbt.words import numbers

TEXT_SIZE = 14
SMALL_SIZE = 12
TITLE_SIZE = 17
_CAPITAL, _DIGIT, _SIGN = 7.2, 6.7, 6.2
"""Pixels of a sign of small type: measured on labels of both kinds, with a little to spare."""


def escape(text: str) -> str:
    """A user's string as plotly text: shown as it is, never read as markup."""
    return html.escape(text, quote=False)


def shorten(text: str, width: int) -> str:
    """A label of at most ``width`` characters, with an ellipsis where it was cut."""
    return text if len(text) <= width else text[: width - 1].rstrip() + "\u2026"


def fit_label(text: str, pixels: float) -> str:
    """A label of small type cut to about ``pixels``; six characters are always left."""
    n = len(text)
    while n > 6 and _width(shorten(text, n)) > pixels:
        n -= 1
    return shorten(text, n)


def _width(text: str) -> float:
    """Pixels of a label of small type, about."""
    upper, digits = sum(c.isupper() for c in text), sum(c.isdigit() for c in text)
    signs = len(text) - upper - digits + text.endswith("\u2026")  # an ellipsis is as wide as two
    return upper * _CAPITAL + digits * _DIGIT + signs * _SIGN


def wrap(text: str, width: int) -> list[str]:
    """Lines of at most ``width`` characters."""
    return textwrap.wrap(text, width, break_on_hyphens=False) or [""]


class Sheet:
    """What goes on a figure, collected as plain data and handed to plotly once, at the end.

    Plotly checks and copies at every single addition, which would make a forest of eight scores
    the slowest part of a page. The tests have plotly check every kind of figure instead.
    """

    def __init__(self, **layout: Any) -> None:
        self.layout: dict[str, Any] = layout
        self._traces: list[dict[str, Any]] = []
        self._annotations: list[dict[str, Any]] = []
        self._shapes: list[dict[str, Any]] = []

    def update_layout(self, **what: Any) -> None:
        """Set properties of the layout, each as a whole."""
        self.layout.update(what)

    def add(self, kind: str, **what: Any) -> None:
        """A trace of plotly's ``kind``, with plotly's own properties."""
        self._traces.append({"type": kind, **what})

    def band(
        self,
        x: Sequence[float],
        low: Sequence[float],
        high: Sequence[float],
        colour: str,
        name: str,
        **more: Any,
    ) -> None:
        """A filled interval around a line, without an outline and silent on hover."""
        self.add(
            "scatter",
            x=[*x, *x[::-1]],
            y=[*high, *low[::-1]],
            mode="lines",
            line={"width": 0},
            fill="toself",
            fillcolor=colour,
            hoverinfo="skip",
            name=name,
            **more,
        )

    def annotate(self, **what: Any) -> None:
        """An annotation, with plotly's own properties."""
        self._annotations.append(what)

    def shape(self, **what: Any) -> None:
        """A shape, with plotly's own properties."""
        self._shapes.append(what)

    def done(self) -> go.Figure:
        """The figure with everything on it."""
        layout = {**self.layout, "annotations": self._annotations, "shapes": self._shapes}
        return go.Figure({"data": self._traces, "layout": layout}, _validate=False)


def empty_figure(theme: Theme, height: int, margin: dict[str, int]) -> Sheet:
    """A figure with our type and colours, a fixed height and nothing that moves on touch."""
    return Sheet(
        height=height,
        margin={**margin, "autoexpand": False},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"family": FONT, "size": TEXT_SIZE, "color": theme.text},
        hovermode="closest",
        hoverdistance=60,
        hoverlabel={
            "bgcolor": theme.background,
            "bordercolor": theme.muted,
            "font": {"family": FONT, "size": TEXT_SIZE, "color": theme.text},
            "align": "left",
        },
        dragmode=False,
        clickmode="event+select",
        showlegend=False,
    )


def add_title(figure: Sheet, theme: Theme, title: Sequence[str], lines: Sequence[str]) -> None:
    """Title and lines below it in the top left corner; both are escaped here.

    They are annotations measured in pixels from the corner, since a plotly title does not keep
    its distance when it has several lines.
    """
    margin = figure.layout["margin"]
    y = margin["t"] - 8
    for texts, size, step, bold in (
        (title, TITLE_SIZE, 24, True), (lines, SMALL_SIZE, 18, False),
    ):  # fmt: skip
        for line in texts:
            shown = escape(line)
            figure.annotate(
                x=0, xref="paper", xanchor="left", xshift=4 - margin["l"], y=1, yref="paper",
                yanchor="top", yshift=y, showarrow=False, align="left", borderpad=0,
                text=f"<b>{shown}</b>" if bold else shown,
                font={"size": size, "color": theme.text if bold else theme.muted},
            )  # fmt: skip
            y -= step


def add_unit(figure: Sheet, theme: Theme, unit: str, better: str) -> None:
    """What the vertical axis measures, above it."""
    figure.annotate(
        x=0, xref="paper", xanchor="left", xshift=4 - figure.layout["margin"]["l"], y=1,
        yref="paper", yanchor="bottom", yshift=8, showarrow=False, align="left",
        text=escape(f"{unit} ({better} is better)"), font={"size": SMALL_SIZE, "color": theme.text},
    )  # fmt: skip


def title_height(title_lines: int, lines: int) -> int:
    """Pixels that :func:`add_title` needs."""
    return 16 + 24 * title_lines + 18 * lines


def axis(theme: Theme, **more: Any) -> dict[str, Any]:
    """An axis with thin grid lines, no zoom, and a real minus sign left to the caller."""
    return {
        "showgrid": True,
        "gridcolor": theme.grid,
        "gridwidth": 1,
        "zeroline": False,
        "showline": False,
        "fixedrange": True,
        "ticks": "",
        "tickfont": {"size": SMALL_SIZE, "color": theme.muted},
        **more,
    }


def ticks(low: float, high: float, most: int) -> tuple[list[float], list[str]]:
    """Round tick values inside a range, at most about ``most``, with a real minus sign."""
    span = high - low
    if not (np.isfinite(span) and span > 0):
        return [low], [numbers.estimate(low, 1)]
    raw = span / max(most, 1)
    power = 10.0 ** np.floor(np.log10(raw))
    step = next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= raw * (1 - 1e-9))
    values = np.arange(np.ceil(low / step - 1e-9), np.floor(high / step + 1e-9) + 1) * step
    digits = max(0, -int(np.floor(np.log10(step))))
    if not np.isclose(step * 10**digits, round(step * 10**digits)):
        digits += 1
    return [float(v) for v in values], [numbers.estimate(float(v), digits) for v in values]


def spread_labels(
    positions: Sequence[float], gap: float, low: float = -np.inf, high: float = np.inf
) -> list[float]:
    """Positions moved apart until neighbours are at least ``gap`` from each other.

    Order is kept, the mean is kept as far as ``low`` and ``high`` allow.
    """
    order = np.argsort(positions, kind="stable")
    clusters: list[tuple[float, list[int]]] = []
    for i in order:
        clusters.append((float(positions[i]), [int(i)]))
        while len(clusters) > 1:
            (a, left), (b, right) = clusters[-2], clusters[-1]
            need = gap * (len(left) + len(right)) / 2
            if b - a >= need - 1e-12:
                break
            n = len(left) + len(right)
            middle = (a * len(left) + b * len(right)) / n
            clusters[-2:] = [(middle, left + right)]
    out = [0.0] * len(positions)
    for middle, members in clusters:
        half = gap * (len(members) - 1) / 2
        centre = min(max(middle, low + half), high - half)
        for k, i in enumerate(members):
            out[i] = centre - half + k * gap
    return out
