"""Who is seen when, overall and by third of a score; and single people for the page only."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pgsicbt.cohort.groups import ALL, THIRDS
from pgsicbt.disclosure import MINIMUM_CELL
from pgsicbt.figures.cohort_courses import WEEKS, panel_title, week_axis
from pgsicbt.figures.cohort_panels import Axis, Drawing, Line, Panel, Panels
from pgsicbt.figures.layout import escape
from pgsicbt.study import Study
from pgsicbt.words import numbers

_SHADES = ("low", "middle", "high")
_LABELS = ("lowest third", "middle third", "highest third")


def presence_drawing(
    study: Study, frame: pd.DataFrame, score: str, weeks_note: str = ""
) -> Drawing | None:
    """People seen in each week, and those seen then or later.

    Parameters
    ----------
    frame
        Of :func:`pgsicbt.cohort.presence`, by thirds of ``score`` where one is named.
    """
    if frame.empty:
        return None
    thirds = [g for g in THIRDS if (frame["group"] == g).any()] if score else []
    groups = thirds or [ALL]
    weeks = sorted(float(w) for w in frame["week"].unique())
    panels = []
    for column, count, title, sub in (
        ("share_seen", "seen", "Seen in that week", "any instrument"),
        ("share_remaining", "remaining", "Seen in that week or later", "not yet gone"),
    ):
        lines = []
        for i, group in enumerate(groups):
            mine = frame[frame["group"] == group].sort_values("week")
            share = [float(v) for v in 100 * mine[column].to_numpy(float)]
            hover = [
                f"<b>{escape(group)}</b>, week {numbers.week(w)}<br>"
                + (f"{numbers.count(k)} of {numbers.count(p)} people" if np.isfinite(k)
                   else "not shown: few people, or all but few")
                for w, k, p in zip(mine["week"], mine[count], mine["people"], strict=True)
            ]  # fmt: skip
            lines.append(
                Line([float(w) for w in mine["week"]], share,
                     _SHADES[i] if thirds else "accent", (1, 0, 2)[i] if thirds else 0,
                     hover=hover, name=group, label=group if thirds else "", marks=True)
            )  # fmt: skip
        panels.append(
            Panel(
                title,
                Axis(*_ends(weeks), *_marks(weeks), title=WEEKS),
                Axis(0, 104, [0, 25, 50, 75, 100], [f"{v} %" for v in (0, 25, 50, 75, 100)],
                     grid=True),
                lines,
                subtitle=sub,
            )
        )  # fmt: skip
    label = study.score(score).label if score else ""
    title = "Who is seen when" + (f", by third of {label}" if thirds else "")
    sheet = Panels(
        title, panels, 2, 1, 190, lines=["Percent of the people in the study."],
        left=46, right=100 if thirds else 20, below=46, narrow_height=170,
    )  # fmt: skip
    whole = frame[frame["group"] == ALL].sort_values("week")
    last = whole.iloc[-1]
    ends = [
        f"{g} {numbers.percent(float(mine['share_seen'].iloc[-1]))}"
        for g in thirds
        if not (mine := frame[frame["group"] == g].sort_values("week")).empty
    ]
    seen = numbers.percent(float(last["share_seen"]))
    alt = f"{title}. Seen in week {numbers.week(last['week'])}, the last: {seen} of everybody" + (
        f"; {', '.join(ends)}." if ends else "."
    )
    hidden = bool(frame[["seen", "remaining"]].isna().any(axis=None))
    n = len(study.persons)
    known = sum(float(frame.loc[frame["group"] == g, "people"].iloc[0]) for g in thirds)
    parts = [
        f"{numbers.count(n)} people"
        + (f", {numbers.count(known)} with this score." if thirds and known < n else "."),
        "A person counts as seen with a value of any instrument.",
        weeks_note,
        f"Where fewer than {MINIMUM_CELL} people were or were not there, a whole percentage or "
        "nothing is shown." if hidden else "",
        "Simulated data." if study.simulated else "",
    ]  # fmt: skip
    note = " ".join(part for part in parts if part)
    return Drawing(sheet, alt, note)


def _ends(weeks: list[float]) -> tuple[float, float]:
    axis = week_axis(weeks, 16)
    return axis.low, axis.high


def _marks(weeks: list[float]) -> tuple[list[float], list[str]]:
    axis = week_axis(weeks, 8)
    return list(axis.values), list(axis.labels)


def single_people_drawing(study: Study, frame: pd.DataFrame, outcome: str) -> Drawing | None:
    """Courses of a sample of single people; for the page of whoever holds the data, not to export.

    Parameters
    ----------
    frame
        Of :func:`pgsicbt.cohort.spaghetti`.
    """
    if frame.empty:
        return None
    info = study.outcome(outcome)
    x: list[float] = []
    y: list[float] = []
    for _, rows in frame.groupby("line", sort=True):
        x += [*(float(w) for w in rows["week"]), float("nan")]
        y += [*(float(v) for v in rows["value"]), float("nan")]
    mean = frame.groupby("week")["value"].agg(["mean", "size"])
    mean = mean[mean["size"] >= MINIMUM_CELL]
    values = frame["value"].to_numpy(float)
    low = info.minimum if info.minimum is not None else float(values.min())
    high = info.maximum if info.maximum is not None else float(values.max())
    pad = 0.03 * (high - low) or 1.0
    people = frame["line"].nunique()
    better = "lower" if info.higher_is_worse else "higher"
    panel = Panel(
        panel_title(info),
        Axis(*_ends([float(w) for w in frame["week"].unique()]),
             *_marks([float(w) for w in frame["week"].unique()]), title=WEEKS),
        Axis.rounded(low - pad, high + pad, 5, grid=True),
        [
            Line(x, y, "bars", name="one person each", width=0.7),
            Line([float(w) for w in mean.index], [float(v) for v in mean["mean"]], "accent",
                 name="their mean", label="their mean", width=3.0),
        ],
        subtitle=f"{better} is better",
    )  # fmt: skip
    title = f"{people} people one by one"
    sheet = Panels(title, [panel], 1, 1, 260, left=40, right=90, below=46)
    note = (
        f"{people} of {numbers.count(info.n_persons)} people, drawn by lot (the same ones for the "
        "same files). Individual data: not for a slide, a paper or a screenshot."
        + (" Simulated data." if study.simulated else "")
    )
    alt = f"{title}, {panel.title}: thin lines of single people and their mean."
    return Drawing(sheet, alt, note)
