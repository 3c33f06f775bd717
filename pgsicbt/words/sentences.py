"""What a score's estimates mean, in one sentence each.

A main effect is a difference at one moment, where the origin of time is, and is never called
change. Where time is a straight line, change is told a week and by the last week, else over all
weeks analysed. Where an interval includes zero no direction is claimed: the sentence says what
the data exclude.
"""

from __future__ import annotations

import math

import pandas as pd

from pgsicbt.result import Result
from pgsicbt.spec import AnalysisSpec
from pgsicbt.study import Study
from pgsicbt.words import numbers
from pgsicbt.words.scale import (
    Course,
    Scale,
    course,
    fitted,
    outcome_scale,
    score_row,
)
from pgsicbt.words.timing import Timing, timing

_TENTH = 0.1
"""Share of the average improvement, or of the spread between people at the start, that counts
as the smallest difference of interest where the caller names none."""


def level_percent(spec: AnalysisSpec) -> str:
    """The level of the intervals, such as ``"95 %"``."""
    return f"{100 * spec.confidence:g} %"


def score_label(study: Study, score: str) -> str:
    """A score as it is written for people."""
    return study.score(score).label if score else ""


def step_phrase(spec: AnalysisSpec, label: str) -> str:
    """One step of the score: ``"standard deviation of PGS-EDU"`` or ``"unit of PGS-EDU"``.

    Where the score is in groups it is ``"step from the lowest to the highest third of PGS-EDU"``.
    """
    if spec.score_groups:
        return f"step from the lowest to the highest {_group(spec.score_groups)} of {label}"
    step = "standard deviation" if spec.standardised else "unit"
    return f"{step} of {label}"


def per_step(spec: AnalysisSpec, label: str) -> str:
    """The beginning of a sentence on one step: ``"Per standard deviation of PGS-EDU"``."""
    if spec.score_groups:
        return f"From the lowest to the highest {_group(spec.score_groups)} of {label}"
    return f"Per {step_phrase(spec, label)}"


def alike(spec: AnalysisSpec, study: Study, score: str) -> str:
    """What else stands still where a score differs, as ``", the other scores being equal"``.

    Parts of a product are centred, so beside an interaction the score's own coefficient is that
    of the average person analysed. Empty where the score is alone.
    """
    said = ", the other scores being equal" if spec.together and len(spec.scores) > 1 else ""
    others = [o for s, o in spec.interactions if s == score]
    others += [s for s, o in spec.interactions if o == score]
    for other in dict.fromkeys(others):
        if other in study.score_names:
            said += f", at an average {score_label(study, other)}"
        else:
            info = study.covariate(other)
            over = "on average over" if info.kind == "categorical" else "at an average"
            said += f", {over} {info.label}"
    return said


def main_effect(
    result: Result,
    study: Study,
    score: str,
    adjustment: str,
    *,
    interest: float | None = None,
    named: bool = False,
) -> str:
    """What the score goes with at the origin of time, such as the start of treatment.

    Parameters
    ----------
    interest
        Smallest difference of interest in points; a tenth of the spread (SD) between people
        there if not given. It decides how a null is put.
    named
        Whether the sentence names the score where it would not otherwise.
    """
    row = score_row(result, score, adjustment, "main")
    label = score_label(study, score)
    if row is None or not fitted(row):
        return not_fitted(label, adjustment)
    spec, scale = result.spec, outcome_scale(study, result.spec.outcome)
    along = timing(result)
    if not excludes_zero(row):
        if interest is None:
            interest = _TENTH * course(result, study, score, adjustment).spread
        limits = numbers.interval(row["conf_low"], row["conf_high"], scale.digits)
        return _null(
            max(abs(row["conf_low"]), abs(row["conf_high"])),
            interest,
            f"{scale.unit} {scale.on} {along.at}",
            step_phrase(spec, label) + alike(spec, study, score),
            f" ({level_percent(spec)} interval {limits})",
            scale.digits - 1,
        )
    if spec.score_groups:
        part = _group(spec.score_groups)
        who, than = f"people in the highest {part} of {label}", f" than those in the lowest {part}"
    else:
        step = "one standard deviation" if spec.standardised else "one unit"
        who, than = f"people {step} higher" + (f" on {label}" if named else ""), ""
    held = alike(spec, study, score)
    who += f"{held}," if held else ""
    return f"{along.at_first}, {who} scored {level_difference(row, scale, than)} {scale.on}."


def _group(groups: int) -> str:
    """What one of so many groups of equal size is called."""
    names = {2: "half", 3: "third", 4: "quarter", 5: "fifth", 10: "tenth"}
    return names.get(groups, f"of {groups} groups")


def step_short(spec: AnalysisSpec) -> str:
    """One step of a score in the head of a table: ``"SD"``, ``"unit"`` or groups."""
    if spec.score_groups:
        return f"highest against lowest {_group(spec.score_groups)}"
    return "SD" if spec.standardised else "unit"


def level_difference(row: pd.Series, scale: Scale, than: str = "") -> str:
    """``"0.69 points lower (−1.33 to −0.05)"``, with ``than`` before the bracket."""
    d = shown_digits(scale.digits, row["estimate"], row["conf_low"], row["conf_high"])
    side = "lower" if row["estimate"] < 0 else "higher"
    return (
        f"{numbers.estimate(abs(row['estimate']), d)} {scale.unit} {side}{than} "
        f"({numbers.interval(row['conf_low'], row['conf_high'], d)})"
    )


