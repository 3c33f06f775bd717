"""What came of a plan, in the form of the paper and in sentences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from pgsicbt.meaning.verdicts import verdicts
from pgsicbt.presets import LEAD, PlanResult, step_study
from pgsicbt.result import Result
from pgsicbt.study import Study
from pgsicbt.words import numbers
from pgsicbt.words.families import digits_of, one_per_person, shown, told
from pgsicbt.words.prediction import classification_sentence
from pgsicbt.words.scale import fitted, outcome_scale, score_row
from pgsicbt.words.sentences import (
    excludes_zero,
    interaction,
    level_percent,
    main_effect,
    score_label,
)
from pgsicbt.words.summaries import headline
from pgsicbt.words.timing import timing

Verdict = Literal["as published", "otherwise", "undecided"]
PAPER_COLUMNS = (
    "score", "role", "step", "model", "estimate", "conf_low", "conf_high", "p_value", "p_adjusted",
    "n_persons", "n_observations",
)  # fmt: skip
_PUBLISHED_MAIN, _PUBLISHED_P = -0.69, 0.034
_ROLES = ("main", "interaction", "outcome")


@dataclass(frozen=True)
class Answer:
    """One thing that a paper found, and what this cohort says of it."""

    question: str
    verdict: Verdict
    sentence: str


def paper_rows(found: PlanResult) -> pd.DataFrame:
    """Every score term of every step: what the paper's tables are made of.

    Returns
    -------
    DataFrame
        Columns :data:`PAPER_COLUMNS`, one row per score, term, step and model.
    """
    frames = []
    for step in found.plan.steps:
        result = found.results.get(step.key)
        if result is not None:
            rows = result.table[result.table["role"].isin(_ROLES)]
            frames.append(rows.assign(step=step.key))
    if not frames:
        return pd.DataFrame(columns=list(PAPER_COLUMNS))
    return pd.concat(frames, ignore_index=True)[list(PAPER_COLUMNS)]


def paper_table(found: PlanResult, study: Study) -> tuple[list[str], list[list[str]]]:
    """The paper's table: one row per score, crude, adjusted and without outliers side by side.

    Returns
    -------
    header, rows
        Estimates with interval and p as one cell each; a row of one cell heads a group.
    """
    lead = found.lead
    if lead is None:
        return [], []
    columns = [(LEAD, a) for a in lead.spec.adjustments]
    if "outliers" in found.results:
        columns.append(("outliers", "adjusted"))
    names = {LEAD: "", "outliers": "without outliers"}
    header = ["Score", *(f"{a.capitalize()}, {names[k]}".strip(", ") for k, a in columns)]
    when = timing(lead)
    rows: list[list[str]] = []
    heads = {"main": when.severity, "interaction": when.change}
    if one_per_person(lead):
        words = told(lead, study)
        heads["outcome"] = f"{words.panel}, {words.axis}"
    for role in _ROLES:
        if lead.terms(role).empty:
            continue
        rows.append([heads[role]])
        digits, factor = when.digits(role, digits_of(lead, study)), when.factor(role)
        for score in lead.spec.scores:
            cells = [_cell(found.results[k], score, a, role, digits, factor) for k, a in columns]
            rows.append([score_label(study, score), *cells])
    return header, rows


def _cell(
    result: Result, score: str, adjustment: str, role: str, digits: int, factor: float
) -> str:
    row = score_row(result, score, adjustment, role)
    if row is None or not fitted(row):
        return "not fitted"
    value, low, high = (
        shown(result, factor * row[c]) for c in ("estimate", "conf_low", "conf_high")
    )
    return (
        f"{numbers.estimate(value, digits)} ({numbers.interval(low, high, digits)}), "
        # The equation is not broken at the end of a line.
        + numbers.equation("p", row["p_value"]).replace(" ", "\u00a0")
    )


def step_rows(found: PlanResult, study: Study) -> list[list[str]]:
    """One row per step for the score that the plan is about: both terms, people."""
    rows = []
    for step in found.plan.steps:
        result = found.results.get(step.key)
        if result is None:
            rows.append([step.title, found.failed.get(step.key, ""), "", ""])
            continue
        score = result.spec.scores[0] if step.exposure else found.plan.lead_score
        if score not in result.spec.scores:
            continue
        scale, when = outcome_scale(study, result.spec.outcome), timing(result)
        cells = [
            _cell(result, score, "adjusted", role, when.digits(role, scale.digits),
                  when.factor(role))
            for role in ("main", "interaction")
        ]  # fmt: skip
        rows.append([step.title, *cells, numbers.count(result.n_persons)])
    return rows


@dataclass(frozen=True)
class PlanWords:
    """What is said of a plan that was carried out.

    Attributes
    ----------
    answer
        The plan's answer in one or two sentences.
    findings
        The findings of the paper beside those of this cohort; see :func:`published_pattern`.
    corrected
        What the correction leaves, where the paper's findings are judged without one, since the
        paper took each p value by itself; else "".
    """

    answer: str
    findings: tuple[Answer, ...] = ()
    corrected: str = ""


def plan_words(found: PlanResult, study: Study) -> PlanWords:
    """Everything that is said of a plan; takes a model of time, so pages keep it."""
    lead = found.lead
    if lead is None:
        reason = found.failed.get(LEAD, "nothing was fitted.")
        return PlanWords(f"The plan could not be carried out: {reason}")
    said = headline(lead, study, lead.spec.adjustments[-1])
    findings = tuple(published_pattern(found, study))
    if findings:
        corrected = (
            "Each finding is taken by itself here, as the paper took it. Corrected over the "
            f"scores: {said}"
        )
        return PlanWords(_counted(findings), findings, corrected)
    if found.predicted is None:
        return PlanWords(said)
    level = level_percent(lead.spec)
    return PlanWords(f"{said} {classification_sentence(study, found.predicted, level)}")


def _counted(findings: tuple[Answer, ...]) -> str:
    same = sum(a.verdict == "as published" for a in findings)
    if same == len(findings):
        return f"All {same} findings of the paper are found in this cohort too."
    other = sum(a.verdict == "otherwise" for a in findings)
    text = f"{same} of {len(findings)} findings of the paper are found in this cohort too"
    if other:
        text += f", {other} {'is' if other == 1 else 'are'} not"
    left = len(findings) - same - other
    if left:
        text += f", and of {left} the data cannot tell"
    return text + "."


def published_pattern(found: PlanResult, study: Study) -> list[Answer]:
    """The findings of the published study, one by one, beside those of this cohort.

    Found again means: a 95 % interval that excludes zero, as the paper judged, and its direction
    where the abstract states one (that of change is not stated). An absence is found again where
    effects that would matter are excluded, a difference where its own interval excludes zero, and
    that something holds where there was something to hold; else the data cannot tell.
    """
    plan, lead = found.plan, found.lead
    if plan.name != "published-study" or not plan.lead_score or lead is None:
        return []
    label = score_label(study, plan.lead_score)
    adjusted = lead.spec.adjustments[-1]
    answers = []
    main = score_row(lead, plan.lead_score, adjusted, "main")
    change = score_row(lead, plan.lead_score, adjusted, "interaction")
    if main is not None and fitted(main):
        answers.append(
            Answer(
                f"{label} goes with lower severity at the start",
                _direction(main),
                f"{main_effect(lead, study, plan.lead_score, adjusted, named=True)} The paper: "
                f"{numbers.estimate(_PUBLISHED_MAIN)}, {numbers.equation('p', _PUBLISHED_P)}.",
            )
        )
    if change is not None and fitted(change):
        answers.append(
            Answer(
                f"{label} goes with change",
                "as published" if excludes_zero(change) else "undecided",
                interaction(lead, study, plan.lead_score, adjusted),
            )
        )
    others = _others(lead, plan.lead_score, adjusted, study)
    if others is not None:
        answers.append(others)
    stronger = _stronger(found, study, label)
    if stronger is not None:
        answers.append(stronger)
    stable = _stable(found, study, label)
    if stable is not None:
        answers.append(stable)
    return answers


def _direction(row: pd.Series) -> Verdict:
    if not excludes_zero(row):
        return "undecided"
    return "as published" if row["estimate"] < 0 else "otherwise"


def _others(lead: Result, score: str, adjustment: str, study: Study) -> Answer | None:
    """The other scores: no association with severity or change."""
    rows = lead.terms("main", "interaction", adjustment=adjustment)
    rows = rows[(rows["score"] != score) & np.isfinite(rows["p_value"].astype(float))]
    names = list(dict.fromkeys(rows["score"]))
    if not names:
        return None
    found = set(rows.loc[rows["p_value"] < 1 - lead.spec.confidence, "score"])
    clear = [s for s in names if s in found]
    which = f" ({', '.join(score_label(study, s) for s in clear)})" if clear else ""
    judged = verdicts(study, lead)
    mine = judged[(judged["model"] == adjustment) & judged["score"].isin(names)]
    absent = int((mine["verdict"] == "excluded").sum())
    none: Verdict = "as published" if absent == len(mine) else "undecided"
    return Answer(
        "The other scores go with neither",
        "otherwise" if clear else none,
        f"Of {len(names)} other scores, {len(names) - len(clear)} have no interval that excludes "
        f"zero, before any correction{which}; {absent} of their {len(mine)} effects are shown to "
        "be smaller than the smallest of interest.",
    )


def _stronger(found: PlanResult, study: Study, label: str) -> Answer | None:
    """People's own education against the score, per SD of each."""
    step, own = found.plan.step("own-education"), found.results.get("own-education")
    both = found.results.get("education")
    if step is None or own is None or both is None or found.lead is None:
        return None
    name = own.spec.scores[0]
    mine = score_row(own, name, "adjusted", "main")
    score = score_row(found.lead, found.plan.lead_score, "adjusted", "main")
    left = score_row(both, found.plan.lead_score, "adjusted", "main")
    if any(r is None or not fitted(r) for r in (mine, score, left)):
        return None
    scale = outcome_scale(study, own.spec.outcome)
    a, b, c = (
        f"{numbers.estimate(r['estimate'], scale.digits)} "
        f"({numbers.interval(r['conf_low'], r['conf_high'], scale.digits)})"
        for r in (mine, score, left)
        if r is not None
    )
    if mine is None or score is None:
        return None
    if found.contest is None:
        return None
    ahead = found.contest.ahead[found.contest.ahead["role"] == "main"].iloc[0]
    beyond: Verdict = "undecided"
    if ahead["low"] > 0 or ahead["high"] < 0:
        beyond = "as published" if ahead["low"] > 0 else "otherwise"
    by = numbers.interval(float(ahead["low"]), float(ahead["high"]), scale.digits)
    own_label = step_study(study, step).score(name).label
    return Answer(
        "Own education is associated more strongly than the score",
        beyond,
        f"At the start, per standard deviation: own education ({own_label}) {a}, {label} {b}, a "
        f"difference in size of {numbers.estimate(float(ahead['points']), scale.digits)} ({by}, "
        f"people with both, resampled); with own education in the model {label} {c}. Whether the "
        "score works through education or both share causes cannot be told from this.",
    )


def _stable(found: PlanResult, study: Study, label: str) -> Answer | None:
    """Both terms again without outliers."""
    result, lead = found.results.get("outliers"), found.lead
    if result is None or lead is None:
        return None
    score = found.plan.lead_score
    parts, holds = [], []  # nothing can hold that was not there
    for role, name in (("main", "severity"), ("interaction", "change")):
        before, after = (score_row(r, score, "adjusted", role) for r in (lead, result))
        if before is None or after is None or not (fitted(before) and fitted(after)):
            return None
        same = before["estimate"] * after["estimate"] > 0 and excludes_zero(after)
        holds.append(same and excludes_zero(before))
        scale, when = outcome_scale(study, result.spec.outcome), timing(result)
        factor, digits = when.factor(role), when.digits(role, scale.digits)
        parts.append(
            f"{name} {numbers.estimate(factor * after['estimate'], digits)} "
            f"({numbers.equation('p', after['p_value'])})"
        )
    gone = lead.n_observations - result.n_observations
    return Answer(
        "Both hold without outliers",
        "as published" if all(holds) else "undecided",
        f"{numbers.count(gone)} outlying visits left out, {label}: {', '.join(parts)}.",
    )
