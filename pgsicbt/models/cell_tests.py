"""Tests in one cell of the grid: by the model's own errors, Kenward-Roger, or robust errors."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np
from scipy import stats

from pgsicbt.models.crossproducts import CrossProducts
from pgsicbt.models.inference import Contrasts, contrasts, f_test_satterthwaite
from pgsicbt.models.kenward_roger import FTest, KenwardRoger, f_test, kenward_roger
from pgsicbt.models.lmm import LmmFit
from pgsicbt.models.robust import RobustKind, Visits, cluster_robust
from pgsicbt.result import Array, FixedEffects
from pgsicbt.spec import AnalysisSpec


@dataclass(frozen=True)
class CellTests:
    """A fitted cell with all that its tests need.

    ``fixed`` goes into the :class:`~pgsicbt.result.ModelFit`; ``kr`` and ``visits`` are there
    where Kenward-Roger or robust errors were asked for.
    """

    spec: AnalysisSpec
    lmm: LmmFit
    fixed: FixedEffects
    kr: KenwardRoger | None
    visits: Visits | None

    def each(self) -> Contrasts:
        """Every coefficient by itself."""
        return self.contrasts(np.eye(len(self.fixed.names)))

    def contrasts(self, rows: Array) -> Contrasts:
        """Linear combinations ``rows`` (m, p) of the coefficients."""
        spec, fixed = self.spec, self.fixed
        several = bool(np.any((rows != 0).sum(axis=1) > 1))
        if self.visits is not None and spec.errors != "model" and spec.df != "normal" and several:
            return _robust_contrasts(self.visits, self.lmm, spec.errors, rows, spec.confidence)
        return contrasts(fixed, rows, df=spec.df, confidence=spec.confidence)

    def joint(self, rows: Array) -> FTest:
        """F test that all of ``rows @ b`` are zero, ``rows`` (m, p) of full row rank.

        With robust errors the combinations are turned so that their robust covariance is
        diagonal, and their robust degrees of freedom pooled as Satterthwaite's are without
        (Fai & Cornelius 1996, J Stat Comput Simul 54:363).
        """
        m = len(rows)
        if self.kr is not None:
            return f_test(self.kr, rows)
        if self.spec.df == "normal":
            value = self._wald(rows)
            return FTest(value / m, m, np.inf, float(stats.chi2.sf(value, m)))
        if self.spec.errors == "model":
            return f_test_satterthwaite(self.fixed, rows)
        turned = np.linalg.eigh(rows @ self._covariance() @ rows.T)[1].T @ rows
        c = self.contrasts(turned)
        value = float((c.statistic**2).mean())
        df = _pooled(c.df)
        return FTest(value, m, df, float(stats.f.sf(value, m, df)))

    def _covariance(self) -> Array:
        return self.fixed.covariance if self.fixed.adjusted is None else self.fixed.adjusted

    def _wald(self, rows: Array) -> float:
        value = rows @ self.fixed.estimates
        return float(value @ np.linalg.solve(rows @ self._covariance() @ rows.T, value))


def cell_tests(
    spec: AnalysisSpec, cp: CrossProducts, lmm: LmmFit, visits: Visits | None
) -> CellTests:
    """Prepare the tests of one fit.

    Parameters
    ----------
    visits
        The rows that were fitted; needed for robust errors only.
    """
    fixed = lmm.fixed
    if spec.df == "kenward-roger":
        kr = kenward_roger(cp, lmm)
        fixed = dataclasses.replace(
            fixed,
            covariance=kr.covariance,
            covariance_gradient=kr.moves,
            variance_covariance=kr.weights,
            adjusted=kr.adjusted,
        )
        return CellTests(spec, lmm, fixed, kr, None)
    if spec.errors != "model" and visits is not None:
        robust = cluster_robust(visits, lmm, spec.errors, with_df=spec.df != "normal")
        df = None if spec.df == "normal" else robust.df
        fixed = dataclasses.replace(fixed, adjusted=robust.covariance, robust_df=df)
    return CellTests(spec, lmm, fixed, None, visits)


def _robust_contrasts(
    visits: Visits, lmm: LmmFit, kind: RobustKind, rows: Array, confidence: float
) -> Contrasts:
    """Robust tests of combinations: the model is rewritten so that each is a coefficient."""
    m, fixed = len(rows), lmm.fixed
    # Rows that are independent of the combinations, in units of SE, complete them to a basis.
    se = np.sqrt(np.diag(fixed.covariance))
    to = np.vstack([rows, np.linalg.svd(rows * se)[2][m:] / se])
    keep = [visits.names.index(n) for n in fixed.names]
    names = tuple(f"combination {j}" for j in range(len(to)))
    design = np.linalg.solve(to.T, visits.design[:, keep].T).T
    turned = dataclasses.replace(visits, names=names, design=np.asarray(design, dtype=np.float64))
    new = dataclasses.replace(
        fixed,
        names=names,
        estimates=to @ fixed.estimates,
        covariance=to @ fixed.covariance @ to.T,
    )
    c = cluster_robust(turned, dataclasses.replace(lmm, fixed=new), kind).terms(confidence)
    return Contrasts(
        **{f.name: np.asarray(getattr(c, f.name))[:m] for f in dataclasses.fields(Contrasts)}
    )


def _pooled(df: Array) -> float:
    """Denominator df of a mean of squared independent t statistics, as in lmerTest."""
    m = len(df)
    if np.ptp(df) < 1e-8:
        return float(df.mean())
    if df.min() <= 2:
        return 2.0
    e = float((df / (df - 2)).sum())
    return 2 * e / (e - m)
