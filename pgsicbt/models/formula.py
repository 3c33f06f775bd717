"""Mixed models from a formula and any long frame, for people who come from lme4."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from formulaic import model_matrix
from formulaic.errors import FormulaicError

from pgsicbt.errors import DataError, SpecError
from pgsicbt.models.crossproducts import cross_products
from pgsicbt.models.inference import contrasts
from pgsicbt.models.lmm import LmmFit, fit_lmm
from pgsicbt.result import Array
from pgsicbt.spec import DfMethod

_INTERCEPT = "(Intercept)"


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

    def test(self, term: str, df: DfMethod = "satterthwaite", confidence: float = 0.95) -> TermTest:
        """t test of one fixed effect.

        Raises
        ------
        SpecError
            If the model has no such term, or ``df`` is not a known method.
        """
        names = self.lmm.fixed.names
        if term not in names:
            raise SpecError(f"The model has no term {term!r}.", f"It has: {', '.join(names)}.")
        if df not in ("satterthwaite", "normal"):
            raise SpecError(f"df cannot be {df!r}.", "Choose satterthwaite or normal.")
        row = np.zeros((1, len(names)))
        row[0, names.index(term)] = 1.0
        c = contrasts(self.lmm.fixed, row, df=df, confidence=confidence)
        return TermTest(
            term,
            float(c.estimate[0]),
            float(c.std_error[0]),
            float(c.df[0]),
            float(c.statistic[0]),
            float(c.p_value[0]),
            float(c.conf_low[0]),
            float(c.conf_high[0]),
        )


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
    cp = cross_products(
        names, _numbers(fixed, "formula"), _numbers(y, "outcome")[:, 0], basis, code
    )
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
        n_observations=cp.n_observations,
        dropped=lmm.dropped,
        lmm=lmm,
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
