"""The search that both ways of fitting a covariance over visits share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from pgsicbt.errors import FitError
from pgsicbt.models.mmrm.newton_search import is_degenerate, newton_search
from pgsicbt.models.mmrm.residual_structures import Derivatives, structure_named
from pgsicbt.result import Array

TARGET = np.array([[2.0, 0.6], [0.6, 1.0]])


@dataclass(frozen=True)
class Bowl:
    """A quadratic of the lower triangle of Sigma, least at the target."""

    sigma: Array

    @property
    def deviance(self) -> float:
        return float(((self.sigma - TARGET) ** 2).sum())


def _slopes(at: Bowl, by: Derivatives) -> tuple[Array, Array]:
    j = by.jacobian.reshape(len(by.jacobian), -1)
    off = 2.0 * (at.sigma - TARGET)
    return j @ off.ravel(), 2.0 * j @ j.T + by.curvature(off)


def test_the_search_ends_at_the_minimum_or_says_that_it_did_not() -> None:
    structure = structure_named("unstructured", 2)
    start = structure.start(np.ones(2), np.eye(2))
    theta, converged, steps = newton_search(structure, start, "x", Bowl, _slopes, most=50)
    assert converged
    assert 1 < steps < 20
    np.testing.assert_allclose(structure.sigma(theta), TARGET, atol=1e-9)
    assert newton_search(structure, start, "x", Bowl, _slopes, most=1)[1:] == (False, 1)


def test_what_cannot_be_solved_is_refused_by_its_name() -> None:
    structure = structure_named("unstructured", 2)
    start = structure.start(np.ones(2), np.eye(2))
    with pytest.raises(FitError, match="The whole covariance of the visits"):
        newton_search(structure, start, "whole", lambda _: None, _slopes, most=5)


def test_a_visit_that_another_determines_is_degenerate() -> None:
    assert not is_degenerate(TARGET)
    assert is_degenerate(np.ones((2, 2)))
    assert is_degenerate(np.diag([1.0, 1e-16]))
