"""The log-likelihood where columns are nearly dependent, against 40-digit arithmetic.

There R's own numbers lose digits, so nothing but more digits can tell who is right.
"""

from __future__ import annotations

from decimal import Decimal, localcontext
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pgsicbt import mixed_model

DATA = Path(__file__).parents[1] / "reference" / "data"
TWO_PI = 2 * Decimal("3.14159265358979323846264338327950288419717")


def _solved(a: list[list[Decimal]], b: list[list[Decimal]]) -> tuple[list[list[Decimal]], Decimal]:
    """a^-1 b by elimination of a symmetric positive definite a, and log|a|."""
    n, log = len(a), Decimal(0)
    rows = [[*left, *right] for left, right in zip(a, b, strict=True)]
    for j in range(n):
        pivot = rows[j][j]
        log += pivot.ln()
        rows[j] = [v / pivot for v in rows[j]]
        for i in range(n):
            if i != j and rows[i][j]:
                factor = rows[i][j]
                rows[i] = [v - factor * w for v, w in zip(rows[i], rows[j], strict=True)]
    return [row[n:] for row in rows], log


def _log_likelihood(
    both: np.ndarray, time: np.ndarray, code: np.ndarray, psi: np.ndarray, reml: bool
) -> float:
    """Profiled log-likelihood of y, the last column of ``both``, at a relative covariance."""
    with localcontext() as context:
        context.prec = 40
        p, log_v = both.shape[1] - 1, Decimal(0)
        s = [[Decimal(0)] * (p + 1) for _ in range(p + 1)]
        (a, b), (_, d) = [[Decimal(v) for v in row] for row in psi]
        for person in np.unique(code):
            x = [[Decimal(v) for v in row] for row in both[code == person]]
            t = [Decimal(v) for v in time[code == person]]
            v = [[(a + b * (r + c) + d * r * c) + int(i == j) for j, c in enumerate(t)]
                 for i, r in enumerate(t)]  # fmt: skip
            weighted, log = _solved(v, x)
            log_v += log
            for i in range(p + 1):
                for j in range(p + 1):
                    s[i][j] += sum(
                        (r[i] * w[j] for r, w in zip(x, weighted, strict=True)), Decimal(0)
                    )
        beta, log_x = _solved([row[:p] for row in s[:p]], [[row[p]] for row in s[:p]])
        rss = s[p][p] - sum((s[p][j] * beta[j][0] for j in range(p)), Decimal(0))
        dof = Decimal(len(both) - (p if reml else 0))
        deviance = log_v + dof * (1 + (TWO_PI * rss / dof).ln()) + (log_x if reml else 0)
        return float(-deviance / 2)


@pytest.mark.parametrize("reml", [True, False])
@pytest.mark.parametrize(
    ("distance", "offset"), [(1e-2, 0.0), (1e-4, 0.0), (2e-5, 0.0), (1.0, 1e6)]
)
def test_log_likelihood_to_1e_8(distance: float, offset: float, reml: bool) -> None:
    frame = pd.read_csv(DATA / "small.csv")
    code = pd.factorize(frame["id"])[0]
    other = np.random.default_rng(4).normal(size=code.max() + 1)[code]
    frame = frame.assign(near=frame["x"] + distance * other, y=frame["y"] + offset)
    model = mixed_model("y ~ time + x + near", frame, groups="id", random="1 + time", reml=reml)
    assert not model.dropped
    both = np.column_stack([np.ones(len(code)), frame[["time", "x", "near", "y"]].to_numpy()])
    want = _log_likelihood(both, frame["time"].to_numpy(), code, model.lmm.relative, reml)
    assert model.log_likelihood == pytest.approx(want, abs=1e-8)
