"""The course of every instrument, and its floor and ceiling, as small multiples."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pgsicbt.cohort import Description
from pgsicbt.cohort.groups import ALL
from pgsicbt.cohort.variables import distinct_outcomes
from pgsicbt.disclosure import MINIMUM_CELL
from pgsicbt.figures.cohort_panels import Axis, Drawing, Line, Panel, Panels
from pgsicbt.figures.layout import escape
from pgsicbt.figures.trajectory_data import week_ticks
from pgsicbt.study import HARMONISED, OutcomeInfo, Study
from pgsicbt.words import numbers, outcome_scale

_MOST = 12
_ENDS = (("lowest score", "group 0", 0), ("highest score", "group 1", 1))
WEEKS = "Weeks from the start of treatment"


def week_axis(weeks: list[float], most: int) -> Axis:
    """An axis of weeks with real spacing."""
    low, high = min(weeks), max(weeks)
    pad = 0.04 * (high - low) or 0.5
    marks = week_ticks(weeks, most)
    if len(marks) > most:
        marks = marks[:: -(-len(marks) // most)]
    return Axis(low - pad, high + pad, marks, [numbers.week(w) for w in marks])


def panel_title(info: OutcomeInfo) -> str:
    """An outcome with its range."""
    if info.name == HARMONISED:
        return "All, 0-100"
    low, high = info.minimum, info.maximum
    known = low is not None and high is not None and low >= 0
    return f"{info.label}, {low:g}-{high:g}" if known else info.label


def courses_drawing(study: Study, found: Description, *, groups: bool = True) -> Drawing | None:
    """The mean of every outcome by week with its interval; groups apart where there are several."""
    frame = found.courses
    outcomes = [o for o in distinct_outcomes(study) if (frame["outcome"] == o.name).any()][:_MOST]
    panels, said, used = [], [], set()
    same = len({o.higher_is_worse for o in outcomes}) == 1
    for info in outcomes:
        mine = frame[(frame["outcome"] == info.name) & frame["mean"].notna()]
        inside = [g for g in found.groups if (mine["group"] == g).any()] if groups else []
        whole = mine[mine["group"] == ALL]
        if whole.empty:
            continue
        d = outcome_scale(study, info.name).digits - 1
        lines = [
            _line(mine[mine["group"] == g], f"group {i}", i, g, d)
            for i, g in enumerate(found.groups)
            if g in inside
        ] or [_line(whole, "accent", 0, "", d)]
        used |= set(inside)
        ends = np.array([v for ln in lines for v in (*ln.low, *ln.high, *ln.y)], dtype=float)
        ends = ends[np.isfinite(ends)]
        pad = 0.08 * float(np.ptp(ends)) or 1.0
        most = int(np.nanmax(whole["n"]))
        panels.append(
            Panel(
                panel_title(info),
                week_axis(list(whole["week"]), 4),
                Axis.rounded(float(ends.min()) - pad, float(ends.max()) + pad, 4, grid=True),
                lines,
                subtitle=f"{numbers.count(most)} people" if same else _better(info),
            )
        )
        said.append(
            f"{info.label} from {numbers.estimate(whole['mean'].iloc[0], d)} in week "
            f"{numbers.week(whole['week'].iloc[0])} to "
            f"{numbers.estimate(whole['mean'].iloc[-1], d)} in week "
            f"{numbers.week(whole['week'].iloc[-1])}"
        )
    if not panels:
        return None
    title = "The course of every instrument"
    key = [(g, f"group {i}", i) for i, g in enumerate(found.groups) if g in used]
    sheet = Panels(
        title, panels, min(4, max(len(panels), 2)), 2, 120,
        lines=["Mean of those seen that week, in points of the instrument"
               f"{'; ' + _better(outcomes[0]) if same else ''}. "
               f"Across: {WEEKS[0].lower()}{WEEKS[1:]}."],
        key=key, left=34, right=10, below=24, narrow_height=100,
    )  # fmt: skip
    note = (
        f"{numbers.count(len(study.persons))} people. Bands: 95 % interval of the mean. Observed "
        "means, without a model: who is seen changes from week to week. "
        f"{found.weeks_note} Weeks with fewer than {MINIMUM_CELL} people are left out."
        + (" Simulated data." if study.simulated else "")
    )
    return Drawing(sheet, f"{title}: {'; '.join(said)}.", note.replace("  ", " "))


def _better(info: OutcomeInfo) -> str:
    return f"{'lower' if info.higher_is_worse else 'higher'} is better"


def _line(rows: pd.DataFrame, colour: str, dash: int, group: str, digits: int) -> Line:
    values = rows[["week", "mean", "conf_low", "conf_high", "n"]].to_numpy(float)
    head = f"<b>{escape(group)}</b>, " if group else ""
    hover = [
        f"{head}week {numbers.week(w)}<br>{numbers.estimate(m, digits)} "
        f"({numbers.interval(lo, hi, digits)})<br>{numbers.count(n)} people"
        for w, m, lo, hi, n in values
    ]
    week, mean, low, high = ([float(v) for v in c] for c in values[:, :4].T)
    return Line(week, mean, colour, dash, low, high, hover, group or "all")


def ends_drawing(study: Study, found: Description) -> Drawing | None:
    """Share of people at the lowest and at the highest possible score, by instrument and week."""
    frame = found.ends
    panels, said = [], []
    most = 0.0
    for info in [o for o in study.outcomes if (frame["outcome"] == o.name).any()][:_MOST]:
        mine = frame[frame["outcome"] == info.name]
        week = [float(w) for w in mine["week"]]
        lines, parts, nobody = [], [], []
        for i, end in ((1, "highest"), (0, "lowest")):
            share = 100 * mine[f"share_{end}"].to_numpy(float)
            if not share.any():  # zero in every week; a hidden one would be NaN
                nobody.append(end)
                continue
            hover = [
                f"Week {numbers.week(w)}: "
                + (f"{numbers.count(k)} of {numbers.count(n)} at the {end} score"
                   if np.isfinite(k) else f"1 to {MINIMUM_CELL - 1} people at the {end} score, "
                   "or all but so few")
                for w, k, n in zip(week, mine[end], mine["n"], strict=True)
            ]  # fmt: skip
            lines.append(
                Line(week, [float(v) for v in share], f"group {i}", i, hover=hover,
                     name=f"{end} score", marks=True)
            )  # fmt: skip
            known = share[np.isfinite(share)]
            if len(known):
                most = max(most, float(known.max()))
                parts.append(f"{numbers.estimate(float(known.max()), 0)} % at the {end}")
        panels.append(
            Panel(panel_title(info), week_axis(week, 4), Axis(0, 1), lines,
                  subtitle=f"nobody at the {' or the '.join(nobody)}" if nobody else "")
        )  # fmt: skip
        parts += [f"nobody at the {end}" for end in nobody]
        said.append(f"{info.label} at most {' and '.join(parts)}")
    if not panels:
        return None
    high = max(20.0, 1.1 * most)
    scale = Axis(-0.02 * high, high, *_percent_ticks(high), grid=True)
    panels = [Panel(p.title, p.x, scale, p.lines, subtitle=p.subtitle, across=(15.0,))
              for p in panels]  # fmt: skip
    title = "People at the lowest and the highest possible score, by week"
    sheet = Panels(
        title, panels, min(4, max(len(panels), 2)), 2, 120,
        lines=["Percent of those seen that week. Thin line: 15 %, from where one speaks of a "
               f"floor or a ceiling. Across: {WEEKS[0].lower()}{WEEKS[1:]}."],
        key=[k for k in _ENDS if any(ln.name == k[0] for p in panels for ln in p.lines)],
        left=40, right=10, below=24, narrow_height=100,
    )  # fmt: skip
    hidden = int(frame["lowest"].isna().sum() + frame["highest"].isna().sum())
    note = (
        f"{numbers.count(len(study.persons))} people. "
        + (f"Where 1 to {MINIMUM_CELL - 1} people are at an end no point is drawn. " if hidden
           else "")
        + "15 %: Terwee et al. 2007, J Clin Epidemiol 60:34."
        + (" Simulated data." if study.simulated else "")
    )  # fmt: skip
    return Drawing(sheet, f"{title}. {'; '.join(said)}.", note)


def _percent_ticks(high: float) -> tuple[list[float], list[str]]:
    step = 10.0 if high < 45 else 20.0 if high < 80 else 25.0
    values = [float(v) for v in np.arange(0.0, high + 1e-9, step) if v <= 100]
    return values, [f"{v:.0f} %" for v in values]
