"""From a formula and a frame to numbers, with what is wrong named by column."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from formulaic import model_matrix
from formulaic.errors import FormulaicError
from numpy.typing import NDArray

from pgsicbt.errors import DataError, FitError, SpecError
from pgsicbt.models.engine.lmm import independent_columns
from pgsicbt.result import Array

INTERCEPT = "(Intercept)"


def term_names(frame: pd.DataFrame) -> tuple[str, ...]:
    """Names of the columns as R writes the intercept."""
    return tuple(INTERCEPT if c == "Intercept" else str(c) for c in frame.columns)


def fixed_part(formula: str, frame: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Columns of X and y (one column), without rows that miss a value in either.

    Raises
    ------
    SpecError
        If the formula cannot be read, has no outcome or names a column that is not there.
    DataError
        If the outcome is not one numeric column.
    """
    both = _matrix(formula, frame, f"The formula {formula!r} cannot be read.")
    if not (hasattr(both, "lhs") and hasattr(both, "rhs")):
        raise SpecError(f"The formula {formula!r} has no outcome.", 'Write it as in "y ~ time".')
    y, x = pd.DataFrame(both.lhs), pd.DataFrame(both.rhs)
    if y.shape[1] != 1:
        raise DataError("The outcome of the formula must be one numeric column.")
    return x, y


def random_part(random: str, frame: pd.DataFrame) -> pd.DataFrame | None:
    """Columns of Z without rows that miss a value, or None for ``"0"``.

    Raises
    ------
    SpecError
        If it cannot be read, names a column that is not there or has more than three columns.
    """
    if random.strip() == "0":
        return None
    said = f"The random part {random!r} cannot be read."
    if "|" in random or "~" in random:
        raise SpecError(
            said, 'Name its terms only, such as "1 + time"; correlated=False leaves out the rest.'
        )
    z = pd.DataFrame(_matrix(random, frame, said))
    if z.shape[1] > 3:
        raise SpecError(
            f"The random part has {z.shape[1]} columns.", "At most three can be estimated."
        )
    return z


def _matrix(formula: str, frame: pd.DataFrame, said: str) -> Any:
    try:
        with np.errstate(invalid="ignore"):  # zero times infinity; finite_numbers names it
            return model_matrix(formula, frame, na_action="drop")
    except (FormulaicError, NameError, KeyError, SyntaxError, AttributeError, TypeError) as error:
        raise SpecError(said, f"Check its names and signs ({type(error).__name__}).") from None


def finite_numbers(frame: pd.DataFrame) -> Array:
    """The values (n, columns).

    Raises
    ------
    DataError
        If a column, which is named, holds anything but finite numbers.
    """
    values = frame.to_numpy(dtype=float)
    bad = ~np.isfinite(values).all(axis=0)
    if bad.any():
        column = str(frame.columns[int(np.argmax(bad))])
        raise DataError(
            f"The column {column!r} holds values that are not finite numbers.",
            "Correct them or leave them empty.",
            code="not_finite",
            column=column,
        )
    return values


class People:
    """Rows by person, for questions on what changes within people.

    Parameters
    ----------
    code
        (n,) integer codes 0 .. N - 1 of persons in any order; every code occurs.
    """

    def __init__(self, code: NDArray[np.intp]) -> None:
        self.code = code
        self._order = None if (np.diff(code) >= 0).all() else np.argsort(code, kind="stable")
        counts = np.bincount(code)
        self.n, self.most_visits = len(counts), int(counts.max())
        self._starts = np.r_[0, np.cumsum(counts)[:-1]]

    def changing(self, column: Array) -> NDArray[np.bool_]:
        """(N,) whether a column (n,) takes several values within a person, beyond rounding."""
        values = column if self._order is None else column[self._order]
        high = np.maximum.reduceat(values, self._starts)
        low = np.minimum.reduceat(values, self._starts)
        return np.asarray(high - low > 1e-12 * max(1e-300, float(np.abs(column).max())))


def check_random(names: tuple[str, ...], basis: Array, people: People) -> None:
    """Every random term must change within people, and none follow from the others.

    Parameters
    ----------
    names, basis
        Names of the q columns (n, q), all finite.

    Raises
    ------
    FitError
        If nobody has two visits.
    SpecError
        If a column, which is named, is no function of visits or others determine it.
    """
    if people.most_visits < 2:
        raise FitError(
            "People have too few visits, one each, to tell them from noise.",
            'Name the column of persons in groups, or use random="0".',
            code="too_few_visits",
        )
    for name, column in zip(names, basis.T, strict=True):
        if np.ptp(column) > 0 and not people.changing(column).any():
            raise SpecError(
                f"The random term {name!r} never changes within a person.",
                "Random terms are functions of visits, such as time; put a person's own "
                "characteristic into the fixed part.",
            )
    keep = independent_columns(basis.T @ basis)
    for k, name in enumerate(names):
        if k not in keep:
            raise SpecError(
                f"The random term {name!r} is constant or follows from the others.",
                "Leave it out of the random part.",
            )


def person_weights(column: pd.Series[float], code: NDArray[np.intp], name: str) -> Array:
    """One weight per person (N,) from a column that repeats it in every row.

    Raises
    ------
    DataError
        If weights are not finite, negative, differ within a person or are all zero.
    """
    values = finite_numbers(column.to_frame())[:, 0]
    first = np.zeros(int(code.max()) + 1)
    first[code] = values
    if (values < 0).any() or not np.array_equal(first[code], values):
        raise DataError(
            f"The weights in the column {name!r} must not be negative nor differ within a person.",
            "Give each person one weight, repeated in all rows.",
            code="weights",
            column=name,
        )
    if not first.any():
        raise DataError(
            f"The weights in the column {name!r} are all zero.", code="weights", column=name
        )
    return first
