"""Sentences on models with one outcome per person: points, odds and hazards after treatment."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pgsicbt.result import Result
from pgsicbt.spec import LONGITUDINAL, AnalysisSpec, Family
from pgsicbt.study import Study
from pgsicbt.words import numbers
from pgsicbt.words.exposures import exposure_name
from pgsicbt.words.method import DF, ERRORS
from pgsicbt.words.scale import covariates_held, fitted, outcome_scale, score_row
from pgsicbt.words.sentences import (
    alike,
    excludes_zero,
    level_percent,
    not_fitted,
    per_step,
    score_label,
    shown_digits,
    step_phrase,
)

RATIOS: dict[Family, str] = {
    "logistic": "odds ratio",
    "ordinal": "odds ratio",
    "dropout": "odds ratio",
    "cox": "hazard ratio",
}
"""Families whose estimates are logarithms of a ratio, and what the ratio is called."""
_LEVEL = re.compile(r"^(?P<name>.+)\[T\.(?P<level>.*)\]$", re.DOTALL)


def one_per_person(result: Result) -> bool:
    """Whether a result has one outcome per person, and so rows of the role ``outcome``."""
    return result.spec.family not in LONGITUDINAL


def ratio_of(spec: AnalysisSpec) -> str:
    """``"odds ratio"`` or ``"hazard ratio"`` where estimates are logarithms of one, else ""."""
    return RATIOS.get(spec.family, "")


@dataclass(frozen=True)
class Told:
    """How a family's numbers are told.

    ``panel`` heads them, ``axis`` and ``amount`` end a number, ``what`` is what a score goes
    with.
    """

    panel: str
    axis: str
    amount: str
    what: str


def told(result: Result, study: Study) -> Told:
    """The words for the outcome of one result."""
    spec, scale = result.spec, outcome_scale(study, result.spec.outcome)
    if spec.family in ("ancova", "tobit"):
        what = "severity after treatment among people who started alike"
        return Told("Severity after treatment", scale.unit, f"{scale.unit} after treatment", what)
    if spec.family == "change":
        return Told(
            "Change from before to after", scale.unit, f"{scale.unit} of change",
            "change from before to after treatment",
        )  # fmt: skip
    ratio = ratio_of(spec)
    if spec.family == "logistic":
        met = spec.definition.rstrip(" 0123456789")
        return Told(met.capitalize(), ratio, f"{ratio} of {met}", f"{met} after treatment")
    if spec.family == "ordinal":
        return Told("Severity band after treatment", ratio, f"{ratio} of a more severe band",
                    "the severity band after treatment")  # fmt: skip
    return Told("Drop-out", ratio, f"{ratio} of leaving", "dropping out")


def shown(result: Result, value: float) -> float:
    """A number as it is shown: ratios instead of their logarithms."""
    return math.exp(value) if ratio_of(result.spec) else value


def digits_of(result: Result, study: Study) -> int:
    """Decimals of this result's numbers."""
    return 2 if ratio_of(result.spec) else outcome_scale(study, result.spec.outcome).digits


def outcome_sentence(result: Result, study: Study, score: str, adjustment: str) -> str:
    """What a score goes with after treatment."""
    row = score_row(result, score, adjustment, "outcome")
    label = score_label(study, score)
    if row is None or not fitted(row):
        return not_fitted(label, adjustment)
    spec = result.spec
    held = alike(spec, study, score)
    step, level = step_phrase(spec, label) + held, level_percent(spec)
    if ratio_of(spec):
        return _ratio_sentence(row, result, study, per_step(spec, label) + held)
    scale = outcome_scale(study, spec.outcome)
    d = shown_digits(scale.digits, row["conf_low"], row["conf_high"])
    limits = f"{level} interval {numbers.interval(row['conf_low'], row['conf_high'], d)}"
    size = numbers.estimate(abs(row["estimate"]), d)
    floor = ", allowing for the ends of the scale" if spec.family == "tobit" else ""
    if spec.family == "change":
        if excludes_zero(row):
            way = "downwards" if row["estimate"] < 0 else "upwards"
            return (
                f"{per_step(spec, label)}{held}, {scale.noun} moved {size} {scale.unit} further "
                f"{way} from before to after treatment ({limits})."
            )
        return (
            f"The data show no clear difference in change from before to after treatment per "
            f"{step} ({limits} {scale.unit})."
        )
    if excludes_zero(row):
        side = "lower" if row["estimate"] < 0 else "higher"
        return (
            f"After treatment, people who started alike scored {size} {scale.unit} {side} per "
            f"{step} ({limits}) {scale.on}{floor}."
        )
    return (
        f"After treatment, the data show no clear difference per {step} between people who started "
        f"alike ({limits} {scale.unit}){floor}."
    )


