"""What a reader should know about the columns of a model that was nevertheless fitted.

Findings name columns and count people; they never hold a person's value.
"""

from __future__ import annotations

import numpy as np

from pgsicbt.models.formula.model_frame import INTERCEPT, People
from pgsicbt.result import Array
from pgsicbt.study import Finding

_FEW = 2  # a level, or a change within people, that only so many people have is named
_SPREAD = 1e4  # of a random term against the intercept's one, or its inverse
_FAR = 1e3  # mean of a random term in units of its spread


def _warning(code: str, message: str, column: str) -> Finding:
    return Finding(code, "warning", message, column=column)


def missing_findings(count: int) -> list[Finding]:
    """How many rows a missing value took away."""
    if not count:
        return []
    rows = "1 row is" if count == 1 else f"{count} rows are"
    message = f"{rows} left out, as a value is missing in a column of the model."
    return [Finding("rows_left_out", "info", message)]


def scale_findings(names: tuple[str, ...], basis: Array) -> list[Finding]:
    """Random terms whose unit or origin makes the numbers hard to read.

    The fit does not depend on either, as it works on columns of equal size.
    """
    found = []
    for name, column in zip(names, basis.T, strict=True):
        spread = float(column.std())
        if spread == 0.0:
            continue
        if not 1.0 / _SPREAD <= spread <= _SPREAD:
            size = "large" if spread > 1 else "small"
            found.append(
                _warning(
                    "scale",
                    f"The values of {name!r} are very {size}, so that effects per unit of it are "
                    "very unlike the others: results hold, but another unit, such as weeks, would "
                    "be easier to read.",
                    name,
                )
            )
        if abs(float(column.mean())) > _FAR * spread:
            found.append(
                _warning(
                    "origin",
                    f"The values of {name!r} lie far from zero, where the intercept and the main "
                    "effects are: count it from the start of treatment.",
                    name,
                )
            )
    return found


def dropped_findings(
    names: tuple[str, ...], design: Array, dropped: tuple[str, ...]
) -> list[Finding]:
    """Why each column was left out: constant, a copy of another, or determined by several."""
    found = []
    for name in dropped:
        column = design[:, names.index(name)]
        if not column.any():
            why = "it is zero throughout"
        elif np.ptp(column) <= 1e-12 * float(np.abs(column).max()):
            why = "it is constant, as the intercept is"
        else:
            why = "earlier columns determine it"
            for other, values in zip(names, design.T, strict=True):
                if other == name:
                    break
                if other != INTERCEPT and np.array_equal(values, column):
                    why = f"it equals {other!r}"
                    break
        found.append(_warning("column_dropped", f"The column {name!r} is left out: {why}.", name))
    return found


def rare_findings(names: tuple[str, ...], design: Array, people: People) -> list[Finding]:
    """Columns that rest on one or two people.

    A level that only so many people have or lack, or a column that is constant within everybody
    else. Products such as ``time:x`` are not named again where a column before them was.
    """
    if people.n <= 2 * _FEW:
        return []
    found: list[Finding] = []
    named: set[tuple[int, ...]] = set()
    for name, column in zip(names, design.T, strict=True):
        changing = np.flatnonzero(people.changing(column))
        who, code, what = changing, "varies_in_few", "changes over visits in"
        apart = column != np.median(column)
        if 0 < 2 * int(apart.sum()) < len(column):
            unusual = np.flatnonzero(np.bincount(people.code[apart]))
            if len(unusual) <= _FEW:
                who, code, what = unusual, "rare_level", "takes another value than its usual one in"
        if not 0 < len(who) <= _FEW or tuple(who) in named:
            continue
        named.add(tuple(who))
        count = "one person" if len(who) == 1 else f"{len(who)} people"
        found.append(
            _warning(
                code,
                f"The column {name!r} {what} only {count}, so its effect rests on them alone.",
                name,
            )
        )
    return found
