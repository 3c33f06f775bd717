"""Symptom burden and simple slopes in words: what differs, how much, and where."""

from __future__ import annotations

import math

from pgsicbt.meaning.burden import Burden
from pgsicbt.meaning.simple_slopes import SimpleSlopes
from pgsicbt.result import Result
from pgsicbt.study import Study
from pgsicbt.words import numbers
from pgsicbt.words.scale import Scale, outcome_scale
from pgsicbt.words.sentences import level_percent, score_label
from pgsicbt.words.timing import timing

_MOST = 5
"""Values that a sentence tells; of more it tells the first, the middle and the last."""


def level_name(level: float) -> str:
    """A level of a score: ``"−1 SD"``, ``"mean"`` or ``"+1 SD"``."""
    if level == 0:
        return "mean"
    digits = 0 if float(level).is_integer() else 1
    return f"{'+' if level > 0 else ''}{numbers.estimate(level, digits)} SD"


def burden_sentence(study: Study, result: Result, found: Burden) -> str:
    """What the levels of a score differ by over the whole course."""
    scale = outcome_scale(study, result.spec.outcome)
    row = found.area_gap.iloc[0]
    low, high = level_name(found.levels[0]), level_name(found.levels[-1])
    d = scale.digits
    where = f"{score_label(study, found.score)} at {high} and at {low}"
    span = f"from week {numbers.week(found.first_week)} to week {numbers.week(found.last_week)}"
    amount = numbers.estimate(abs(row["mean"]), d)
    limits = numbers.interval(row["mean_low"], row["mean_high"], d)
    area = numbers.estimate(abs(row["estimate"]), max(d - 1, 0))
    inside = f"({level_percent(result.spec)} interval {limits})"
    if row["conf_low"] <= 0 <= row["conf_high"]:
        return (
            f"Over the course {span}, people with {where} differed by {amount} {scale.unit} on "
            f"average {inside}, which includes no difference."
        )
    way = "higher" if row["estimate"] > 0 else "lower"
    return (
        f"Over the course {span}, people with {score_label(study, found.score)} at {high} were "
        f"{amount} {scale.unit} {way} on average than those at {low} {inside}: an area of {area} "
        f"{scale.unit} × weeks."
    )


def burden_rows(study: Study, result: Result, found: Burden) -> list[list[str]]:
    """Cells: what is told, a number per level, the difference with its interval, p."""
    scale = outcome_scale(study, result.spec.outcome)
    d = scale.digits
    gap = found.area_gap.iloc[0]
    limits = numbers.interval(gap["mean_low"], gap["mean_high"], d)
    out = [
        [
            f"Average, week {numbers.week(found.first_week)} to {numbers.week(found.last_week)}",
            *(numbers.estimate(v, d) for v in found.areas["mean"]),
            f"{numbers.estimate(gap['mean'], d)} ({limits})",
            numbers.p_value(gap["p_value"]),
        ],
        [
            f"Area, {scale.unit} × weeks",
            *(numbers.estimate(v, max(d - 1, 0)) for v in found.areas["area"]),
            f"{numbers.estimate(gap['estimate'], max(d - 1, 0))} "
            f"({numbers.interval(gap['conf_low'], gap['conf_high'], max(d - 1, 0))})",
            numbers.p_value(gap["p_value"]),
        ],
    ]
    for _, row in found.week_gaps.iterrows():
        here = found.weeks[found.weeks["week"] == row["week"]]
        limits = numbers.interval(row["conf_low"], row["conf_high"], d)
        known = math.isfinite(row["p_value"])
        out.append(
            [
                f"Week {numbers.week(row['week'])}",
                *(numbers.estimate(v, d) for v in here["estimate"]),
                f"{numbers.estimate(row['estimate'], d)} ({limits})" if known else numbers.MISSING,
                numbers.p_value(row["p_value"]),
            ]
        )
    return out


def burden_note(result: Result, found: Burden) -> str:
    """What the numbers rest on."""
    return (
        f"Model lines of average people, {found.adjustment} model, "
        f"{numbers.count(result.n_persons)} people; not corrected for the number of scores."
        + (" Simulated data." if result.simulated else "")
    )


def slopes_title(study: Study, result: Result, found: SimpleSlopes) -> str:
    """What the figure shows."""
    label = score_label(study, found.score)
    if found.kind == "week":
        return f"What {label} goes with, by week"
    if found.kind == "change":
        return f"Change by level of {label}"
    other = other_label(study, found.other)
    about = timing(result).at if found.about == "severity" else "in change"
    return f"What {label} goes with {about}, by {other}"


def other_label(study: Study, other: str) -> str:
    """What a score interacts with, as it is written for people."""
    return study.score(other).label if other in study.score_names else study.covariate(other).label


