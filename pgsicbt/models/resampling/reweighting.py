"""Mixed models of a cohort whose people are weighted anew: bootstrap, jackknife, influence.

A fit depends on the data through sums over people, so another weighting of the same people needs
no design and no visit again. :func:`reweighted` gives the REML or ML estimates for B sets of
weights, all at once (:mod:`.reweighter`). Replicates for which its expansion is not
accurate are fitted one by one by the engine. docs/bootstrap_and_influence.md says how large the
error is.
"""

from __future__ import annotations

import numpy as np

from pgsicbt.errors import DataError
from pgsicbt.models.engine.crossproducts import CrossProducts
from pgsicbt.models.engine.lmm import LmmFit
from pgsicbt.models.engine.threads import one_thread
from pgsicbt.models.resampling.person_products import PersonProducts, person_products
from pgsicbt.models.resampling.reweighter import Reweighted, Reweighter, exactly, weighted
from pgsicbt.progress import Progress
from pgsicbt.result import Array

__all__ = [
    "PersonProducts",
    "Reweighted",
    "Reweighter",
    "exactly",
    "person_products",
    "reweighted",
    "weighted",
]


def reweighted(
    cp: CrossProducts,
    persons: PersonProducts,
    fit: LmmFit,
    weights: Array,
    progress: Progress | None = None,
    *,
    exact: bool = False,
) -> Reweighted:
    """Fit the same model to the same people with other weights, many times over.

    Parameters
    ----------
    cp, persons
        Products of the model's columns; columns that the fit dropped are left out.
    fit
        The fit with everybody once.
    weights
        (B, N) frequency weights, not negative; they take the place of any that ``cp`` holds.
    progress
        Called with replicates done and replicates there are; what it raises ends the work.
    exact
        Have the engine fit every replicate, one after another: the yardstick of the fast way.

    Raises
    ------
    DataError
        If the weights are not finite, negative or not one per person.
    """
    weights = np.asarray(weights, dtype=float)
    if weights.ndim != 2 or weights.shape[1] != cp.n_persons:
        raise DataError("Weights are needed for each of the people.", code="weights")
    if not (np.isfinite(weights).all() and (weights >= 0).all()):
        raise DataError("Weights of people must be finite and not negative.", code="weights")
    if fit.dropped:
        keep = [cp.names.index(name) for name in fit.fixed.names]
        cp, persons = cp.select(keep), persons.select(keep)
    p, q, count = len(cp.names), fit.relative.shape[0], len(weights)
    made = Reweighted(
        np.empty((count, p)),
        np.empty((count, q, q)),
        np.empty(count),
        persons.pooled(weights),
        np.ones(count, dtype=bool),
    )
    with one_thread():
        way = None
        if q and not exact:
            way = Reweighter(
                cp,
                persons,
                fit.relative,
                fit.fixed.estimates,
                correlated=fit.correlated,
                reml=fit.reml,
            )
        step = way.chunk if way is not None else 20
        for low in range(0, count, step):
            w = weights[low : low + step]
            rows = slice(low, low + len(w))
            if way is not None:
                part = way.model(0, way.sums(w)[0], w.__getitem__)
                made.estimates[rows], made.relative[rows] = part.estimates, part.relative
                made.sigma2[rows], made.exact[rows] = part.sigma2, part.exact
            else:
                for b, each in enumerate(w, start=low):
                    made.estimates[b], made.relative[b], made.sigma2[b] = exactly(
                        weighted(cp, persons, each, q),
                        fit.relative,
                        correlated=fit.correlated,
                        reml=fit.reml,
                    )
            if progress is not None:
                progress(low + len(w), count)
    return made
