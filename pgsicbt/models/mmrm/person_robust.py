"""Cluster-robust tests for any working covariance of a person's visits.

The formulas are those of :mod:`pgsicbt.models.engine.robust` and
:mod:`pgsicbt.models.engine.robust_rows`, with S_i the working covariance of person i, whatever it
comes from: a covariance over visits, or the working correlation of GEE.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from pgsicbt.errors import SpecError
from pgsicbt.models.engine.inference import Contrasts
from pgsicbt.models.engine.kenward_roger import FTest
from pgsicbt.models.engine.robust import RobustKind, adjusted_by, same_length
from pgsicbt.result import Array

Covariances = Callable[[NDArray[np.intp]], Array]
"""Working covariances (n, m, m) of n people, from the positions (n, m) of their rows."""


@dataclass(frozen=True)
class RobustVisits:
    """The rows of a fitted model and its working covariance.

    ``design`` (n, p) holds the columns that were estimated, ``person`` (n,) integer codes;
    ``covariance`` (p, p) is (sum X_i'S_i^-1 X_i)^-1.
    """

    design: Array
    residual: Array
    person: NDArray[np.intp]
    working: Covariances
    covariance: Array
    estimates: Array
    kind: RobustKind

    def __post_init__(self) -> None:
        if int(self.person.max()) < 1:
            raise SpecError(
                "A cluster-robust covariance needs at least two persons.", "Use the model's own."
            )

    def _back(self) -> Array:
        unit = np.sqrt(np.diag(self.covariance))
        return np.asarray(
            unit[:, None] * np.linalg.cholesky(self.covariance / np.outer(unit, unit))
        )

    def _parts(self, back: Array) -> Iterator[tuple[Array, Array, Array, Array]]:
        """X in columns where M is the identity, S, the transpose of E, and residuals."""
        for rows in same_length(self.person, self.design.shape[1]):
            x = self.design[rows] @ back
            theta = self.working(rows)
            yield x, theta, adjusted_by(x, theta, self.kind), self.residual[rows]

    def meat(self) -> Array:
        """The robust covariance (p, p) of the coefficients."""
        back = self._back()
        p = len(back)
        total = np.zeros((p, p))
        for _, _, led, r in self._parts(back):
            score = np.einsum("nmp,nm->np", led, r)
            total += score.T @ score
        made = back @ total @ back.T
        return np.asarray(0.5 * (made + made.T))

    def contrasts(self, rows: Array, confidence: float, *, normal: bool = False) -> Contrasts:
        """Tests of combinations ``rows`` (m, p), one by one."""
        back = self._back()
        to = (rows @ back).T
        m, p = rows.shape
        variance, trace, own = np.zeros(m), np.zeros(m), np.zeros(m)
        outer = np.zeros((m, p, p))
        for x, theta, scores, r in self._parts(back):
            led = scores @ to  # (n, visits, m)
            variance += (np.einsum("nvm,nv->nm", led, r) ** 2).sum(axis=0)
            if normal:
                continue
            g2 = np.einsum("nvm,nvm->nm", led, theta @ led)
            h = np.ascontiguousarray((led.transpose(0, 2, 1) @ x).transpose(1, 0, 2))
            h2 = np.einsum("mnj,mnj->nm", h, h)
            trace += (g2 - h2).sum(axis=0)
            own += (g2 * (g2 - 2.0 * h2)).sum(axis=0)
            outer += h.transpose(0, 2, 1) @ h
        estimate, se = rows @ self.estimates, np.sqrt(variance)
        with np.errstate(divide="ignore", invalid="ignore"):
            df = trace**2 / (own + np.einsum("mij,mij->m", outer, outer))
            t = estimate / se
        df = np.full(m, np.inf) if normal else df
        p_value = np.asarray(2.0 * stats.t.sf(np.abs(t), df))
        reach = stats.t.ppf(0.5 + confidence / 2, df) * se
        return Contrasts(estimate, se, df, t, p_value, estimate - reach, estimate + reach)

    def joint(self, rows: Array) -> FTest:
        """Hotelling's T^2 that all of ``rows @ b`` are zero (Pustejovsky & Tipton 2018)."""
        m = len(rows)
        scale = np.sqrt(np.einsum("mi,ij,mj->m", rows, self.covariance, rows))[:, None]
        root = np.linalg.cholesky(rows / scale @ self.covariance @ (rows / scale).T)
        rows = np.linalg.solve(root, rows / scale)
        mean = self._moments(rows)[1]
        values, vectors = np.linalg.eigh(mean)
        rows = (vectors / np.sqrt(values)).T @ rows
        covariance, _, spread = self._moments(rows)
        eta = m * (m + 1) / spread
        df = eta - m + 1
        if df <= 0:
            return FTest(0.0, m, 0.0, 1.0)
        estimate = rows @ self.estimates
        wald = float(estimate @ np.linalg.solve(covariance, estimate))
        statistic = df / (eta * m) * wald
        return FTest(statistic, m, df, float(stats.f.sf(statistic, m, df)))

    def _moments(self, rows: Array) -> tuple[Array, Array, float]:
        """Robust covariance of combinations, its mean (m, m), and the sum of its variances."""
        back = self._back()
        to = (rows @ back).T
        m, p = len(rows), len(back)
        meat, mean, own = np.zeros((m, m)), np.zeros((m, m)), np.zeros((m, m))
        outer = np.zeros((m * p, m * p))
        for x, theta, scores, r in self._parts(back):
            led = scores @ to
            u = np.einsum("nvm,nv->nm", led, r)
            meat += u.T @ u
            g = led.transpose(0, 2, 1) @ theta @ led
            h = led.transpose(0, 2, 1) @ x  # (n, m, p)
            hh = h @ h.transpose(0, 2, 1)
            mean += (g - hh).sum(axis=0)
            gs, hs = np.einsum("nss->ns", g), np.einsum("nss->ns", hh)
            crossed = gs[:, :, None] * (gs - hs)[:, None, :] - hs[:, :, None] * gs[:, None, :]
            own += (crossed + g * (g - 2.0 * hh)).sum(axis=0)
            flat = h.reshape(len(h), m * p)
            outer += flat.T @ flat
        by = outer.reshape(m, p, m, p)
        both = np.einsum("sitj,sitj->", by, by) + np.einsum("sitj,sjti->", by, by)
        return meat, mean, float(own.sum() + both)
