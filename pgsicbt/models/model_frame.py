"""From a formula and a frame to numbers, with what is wrong named by column."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from formulaic import model_matrix
from formulaic.errors import FormulaicError
from numpy.typing import NDArray

from pgsicbt.errors import DataError, SpecError
from pgsicbt.models.lmm import independent_columns
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


def check_random(names: tuple[str, ...], basis: Array, code: NDArray[np.intp]) -> None:
    """Every random term must change within people, and none follow from the others.

    Parameters
    ----------
    names, basis
        Names of the q columns (n, q), all finite.
    code
        (n,) integer codes 0 .. N - 1 of persons.

    Raises
    ------
    SpecError
        If a column, which is named, is no function of visits or others determine it.
    """
    for name, column in zip(names, basis.T, strict=True):
        if np.ptp(column) > 0 and not changes_within(column, code).any():
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


def changes_within(column: Array, code: NDArray[np.intp]) -> NDArray[np.bool_]:
    """(N,) whether a column takes several values within each person, beyond rounding."""
    n = int(code.max()) + 1
    low, high = np.full(n, np.inf), np.full(n, -np.inf)
    np.minimum.at(low, code, column)
    np.maximum.at(high, code, column)
    return np.asarray(high - low > 1e-12 * max(1e-300, float(np.abs(column).max())))
