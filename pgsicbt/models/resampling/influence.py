"""How much the result of a fitted cell depends on single people, by leaving each out in turn.

For each person i the model is fitted without all visits of i (:mod:`.reweighting`).
With b and C the estimates and their covariance with everybody and b_(i) those without i,

    change of a coefficient, in its standard error    (b_(i) - b)_j / sqrt(C_jj)
    Cook's distance                                   (b_(i) - b)' C^-1 (b_(i) - b) (N - p) / (N p)

(Cook 1977, Technometrics 19:15; Belsley, Kuh & Welsch 1980, Regression Diagnostics; for mixed
models Demidenko & Stukel 2005, Stat Med 24:893). Cook's distance is that of
``cooks.distance(influence(model, groups = ))`` of lme4, N people in the place of rows. The values
of single people stay in memory; what may be shown is in :meth:`Influence.summary` and
:meth:`Influence.aggregates`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pgsicbt.disclosure import MINIMUM_CELL, suppress_small
from pgsicbt.errors import FitError
from pgsicbt.models.engine.crossproducts import CrossProducts
from pgsicbt.models.engine.lmm import LmmFit, fit_lmm
from pgsicbt.models.engine.threads import one_thread
from pgsicbt.models.grid.cell_tests import cell_tests
from pgsicbt.models.grid.ladder import rung
from pgsicbt.models.grid.rebuild import one_cell
from pgsicbt.models.resampling.person_products import PersonProducts
from pgsicbt.models.resampling.reweighting import exactly, weighted
from pgsicbt.models.resampling.together import Together, combined, score_rows, together
from pgsicbt.progress import Progress
from pgsicbt.result import Array, Result
from pgsicbt.spec import AnalysisSpec
from pgsicbt.study import Study

Method = Literal["refit", "one-step", "engine"]
"""``refit``: Psi found anew for each person, all at once. ``one-step``: Psi as with everybody.
``engine``: one fit of the engine after another, the yardstick of the other two."""

_LARGEST = 0.05
"""Largest changes are rounded up to this step, since each is of a single person."""


@dataclass(frozen=True)
class Influence:
    """Person influence in one fitted cell.

    Parameters
    ----------
    score, adjustment
        Which cell.
    terms
        The k terms of the score, as in ``Result.table``; every coefficient without a score.
    estimates, std_errors, p_values
        (k,) with everybody.
    change
        (N, k) change of each term without each person, in its standard error. Of single people:
        not to be shown or stored.
    cooks
        (N,) Cook's distance of all fixed effects; infinite where a coefficient cannot be
        estimated without the person. Of single people, too.
    method
        How the fits without each person were made.
    """

    score: str
    adjustment: str
    terms: tuple[str, ...]
    estimates: Array
    std_errors: Array
    p_values: Array
    change: Array = field(repr=False)
    cooks: Array = field(repr=False)
    method: Method
    _refits: pd.DataFrame = field(repr=False)

    @property
    def n_persons(self) -> int:
        return len(self.cooks)

    @property
    def cook_rule(self) -> float:
        """Cook's distances above this are beyond the rule: 4 / N."""
        return 4.0 / self.n_persons

    @property
    def change_rule(self) -> float:
        """Changes larger than this, in standard errors, are beyond the rule: 2 / sqrt(N)."""
        return 2.0 / float(np.sqrt(self.n_persons))

    def summary(self) -> pd.DataFrame:
        """What the people beyond a rule do to the result, one row per rule and term.

        Returns
        -------
        pandas.DataFrame
            ``rule`` (``cook`` or ``change``), ``term``, ``threshold``, ``people_beyond`` (for
            ``change`` those beyond in this term), ``largest_change`` (in standard errors,
            rounded up to 0.05), ``estimate`` and ``p_value`` with everybody, and
            ``estimate_without``, ``std_error_without``, ``p_value_without`` after a refit without
            all who are beyond. Where they are fewer than eight, their number and what follows
            from leaving them out are missing.
        """
        counted = ["estimate_without", "std_error_without", "p_value_without"]
        return suppress_small(self._refits, "people_beyond", counted)

    def aggregates(self) -> pd.DataFrame:
        """How many people lie in each range of Cook's distance and of each term's change.

        Returns
        -------
        pandas.DataFrame
            ``measure`` (``cook`` or a term), ``low`` and ``high`` in units of the rule's
            threshold, ``people`` and ``share``. Neighbouring ranges are joined until each holds at
            least eight people, so that none has to be hidden.
        """
        edges = np.array([0.0, 0.125, 0.25, 0.5, 1.0, 2.0, 4.0, np.inf])
        frames = [_binned("cook", self.cooks / self.cook_rule, edges)]
        both = np.array([-np.inf, -4, -2, -1, -0.5, -0.25, 0, 0.25, 0.5, 1, 2, 4, np.inf])
        for term, values in zip(self.terms, self.change.T, strict=True):
            frames.append(_binned(term, values / self.change_rule, both))
        return suppress_small(pd.concat(frames, ignore_index=True), "people", ["share"])


