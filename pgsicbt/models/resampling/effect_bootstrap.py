"""Cluster bootstrap of the variance explained: people are drawn with replacement.

Every resample is a set of weights of people, for which the model with the score and the same
model without it are fitted anew (:mod:`.reweighting`); their R2 follow from the
weighted cross-products. The score is a person's own, so no replicate looks at a visit.
"""

from __future__ import annotations

import numpy as np

from pgsicbt.models.effects.variance_explained import (
    VarianceParts,
    explained,
    mean_basis,
    named_shares,
    variance_parts,
)
from pgsicbt.models.engine.crossproducts import CrossProducts
from pgsicbt.models.engine.lmm import fit_lmm
from pgsicbt.models.grid.ladder import rung
from pgsicbt.models.grid.people import analysis_sample
from pgsicbt.models.resampling.bootstrap import Together, resample, together
from pgsicbt.models.resampling.reweighting import Reweighted, Reweighter
from pgsicbt.progress import Progress
from pgsicbt.result import Array, Result
from pgsicbt.study import Study

Draws = dict[str, Array]


def bootstrap_shares(
    study: Study,
    result: Result,
    *,
    replicates: int,
    seed: int,
    progress: Progress | None = None,
) -> dict[tuple[str, str], Draws]:
    """Replicates (B,) of each share of variance, by score and adjustment.

    Row b is the same resample in every model, and the one that
    :func:`pgsicbt.models.resampling.bootstrap.cluster_bootstrap` draws with this seed.

    Parameters
    ----------
    progress
        Called with model refits done and to be done.
    """
    everybody = len(analysis_sample(study, result.spec).persons)
    groups = list(together(study, result))
    bases = [_without(g) for g in groups]
    step = min(g.way.chunk for g in groups)
    total = replicates * sum(len(g.models) + bool(g.way.scores) for g in groups)
    rng = np.random.default_rng(seed)
    done = 0
    made: dict[tuple[str, str], list[Draws]] = {}
    for low in range(0, replicates, step):
        weights = resample(rng, everybody, min(step, replicates - low))
        for g, base in zip(groups, bases, strict=True):
            own = weights if len(g.positions) == everybody else weights[:, g.positions]
            for key, draws in _shares(g, base, own).items():
                made.setdefault(key, []).append(draws)
            done += len(own) * (len(g.models) + bool(g.way.scores))
            if progress is not None:
                progress(done, total)
    return {
        key: {name: np.concatenate([p[name] for p in parts]) for name in parts[0]}
        for key, parts in made.items()
    }


def _without(g: Together) -> Reweighter:
    """What re-weights the model without the score; the group itself where there is none."""
    if not g.way.scores:
        return g.way
    first = g.models[0]
    here = rung(first.random_used)
    start = first.random_covariance / first.residual_variance
    fit = fit_lmm(g.way.cp, q=here.q, correlated=here.correlated, reml=first.reml, start=start)
    return Reweighter(
        g.way.cp,
        g.way.persons,
        fit.relative,
        fit.fixed.estimates,
        correlated=here.correlated,
        reml=first.reml,
    )


def _shares(g: Together, base: Reweighter, weights: Array) -> dict[tuple[str, str], Draws]:
    """Shares of variance of each model of a group, (B,) for ``weights`` (B, N)."""
    cp, pooled = g.way.cp, g.way.persons.pooled(weights)
    zz = mean_basis(cp, base.columns.q, weights)
    (sums,) = base.sums(weights)
    less = _parts(base.model(0, sums, weights.__getitem__), pooled[:, :-1, :-1], zz)
    if not g.way.scores:
        return {(m.score, m.adjustment): named_shares(less, None) for m in g.models}
    out = {}
    for j, (m, s) in enumerate(zip(g.models, g.way.sums(weights), strict=True)):
        gram = _with_score(cp, pooled, g.people.score(m), g.way.scored, weights)
        more = _parts(g.way.model(j, s, weights.__getitem__), gram, zz)
        out[m.score, m.adjustment] = named_shares(more, explained(less, more))
    return out


def _parts(made: Reweighted, gram: Array, zz: Array) -> VarianceParts:
    tau = made.relative * made.sigma2[:, None, None]
    return variance_parts(made.estimates, gram, tau, made.sigma2, zz)


def _with_score(
    cp: CrossProducts, pooled: Array, x: Array, scored: tuple[int, ...], weights: Array
) -> Array:
    """Weighted X'X (B, p + s, p + s) of the shared columns and the score's."""
    p, s = pooled.shape[1] - 1, len(scored)
    of = list(scored)
    border = np.moveaxis(cp.cross[of, :, :p], 0, 1) * x[:, None, None]
    own = np.moveaxis(cp.basis[np.ix_(of, of)], 2, 0) * (x**2)[:, None, None]
    gram = np.empty((len(weights), p + s, p + s))
    gram[:, :p, :p] = pooled[:, :p, :p]
    gram[:, p:, :p] = (weights @ border.reshape(len(x), -1)).reshape(-1, s, p)
    gram[:, :p, p:] = np.swapaxes(gram[:, p:, :p], 1, 2)
    gram[:, p:, p:] = (weights @ own.reshape(len(x), -1)).reshape(-1, s, s)
    return gram
