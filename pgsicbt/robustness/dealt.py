"""Scores dealt out anew among people: what a curve looks like when there is nothing to find.

What covariates and components say of a score stays with its owner; only the rest is dealt out: the
permutation of a regressor's residuals (Dekker, Krackhardt & Snijders 2007, Psychometrika 72:563;
Werft & Benner 2010, R J 2(1):39), with what they are residuals of put back, since not every
specification has all the covariates. It is done for all scores of a person together, so that they
stay as correlated as they are. In every specification the deal is the same.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import scipy.linalg

from pgsicbt.models.grid.design import covariate_columns
from pgsicbt.models.grid.sample import Sample
from pgsicbt.result import Array
from pgsicbt.spec import AnalysisSpec
from pgsicbt.study import Study


def dealt_scores(
    study: Study, spec: AnalysisSpec, persons: pd.DataFrame, scores: tuple[str, ...],
    permutations: int, seed: int,
) -> Array:  # fmt: skip
    """Scores dealt out ``permutations`` times.

    Parameters
    ----------
    spec
        Whose covariates and components stay with their owners.
    persons
        (N rows) people with every score and covariate known.

    Returns
    -------
    Array
        (N, permutations x K): all K scores of the first deal, of the second, ..
    """
    x = persons[list(scores)].to_numpy(float)
    n, k = x.shape
    if not permutations:
        return np.empty((n, 0))
    empty = np.empty(0)
    sample = Sample(persons, np.empty(0, dtype=np.intp), empty, empty, ())
    columns = [np.ones(n)]
    for name in (*spec.covariates, *spec.components):
        columns += [values for _, values in covariate_columns(sample, study.covariate(name))]
    design = np.column_stack(columns)
    basis, spread, _ = scipy.linalg.qr(design, mode="economic", pivoting=True)
    size = np.abs(np.diag(spread))
    basis = basis[:, size > 1e-10 * size[0]]
    stays = basis @ (basis.T @ x)
    rest = x - stays
    rng = np.random.default_rng(seed)
    out = np.empty((n, permutations * k))
    for r in range(permutations):
        out[:, r * k : (r + 1) * k] = stays + rest[rng.permutation(n)]
    return out
