"""Newton's search for the covariance over visits that minimises the deviance."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

import numpy as np

from pgsicbt.errors import FitError
from pgsicbt.models.mmrm.residual_structures import Derivatives, Structure
from pgsicbt.result import Array

_DECREMENT = 1e-11  # Newton decrement (deviance units) at which the optimum is reached
_DEGENERATE = 1e-9  # smallest eigenvalue of the correlations over visits that is believed


class HasDeviance(Protocol):
    """What is known at one covariance, the deviance above all."""

    @property
    def deviance(self) -> float: ...


S = TypeVar("S", bound=HasDeviance)


def newton_search(
    structure: Structure,
    theta: Array,
    label: str,
    solve: Callable[[Array], S | None],
    slopes: Callable[[S, Derivatives], tuple[Array, Array]],
    *,
    most: int,
) -> tuple[Array, bool, int]:
    """The optimal parameters, whether converged, and steps taken.

    Parameters
    ----------
    theta
        Parameters (k,) of the structure to start from.
    label
        What to call the structure in an error.
    solve
        The solution at a covariance (M, M), None where that is not positive definite.
    slopes
        Gradient (k,) and Hessian (k, k) of the deviance at a solution.
    most
        Steps after which the search ends unconverged.

    Raises
    ------
    FitError
        If the covariance becomes degenerate.
    """
    for step in range(1, most + 1):
        sigma = structure.sigma(theta)
        solved = solve(sigma)
        if solved is None or is_degenerate(sigma):
            raise degenerate(structure, label)
        grad, hess = slopes(solved, structure.derivatives(theta))
        values, vectors = np.linalg.eigh(hess)
        curvature = np.maximum(np.abs(values), 1e-8 * max(1.0, float(np.abs(values).max())))
        move = -vectors @ ((vectors.T @ grad) / curvature)
        decrement = float(-grad @ move)
        if decrement < _DECREMENT:
            return theta + move, True, step
        limit = 2.0 * max(1.0, float(np.linalg.norm(theta)))
        scale = min(1.0, limit / float(np.linalg.norm(move)))
        # Close to the optimum rounding hides the decrease, so a full step is simply taken.
        if decrement > 1e-7:
            while scale > 1e-8:
                there = solve(structure.sigma(theta + scale * move))
                if there and there.deviance <= solved.deviance - 1e-4 * scale * decrement:
                    break
                scale /= 2
            else:
                return theta, decrement < 1e-5, step
        theta = theta + scale * move
    return theta, False, most


def is_degenerate(sigma: Array) -> bool:
    """Whether a visit is nearly determined by others, or has nearly no variance."""
    sd = np.sqrt(np.diag(sigma))
    if sd.min() < 1e-7 * sd.max():
        return True
    return bool(np.linalg.eigvalsh(sigma / np.outer(sd, sd))[0] < _DEGENERATE)


def degenerate(structure: Structure, label: str) -> FitError:
    """What is said of a covariance that cannot be estimated."""
    return FitError(
        f"The {label} covariance of the visits ({structure.n_parameters} parameters) cannot be "
        "estimated: some visits are nearly determined by the others.",
        "Choose a structure with fewer parameters, fewer visits or more people.",
        code="degenerate_covariance",
    )
