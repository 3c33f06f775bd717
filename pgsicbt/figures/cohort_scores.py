"""Distributions of the scores as small multiples."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pgsicbt.cohort import Description
from pgsicbt.cohort.groups import ALL
from pgsicbt.disclosure import MINIMUM_CELL
from pgsicbt.figures.cohort_panels import Axis, Drawing, Line, Panel, Panels
from pgsicbt.figures.layout import escape, ticks
from pgsicbt.study import Study
from pgsicbt.words import numbers

MOST_PANELS = 24
_ALIKE = (0.7, 1.4)


def scores_drawing(
    study: Study, found: Description, *, groups: bool = True, shown: tuple[str, ...] = ()
) -> Drawing | None:
    """A histogram per score; with groups, their outlines over that of all.

    Parameters
    ----------
    groups
        Whether the groups of the description are drawn apart.
    shown
        The scores to draw; the first 24 if empty.
    """
    frame = found.distributions
    drawn = set(frame["score"])
    names = [s.name for s in study.scores if s.name in drawn]
    chosen = [n for n in names if n in shown] if shown else names[:MOST_PANELS]
    if not chosen:
        return None
    facts = {
        str(name): (float(mean), float(sd))
        for name, mean, sd in found.scores[["score", "mean", "sd"]].to_numpy(object)
    }
    alike = all(
        _ALIKE[0] <= facts[name][1] <= _ALIKE[1] and abs(facts[name][0]) < 1 for name in chosen
    )
    top = 1.08 * float(frame.loc[frame["score"].isin(chosen), "density"].max())
    several = groups and len(found.groups) > 1
    panels = []
    for name in chosen:
        mean, sd = facts[name]
        low, high = (-4.0, 4.0) if alike else (mean - 3.8 * sd, mean + 3.8 * sd)
        values, labels = ([-2.0, 0.0, 2.0], ["\u22122", "0", "2"]) if alike else ticks(low, high, 2)
        mine = frame[frame["score"] == name]
        digits = _digits(sd)
        panels.append(
            Panel(
                study.score(name).label,
                Axis(low, high, values, labels, grid=True),
                Axis(0.0, top),
                _outlines(mine, found, several, sd),
                subtitle=f"{numbers.estimate(mean, digits)} ({numbers.estimate(sd, digits)})",
            )
        )
    n = numbers.count(len(study.persons))
    by = f", by {found.by}" if several else ""
    unit = "in standard deviations, as in the files" if alike else "each in its own unit"
    key = [(g, f"group {i}", i) for i, g in enumerate(found.groups)] if several else []
    sheet = Panels(
        f"How the polygenic scores are distributed{by}", panels, 5, 3, 84,
        lines=[f"Across: the score, {unit}. Upwards: share of people. Mean (SD) below each name."],
        key=key, left=4, right=14, below=24, narrow_height=70,
    )  # fmt: skip
    left_out = len(names) - len(chosen)
    note = (
        f"{n} people. Steps: people per quarter of a standard deviation, joined until "
        f"{MINIMUM_CELL} or more share a step; people beyond 3.5 SD count in the outermost. "
        "Same height, same share in all panels."
        + (f" {len(chosen)} of {len(names)} scores are drawn." if left_out else "")
        + (" Simulated data." if study.simulated else "")
    )
    said = "; ".join(
        f"{study.score(name).label} mean {numbers.estimate(facts[name][0])}, "
        f"SD {numbers.estimate(facts[name][1])}"
        for name in chosen[:12]
    )
    return Drawing(sheet, f"Histograms of {len(chosen)} polygenic scores{by}: {said}.", note)


def _digits(sd: float) -> int:
    """Decimals that show a spread with two figures."""
    return 2 if not sd > 0 or sd >= 0.1 else min(8, 1 - int(np.floor(np.log10(sd))))


def _outlines(frame: pd.DataFrame, found: Description, several: bool, sd: float) -> list[Line]:
    """The histogram of everybody filled, and the groups' as lines."""
    out = []
    digits = _digits(sd / 4)
    groups = [ALL, *(found.groups if several else ())]
    for i, group in enumerate(groups):
        rows = frame[frame["group"] == group]
        if rows.empty:
            continue
        low, high = rows["low"].to_numpy(float), rows["high"].to_numpy(float)
        density, n = rows["density"].to_numpy(float), rows["n"].to_numpy(float)
        x = np.repeat([*low, high[-1]], 2)
        y = np.r_[0.0, np.repeat(density, 2), 0.0]
        total = n.sum()
        texts = [
            f"<b>{escape(group)}</b><br>{numbers.estimate(a, digits)} to "
            f"{numbers.estimate(b, digits)}: {numbers.count(k)} people "
            f"({numbers.percent(k / total)})"
            for a, b, k in zip(low, high, n, strict=True)
        ]
        hover = [texts[0], *(t for t in texts for _ in range(2)), texts[-1]]
        first = group == ALL
        out.append(
            Line(
                list(map(float, x)), list(map(float, y)),
                "bars" if first and several else "accent" if first else f"group {i - 1}",
                0 if first else i - 1, hover=hover, name=group, filled=first,
                width=0.8 if first and several else 1.6,
            )
        )  # fmt: skip
    return out