def _ratio_sentence(row: pd.Series, result: Result, study: Study, per: str) -> str:
    spec = result.spec
    b, low, high = (math.exp(row[c]) for c in ("estimate", "conf_low", "conf_high"))
    limits = f"{level_percent(spec)} interval {numbers.interval(low, high)}"
    what = {
        "logistic": f"the odds of {told(result, study).what}",
        "ordinal": "the odds of being in a more severe band after treatment",
        "dropout": "the odds of having no value after treatment",
        "cox": "the hazard of leaving in any one week",
    }[spec.family]
    verb = "was" if spec.family == "cox" else "were"
    if not excludes_zero(row):
        return (
            f"The data show no clear association with {told(result, study).what}: {_lower(per)}, "
            f"{what} {verb} {numbers.estimate(b)} times as high ({limits})."
        )
    return f"{per}, {what} {verb} {numbers.estimate(b)} times as high ({limits})."


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def outcome_row(row: pd.Series, result: Result, study: Study) -> str:
    """What any row of these families means."""
    role, spec = str(row["role"]), result.spec
    if role == "outcome":
        return outcome_sentence(result, study, str(row["score"]), str(row["model"]))
    if role in ("joint", "moderation_joint"):
        p = numbers.equation("p", row["p_value"])
        return f"All of these coefficients together: {p}."
    d = digits_of(result, study)
    b, low, high = (shown(result, row[c]) for c in ("estimate", "conf_low", "conf_high"))
    limits = f"{level_percent(spec)} interval {numbers.interval(low, high, d)}"
    if role == "intercept":
        return _reference(row, result, f"{numbers.estimate(b, d)} ({limits})")
    if is_component(str(row["term"]), study):
        return component_sentence(str(row["term"]))
    name = outcome_name(row, result, study)
    unit = "times" if ratio_of(spec) else outcome_scale(study, spec.outcome).unit
    return f"{name}: {numbers.estimate(b, d)} {unit} ({limits})."


def _reference(row: pd.Series, result: Result, amount: str) -> str:
    """The intercept: where every column is zero, which beside covariates is nobody."""
    t = result.table
    rows = t[(t["score"] == row["score"]) & (t["model"] == row["model"])]
    if rows["role"].eq("covariate").any():
        return (
            "The intercept is where every number (age, the value before treatment) is zero and "
            "every group is the first. It completes the model and describes nobody."
        )
    return f"With an average score: {amount}."


def is_component(term: str, study: Study) -> bool:
    """Whether a term is a principal component."""
    return term in study.covariate_names("component")


def component_sentence(term: str) -> str:
    """Why a component is in a model: its unit is arbitrary, so its coefficient is not read."""
    return (
        f"{term} is in the model to adjust for ancestry. A component has no unit of its own, so "
        "this coefficient is not read by itself."
    )


