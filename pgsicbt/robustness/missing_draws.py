"""Draws of the parameters of a linear mixed model and of people's own courses, given the visits.

A blocked Gibbs sampler (Chib & Carlin 1999, Stat Comput 9:17, algorithm 2) on the cross-products
of the visits that were observed; what is missing needs no part in it, since the likelihood of a
mixed model ignores it where it depends on what was seen alone. With C = Z'[X y] of a person,
A = Z'Z, P = Psi / s2 and W = P (I + A P)^-1, every round draws

    b       ~ N(M^-1 v, s2 M^-1),   M = X'X - sum C_x' W C_x,  v = X'y - sum C_x' W C_y
    u       ~ N(W (C_y - C_x b), s2 W)                            for each person
    s2      ~ |y - X b - Z u|^2 / chi2(n)
    Psi     ~ inverse Wishart(N - q - 1, sum u u')

with priors flat in b, in Psi and in log s2. The mode of the variances is then near REML. Fixed
effects and courses are drawn together, so that rounds depend on one another through the variances
only.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats
from scipy.linalg import solve_triangular

from pgsicbt.errors import FitError
from pgsicbt.models.engine.crossproducts import CrossProducts
from pgsicbt.models.engine.lmm import LmmFit
from pgsicbt.progress import Progress
from pgsicbt.result import Array

_RIDGE = 0.01
"""Share of a variance at the start that stands in for a zero, from which no draw would leave."""


@dataclass(frozen=True)
class Draw:
    """One draw: fixed effects (p,), courses (N, q), their covariance (q, q), residual variance."""

    fixed: Array
    random: Array
    covariance: Array
    residual: float


def draws(
    cp: CrossProducts,
    fit: LmmFit,
    count: int,
    rng: np.random.Generator,
    *,
    burn_in: int,
    thin: int,
    progress: Progress | None = None,
) -> list[Draw]:
    """Draw parameters and courses ``count`` times.

    Parameters
    ----------
    cp, fit
        Cross-products without weights and without dependent columns, and the REML fit to start at.
    burn_in, thin
        Rounds before the first draw, and from one draw to the next.
    progress
        Called with rounds done and rounds there are.

    Raises
    ------
    FitError
        If there are too few people for the covariance of their courses.
    """
    q, n = len(fit.relative), cp.n_persons
    if n < 2 * q + 4:
        raise FitError(
            f"There are {n} people, too few to draw how they differ from one another.",
            "Missed visits can be filled in from ten people on.",
            code="too_few_people",
        )
    rounds = _Rounds(cp, q, fit.correlated, rng)
    psi, s2 = _start(fit), fit.residual_variance
    made: list[Draw] = []
    total = burn_in + thin * (count - 1) + 1
    for done in range(1, total + 1):
        b, u = rounds.effects(psi, s2)
        psi, s2 = rounds.variances(b, u)
        if done > burn_in and (done - burn_in - 1) % thin == 0:
            made.append(Draw(b, u, psi, s2))
        if progress is not None:
            progress(done, total)
    return made


def _start(fit: LmmFit) -> Array:
    """Psi of the fit, moved off the boundary."""
    psi = fit.relative * fit.residual_variance
    size = np.maximum(np.diag(psi), _RIDGE * float(np.diag(psi).max(initial=0.0)))
    size = np.where(size > 0, size, _RIDGE * fit.residual_variance)
    away = np.sqrt(np.outer(size, size))
    within = np.clip(psi / away, -0.9, 0.9)
    np.fill_diagonal(within, 1.0)
    if not fit.correlated or np.linalg.eigvalsh(within).min() < _RIDGE:
        within = np.eye(len(psi))
    return np.asarray(within * away)


class _Rounds:
    """The two steps of a round, and what they share."""

    def __init__(
        self, cp: CrossProducts, q: int, correlated: bool, rng: np.random.Generator
    ) -> None:
        self.a = np.ascontiguousarray(np.moveaxis(cp.basis[:q, :q], 2, 0))
        self.c = np.ascontiguousarray(np.moveaxis(cp.cross[:q], 1, 0))
        self.flat = self.c.reshape(-1, self.c.shape[2])
        self.pooled, self.n = cp.pooled, cp.n_observations
        self.correlated, self.rng = correlated, rng

    def effects(self, psi: Array, s2: float) -> tuple[Array, Array]:
        """Fixed effects (p,) and courses (N, q), given the variances."""
        q = len(psi)
        relative = psi / s2
        w = relative @ np.linalg.inv(np.eye(q) + self.a @ relative)
        w = (w + np.swapaxes(w, 1, 2)) / 2
        within = (w @ self.c).reshape(self.flat.shape)
        rest = self.pooled - self.flat.T @ within
        root = np.linalg.cholesky(rest[:-1, :-1])
        z = solve_triangular(root, rest[:-1, -1], lower=True)
        z += np.sqrt(s2) * self.rng.standard_normal(len(z))
        b = np.asarray(solve_triangular(root, z, lower=True, trans="T"))
        pull = self.c[:, :, -1] - self.c[:, :, :-1] @ b
        mean = np.einsum("nij,nj->ni", w, pull)
        noise = self.rng.standard_normal(mean.shape)
        spread = np.einsum("nij,nj->ni", np.linalg.cholesky(w), noise)
        return b, mean + np.sqrt(s2) * spread

    def variances(self, b: Array, u: Array) -> tuple[Array, float]:
        """Psi and residual variance, given fixed effects and courses."""
        n, q = u.shape
        one = np.append(-b, 1.0)  # [X y] one = y - X b
        pull = self.c @ one
        rss = float(one @ self.pooled @ one - 2 * np.einsum("ni,ni->", u, pull))
        rss += float(np.einsum("ni,nij,nj->", u, self.a, u))
        s2 = rss / float(self.rng.chisquare(self.n))
        if self.correlated:
            psi = stats.invwishart.rvs(n - q - 1, u.T @ u, random_state=self.rng)
            return np.reshape(np.asarray(psi, dtype=float), (q, q)), s2
        return np.diag((u**2).sum(axis=0) / self.rng.chisquare(n - 2, size=q)), s2