def place(study: Study, found: SimpleSlopes, at: float) -> str:
    """A value along the axis: ``"week 4"``, ``"+1 SD"`` or ``"age 47"``."""
    if found.kind == "week":
        return f"week {numbers.week(round(at, 1))}"
    if found.kind in ("score", "change"):
        return "the mean" if at == 0 else level_name(round(at, 1))
    spread = float(found.line["at"].max() - found.line["at"].min()) if len(found.line) else 1.0
    return f"{other_label(study, found.other)} {numbers.estimate(at, 0 if spread > 10 else 1)}"


def slopes_sentence(study: Study, result: Result, found: SimpleSlopes) -> str:
    """The effects at a few values, and where the interval leaves zero out."""
    scale = outcome_scale(study, result.spec.outcome)
    shown = found.slopes
    if len(shown) > _MOST and found.kind != "levels":
        shown = shown.iloc[[0, len(shown) // 2, len(shown) - 1]]
    told = "; ".join(
        f"{numbers.estimate(row['estimate'], scale.digits)} "
        f"({numbers.interval(row['conf_low'], row['conf_high'], scale.digits)}) at "
        + (str(row["label"]) if found.kind == "levels" else place(study, found, row["at"]))
        for _, row in shown.iterrows()
    )
    if found.kind == "change":
        first, last = timing(result).ends
        what = (
            f"By the model, people changed from week {numbers.week(first)} to week "
            f"{numbers.week(last)} by these {scale.unit}"
        )
    else:
        what = (
            f"One standard deviation of {score_label(study, found.score)} went with these "
            f"{scale.unit} {_about(result, found)}"
        )
    return f"{what}: {told}. {region_sentence(study, found)}".strip()


def _about(result: Result, found: SimpleSlopes) -> str:
    if found.kind == "week":
        return "of difference"
    if found.about == "severity":
        return timing(result).at
    first, last = timing(result).ends
    return f"of change from week {numbers.week(first)} to week {numbers.week(last)}"


def region_sentence(study: Study, found: SimpleSlopes) -> str:
    """Where along the axis the interval leaves zero out; empty for levels."""
    if found.kind == "levels":
        return ""
    if not found.regions:
        return "At no value shown does the interval leave zero out."
    first, last = float(found.line["at"].iloc[0]), float(found.line["at"].iloc[-1])
    parts = []
    for region in found.regions:
        side = "above" if region.positive else "below"
        starts, ends = region.low <= first + 1e-9, region.high >= last - 1e-9
        if starts and ends:
            return f"At every value shown the whole interval is {side} zero."
        if starts:
            parts.append(f"up to {place(study, found, region.high)} ({side} zero)")
        elif ends:
            parts.append(f"from {place(study, found, region.low)} ({side} zero)")
        else:
            low, high = (place(study, found, v) for v in (region.low, region.high))
            parts.append(f"from {low} to {high} ({side} zero)")
    return f"The interval leaves zero out {' and '.join(parts)}."


def slopes_note(study: Study, result: Result, found: SimpleSlopes) -> str:
    """What the figure and its interval are."""
    scale = outcome_scale(study, result.spec.outcome)
    return (
        f"{found.adjustment.capitalize()} model, {numbers.count(result.n_persons)} people. The "
        f"{level_percent(result.spec)} intervals hold at each value by itself; the line is thick "
        "where they leave zero out (Johnson-Neyman). "
        + _people_words(found)
        + f" {scale.better.capitalize()} scores are better."
        + (" Simulated data." if result.simulated else "")
    )


def _people_words(found: SimpleSlopes) -> str:
    if found.kind == "levels":
        return "People of each level stand below it."
    if found.kind == "week":
        return "Below: people seen in each week."
    return "Below: how many people have each value; the axis ends where hardly anybody is."


def slopes_rows(study: Study, result: Result, found: SimpleSlopes) -> list[list[str]]:
    """Cells: where, effect, interval, p."""
    d = outcome_scale(study, result.spec.outcome).digits
    return [
        [
            str(row["label"]) if found.kind == "levels" else place(study, found, row["at"]),
            numbers.estimate(row["estimate"], d),
            numbers.interval(row["conf_low"], row["conf_high"], d),
            numbers.p_value(row["p_value"]),
        ]
        for _, row in found.slopes.iterrows()
    ]


def axis_title(study: Study, found: SimpleSlopes) -> str:
    """What lies along the axis."""
    if found.kind == "week":
        return "Weeks from the start of treatment"
    if found.kind in ("score", "change"):
        name = found.other if found.kind == "score" else found.score
        return f"{score_label(study, name)}, standard deviations from the mean"
    return other_label(study, found.other)


def effect_title(study: Study, result: Result, found: SimpleSlopes) -> str:
    """What the effects are amounts of, with their direction."""
    scale: Scale = outcome_scale(study, result.spec.outcome)
    if found.kind == "change":
        return (
            f"Change, {scale.unit} (below zero: improvement)"
            if scale.higher_is_worse
            else (f"Change, {scale.unit} (above zero: improvement)")
        )
    way = "below zero: lower scores" if scale.higher_is_worse else "above zero: higher scores"
    return f"Per SD of {score_label(study, found.score)}, {scale.unit} ({way}, better)"
