"""The static forest plot, for print and download; the same frame as the interactive one."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from pgsicbt.figures.forest_data import (
    forest_text,
    numbers_text,
    offsets,
    panel_range,
    value_ticks,
)
from pgsicbt.figures.layout import shorten, wrap
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
from pgsicbt.result import Result
from pgsicbt.study import Study

_MARKERS = {"crude": "s", "adjusted": "o", "complete": "D"}
_WIDTH, _ROW, _LABEL = 7.4, 0.34, 1.0
_PANEL, _NUMBERS = 1.6, (1.45, 1.55)
_EDGE = 0.12


def forest_static(
    rows: pd.DataFrame,
    result: Result,
    study: Study,
    *,
    interest: Mapping[str, float] | None = None,
) -> Figure:
    """Draw the rows of :func:`forest_rows` on paper.

    Parameters
    ----------
    interest
        Smallest difference of interest by panel, as in the interactive figure.
    """
    text = forest_text(rows, result, study)
    bands = dict(interest or {})
    n = len(text.labels)
    lines = wrap(text.subtitle, 118)
    top = 0.36 + 0.15 * len(lines) + (0.3 if len(text.models) > 1 else 0.04) + 0.24
    height = n * _ROW
    figure = new_figure(_WIDTH, top + height + 0.46)
    text_at(figure, _EDGE, 0.1, text.title, TITLE, bold=True)
    for i, line in enumerate(lines):
        text_at(figure, _EDGE, 0.34 + 0.15 * i, line, SMALL, color=LIGHT.muted)
    if len(text.models) > 1:
        _key(figure, text.models, 0.34 + 0.15 * len(lines) + 0.08)
    at = offsets(text.models)
    left = _EDGE + _LABEL
    width = _PANEL if len(text.panels) > 1 else _WIDTH - left - _NUMBERS[0] - 0.1
    order = rows.drop_duplicates("row").sort_values("row")["score"]
    for j, role in enumerate(text.panels):
        ax = axes_at(figure, left, top, width, height)
        panel = rows[rows["role"] == role]
        low, high = panel_range(panel, bands.get(role))
        ax.set_xlim(low, high)
        ax.set_ylim(n - 0.5, -0.5)
        set_ticks(ax, "x", *value_ticks(low, high, 4, ratio=text.ratio))
        labels = [shorten(text.labels[s], 16) for s in order] if j == 0 else []
        set_ticks(ax, "y", range(len(labels)), labels, color=LIGHT.text)
        if bands.get(role):
            ax.axvspan(-bands[role], bands[role], color=LIGHT.muted, alpha=0.14, lw=0)
        ax.axvline(0, color=LIGHT.zero, lw=0.7, zorder=1)
        for k in range(1, n):
            ax.axhline(k - 0.5, color=LIGHT.grid, lw=0.6, zorder=0)
        for model in text.models:
            shown = panel[(panel["model"] == model) & np.isfinite(panel["estimate"])]
            colour = LIGHT.models[model]
            lead = model == text.lead
            y = (shown["row"] + at[model]).to_numpy(float)
            ax.hlines(y, shown["conf_low"], shown["conf_high"], color=colour,
                      lw=1.3 if lead else 0.9, zorder=2)  # fmt: skip
            ax.scatter(
                shown["estimate"], y, marker=_MARKERS[model], s=22 if lead else 14, zorder=3,
                facecolors=[colour if s else "white" for s in shown["significant"]],
                edgecolors=colour, linewidths=1.1,
            )  # fmt: skip
        text_at(figure, left, top - 0.07, text.panel_titles[role], BODY, bold=True, va="bottom")
        text_at(figure, left + width / 2, top + height + 0.26, text.axis_titles[role], SMALL,
                color=LIGHT.muted, ha="center")  # fmt: skip
        beside = left + width + 0.08
        text_at(figure, beside, top - 0.08, f"{text.lead.capitalize()} model", SMALL,
                color=LIGHT.muted, va="bottom")  # fmt: skip
        for _, row in panel[panel["model"] == text.lead].iterrows():
            first, second = numbers_text(row, text.digits[role], text.ratio)
            shown_text = f"{first} ({second})" if second else first
            text_in(ax, 1 + 0.08 / width, row["row"], shown_text, SMALL,
                    transform=ax.get_yaxis_transform())  # fmt: skip
        left += width + _NUMBERS[j] + 0.1
    return figure


def _key(figure: Figure, models: tuple[str, ...], top: float) -> None:
    """The symbols of the models, side by side."""
    ax = axes_at(figure, _EDGE, top, 4.0, 0.16)
    ax.set_xlim(0, 4)
    ax.set_ylim(0, 1)
    set_ticks(ax, "x", [], [])
    set_ticks(ax, "y", [], [])
    for i, model in enumerate(models):
        x = 0.06 + 0.95 * i
        colour = LIGHT.models[model]
        ax.scatter([x], [0.5], marker=_MARKERS[model], s=20, color=colour, clip_on=False)
        text_in(ax, x + 0.12, 0.5, model.capitalize(), SMALL)
