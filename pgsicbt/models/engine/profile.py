"""Profile-likelihood intervals of fixed effects and variance parameters.

The interval holds every value whose ML deviance, minimised over all other parameters, lies within
the chi-squared quantile on 1 df of the smallest: the values that a likelihood-ratio test would
not reject (Venzon & Moolgavkar 1988, Appl Stat 37:87). Unlike an interval of the form estimate
plus or minus a multiple of the standard error it need not be symmetric, does not change with the
scale of a parameter (a variance or its root), and ends at zero where zero is not rejected.

The ends are roots of the signed square root of the difference in deviance, which is nearly a
straight line, each found by exact refits; R's lme4 takes them from a spline through such points
(Bates et al. 2015, J Stat Softw 67(1), section 5.1). REML deviances of different fixed effects
cannot be compared, so the likelihood is that of ML throughout, also for a model fitted by REML.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import brentq
from scipy.stats import chi2

from pgsicbt.errors import FitError, SpecError
from pgsicbt.models.engine.constrained import Held, Minimum, minimum_at
from pgsicbt.models.engine.crossproducts import CrossProducts
from pgsicbt.models.engine.deviance import Orthonormal
from pgsicbt.models.engine.lmm import LmmFit, _change_basis, fit_lmm
from pgsicbt.models.engine.optimise import optimise

_LOWER = 1e-6  # a profile this much below its minimum found a better optimum than the fit
_ZERO = 1e-7  # an SD, or a distance of a correlation from one, that counts as zero


@dataclass(frozen=True)
class ProfileInterval:
    """Profile-likelihood interval of one parameter.

    Attributes
    ----------
    term
        A fixed effect, ``"sd TERM"``, ``"cor TERM, TERM"`` or ``"sigma"``.
    estimate
        The maximum likelihood estimate; NaN for a correlation with a term of zero SD, which has
        none (``note`` says so).
    conf_low, conf_high
        Ends in units of the parameter. An end at the edge of what is possible (an SD of 0, a
        correlation of -1 or 1) means that the edge itself is not rejected.
    confidence
        Such as 0.95.
    deviance, cut
        The smallest ML deviance, and the deviance at each end that is not at the edge.
    refitted
        True where the model was fitted by REML, so that ``estimate`` differs from its own.
    note
        What a reader must know, as a sentence; empty where there is nothing.
    """

    term: str
    estimate: float
    conf_low: float
    conf_high: float
    confidence: float
    deviance: float
    cut: float
    refitted: bool
    note: str = ""


@dataclass(frozen=True)
class _Side:
    """A search from the estimate towards one side: where to look first, and the edge."""

    first: float
    edge: float


def profile_fixed(
    cp: CrossProducts, fit: LmmFit, name: str, confidence: float = 0.95
) -> ProfileInterval:
    """Profile-likelihood interval of the fixed effect ``name``.

    The column is taken last in the orthonormal basis, where holding its coefficient is moving y
    along one direction and dropping it (its products with everything become zero).

    Raises
    ------
    SpecError
        If the fit has no such effect, or the confidence is not between 0 and 1.
    FitError
        If the refits do not converge.
    """
    _check(confidence)
    if name not in fit.fixed.names:
        raise SpecError(
            f"The model has no term {name!r}.", f"It has: {', '.join(fit.fixed.names)}."
        )
    cp, fit, refitted = _by_ml(cp, fit)
    q = len(fit.relative)
    at = cp.names.index(name)
    p = len(cp.names)
    basis = _change_basis(cp.select([*(j for j in range(p) if j != at), at]), q, fit.correlated)
    data, turn = basis.data, np.linalg.inv(basis.turn)
    moved = data.b.copy()
    moved[:, p - 1] = 0.0
    psi = turn @ fit.relative @ turn.T
    last = [psi]

    def deviance(value: float) -> float:
        g = (value - basis.ols[-1]) / basis.back[-1, -1]
        moved[:, -1] = data.b[:, p] - g * data.b[:, p - 1]
        held = replace(data, b=moved, rss=data.rss + g**2)
        if not q:
            return float(data.n * (1.0 + np.log(2.0 * np.pi * held.rss / data.n)))
        point, converged, _, _ = optimise(held, last[0], fit.correlated, False)
        if not converged:
            raise _not_found(name)
        last[0] = point.lam @ point.lam.T
        return point.ev.deviance

    estimate = float(fit.fixed.estimates[at])
    reach = float(np.sqrt(_gap(confidence) * fit.fixed.covariance[at, at]))
    lowest = -2.0 * fit.log_likelihood
    ends = []
    for sign in (-1.0, 1.0):
        last[0] = psi
        side = _Side(estimate + sign * reach, sign * np.inf)
        ends.append(_end(deviance, estimate, side, lowest, confidence, name))
    return ProfileInterval(
        name, estimate, ends[0], ends[1], confidence, lowest, lowest + _gap(confidence), refitted
    )


def profile_variance(
    cp: CrossProducts,
    fit: LmmFit,
    confidence: float = 0.95,
    *,
    terms: Sequence[str] = (),
    only: Sequence[str] = (),
) -> tuple[ProfileInterval, ...]:
    """Profile-likelihood intervals of the variance parameters.

    In lme4's order: the SD of the first random term, its correlations with later ones, the SD of
    the next, and so on; the residual SD ``"sigma"`` last.

    Parameters
    ----------
    terms
        Names of the random terms; their numbers from 1 on if none are given.
    only
        Names of the parameters wanted; all if empty.

    Raises
    ------
    SpecError
        If a name in ``only`` does not occur, or the confidence is not between 0 and 1.
    FitError
        If the refits do not converge.
    """
    _check(confidence)
    q = len(fit.relative)
    names = list(terms) or [str(k + 1) for k in range(q)]
    wanted = _parameters(names, fit.correlated)
    unknown = [name for name in only if name not in wanted]
    if unknown:
        raise SpecError(
            f"The model has no variance parameter {unknown[0]!r}.",
            f"It has: {', '.join(wanted)}.",
        )
    cp, fit, refitted = _by_ml(cp, fit)
    search = _Search(cp, fit, confidence)
    return tuple(
        search.interval(name, wanted[name], refitted) for name in wanted if not only or name in only
    )


def _parameters(names: Sequence[str], correlated: bool) -> dict[str, Held]:
    found = {}
    for k, name in enumerate(names):
        found[f"sd {name}"] = Held("sd", (k,))
        for m in range(k + 1, len(names) if correlated else 0):
            found[f"cor {name}, {names[m]}"] = Held("correlation", (k, m))
    found["sigma"] = Held("sigma")
    return found


class _Search:
    """The variance parameters of one ML fit, in units where all are of the order of one."""

    def __init__(self, cp: CrossProducts, fit: LmmFit, confidence: float) -> None:
        q = len(fit.relative)
        basis = _change_basis(cp, q, fit.correlated)
        self.data: Orthonormal = basis.data
        self.correlated, self.confidence = fit.correlated, confidence
        back = np.linalg.inv(basis.turn) if q else np.zeros((0, 0))
        self.sigma = float(np.sqrt(fit.residual_variance))
        # One unit of a term moves outcomes by one residual SD on (root mean square) average.
        self.unit = self.sigma / np.sqrt((back**2).sum(axis=0))
        self.whiten = back * self.unit
        scaled = fit.random_covariance / np.outer(self.unit, self.unit)
        self.lowest = -2.0 * fit.log_likelihood
        self.best = Minimum(self.lowest, scaled, fit.residual_variance)
        self.few = min(cp.n_persons, cp.residual_df)

    def interval(self, name: str, held: Held, refitted: bool) -> ProfileInterval:
        sd = np.sqrt(np.diag(self.best.covariance))
        rough = 1.0 / np.sqrt(max(self.few, 2.0))
        note, unit, low, high = "", 1.0, -np.inf, np.inf
        if held.kind == "sigma":  # searched by its logarithm
            estimate, step = float(np.log(self.sigma)), rough
        elif held.kind == "sd":
            k = held.terms[0]
            estimate, unit, low = float(sd[k]), float(self.unit[k]), 0.0
            step = max(2.0 * rough * estimate, 0.5 * rough)
        else:
            (a, b), low, high = held.terms, -1.0, 1.0
            if min(sd[a], sd[b]) < _ZERO:
                note = "This correlation has no estimate, since an SD is estimated as zero."
                estimate = 0.0
            else:
                ratio = float(self.best.covariance[a, b] / (sd[a] * sd[b]))
                estimate = ratio if abs(ratio) < 1.0 - _ZERO else float(np.sign(ratio))
            step = 2.0 * rough * (1.0 - estimate**2) + 0.02
        ends = []
        for sign, edge in ((-1.0, low), (1.0, high)):
            side = _Side(float(np.clip(estimate + sign * step, low, high)), edge)
            ends.append(self._one_end(held, estimate, side, name))
        values = np.array([estimate, *ends])
        values = np.exp(values) if held.kind == "sigma" else unit * values
        if note:
            values[0] = np.nan
        lowest, cut = self.lowest, self.lowest + _gap(self.confidence)
        shown, bottom, top = (float(v) for v in values)
        return ProfileInterval(
            name, shown, bottom, top, self.confidence, lowest, cut, refitted, note
        )

    def _one_end(self, held: Held, estimate: float, side: _Side, name: str) -> float:
        """The end on one side, from several starts where one does not find the smallest."""
        end = side.edge
        for thorough in (held.kind == "correlation", True):
            deviance = self._deviance(held, thorough)
            end = _end(deviance, estimate, side, self.lowest, self.confidence, name)
            if thorough or end == side.edge:
                break
            again = self._deviance(held, thorough)(end)  # straight from the estimate
            if again > self.lowest + _gap(self.confidence) - _LOWER:
                break
        return end

    def _deviance(self, held: Held, thorough: bool) -> Callable[[float], float]:
        """Smallest deviance by the value held; from where the last value ended, or there too."""
        last = [self.best]

        def deviance(value: float) -> float:
            at = float(np.exp(value)) if held.kind == "sigma" else value
            if not len(self.unit):  # least squares
                n, rss = self.data.n, self.data.rss
                return float(n * np.log(2.0 * np.pi * at**2) + rss / at**2)
            starts = [last[0], self.best] if thorough and last[0] is not self.best else last
            found = [
                minimum_at(self.data, self.whiten, held, at, start, self.correlated)
                for start in starts
            ]
            last[0] = min(found, key=lambda m: m.deviance)
            return last[0].deviance

        return deviance


def _gap(confidence: float) -> float:
    return float(chi2.ppf(confidence, 1))


def _end(
    deviance: Callable[[float], float],
    estimate: float,
    side: _Side,
    lowest: float,
    confidence: float,
    name: str,
) -> float:
    """Where the root of the deviance's excess reaches that of the quantile, or the edge."""
    goal = float(np.sqrt(_gap(confidence)))
    known = {estimate: -goal}

    def short(value: float) -> float:
        if value not in known:
            excess = deviance(value) - lowest
            if not excess > -_LOWER:
                raise _not_found(name)
            known[value] = float(np.sqrt(max(excess, 0.0))) - goal
        return known[value]

    inner, outer = estimate, side.first
    for _ in range(100):
        if inner == side.edge:
            return inner
        if short(outer) >= 0.0:
            return float(brentq(short, inner, outer, xtol=1e-11 * abs(outer - estimate)))
        inner = outer
        grow = 1.05 * goal / max(known[outer] + goal, goal / 8.0)
        outer = estimate + (outer - estimate) * grow
        outer = max(outer, side.edge) if outer < estimate else min(outer, side.edge)
    raise _not_found(name)


def _not_found(name: str) -> FitError:
    return FitError(
        f"The profile of {name!r} cannot be followed, as a refit did not reach its optimum.",
        "The data hardly determine the random part: choose a simpler one.",
        code="profile",
    )


def _check(confidence: float) -> None:
    if not 0.0 < confidence < 1.0:
        raise SpecError("The confidence must lie between 0 and 1.", "Such as 0.95.")


def _by_ml(cp: CrossProducts, fit: LmmFit) -> tuple[CrossProducts, LmmFit, bool]:
    """The columns of the fit, the fit by ML, and whether that is another than the one given."""
    if fit.fixed.names != cp.names:
        cp = cp.select([cp.names.index(name) for name in fit.fixed.names])
    if not fit.reml:
        return cp, fit, False
    ml = fit_lmm(cp, q=len(fit.relative), correlated=fit.correlated, reml=False, start=fit.relative)
    return cp, ml, True
