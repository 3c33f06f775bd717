"""What an analysis found: the frozen :class:`Result`, aggregates only.

A result never holds a row per person, so it may be cached, saved and shown; what leaves the
session must still pass :mod:`pgsicbt.disclosure`.
"""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pgsicbt.spec import AnalysisSpec
from pgsicbt.study import Finding, LedgerStep

Array = NDArray[np.float64]

TABLE_COLUMNS = (
    "score", "outcome", "model", "subset", "term", "estimate", "std_error", "df", "statistic",
    "p_value", "conf_low", "conf_high", "p_adjusted", "n_persons", "n_observations", "status",
    "role", "p_holm", "p_bonferroni", "p_bh",
)  # fmt: skip
"""Columns of ``Result.table``. ``model`` is crude, adjusted or complete; ``role`` says what a
term is: ``intercept``, ``time``, ``main`` (the score), ``interaction`` (score x time),
``covariate`` or ``covariate_time``. Adjusted p values exist for main and interaction only.
``status`` is ``ok``, ``singular`` (the random part is on the boundary) or ``failed``."""


@dataclass(frozen=True)
class FixedEffects:
    """Estimates of one mixed model with all that inference on them needs.

    Shapes: ``estimates`` (p,), ``covariance`` (p, p); ``covariance_gradient`` (k, p, p) holds
    the derivatives of the covariance by each of k variance parameters, ``variance_covariance``
    (k, k) the asymptotic covariance of those parameters, as in Satterthwaite's method
    (Kuznetsova et al. 2017, J Stat Softw 82(13), section 2).
    """

    names: tuple[str, ...]
    estimates: Array
    covariance: Array
    covariance_gradient: Array
    variance_covariance: Array
    n_observations: int


@dataclass(frozen=True)
class ModelFit:
    """One fitted cell of the grid.

    ``random_covariance`` (q, q) is the covariance of intercept and slope between people in
    outcome units (per ``time_unit``); ``profile`` maps each term that does not involve the
    score to its mean over the people analysed, which is where predicted trajectories are drawn;
    ``score_mean`` and ``score_sd`` are those of the score before standardising;
    ``score_unit`` is the size of one step of +1 SD on the scale that the model used.
    """

    score: str
    adjustment: str
    formula: str
    fixed: FixedEffects
    random_covariance: Array
    residual_variance: float
    log_likelihood: float
    reml: bool
    converged: bool
    singular: bool
    n_persons: int
    n_observations: int
    profile: dict[str, float] = field(default_factory=dict)
    score_mean: float = 0.0
    score_sd: float = 1.0
    score_unit: float = 1.0


@dataclass(frozen=True)
class Result:
    """The whole grid of one analysis.

    Parameters
    ----------
    table
        One row per score x outcome x model x term with the columns of ``TABLE_COLUMNS``.
    fits
        The fitted cells that did not fail.
    ledger
        From the study's people to the people analysed, and why each was left out.
    warnings
        What a reader must know, as data.
    """

    table: pd.DataFrame
    spec: AnalysisSpec
    fits: tuple[ModelFit, ...]
    n_persons: int
    n_observations: int
    ledger: tuple[LedgerStep, ...]
    warnings: tuple[Finding, ...]
    versions: dict[str, str]
    digest: str
    seed: int | None = None
    simulated: bool = False

    def fit_of(self, score: str, adjustment: str) -> ModelFit | None:
        """The fitted cell of one score and adjustment, or None where it failed."""
        for fit in self.fits:
            if fit.score == score and fit.adjustment == adjustment:
                return fit
        return None

    def terms(self, *roles: str, adjustment: str = "") -> pd.DataFrame:
        """Rows of the table with one of ``roles`` (all if none is named)."""
        rows = self.table
        if roles:
            rows = rows[rows["role"].isin(roles)]
        if adjustment:
            rows = rows[rows["model"] == adjustment]
        return rows.reset_index(drop=True)

    def summary(self) -> str:
        """The score terms as plain text, one line per score, model and term."""
        shown = self.terms("main", "interaction")
        if shown.empty:
            shown = self.table
        columns = ["score", "model", "term", "estimate", "std_error", "df", "p_value",
                   "conf_low", "conf_high", "p_adjusted"]  # fmt: skip
        head = (
            f"{self.spec.outcome}: {self.n_persons:,} people, {self.n_observations:,} "
            f"observations{', simulated' if self.simulated else ''}"
        )
        return head + "\n" + shown[columns].to_string(index=False, float_format="%.4g")

    def to_json(self) -> str:
        """Everything but the covariance matrices, as JSON with nulls for missing numbers."""
        rows = json.loads(self.table.to_json(orient="records", double_precision=15))
        body: dict[str, Any] = {
            "spec": dataclasses.asdict(self.spec),
            "n_persons": self.n_persons,
            "n_observations": self.n_observations,
            "simulated": self.simulated,
            "digest": self.digest,
            "seed": self.seed,
            "versions": self.versions,
            "ledger": [dataclasses.asdict(step) for step in self.ledger],
            "warnings": [dataclasses.asdict(w) for w in self.warnings],
            "models": [
                {
                    "score": f.score,
                    "adjustment": f.adjustment,
                    "formula": f.formula,
                    "log_likelihood": f.log_likelihood,
                    "reml": f.reml,
                    "converged": f.converged,
                    "singular": f.singular,
                    "random_covariance": f.random_covariance.tolist(),
                    "residual_variance": f.residual_variance,
                    "n_persons": f.n_persons,
                    "n_observations": f.n_observations,
                }
                for f in self.fits
            ],
            "table": rows,
        }
        return json.dumps(body, indent=2, ensure_ascii=False, allow_nan=False)
