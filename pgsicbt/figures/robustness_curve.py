"""Specification curve: effects of every analysis in order, and below what was chosen in each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from matplotlib.figure import Figure

from pgsicbt.figures.layout import (
    SMALL_SIZE,
    add_title,
    axis,
    empty_figure,
    escape,
    shorten,
    ticks,
    title_height,
    wrap,
)
from pgsicbt.figures.palette import LIGHT, theme
from pgsicbt.figures.paper import BODY, SMALL, TITLE, axes_at, new_figure, set_ticks, text_at
from pgsicbt.robustness.curve import Curve
from pgsicbt.robustness.curve_choices import CHOICES
from pgsicbt.robustness.curve_summary import ALPHA
from pgsicbt.study import Study
from pgsicbt.words import numbers
from pgsicbt.words.robustness import curve_note, curve_sentence, digits_of, unit_of

_NAMES = {
    "covariates": "Covariates", "components": "Components", "covariate_time": "Covariates x time",
    "weeks": "Weeks", "time": "Course", "random": "Intercept and slope", "outliers": "Left out",
    "scaling": "Score",
}  # fmt: skip
_PLOT, _LINE = 230, 17


@dataclass(frozen=True)
class CurveFigure:
    """The curve of one score and one term in every form.

    ``rows`` are its effects sorted by size, ``band`` that of dealt scores at the same ranks.
    """

    curve: Curve
    study: Study
    score: str
    role: str

    @property
    def rows(self) -> pd.DataFrame:
        t = self.curve.table
        mine = t[(t["score"] == self.score) & (t["role"] == self.role)]
        return mine.sort_values("estimate", kind="stable").reset_index(drop=True)

    @property
    def band(self) -> pd.DataFrame:
        b = self.curve.band
        return b[(b["score"] == self.score) & (b["role"] == self.role)]

    @property
    def levels(self) -> list[tuple[str, str]]:
        """Kind of choice and choice, of those that differ anywhere."""
        frame = self.curve.choices.frame
        return [(c, str(v)) for c in CHOICES if len(set(frame[c])) > 1
                for v in dict.fromkeys(frame[c])]  # fmt: skip

    @property
    def title(self) -> str:
        what = "severity at the start" if self.role == "main" else "change"
        label = self.study.score(self.score).label
        return f"{label} and {what} in {numbers.count(self.curve.n_specs)} analyses"

    @property
    def unit(self) -> str:
        worse = self.study.outcome(self.curve.spec.outcome).higher_is_worse
        unit = unit_of(self.study, self.curve.spec.outcome)
        return f"{unit} per SD of the score ({'lower' if worse else 'higher'} is better)"

    @property
    def alt(self) -> str:
        return curve_sentence(self.study, self.curve, self.score, self.role)

    @property
    def note(self) -> str:
        return curve_note(self.curve)

    def _limits(self) -> tuple[float, float]:
        parts = [self.rows[["conf_low", "conf_high"]].to_numpy(float).ravel(), np.zeros(1)]
        if len(self.band):
            parts.append(self.band[["low", "high"]].to_numpy(float).ravel())
        known = np.concatenate(parts)
        known = known[np.isfinite(known)]
        low, high = float(known.min()), float(known.max())
        return low - 0.04 * (high - low), high + 0.04 * (high - low)

    def interactive(self, *, dark: bool = False, narrow: bool = False) -> go.Figure:
        """For a browser."""
        colours = theme(dark=dark)
        rows, levels = self.rows, self.levels
        frame = self.curve.choices.frame
        heads = wrap(self.title, 34 if narrow else 90)
        top = title_height(len(heads), 0) + 26
        below = _LINE * len(levels) + 14
        left = 118 if narrow else 190
        figure = empty_figure(
            colours, top + _PLOT + below + 30, {"l": left, "r": 8, "t": top, "b": 30}
        )
        add_title(figure, colours, heads, [])
        inner = _PLOT + below
        low, high = self._limits()
        values, names = ticks(low, high, 5)
        n = len(rows)
        figure.update_layout(
            xaxis=axis(colours, range=[-1, n], showgrid=False, tickvals=[], anchor="y2",
                       title={"text": "Analyses, by effect", "standoff": 4,
                              "font": {"size": SMALL_SIZE, "color": colours.muted}}),
            yaxis=axis(colours, range=[low, high], tickvals=values, ticktext=names,
                       domain=[1 - _PLOT / inner, 1.0]),
            yaxis2=axis(colours, range=[len(levels) - 0.4, -1.2], showgrid=False,
                        domain=[0.0, 1 - _PLOT / inner], tickvals=list(range(len(levels))),
                        ticktext=[escape(self._named(i, narrow=narrow))
                                  for i in range(len(levels))]),
        )  # fmt: skip
        figure.annotate(
            x=0, xref="paper", xanchor="left", xshift=4 - left, y=1, yref="paper",
            yanchor="bottom", yshift=6, showarrow=False, text=escape(self.unit),
            font={"size": SMALL_SIZE, "color": colours.text},
        )  # fmt: skip
        figure.shape(type="line", x0=0, x1=1, y0=0, y1=0, xref="x domain", yref="y",
                     layer="below", line={"color": colours.zero, "width": 1})  # fmt: skip
        at = list(range(n))
        if len(self.band):
            b = self.band
            figure.band(b["rank"].tolist(), b["low"].tolist(), b["high"].tolist(),
                        colours.band(colours.bars, 0.3), "dealt scores")  # fmt: skip
        figure.band(at, rows["conf_low"].tolist(), rows["conf_high"].tolist(),
                    colours.band(colours.accent, 0.16), "intervals")  # fmt: skip
        clear = rows["p_value"] < ALPHA
        itself = rows["spec"] == 0
        d = digits_of(self.study, self.curve.spec.outcome)
        hover = [
            f"{numbers.estimate(r['estimate'], d)} "
            f"({numbers.interval(r['conf_low'], r['conf_high'], d)}), "
            f"{numbers.equation('p', r['p_value'])}<br>"
            + "<br>".join(
                f"{_NAMES[c]}: {escape(str(frame.loc[int(r['spec']), c]))}"
                for c in dict.fromkeys(x[0] for x in levels)
            )
            for r in rows.to_dict("records")
        ]
        figure.add(
            "scatter", x=at, y=rows["estimate"].tolist(), mode="markers", hovertext=hover,
            hoverinfo="text", yaxis="y",
            marker={"size": [11 if i else 4 for i in itself],
                    "color": [colours.accent if c else colours.background for c in clear],
                    "line": {"color": colours.accent, "width": 1}},
        )  # fmt: skip
        for i, (kind, value) in enumerate(levels):
            has = frame[kind].astype(str).to_numpy()[rows["spec"].to_numpy()] == value
            where = np.flatnonzero(has)
            figure.add(
                "scatter", x=where.tolist(), y=[i] * len(where), yaxis="y2", mode="markers",
                hoverinfo="skip",
                marker={"size": 9, "symbol": "line-ns", "color": colours.text,
                        "line": {"color": colours.muted, "width": 1}},
            )  # fmt: skip
        return figure.done()

    def _named(self, i: int, *, narrow: bool = False) -> str:
        """The choice, after its kind where it is the first of it."""
        kind, value = self.levels[i]
        first = i == 0 or self.levels[i - 1][0] != kind
        if narrow or not first:
            return shorten(value, 17 if narrow else 22)
        return f"{_NAMES[kind]}: {shorten(value, 15)}"

    def static(self) -> Figure:
        """For the report and for download."""
        rows, levels = self.rows, self.levels
        frame = self.curve.choices.frame
        heads = wrap(self.title, 88)
        top = 0.18 + 0.2 * len(heads) + 0.16
        line = 0.13
        below = line * (len(levels) + 1)
        figure = new_figure(7.2, top + 2.1 + below + 0.4)
        for i, head in enumerate(heads):
            text_at(figure, 0.12, 0.1 + 0.2 * i, head, TITLE, bold=True)
        text_at(figure, 0.12, top - 0.04, self.unit, SMALL, va="bottom")
        ax = axes_at(figure, 1.75, top, 5.3, 2.1)
        n, (low, high) = len(rows), self._limits()
        ax.set_xlim(-1, n)
        ax.set_ylim(low, high)
        set_ticks(ax, "x", [], [])
        set_ticks(ax, "y", *ticks(low, high, 5))
        ax.yaxis.grid(visible=True, color=LIGHT.grid, lw=0.6)
        ax.axhline(0, color=LIGHT.zero, lw=0.7)
        at = np.arange(n)
        if len(self.band):
            b = self.band
            ax.fill_between(b["rank"], b["low"], b["high"], color=LIGHT.bars, alpha=0.3, lw=0)
        ax.fill_between(at, rows["conf_low"], rows["conf_high"], color=LIGHT.accent, alpha=0.16,
                        lw=0)  # fmt: skip
        clear = (rows["p_value"] < ALPHA).to_numpy()
        sizes = np.where(rows["spec"] == 0, 40, 6)
        fill = [LIGHT.accent if c else "white" for c in clear]
        ax.scatter(at, rows["estimate"], s=sizes, c=fill, edgecolors=LIGHT.accent, linewidths=0.6)
        matrix = axes_at(figure, 1.75, top + 2.1, 5.3, below)
        matrix.set_xlim(-1, n)
        matrix.set_ylim(len(levels) - 0.4, -1.0)
        set_ticks(matrix, "x", [], [])
        names = [self._named(i) for i in range(len(levels))]
        set_ticks(matrix, "y", list(range(len(levels))), names)
        for i, (kind, value) in enumerate(levels):
            has = frame[kind].astype(str).to_numpy()[rows["spec"].to_numpy()] == value
            where = np.flatnonzero(has)
            matrix.plot(where, [i] * len(where), "|", ms=4, mew=0.6, color=LIGHT.muted)
        text_at(figure, 4.4, top + 2.1 + below + 0.08, "Analyses, by effect", BODY,
                color=LIGHT.muted, ha="center")  # fmt: skip
        return figure