def influence(
    study: Study,
    result: Result,
    score: str,
    adjustment: str,
    *,
    method: Method = "refit",
    progress: Progress | None = None,
) -> Influence:
    """Leave each person out of one fitted cell in turn.

    Parameters
    ----------
    score, adjustment
        The cell; a score of "" is the model without a score.
    method
        See :data:`Method`.
    progress
        Called with people done and people there are; what it raises ends the work.

    Raises
    ------
    SpecError
        If that cell was not fitted.
    DataError
        If the result is not of this study.
    """
    _, model = one_cell(study, result, score, adjustment)
    with one_thread():
        (cell,) = together(study, result, (model,))
        people = cell.people
        cp = people.cell(model)
        persons = cell.way.persons
        if model.score:
            persons = persons.with_score(
                cell.way.cp,
                people.score(model),
                people.score_names(model),
                columns=people.design.scored,
            )
        lmm = _fit(cp, result, cell)
        if method == "engine":
            estimates = _one_by_one(cp, persons, lmm, progress)
        elif method == "one-step":
            (estimates,) = cell.way.jackknife()
            if progress is not None:
                progress(len(estimates), len(estimates))
        else:
            estimates = cell.way.without_each(0, progress).estimates
        away = estimates - lmm.fixed.estimates
        names, _, rows = score_rows(people, model)
        tests = cell_tests(result.spec.replace(errors="model"), cp, lmm, None).contrasts(rows)
        spread = np.sqrt(np.einsum("kp,pq,kq->k", rows, lmm.fixed.covariance, rows))
        change = combined(away, rows) / spread
        cooks = _cooks(away, lmm.fixed.covariance)
        refits = _refits(result.spec, cp, persons, lmm, (names, rows), change, cooks)
    refits.insert(5, "estimate", tests.estimate[refits["which"]])
    refits.insert(6, "p_value", tests.p_value[refits["which"]])
    return Influence(
        score=model.score,
        adjustment=model.adjustment,
        terms=tuple(names),
        estimates=tests.estimate,
        std_errors=tests.std_error,
        p_values=tests.p_value,
        change=change,
        cooks=cooks,
        method=method,
        _refits=refits.drop(columns="which"),
    )


def _fit(cp: CrossProducts, result: Result, cell: Together) -> LmmFit:
    """The cell's fit, with what tests need."""
    (model,) = cell.models
    here = rung(model.random_used)
    start = model.random_covariance / model.residual_variance
    return fit_lmm(cp, q=here.q, correlated=here.correlated, reml=result.spec.reml, start=start)


def _one_by_one(
    cp: CrossProducts, persons: PersonProducts, lmm: LmmFit, progress: Progress | None
) -> Array:
    n, q = cp.n_persons, lmm.relative.shape[0]
    out = np.empty((n, len(cp.names)))
    weights = np.ones(n)
    for i in range(n):
        weights[i] = 0.0
        one = weighted(cp, persons, weights.copy(), q)
        out[i] = exactly(one, lmm.relative, correlated=lmm.correlated, reml=lmm.reml)[0]
        weights[i] = 1.0
        if progress is not None:
            progress(i + 1, n)
    return out


