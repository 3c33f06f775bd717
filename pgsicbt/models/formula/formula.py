"""Mixed models from a formula and any long frame, for people who come from lme4."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from pgsicbt.errors import DataError, FitError, SpecError
from pgsicbt.models.engine.crossproducts import CrossProducts, cross_products
from pgsicbt.models.engine.kenward_roger import KenwardRoger, kenward_roger
from pgsicbt.models.engine.lmm import LmmFit, fit_lmm
from pgsicbt.models.engine.profile import ProfileInterval, profile_fixed, profile_variance
from pgsicbt.models.engine.random_tests import random_tests
from pgsicbt.models.engine.robust import Robust, RobustKind, Visits, cluster_robust
from pgsicbt.models.engine.term_tests import TermTest, TermTests, TestMethod
from pgsicbt.models.engine.threads import one_thread
from pgsicbt.models.formula.frame_findings import (
    dropped_findings,
    missing_findings,
    rare_findings,
    scale_findings,
)
from pgsicbt.models.formula.model_frame import (
    People,
    check_random,
    finite_numbers,
    fixed_part,
    person_weights,
    random_part,
    term_names,
)
from pgsicbt.result import FixedEffects
from pgsicbt.study import Finding

__all__ = ["MixedModel", "TermTest", "TestMethod", "mixed_model"]


@dataclass(frozen=True)
class MixedModel(TermTests):
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
        Groups and rows used; rows with a missing value are left out. With weights their
        weighted numbers.
    dropped
        Columns left out because earlier ones determine them.
    warnings
        What a reader must know of the data and the fit, by code and column.
    """

    coefficients: pd.Series[float]
    std_errors: pd.Series[float]
    covariance: pd.DataFrame
    random_covariance: pd.DataFrame
    residual_variance: float
    log_likelihood: float
    converged: bool
    singular: bool
    n_persons: float
    n_observations: float
    dropped: tuple[str, ...]
    lmm: LmmFit
    cross_products: CrossProducts = field(repr=False)
    reml: bool = True
    correlated: bool = True
    warnings: tuple[Finding, ...] = ()
    _visits: Visits | None = field(default=None, repr=False, compare=False)
    _robust: dict[RobustKind, Robust] = field(default_factory=dict, repr=False, compare=False)

    def _fixed(self) -> FixedEffects:
        return self.lmm.fixed

    def _small_sample(self) -> KenwardRoger:
        return self.kenward_roger

    def profile(self, term: str, confidence: float = 0.95) -> ProfileInterval:
        """Profile-likelihood interval of a fixed effect or a variance parameter.

        Parameters
        ----------
        term
            A fixed effect; ``"sigma"``; ``"sd TERM"`` of a random term, such as
            ``"sd (Intercept)"``; or ``"cor TERM, TERM"``, in the order of the random part.

        Raises
        ------
        SpecError
            If the model has no such parameter, or the confidence is not between 0 and 1.
        FitError
            If the profile cannot be followed.
        """
        with one_thread():
            if term in self.lmm.fixed.names:
                return profile_fixed(self.cross_products, self.lmm, term, confidence)
            names = list(self.random_covariance.index)
            return profile_variance(
                self.cross_products, self.lmm, confidence, terms=names, only=[term]
            )[0]

    def random_tests(self) -> pd.DataFrame:
        """Likelihood-ratio tests of the random part, one row each.

        Columns are those of :class:`pgsicbt.models.engine.random_tests.RandomTest`, with the null
        distribution in words as ``null``.

        Raises
        ------
        FitError
            If a smaller model cannot be estimated.
        """
        with one_thread():
            tests = random_tests(
                self.cross_products, self.lmm, terms=list(self.random_covariance.index)
            )
        columns = ["tested", "larger", "smaller", "statistic", "null", "p_value",
                   "log_likelihood_larger", "log_likelihood_smaller", "reml", "note"]  # fmt: skip
        return pd.DataFrame([{**asdict(t), "null": t.null} for t in tests], columns=columns)

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


