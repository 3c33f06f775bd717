"""Sentences on groups of a score, on other scores in the same model, and on interactions."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from pgsicbt.models.grid.corrected import interaction_rows
from pgsicbt.models.grid.multiplicity import simple_or_holm
from pgsicbt.models.grid.time_coding import time_part
from pgsicbt.result import Result
from pgsicbt.spec import LONGITUDINAL
from pgsicbt.study import CovariateInfo, Study
from pgsicbt.words import numbers
from pgsicbt.words.method import CORRECTIONS
from pgsicbt.words.scale import outcome_scale
from pgsicbt.words.sentences import (
    excludes_zero,
    level_percent,
    per_step,
    score_label,
    shown_digits,
    step_phrase,
)
from pgsicbt.words.timing import timing

EXPOSURE_ROLES = ("group", "score", "moderation")
EXPOSURE_CHANGES = ("group_change", "score_change", "moderation_change")
_GROUP = re.compile(r"^(?P<score>.+)\[(?P<at>\d+) of (?P<of>\d+)\]$")
_LEVEL = re.compile(r"^(?P<name>.+)\[T\.(?P<level>.*)\]$", re.DOTALL)


def exposure_row(row: pd.Series, result: Result, study: Study) -> str:
    """What one of these rows means, in points, or what its interval leaves open."""
    spec, scale, when = result.spec, outcome_scale(study, result.spec.outcome), timing(result)
    changes = row["role"] in EXPOSURE_CHANGES
    name = time_part(when.basis, str(row["term"]))[1] if changes else str(row["term"])
    low, high, b = (
        when.factor(row["role"]) * row[c] for c in ("conf_low", "conf_high", "estimate")
    )
    d = shown_digits(when.digits(str(row["role"]), scale.digits), low, high)
    unit = f"{scale.unit} a week" if changes and when.straight else scale.unit
    if changes and not when.straight:
        unit += " per column of time (read together, see the joint test)"
    limits = f"{level_percent(spec)} interval {numbers.interval(low, high, d)} {unit}"
    about = _about(row, name, result, study)
    what = "change" if changes else f"severity {when.at}"
    if row["role"].startswith("moderation"):
        if not excludes_zero(row):
            return (
                f"The data show no clear sign that what {about[0]} has to do with {what} depends "
                f"on {about[1]} ({limits})."
            )
        size = numbers.estimate(abs(b), d)
        more = "higher" if b > 0 else "lower"
        return (
            f"{per_step(spec, about[0])}, the difference in {what} is {size} {unit} {more} "
            f"{about[2]} ({limits})."
        )
    if not excludes_zero(row):
        return f"The data show no clear difference in {what} {about[1]} ({limits})."
    more = "higher" if b > 0 else "lower"
    return (
        f"{about[0][:1].upper() + about[0][1:]}, {what} is {numbers.estimate(abs(b), d)} {unit} "
        f"{more}{about[2]} ({limits})."
    )


def reference_of(info: CovariateInfo, row: pd.Series, result: Result) -> str:
    """The level that the others are compared with in the model of a row."""
    fit = result.fit_of(str(row["score"]), str(row["model"]))
    return "" if fit is None else fit.references.get(info.name, "")


def _about(row: pd.Series, name: str, result: Result, study: Study) -> tuple[str, str, str]:
    """Whom a row is about, what it depends on or lies between, and the end of the sentence."""
    spec, role, score = result.spec, str(row["role"]), str(row["score"])
    if role.startswith("group"):
        found = _GROUP.match(name)
        label = score_label(study, score)
        at = f"group {found['at']} of {found['of']} of {label}" if found else name
        return f"in {at}", f"between {at} and the lowest", " than in the lowest"
    if role.startswith("score"):
        found = _GROUP.match(name)
        label = score_label(study, found["score"] if found else name)
        step = step_phrase(spec, label)
        return f"per {step}, other scores being equal", f"per {step}, other scores being equal", ""
    score, other = _parts(name, result)
    label = score_label(study, score)
    if other in study.score_names:
        its = score_label(study, other)
        step = "standard deviation" if spec.standardised else "unit"
        return label, its, f"for each {step} that people are higher on {its}"
    level = _LEVEL.match(other)
    if level:
        info = study.covariate(level["name"])
        those = reference_of(info, row, result)
        return (
            label,
            f"{info.label} ({level['level']} against {those})",
            f"among people with {info.label} {level['level']} than {those}",
        )
    its = study.covariate(other).label
    return label, its, f"for each standard deviation that people are higher on {its}"


def interaction_answers(result: Result, study: Study, adjustment: str) -> list[str]:
    """Whether what a score has to do with change depends on what it interacts with, one each.

    In families with one outcome per person it is what the score has to do with that. The test is
    the joint one where there are several columns, corrected over the interactions of the model.
    """
    spec, t = result.spec, result.table
    rows = {
        spec.interactions[place]: t.iloc[at]
        for place, at in interaction_rows(t, spec, adjustment).items()
        if t["status"].iloc[at] != "failed" and np.isfinite(t["p_value"].iloc[at])
    }
    method = "none" if spec.multiplicity == "none" else simple_or_holm(spec.multiplicity)
    what = "change" if spec.family in LONGITUDINAL else "the outcome"
    said = []
    for (score, other), row in rows.items():
        its = score_label(study, other) if other in study.score_names else (
            study.covariate(other).label
        )  # fmt: skip
        last = row["p_value"] if np.isnan(row["p_adjusted"]) else row["p_adjusted"]
        held = ""
        if method != "none" and len(rows) > 1:
            after = CORRECTIONS[method].words
            held = f", {numbers.equation('p', last)} after {after} over {len(rows)}"
        clear = last < 1 - spec.confidence
        start = "it depends" if clear else "there is no clear sign that it depends"
        said.append(
            f"What {score_label(study, score)} has to do with {what}: {start} on {its} "
            f"({numbers.equation('p', row['p_value'])}{held})."
            + (" The simple slopes show how." if clear else "")
        )
    return said


def _parts(name: str, result: Result) -> tuple[str, str]:
    """The score of a product, and what it is multiplied with."""
    for score, other in result.spec.interactions:
        if name.startswith(f"{score}:{other}"):
            return score, name.removeprefix(f"{score}:")
    return "", name


def exposure_name(term: str, result: Result, study: Study) -> str:
    """A term of these roles as a table shows it, without time."""
    found = _GROUP.match(term)
    if found:
        return f"{score_label(study, found['score'])}, group {found['at']} of {found['of']}"
    if term in study.score_names:
        return score_label(study, term)
    score, other = _parts(term, result)
    level = _LEVEL.match(other)
    if other in study.score_names:
        shown = score_label(study, other)
    elif level:
        shown = f"{study.covariate(level['name']).label}: {level['level']}"
    else:
        shown = study.covariate(other).label
    return f"{score_label(study, score)} × {shown}"


def moderation_joint(row: pd.Series, result: Result, study: Study) -> str:
    """Whether what a score has to do with change differs between any of several groups."""
    label, other = _joint_parts(row, result, study)
    p = numbers.equation("p", row["p_value"])
    test = f"F = {numbers.estimate(row['statistic'])}, {p}"
    if row["p_value"] < 1 - result.spec.confidence:
        return f"What {label} has to do with change differs with {other} ({test})."
    return (
        f"There is no clear sign that what {label} has to do with change differs with {other} "
        f"({test})."
    )


def joint_name(row: pd.Series, result: Result, study: Study) -> str:
    """The name of the joint test in a table."""
    label, other = _joint_parts(row, result, study)
    return f"{label} × {other}: any difference in change"


def _joint_parts(row: pd.Series, result: Result, study: Study) -> tuple[str, str]:
    score, other = _parts(str(row["term"]).removeprefix("any change:"), result)
    if other in study.score_names:
        return score_label(study, score), score_label(study, other)
    return score_label(study, score), study.covariate(other).label