def _cooks(away: Array, covariance: Array) -> Array:
    """(N,) Cook's distances from changes (N, p); infinite where a change is not known."""
    n, p = away.shape
    known = np.asarray(np.isfinite(away).all(axis=1))
    scale = 1.0 / np.sqrt(np.diag(covariance))
    unit = np.where(known[:, None], away, 0.0) * scale
    solved = np.linalg.solve(covariance * np.outer(scale, scale), unit.T).T
    factor = max(n - p, 0) / (n * p)
    return np.where(known, factor * (unit * solved).sum(axis=1), np.inf)


def _refits(
    spec: AnalysisSpec,
    cp: CrossProducts,
    persons: PersonProducts,
    lmm: LmmFit,
    rows: tuple[list[str], Array],
    change: Array,
    cooks: Array,
) -> pd.DataFrame:
    """Every rule and term: how many are beyond, and the result without them."""
    n = len(cooks)
    cook_rule, change_rule = 4.0 / n, 2.0 / np.sqrt(n)
    largest = np.ceil(np.nanmax(np.abs(change), axis=0, initial=0.0) / _LARGEST) * _LARGEST
    by_cook = cooks > cook_rule
    records = []
    after = _without(spec, cp, persons, lmm, rows, by_cook)
    for k, term in enumerate(rows[0]):
        records.append(("cook", term, cook_rule, int(by_cook.sum()), largest[k], *after[k], k))
    for k, term in enumerate(rows[0]):
        beyond = ~(np.abs(change[:, k]) <= change_rule)
        after = _without(spec, cp, persons, lmm, rows, beyond)
        records.append(("change", term, change_rule, int(beyond.sum()), largest[k], *after[k], k))
    columns = [
        "rule", "term", "threshold", "people_beyond", "largest_change",
        "estimate_without", "std_error_without", "p_value_without", "which",
    ]  # fmt: skip
    return pd.DataFrame.from_records(records, columns=columns)


def _without(
    spec: AnalysisSpec,
    cp: CrossProducts,
    persons: PersonProducts,
    lmm: LmmFit,
    rows: tuple[list[str], Array],
    beyond: NDArray[np.bool_],
) -> list[tuple[float, float, float]]:
    """Estimate, standard error and p value of each term without the people who are beyond."""
    nothing = [(float("nan"),) * 3] * len(rows[0])
    if not MINIMUM_CELL <= int(beyond.sum()) < len(beyond):
        return nothing
    q = lmm.relative.shape[0]
    some = weighted(cp, persons, np.where(beyond, 0.0, 1.0), q)
    try:
        fit = fit_lmm(some, q=q, correlated=lmm.correlated, reml=lmm.reml, start=lmm.relative)
    except FitError:
        return nothing
    left = [cp.names.index(name) for name in fit.fixed.names]
    if fit.dropped:
        some = some.select(left)
    c = cell_tests(spec.replace(errors="model"), some, fit, None).contrasts(rows[1][:, left])
    lost = np.any(np.delete(rows[1], left, axis=1) != 0, axis=1)
    return [
        nothing[0] if gone else (float(a), float(b), float(p))
        for a, b, p, gone in zip(c.estimate, c.std_error, c.p_value, lost, strict=True)
    ]


def _binned(measure: str, values: Array, edges: Array) -> pd.DataFrame:
    """Counts between edges, ranges joined from the low end until each holds enough people."""
    last = len(edges) - 2
    at = np.clip(np.searchsorted(edges, values, side="right") - 1, 0, last)
    counts = np.bincount(at, minlength=last + 1)
    rows: list[list[float]] = []
    low, people = edges[0], 0
    for k, count in enumerate(counts):
        people += int(count)
        if people >= MINIMUM_CELL:
            rows.append([low, edges[k + 1], people])
            low, people = edges[k + 1], 0
    if low < edges[-1]:
        if rows:
            rows[-1][1] = edges[-1]
            rows[-1][2] += people
        else:
            rows.append([low, edges[-1], people])
    frame = pd.DataFrame(rows, columns=["low", "high", "people"])
    frame.insert(0, "measure", measure)
    return frame.assign(share=frame["people"] / len(values))