def mixed_model(
    formula: str,
    data: pd.DataFrame,
    groups: str,
    random: str = "1",
    reml: bool = True,
    correlated: bool = True,
    weights: str | None = None,
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
    correlated
        False for independent random terms, as lme4's two bars.
    weights
        Column with the frequency weight of each person, not negative and the same in all of the
        person's rows: 2 counts a person twice, 0 leaves the person out.

    Raises
    ------
    SpecError
        If the formula cannot be read, names a column that is not there, or a random term is not
        a function of visits.
    DataError
        If the outcome is not numeric, a column holds values that are not finite numbers, weights
        differ within a person, or no complete row is left.
    FitError
        If the model cannot be estimated: one person, one visit each, more coefficients than
        observations, or an outcome that the columns determine.
    """
    for column, what in ((groups, "persons"), (weights, "weights")):
        if column is not None and column not in data.columns:
            raise SpecError(f"The data have no column {column!r}.", f"Name the column of {what}.")
    known = data[groups].notna() if weights is None else data[[groups, weights]].notna().all(axis=1)
    frame = data[known].reset_index(drop=True)
    fixed, y = fixed_part(formula, frame)
    z = random_part(random, frame)
    rows = fixed.index if z is None else fixed.index.intersection(z.index)
    if not len(rows):
        raise DataError("No row has a value in every column of the model.", "Check the columns.")
    fixed, names = fixed.loc[rows], term_names(fixed)
    design, outcome = finite_numbers(fixed), finite_numbers(y.loc[rows])[:, 0]
    code = pd.factorize(frame.loc[rows, groups])[0]
    people = People(code)
    terms: tuple[str, ...] = ()
    basis = np.zeros((len(rows), 0))
    if z is not None:
        terms, basis = term_names(z), finite_numbers(z.loc[rows])
        check_random(terms, basis, people)
    counts = None if weights is None else person_weights(frame.loc[rows, weights], code, weights)
    cp = cross_products(names, design, outcome, basis, code, counts)
    with one_thread():
        try:
            lmm = fit_lmm(cp, q=len(terms), correlated=correlated, reml=reml)
        except FitError as error:
            if error.code == "too_few_visits" and not code.any():
                raise FitError(
                    "There is only one person, so people cannot be told apart.",
                    'Name the column of persons in groups, or use random="0".',
                    code="one_person",
                ) from None
            raise
    kept = list(lmm.fixed.names)
    se = np.sqrt(np.diag(lmm.fixed.covariance))
    if not (np.isfinite(se).all() and np.isfinite(lmm.fixed.estimates).all()):
        raise FitError(
            "The model has no finite estimates, as its columns are too nearly dependent.",
            "Leave one of them out.",
            code="near_dependent",
        )
    notes = [
        *missing_findings(len(data) - len(rows)),
        *dropped_findings(names, design, lmm.dropped),
        *rare_findings(names, design, people),
        *scale_findings(terms, basis),
        *_fit_findings(lmm),
    ]
    return MixedModel(
        coefficients=pd.Series(lmm.fixed.estimates, index=kept),
        std_errors=pd.Series(se, index=kept),
        covariance=pd.DataFrame(lmm.fixed.covariance, index=kept, columns=kept),
        random_covariance=pd.DataFrame(lmm.random_covariance, index=terms, columns=terms),
        residual_variance=lmm.residual_variance,
        log_likelihood=lmm.log_likelihood,
        converged=lmm.converged,
        singular=lmm.singular,
        n_persons=cp.n_persons if counts is None else float(counts.sum()),
        n_observations=cp.n_observations,
        dropped=lmm.dropped,
        lmm=lmm,
        cross_products=cp,
        reml=reml,
        correlated=correlated,
        warnings=tuple(notes),
        _visits=Visits(names, design, outcome, basis, code, counts),
    )


def _fit_findings(lmm: LmmFit) -> list[Finding]:
    found = []
    if not lmm.converged:
        found.append(
            Finding(
                "not_converged",
                "warning",
                f"The fit did not reach its optimum in {lmm.steps} steps: do not use it, choose "
                "fewer random terms.",
            )
        )
    if lmm.singular:
        found.append(
            Finding(
                "singular",
                "warning",
                "The random part is at its edge, with a variance of zero or a correlation of one: "
                "fewer random terms, or correlated=False, describe these data as well.",
            )
        )
    return found
