"""Where the search for variance parameters may begin: the method of moments.

With r the residuals of least squares and A = Z'Z of a person, Z'r has about the covariance
s (A + A Psi A). Summed over persons this is a linear equation for Psi, with s from what is left
within persons (Swamy 1970, Econometrica 38:311, with least squares of everybody in place of the
covariates). It is rough, but half as far from the optimum as a fixed start.
"""

from __future__ import annotations

import numpy as np

from pgsicbt.models.engine.crossproducts import CrossProducts
from pgsicbt.models.engine.deviance import pairs
from pgsicbt.result import Array


def moment_start(cp: CrossProducts, q: int) -> Array | None:
    """Psi (q, q) of q random terms, positive definite; None where moments do not give one."""
    p = len(cp.names)
    if not q or cp.residual_df <= 0:
        return None
    ols = np.linalg.lstsq(cp.pooled[:p, :p], cp.pooled[:p, p], rcond=None)[0]
    resid = cp.cross[:q, :, p] - cp.cross[:q, :, :p] @ ols
    rss = float(cp.pooled[p, p] - ols @ cp.pooled[:p, p])
    a = np.moveaxis(cp.basis[:q, :q], 2, 0)
    able = np.linalg.det(a) > 1e-10 * np.prod(np.diagonal(a, axis1=1, axis2=2), axis=1)
    if not able.any():
        return None
    inside = np.linalg.solve(a[able], resid.T[able][:, :, None])[:, :, 0]
    sigma2 = (rss - float((inside * resid.T[able]).sum())) / cp.residual_df
    if not sigma2 > 0:
        return None
    flat = a.reshape(-1, q * q)
    products = (flat.T @ flat).reshape(q, q, q, q)
    free = pairs(q)
    left = np.empty((len(free), len(free)))
    for k, (i, j) in enumerate(free):
        d = np.zeros((q, q))
        d[i, j] = d[j, i] = 1.0
        turned = np.einsum("abcd,bc->ad", products, d)
        left[:, k] = [turned[e] for e in free]
    right = resid @ resid.T / sigma2 - a.sum(axis=0)
    try:
        values = np.linalg.solve(left, [right[e] for e in free])
    except np.linalg.LinAlgError:
        return None
    psi = np.empty((q, q))
    for value, (i, j) in zip(values, free, strict=True):
        psi[i, j] = psi[j, i] = value
    scale = np.sqrt(a.mean(axis=0).diagonal())
    sizes = np.linalg.eigvalsh(psi * np.outer(scale, scale))
    return psi if sizes[0] > 1e-3 * max(1.0, float(sizes[-1])) else None