def outcome_name(row: pd.Series, result: Result, study: Study) -> str:
    """A term of these families as a table shows it."""
    role, term, score = str(row["role"]), str(row["term"]), str(row["score"])
    if role == "intercept":
        return "Intercept"
    if role == "joint":
        return f"{score_label(study, score)}: any difference between groups"
    if role == "moderation_joint":
        return f"{term.removeprefix('any change:').replace(':', ' × ')}: any difference"
    if role == "outcome":
        return score_label(study, score)
    if role in ("group", "score", "moderation"):
        return exposure_name(term, result, study)
    if term == "baseline":
        return "Value before treatment"
    level = _LEVEL.match(term)
    labels = {c.name: c.label for c in study.covariates}
    if level and level["name"] in labels:
        return f"{labels[level['name']]}: {level['level']}"
    return labels.get(term, term)


def outcome_group_note(result: Result, score: str, adjustment: str) -> str:
    """That this is about groups."""
    text = "This describes groups. "
    model = result.fit_of(score, adjustment)
    row = score_row(result, score, adjustment, "outcome")
    if model is None or row is None or not fitted(row):
        return text.strip()
    text += "Knowing one person's score would hardly change what to expect for that person."
    events = model.details.get("events")
    if events is not None and result.spec.family == "logistic":
        share = numbers.percent(events / model.n_persons)
        text += f" Of all analysed, {share} had the outcome."
    return text


def outcome_facts(result: Result) -> list[tuple[str, str]]:
    """How these models were made, as pairs of name and value."""
    spec = result.spec
    how = {
        "ancova": "least squares", "change": "least squares", "tobit": "maximum likelihood",
        "logistic": "maximum likelihood", "ordinal": "maximum likelihood",
        "dropout": "maximum likelihood", "cox": "partial likelihood, ties after Efron",
    }[spec.family]  # fmt: skip
    facts = [("Estimation", how), ("Standard errors", ERRORS[spec.errors])]
    tests = DF["normal"]
    if spec.family in ("ancova", "change") and spec.df != "normal":
        robust = "those of the robust errors (Satterthwaite)"
        own = "the residual degrees of freedom" if spec.errors == "model" else robust
        tests = f"t with {own}"
    facts.append(("Tests", tests))
    details = next((f.details for f in result.fits), {})
    names = {
        "events": "Events", "at_floor": "People at the floor", "at_ceiling": "People at the ceiling"
    }  # fmt: skip
    facts += [(title, numbers.count(details[k])) for k, title in names.items() if k in details]
    return facts


def outcome_model_words(result: Result, study: Study) -> str:
    """What the models hold, for the note below a figure."""
    spec = result.spec
    present = list(dict.fromkeys(result.table["model"]))
    kind = {
        "ancova": "Linear models of the score after treatment given that before",
        "change": "Linear models of the change from before to after treatment",
        "tobit": "Tobit models of the score after treatment given that before",
        "logistic": "Logistic models",
        "ordinal": "Proportional odds models of the severity band after treatment",
        "dropout": "Logistic models of having no value after treatment",
        "cox": "Cox models of the week of the last visit",
    }[spec.family]
    held = [study.covariate(c).label for c in covariates_held(result)]
    if spec.components:
        held.append(f"{len(spec.components)} principal components")
    if spec.family not in ("ancova", "tobit", "change"):
        held.insert(0, "severity before treatment")
    adjusted = "adjusted" in present or "complete" in present
    with_them = f"; adjusted for {', '.join(held)}" if adjusted and held else ""
    return f"{kind}, one per score{with_them}."


def ratio_ticks(low: float, high: float, most: int) -> tuple[list[float], list[str]]:
    """Positions (logarithms) and labels of ratios between two logarithms, 1 among them."""
    for step in (0.05, 0.1, 0.2, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0):
        first = math.ceil(math.exp(low) / step)
        values = [k * step for k in range(first, math.floor(math.exp(high) / step) + 1) if k > 0]
        values = sorted({*(round(v, 4) for v in values), 1.0})
        if len(values) <= most:
            break
    else:
        span = np.linspace(low, high, most)
        values = sorted({round(float(np.exp(v)), 2) for v in span} | {1.0})
    return [math.log(v) for v in values], [f"{v:g}" for v in values]
