"""Tests in one cell of the grid: by the model's own errors, Kenward-Roger, or robust errors."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np
from scipy import stats

from pgsicbt.models.engine.crossproducts import CrossProducts
from pgsicbt.models.engine.inference import Contrasts, contrasts, f_test_satterthwaite
from pgsicbt.models.engine.kenward_roger import FTest, KenwardRoger, f_test, kenward_roger
from pgsicbt.models.engine.lmm import LmmFit
from pgsicbt.models.engine.robust import Visits
from pgsicbt.models.engine.robust_rows import robust_contrasts, robust_f_test, robust_terms
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
            return robust_contrasts(self.visits, self.lmm, rows, spec.errors, spec.confidence)
        return contrasts(fixed, rows, df=spec.df, confidence=spec.confidence)

    def joint(self, rows: Array) -> FTest:
        """F test that all of ``rows @ b`` are zero, ``rows`` (m, p) of full row rank.

        With robust errors it is Hotelling's T^2 with the robust covariance.
        """
        m = len(rows)
        if self.kr is not None:
            return f_test(self.kr, rows)
        if self.spec.df == "normal":
            value = self._wald(rows)
            return FTest(value / m, m, np.inf, float(stats.chi2.sf(value, m)))
        if self.spec.errors == "model" or self.visits is None:
            return f_test_satterthwaite(self.fixed, rows)
        return robust_f_test(self.visits, self.lmm, rows, self.spec.errors)

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
        robust = robust_terms(visits, lmm, spec.errors, with_df=spec.df != "normal")
        df = None if spec.df == "normal" else robust.df
        fixed = dataclasses.replace(fixed, adjusted=robust.covariance, robust_df=df)
    return CellTests(spec, lmm, fixed, None, visits)
