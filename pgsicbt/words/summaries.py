"""Sentences about a whole analysis: what survives correction, what was analysed, for whom."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pgsicbt.models.grid.time_coding import time_columns
from pgsicbt.result import ModelFit, Result
from pgsicbt.scales import LABELS as SCALE_LABELS
from pgsicbt.scales import split_scale
from pgsicbt.spec import AnalysisSpec
from pgsicbt.study import HARMONISED, Study
from pgsicbt.wording import listed
from pgsicbt.words import numbers
from pgsicbt.words.families import one_per_person, outcome_group_note, told
from pgsicbt.words.method import CORRECTIONS, method_words
from pgsicbt.words.scale import fitted, score_row
from pgsicbt.words.sentences import score_label
from pgsicbt.words.timing import Timing, timing


def correction_note(result: Result, score: str, adjustment: str, role: str) -> str:
    """The p value and what is left of it after the declared correction, as a sentence."""
    row = score_row(result, score, adjustment, role)
    if row is None or not fitted(row):
        return ""
    spec = result.spec
    p = numbers.equation("p", row["p_value"])
    if spec.multiplicity == "none":
        return f"{p}, not corrected for several tests."
    n = len(_family(result, adjustment, role))
    if n == 1:
        return f"{p}; the only score, so there is nothing to correct for."
    verdict = "it survives" if row["p_adjusted"] < 1 - spec.confidence else "it does not survive"
    return (
        f"{p}, and {numbers.equation('p', row['p_adjusted'])} after "
        f"{CORRECTIONS[spec.multiplicity].words} over {n} scores: {verdict}."
    )


def _family(result: Result, adjustment: str, role: str) -> pd.DataFrame:
    t = result.table
    rows = t[(t["model"] == adjustment) & (t["role"] == role)]
    rows = rows[~rows["score"].isin(result.spec.controls)]
    return rows[(rows["status"] != "failed") & np.isfinite(rows["p_value"].astype(float))]


def headline(result: Result, study: Study, adjustment: str) -> str:
    """How many of how many scores survive the declared family, for severity and for change."""
    spec = result.spec
    if one_per_person(result):
        return _outcome_headline(result, study, adjustment)
    t = result.table
    asked = t[(t["model"] == adjustment) & (t["role"] == "interaction")]["score"].nunique()
    if not asked:
        return "No score was analysed."
    at = timing(result).at
    if spec.family == "clda":
        return _change_only(result, study, adjustment, asked)
    severity = _survivors(result, adjustment, "main")
    change = _survivors(result, adjustment, "interaction")
    if asked == 1:
        rows = result.terms("interaction", adjustment=adjustment)
        label = score_label(study, rows["score"].iloc[0])
        if not change[1]:
            return f"In the {adjustment} model, {label} could not be fitted."
        text = (
            f"In the {adjustment} model, {label} shows {_clear(severity)} association with "
            f"severity {at} and {_clear_one(change)} with change over the weeks."
        )
    else:
        how = (
            f"survives {CORRECTIONS[spec.multiplicity].words}"
            if spec.multiplicity != "none"
            else f"is clear of zero, with {CORRECTIONS['none'].words},"
        )
        text = (
            f"In the {adjustment} model, an association with severity {at} {how} for "
            f"{_of(severity, study)}, and one with change over the weeks for "
            f"{_of(change, study)}."
        )
    failed = asked - len(_family(result, adjustment, "interaction"))
    if failed:
        text += f" {numbers.count(failed)} of {asked} models could not be fitted."
    return text


def _change_only(result: Result, study: Study, adjustment: str, asked: int) -> str:
    """The headline where everybody has one mean before treatment, so that there is no severity."""
    found = _survivors(result, adjustment, "interaction")
    spec = result.spec
    if asked == 1:
        score = result.terms("interaction", adjustment=adjustment)["score"].iloc[0]
        said = f"{score_label(study, score)} shows {_clear(found)} association with change"
        return f"In the {adjustment} model, {said} over the weeks."
    how = (
        f"survives {CORRECTIONS[spec.multiplicity].words}"
        if spec.multiplicity != "none"
        else f"is clear of zero, with {CORRECTIONS['none'].words},"
    )
    return (
        f"In the {adjustment} model, an association with change over the weeks {how} for "
        f"{_of(found, study)}."
    )


def _outcome_headline(result: Result, study: Study, adjustment: str) -> str:
    """The same for models with one outcome per person."""
    spec, what = result.spec, told(result, study).what
    rows = result.terms("outcome", adjustment=adjustment)
    asked = rows["score"].nunique()
    if not asked:
        return "No score was analysed."
    found = _survivors(result, adjustment, "outcome")
    if asked == 1:
        label = score_label(study, rows["score"].iloc[0])
        if not found[1]:
            return f"In the {adjustment} model, {label} could not be fitted."
        return f"In the {adjustment} model, {label} shows {_clear(found)} association with {what}."
    how = (
        f"survives {CORRECTIONS[spec.multiplicity].words}"
        if spec.multiplicity != "none"
        else f"is clear of zero, with {CORRECTIONS['none'].words},"
    )
    text = f"In the {adjustment} model, an association with {what} {how} for {_of(found, study)}."
    failed = asked - len(rows[rows["status"] != "failed"])
    if failed:
        text += f" {numbers.count(failed)} of {asked} models could not be fitted."
    return text


def _survivors(result: Result, adjustment: str, role: str) -> tuple[list[str], int]:
    """Scores of a family that pass the declared correction, and the size of the family."""
    rows = _family(result, adjustment, role)
    kept = rows[rows["p_adjusted"] < 1 - result.spec.confidence].sort_values("p_value")
    return list(kept["score"]), len(rows)


def _clear(found: tuple[list[str], int]) -> str:
    return "an" if found[0] else "no clear"


def _clear_one(found: tuple[list[str], int]) -> str:
    return "one" if found[0] else "no clear one"


def _of(found: tuple[list[str], int], study: Study) -> str:
    kept, n = found
    if not kept:
        return f"none of {n} scores"
    return f"{len(kept)} of {n} ({', '.join(score_label(study, s) for s in kept)})"


def _outcome_words(outcome: str) -> str:
    """``"harmonised score"``, ``"PHQ-9"``, or ``"PHQ-9 as z at baseline"``."""
    base, other = split_scale(outcome)
    name = "harmonised score" if base == HARMONISED else base
    return name if other is None else f"{name} as {SCALE_LABELS[other]}"


def analysis_line(spec: AnalysisSpec, n_persons: int) -> str:
    """The analysis in one line: model, outcome, weeks, group, people."""
    return f"{spec_line(spec)}, {numbers.count(n_persons)} people"


def spec_line(spec: AnalysisSpec) -> str:
    """The analysis in one line, without the people it was made on."""
    names = list(spec.adjustments)
    models = listed(names)
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
        _outcome_words(spec.outcome),
        weeks,
        *method_words(spec),
    ]
    if spec.subset is not None:
        parts.append(f"{spec.subset[0]} {spec.subset[1]} only")
    if spec.without is not None:
        parts.append(f"without {spec.without[0]} {spec.without[1]}")
    return ", ".join(parts)


def group_note(result: Result, study: Study, score: str, adjustment: str) -> str:
    """That this is about groups, with the share of the differences between people explained.

    The share is the score's part of the between-person variance that the model leaves after
    its other terms: (b u)^2 / ((b u)^2 + tau), u one SD of the score and tau the variance
    between people where the main effects stand (severity), or of the change over the weeks that
    the interaction is told over (change).
    """
    if one_per_person(result):
        return outcome_group_note(result, score, adjustment)
    if result.spec.family != "lmm":
        return (
            "This describes groups. Knowing one person's score would hardly change what to expect "
            "for that person."
        )
    label = score_label(study, score)
    first = "This describes groups."
    fit = result.fit_of(score, adjustment)
    shares: list[float] = []
    for role in ("main", "interaction"):
        row = score_row(result, score, adjustment, role)
        if fit is None or row is None or not fitted(row) or result.spec.score_groups:
            break  # between groups of a score no share of its variance is told
        part = (float(row["estimate"]) * fit.score_unit) ** 2
        tau = _between(fit, timing(result), role)
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
        at = timing(result).at.removesuffix(" of treatment")
        text += f" {at} and {numbers.percent(shares[1])} of those in change"
    return text + "."


def _between(fit: ModelFit, when: Timing, role: str) -> float:
    """Variance between people of the level at the origin, or of what the interaction is about.

    That is change per unit of time where time is straight, else from the start of treatment to
    the last week: d' G d with the difference d of the random terms. They are the first time
    columns, except in categorical time, where people differ in a straight slope.
    """
    g = fit.random_covariance
    if role == "main":
        return float(g[0, 0]) if g.size else 0.0
    if len(g) < 2:
        return 0.0
    if when.straight:
        return float(g[1, 1])
    first, last = when.ends
    if when.basis.coding == "categorical":
        step = np.array([(last - first) / when.basis.unit])
    else:
        ends = time_columns(when.basis, when.ends)
        step = (ends[1] - ends[0])[: len(g) - 1]
    return float(step @ g[1:, 1:] @ step)
