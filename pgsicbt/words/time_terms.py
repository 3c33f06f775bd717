"""Columns of time where it is no straight line: what they are called and what they mean."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from pgsicbt.models.grid.time_coding import time_part
from pgsicbt.result import Result
from pgsicbt.study import Study
from pgsicbt.words import numbers
from pgsicbt.words.scale import Scale, score_row
from pgsicbt.words.sentences import (
    excludes_zero,
    further,
    not_fitted,
    score_label,
    shown_digits,
)
from pgsicbt.words.timing import Timing, timing

_DOUBLING = math.log(2.0)
_TOGETHER = "the parts are read together, see the figure"


@dataclass(frozen=True)
class Piece:
    """One column of time, or of its product with something else.

    ``kind`` is how it is read: a rate, a bend between two rates, a level of its own, or a part of
    a curve that means nothing by itself. ``quantity`` is what differs, ``when`` where it applies,
    ``factor`` turns the coefficient into what is said.
    """

    kind: Literal["rate", "bend", "level", "curve"]
    name: str
    quantity: str = ""
    when: str = ""
    pace: str = ""
    factor: float = 1.0


def piece(term: str, when: Timing) -> Piece:
    """What the time column in a term stands for."""
    basis = when.basis
    j = time_part(basis, term)[0] or 0
    if basis.coding == "log":
        doubling = "with every doubling of week + 1"
        return Piece(
            "rate", "log(week + 1)", f"change {doubling}", doubling, factor=_DOUBLING
        )  # fmt: skip
    if basis.coding == "piecewise":
        knot = f"week {numbers.week(basis.knots[0])}"
        kind: Literal["rate", "bend"] = "rate" if j == 0 else "bend"
        name, quantity, at = (
            (f"slope up to {knot}", f"change up to {knot}", f"up to {knot}")
            if j == 0
            else (f"change of slope at {knot}", f"bend at {knot}", f"at {knot}")
        )
        return Piece(kind, name, quantity, at, " a week", 1.0 / basis.unit)
    if basis.coding == "categorical":
        levels = [level for level in basis.levels if level != basis.origin]
        week = f"week {numbers.week(levels[j])}"
        return Piece("level", week, f"difference between {week} and {when.reference}", week)
    if basis.coding == "spline":
        return Piece("curve", f"curve, part {j + 1}", when=f"part {j + 1}")
    return Piece("rate", "time", pace=" a week", factor=1.0 / basis.unit)


def about_average(part: Piece, row: pd.Series, scale: Scale, when: Timing, level: str) -> str:
    """What a column of time says of the course itself, without a subject or full stop."""
    if part.kind == "curve":
        return f"{part.when} of the curve over the weeks; {_TOGETHER}"
    if not excludes_zero(row):
        return f"the data show no clear {part.quantity} {_limits(part, row, scale, level)}"
    return _statement(part, row, scale, when, level, "", compared=False)


def about_difference(
    part: Piece,
    row: pd.Series,
    scale: Scale,
    when: Timing,
    level: str,
    subject: str,
    between: str,
    than: str = "",
) -> str:
    """What a column of time x something says of the difference in course, as a sentence.

    Parameters
    ----------
    subject, between, than
        Who is compared: ``"In men"``, ``"between men and women"``, ``" than in women"``; or
        ``"Per unit of PC1"``, ``"per unit of PC1"`` and nothing.
    """
    if part.kind == "curve":
        first = part.when[0].upper() + part.when[1:]
        return f"{first} of the difference in the curve {between}; {_TOGETHER}."
    if not excludes_zero(row):
        what = f"the {part.quantity}" if part.kind == "bend" else part.quantity
        if part.kind == "level":
            what = f"how far {part.when} stands from {when.reference}"
        return (
            f"The data show no clear difference in {what} {between} "
            f"{_limits(part, row, scale, level)}."
        )
    return f"{subject}, {_statement(part, row, scale, when, level, than, compared=True)}."


def _limits(part: Piece, row: pd.Series, scale: Scale, level: str) -> str:
    low, high = (part.factor * row[c] for c in ("conf_low", "conf_high"))
    digits = shown_digits(scale.digits + (1 if part.pace else 0), low, high)
    return f"({level} interval {numbers.interval(low, high, digits)} {scale.unit}{part.pace})"


def _statement(
    part: Piece,
    row: pd.Series,
    scale: Scale,
    when: Timing,
    level: str,
    than: str,
    *,
    compared: bool,
) -> str:
    b, low, high = (part.factor * row[c] for c in ("estimate", "conf_low", "conf_high"))
    d = shown_digits(scale.digits, b, low, high)
    amount = f"{numbers.estimate(abs(b), d)} {scale.unit}{part.pace}"
    if part.kind == "level":
        return (
            f"{scale.noun} in {part.when} stood {amount} {'lower' if b < 0 else 'higher'}{than}, "
            f"relative to {when.reference} ({level} interval {numbers.interval(low, high, d)})"
        )
    if b < 0:
        low, high = -high, -low
    interval = f"({level} interval {numbers.interval(low, high, d)})"
    if part.kind == "bend":
        side = further(b) if compared else further(b).removeprefix("further ")
        return f"the slope of {scale.noun} turned {amount} {side}{than} {part.when} {interval}"
    if compared:
        return f"{scale.noun} moved {amount} {further(b)}{than} {part.when} {interval}"
    return f"{scale.noun} {'fell' if b < 0 else 'rose'} {amount} {part.when} {interval}"


def joint(result: Result, study: Study, score: str, adjustment: str) -> str:
    """Whether courses differ with the score anywhere on the way.

    Empty where no such test was made, and where time has one column, so that it would be the
    test of change once more. Where the two seem to contradict each other, the sentence says why.
    """
    row = score_row(result, score, adjustment, "joint")
    if row is None or row["status"] == "failed" or columns_tested(result, row) < 2:
        return ""
    label = score_label(study, score)
    several = len(result.spec.scores) > 1 and result.spec.multiplicity != "none"
    test = joint_test(row, columns_tested(result, row))
    test += ", not corrected for several scores" if several else ""
    change = score_row(result, score, adjustment, "interaction")
    clear = change is not None and excludes_zero(change)
    if row["p_value"] < 1 - result.spec.confidence:
        but = "" if clear else ", if not clearly between the first and the last"
        return (
            f"Looking at all weeks together, the course over the weeks differs with {label}{but} "
            f"({test})."
        )
    but = (
        " Asking for differences of every form at once, this test is weaker than the one of change."
        if clear
        else ""
    )
    return (
        "Looking at all weeks together, there is no clear sign that the course differs with "
        f"{label} anywhere on the way ({test}).{but}"
    )


def columns_of_time(result: Result) -> int:
    """How many columns describe the course over the weeks."""
    return len(timing(result).basis.names)


def columns_tested(result: Result, row: pd.Series) -> int:
    """How many coefficients the joint test of one score and model is about."""
    own = result.table[
        (result.table["score"] == row["score"]) & (result.table["model"] == row["model"])
    ]
    groups = int((own["role"] == "group_change").sum())
    return columns_of_time(result) + groups


def joint_test(row: pd.Series, columns: int) -> str:
    """The joint test itself: ``"F = 3.21 on 3 and 2,400 degrees of freedom, p = .022"``."""
    p = numbers.equation("p", row["p_value"])
    if not math.isfinite(row["df"]):
        chi = numbers.estimate(columns * row["statistic"])
        return f"chi-square = {chi} on {columns} degrees of freedom, {p}"
    value = numbers.estimate(row["statistic"])
    return f"F = {value} on {columns} and {numbers.count(row['df'])} degrees of freedom, {p}"


def joint_value(row: pd.Series) -> str:
    """What stands in the place of the estimate in the row of the joint test."""
    if not math.isfinite(row["statistic"]):
        return numbers.MISSING
    return f"F = {numbers.estimate(row['statistic'])}"


def joint_row(row: pd.Series, result: Result, study: Study) -> str:
    """A sentence for the row of the joint test, whatever the coding."""
    if row["status"] == "failed":
        return not_fitted(score_label(study, str(row["score"])), str(row["model"]))
    said = joint(result, study, str(row["score"]), str(row["model"]))
    return said or f"With one column of time this is the test of change: {joint_test(row, 1)}."
