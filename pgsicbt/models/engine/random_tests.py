"""Likelihood-ratio tests of the random part, with the right distribution under the null.

A variance of zero lies on the edge of what is possible, so the statistic 2 (l1 - l0) is not
chi-squared under the null but a mixture (Self & Liang 1987, J Am Stat Assoc 82:605, cases 5 to 7;
Stram & Lee 1994, Biometrics 50:1171): half the time the estimate without the restriction lies
beyond the edge and is pulled back to it. With k random terms in the smaller model,

    k -> k + 1 correlated terms          1/2 chi2_k + 1/2 chi2_(k + 1)
    k -> k + 1 uncorrelated terms        1/2 chi2_0 + 1/2 chi2_1
    uncorrelated -> correlated, k terms  chi2_(k (k - 1) / 2)

chi2_0 is zero for certain. Taking plain chi2_(k + 1) instead makes p too large, at k = 0 twice as
large. The fixed part is the same in both models, so REML likelihoods may be compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import chi2

from pgsicbt.errors import FitError
from pgsicbt.models.engine.crossproducts import CrossProducts
from pgsicbt.models.engine.lmm import LmmFit, fit_lmm
from pgsicbt.result import Array


@dataclass(frozen=True)
class RandomTest:
    """One likelihood-ratio test of two nested random parts.

    Attributes
    ----------
    tested
        What the smaller model lacks.
    larger, smaller
        The two random parts in lme4's notation, such as ``"1 + time"`` and ``"1"``; two bars,
        ``"1 + time ||"``, are uncorrelated terms.
    statistic
        2 (l1 - l0), zero at the least.
    mixture
        Pairs of weight and degrees of freedom of the chi-squared distributions of the null.
    p_value
        Probability under that mixture of a statistic at least as large.
    log_likelihood_larger, log_likelihood_smaller, reml
        What is compared; restricted likelihoods if ``reml``.
    note
        What a reader must know, as a sentence; empty where there is nothing.
    """

    tested: str
    larger: str
    smaller: str
    statistic: float
    mixture: tuple[tuple[float, int], ...]
    p_value: float
    log_likelihood_larger: float
    log_likelihood_smaller: float
    reml: bool
    note: str = ""

    @property
    def null(self) -> str:
        """The distribution under the null in words, such as ``0.5 chi2(1) + 0.5 chi2(2)``."""
        return " + ".join(
            f"chi2({df})" if weight == 1.0 else f"{weight:g} chi2({df})"
            for weight, df in self.mixture
        )


def mixture_p(statistic: float, mixture: Sequence[tuple[float, int]]) -> float:
    """Probability that a mixture of chi-squared variables is at least ``statistic``."""
    return float(
        sum(
            w * (float(chi2.sf(statistic, df)) if df else float(statistic <= 0.0))
            for w, df in mixture
        )
    )


@dataclass(frozen=True)
class _Part:
    """A random part: its number of terms, and whether they are correlated."""

    q: int
    correlated: bool

    def words(self, terms: Sequence[str]) -> str:
        if not self.q:
            return "none"
        shown = ["1" if t == "(Intercept)" else t for t in terms[: self.q]]
        if shown[0] != "1":
            shown.insert(0, "0")
        bars = " ||" if self.q > 1 and not self.correlated else ""
        return " + ".join(shown) + bars


def random_tests(
    cp: CrossProducts, fit: LmmFit, *, terms: Sequence[str] = ()
) -> tuple[RandomTest, ...]:
    """Tests of the last random term, of the correlations, and so on down to no random part.

    First the last term of the fitted random part, then its correlations, then each smaller part
    against the next, always by the likelihood (ML or REML) of ``fit``.

    Parameters
    ----------
    terms
        Names of the random terms; their numbers from 1 on if none are given.

    Returns
    -------
    tuple of RandomTest
        Empty for a model without a random part.

    Raises
    ------
    FitError
        If one of the models cannot be estimated.
    """
    q = len(fit.relative)
    names = list(terms) or [str(k + 1) for k in range(q)]
    if fit.fixed.names != cp.names:
        cp = cp.select([cp.names.index(name) for name in fit.fixed.names])
    fits = _Fits(cp, fit)
    found = []
    for k in range(q, 0, -1):
        correlated = fit.correlated or k == 1
        smaller = _Part(k - 1, correlated or k == 2)
        what = names[k - 1]
        if correlated and k > 1:
            what += " and its correlation" + ("s" if k > 2 else "")
            null: tuple[tuple[float, int], ...] = ((0.5, k - 1), (0.5, k))
        else:
            null = ((0.5, 0), (0.5, 1))
        found.append(fits.test(what, _Part(k, correlated), smaller, null, names))
        if correlated and k > 1:
            what = "correlations" if k > 2 else "correlation"
            whole = ((1.0, k * (k - 1) // 2),)
            found.append(fits.test(what, _Part(k, True), _Part(k, False), whole, names))
    return tuple(found)


class _Fits:
    """The models that are compared, each fitted once and from its neighbour."""

    def __init__(self, cp: CrossProducts, fit: LmmFit) -> None:
        self._cp, self._reml = cp, fit.reml
        q = len(fit.relative)
        self._known = {_Part(q, fit.correlated or q < 2): fit}
        self._psi = fit.relative

    def _fit(self, part: _Part) -> LmmFit:
        if part not in self._known:
            start = self._psi[: part.q, : part.q]
            if not part.correlated:
                start = np.diag(np.diag(start))
            self._known[part] = self._from(part, start)
        return self._known[part]

    def _from(self, part: _Part, start: Array | None) -> LmmFit:
        fitted = fit_lmm(
            self._cp, q=part.q, correlated=part.correlated, reml=self._reml, start=start
        )
        if not fitted.converged:
            raise FitError(
                "A smaller random part did not reach its optimum, so it cannot be tested.",
                "Check the spread of the columns of the random part.",
                code="not_converged",
            )
        return fitted

    def test(
        self,
        tested: str,
        larger: _Part,
        smaller: _Part,
        mixture: tuple[tuple[float, int], ...],
        names: Sequence[str],
    ) -> RandomTest:
        one, two = self._fit(larger), self._fit(smaller)
        if one.log_likelihood < two.log_likelihood - 1e-6:
            # The larger model cannot be worse: start it where the smaller one ended.
            start = np.zeros((larger.q, larger.q))
            start[: smaller.q, : smaller.q] = two.relative
            one = self._known[larger] = self._from(larger, start)
        statistic = max(0.0, 2.0 * (one.log_likelihood - two.log_likelihood))
        note = ""
        if larger.q == smaller.q and two.singular:
            note = (
                "A variance is estimated as zero, so correlations mean nothing and the p value of "
                "their test is only rough."
            )
        elif smaller.q and two.singular:
            note = "The smaller model is at its own edge, so the p value is only rough."
        elif one.singular and larger.q > 1:
            note = "The larger model is at its edge: a variance of zero or a correlation of one."
        return RandomTest(
            tested, larger.words(names), smaller.words(names), statistic, mixture,
            mixture_p(statistic, mixture), one.log_likelihood, two.log_likelihood, self._reml, note,
        )  # fmt: skip
