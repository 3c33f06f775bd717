"""Robust moments with groups of people (therapists, families) as clusters.

The formulas are those of :mod:`.robust` and :mod:`.robust_rows`, with the rows of all people of a
group as one cluster g; S_g is block-diagonal, one block per person. Groups have hundreds of rows,
so CR2's A_g is never formed. With S_i = Q L Q', in the rows turned by Q',

    E_g' = L^(1/2) (D - Y Y')^(-1/2) D^(-1/2) Y     D = L^2,  Y = L^(1/2) Q'X

in columns where M is the identity, and the inverse square root is a sum of resolvents

    A^(-1/2) = sum_j w_j (A + s_j I)^-1

by the conformal map of Hale, Higham & Trefethen (2008, SIAM J Numer Anal 46:2505, method 3), each
of which Woodbury's identity gives from p x p matrices. What a group decides by itself (a column
that only it has) lies in the null space of D - Y Y' and is left out of the inverse, as the
pseudo-inverse of CR2 has it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import special

from pgsicbt.result import Array

_POINTS = 24
"""Resolvents; the error falls as exp(-2 pi^2 points / log(condition)), below 1e-12 for 1e6."""
_DECIDED = 1.0 - 1e-9
"""Share of a column's information in one group from which on the group decides it alone."""


def adjusted_group(x: Array, spread: Array, kind: str) -> Array:
    """The transpose of E_g (n, p) of one group, for turned rows.

    Parameters
    ----------
    x
        (n, p) turned rows, in columns where M is the identity.
    spread
        (n,) eigenvalues L of S_g.
    kind
        ``"CR0"`` or ``"CR2"``.
    """
    if kind == "CR0":
        return x / spread[:, None]
    root = np.sqrt(spread)[:, None]
    d, y = spread**2, root * x
    wanted = y / spread[:, None]  # D^(-1/2) Y
    inner = wanted.T @ wanted  # Y' D^-1 Y: what of each column's information is in this group
    share, vectors = np.linalg.eigh(inner)
    decided = share > _DECIDED
    if decided.any():
        null = np.linalg.qr((y / d[:, None]) @ vectors[:, decided])[0]
        wanted = wanted - null @ (null.T @ wanted)
    rest = share[~decided]
    top = float(rest.max()) if rest.size else 0.0
    low, high = float(d.min()) * (1.0 - max(top, 0.0)), float(d.max())
    weights, shifts = inverse_root(low, high)
    found = np.zeros_like(wanted)
    identity = np.eye(y.shape[1])
    for w, s in zip(weights, shifts, strict=True):
        over = 1.0 / (d + s)[:, None]
        plain, left = over * wanted, over * y
        found += w * (plain + left @ np.linalg.solve(identity - y.T @ left, y.T @ plain))
    if decided.any():
        found -= null @ (null.T @ found)
    return np.asarray(root * found)


def inverse_root(low: float, high: float) -> tuple[Array, Array]:
    """Weights and shifts (:data:`_POINTS`,) of A^(-1/2), eigenvalues from ``low`` to ``high``."""
    high = max(high, low * (1 + 1e-6))
    other = 1.0 - low / high  # the complementary parameter of the elliptic functions
    period = float(special.ellipkm1(low / high))
    at = (np.arange(_POINTS) + 0.5) * period / _POINTS
    sn, cn, dn, _ = special.ellipj(at, other)
    weights = 2.0 * period * np.sqrt(low) / (np.pi * _POINTS) * dn / cn**2
    return np.asarray(weights), np.asarray(low * (sn / cn) ** 2)


def groups_of(cluster: NDArray[np.intp], person: NDArray[np.intp]) -> list[NDArray[np.intp]]:
    """Rows of each group, from people's groups (N,) and rows' people (n,)."""
    codes = cluster[person]
    order = np.argsort(codes, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(codes[order])) + 1)
