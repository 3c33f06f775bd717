"""What a trajectory figure shows, as frames and sentences: no drawing here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pgsicbt.disclosure import MINIMUM_CELL
from pgsicbt.result import Array
from pgsicbt.words import numbers

GROUPS = ("lowest third", "middle third", "highest third")
GROUP_SYMBOLS = {
    "lowest third": "triangle-down",
    "middle third": "circle",
    "highest third": "triangle-up",
    "all": "circle",
}


@dataclass(frozen=True)
class Line:
    """One model line: ``level`` in SD of the score, ``shade`` 0 to 2 from light to dark."""

    level: float
    label: str
    shade: int
    frame: pd.DataFrame


def model_lines(predicted: pd.DataFrame) -> list[Line]:
    """The model lines of ``predicted``, lowest level first."""
    levels = sorted(float(v) for v in predicted["level"].unique())
    lines = []
    for level in levels:
        frame = predicted[predicted["level"] == level].sort_values("week")
        shade = 1 if level == 0 else (0 if level < 0 else 2)
        label = level_label(level) if len(levels) > 1 else "Average"
        lines.append(Line(level, label, shade, frame.reset_index(drop=True)))
    return lines


def level_label(level: float) -> str:
    """``"+1 SD"``, ``"Average"`` or ``"−1 SD"``."""
    if level == 0:
        return "Average"
    size = f"{abs(level):g}"
    return f"{'+' if level > 0 else numbers.MINUS}{size} SD"


def observed_points(
    observed: pd.DataFrame, beside: float = 0.16
) -> list[tuple[str, int, pd.DataFrame]]:
    """Groups of observed means: name, shade, and frame with ``x`` set beside the week.

    The outer thirds stand beside their week, by the share ``beside`` of the shortest time
    between two visits, so that intervals do not overlap.
    Suppressed cells are left out.
    """
    found = list(dict.fromkeys(observed["group"]))
    unit = shortest_gap(observed["week"].to_numpy(float))
    names = [g for g in GROUPS if g in found] + [g for g in found if g not in GROUPS]
    out = []
    for group in names:
        rows = observed[(observed["group"] == group) & observed["mean"].notna()]
        shade = GROUPS.index(group) if group in GROUPS else 1
        shift = beside * unit * (shade - 1)
        rows = rows.assign(x=rows["week"] + shift).sort_values("week").reset_index(drop=True)
        out.append((group, shade, rows))
    return out


def shortest_gap(weeks: Array) -> float:
    """The shortest time between two visits in weeks; 1 where there is only one."""
    gaps = np.diff(np.unique(weeks[np.isfinite(weeks)]))
    return float(gaps.min()) if len(gaps) else 1.0


def value_range(
    predicted: pd.DataFrame, observed: pd.DataFrame, *, include_zero: bool = False
) -> tuple[float, float]:
    """Range of the vertical axis: everything drawn, with a little air."""
    seen = [predicted["conf_low"], predicted["conf_high"]]
    if not observed.empty:
        seen += [observed["conf_low"], observed["conf_high"], observed["mean"]]
    values = pd.concat(seen).to_numpy(float)
    values = values[np.isfinite(values)]
    if include_zero:
        values = np.append(values, 0.0)
    if not len(values):
        return 0.0, 1.0
    low, high = float(values.min()), float(values.max())
    pad = 0.06 * (high - low) or 1.0
    return low - pad, high + pad


def week_range(*frames: pd.DataFrame) -> tuple[float, float]:
    """First and last week of the frames, with room for marks at the ends."""
    weeks = [float(w) for f in frames for w in f["week"]] or [0.0, 1.0]
    low, high = min(weeks), max(weeks)
    pad = 0.03 * (high - low) or 0.5
    return low - pad, high + pad


def week_ticks(weeks: Sequence[float], most: int) -> list[float]:
    """Weeks to be labelled: all where there is room, else evenly spaced ones from week zero.

    The first week is kept where it lies before the start of treatment.
    """
    known = sorted({float(w) for w in weeks if np.isfinite(w)})
    if not known:
        return []
    whole = all(w.is_integer() for w in known)
    if len(known) <= most and whole:
        return known
    low, high = known[0], known[-1]
    step = next(
        (s for s in (1, 2, 4, 6, 8, 12, 13, 26, 52, 104, 208) if (high - min(low, 0)) / s < most),
        416,
    )
    out = [float(w) for w in np.arange(0, high + 1e-9, step) if w >= low - 1e-9]
    return ([low] if low < 0 and float(low).is_integer() else []) + out


def suppressed_note(observed: pd.DataFrame, counts: pd.DataFrame) -> str:
    """A sentence on cells that rest on too few people; empty if there are none."""
    hidden = int(observed["mean"].isna().sum()) if len(observed) else 0
    few = int(counts["n"].isna().sum()) if len(counts) else 0
    if not hidden and not few:
        return ""
    return f"Means and counts that rest on fewer than {MINIMUM_CELL} people are left out."


def key_words(lines: list[Line], points: list[tuple[str, int, pd.DataFrame]]) -> str:
    """What lines and points stand for, in one line."""
    said = "Lines: model with interval."
    groups = [g for g, _, _ in points]
    if GROUPS[0] in groups:
        thirds = "\u25bc lowest, \u25cf middle and \u25b2 highest third"
        return f"{said} Points: observed means, {thirds}."
    return f"{said} Points: observed means." if groups and lines else said


def trajectories_alt(
    predicted: pd.DataFrame,
    counts: pd.DataFrame,
    *,
    title: str,
    unit: str,
    better: str = "lower",
    digits: int = 1,
) -> str:
    """Alternative text: the course, and where people at -1 and +1 SD start and end."""
    lines = model_lines(predicted)
    if not lines:
        return f"{title}. No model line."
    first, last = (float(predicted["week"].min()), float(predicted["week"].max()))
    said = [
        f"{line.label} from {numbers.estimate(_at(line, first), digits)} to "
        f"{numbers.estimate(_at(line, last), digits)}"
        for line in lines
    ]
    n = counts["n"].dropna()
    people = f" People observed per week: {_span(n)}." if len(n) else ""
    return (
        f"{title}. {unit}, {better} is better, from week {numbers.week(first)} to "
        f"{numbers.week(last)}: {'; '.join(said)}.{people}"
    )


def _at(line: Line, week: float) -> float:
    frame = line.frame
    nearest = int(np.argmin(np.abs(frame["week"].to_numpy(float) - week)))
    return float(frame["estimate"].iloc[nearest])


def _span(n: pd.Series) -> str:
    least, most = numbers.count(n.min()), numbers.count(n.max())
    return least if least == most else f"{least} to {most}"


def trajectories_note(
    predicted: pd.DataFrame,
    observed: pd.DataFrame,
    counts: pd.DataFrame,
    *,
    n_persons: int | None = None,
    model: str = "",
    form: str = "",
    confidence: float = 0.95,
    rounded: str = "",
    simulated: bool = False,
) -> str:
    """The line below the figure: people, model, what the intervals are, what is left out.

    ``form`` is a sentence on the form of the lines, where they are not straight; ``rounded`` one on
    the weeks that visits count for.
    """
    level = f"{100 * confidence:g} %"
    parts = [f"{numbers.count(n_persons)} people." if n_persons is not None else ""]
    several = len(model_lines(predicted)) > 1
    parts.append(
        "Lines: model"
        + (f" ({model})" if model else "")
        + (" at −1, 0 and +1 SD of the score" if several else "")
        + ", other terms at the average of the people analysed; "
        f"bands: {level} confidence interval at each week."
    )
    parts.append(form)
    if len(observed):
        thirds = set(observed["group"]) & set(GROUPS)
        of = "of thirds of the score" if thirds else "of everyone observed"
        parts.append(f"Points: observed means {of} with {level} intervals.")
    if len(counts):
        parts.append("Bars: people observed each week.")
    parts.append(rounded)
    parts.append(suppressed_note(observed, counts))
    parts.append("Simulated data." if simulated else "")
    return " ".join(p for p in parts if p)
