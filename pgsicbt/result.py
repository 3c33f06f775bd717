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

from pgsicbt.spec import AnalysisSpec, Family, RandomPart, TimeCoding
from pgsicbt.study import Finding, LedgerStep

Array = NDArray[np.float64]

TABLE_COLUMNS = (
    "score", "outcome", "model", "subset", "term", "estimate", "std_error", "df", "statistic",
    "p_value", "conf_low", "conf_high", "p_adjusted", "n_persons", "n_observations", "status",
    "role", "p_holm", "p_bonferroni", "p_bh", "p_by", "p_li_ji", "p_galwey", "p_max_t",
    "family",
)  # fmt: skip
"""Columns of ``Result.table``. ``model`` is crude, adjusted or complete; ``role`` says what a
term is: ``intercept``, ``time``, ``main`` (the score at the origin of time), ``interaction``
(score x time), ``covariate`` or ``covariate_time``. Where time is not one straight line the
columns score x time have the role ``interaction_part``, and two rows stand for them:
``interaction`` (term ``change:SCORE``) is the difference in change from the first to the last
week analysed, in points of the outcome per step of the score, and ``joint`` (term
``any change:SCORE``) the F test that all of them are zero, with F as ``statistic``, its
denominator df as ``df`` and no estimate. In families with one outcome per person the score has
one row of the role ``outcome``. ``moderation`` and ``moderation_change`` are a score x another
score or covariate (centred), and that x time, with ``moderation_joint`` as their joint test where
there are several; ``group`` and ``group_change`` a group of the score against the lowest, with the
highest group as ``main`` and ``interaction``; ``score`` and ``score_change`` another score in the
same model. Adjusted p values exist for main, interaction and outcome only, not for controls.
``family`` is that of the spec; estimates of logistic, dropout and ordinal models are log odds
ratios, of cox log hazard ratios, otherwise points of the outcome.
``status`` is ``ok``, ``singular`` (the random part is on the boundary) or ``failed``."""


@dataclass(frozen=True)
class FixedEffects:
    """Estimates of one mixed model with all that inference on them needs.

    Shapes: ``estimates`` (p,), ``covariance`` (p, p); ``covariance_gradient`` (k, p, p) holds
    the derivatives of the covariance by each of k variance parameters, ``variance_covariance``
    (k, k) the asymptotic covariance of those parameters, as in Satterthwaite's method
    (Kuznetsova et al. 2017, J Stat Softw 82(13), section 2).

    ``adjusted`` (p, p) is the covariance that standard errors come from where it is not
    ``covariance``: that of Kenward and Roger, or a cluster-robust one. ``robust_df`` (p,) are
    then the degrees of freedom of each coefficient with robust errors.
    """

    names: tuple[str, ...]
    estimates: Array
    covariance: Array
    covariance_gradient: Array
    variance_covariance: Array
    n_observations: int
    adjusted: Array | None = None
    robust_df: Array | None = None


@dataclass(frozen=True)
class TimeBasis:
    """How time enters a model; :func:`pgsicbt.models.grid.time_coding.time_columns` evaluates it.

    Parameters
    ----------
    coding
        As in the spec.
    names
        Names of the k time columns.
    origin, first_week, last_week
        Week at which every column is zero, and the ends of the weeks analysed.
    unit
        Weeks in one unit of time.
    knots
        Weeks: the knot of piecewise time; outer and inner knots of a spline.
    levels
        Planned weeks of categorical time, the origin among them.
    seen_last
        Last whole week that enough people were seen in, None where nothing is known of it.
    """

    coding: TimeCoding = "linear"
    names: tuple[str, ...] = ("time",)
    origin: float = 0.0
    first_week: float = 0.0
    last_week: float = 0.0
    unit: float = 1.0
    knots: tuple[float, ...] = ()
    levels: tuple[float, ...] = ()
    seen_last: float | None = None

    @property
    def end_week(self) -> float:
        """The last week analysed that enough people were seen in (:attr:`seen_last`), if known.

        A visit of a few people long after the others belongs to the model and is not the end.
        Where the last week analysed rounds to the one seen last, it is the end by its own number.
        """
        if self.levels:
            return self.levels[-1]
        seen = self.seen_last
        if seen is not None and self.first_week < seen < round(self.last_week):
            return seen
        return self.last_week

    @property
    def change_weeks(self) -> tuple[float, float]:
        """Weeks that change is told between: from the start of treatment to :attr:`end_week`.

        A screening before week 0 belongs to the model and not to the change. Where nothing is
        analysed after week 0, or nothing before it, from the first week analysed; with planned
        weeks, from the last one before treatment.
        """
        last = self.end_week
        if self.levels:
            before = [week for week in self.levels if week <= 0]
            inside = before and before[-1] < last
            return (before[-1] if inside else self.levels[0]), last
        first = max(self.first_week, 0.0)
        return (first if first < last else self.first_week), last

    @property
    def change_units(self) -> float:
        """What the effect on change that a table has is multiplied with, to be over those weeks.

        Their number in units of time where time is a straight line; other tables have it so.
        """
        first, last = self.change_weeks
        return (last - first) / self.unit if self.coding == "linear" else 1.0


@dataclass(frozen=True)
class ModelFit:
    """One fitted cell of the grid.

    ``random_covariance`` (q, q) is the covariance of intercept and slope between people in
    outcome units (per ``time_unit``); ``profile`` maps each term that does not involve the
    score to its mean over the people analysed, which is where predicted trajectories are drawn;
    ``score_mean`` and ``score_sd`` are those of the score before standardising;
    ``score_unit`` is the size of one step of +1 SD on the scale that the model used.
    ``time`` is how time was coded (None: a straight line from week 0, in the spec's unit), and
    ``random_used`` the random part that was fitted, which the ladder may have simplified.
    ``references`` names the level of each categorical covariate that its others are compared with.

    Models without a random part have a ``random_covariance`` of shape (0, 0); ``details`` holds
    numbers that only one family has (events, thresholds, working correlation), by name.
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
    time: TimeBasis | None = None
    random_used: RandomPart = "intercept+slope"
    family: Family = "lmm"
    details: dict[str, float] = field(default_factory=dict)
    references: dict[str, str] = field(default_factory=dict)


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
    random_used
        The random part of all the fits, simpler than the spec's where the data could not
        carry it.
    effective_tests
        Effective number of tests of a family, by method (``li-ji``, ``galwey``).
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
    random_used: RandomPart = "intercept+slope"
    effective_tests: dict[str, float] = field(default_factory=dict)

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
            "random_used": self.random_used,
            "effective_tests": self.effective_tests,
            "versions": self.versions,
            "ledger": [dataclasses.asdict(step) for step in self.ledger],
            "warnings": [dataclasses.asdict(w) for w in self.warnings],
            "models": [
                {
                    "score": f.score,
                    "adjustment": f.adjustment,
                    "formula": f.formula,
                    "log_likelihood": _number(f.log_likelihood),
                    "reml": f.reml,
                    "converged": f.converged,
                    "singular": f.singular,
                    "random_covariance": f.random_covariance.tolist(),
                    "family": f.family,
                    "residual_variance": _number(f.residual_variance),
                    "details": {name: _number(x) for name, x in f.details.items()},
                    "time": None if f.time is None else dataclasses.asdict(f.time),
                    "n_persons": f.n_persons,
                    "n_observations": f.n_observations,
                }
                for f in self.fits
            ],
            "table": rows,
        }
        return json.dumps(body, indent=2, ensure_ascii=False, allow_nan=False)


def _number(x: float) -> float | None:
    """A number as JSON can hold it."""
    return float(x) if np.isfinite(x) else None
