"""Tests of fixed effects by name, the same for every model that has a formula."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from scipy import stats

from pgsicbt.errors import SpecError
from pgsicbt.models.engine.inference import contrasts, f_test_satterthwaite
from pgsicbt.models.engine.kenward_roger import FTest, KenwardRoger, f_test
from pgsicbt.result import Array, FixedEffects

TestMethod = Literal["satterthwaite", "kenward-roger", "normal"]
FTestMethod = Literal["satterthwaite", "kenward-roger"]


@dataclass(frozen=True)
class TermTest:
    """t test of one fixed effect; ``statistic ** 2`` is its F on 1 and ``df``."""

    term: str
    estimate: float
    std_error: float
    df: float
    statistic: float
    p_value: float
    conf_low: float
    conf_high: float


class TermTests:
    """Methods for tests of the fixed effects; a model says where its numbers are."""

    def _fixed(self) -> FixedEffects:
        """Estimates with what Satterthwaite's method needs."""
        raise NotImplementedError

    def _small_sample(self) -> KenwardRoger:
        """What Kenward and Roger's method needs; a SpecError where the model has none."""
        raise NotImplementedError

    def test(
        self, term: str, df: TestMethod = "satterthwaite", confidence: float = 0.95
    ) -> TermTest:
        """t test of one fixed effect.

        ``"satterthwaite"`` uses the observed information, as lmerTest, SAS and mmrm do;
        ``"kenward-roger"`` the small-sample standard error as well as its df; ``"normal"``
        infinite df.

        Raises
        ------
        SpecError
            If the model has no such term, ``df`` is not a known method or needs REML, or the
            confidence does not lie between 0 and 1.
        """
        row = self._rows([term])
        _known(df, get_args(TestMethod))
        if not 0.0 < confidence < 1.0:
            raise SpecError("The confidence must lie between 0 and 1.", "Such as 0.95.")
        if df != "kenward-roger":
            c = contrasts(self._fixed(), row, df=df, confidence=confidence)
            return TermTest(
                term, float(c.estimate[0]), float(c.std_error[0]), float(c.df[0]),
                float(c.statistic[0]), float(c.p_value[0]), float(c.conf_low[0]),
                float(c.conf_high[0]),
            )  # fmt: skip
        kr = self._small_sample()
        dof = f_test(kr, row).df_denominator
        estimate = float(row[0] @ kr.estimates)
        se = float(np.sqrt(row[0] @ kr.adjusted @ row[0]))
        reach = float(stats.t.ppf(0.5 + confidence / 2, dof)) * se
        t = estimate / se
        p = float(2.0 * stats.t.sf(abs(t), dof))
        return TermTest(term, estimate, se, dof, t, p, estimate - reach, estimate + reach)

    def f_test(self, terms: Sequence[str], df: FTestMethod = "kenward-roger") -> FTest:
        """F test that all of ``terms`` are zero.

        ``"kenward-roger"`` scales F for small samples, as pbkrtest does, and needs REML;
        ``"satterthwaite"`` is lmerTest's.

        Raises
        ------
        SpecError
            If the model has no such term, one is named twice, or ``df`` is not a known method or
            needs REML.
        """
        rows = self._rows(terms)
        _known(df, get_args(FTestMethod))
        if df == "satterthwaite":
            return f_test_satterthwaite(self._fixed(), rows)
        return f_test(self._small_sample(), rows)

    def _rows(self, terms: Sequence[str]) -> Array:
        """Unit rows (m, p) of the terms."""
        names = self._fixed().names
        if isinstance(terms, str) or not len(terms) or len(set(terms)) < len(terms):
            raise SpecError(
                "A test needs one or several different terms.", 'Give a list, such as ["x", "z"].'
            )
        rows = np.zeros((len(terms), len(names)))
        for i, term in enumerate(terms):
            if term not in names:
                raise SpecError(f"The model has no term {term!r}.", f"It has: {', '.join(names)}.")
            rows[i, names.index(term)] = 1.0
        return rows


def _known(df: str, methods: tuple[str, ...]) -> None:
    if df not in methods:
        raise SpecError(f"df cannot be {df!r}.", f"Choose one of: {', '.join(methods)}.")
