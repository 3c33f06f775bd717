"""Cluster-robust covariance of the fixed effects, with persons as clusters.

CR0 is the sandwich of Liang & Zeger (1986); CR2 is its bias-reduced form with Satterthwaite
degrees of freedom (Bell & McCaffrey 2002; Pustejovsky & Tipton 2018, J Bus Econ Stat 36:672), as
R's clubSandwich computes them for lme4 models. The working model is the fitted one: with Psi the
random covariance relative to the residual variance, S_i = I + Z_i Psi Z_i' of person i,
W_i = S_i^-1 and M = (sum X_i'W_i X_i)^-1,

    V = M (sum E_i r_i r_i' E_i') M          r_i = y_i - X_i b
    E_i = X_i'W_i          for CR0
    E_i = X_i'W_i A_i      for CR2,   A_i = C' (C B_i C')^-1/2 C,   B_i = S_i - X_i M X_i'

with C'C = S_i and a pseudo-inverse square root. A_i is the same for every such C, and the identity
on what is orthogonal to [Z_i X_i]; so a person with more visits than columns is first turned to
as many rows as there are columns. The degrees of freedom of l'b are (tr P)^2 / tr(P^2) with

    P_ij = (i = j) |g_i|^2 - h_i'h_j,   g_i = C E_i'M l,   h_i = M^1/2 X_i'E_i'M l

of which tr(P^2) needs only sums over persons and one p x p matrix per l.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from pgsicbt.errors import SpecError
from pgsicbt.models.engine.inference import Contrasts
from pgsicbt.models.engine.lmm import LmmFit
from pgsicbt.models.engine.threads import one_thread
from pgsicbt.result import Array

RobustKind = Literal["CR0", "CR2"]

_ZERO = 1e-12  # an eigenvalue below this share of the largest (and of one) counts as zero
_CHUNK = 2_000_000  # numbers held at once for the largest array over persons


@dataclass(frozen=True)
class Visits:
    """A model's rows: ``design`` (n, p) with ``names``, ``outcome`` (n,), ``basis`` (n, q).

    ``person`` (n,) are integer codes 0 .. N - 1 in any order; every code occurs. ``weights``
    (N,) are frequency weights of persons, None for all one: 2 is a person, and cluster, twice.
    ``cluster`` (N,) are integer codes of the groups that persons are in (therapists, families),
    None where every person is a cluster.
    """

    names: tuple[str, ...]
    design: Array
    outcome: Array
    basis: Array
    person: NDArray[np.intp]
    weights: Array | None = None
    cluster: NDArray[np.intp] | None = None


@dataclass(frozen=True)
class Robust:
    """Robust ``covariance`` (p, p) and Satterthwaite ``df`` (p,) of each fixed effect.

    ``df`` is NaN where it was not asked for.
    """

    names: tuple[str, ...]
    estimates: Array
    covariance: Array
    df: Array

    def terms(self, confidence: float = 0.95) -> Contrasts:
        """t tests and intervals of every fixed effect."""
        se = np.sqrt(np.diag(self.covariance))
        with np.errstate(divide="ignore", invalid="ignore"):
            t = self.estimates / se
        p = np.asarray(2.0 * stats.t.sf(np.abs(t), self.df))
        reach = stats.t.ppf(0.5 + confidence / 2, self.df) * se
        low, high = self.estimates - reach, self.estimates + reach
        return Contrasts(self.estimates, se, self.df, t, p, low, high)


def cluster_robust(
    visits: Visits, fit: LmmFit, kind: RobustKind = "CR2", *, with_df: bool = True
) -> Robust:
    """Robust covariance of the fixed effects of a fitted model, every person a cluster.

    Parameters
    ----------
    visits
        The rows that the model was fitted to; columns that the fit left out are ignored.
    fit
        The fit, by REML or ML, with any random part or none.
    kind
        ``"CR0"`` or ``"CR2"``.
    with_df
        False leaves out the degrees of freedom, which take most of the time.

    Raises
    ------
    SpecError
        If ``kind`` is unknown or there is only one person.
    """
    x, resid, back, times = prepared(visits, fit, kind)
    p = x.shape[1]
    meat = np.zeros((p, p))
    spread = _Spread(np.zeros(p), np.zeros(p), np.zeros((p, p, p)))
    with one_thread():
        for rows in same_length(visits.person, p):
            part = turned(x[rows], visits.basis[rows], resid[rows])
            theta, led = weighted(part, fit.relative, kind)
            score = np.einsum("nmp,nm->np", led, part[2])
            twice = times[visits.person[rows[:, 0]]]
            meat += score.T @ (twice[:, None] * score)
            if with_df:
                _add(spread, part[0], theta, led, back, twice)
    covariance = back @ meat @ back.T
    df = spread.df() if with_df else np.full(p, np.nan)
    names, estimates = fit.fixed.names, fit.fixed.estimates
    return Robust(names, estimates, 0.5 * (covariance + covariance.T), df)


def prepared(visits: Visits, fit: LmmFit, kind: RobustKind) -> tuple[Array, Array, Array, Array]:
    """Columns X in which X'V^-1X is the identity, residuals, the way back, people's weights.

    Raises
    ------
    SpecError
        As :func:`cluster_robust`.
    """
    if kind not in get_args(RobustKind):
        raise SpecError(
            f"A robust covariance cannot be {kind!r}.",
            f"Choose one of: {', '.join(get_args(RobustKind))}.",
        )
    persons = int(visits.person.max()) + 1 if len(visits.person) else 0
    times = np.ones(persons) if visits.weights is None else visits.weights
    if times.sum() < 2:
        raise SpecError(
            "A cluster-robust covariance needs at least two persons.", "Use the model's own."
        )
    fixed = fit.fixed
    keep = [visits.names.index(n) for n in fixed.names]
    resid = visits.outcome - visits.design[:, keep] @ fixed.estimates
    # Columns in which X'V^-1X is the identity, so that units cost no digits.
    unit = np.sqrt(np.diag(fixed.covariance))
    root = np.linalg.cholesky(fixed.covariance / np.outer(unit, unit))
    back = unit[:, None] * root / np.sqrt(fit.residual_variance)
    return visits.design[:, keep] @ back, resid, back, times


def same_length(person: NDArray[np.intp], p: int) -> Iterator[NDArray[np.intp]]:
    """Rows (people, visits each) of people with equally many visits, in bounded pieces."""
    order = np.argsort(person, kind="stable")
    counts = np.bincount(person)
    starts = np.cumsum(counts) - counts
    for visits in np.unique(counts):
        who = np.flatnonzero(counts == visits)
        at_once = max(1, _CHUNK // int(max(visits, p) ** 2))
        for first in range(0, len(who), at_once):
            chunk = who[first : first + at_once]
            yield order[starts[chunk, None] + np.arange(visits)]


def turned(x: Array, z: Array, r: Array) -> tuple[Array, Array, Array]:
    """X, Z and residuals of persons, turned to no more rows than [Z X] has columns."""
    n, visits, p = x.shape
    q = z.shape[2]
    if visits <= p + q:
        return x, z, r
    turn = np.linalg.qr(np.concatenate([z, x], axis=2))[0].transpose(0, 2, 1)
    return turn @ x, turn @ z, (turn @ r[:, :, None]).reshape(n, p + q)


def weighted(
    part: tuple[Array, Array, Array], relative: Array, kind: RobustKind
) -> tuple[Array, Array]:
    """S_i and the transpose of E_i of persons, in columns where M is the identity."""
    x, z, _ = part
    identity = np.eye(x.shape[1])
    theta = identity + z @ relative @ z.transpose(0, 2, 1)
    return theta, adjusted_by(x, theta, kind)


def adjusted_by(x: Array, theta: Array, kind: RobustKind) -> Array:
    """The transpose of E_i of persons with any S_i, in columns where M is the identity.

    ``x`` (n, m, p), ``theta`` (n, m, m).
    """
    weighted = np.asarray(np.linalg.solve(theta, x), dtype=np.float64)
    if kind == "CR0":
        return weighted
    lower = np.linalg.cholesky(theta)
    left = theta - x @ x.transpose(0, 2, 1)
    values, vectors = np.linalg.eigh(lower.transpose(0, 2, 1) @ left @ lower)
    limit = _ZERO * np.maximum(values[:, -1:], 1.0)
    inverse = np.where(values > limit, 1.0 / np.sqrt(np.maximum(values, limit)), 0.0)
    turn = lower @ vectors
    return np.asarray(turn @ (inverse[:, :, None] * (turn.transpose(0, 2, 1) @ weighted)))


@dataclass
class _Spread:
    """Running sums over persons for every coefficient: tr P, what is diagonal in tr P^2, h h'."""

    trace: Array
    own: Array
    outer: Array

    def df(self) -> Array:
        squares = self.own + np.einsum("cij,cij->c", self.outer, self.outer)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(self.trace**2 / squares)


def _add(
    spread: _Spread, x: Array, theta: Array, weighted: Array, back: Array, times: Array
) -> None:
    led = weighted @ back.T  # (n, m, p): E_i'M l of every coefficient l
    g2 = np.einsum("nmc,nmc->nc", led, theta @ led)
    h = np.ascontiguousarray((led.transpose(0, 2, 1) @ x).transpose(1, 0, 2))  # (p, n, p)
    h2 = np.einsum("cnj,cnj->nc", h, h)
    spread.trace += times @ (g2 - h2)
    spread.own += times @ (g2 * (g2 - 2.0 * h2))
    spread.outer += h.transpose(0, 2, 1) @ (times[:, None] * h)
