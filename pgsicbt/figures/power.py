"""Figures of power: what was detectable beside what was found, and curves."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from pgsicbt.figures.cohort_panels import Axis, Drawing, Line, Panel, Panels
from pgsicbt.figures.layout import escape
from pgsicbt.power.precision import Precision
from pgsicbt.power.simulation import PowerCheck
from pgsicbt.result import Result
from pgsicbt.study import Study
from pgsicbt.words import numbers
from pgsicbt.words.power import (
    KEPT_FOR_CHANGE,
    LOGARITHMS,
    amount,
    detectable_note,
    effect_name,
    short_name,
    visits_words,
)
from pgsicbt.words.scale import outcome_scale
from pgsicbt.words.sentences import level_percent, score_label

_ROW = 30
_CURVE = 250


def detectable_drawing(
    study: Study, result: Result, table: pd.DataFrame, adjustment: str
) -> Drawing | None:
    """What was found of every score, over what the cohort could have found.

    Parameters
    ----------
    table
        Of :func:`pgsicbt.power.detectable`.
    """
    mine = table[(table["model"] == adjustment) & table["smallest_80"].notna()]
    if mine.empty:
        return None
    panels = [
        _detectable_panel(study, result, part.reset_index(drop=True), str(about))
        for about, part in mine.groupby("about", sort=False)
    ]
    rows = int(mine.groupby("about").size().max())
    several = bool((mine["tests"] > 1).any())
    title = "What was found, over what this cohort could have found"
    sheet = Panels(
        title,
        panels,
        len(panels),
        1,
        _ROW * rows + 16,
        lines=["Points and lines: estimates and their intervals. Bars end at the smallest effect "
               "that is found with 80 % power, in either direction"
               + (": the darker by one test, the longer by the strictest of the family."
                  if several else ".")],
        left=118,
        right=14,
        below=52,
    )  # fmt: skip
    best = mine.sort_values("smallest_80").to_dict("records")[0]
    beyond = [
        score_label(study, str(r["score"]))
        for r in mine.to_dict("records")
        if abs(r["estimate"]) > r["smallest_80"]
    ]
    smallest = amount(study, result, float(best["smallest_80"]), str(best["unit"]))
    alt = (
        f"{title}: the smallest effect found with 80 % power is {smallest} or more for every "
        f"score; estimates beyond their own: {', '.join(dict.fromkeys(beyond)) or 'none'}."
    )
    n = numbers.count(float(mine["n_persons"].max()))
    simulated = " Simulated data." if study.simulated else ""
    note = (
        f"N = {n}. Per standard deviation of the score; intervals of "
        f"{level_percent(result.spec)}. {detectable_note(result, table, adjustment)}{simulated}"
    )
    return Drawing(sheet, alt, note)


def _detectable_panel(study: Study, result: Result, part: pd.DataFrame, about: str) -> Panel:
    n = len(part)
    unit = str(part["unit"].iloc[0])
    lines: list[Line] = []
    ends = part[["conf_low", "conf_high"]].to_numpy(float)
    reach = float(np.nanmax(np.abs(np.r_[ends.ravel(), part["family_80"].to_numpy(float)]))) * 1.08
    for i, row in enumerate(part.to_dict("records")):
        y = float(n - 1 - i)
        wide, one = float(row["family_80"]), float(row["smallest_80"])
        label = score_label(study, str(row["score"]))
        if wide > one * (1 + 1e-9):
            lines.append(_bar(wide, y, 0.26, "family"))
        lines.append(_bar(one, y, 0.36, "one test"))
        low, high = float(row["conf_low"]), float(row["conf_high"])
        hover = (
            f"<b>{escape(label)}</b><br>found {_told(float(row['estimate']), unit)}"
            f" ({_told(low, unit)} to {_told(high, unit)})<br>smallest at 80 %: "
            f"{_told(one, unit)} for one test, {_told(wide, unit)} in the family"
        )
        lines.append(Line([low, high], [y, y], "text", width=1.6, name="interval"))
        lines.append(
            Line([float(row["estimate"])], [y], "text", hover=[hover], name=label, marks=True)
        )
    lines.insert(0, Line([0.0, 0.0], [-0.6, n - 0.4], "muted", width=1.0, name="zero"))
    names = [score_label(study, str(s)) for s in part["score"]]
    y_axis = Axis(-0.6, n - 0.4, [float(n - 1 - i) for i in range(n)], names)
    head = short_name(result, about)
    return Panel(
        head[:1].upper() + head[1:], _effect_axis(study, result, unit, reach), y_axis, lines
    )


def _bar(reach: float, y: float, half: float, name: str) -> Line:
    low, high = [y - half] * 2, [y + half] * 2
    return Line([-reach, reach], [y, y], "accent", 0, low, high, name=name, width=0.0)


def _told(x: float, unit: str) -> str:
    return numbers.estimate(math.exp(x) if unit in LOGARITHMS else x)


def _effect_axis(study: Study, result: Result, unit: str, reach: float) -> Axis:
    """An axis of effects in both directions; ratios stand on their logarithms."""
    if unit in LOGARITHMS:
        values = _ratio_ticks(reach)
        title = f"{LOGARITHMS[unit]} per SD"
        return Axis(
            -reach, reach, [math.log(v) for v in values], [f"{v:g}" for v in values], title,
            grid=True,
        )  # fmt: skip
    scale = outcome_scale(study, result.spec.outcome)
    made = Axis.rounded(-reach, reach, 5, grid=True)
    return Axis(
        made.low, made.high, made.values, made.labels,
        f"{scale.unit} per SD ({scale.better} is better)", grid=True,
    )  # fmt: skip


def _ratio_ticks(reach: float) -> list[float]:
    for steps in ((1.05, 1.1), (1.1, 1.25), (1.25, 1.5), (1.5, 2.0), (2.0, 4.0), (4.0, 16.0)):
        if math.log(steps[1]) > reach * 0.55:
            break
    values = [1 / steps[1], 1 / steps[0], 1.0, *steps]
    return [float(f"{v:.2g}") if v < 1 else v for v in values if abs(math.log(v)) <= reach]


def curve_drawing(
    study: Study,
    result: Result,
    known: Precision,
    curve: pd.DataFrame,
    check: PowerCheck | None = None,
    *,
    people: float | None = None,
    interest: float | None = None,
) -> Drawing:
    """Power against the true effect, with what simulations found.

    Parameters
    ----------
    curve
        Of :func:`pgsicbt.power.power_curve`.
    people
        Size of the study that the curve is of; this cohort's if None.
    interest
        Smallest effect of interest, marked if given.
    """
    x = [float(v) for v in curve["effect"]]
    top = x[-1]
    lines = [
        Line(x, _percent(curve["power"]), "accent", name="one test",
             hover=_curve_hover(study, result, known, curve, "power")),
    ]  # fmt: skip
    key = [("one test", "accent", 0)]
    if known.alpha_family < known.alpha:
        lines.append(
            Line(x, _percent(curve["power_family"]), "high", 1, name="strictest of the family",
                 hover=_curve_hover(study, result, known, curve, "power_family"))
        )  # fmt: skip
        key.append(("strictest test of the family", "high", 1))
    marked = [(abs(known.estimate), "found here", "text"), (interest, "of interest", "bars")]
    for at, name, shade in marked:
        if at is not None and 0 < at <= top:
            lines.append(Line([at, at], [0.0, 103.0], shade, 2, name=name, width=1.2))
            key.append((f"effect {name}: {_told(at, known.unit)}", shade, 2))
    if check is not None:
        lines += _checked(known, check, top)
        key.append(("simulated, with 95 % interval", "text", 0))
    n = known.n_persons if people is None else people
    label = score_label(study, known.score)
    about = effect_name(result, known.about)
    title = f"Power to find an effect of {label} on {about}, {numbers.count(n)} people"
    if known.unit in LOGARITHMS:
        values = [v for v in (1.0, 1.1, 1.2, 1.5, 2.0, 3.0, 5.0) if math.log(v) <= top]
        x_axis = Axis(0.0, top, [math.log(v) for v in values], [f"{v:g}" for v in values],
                      f"true {LOGARITHMS[known.unit]} per SD of the score", grid=True)  # fmt: skip
    else:
        unit = outcome_scale(study, result.spec.outcome).unit
        made = Axis.rounded(0.0, top, 7)
        x_axis = Axis(0.0, top, made.values, made.labels,
                      f"true effect, {unit} per SD of the score, either direction",
                      grid=True)  # fmt: skip
    sheet = Panels(
        title,
        [Panel("Percent of such studies that find it", x_axis, _power_axis(), lines,
               across=[80.0])],
        1, 1, _CURVE, key=key, left=52, right=20, below=52,
    )  # fmt: skip
    size = amount(study, result, known.smallest(0.8, people=people), known.unit)
    alt = f"{title}: the power rises with the effect and reaches 80 % at {size}."
    return Drawing(sheet, alt, _curve_note(study, known))


def sizes_drawing(
    study: Study, known: Precision, curves: Sequence[tuple[str, pd.DataFrame]]
) -> Drawing:
    """Power against the number of people, a line for each effect that is planned for.

    Parameters
    ----------
    curves
        Name of the effect and its :func:`pgsicbt.power.size_curve`, two at least in people.
    """
    shades = ("accent", "group 1", "group 2", "group 3")
    lines, key = [], []
    for i, (name, curve) in enumerate(curves):
        x = [math.log10(float(n)) for n in curve["people"]]
        hover = [
            f"{escape(name)}<br>{numbers.count(float(n))} people: {numbers.percent(float(p))}"
            for n, p in zip(curve["people"], curve["power"], strict=True)
        ]
        lines.append(
            Line(x, _percent(curve["power"]), shades[i % 4], i, name=name, hover=hover)
        )  # fmt: skip
        key.append((name, shades[i % 4], i))
    every = [x for line in lines for x in line.x]
    low, high = min(every), max(every)
    ticks = [(math.log10(m * 10**k), numbers.count(m * 10**k)) for k in range(1, 8) for m in (1, 3)]
    inside = [(v, t) for v, t in ticks if low <= v <= high]
    lines.append(
        Line([math.log10(known.n_persons)] * 2, [0.0, 103.0], "bars", 2, name="this cohort",
             width=1.2)
    )  # fmt: skip
    key.append((f"this cohort: {numbers.count(known.n_persons)}", "bars", 2))
    title = f"How large must a replication for {score_label(study, known.score)} be?"
    x_axis = Axis(low, high, [v for v, _ in inside], [t for _, t in inside],
                  "people analysed, in steps of some three times",
                  grid=True)  # fmt: skip
    sheet = Panels(
        title,
        [Panel("Percent of such studies that find it", x_axis, _power_axis(), lines,
               across=[80.0])],
        1, 1, _CURVE, key=key, left=52, right=20, below=52,
    )  # fmt: skip
    told = [
        f"{name} {numbers.percent(float(c['power'].iloc[-1]))} with "
        f"{numbers.count(float(c['people'].iloc[-1]))} people"
        for name, c in curves
    ]
    return Drawing(sheet, f"{title} Power: {'; '.join(told)}.", _curve_note(study, known))


def _checked(known: Precision, check: PowerCheck, top: float) -> list[Line]:
    """Points of a simulation with their intervals, over the range of the curve."""
    out: list[Line] = []
    for effect in np.linspace(0.0, top, 7)[:-1]:
        share, low, high = check.power(known.about, float(effect), known.alpha)
        hover = f"simulated: {numbers.percent(share, 1)}"
        x = float(effect)
        out.append(Line([x, x], [100 * low, 100 * high], "text", width=1.4, name="simulated"))
        out.append(Line([x], [100 * share], "text", marks=True, hover=[hover], name="simulated"))
    return out


def _percent(shares: pd.Series[float]) -> list[float]:
    return [100 * float(v) for v in shares]


def _power_axis() -> Axis:
    marks = [0.0, 20.0, 40.0, 60.0, 80.0, 100.0]
    # It begins below zero, so that its lowest label does not meet the first of the other axis.
    return Axis(-4.0, 103.0, marks, [f"{v:g} %" for v in marks], grid=True)


def _curve_hover(
    study: Study, result: Result, known: Precision, curve: pd.DataFrame, column: str
) -> list[str]:
    return [
        f"{amount(study, result, float(e), known.unit)}: {numbers.percent(float(p))}"
        for e, p in zip(curve["effect"], curve[column], strict=True)
    ]


def _curve_note(study: Study, known: Precision) -> str:
    return (
        f"{known.adjustment.capitalize()} model; from the standard errors fitted here, with "
        f"{visits_words(known.visits)} and its covariates. Two-sided tests at the level "
        f"{known.alpha:g}"
        + (f", and {known.alpha_family:.3g} in the family" if known.alpha_family < known.alpha
           else "")
        + "." + (f" {KEPT_FOR_CHANGE}" if known.about == "change" else "")
        + (" Simulated data." if study.simulated else "")
    )  # fmt: skip
