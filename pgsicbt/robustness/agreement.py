"""The same question asked of every kind of model, on one standardised axis.

Every effect is told in standard deviations of the outcome after treatment per standard deviation of
the score, and negative means fewer symptoms, or fewer people in a bad outcome:

- points (mixed models: change from the start of treatment to the last week; change score, ANCOVA
  and Tobit: after treatment) are divided by that standard deviation;
- log odds ratios are multiplied by sqrt(3) / pi, the standard deviation of a logistic variable
  being pi / sqrt(3) (Hasselblad & Hedges 1995, Psychol Bull 117:167; Chinn 2000, Stat Med 19:3127);
- signs of good outcomes, such as remission, are turned.

The models do not ask quite the same: change over all visits, value after treatment given the one
before, or a threshold passed. They agree if they point the same way, not if they are equal.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from pgsicbt.errors import FitError, PgsIcbtError, SpecError
from pgsicbt.models.families.statuses import defined_kinds
from pgsicbt.models.fit import FAMILIES, fit
from pgsicbt.models.grid.people import analysis_sample
from pgsicbt.outcomes import post_week
from pgsicbt.progress import Progress
from pgsicbt.result import Result
from pgsicbt.robustness.variants import plain, possible
from pgsicbt.spec import Adjustment, AnalysisSpec
from pgsicbt.study import HARMONISED, Study

PER_LOGIT = float(np.sqrt(3) / np.pi)
_NAMES = {
    "lmm": "Linear mixed model",
    "mmrm": "MMRM",
    "clda": "Constrained longitudinal (cLDA)",
    "gee": "GEE, exchangeable",
    "ancova": "ANCOVA",
    "change": "Change score",
    "tobit": "Tobit at floor and ceiling",
    "ordinal": "Severity bands, ordinal",
}
_GOOD = ("response", "remission", "reliable improvement")
_KEPT = 0.5  # weeks around the planned one that count as after treatment


@dataclass(frozen=True)
class Agreement:
    """Every family's effect of every score.

    Parameters
    ----------
    table
        One row per score and model: ``score``, ``family``, ``label``, ``outcome`` (which
        outcome it was), ``estimate``, ``std_error``, ``p_value``, ``conf_low`` and ``conf_high``
        standardised as above, ``own`` (on the family's own scale), ``scale`` (points, log odds),
        ``n_persons``.
    sd
        Standard deviation of the outcome after treatment, by outcome.
    failed
        Models that could not be made or fitted, and why.
    """

    table: pd.DataFrame
    sd: dict[str, float]
    adjustment: Adjustment
    failed: tuple[str, ...] = ()


def agreement(
    study: Study,
    spec: AnalysisSpec,
    *,
    adjustment: Adjustment = "adjusted",
    progress: Progress | None = None,
) -> Agreement:
    """Fit every kind of model that the outcome allows.

    Where the harmonised outcome has no severity bands or definition of remission, nothing stands in
    for them: another instrument would be other people.

    Parameters
    ----------
    progress
        Called with models done and to be done.

    Raises
    ------
    SpecError
        If the analysis has no score.
    FitError
        If no model can be fitted.
    """
    if not spec.scores:
        raise SpecError("There is no score to compare models by.", "Choose a score.")
    asked, failed = _asked(study, spec, adjustment)
    rows: list[pd.DataFrame] = []
    spread: dict[str, float] = {}
    for done, (label, wanted) in enumerate(asked):
        try:
            if wanted.outcome not in spread:
                spread[wanted.outcome] = spread_after(study, wanted)
            rows.append(_rows(study, fit(study, wanted), label, spread[wanted.outcome]))
        except PgsIcbtError as problem:
            failed.append(f"{label}: {problem.sentence}")
        if progress is not None:
            progress(done + 1, len(asked))
    rows = [r for r in rows if len(r)]
    if not rows:
        raise FitError("No model could be fitted.", "Look at the analysis itself first.")
    return Agreement(pd.concat(rows, ignore_index=True), spread, adjustment, tuple(failed))


def _asked(
    study: Study, spec: AnalysisSpec, adjustment: Adjustment
) -> tuple[list[tuple[str, AnalysisSpec]], list[str]]:
    """Every model, the linear mixed model first, and those that cannot be made here."""
    base = plain(spec, adjustment)
    random = base.random
    if random == "intercept+slope+second":  # there is no second term in one line
        random = "intercept+slope"
    base = base.replace(time_coding="linear", knot=None, score_scale="z", random=random)
    # Robust errors and GEE have degrees of freedom of their own, never those of Kenward and Roger.
    own = {"df": "satterthwaite" if base.df == "kenward-roger" else base.df}
    asked: list[tuple[str, dict[str, Any]]] = [
        (_NAMES["lmm"], {}),
        ("Linear mixed model, robust errors", {"errors": "CR2", **own}),
    ]
    known: dict[str, str] = {str(k): "" for k in FAMILIES}
    for family in ("mmrm", "clda", "gee", "ancova", "change", "tobit"):
        if family in known:
            asked.append((_NAMES[family], {"family": family, **(own if family == "gee" else {})}))
    for kind in defined_kinds(study, base.outcome):
        label = f"{kind[:1].upper()}{kind[1:]}, logistic"
        asked.append((label, {"family": "logistic", "definition": kind}))
    if "ordinal" in known and study.outcome(base.outcome).name != HARMONISED:
        asked.append((_NAMES["ordinal"], {"family": "ordinal"}))
    return possible(base, asked)


def spread_after(study: Study, spec: AnalysisSpec) -> float:
    """Standard deviation of the outcome in the planned week after treatment, in points.

    Raises
    ------
    FitError
        If it is not known or zero.
    """
    sample = analysis_sample(study, spec)
    week = post_week(study, spec.outcome) if spec.post_week is None else spec.post_week
    away = np.abs(sample.time - week)
    near = away <= max(float(away.min()), _KEPT)
    sd = float(np.std(sample.value[near], ddof=1)) if near.sum() > 2 else 0.0
    if not sd > 0:
        raise FitError("Nobody differs from anybody after treatment.", "Choose another outcome.")
    return sd


def _rows(study: Study, result: Result, label: str, sd: float) -> pd.DataFrame:
    """Standardised rows of one model."""
    spec = result.spec
    per_person = "outcome" in set(result.table["role"])
    found = result.terms("outcome" if per_person else "interaction")
    found = found[found["status"] != "failed"]
    logit = spec.family in ("logistic", "ordinal")
    by = PER_LOGIT if logit else 1 / sd
    info = study.outcome(spec.outcome)
    good = spec.family == "logistic" and any(spec.definition.startswith(g) for g in _GOOD)
    if good or (not logit and not info.higher_is_worse):
        by = -by
    out = []
    for row in found.to_dict("records"):
        weeks = 1.0 if per_person else _span(result, str(row["score"]))
        ends = sorted(by * weeks * float(row[c]) for c in ("conf_low", "conf_high"))
        out.append(
            {
                "score": row["score"],
                "family": spec.family,
                "label": label,
                "outcome": spec.definition or spec.outcome,
                "estimate": by * weeks * float(row["estimate"]),
                "std_error": abs(by) * weeks * float(row["std_error"]),
                "p_value": float(row["p_value"]),
                "conf_low": ends[0],
                "conf_high": ends[1],
                "own": weeks * float(row["estimate"]),
                "scale": "log odds" if logit else "points",
                "n_persons": int(row["n_persons"]),
            }
        )
    return pd.DataFrame.from_records(out)


def _span(result: Result, score: str) -> float:
    """What the change of the table is multiplied with."""
    time = next(f.time for f in result.fits if f.score == score)
    return 1.0 if time is None else time.change_units
