"""The path picture of a score, the trait that it is a score for, and symptoms."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
import plotly.graph_objects as go
from matplotlib.figure import Figure

from pgsicbt.figures.layout import SMALL_SIZE, add_title, empty_figure, escape, title_height, wrap
from pgsicbt.figures.palette import LIGHT, theme
from pgsicbt.figures.paper import BODY, SMALL, TITLE, axes_at, new_figure, text_at, text_in
from pgsicbt.robustness.proxy import Contest
from pgsicbt.study import Study
from pgsicbt.words import numbers
from pgsicbt.words.robustness import contest_note, contest_sentences, digits_of, unit_of

_HEIGHT = 250
_SCORE, _TRAIT, _END = (0.13, 0.18), (0.5, 0.84), (0.87, 0.18)
_HALF = (0.115, 0.1)  # half width and height of a box
_ENDS = {"main": "Severity at the start", "interaction": "Change"}


@dataclass(frozen=True)
class Arrow:
    """From one box to another, with what stands beside it, and where."""

    start: tuple[float, float]
    end: tuple[float, float]
    label: tuple[str, ...]
    place: tuple[float, float]
    clear: bool


@dataclass(frozen=True)
class PathFigure:
    """Path picture of one term in every form.

    The arrow from score to trait is in standard deviations; those to symptoms in points per
    standard deviation, both in one model. An arrow whose interval includes zero is dashed.
    """

    contest: Contest
    study: Study
    role: str

    @property
    def boxes(self) -> list[tuple[tuple[float, float], str]]:
        return [
            (_SCORE, self.study.score(self.contest.score).label),
            (_TRAIT, self.study.covariate(self.contest.trait).label),
            (_END, _ENDS[self.role]),
        ]

    @property
    def arrows(self) -> list[Arrow]:
        found = self.contest
        path, low, high = found.path
        trait, score = (found.row(w, self.role, "together") for w in ("trait", "score"))
        alone = found.row("score", self.role, "alone")
        w, h = _HALF
        d = digits_of(self.study, found.outcome)

        def said(row: pd.Series) -> str:
            limits = numbers.interval(row["conf_low"], row["conf_high"], d)
            return f"{numbers.estimate(row['estimate'], d)} ({limits})"

        def clear(row: pd.Series) -> bool:
            return bool(row["conf_low"] > 0 or row["conf_high"] < 0)

        return [
            Arrow((_SCORE[0] + 0.04, _SCORE[1] + h), (_TRAIT[0] - w, _TRAIT[1] - 0.05),
                  (f"{numbers.estimate(path)} SD", f"({numbers.interval(low, high)})"),
                  (0.16, 0.6), low > 0 or high < 0),
            Arrow((_TRAIT[0] + w, _TRAIT[1] - 0.05), (_END[0] - 0.04, _END[1] + h),
                  tuple(said(trait).split(" ", 1)), (0.84, 0.6), clear(trait)),
            Arrow((_SCORE[0] + w, _SCORE[1]), (_END[0] - w, _END[1]),
                  (f"beside it {said(score)}", f"alone {said(alone)}"), (0.5, 0.3), clear(score)),
        ]  # fmt: skip

    @property
    def title(self) -> str:
        boxes = self.boxes
        return f"{boxes[0][1]}, {boxes[1][1]} and symptoms: {boxes[2][1].lower()}"

    @property
    def unit(self) -> str:
        unit = unit_of(self.study, self.contest.outcome)
        return f"To symptoms: {unit} per SD, both in one model. Dashed: interval includes zero."

    @property
    def alt(self) -> str:
        return " ".join(contest_sentences(self.study, self.contest))

    @property
    def note(self) -> str:
        return contest_note(self.study, self.contest)

    def interactive(self, *, dark: bool = False, narrow: bool = False) -> go.Figure:
        """For a browser."""
        colours = theme(dark=dark)
        heads = wrap(self.title, 36 if narrow else 90)
        lines = wrap(self.unit, 50 if narrow else 120)
        top = title_height(len(heads), len(lines))
        figure = empty_figure(colours, top + _HEIGHT, {"l": 4, "r": 4, "t": top, "b": 4})
        add_title(figure, colours, heads, lines)
        hidden = {"visible": False, "fixedrange": True}
        figure.update_layout(xaxis={**hidden, "range": [0, 1]}, yaxis={**hidden, "range": [0, 1]})
        w, h = (0.125, _HALF[1]) if narrow else _HALF
        figure.add("scatter", x=[0.5], y=[0.5], mode="markers", hoverinfo="skip",
                   marker={"size": 1, "color": "rgba(0,0,0,0)"})  # fmt: skip
        for (x, y), label in self.boxes:
            figure.shape(type="rect", x0=x - w, x1=x + w, y0=y - h, y1=y + h, xref="x", yref="y",
                         line={"color": colours.text, "width": 1.2})  # fmt: skip
            text = "<br>".join(escape(part) for part in wrap(label, 13 if narrow else 24)[:2])
            figure.annotate(x=x, y=y, showarrow=False, text=text,
                            font={"size": SMALL_SIZE + 1, "color": colours.text})  # fmt: skip
        for arrow in self.arrows:
            (x0, y0), (x1, y1) = arrow.start, arrow.end
            figure.shape(type="line", x0=x0, x1=x1, y0=y0, y1=y1, xref="x", yref="y",
                         line={"color": colours.accent, "width": 2,
                               "dash": "solid" if arrow.clear else "dash"})  # fmt: skip
            figure.annotate(x=x1, y=y1, ax=x1 - (x1 - x0) * 0.05, ay=y1 - (y1 - y0) * 0.05,
                            xref="x", yref="y", axref="x", ayref="y", text="", showarrow=True,
                            arrowhead=2, arrowwidth=2, arrowsize=1.1,
                            arrowcolor=colours.accent)  # fmt: skip
            figure.annotate(x=arrow.place[0], y=arrow.place[1], showarrow=False,
                            text="<br>".join(escape(x) for x in arrow.label),
                            bgcolor=colours.background,
                            font={"size": SMALL_SIZE, "color": colours.text})  # fmt: skip
        return figure.done()

    def static(self) -> Figure:
        """For the report and for download."""
        heads = wrap(self.title, 88)
        top = 0.2 + 0.2 * len(heads) + 0.2
        figure = new_figure(7.2, top + 2.3)
        for i, head in enumerate(heads):
            text_at(figure, 0.12, 0.1 + 0.2 * i, head, TITLE, bold=True)
        text_at(figure, 0.12, top - 0.08, self.unit, SMALL, va="bottom", color=LIGHT.muted)
        ax = axes_at(figure, 0.1, top, 7.0, 2.2)
        ax.set_xlim(0, 1)
        ax.set_ylim(0, 1)
        ax.set_xticks([])
        ax.set_yticks([])
        w, h = _HALF
        for (x, y), label in self.boxes:
            ax.plot([x - w, x + w, x + w, x - w, x - w], [y - h, y - h, y + h, y + h, y - h],
                    color=LIGHT.text, lw=0.9)  # fmt: skip
            text_in(ax, x, y, "\n".join(wrap(label, 24)[:2]), BODY, ha="center")
        for arrow in self.arrows:
            style = {"arrowstyle": "-|>", "color": LIGHT.accent, "lw": 1.3,
                     "ls": "-" if arrow.clear else "--"}  # fmt: skip
            ax.annotate("", xy=arrow.end, xytext=arrow.start, arrowprops=style)
            text_in(ax, *arrow.place, "\n".join(arrow.label), SMALL, ha="center")
        return figure
