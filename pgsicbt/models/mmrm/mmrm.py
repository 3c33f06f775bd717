"""Mixed model for repeated measures: categorical visits, one residual covariance, no random part.

The model of clinical trials (Mallinckrodt et al. 2008, Drug Inf J 42:303): visits are levels
rather than a course, and people who miss some of them stay in with what they have. What a
person contributes is a row and column subset of one covariance over visits, whose structure is
chosen by name (see :mod:`pgsicbt.models.mmrm.residual_structures`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pgsicbt.errors import DataError, FitError, SpecError
from pgsicbt.models.engine.kenward_roger import KenwardRoger
from pgsicbt.models.engine.term_tests import TermTests
from pgsicbt.models.engine.threads import one_thread
from pgsicbt.models.formula.frame_findings import dropped_findings, missing_findings, rare_findings
from pgsicbt.models.formula.model_frame import People, finite_numbers, fixed_part, term_names
from pgsicbt.models.mmrm.marginal import MarginalFit, fit_marginal
from pgsicbt.models.mmrm.residual_structures import StructureName, structure_named
from pgsicbt.models.mmrm.visit_patterns import visit_patterns
from pgsicbt.result import Array, FixedEffects
from pgsicbt.study import Finding


@dataclass(frozen=True)
class MarginalModel(TermTests):
    """A fitted MMRM with the names of its formula.

    Attributes
    ----------
    coefficients, std_errors
        Series over the fixed effects, named as R names them.
    covariance
        Frame (p, p): (X'V^-1 X)^-1.
    residual_covariance
        Frame (M, M) over the visits in their order, in outcome units squared.
    structure, n_covariance_parameters
        What was assumed of it.
    log_likelihood
        The restricted one under REML.
    converged, warnings
        What a reader must know of the data and the fit, by code and column. Not converged: the
        estimates are not to be used.
    n_persons, n_observations
        People and rows used; rows with a missing value are left out.
    dropped
        Columns left out because earlier ones determine them.
    """

    coefficients: pd.Series[float]
    std_errors: pd.Series[float]
    covariance: pd.DataFrame
    residual_covariance: pd.DataFrame
    structure: StructureName
    n_covariance_parameters: int
    log_likelihood: float
    converged: bool
    warnings: tuple[Finding, ...]
    n_persons: int
    n_observations: int
    dropped: tuple[str, ...]
    reml: bool
    marginal: MarginalFit = field(repr=False)

    @property
    def residual_correlation(self) -> pd.DataFrame:
        """Correlations over the visits (M, M)."""
        cov = self.residual_covariance
        sd = np.sqrt(np.diag(cov.to_numpy()))
        return pd.DataFrame(cov.to_numpy() / np.outer(sd, sd), index=cov.index, columns=cov.columns)

    def _fixed(self) -> FixedEffects:
        return self.marginal.fixed

    def _small_sample(self) -> KenwardRoger:
        return self.kenward_roger

    @property
    def kenward_roger(self) -> KenwardRoger:
        """Small-sample covariance of the fixed effects and what its tests need."""
        adjusted = self.marginal.adjusted
        if adjusted is None:
            raise SpecError(
                "Kenward-Roger needs a REML fit.", "Fit with reml=True, or use satterthwaite."
            )
        fixed = self.marginal.fixed
        return KenwardRoger(
            estimates=fixed.estimates,
            covariance=fixed.covariance,
            adjusted=adjusted,
            moves=-fixed.covariance_gradient,
            weights=fixed.variance_covariance,
        )


def mmrm(
    formula: str,
    data: pd.DataFrame,
    subject: str = "id",
    visit: str = "visit",
    structure: StructureName = "unstructured",
    reml: bool = True,
) -> MarginalModel:
    """Fit a mixed model for repeated measures.

    Parameters
    ----------
    formula
        Fixed part, such as ``"y ~ C(visit) * x + age"`` (formulaic's notation, as R's).
    data
        One row per person and visit. Rows with a missing value in a column used are left out.
    subject, visit
        Columns that name the person and the visit. The order of visits, which matters to
        ``ar1`` and ``toeplitz``, is that of numbers, of the categories of a pandas Categorical,
        or of the number in labels that differ only in it, such as "week 2".
    structure
        Covariance over visits.

    Raises
    ------
    SpecError
        If the formula or the structure cannot be read, names a column that is not there, or the
        order of visits is needed and unknown.
    DataError
        If there are fewer than two visits, a visit nobody has, a person twice at one visit, or
        values that are not finite numbers.
    FitError
        If the model cannot be estimated.
    """
    for column in (subject, visit):
        if column not in data.columns:
            raise SpecError(
                f"The data have no column {column!r}.", "Name the columns of person and visit."
            )
    frame = data[data[subject].notna() & data[visit].notna()].reset_index(drop=True)
    fixed, y = fixed_part(formula, frame)
    if not len(fixed):
        raise DataError("No row has a value in every column of the model.", "Check the columns.")
    labels, codes = _visits(frame[visit], visit, ordered="ar1" in structure or "toep" in structure)
    codes = codes[fixed.index]
    chosen = structure_named(structure, max(len(labels), 2))
    _check_visits(labels, codes, visit)
    person = pd.factorize(frame.loc[fixed.index, subject])[0]
    if len(np.unique(person.astype(np.int64) * len(labels) + codes)) < len(codes):
        raise DataError(
            f"A person occurs twice at one visit of the column {visit!r}.",
            f"Keep one row per {subject!r} and {visit!r}.",
            column=visit,
        )
    design, outcome = finite_numbers(fixed), finite_numbers(y)[:, 0]
    patterns = visit_patterns(term_names(fixed), design, outcome, person, codes, len(labels))
    label = structure.replace("_", " ").replace("ar1", "AR(1)")
    check_together(patterns.together, patterns.n_persons, labels, structure, label)
    with one_thread():
        fit = fit_marginal(patterns, chosen, reml=reml, label=label)
    kept = list(fit.fixed.names)
    notes = [
        *missing_findings(len(data) - len(fixed)),
        *dropped_findings(patterns.names, design, fit.dropped),
        *rare_findings(patterns.names, design, People(person)),
    ]
    if not fit.converged:
        said = (
            f"The {label} covariance of the visits did not converge in {fit.steps} steps, as the "
            "data do not determine it well: do not use these estimates, choose a structure with "
            "fewer parameters."
        )
        notes.append(Finding("not_converged", "warning", said))
    return MarginalModel(
        coefficients=pd.Series(fit.fixed.estimates, index=kept),
        std_errors=pd.Series(np.sqrt(np.diag(fit.fixed.covariance)), index=kept),
        covariance=pd.DataFrame(fit.fixed.covariance, index=kept, columns=kept),
        residual_covariance=pd.DataFrame(fit.residual_covariance, index=labels, columns=labels),
        structure=structure,
        n_covariance_parameters=chosen.n_parameters,
        log_likelihood=fit.log_likelihood,
        converged=fit.converged,
        warnings=tuple(notes),
        n_persons=patterns.n_persons,
        n_observations=patterns.n_observations,
        dropped=fit.dropped,
        reml=reml,
        marginal=fit,
    )


def _visits(column: pd.Series, name: str, ordered: bool) -> tuple[list[object], NDArray[np.intp]]:
    """Labels of the visits in their order, and the place of each row's visit among them."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return list(column.cat.categories), column.cat.codes.to_numpy().astype(np.intp)
    labels = list(pd.unique(column))
    if pd.api.types.is_numeric_dtype(column) or pd.api.types.is_datetime64_any_dtype(column):
        labels = sorted(labels)
    else:
        parts = [re.fullmatch(r"(\D*)(\d+)(\D*)", str(label)) for label in labels]
        found = [p for p in parts if p]
        if len(found) == len(parts) and len({(p[1], p[3]) for p in found}) == 1:
            labels = [x for _, x in sorted(zip((int(p[2]) for p in found), labels, strict=True))]
        elif ordered and len(labels) > 2:
            raise SpecError(
                f"The order of the visits in the column {name!r} is not known.",
                "Make it numeric or a pandas Categorical with its categories in order.",
            )
        else:
            labels = sorted(labels, key=str)
    return labels, pd.Index(labels).get_indexer(pd.Index(column)).astype(np.intp)


def _check_visits(labels: list[object], codes: NDArray[np.intp], name: str) -> None:
    counts = np.bincount(codes, minlength=len(labels))
    if (counts == 0).any() and len(labels) > 1:
        label = labels[int(np.argmin(counts))]
        raise DataError(
            f"Nobody has a value at the visit {str(label)!r} of the column {name!r}.",
            "Leave this visit out of the data and of the categories.",
            column=name,
        )
    if len(labels) < 2:
        raise DataError(
            f"The column {name!r} has only one visit.",
            "Repeated measures need two visits or more; for one, use ordinary regression.",
            column=name,
        )


def check_together(
    together: Array, n_persons: int, labels: Sequence[object], structure: str, label: str
) -> None:
    """Refuse a structure that needs pairs of visits which too few people have.

    Parameters
    ----------
    together
        (M, M) number of people who have both visits.

    Raises
    ------
    FitError
        If nobody has such a pair.
    """
    m = len(labels)
    lag = np.abs(np.subtract.outer(np.arange(m), np.arange(m)))
    if not together[lag > 0].any():
        raise FitError(
            "Nobody has more than one visit, so visits of a person cannot be related.",
            "Use ordinary regression.",
            code="too_few_visits",
        )
    if structure == "unstructured" and n_persons <= m:
        raise FitError(
            f"There are {n_persons} people for the unstructured covariance of {m} visits.",
            "Choose a structure with fewer parameters or load more data.",
            code="too_few_people",
        )
    if structure == "unstructured" and (together == 0).any():
        a, b = (str(labels[i]) for i in np.argwhere(together == 0)[0])
        raise FitError(
            f"Nobody has both of the visits {a!r} and {b!r}, so their covariance is unknown.",
            "Choose a structure with fewer parameters or leave one of these visits out.",
            code="covariance_not_determined",
        )
    if "toeplitz" in structure:
        empty = [d for d in range(1, m) if not together[lag == d].any()]
        if empty:
            raise FitError(
                f"Nobody has two visits {empty[0]} steps apart, which the {label} covariance "
                "needs.",
                "Choose a structure with fewer parameters.",
                code="covariance_not_determined",
            )
