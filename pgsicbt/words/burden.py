"""Symptom burden and scores at chosen weeks, by level of a score, in words."""

from __future__ import annotations

from pgsicbt.meaning.burden import Burden
from pgsicbt.result import Result
from pgsicbt.study import Study
from pgsicbt.words import numbers
from pgsicbt.words.scale import outcome_scale
from pgsicbt.words.sentences import level_percent, score_label


def _level(level: float) -> str:
    return "average" if level == 0 else f"{'+' if level > 0 else numbers.MINUS}{abs(level):g} SD"


def burden_sentence(study: Study, result: Result, found: Burden) -> str:
    """The difference in burden between the highest and the lowest level."""
    label, scale = score_label(study, found.score), outcome_scale(study, result.spec.outcome)
    row = found.area_gap.iloc[0]
    low, high = (found.levels[i] for i in (0, -1))
    weeks = f"from week {numbers.week(found.first_week)} to week {numbers.week(found.last_week)}"
    side = "fewer" if row["estimate"] < 0 else "more"
    d = scale.digits
    if row["conf_low"] <= 0 <= row["conf_high"]:
        start = f"Over all weeks {weeks} together, the burden of symptoms does not tell apart "
        return (
            f"{start}people at {_level(low)} and at {_level(high)} of {label}: "
            f"{numbers.estimate(row['estimate'], 1)} {scale.unit} x weeks "
            f"({level_percent(result.spec)} interval "
            f"{numbers.interval(row['conf_low'], row['conf_high'], 1)})."
        )
    return (
        f"Over all weeks {weeks} together, people at {_level(high)} of {label} carry "
        f"{numbers.estimate(abs(row['estimate']), 1)} {scale.unit} x weeks {side} than people at "
        f"{_level(low)} ({level_percent(result.spec)} interval "
        f"{numbers.interval(row['conf_low'], row['conf_high'], 1)}), on average "
        f"{numbers.estimate(abs(row['mean']), d)} {scale.unit} in every week."
    )


def burden_rows(study: Study, result: Result, found: Burden) -> list[list[str]]:
    """Cells: a moment, the value at each level, and highest less lowest with its p value."""
    digits = outcome_scale(study, result.spec.outcome).digits
    rows: list[list[str]] = []
    for gap in found.week_gaps.to_dict("records"):
        at = found.weeks[found.weeks["week"] == gap["week"]].sort_values("level")
        cells = [_cell(r, "estimate", "conf_low", "conf_high", 1) for r in at.to_dict("records")]
        rows.append(
            [f"Week {numbers.week(float(gap['week']))}", *cells,
             _cell(gap, "estimate", "conf_low", "conf_high", digits),
             numbers.p_value(float(gap["p_value"]))]
        )  # fmt: skip
    areas = found.areas.sort_values("level").to_dict("records")
    gap = found.area_gap.to_dict("records")[0]
    p = numbers.p_value(float(gap["p_value"]))
    for title, names, digits_each, digits_gap in (
        ("Mean of all weeks", ("mean", "mean_low", "mean_high"), 1, digits),
        ("Area, points x weeks", ("area", "area_low", "area_high"), 0, 1),
    ):
        of_gap = names if title.startswith("Mean") else ("estimate", "conf_low", "conf_high")
        each = (_cell(row, *names, digits_each) for row in areas)
        rows.append([title, *each, _cell(gap, *of_gap, digits_gap), p])
    return rows


def burden_levels(found: Burden) -> list[str]:
    """The levels as headings, lowest first."""
    return [_level(level) for level in sorted(found.levels)]


def _cell(row: dict[object, object], value: str, low: str, high: str, digits: int) -> str:
    estimate, lower, upper = (float(row[c]) for c in (value, low, high))  # type: ignore[arg-type]
    span = numbers.interval(lower, upper, digits)
    return f"{numbers.estimate(estimate, digits)} ({span})"
