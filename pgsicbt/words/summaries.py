"""Sentences about a whole analysis: what survives correction, what was analysed, for whom."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pgsicbt.result import Result
from pgsicbt.spec import AnalysisSpec
from pgsicbt.study import HARMONISED, Study
from pgsicbt.words import numbers
from pgsicbt.words.scale import fitted, score_row
from pgsicbt.words.sentences import score_label

CORRECTIONS = {
    "holm": "Holm correction",
    "bonferroni": "Bonferroni correction",
    "bh": "Benjamini-Hochberg correction",
    "none": "no correction for several tests",
}


def correction_note(result: Result, score: str, adjustment: str, role: str) -> str:
    """The p value and what is left of it after the declared correction, as a sentence."""
    row = score_row(result, score, adjustment, role)
    if row is None or not fitted(row):
        return ""
    spec = result.spec
    p = _equation("p", row["p_value"])
    if spec.multiplicity == "none":
        return f"{p}, not corrected for several tests."
    n = len(_family(result, adjustment, role))
    verdict = "it survives" if row["p_adjusted"] < 1 - spec.confidence else "it does not survive"
    return (
        f"{p}, and {_equation('p', row['p_adjusted'])} after "
        f"{CORRECTIONS[spec.multiplicity]} over {n} score{'' if n == 1 else 's'}: {verdict}."
    )


def _equation(name: str, p: float) -> str:
    text = numbers.p_value(p)
    return f"{name} {text}" if text[0] in "<>" else f"{name} = {text}"


def _family(result: Result, adjustment: str, role: str) -> pd.DataFrame:
    t = result.table
    rows = t[(t["model"] == adjustment) & (t["role"] == role)]
    return rows[(rows["status"] != "failed") & np.isfinite(rows["p_value"].astype(float))]


def headline(result: Result, study: Study, adjustment: str) -> str:
    """How many of how many scores survive the declared family, for severity and for change."""
    spec = result.spec
    t = result.table
    asked = t[(t["model"] == adjustment) & (t["role"] == "main")]["score"].nunique()
    if not asked:
        return "No score was analysed."
    parts = [
        _survivors(result, study, adjustment, "main", "severity at the start of treatment"),
        _survivors(result, study, adjustment, "interaction", "change over the weeks"),
    ]
    after = CORRECTIONS[spec.multiplicity]
    how = f"after {after}" if spec.multiplicity != "none" else f"with {after}"
    text = f"In the {adjustment} model, {parts[0]} and {parts[1]}, {how}."
    failed = asked - len(_family(result, adjustment, "interaction"))
    if failed:
        text += f" {numbers.count(failed)} of {asked} models could not be fitted."
    return text


def _survivors(result: Result, study: Study, adjustment: str, role: str, what: str) -> str:
    rows = _family(result, adjustment, role)
    n = len(rows)
    kept = rows[rows["p_adjusted"] < 1 - result.spec.confidence].sort_values("p_value")
    scores = f"{n} score{'' if n == 1 else 's'}"
    if kept.empty:
        return f"none of {scores} goes with {what}"
    names = ", ".join(score_label(study, s) for s in kept["score"])
    verb = "goes" if len(kept) == 1 else "go"
    return f"{len(kept)} of {scores} {verb} with {what} ({names})"


def analysis_line(spec: AnalysisSpec, n_persons: int) -> str:
    """The analysis in one line: model, outcome, weeks, group, people."""
    names = list(spec.adjustments)
    models = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    first, last = spec.first_week, spec.last_week
    if first is not None and last is not None:
        to = "-" if first >= 0 else " to "
        weeks = f"weeks {numbers.week(first)}{to}{numbers.week(last)}"
    elif first is not None:
        weeks = f"from week {numbers.week(first)}"
    elif last is not None:
        weeks = f"up to week {numbers.week(last)}"
    else:
        weeks = "all weeks"
    parts = [
        f"{models} model{'' if len(names) == 1 else 's'}",
        "harmonised score" if spec.outcome == HARMONISED else spec.outcome,
        weeks,
    ]
    if spec.subset is not None:
        parts.append(f"{spec.subset[0]} {spec.subset[1]} only")
    parts.append(f"{numbers.count(n_persons)} people")
    return ", ".join(parts)


def group_note(result: Result, study: Study, score: str, adjustment: str) -> str:
    """That this is about groups, with the share of the differences between people explained.

    The share is the score's part of the between-person variance that the model leaves after
    its other terms: (b u)^2 / ((b u)^2 + tau), u one SD of the score and tau the variance
    between people of the intercept (severity) or the slope (change).
    """
    label = score_label(study, score)
    first = "This describes groups."
    fit = result.fit_of(score, adjustment)
    shares: list[float] = []
    for j, role in enumerate(("main", "interaction")):
        row = score_row(result, score, adjustment, role)
        if fit is None or row is None or not fitted(row) or j >= fit.random_covariance.shape[0]:
            break
        part = (float(row["estimate"]) * fit.score_unit) ** 2
        tau = float(fit.random_covariance[j, j])
        if tau <= 0:
            break
        shares.append(part / (part + tau))
    if not shares:
        return f"{first} Knowing one person's {label} says little about that person."
    size = max(shares)
    effect = (
        "would hardly change" if size < 0.02 else "would little change" if size < 0.1 else "changes"
    )
    text = (
        f"{first} Knowing one person's score {effect} what to expect for that person: it explains "
        f"{numbers.percent(shares[0])} of the differences between people"
    )
    if len(shares) == 2:
        text += f" at the start and {numbers.percent(shares[1])} of those in change"
    return text + "."
