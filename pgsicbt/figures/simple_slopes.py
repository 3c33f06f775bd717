"""Effects along what a score interacts with, over the people who have each value."""

from __future__ import annotations

import numpy as np

from pgsicbt.figures.cohort_panels import Axis, Drawing, Line, Panel, Panels
from pgsicbt.figures.layout import shorten
from pgsicbt.meaning.simple_slopes import SimpleSlopes
from pgsicbt.result import Result
from pgsicbt.study import Study
from pgsicbt.words import numbers
from pgsicbt.words.cohort import few_or_count
from pgsicbt.words.scale import outcome_scale
from pgsicbt.words.slopes import (
    axis_title,
    effect_title,
    place,
    slopes_note,
    slopes_sentence,
    slopes_title,
)


def slopes_drawing(study: Study, result: Result, found: SimpleSlopes) -> Drawing:
    """Simple slopes with their interval, and below them how many people there are."""
    title = slopes_title(study, result, found)
    sentence = slopes_sentence(study, result, found)
    if found.kind == "levels":
        panels, alt = [_levels(study, result, found)], "Effects with intervals, one per level."
    else:
        panels = [_along(study, result, found), _people(study, found)]
        alt = "A line with its interval, and below it how many people have each value."
    sheet = Panels(
        title, panels, 1, 1, 190,
        lines=[effect_title(study, result, found)],
        left=52, right=24, below=48, narrow_height=170,
    )  # fmt: skip
    return Drawing(sheet, f"{alt} {sentence}", slopes_note(study, result, found))


def _limits(low: float, high: float) -> tuple[float, float]:
    low, high = min(low, 0.0), max(high, 0.0)
    room = 0.08 * (high - low or 1.0)
    return low - room, high + room


def _levels(study: Study, result: Result, found: SimpleSlopes) -> Panel:
    s = found.slopes
    digits = outcome_scale(study, result.spec.outcome).digits
    low, high = _limits(float(s["conf_low"].min()), float(s["conf_high"].max()))
    counts = dict(zip(found.people["at"], found.people["n"], strict=True))
    lines = []
    for _, row in s.iterrows():
        said = (
            f"{row['label']}<br>{numbers.estimate(row['estimate'], digits)} "
            f"({numbers.interval(row['conf_low'], row['conf_high'], digits)})"
        )
        at = float(row["at"])
        ends = [float(row["conf_low"]), float(row["conf_high"])]
        lines.append(Line([at, at], ends, hover=[said, said], name=str(row["label"])))
        lines.append(
            Line([at], [float(row["estimate"])], hover=[said], marks=True, name=str(row["label"]))
        )
    labels = [
        f"{shorten(str(label), 18)} ({few_or_count(counts[at])})"
        for at, label in zip(s["at"], s["label"], strict=True)
    ]
    x = Axis(-0.6, len(s) - 0.4, [float(v) for v in s["at"]], labels, axis_title(study, found))
    return Panel("", x, Axis.rounded(low, high, 5, grid=True), lines, across=(0.0,))


def _axis(study: Study, found: SimpleSlopes, *, titled: bool) -> Axis:
    low, high = float(found.line["at"].min()), float(found.line["at"].max())
    made = Axis.rounded(low, high, 7)
    room = 0.02 * (high - low)
    title = axis_title(study, found) if titled else ""
    return Axis(low - room, high + room, made.values, made.labels, title)


def _along(study: Study, result: Result, found: SimpleSlopes) -> Panel:
    f = found.line
    digits = outcome_scale(study, result.spec.outcome).digits
    at = [float(v) for v in f["at"]]
    y = [float(v) for v in f["estimate"]]
    hover = [
        f"{place(study, found, x)}<br>{numbers.estimate(b, digits)} "
        f"({numbers.interval(lo, hi, digits)})"
        for x, b, lo, hi in f[["at", "estimate", "conf_low", "conf_high"]].to_numpy(float)
    ]
    planned = len(f) < 60  # weeks that the model says nothing between
    lines = [
        Line(at, y, low=[float(v) for v in f["conf_low"]], high=[float(v) for v in f["conf_high"]],
             hover=hover, name="effect", marks=planned, width=1.5)
    ]  # fmt: skip
    for region in found.regions:
        inside = [region.low, *(x for x in at if region.low < x < region.high), region.high]
        inside = list(dict.fromkeys(inside))
        heights = [float(v) for v in np.interp(inside, at, y)]
        lines.append(Line(inside, heights, name="interval leaves zero out", width=4.5))
    low, high = _limits(float(f["conf_low"].min()), float(f["conf_high"].max()))
    axis = _axis(study, found, titled=False)
    return Panel("", axis, Axis.rounded(low, high, 5, grid=True), lines, across=(0.0,))


def _people(study: Study, found: SimpleSlopes) -> Panel:
    """Bins as steps, or a bar for each week."""
    f = found.people
    axis = _axis(study, found, titled=True)
    lines = []
    if "low" in f:
        widths = f["high"] - f["low"]
        usual = float(widths.median())
        tops = (f["n"] / widths * usual).fillna(0.0).to_numpy(float)
        xs, ys, said = [float(f["low"].iloc[0])], [0.0], [""]
        for (low, high, n), top in zip(f[["low", "high", "n"]].to_numpy(float), tops, strict=True):
            text = f"{place(study, found, low)} to {place(study, found, high)}<br>"
            text += f"{few_or_count(n)} people"
            xs += [low, high]
            ys += [float(top), float(top)]
            said += [text, text]
        inside = [min(max(x, axis.low), axis.high) for x in [*xs, xs[-1]]]
        lines.append(
            Line(inside, [*ys, 0.0], "bars", hover=[*said, ""], name="people", filled=True,
                 width=1.0)
        )  # fmt: skip
        highest = float(tops.max(initial=1.0))
    else:
        for at, n in f[["at", "n"]].to_numpy(float):
            top = 0.0 if np.isnan(n) else n
            text = f"{place(study, found, at)}<br>{few_or_count(n)} people"
            lines.append(Line([at, at], [0.0, top], "bars", hover=[text, text], width=6.0))
        highest = float(np.nanmax(f["n"].to_numpy(float), initial=1.0))
    y = Axis.rounded(0.0, 1.1 * highest, 3, grid=True)
    labels = [numbers.count(v) for v in y.values]
    return Panel("People", axis, Axis(y.low, y.high, y.values, labels, grid=True), lines)
