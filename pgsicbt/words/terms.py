"""One sentence for any row of a result's table: what a coefficient means in points and weeks."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pandas as pd

from pgsicbt.instruments import simple_name
from pgsicbt.models.grid.time_coding import time_part
from pgsicbt.result import Result
from pgsicbt.study import CovariateInfo, Study
from pgsicbt.words import numbers
from pgsicbt.words.exposures import (
    EXPOSURE_CHANGES,
    EXPOSURE_ROLES,
    exposure_name,
    exposure_row,
    joint_name,
    moderation_joint,
    reference_of,
)
from pgsicbt.words.families import (
    component_sentence,
    one_per_person,
    outcome_name,
    outcome_row,
)
from pgsicbt.words.scale import Scale, course, fitted, outcome_scale
from pgsicbt.words.sentences import (
    change_difference,
    excludes_zero,
    interaction,
    level_difference,
    level_percent,
    main_effect,
    not_fitted,
    per_step,
    score_label,
    step_phrase,
)
from pgsicbt.words.time_terms import about_average, about_difference, joint_row, piece
from pgsicbt.words.timing import Timing, timing

_LEVEL = re.compile(r"^(?P<name>.+)\[T\.(?P<level>.*)\]$", re.DOTALL)
_SEX = {"sex", "gender", "kon", "kön"}
_AGE = {"age", "alder", "ålder"}
_MEN = {"male", "m", "man", "men"}
_WOMEN = {"female", "f", "w", "woman", "women", "k", "kvinna"}


def coefficient(row: pd.Series, result: Result, study: Study) -> str:
    """What one row of ``result.table`` means.

    Parameters
    ----------
    row
        A row with the columns of ``TABLE_COLUMNS``.
    """
    score, adjustment, role = str(row["score"]), str(row["model"]), str(row["role"])
    if one_per_person(result):
        if row["status"] == "failed":
            return not_fitted(score_label(study, score), adjustment)
        return outcome_row(row, result, study)
    if role == "joint":
        return joint_row(row, result, study)
    if role == "moderation_joint":
        return moderation_joint(row, result, study)
    if not fitted(row):
        return not_fitted(score_label(study, score), adjustment)
    if role == "main":
        return main_effect(result, study, score, adjustment, named=True)
    if role == "interaction":
        return interaction(result, study, score, adjustment)
    if role in ("intercept", "time"):
        return _average(row, result, study)
    if role in (*EXPOSURE_ROLES, *EXPOSURE_CHANGES):
        return exposure_row(row, result, study)
    if role == "interaction_part":
        step = step_phrase(result.spec, score_label(study, score))
        subject = per_step(result.spec, score_label(study, score))
        return _part(row, result, study, _Compared(subject, f"per {step}"))
    return _covariate(row, result, study)


@dataclass(frozen=True)
class _Compared:
    """Whom a difference in change is between, as :func:`about_difference` takes it."""

    subject: str
    between: str
    than: str = ""


def _average(row: pd.Series, result: Result, study: Study) -> str:
    """Intercept and time: the course of the person whom all the other terms compare with."""
    scale, when = outcome_scale(study, result.spec.outcome), timing(result)
    at_zero = _at_zero(row, result, study)
    if at_zero:
        what = f"the level {when.at}" if row["role"] == "intercept" else "part of the course"
        return (
            f"This is {what} where {at_zero}: it completes the model and describes nobody. The "
            "average course is among the trajectories."
        )
    who = _reference_person(row, result, study)
    if row["role"] == "intercept":
        d = scale.digits
        limits = numbers.interval(row["conf_low"], row["conf_high"], d)
        return (
            f"{when.at_first}, {who} scored {numbers.estimate(row['estimate'], d)} "
            f"{scale.unit} ({limits}) {scale.on}."
        )
    subject = who[0].upper() + who[1:]
    if when.straight:
        return f"{subject}: {_weekly(row, result, study, scale, when)}."
    part = piece(str(row["term"]), when)
    return f"{subject}: {about_average(part, row, scale, when, level_percent(result.spec))}."


def _at_zero(row: pd.Series, result: Result, study: Study) -> str:
    """Whom the intercept compares with where numbers such as an age are in the model, else "".

    Components are zero for an average person; an age or a year of zero is nobody's.
    """
    t, score = result.table, str(row["score"])
    terms = set(t[(t["score"] == score) & (t["model"] == row["model"])]["term"])
    numeric = [
        f"{c.label} is zero"
        for c in study.covariates
        if c.kind == "numeric" and c.role != "component" and c.name in terms
    ]
    if not numeric:
        return ""
    if score:
        numeric.insert(0, _score_at(result, score_label(study, score)))
    return f"{', '.join(numeric)} and every group is the first"


def _score_at(result: Result, label: str) -> str:
    if result.spec.score_groups:
        return f"{label} is in its lowest group"
    return f"{label} is average" if result.spec.standardised else f"{label} is zero"


def _reference_person(row: pd.Series, result: Result, study: Study) -> str:
    score, adjustment = str(row["score"]), str(row["model"])
    others = _others(result, score, adjustment)
    if not score:
        return "people with every group the first" if others else "people on average"
    label = score_label(study, score)
    if result.spec.score_groups:
        who = f"people in the lowest group of {label}"
    elif result.spec.standardised:
        who = f"people with an average {label}"
    else:
        who = f"people with a {label} of zero"
    return f"{who} and every group the first" if others else who


def _weekly(row: pd.Series, result: Result, study: Study, scale: Scale, when: Timing) -> str:
    """Straight time: what the outcome does a week, and by the last week."""
    b, low, high = (when.factor("time") * row[c] for c in ("estimate", "conf_low", "conf_high"))
    d, limits = scale.digits, f"{level_percent(result.spec)} interval"
    if not excludes_zero(row):
        return (
            f"the data cannot tell whether {scale.noun} rose or fell "
            f"({limits} {numbers.interval(low, high, d)} {scale.unit} a week)"
        )
    if b < 0:
        low, high = -high, -low
    text = (
        f"{scale.noun} {'fell' if b < 0 else 'rose'} {numbers.estimate(abs(b), d)} "
        f"{scale.unit} a week ({limits} {numbers.interval(low, high, d)})"
    )
    along = course(result, study, str(row["score"]), str(row["model"]))
    if along.span > 0:
        total = numbers.estimate(abs(b) * along.span, max(d - 1, 0))
        text += f", about {total} {scale.unit} {along.by}"
    return text


def _others(result: Result, score: str, adjustment: str) -> bool:
    """Whether the model holds terms besides score and time."""
    t = result.table
    rows = t[(t["score"] == score) & (t["model"] == adjustment)]
    return bool(rows["role"].isin(["covariate", "covariate_time"]).any())


def _covariate(row: pd.Series, result: Result, study: Study) -> str:
    scale, when = outcome_scale(study, result.spec.outcome), timing(result)
    changes = row["role"] == "covariate_time"
    term = time_part(when.basis, str(row["term"]))[1] if changes else str(row["term"])
    info, level = _source(term, study)
    if info is not None and info.role == "component":
        return component_sentence(term)
    if info is not None and info.kind == "categorical" and level is not None:
        these, those = _groups(info, level, reference_of(info, row, result))
        compared = _Compared(f"In {these}", f"between {these} and {those}", f" than in {those}")
        subject, than = these, f" than {those}"
    elif info is not None and _zero_or_one(study, info.name):
        name = info.label
        compared = _Compared(f"Where {name} is 1", f"between {name} 1 and 0", " than where it is 0")
        subject, than = f"people with {name} 1", " than those with 0"
    else:
        label = info.label if info is not None else term
        age = info is not None and simple_name(info.name) in _AGE
        per = "year of age" if age else f"unit of {label}"
        compared = _Compared(f"Per {per}", f"per {per}")
        subject, than = f"people one {'year older' if age else f'unit higher on {label}'}", ""
    if not changes:
        return _level(row, result, scale, when, compared.between, subject, than)
    if when.straight:
        return _straight(row, result, study, compared)
    return _part(row, result, study, compared)


def _zero_or_one(study: Study, name: str) -> bool:
    """Whether a number only says yes or no."""
    return bool(study.persons[name].dropna().isin((0, 1)).all())


def _level(
    row: pd.Series, result: Result, scale: Scale, when: Timing, between: str, who: str, than: str
) -> str:
    """A difference in level, where the main effects stand."""
    if excludes_zero(row):
        return f"{when.at_first}, {who} scored {level_difference(row, scale, than)} {scale.on}."
    limits = numbers.interval(row["conf_low"], row["conf_high"], scale.digits)
    return (
        f"{when.at_first}, the data show no clear difference {between} "
        f"({level_percent(result.spec)} interval {limits} {scale.unit}) {scale.on}."
    )


def _straight(row: pd.Series, result: Result, study: Study, compared: _Compared) -> str:
    """A difference in change where time is a straight line."""
    spec, when = result.spec, timing(result)
    scale = outcome_scale(study, spec.outcome)
    if excludes_zero(row):
        along = course(result, study, str(row["score"]), str(row["model"]))
        moved, tail = change_difference(row, spec, scale, along, when, compared.than)
        return f"{compared.subject}, {scale.noun} {moved}{tail}."
    low, high = (when.factor(row["role"]) * row[c] for c in ("conf_low", "conf_high"))
    limits = numbers.interval(low, high, when.digits(row["role"], scale.digits))
    return (
        f"The data show no clear difference in change {compared.between} "
        f"({level_percent(spec)} interval {limits} {scale.unit} a week)."
    )


def _part(row: pd.Series, result: Result, study: Study, compared: _Compared) -> str:
    """A difference in one column of time that is no straight line."""
    scale, when = outcome_scale(study, result.spec.outcome), timing(result)
    return about_difference(
        piece(str(row["term"]), when), row, scale, when, level_percent(result.spec),
        compared.subject, compared.between, compared.than,
    )  # fmt: skip


def _source(term: str, study: Study) -> tuple[CovariateInfo | None, str | None]:
    """The covariate that a term is made of, and its level if it is one of several."""
    by_name = {c.name: c for c in study.covariates}
    if term in by_name:
        return by_name[term], None
    found = _LEVEL.match(term)
    if found and found["name"] in by_name:
        return by_name[found["name"]], found["level"]
    return None, None


def _groups(info: CovariateInfo, level: str, reference: str) -> tuple[str, str]:
    """How the two compared groups are called: men and women, or people with ..."""
    if simple_name(info.name) in _SEX:
        names = [_sex(level), _sex(reference)]
        if all(names):
            return names[0], names[1]
    return f"people with {info.label} {level}", f"people with {info.label} {reference}"


def _sex(level: str) -> str:
    name = simple_name(level)
    return "men" if name in _MEN else "women" if name in _WOMEN else ""


def pretty_term(row: pd.Series, result: Result, study: Study) -> str:
    """A term as a table shows it: ``PGS-EDU × time``, ``sex: male × week 4``."""
    if one_per_person(result):
        return outcome_name(row, result, study)
    term, role, when = str(row["term"]), str(row["role"]), timing(result)
    if role == "intercept":
        return f"{when.moment} (intercept)"
    if role == "joint":
        return f"{score_label(study, str(row['score']))}: any difference in course"
    if role == "time":
        name = piece(term, when).name
        if len(when.basis.names) == 1:
            return f"Change ({name})"
        return name[0].upper() + name[1:]
    if role == "main":
        return score_label(study, str(row["score"]))
    if role == "interaction" and not when.straight:
        return f"{score_label(study, str(row['score']))}: change {when.over}"
    if role in ("interaction", "interaction_part"):
        return f"{score_label(study, str(row['score']))} × {piece(term, when).name}"
    if role == "moderation_joint":
        return joint_name(row, result, study)
    if role in EXPOSURE_ROLES:
        return exposure_name(term, result, study)
    if role in EXPOSURE_CHANGES:
        of = exposure_name(time_part(when.basis, term)[1], result, study)
        return f"{of} × {piece(term, when).name}"
    if role == "covariate_time":
        of = time_part(when.basis, term)[1]
        return f"{_covariate_name(of, study)} × {piece(term, when).name}"
    return _covariate_name(term, study)


def _covariate_name(term: str, study: Study) -> str:
    info, level = _source(term, study)
    if info is None:
        return term
    return info.label if level is None else f"{info.label}: {level}"
