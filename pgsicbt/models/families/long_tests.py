"""Tests in one model of MMRM, cLDA or GEE, and the part of them that a result keeps."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import stats

from pgsicbt.models.engine.inference import Contrasts, contrasts, f_test_satterthwaite
from pgsicbt.models.engine.kenward_roger import FTest, KenwardRoger, f_test
from pgsicbt.models.mmrm.person_robust import RobustVisits
from pgsicbt.result import Array, FixedEffects
from pgsicbt.spec import AnalysisSpec

_KEPT = 300_000
"""Numbers in the derivatives of a covariance beyond which a result does not keep them."""


@dataclass(frozen=True)
class LongTests:
    """A fitted model with all that its tests need; ``kr`` or ``robust`` where asked for."""

    spec: AnalysisSpec
    fixed: FixedEffects
    kr: KenwardRoger | None = None
    robust: RobustVisits | None = None

    @cached_property
    def _each(self) -> Contrasts:
        return self.contrasts(np.eye(len(self.fixed.names)))

    def each(self) -> Contrasts:
        """Every coefficient by itself."""
        return self._each

    def contrasts(self, rows: Array) -> Contrasts:
        """Linear combinations ``rows`` (m, p) of the coefficients."""
        spec = self.spec
        if self.robust is not None:
            return self.robust.contrasts(rows, spec.confidence, normal=spec.df == "normal")
        return contrasts(self.fixed, rows, df=spec.df, confidence=spec.confidence)

    def joint(self, rows: Array) -> FTest:
        """F test that all of ``rows @ b`` are zero, ``rows`` (m, p) of full row rank."""
        m = len(rows)
        if self.kr is not None:
            return f_test(self.kr, rows)
        if self.spec.df == "normal":
            fixed = self.fixed
            covariance = fixed.covariance if fixed.adjusted is None else fixed.adjusted
            value = rows @ fixed.estimates
            wald = float(value @ np.linalg.solve(rows @ covariance @ rows.T, value))
            return FTest(wald / m, m, np.inf, float(stats.chi2.sf(wald, m)))
        if self.robust is not None:
            return self.robust.joint(rows)
        return f_test_satterthwaite(self.fixed, rows)


def slim(fixed: FixedEffects, each: Contrasts) -> FixedEffects:
    """What a result keeps of the fixed effects.

    The derivatives of the covariance of 180 coefficients by 105 variance parameters are 28 MB for
    one model. Where they are large, or where errors are robust, each coefficient keeps its degrees
    of freedom instead; a combination then has the smallest of theirs, which is cautious. The rows
    of the table are worked out before, in full.
    """
    if fixed.robust_df is None and fixed.covariance_gradient.size <= _KEPT:
        return fixed
    p = len(fixed.names)
    return dataclasses.replace(
        fixed,
        covariance_gradient=np.zeros((0, p, p)),
        variance_covariance=np.zeros((0, 0)),
        adjusted=fixed.covariance if fixed.adjusted is None else fixed.adjusted,
        robust_df=np.asarray(each.df),
    )
