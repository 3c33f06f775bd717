"""Power and sizes of studies with this cohort's precision: curves, and people needed.

The variance of an effect falls with the number of people, all else equal: a study of n people with
the visits, the drop-out and the covariates of this cohort has the fitted variance times N / n, and
with other visits that times their relative variance (:mod:`pgsicbt.power.visits`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from pgsicbt.errors import FitError, SpecError
from pgsicbt.power.detectable import POWERS, detectable
from pgsicbt.power.noncentral import power_of, smallest
from pgsicbt.power.visits import Visits, relative_variance
from pgsicbt.result import Array, Result
from pgsicbt.study import Study

MOST_PEOPLE = 5_000_000
"""No study is told to be larger than that."""


@dataclass(frozen=True)
class Precision:
    """How precisely one effect of one score is known, and would be in other studies.

    Parameters
    ----------
    about
        ``severity``, ``change`` or ``outcome``.
    estimate, std_error, df
        Of the fitted model, per +1 SD of the score in ``unit``.
    n_persons
        People of that model.
    alpha, alpha_family
        Level of one test, and of the strictest test of its family.
    factor
        Variance with the visits planned over that with the cohort's own.
    """

    score: str
    adjustment: str
    about: str
    unit: str
    estimate: float
    std_error: float
    df: float
    n_persons: int
    alpha: float
    alpha_family: float
    factor: float = 1.0
    visits: Visits = field(default_factory=Visits)

    def error(self, people: float | None = None) -> float:
        """Standard error in a study of ``people`` (as many as here if None)."""
        n = self.n_persons if people is None else people
        return self.std_error * math.sqrt(self.factor * self.n_persons / n)

    def freedom(self, people: float | None = None) -> float:
        """Degrees of freedom in a study of ``people``: in proportion."""
        n = self.n_persons if people is None else people
        return self.df * n / self.n_persons

    def power(
        self,
        effects: Sequence[float] | Array | float,
        *,
        people: float | None = None,
        alpha: float | None = None,
    ) -> Array:
        """Power to find true effects, in the shape of ``effects``."""
        level = self.alpha if alpha is None else alpha
        return power_of(np.asarray(effects), self.error(people), self.freedom(people), level)

    def smallest(
        self, power: float, *, people: float | None = None, alpha: float | None = None
    ) -> float:
        """Smallest effect found with a given power."""
        level = self.alpha if alpha is None else alpha
        return smallest(self.error(people), self.freedom(people), level, power)

    def people(self, effect: float, power: float, *, alpha: float | None = None) -> float:
        """People needed to find an effect with a given power; infinite beyond five millions."""
        if not (math.isfinite(effect) and effect != 0):
            return math.inf
        level = self.alpha if alpha is None else alpha
        low, high = 1, MOST_PEOPLE
        if self.power(effect, people=high, alpha=level) < power:
            return math.inf
        while high - low > 1:  # the power rises with people
            middle = (low + high) // 2
            if self.power(effect, people=middle, alpha=level) < power:
                low = middle
            else:
                high = middle
        return float(high)


def precision(
    study: Study,
    result: Result,
    score: str,
    adjustment: str,
    about: str,
    visits: Visits | None = None,
) -> Precision:
    """The precision of one effect of a fitted analysis, with its own visits or others.

    Raises
    ------
    SpecError
        If there is no such effect, or the analysis has groups of scores.
    FitError
        If the model was not fitted, or the visits cannot tell change.
    """
    rows = detectable(study, result)
    rows = rows[(rows["score"] == score) & (rows["model"] == adjustment) & (rows["about"] == about)]
    if rows.empty:
        raise SpecError(
            f"There is no effect of {score or 'a score'} on {about} in the {adjustment} models.",
            f"Choose one of: {', '.join(dict.fromkeys(detectable(study, result)['about']))}.",
        )
    row = rows.iloc[0]
    if not math.isfinite(float(row["smallest_80"])):
        raise FitError(
            f"The {adjustment} model of {score} was not fitted, so its power is not known.",
            "Choose another score or model.",
        )
    planned = Visits() if visits is None else visits
    factor = 1.0
    if not planned.own:
        if result.spec.family != "lmm":
            raise SpecError(
                "Other visits are worked out for linear mixed models only.",
                "Choose the mixed model, or keep the cohort's own visits.",
            )
        factor = relative_variance(study, result, score, adjustment, planned)[about]
    return Precision(
        score, adjustment, about, str(row["unit"]), float(row["estimate"]),
        float(row["std_error"]), float(row["df"]), int(row["n_persons"]), float(row["alpha"]),
        float(row["alpha_family"]), factor, planned,
    )  # fmt: skip


def power_curve(
    known: Precision, *, people: float | None = None, effects: Sequence[float] | None = None
) -> pd.DataFrame:
    """Power against the true effect.

    Returns
    -------
    DataFrame
        ``effect`` (per +1 SD of the score, as an amount without direction), ``power`` of one
        test and ``power_family`` of the strictest of its family.
    """
    if effects is None:
        top = 1.35 * known.smallest(0.9, people=people, alpha=known.alpha_family)
        effects = [float(x) for x in np.linspace(0.0, top, 61)]
    return pd.DataFrame(
        {
            "effect": effects,
            "power": known.power(effects, people=people),
            "power_family": known.power(effects, people=people, alpha=known.alpha_family),
        }
    )


def size_curve(known: Precision, effect: float, sizes: Sequence[float]) -> pd.DataFrame:
    """Power to find one effect against the number of people.

    Returns
    -------
    DataFrame
        ``people``, ``power`` and ``power_family``.
    """
    rows = [
        (n, float(known.power(effect, people=n)),
         float(known.power(effect, people=n, alpha=known.alpha_family)))
        for n in sizes
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["people", "power", "power_family"])


__all__ = [
    "MOST_PEOPLE",
    "POWERS",
    "Precision",
    "power_curve",
    "precision",
    "size_curve",
]