def interaction(
    result: Result, study: Study, score: str, adjustment: str, *, interest: float | None = None
) -> str:
    """What the score goes with in change, and how much that is against the average.

    Parameters
    ----------
    interest
        Smallest difference of interest by the last week, in points; a tenth of the average
        improvement if not given. It decides how a null is put.
    """
    row = score_row(result, score, adjustment, "interaction")
    label = score_label(study, score)
    if row is None or not fitted(row):
        return not_fitted(label, adjustment)
    spec, scale, when = result.spec, outcome_scale(study, result.spec.outcome), timing(result)
    along = course(result, study, score, adjustment)
    if excludes_zero(row):
        moved, tail = change_difference(row, spec, scale, along, when)
        held = alike(spec, study, score)
        return f"{per_step(spec, label)}{held}, {scale.noun} {moved}{tail}."
    if interest is None:
        gain = along.improvement if math.isfinite(along.improvement) else along.spread
        interest = _TENTH * gain
    low, high = (when.factor("interaction") * row[c] for c in ("conf_low", "conf_high"))
    d = shown_digits(when.digits("interaction", scale.digits), low, high)
    limits = f"{level_percent(spec)} interval {numbers.interval(low, high, d)} {scale.unit}"
    bound = max(abs(low), abs(high))
    if when.straight:
        limits += " a week"
        bound *= along.span if along.span > 0 else 1.0
        amount = along.by if along.span > 0 else "a week"
    else:
        amount = f"in change {when.over}"
    share = _share(bound, along)
    return _null(
        bound, interest, f"{scale.unit} {amount}",
        step_phrase(spec, label) + alike(spec, study, score),
        (f", {share}" if share else "") + f" ({limits})", scale.digits - 1,
    )  # fmt: skip


def change_difference(
    row: pd.Series, spec: AnalysisSpec, scale: Scale, along: Course, when: Timing, than: str = ""
) -> tuple[str, str]:
    """A difference in change, as two pieces: ``"fell 0.04 points a week more (...)"`` and
    ``", about 0.5 points by week 12, 3 % of the average improvement"``, or where time is no
    straight line ``"fell 0.62 points more from week 0 to week 12 (...)"`` and the share.

    Direction is told along the average course: where symptoms fall on average, a negative
    coefficient is "fell more" and a positive one "fell less".
    """
    b, low, high = (
        when.factor(row["role"]) * row[c] for c in ("estimate", "conf_low", "conf_high")
    )
    average = along.weekly if when.straight else along.change
    falling = average < 0
    if not math.isfinite(average) or average == 0:
        falling = scale.higher_is_worse
    side = "more" if (b < 0) == falling else "less"
    verb = "fell" if falling else "rose"
    if side == "less" and abs(b) > abs(average):
        # The course itself turns round for one step: "more" and "less" would mislead.
        verb, side = "moved", further(b)
    if b < 0:
        low, high = -high, -low
    d = shown_digits(scale.digits, b, low, high)
    unit = f"{scale.unit} a week" if when.straight else scale.unit
    over = "" if when.straight else f" {when.over}"
    moved = (
        f"{verb} {numbers.estimate(abs(b), d)} {unit} {side}{than}{over} "
        f"({level_percent(spec)} interval {numbers.interval(low, high, d)})"
    )
    if when.straight:
        return moved, _by_last_week(b, scale, along)
    share = _share(abs(b), along)
    return moved, f", {share}" if share else ""


def further(b: float) -> str:
    """The side of a difference in change, where the course itself may go either way."""
    return "further downwards" if b < 0 else "further upwards"


def _by_last_week(b: float, scale: Scale, along: Course) -> str:
    if along.span <= 0:
        return ""
    total = abs(b) * along.span
    d = shown_digits(scale.digits - 1, total)
    share = _share(total, along)
    return f", about {numbers.estimate(total, d)} {scale.unit} {along.by}" + (
        f", {share}" if share else ""
    )


def _share(amount: float, along: Course) -> str:
    """An amount of change against the average improvement; empty where meaningless."""
    share = amount / along.improvement if along.improvement > 0 else math.nan
    if not math.isfinite(share) or share > 1:
        return ""
    return f"{numbers.percent(share)} of the average improvement"


def _null(bound: float, interest: float, amount: str, per: str, evidence: str, digits: int) -> str:
    """What an interval that includes zero excludes, or leaves possible.

    The bound is rounded up, so that no more is claimed to be excluded than is.
    """
    digits = shown_digits(digits, bound)
    step = 10.0**-digits
    shown = numbers.estimate(math.ceil(bound / step - 1e-9) * step, digits)
    if math.isfinite(interest) and bound <= interest:
        return f"The data exclude a difference of more than {shown} {amount} per {per}{evidence}."
    return (
        f"The data cannot tell: per {per}, differences up to {shown} {amount} remain possible"
        f"{evidence}."
    )


def excludes_zero(row: pd.Series) -> bool:
    """Whether the interval of a row says on which side of zero its estimate is."""
    return bool(row["conf_low"] > 0 or row["conf_high"] < 0)


def shown_digits(digits: int, *values: float) -> int:
    """``digits``, or more where one of the numbers would be printed as zero."""
    known = [abs(v) for v in values if math.isfinite(v) and v != 0]
    for more in range(3):
        if not known or min(known) >= 0.5 * 10.0 ** -(digits + more):
            return digits + more
    return digits + 2


def not_fitted(label: str, adjustment: str) -> str:
    """The sentence in the place of an estimate that does not exist."""
    of = f" of {label}" if label else ""
    return f"The {adjustment} model{of} could not be fitted, so there is no estimate."
