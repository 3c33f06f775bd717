"""The interactive forest plot: two panels that share their rows, or one above the other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from pgsicbt.figures.forest_data import (
    SYMBOLS,
    ForestText,
    forest_text,
    numbers_text,
    panel_range,
    value_ticks,
)
from pgsicbt.figures.forest_marks import Hover, add_marks
from pgsicbt.figures.layout import (
    SMALL_SIZE,
    TEXT_SIZE,
    Sheet,
    add_title,
    axis,
    empty_figure,
    escape,
    shorten,
    title_height,
    wrap,
)
from pgsicbt.figures.palette import Theme, theme
from pgsicbt.result import Result
from pgsicbt.study import Study

_ROW = 46
_NARROW_ROW = 58
_LABEL_WIDTH = 16
_LEGEND = 30
_PANEL_TITLE = 30
_AXIS = 46


def forest_interactive(
    rows: pd.DataFrame,
    result: Result,
    study: Study,
    dark: bool = False,
    narrow: bool = False,
    *,
    interest: Mapping[str, float] | None = None,
) -> go.Figure:
    """Draw the rows of :func:`forest_rows` for a browser.

    Parameters
    ----------
    dark
        Colours for a dark page; the figure itself is transparent.
    narrow
        For screens of about 390 pixels: panels stacked, labels and numbers above the marks.
    interest
        Smallest difference of interest by panel, ``{"main": points, "interaction": points}``,
        of change in the unit of its axis, drawn as a shaded band around zero.

    Returns
    -------
    plotly.graph_objects.Figure
        Scatter traces (SVG) only, fixed height, ``customdata`` of every mark
        ``[score, model, role]``.
    """
    text = forest_text(rows, result, study)
    hover = Hover(result, text)
    colours = theme(dark=dark)
    bands = dict(interest or {})
    if narrow:
        return _narrow(rows, text, hover, colours, bands)
    return _wide(rows, text, hover, colours, bands)


def _wide(
    rows: pd.DataFrame, text: ForestText, hover: Hover, colours: Theme, bands: dict[str, float]
) -> go.Figure:
    n = len(text.labels)
    lines = wrap(text.subtitle, 100)
    top = title_height(1, len(lines)) + _legend_space(text) + _PANEL_TITLE
    height = top + n * _ROW + _AXIS
    labels = {s: shorten(v, _LABEL_WIDTH) for s, v in text.labels.items()}
    left = 30 + round(7.8 * max((len(v) for v in labels.values()), default=4))
    figure = empty_figure(colours, height, {"l": left, "r": 128, "t": top, "b": _AXIS})
    add_title(figure, colours, [text.title], lines)
    domains = {"main": [0.0, 0.385], "interaction": [0.615, 1.0]}
    if len(text.panels) == 1:
        domains = {text.panels[0]: [0.0, 1.0]}
    order = _order(rows)
    for i, role in enumerate(text.panels):
        panel = rows[rows["role"] == role]
        suffix = "" if i == 0 else str(i + 1)
        x_axis = _value_axis(panel, role, text, colours, bands, most=5)
        names = [escape(labels[s]) for s in order] if i == 0 else None
        figure.update_layout(
            **{
                f"xaxis{suffix}": {**x_axis, "domain": domains[role], "anchor": f"y{suffix}"},
                f"yaxis{suffix}": _row_axis(colours, n, names, suffix),
            }
        )
        _furniture(figure, colours, suffix, bands.get(role))
        for k in range(1, n):
            _rule(figure, colours, f"x{suffix} domain", f"y{suffix}", k - 0.5)
        add_marks(figure, panel, role, text, hover, colours, suffix)
        _heading(figure, colours, text.panel_titles[role], f"x{suffix} domain", 0)
        _heading(
            figure, colours, f"{text.lead.capitalize()} model", f"x{suffix} domain", 1,
            shift=12, muted=True,
        )  # fmt: skip
        for _, row in panel[panel["model"] == text.lead].iterrows():
            first, second = numbers_text(row, text.digits[role], text.ratio)
            body = _numbers_markup(first, second, colours)
            figure.annotate(
                x=1, xref=f"x{suffix} domain", xanchor="left", xshift=12, align="left",
                y=row["row"], yref=f"y{suffix}", yanchor="middle", text=body, showarrow=False,
            )  # fmt: skip
    _legend(figure, text, colours, y=1 + _PANEL_TITLE / (n * _ROW))
    return figure.done()


def _narrow(
    rows: pd.DataFrame, text: ForestText, hover: Hover, colours: Theme, bands: dict[str, float]
) -> go.Figure:
    n = len(text.labels)
    title, lines = wrap(text.title, 32), wrap(text.subtitle, 52)
    top = title_height(len(title), len(lines)) + _legend_space(text) + _PANEL_TITLE
    panel_height = n * _NARROW_ROW
    between = _AXIS + _PANEL_TITLE + 12
    inner = panel_height if len(text.panels) == 1 else 2 * panel_height + between
    height = top + inner + _AXIS
    figure = empty_figure(colours, height, {"l": 8, "r": 8, "t": top, "b": _AXIS})
    add_title(figure, colours, title, lines)
    domains = {
        "main": [1 - panel_height / inner, 1.0],
        "interaction": [0.0, panel_height / inner],
    }
    if len(text.panels) == 1:
        domains = {text.panels[0]: [0.0, 1.0]}
    for i, role in enumerate(text.panels):
        panel = rows[rows["role"] == role]
        suffix = "" if i == 0 else str(i + 1)
        x_axis = _value_axis(panel, role, text, colours, bands, most=5)
        # A row runs from -0.5 to 0.5: label and numbers in its upper part, marks below.
        figure.update_layout(
            **{
                f"xaxis{suffix}": {**x_axis, "anchor": f"y{suffix}"},
                f"yaxis{suffix}": {
                    **_row_axis(colours, n, None, suffix), "domain": domains[role],
                },
            }
        )  # fmt: skip
        _furniture(figure, colours, suffix, bands.get(role))
        for k in range(1, n):
            _rule(figure, colours, f"x{suffix} domain", f"y{suffix}", k - 0.5)
        add_marks(figure, panel, role, text, hover, colours, suffix, centre=0.18, spread=0.18)
        title_text = f"{text.panel_titles[role]} ({text.lead} model)"
        _heading(figure, colours, title_text, f"x{suffix} domain", 0, y=f"y{suffix}")
        for _, row in panel[panel["model"] == text.lead].iterrows():
            first, second = numbers_text(row, text.digits[role], text.ratio)
            label = escape(shorten(text.short_labels[row["score"]], 16))
            body = f"<b>{first}</b>" + (f" ({second})" if second else "")
            for x, anchor, shown in ((0, "left", f"<b>{label}</b>"), (1, "right", body)):
                figure.annotate(
                    x=x, xref=f"x{suffix} domain", xanchor=anchor, text=shown, showarrow=False,
                    y=row["row"] - 0.3, yref=f"y{suffix}", yanchor="middle",
                    font={"size": 13}, bgcolor=colours.background, borderpad=1,
                )  # fmt: skip
    _legend(figure, text, colours, y=1 + _PANEL_TITLE / inner)
    return figure.done()


def _order(rows: pd.DataFrame) -> list[str]:
    return list(rows.drop_duplicates("row").sort_values("row")["score"])


def _legend_space(text: ForestText) -> int:
    return _LEGEND if len(text.models) > 1 else 4


def _row_axis(colours: Theme, n: int, labels: list[str] | None, suffix: str) -> dict[str, Any]:
    shown: dict[str, Any] = {"showticklabels": False}
    if labels is not None:
        shown = {
            "tickvals": list(range(n)), "ticktext": labels,
            "tickfont": {"size": TEXT_SIZE, "color": colours.text},
            "ticks": "outside", "ticklen": 6, "tickcolor": "rgba(0,0,0,0)",
        }  # fmt: skip
    return {
        **axis(colours, showgrid=False), **shown,
        "range": [n - 0.5, -0.5], "anchor": f"x{suffix}",
    }  # fmt: skip


def _value_axis(
    panel: pd.DataFrame,
    role: str,
    text: ForestText,
    colours: Theme,
    bands: dict[str, float],
    most: int,
) -> dict[str, Any]:
    low, high = panel_range(panel, bands.get(role))
    values, labels = value_ticks(low, high, most, ratio=text.ratio)
    return axis(
        colours,
        range=[low, high],
        tickvals=values,
        ticktext=labels,
        title={
            "text": escape(text.axis_titles[role]),
            "font": {"size": SMALL_SIZE, "color": colours.muted},
            "standoff": 6,
        },
    )


def _furniture(figure: Sheet, colours: Theme, suffix: str, interest: float | None) -> None:
    """The line at zero and, where asked for, the band of differences too small to matter."""
    x, y = f"x{suffix}", f"y{suffix} domain"
    if interest:
        figure.shape(
            type="rect", x0=-interest, x1=interest, y0=0, y1=1, xref=x, yref=y, layer="below",
            fillcolor=colours.band(colours.muted, 0.14), line={"width": 0},
        )  # fmt: skip
    figure.shape(
        type="line", x0=0, x1=0, y0=0, y1=1, xref=x, yref=y, layer="below",
        line={"color": colours.zero, "width": 1},
    )  # fmt: skip


def _rule(figure: Sheet, colours: Theme, x: str, y: str, at: float) -> None:
    figure.shape(
        type="line", x0=0, x1=1, y0=at, y1=at, xref=x, yref=y, layer="below",
        line={"color": colours.grid, "width": 1},
    )  # fmt: skip


def _heading(
    figure: Sheet,
    colours: Theme,
    text: str,
    x: str,
    at: float,
    *,
    shift: int = 0,
    muted: bool = False,
    y: str = "",
) -> None:
    y = y or x.removesuffix(" domain").replace("x", "y")
    figure.annotate(
        x=at, xref=x, xanchor="left", xshift=shift, y=1, yref=f"{y} domain", yanchor="bottom",
        yshift=4, showarrow=False, text=escape(text) if muted else f"<b>{escape(text)}</b>",
        font={"size": SMALL_SIZE if muted else TEXT_SIZE,
              "color": colours.muted if muted else colours.text},
    )  # fmt: skip


def _numbers_markup(first: str, second: str, colours: Theme) -> str:
    if not second:
        return f"<span style='color:{colours.muted}'>{first}</span>"
    return (
        f"<b>{first}</b><br><span style='font-size:{SMALL_SIZE}px;color:{colours.muted}'>"
        f"{second}</span>"
    )


def _legend(figure: Sheet, text: ForestText, colours: Theme, y: float) -> None:
    """A compact key of the models; a click on it hides or shows one."""
    if len(text.models) < 2:
        return
    for model in text.models:
        figure.add(
            "scatter",
            x=[None],
            y=[None],
            mode="markers",
            name=model.capitalize(),
            legendgroup=model,
            showlegend=True,
            hoverinfo="skip",
            marker={
                "symbol": SYMBOLS[model],
                "size": 10,
                "color": colours.models[model],
                "line": {"color": colours.models[model], "width": 2},
            },
        )
    figure.update_layout(
        showlegend=True,
        legend={
            "orientation": "h",
            "x": 0,
            "xref": "container",
            "xanchor": "left",
            "y": y,
            "yref": "paper",
            "yanchor": "bottom",
            "bgcolor": "rgba(0,0,0,0)",
            "font": {"size": SMALL_SIZE + 1, "color": colours.text},
            "itemsizing": "trace",
        },
    )
