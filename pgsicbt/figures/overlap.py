"""Outcomes of the highest and the lowest group of a score, as overlapping curves."""

from __future__ import annotations

import numpy as np

from pgsicbt.figures.cohort_panels import Axis, Drawing, Line, Panel, Panels
from pgsicbt.meaning.densities import Shape
from pgsicbt.meaning.overlap import SHOWN, Overlap
from pgsicbt.result import Result
from pgsicbt.study import Study
from pgsicbt.words import numbers
from pgsicbt.words.overlap import group_word, overlap_note, overlap_sentence
from pgsicbt.words.scale import outcome_scale
from pgsicbt.words.sentences import score_label

_POINTS = 161


def overlap_drawing(study: Study, result: Result, found: tuple[Overlap, ...]) -> Drawing | None:
    """A panel for each outcome and view; None where nobody can be compared."""
    scale = outcome_scale(study, result.spec.outcome)
    group = group_word(found[0].share)
    info = study.outcome(result.spec.outcome)
    panels = []
    for one in found:
        views: list[tuple[str, Shape, float]] = []
        if one.model is not None:
            views.append(("by the model", one.model.shape, one.model.overlap.estimate))
        seen = one.observed
        if seen is not None and min(seen.n_top, seen.n_bottom) >= SHOWN:
            views.append(("as observed", seen.overlap.shape, seen.overlap.overlap))
        what = f"Week {numbers.week(one.week)}" if one.about == "post" else "Change"
        for name, shape, area in views:
            axis = f"{scale.axis} ({scale.better} is better)"
            ends = (info.minimum, info.maximum)
            if one.about == "change":
                axis = f"Change, {scale.unit} (further {_better(scale.better)} is better)"
                ends = (None, None)
            panels.append(
                _panel(f"{what}, {name}", f"{numbers.percent(area)} overlap", shape, axis, ends)
            )
    if not panels:
        return None
    label = score_label(study, found[0].score)
    sheet = Panels(
        f"Outcomes in the highest and the lowest {group} of {label}", panels, 2, 1, 150,
        lines=["Across: the outcome. Upwards: share of people. What both curves cover is shared."],
        key=[(f"highest {group}", "high", 0), (f"lowest {group}", "low", 1)],
        left=10, right=16, below=46, narrow_height=130,
    )  # fmt: skip
    said = " ".join(overlap_sentence(study, result, one) for one in found)
    return Drawing(sheet, f"Pairs of overlapping curves. {said}", overlap_note(result, found))


def _better(side: str) -> str:
    return "down" if side == "lower" else "up"


def _panel(
    title: str,
    subtitle: str,
    shape: Shape,
    axis: str,
    ends: tuple[float | None, float | None],
) -> Panel:
    keep = np.linspace(0, len(shape.grid) - 1, _POINTS).round().astype(int)
    grid, top, bottom = shape.grid[keep], shape.top[keep], shape.bottom[keep]
    high = float(max(top.max(), bottom.max()))
    inside = np.flatnonzero(np.maximum(top, bottom) > 0.004 * high)
    low_x, high_x = float(grid[inside[0]]), float(grid[inside[-1]])
    if ends[0] is not None and ends[1] is not None:  # a normal curve knows no end of the scale
        span = ends[1] - ends[0]
        low_x, high_x = max(low_x, ends[0] - 0.15 * span), min(high_x, ends[1] + 0.15 * span)
    shown = (grid >= low_x) & (grid <= high_x)
    grid, top, bottom = grid[shown], top[shown], bottom[shown]
    both = np.minimum(top, bottom)
    x = Axis.rounded(low_x, high_x, 6, grid=True)
    named = Axis(x.low, x.high, x.values, x.labels, axis, grid=True)

    def line(y: np.ndarray[tuple[int], np.dtype[np.float64]], colour: str, dash: int, *,
             filled: bool = False, width: float = 2.0) -> Line:  # fmt: skip
        return Line([float(v) for v in grid], [float(v) for v in y], colour, dash, filled=filled,
                    width=width)  # fmt: skip

    lines = [line(both, "bars", 0, filled=True, width=0.5), line(bottom, "low", 1),
             line(top, "high", 0)]  # fmt: skip
    return Panel(title, named, Axis(0.0, 1.1 * high), lines, subtitle=subtitle)
