"""The forest of sites: each site's effect, what they say together, and a new site."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from pgsicbt.figures.cohort_panels import Axis, Drawing, Line, Panel, Panels
from pgsicbt.figures.layout import escape
from pgsicbt.pooling.pooled import PooledSites
from pgsicbt.words import numbers
from pgsicbt.words.pooling import method_note, pooled_about, told, told_interval, unit_words
from pgsicbt.words.power import LOGARITHMS

_ROW = 28


def pooled_drawing(found: PooledSites, score: str, model: str) -> Drawing | None:
    """Forest of one score in one model: a panel for each kind of effect.

    Parameters
    ----------
    found
        Of :func:`pgsicbt.pooling.pool_sites`.
    """
    rows = found.table[(found.table["score"] == score) & (found.table["model"] == model)]
    if rows.empty:
        return None
    panels = [_panel(found, row) for _, row in rows.iterrows()]
    most = int(rows["k"].max())
    label = str(rows["label"].iloc[0])
    title = f"{label} at {most} sites and together"
    sheet = Panels(
        title,
        panels,
        len(panels),
        1,
        _ROW * (most + 2) + 20,
        lines=["Points: sites with their intervals. Diamond: all together. Dashed: where the "
               "true effect of a new site is expected."],
        left=150,
        right=14,
        below=52,
    )  # fmt: skip
    told_all = "; ".join(
        f"{pooled_about(found, str(r['about']))} {told(found, float(r['estimate']))} "
        f"({told_interval(found, float(r['conf_low']), float(r['conf_high']))})"
        for _, r in rows.iterrows()
    )
    people = numbers.count(float(rows["n_persons"].max()))
    note = (
        f"{model.capitalize()} model, {people} people, per standard deviation of the score; "
        f"intervals of {100 * found.confidence:g} %. {method_note(found)}"
    )
    return Drawing(sheet, f"{title}: {told_all}.", note)


def _panel(found: PooledSites, row: pd.Series) -> Panel:
    mine = found.rows
    for name in ("score", "model", "about"):
        mine = mine[mine[name] == row[name]]
    k = len(mine)
    lines: list[Line] = []
    ends = [float(row[n]) for n in ("conf_low", "conf_high", "predict_low", "predict_high")]
    weights = 1 / (mine["std_error"].to_numpy(float) ** 2 + float(row["tau2"]))
    names = []
    for i, (site, share) in enumerate(
        zip(mine.to_dict("records"), weights / weights.sum(), strict=True)
    ):
        y = float(k + 1 - i)
        b, low, high = (float(site[n]) for n in ("estimate", "conf_low", "conf_high"))
        ends += [low, high]
        names.append(str(site["site"]))
        hover = (
            f"<b>{escape(str(site['site']))}</b><br>{told(found, b)} "
            f"({told_interval(found, low, high)})<br>{numbers.count(site['n_persons'])} people, "
            f"weight {numbers.percent(float(share))}"
        )
        lines.append(Line([low, high], [y, y], "accent", width=1.6, name="interval"))
        lines.append(Line([b], [y], "accent", hover=[hover], marks=True, name=names[-1]))
    low, mid, high = (float(row[n]) for n in ("conf_low", "estimate", "conf_high"))
    hover = f"<b>together</b><br>{told(found, mid)} ({told_interval(found, low, high)})"
    lines.append(
        Line([low, mid, high, mid, low], [1.0, 1.32, 1.0, 0.68, 1.0], "text", width=2.0,
             hover=[hover] * 5, name="together")
    )  # fmt: skip
    span = [float(row["predict_low"]), float(row["predict_high"])]
    hover = f"<b>a new site</b><br>{told_interval(found, span[0], span[1])}"
    lines.append(Line(span, [0.0, 0.0], "text", 1, width=1.6, hover=[hover] * 2, name="new site"))
    reach = _reach(ends)
    lines.insert(0, Line([0.0, 0.0], [-0.6, k + 1.6], "muted", width=1.0, name="zero"))
    y_axis = Axis(-0.6, k + 1.6, [float(k + 1 - i) for i in range(k)] + [1.0, 0.0],
                  [*names, "together", "a new site"])  # fmt: skip
    head = pooled_about(found, str(row["about"]))
    return Panel(head[:1].upper() + head[1:], _axis(found, reach), y_axis, lines)


def _reach(ends: list[float]) -> tuple[float, float]:
    """Range of the axis: everything, but wide prediction intervals of few sites are cut."""
    own = np.array(ends[4:] + ends[:2])
    low, high = min(0.0, float(own.min())), max(0.0, float(own.max()))
    pad = 0.35 * (high - low)
    low, high = max(min(ends[2], low), low - pad), min(max(ends[3], high), high + pad)
    edge = 0.04 * (high - low)
    return low - edge, high + edge


def _axis(found: PooledSites, reach: tuple[float, float]) -> Axis:
    low, high = reach
    if found.sites[0].unit in LOGARITHMS:
        values = [v for v in (0.1, 0.25, 0.5, 0.8, 1.0, 1.25, 2.0, 4.0, 10.0)
                  if low <= math.log(v) <= high]  # fmt: skip
        return Axis(low, high, [math.log(v) for v in values], [f"{v:g}" for v in values],
                    f"{unit_words(found)} per SD", grid=True)  # fmt: skip
    made = Axis.rounded(low, high, 5)
    better = "lower" if found.sites[0].outcome.higher_is_worse else "higher"
    return Axis(low, high, made.values, made.labels,
                f"{unit_words(found)} per SD ({better} is better)",
                grid=True)  # fmt: skip
