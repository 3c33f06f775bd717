"""One term of a mixed model for shifted outcomes, without building its design again.

Completed data sets differ in the outcome only, and a shift adds delta times the same column d to
it. So people's cross-products with X and Z are formed once, those with the outcome of each set and
with d once more, and every delta is a sum: Z'(y + delta d) = Z'y + delta Z'd, likewise X'y and y'y.
What is left of an analysis is the search for the variances, which starts where the last one ended.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy.linalg import solve_triangular

from pgsicbt.models.engine.crossproducts import CrossProducts
from pgsicbt.models.engine.inference import contrasts
from pgsicbt.models.engine.lmm import fit_lmm
from pgsicbt.models.engine.threads import one_thread
from pgsicbt.models.fit import fit
from pgsicbt.models.grid.ladder import rung
from pgsicbt.models.grid.rebuild import one_cell, one_score_at_a_time
from pgsicbt.models.grid.rows import change_row
from pgsicbt.result import Array, ModelFit
from pgsicbt.robustness.imputation import Imputations
from pgsicbt.robustness.rubin import Pooled, pool
from pgsicbt.spec import AnalysisSpec


@dataclass(frozen=True)
class _Outcome:
    """Products of one outcome column y: X'y (p,), Z'y (r, N), y'y."""

    fixed: Array
    random: Array
    squared: float

    def moved(self, shift: _Outcome, across: float, delta: float) -> _Outcome:
        """Those of y + delta d, with ``across`` = d'y."""
        return _Outcome(
            self.fixed + delta * shift.fixed,
            self.random + delta * shift.random,
            self.squared + 2 * delta * across + delta**2 * shift.squared,
        )


class QuickTerm:
    """The change that goes with one score, joined over completed data sets, for any delta."""

    def __init__(
        self, base: CrossProducts, model: ModelFit, row: Array, spec: AnalysisSpec
    ) -> None:
        self.base, self.model, self.row, self.spec = base, model, row, spec
        self.sets: list[_Outcome] = []
        self.across: list[float] = []
        self.shift = _Outcome(np.zeros(0), np.zeros(0), 0.0)
        self.starts: list[Array | None] = []

    def at(self, delta: float, tick: Callable[[], None]) -> Pooled:
        """The joined term (one row) for one delta; ``tick`` is called after each data set."""
        here = rung(self.model.random_used)
        found = []
        for j, own in enumerate(self.sets):
            cp = self._with(own.moved(self.shift, self.across[j], delta))
            with one_thread():
                made = fit_lmm(
                    cp, q=here.q, correlated=here.correlated, reml=self.spec.reml,
                    start=self.starts[j],
                )  # fmt: skip
            self.starts[j] = made.relative
            c = contrasts(made.fixed, self.row, df=self.spec.df, confidence=self.spec.confidence)
            found.append((c.estimate[0], c.std_error[0], c.df[0]))
            tick()
        numbers = np.array(found)
        return pool(numbers[:, [0]], numbers[:, [1]], numbers[:, [2]].mean(axis=0))

    def _with(self, outcome: _Outcome) -> CrossProducts:
        """The cross-products with another outcome."""
        base, p = self.base, len(self.base.names)
        cross, pooled = base.cross.copy(), base.pooled.copy()
        cross[:, :, p] = outcome.random
        pooled[:p, p] = pooled[p, :p] = outcome.fixed
        pooled[p, p] = outcome.squared
        factor = None
        if base.root is not None:
            root = base.root.copy()
            root[:p, p] = solve_triangular(root[:p, :p], outcome.fixed, trans="T")
            rest = outcome.squared - float(root[:p, p] @ root[:p, p])
            if rest > 0:
                root[p, p] = np.sqrt(rest)
                factor = (root, pooled)
        return replace(base, cross=cross, pooled=pooled, factor=factor)


def quick_term(imputations: Imputations, spec: AnalysisSpec, unit: Array) -> QuickTerm | None:
    """The term of a spec of one score and model, or None where it must be worked out the long way.

    Parameters
    ----------
    unit
        (d,) what a delta of one adds to each filled-in visit.
    """
    long_way = spec.df == "kenward-roger" or spec.errors != "model"
    if long_way or not one_score_at_a_time(spec) or len(spec.scores) != 1:
        return None
    score, adjustment = spec.scores[0], spec.adjustments[0]
    first = imputations.completed(0)
    result = fit(first, spec)
    people, model = one_cell(first, result, score, adjustment)
    terms = people.design.score_terms(score)
    row = change_row(model, terms)
    if any(t.role == "interaction" for t in terms):  # a straight line: change per unit of time
        row = np.zeros(len(model.fixed.names))
        row[model.fixed.names.index(next(t.name for t in terms if t.role == "interaction"))] = 1.0
    sample, missed = imputations.sample, imputations.missed
    known = sample.persons[score].notna().to_numpy(bool)
    kept = known[np.append(sample.code, missed.code)]
    values = [np.append(sample.value, v)[kept] for v in imputations.values]
    if len(values[0]) != len(people.sample.value) or (values[0] != people.sample.value).any():
        return None
    x, z = people.columns(model), people.design.basis
    order = np.argsort(people.sample.code, kind="stable")
    starts = np.flatnonzero(np.diff(people.sample.code[order], prepend=-1))

    def products(y: Array) -> _Outcome:
        per_person = np.add.reduceat((z * y[:, None])[order], starts, axis=0)
        return _Outcome(x.T @ y, np.ascontiguousarray(per_person.T), float(y @ y))

    made = QuickTerm(people.cell(model), model, row, spec)
    d = np.append(np.zeros(len(sample.value)), unit)[kept]
    made.shift = products(d)
    made.sets = [products(y) for y in values]
    made.across = [float(d @ y) for y in values]
    made.starts = [model.random_covariance / model.residual_variance] * len(values)
    return made
