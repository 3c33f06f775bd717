"""Mixed models from a formula and any long frame, for people who come from lme4."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, get_args

import numpy as np
import pandas as pd
from formulaic import model_matrix
from formulaic.errors import FormulaicError
from scipy import stats

from pgsicbt.errors import DataError, SpecError
from pgsicbt.models.crossproducts import CrossProducts, cross_products
from pgsicbt.models.inference import contrasts
from pgsicbt.models.kenward_roger import FTest, KenwardRoger, f_test, kenward_roger
from pgsicbt.models.lmm import LmmFit, fit_lmm
from pgsicbt.models.robust import Robust, RobustKind, Visits, cluster_robust
from pgsicbt.models.threads import one_thread
from pgsicbt.result import Array

_INTERCEPT = "(Intercept)"

TestMethod = Literal["satterthwaite", "kenward-roger", "normal"]


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


@dataclass(frozen=True)
class MixedModel:
    """A fitted linear mixed model with the names of its formula.

    Attributes
    ----------
    coefficients, std_errors
        Series over the fixed effects, named as R names them.
    covariance
        Frame (p, p): (X'V^-1 X)^-1.
    random_covariance
        Frame (q, q) over the random terms; empty without a random part.
    residual_variance, log_likelihood
        The latter is the restricted one under REML.
    converged, singular
        Singular: the random covariance is on the boundary (a zero variance or a correlation
        of one).
    n_persons, n_observations
        Groups and rows used; rows with a missing value are left out.
    dropped
        Columns left out because earlier ones determine them.
    """

    coefficients: pd.Series[float]
    std_errors: pd.Series[float]
    covariance: pd.DataFrame
    random_covariance: pd.DataFrame
    residual_variance: float
    log_likelihood: float
    converged: bool
    singular: bool
    n_persons: int
    n_observations: int
    dropped: tuple[str, ...]
    lmm: LmmFit
    cross_products: CrossProducts = field(repr=False)
    reml: bool = True
    _visits: Visits | None = field(default=None, repr=False, compare=False)
    _robust: dict[RobustKind, Robust] = field(default_factory=dict, repr=False, compare=False)

    def test(
        self, term: str, df: TestMethod = "satterthwaite", confidence: float = 0.95
    ) -> TermTest:
        """t test of one fixed effect.

        ``"kenward-roger"`` uses the small-sample standard error as well as its df.

        Raises
        ------
        SpecError
            If the model has no such term, or ``df`` is not a known method or needs REML.
        """
        row = self._rows([term])
        if df not in get_args(TestMethod):
            raise SpecError(
                f"df cannot be {df!r}.", f"Choose one of: {', '.join(get_args(TestMethod))}."
            )
        if df != "kenward-roger":
            c = contrasts(self.lmm.fixed, row, df=df, confidence=confidence)
            values = (
                c.estimate,
                c.std_error,
                c.df,
                c.statistic,
                c.p_value,
                c.conf_low,
                c.conf_high,
            )
            return TermTest(term, *(float(v[0]) for v in values))
        kr = self.kenward_roger
        dof = f_test(kr, row).df_denominator
        estimate = float(row[0] @ kr.estimates)
        se = float(np.sqrt(row[0] @ kr.adjusted @ row[0]))
        reach = float(stats.t.ppf(0.5 + confidence / 2, dof)) * se
        t = estimate / se
        p = float(2.0 * stats.t.sf(abs(t), dof))
        return TermTest(term, estimate, se, dof, t, p, estimate - reach, estimate + reach)

    def f_test(self, terms: Sequence[str]) -> FTest:
        """Kenward-Roger F test that all of ``terms`` are zero.

        Raises
        ------
        SpecError
            If the model has no such term or was not fitted by REML with a random part.
        """
        return f_test(self.kenward_roger, self._rows(terms))

    def covariance_robust(self, kind: RobustKind = "CR2") -> pd.DataFrame:
        """Cluster-robust covariance (p, p) of the fixed effects, persons as clusters.

        Raises
        ------
        SpecError
            If ``kind`` is not CR0 or CR2, or there is only one person.
        """
        names = list(self.lmm.fixed.names)
        found = self._robust.get(kind) or self._cluster_robust(kind, with_df=False)
        return pd.DataFrame(found.covariance, index=names, columns=names)

    def test_robust(
        self, term: str, kind: RobustKind = "CR2", confidence: float = 0.95
    ) -> TermTest:
        """t test of one fixed effect, robust, with Satterthwaite's df as in clubSandwich.

        Raises
        ------
        SpecError
            As :meth:`covariance_robust`, or if the model has no such term.
        """
        self._rows([term])
        if kind not in self._robust:
            self._robust[kind] = self._cluster_robust(kind, with_df=True)
        c = self._robust[kind].terms(confidence)
        at = self.lmm.fixed.names.index(term)
        values = (c.estimate, c.std_error, c.df, c.statistic, c.p_value, c.conf_low, c.conf_high)
        return TermTest(term, *(float(v[at]) for v in values))

    def _cluster_robust(self, kind: RobustKind, *, with_df: bool) -> Robust:
        if self._visits is None:
            raise SpecError("The rows of this model were not kept.", "Fit it by mixed_model.")
        return cluster_robust(self._visits, self.lmm, kind, with_df=with_df)

    @cached_property
    def kenward_roger(self) -> KenwardRoger:
        """Small-sample covariance of the fixed effects and what its tests need."""
        if not self.reml or not len(self.random_covariance):
            raise SpecError(
                "Kenward-Roger needs a REML fit with a random part.",
                "Fit with reml=True, or use satterthwaite.",
            )
        return kenward_roger(self.cross_products, self.lmm)

    def _rows(self, terms: Sequence[str]) -> Array:
        names = self.lmm.fixed.names
        rows = np.zeros((len(terms), len(names)))
        for i, term in enumerate(terms):
            if term not in names:
                raise SpecError(f"The model has no term {term!r}.", f"It has: {', '.join(names)}.")
            rows[i, names.index(term)] = 1.0
        return rows


def mixed_model(
    formula: str, data: pd.DataFrame, groups: str, random: str = "1", reml: bool = True
) -> MixedModel:
    """Fit a linear mixed model with one grouping factor.

    Parameters
    ----------
    formula
        Fixed part, such as ``"y ~ time * x + age"`` (formulaic's notation, as R's).
    data
        One row per visit. Rows with a missing value in a column used are left out.
    groups
        Column that names the person.
    random
        Random terms per person, up to three columns: ``"1"``, ``"1 + time"``; ``"0"`` for none.

    Raises
    ------
    SpecError
        If the formula cannot be read or names a column that is not there.
    DataError
        If the outcome is not numeric, or no complete row is left.
    FitError
        If the model cannot be estimated.
    """
    if groups not in data.columns:
        raise SpecError(f"The data have no column {groups!r}.", "Name the column of persons.")
    frame = data[data[groups].notna()].reset_index(drop=True)
    fixed, y, z = _matrices(formula, random, frame)
    rows = fixed.index
    if z is not None:
        rows = rows.intersection(z.index)
        z = z.loc[rows]
    fixed, y = fixed.loc[rows], y.loc[rows]
    if not len(rows):
        raise DataError("No row has a value in every column of the model.", "Check the columns.")
    names = tuple(_INTERCEPT if c == "Intercept" else str(c) for c in fixed.columns)
    basis = np.zeros((len(rows), 0)) if z is None else _numbers(z, "random")
    code = pd.factorize(frame.loc[rows, groups])[0]
    design, outcome = _numbers(fixed, "formula"), _numbers(y, "outcome")[:, 0]
    cp = cross_products(names, design, outcome, basis, code)
    with one_thread():
        lmm = fit_lmm(cp, q=basis.shape[1], reml=reml)
    kept = list(lmm.fixed.names)
    terms = [] if z is None else [_INTERCEPT if c == "Intercept" else str(c) for c in z.columns]
    se = np.sqrt(np.diag(lmm.fixed.covariance))
    return MixedModel(
        coefficients=pd.Series(lmm.fixed.estimates, index=kept),
        std_errors=pd.Series(se, index=kept),
        covariance=pd.DataFrame(lmm.fixed.covariance, index=kept, columns=kept),
        random_covariance=pd.DataFrame(lmm.random_covariance, index=terms, columns=terms),
        residual_variance=lmm.residual_variance,
        log_likelihood=lmm.log_likelihood,
        converged=lmm.converged,
        singular=lmm.singular,
        n_persons=cp.n_persons,
        n_observations=round(cp.n_observations),
        dropped=lmm.dropped,
        lmm=lmm,
        cross_products=cp,
        reml=reml,
        _visits=Visits(names, design, outcome, basis, code),
    )


def _matrices(
    formula: str, random: str, frame: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame | None]:
    try:
        both = model_matrix(formula, frame, na_action="drop")
        wanted = random.strip()
        z = None if wanted == "0" else pd.DataFrame(model_matrix(wanted, frame, na_action="drop"))
        y, fixed = pd.DataFrame(both.lhs), pd.DataFrame(both.rhs)
    except (FormulaicError, NameError, KeyError, SyntaxError, AttributeError) as error:
        raise SpecError(
            f"The formula {formula!r} with random part {random!r} cannot be read.",
            f"Check its names and signs ({type(error).__name__}).",
        ) from None
    if y.shape[1] != 1:
        raise DataError("The outcome of the formula must be one numeric column.")
    if z is not None and z.shape[1] > 3:
        raise SpecError(
            f"The random part has {z.shape[1]} columns.", "At most three can be estimated."
        )
    return fixed, y, z


def _numbers(frame: pd.DataFrame, what: str) -> Array:
    values = frame.to_numpy(dtype=float)
    if not np.isfinite(values).all():
        raise DataError(f"The {what} columns hold values that are not finite numbers.")
    return values
