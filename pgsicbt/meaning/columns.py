"""Columns of people: covariates of a model, and each person's own slope."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pgsicbt.disclosure import MINIMUM_CELL
from pgsicbt.errors import FitError
from pgsicbt.models.grid.design import covariate_columns
from pgsicbt.models.grid.people import analysis_sample
from pgsicbt.models.grid.sample import Sample
from pgsicbt.result import Array
from pgsicbt.spec import Adjustment, AnalysisSpec
from pgsicbt.study import Study

_FOR_A_SLOPE = 3


def own_slopes(study: Study, spec: AnalysisSpec, index: pd.Index[str]) -> Array:
    """Least-squares slope a week (N,) of the people of ``index``, over the weeks of the analysis.

    NaN for people with fewer than three visits or visits of one week only.
    """
    sample = analysis_sample(study, spec)
    every = _slopes(sample.code, sample.time, sample.value, len(sample.persons))
    return np.asarray(pd.Series(every, sample.persons.index).reindex(index).to_numpy(float))


def _slopes(code: NDArray[np.intp], time: Array, value: Array, n: int) -> Array:
    """Least-squares slope of each person; NaN for fewer than three visits or one week."""

    def total(x: Array) -> Array:
        return np.asarray(np.bincount(code, x, n))

    visits = total(np.ones(len(code)))
    with np.errstate(divide="ignore", invalid="ignore"):
        t = time - (total(time) / visits)[code]
        spread = total(t * t)
        slope = total(t * value) / spread
    return np.where((visits >= _FOR_A_SLOPE) & (spread > 1e-9), slope, np.nan)


@dataclass(frozen=True)
class Columns:
    """Columns of people: ``names`` and ``values`` (N, p), the first is the constant 1."""

    names: tuple[str, ...]
    values: Array


def person_columns(
    study: Study, spec: AnalysisSpec, sample: Sample, adjustment: Adjustment
) -> Columns:
    """The covariates and components of a model as columns of people; crude has none.

    Columns that do not vary, or that earlier ones determine, are left out.
    """
    names, columns = ["(Intercept)"], [np.ones(len(sample.persons))]
    if adjustment != "crude":
        for name in (*spec.covariates, *spec.components):
            for column, values in covariate_columns(sample, study.covariate(name)):
                names.append(column)
                columns.append(values)
    x = np.column_stack(columns)
    kept = independent(x)
    return Columns(tuple(names[j] for j in kept), x[:, kept])


def independent(x: Array) -> list[int]:
    """Positions of the columns of ``x`` (N, p) that earlier ones do not determine."""
    kept: list[int] = []
    basis: list[Array] = []
    for j in range(x.shape[1]):
        column = x[:, j].astype(float)
        size = float(np.linalg.norm(column))
        for _ in range(2):  # twice, for the rounding of the first pass
            for q in basis:
                column = column - (q @ column) * q
        rest = float(np.linalg.norm(column))
        if size > 0 and rest > 1e-8 * size:
            kept.append(j)
            basis.append(column / rest)
    return kept


def enough(n: int, columns: int, what: str) -> None:
    """Refuse a regression with hardly more people than columns.

    Raises
    ------
    FitError
        If fewer than ten people are left beyond the columns.
    """
    if n - columns < 10:
        who = f"{n} people" if n >= MINIMUM_CELL else f"Fewer than {MINIMUM_CELL} people"
        many = f"{columns} coefficients" if columns > 1 else "a regression"
        raise FitError(
            f"{who} with {what} are too few for {many}.",
            "Choose fewer covariates or a wider window after treatment.",
            code="too_few_people",
        )
