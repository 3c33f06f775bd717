"""Models of the same people and columns, ready to be re-weighted together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pgsicbt.models.engine.lmm import fit_lmm
from pgsicbt.models.grid.ladder import rung
from pgsicbt.models.grid.people import analysis_sample
from pgsicbt.models.grid.rebuild import People, people_of
from pgsicbt.models.grid.rows import change_row, change_term
from pgsicbt.models.resampling.person_products import PersonProducts, person_products
from pgsicbt.models.resampling.reweighting import Reweighter
from pgsicbt.result import Array, ModelFit, Result
from pgsicbt.study import Study


@dataclass(frozen=True)
class Together:
    """Models of the same people and columns but for the score, and what re-weights them.

    ``positions`` (N,) are their people's places among everybody analysed.
    """

    people: People
    models: tuple[ModelFit, ...]
    way: Reweighter
    positions: NDArray[np.intp]


def together(study: Study, result: Result, models: tuple[ModelFit, ...] = ()) -> Iterator[Together]:
    """The fitted models of a result (or some of them), ready to be re-weighted.

    Raises
    ------
    DataError
        If the result is not of this study.
    """
    everybody = analysis_sample(study, result.spec).persons.index
    for people in people_of(study, result, models):
        sample, design = people.sample, people.design
        positions = everybody.get_indexer(sample.persons.index).astype(np.intp)
        persons = person_products(design.names, design.columns, sample.value, sample.code)
        groups: dict[tuple[bool, tuple[str, ...]], list[ModelFit]] = {}
        for model in people.models:
            columns = people.base(model).names
            groups.setdefault((bool(model.score), columns), []).append(model)
        for group in groups.values():
            way = _reweighter(people, persons, tuple(group))
            yield Together(people, tuple(group), way, positions)


def _reweighter(
    people: People, persons: PersonProducts, models: tuple[ModelFit, ...]
) -> Reweighter:
    first = models[0]
    base = people.base(first)
    own = persons.select([people.design.names.index(name) for name in base.names])
    here = rung(first.random_used)
    start = first.random_covariance / first.residual_variance
    around = fit_lmm(base, q=here.q, correlated=here.correlated, reml=first.reml, start=start)
    return Reweighter(
        base,
        own,
        around.relative,
        around.fixed.estimates,
        correlated=here.correlated,
        reml=first.reml,
        scores=[people.score(model) for model in models if model.score],
        scored=people.design.scored if first.score else (),
    )


def score_rows(people: People, model: ModelFit) -> tuple[list[str], list[str], Array]:
    """Names and roles of the score's terms, and the combinations (k, p) that they are.

    The coefficients of the score's columns, and where time is not one straight line the change
    over the window, as in ``Result.table``. Without a score: every coefficient.
    """
    names = model.fixed.names
    if not model.score:
        return list(names), [""] * len(names), np.eye(len(names))
    terms = people.design.score_terms(model.score)
    found = [t.name for t in terms]
    roles = [t.role for t in terms]
    rows = np.eye(len(names))[[names.index(n) for n in found]]
    if "interaction_part" in roles:
        found.append(change_term(model.score))
        roles.append("interaction")
        rows = np.vstack([rows, change_row(model, terms)])
    return found, roles, rows


def combined(estimates: Array, rows: Array) -> Array:
    """Combinations ``rows`` (k, p) of estimates (B, p); NaN only where one of theirs is."""
    missing = ~np.isfinite(estimates)
    out = np.where(missing, 0.0, estimates) @ rows.T
    out[missing.astype(float) @ (rows != 0).T.astype(float) > 0] = np.nan
    return np.asarray(out)


def empirical_influence(group: Together, model: ModelFit) -> Array:
    """(N, p) what each person adds to the coefficients, to first order.

    (X'V^-1X)^-1 X_i'V_i^-1 (y_i - X_i b): the estimates less those without person i, but for
    terms of relative order 1 / N; the variance parameters do not enter at this order.
    """
    people, way, fixed = group.people, group.way, model.fixed
    psi = model.random_covariance / model.residual_variance
    q, b, cp = len(psi), fixed.estimates, people.cell(model)
    p = len(way.cp.names)
    rest = cp.cross[..., -1] - cp.cross[..., :-1] @ b  # T'(y - X b), (r, N)
    pull = np.empty((cp.n_persons, len(b)))
    pull[:, :p] = way.persons.pulls(b[:p])
    if model.score:
        x = people.score(model)
        for i, k in enumerate(way.scored):
            pull[:, :p] -= (b[p + i] * x)[:, None] * cp.cross[k, :, :p]
        pull[:, p:] = x[:, None] * rest[list(way.scored)].T
    if q:
        a = np.moveaxis(cp.basis[:q, :q], 2, 0)
        inner = np.linalg.solve(np.eye(q) + psi @ a, (psi @ rest[:q]).T[..., None])
        for k in range(q):
            pull -= inner[:, k] * cp.cross[k, :, :-1]
    return np.asarray(pull @ fixed.covariance / model.residual_variance)
