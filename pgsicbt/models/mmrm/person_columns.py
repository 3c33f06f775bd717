"""A marginal model whose columns are weeks x person columns, as sums over patterns of visits.

Every column of a grid's model is a column of people z_i (1, a score, a covariate) times a column
of weeks. So X_i = (I kron z_i') C with one layout C (M c, p) for everybody, and with A_k the
inverse of the covariance at the visits of pattern k (padded by zeros) and the sums
S_k = sum z_i z_i', T_k = sum e_i z_i', E_k = sum e_i e_i' over the people of the pattern,

    X'AX = C' [sum_k A_k kron S_k] C        X'Ae = C' vec(sum_k A_k T_k)
    e'Ae = sum_k tr(A_k E_k)

No step of the search runs over people, and another score changes one row of S_k and T_k only.
Everything is kept in a basis where the columns are orthonormal over all visits and e is the
residual of least squares with mean square one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_triangular

from pgsicbt.errors import FitError
from pgsicbt.models.engine.lmm import independent_columns
from pgsicbt.result import Array


@dataclass(frozen=True)
class Panel:
    """Outcomes of N people at M visits.

    ``value`` (N, M) is zero where ``seen`` (N, M) is False; ``patterns`` (K, M) are the different
    rows of ``seen``, ``pattern`` (N,) says which is whose, and people are ordered by pattern.
    ``order`` (N,) are their positions before that.
    """

    value: Array
    seen: NDArray[np.bool_]
    patterns: NDArray[np.bool_]
    pattern: NDArray[np.intp]
    starts: NDArray[np.intp]
    persons: Array
    order: NDArray[np.intp]

    @property
    def n_observations(self) -> int:
        return int(self.seen.sum())

    @property
    def together(self) -> Array:
        """(M, M): number of people who have both visits."""
        seen = self.seen.astype(float)
        return np.asarray(seen.T @ seen)


def panel(
    code: NDArray[np.intp], visit: NDArray[np.intp], value: Array, n_visits: int
) -> tuple[Panel, int]:
    """People by visits; several values of a person at one visit count with their mean.

    Parameters
    ----------
    code, visit, value
        (n,) person and visit from 0 on, and outcome; every code occurs.

    Returns
    -------
    Panel, int
        And how many values were joined with another.
    """
    n = int(code.max()) + 1
    at = code * n_visits + visit
    counts = np.bincount(at, minlength=n * n_visits)
    sums = np.bincount(at, weights=value, minlength=n * n_visits)
    means = np.divide(sums, counts, out=np.zeros(len(sums)), where=counts > 0)
    seen = (counts > 0).reshape(n, n_visits)
    packed, first, which = np.unique(
        np.packbits(seen, axis=1), axis=0, return_index=True, return_inverse=True
    )
    which = which.ravel()
    order = np.argsort(which, kind="stable")
    persons = np.bincount(which, minlength=len(packed))
    made = Panel(
        means.reshape(n, n_visits)[order],
        seen[order],
        seen[first],
        which[order].astype(np.intp),
        (np.cumsum(persons) - persons).astype(np.intp),
        persons.astype(float),
        order.astype(np.intp),
    )
    return made, int(np.maximum(counts - 1, 0).sum())


@dataclass(frozen=True)
class Prepared:
    """One model over a panel, in the basis where its columns are orthonormal.

    ``z`` (N, c) and ``layout`` (M c, p) make the columns; ``s`` (K, c, c), ``t`` (K, M, c) and
    ``e`` (K, M, M) are the sums of the module. b = ols + unit * back @ gamma, and the covariance
    is unit^2 times that of the search; ``constant`` is what both changes add to the deviance and
    ``dof`` the observations that count in it. ``kept`` are the positions of the columns that
    earlier ones do not determine.
    """

    panel: Panel
    z: Array
    layout: Array
    residual: Array
    s: Array
    t: Array
    e: Array
    ols: Array
    back: Array
    unit: float
    dof: int
    constant: float
    reml: bool
    kept: list[int]

    @property
    def shape(self) -> tuple[int, int, int]:
        """Visits M, person columns c, model columns p."""
        return self.residual.shape[1], self.z.shape[1], self.layout.shape[1]

    def columns(self) -> Array:
        """X (N, M, p), zero at visits that were missed."""
        m, c, p = self.shape
        x = np.tensordot(self.z, self.layout.reshape(m, c, p), axes=([1], [1]))
        return np.asarray(x * self.panel.seen[:, :, None])


def prepare(data: Panel, persons: Array, weeks: Array, reml: bool) -> Prepared:
    """Sums for the columns ``persons`` times ``weeks``.

    Parameters
    ----------
    persons
        (N, c) columns of people in the order of the codes of :func:`panel`.
    weeks
        (M, c, p): weight of each visit and person column in each model column.

    Raises
    ------
    FitError
        If there is no column, nothing is left to explain, or there are too few observations.
    """
    z = persons[data.order]
    m, _, p = weeks.shape
    size = np.sqrt((z**2).sum(axis=0))
    size[size == 0] = 1.0
    useful = independent_columns((z / size).T @ (z / size))
    turned = np.linalg.qr(z[:, useful] / size[useful])[0]
    # z = turned @ mix, where columns that others determine are sums of them too.
    mix = turned.T @ z
    layout = np.einsum("dc,mcp->mdp", mix, weeks).reshape(m * len(useful), p)
    s = _by_pattern(turned[:, :, None] * turned[:, None, :], data)
    seen = data.patterns[:, :, None].astype(float)
    # Visits do not mix here, so X'X over visits a is seen_a S_k, block by block.
    blocks = np.tensordot(seen[:, :, 0].T, s, axes=1)
    parts = layout.reshape(m, -1, p)
    gram = np.einsum("mcp,mcd,mdq->pq", parts, blocks, parts, optimize=True)
    kept = independent_columns(gram)
    n = data.n_observations
    if not kept:
        raise FitError("The model has no column to estimate.", code="no_columns")
    if n <= len(kept):
        raise FitError(
            f"There are {n} observations for {len(kept)} coefficients.",
            "Choose fewer covariates or load more data.",
            code="too_few_observations",
        )
    layout = layout[:, kept]
    scale = 1.0 / np.sqrt(np.diag(gram)[kept])
    root = np.linalg.cholesky(gram[np.ix_(kept, kept)] * np.outer(scale, scale)).T
    back = scale[:, None] * solve_triangular(root, np.eye(len(kept)), check_finite=False)
    layout = layout @ back
    fitted = layout.reshape(m, -1, len(kept))
    push = np.einsum("nm,nc->mc", data.value, turned)
    first = np.einsum("mcp,mc->p", fitted, push)
    residual = (data.value - turned @ np.tensordot(fitted, first, axes=1).T) * data.seen
    # Once more, so that outcomes far from zero cost no digits.
    again = np.einsum("mcp,mc->p", fitted, np.einsum("nm,nc->mc", residual, turned))
    residual = (residual - turned @ np.tensordot(fitted, again, axes=1).T) * data.seen
    rss = float((residual**2).sum())
    if rss <= 1e-12 * float((data.value**2).sum()):
        raise FitError(
            "The covariates determine the outcome exactly, so nothing is left to explain.",
            "Check that the outcome does not vary for another reason or occur among them.",
            code="perfect_fit",
        )
    unit = float(np.sqrt(rss / (n - len(kept))))
    residual = residual / unit
    dof = n - len(kept) if reml else n
    constant = dof * float(np.log(2.0 * np.pi) + 2.0 * np.log(unit))
    if reml:
        constant += 2.0 * float(np.log(np.diag(root) / scale).sum())
    return Prepared(
        panel=data,
        z=turned,
        layout=layout,
        residual=residual,
        s=s,
        t=_by_pattern(residual[:, :, None] * turned[:, None, :], data),
        e=_by_pattern(residual[:, :, None] * residual[:, None, :], data),
        ols=back @ (first + again),
        back=back,
        unit=unit,
        dof=dof,
        constant=constant,
        reml=reml,
        kept=kept,
    )


def _by_pattern(each: Array, data: Panel) -> Array:
    return np.asarray(np.add.reduceat(each, data.starts, axis=0))
