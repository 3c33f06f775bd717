"""One sentence for any row of a result's table: what a coefficient means in points and weeks."""

from __future__ import annotations

import re

import pandas as pd

from pgsicbt.instruments import simple_name
from pgsicbt.result import Result
from pgsicbt.study import CovariateInfo, Study
from pgsicbt.words import numbers
from pgsicbt.words.scale import course, fitted, outcome_scale, per_week
from pgsicbt.words.sentences import (
    change_difference,
    interaction,
    level_difference,
    level_percent,
    main_effect,
    not_fitted,
    score_label,
)

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
    if not fitted(row):
        return not_fitted(score_label(study, score), adjustment)
    if role == "main":
        return main_effect(result, study, score, adjustment, named=True)
    if role == "interaction":
        return interaction(result, study, score, adjustment)
    if role in ("intercept", "time"):
        return _average(row, result, study)
    return _covariate(row, result, study, changes=role == "covariate_time")


def _average(row: pd.Series, result: Result, study: Study) -> str:
    """Intercept and time: the course of the person whom all the other terms compare with."""
    spec, scale = result.spec, outcome_scale(study, result.spec.outcome)
    score, adjustment = str(row["score"]), str(row["model"])
    crude = not _others(result, score, adjustment)
    if crude and not score:
        who = "people on average"
    elif crude and spec.score_scale == "z":
        who = f"people with an average {score_label(study, score)}"
    elif crude:
        who = f"people with a {score_label(study, score)} of zero"
    else:
        who = "the reference person (average score, every number zero, every group the first)"
        if spec.score_scale != "z" or not score:
            who = "the reference person (every number zero, every group the first)"
    if row["role"] == "intercept":
        d = scale.digits
        limits = numbers.interval(row["conf_low"], row["conf_high"], d)
        return (
            f"At the start of treatment, {who} scored {numbers.estimate(row['estimate'], d)} "
            f"{scale.unit} ({limits}) {scale.on}."
        )
    b, low, high = (per_week(row[c], spec) for c in ("estimate", "conf_low", "conf_high"))
    d = scale.digits
    limits = f"{level_percent(spec)} interval"
    subject = who[0].upper() + who[1:]
    if low <= 0 <= high:
        return (
            f"{subject}: the data cannot tell whether {scale.noun} rose or fell "
            f"({limits} {numbers.interval(low, high, d)} {scale.unit} a week)."
        )
    if b < 0:
        low, high = -high, -low
    text = (
        f"{subject}: {scale.noun} {'fell' if b < 0 else 'rose'} {numbers.estimate(abs(b), d)} "
        f"{scale.unit} a week ({limits} {numbers.interval(low, high, d)})"
    )
    week = course(result, study, score, adjustment).week
    if week > 0:
        total = numbers.estimate(abs(b) * week, max(d - 1, 0))
        text += f", about {total} {scale.unit} by week {numbers.week(week)}"
    return text + "."


def _others(result: Result, score: str, adjustment: str) -> bool:
    """Whether the model holds terms besides score and time."""
    t = result.table
    rows = t[(t["score"] == score) & (t["model"] == adjustment)]
    return bool(rows["role"].isin(["covariate", "covariate_time"]).any())


def _covariate(row: pd.Series, result: Result, study: Study, *, changes: bool) -> str:
    spec, scale = result.spec, outcome_scale(study, result.spec.outcome)
    term = str(row["term"]).removeprefix("time:") if changes else str(row["term"])
    info, level = _source(term, study)
    if info is not None and info.kind == "categorical" and level is not None:
        these, those = _groups(info, level, _reference(info, row, result, study))
        between = f"between {these} and {those}"
        level_subject, than = these, f" than {those}"
        change_subject, change_than = f"In {these}", f" than in {those}"
    else:
        label = info.label if info is not None else term
        age = info is not None and simple_name(info.name) in _AGE
        level_subject = "people one year older" if age else f"people one unit higher on {label}"
        than, change_than = "", ""
        change_subject = "Per year of age" if age else f"Per unit of {label}"
        between = "per year of age" if age else f"per unit of {label}"
    crosses = row["conf_low"] <= 0 <= row["conf_high"]
    if not changes:
        if crosses:
            limits = numbers.interval(row["conf_low"], row["conf_high"], scale.digits)
            return (
                f"At the start of treatment, the data show no clear difference {between} "
                f"({level_percent(spec)} interval {limits} {scale.unit}) {scale.on}."
            )
        return (
            f"At the start of treatment, {level_subject} scored "
            f"{level_difference(row, scale, than)} {scale.on}."
        )
    if crosses:
        low, high = (per_week(row[c], spec) for c in ("conf_low", "conf_high"))
        limits = numbers.interval(low, high, scale.digits + 1)
        return (
            f"The data show no clear difference in change {between} "
            f"({level_percent(spec)} interval {limits} {scale.unit} a week)."
        )
    along = course(result, study, str(row["score"]), str(row["model"]))
    moved, tail = change_difference(row, spec, scale, along, change_than)
    return f"{change_subject}, {scale.noun} {moved}{tail}."


def _source(term: str, study: Study) -> tuple[CovariateInfo | None, str | None]:
    """The covariate that a term is made of, and its level if it is one of several."""
    by_name = {c.name: c for c in study.covariates}
    if term in by_name:
        return by_name[term], None
    found = _LEVEL.match(term)
    if found and found["name"] in by_name:
        return by_name[found["name"]], found["level"]
    return None, None


def _reference(info: CovariateInfo, row: pd.Series, result: Result, study: Study) -> str:
    """The level that the others are compared with: the first one that has no term."""
    t = result.table
    terms = set(t[(t["score"] == row["score"]) & (t["model"] == row["model"])]["term"])
    present = set(study.persons[info.name].dropna()) if info.name in study.persons else set()
    free = [level for level in info.levels if f"{info.name}[T.{level}]" not in terms]
    inside = [level for level in free if level in present]
    return (inside or free or [""])[0]


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


def pretty_term(row: pd.Series, study: Study) -> str:
    """A term as a table shows it: ``PGS-EDU x week``, ``sex: male``."""
    term, role = str(row["term"]), str(row["role"])
    if role == "intercept":
        return "Start of treatment (intercept)"
    if role == "time":
        return "Change (time)"
    over_time = role in ("interaction", "covariate_time")
    if role in ("main", "interaction"):
        name = score_label(study, str(row["score"]))
    else:
        plain = term.removeprefix("time:") if over_time else term
        info, level = _source(plain, study)
        name = plain if info is None else info.label
        if info is not None and level is not None:
            name = f"{info.label}: {level}"
    return f"{name} × time" if over_time else name
