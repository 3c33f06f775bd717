"""The tables of the report."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pgsicbt.report import markup
from pgsicbt.result import Result
from pgsicbt.study import Study
from pgsicbt.words import coefficient, numbers, outcome_scale, pretty_term, timing
from pgsicbt.words.families import digits_of, one_per_person, ratio_of, told
from pgsicbt.words.method import CORRECTIONS
from pgsicbt.words.sentences import level_percent, score_label, step_short
from pgsicbt.words.time_terms import columns_of_time, joint_value


def grid_table(rows: pd.DataFrame, result: Result, study: Study) -> str:
    """Every score in every model: severity, change, and where there is one the joint test."""
    spec, when = result.spec, timing(result)
    scale = outcome_scale(study, spec.outcome)
    corrected = f"p ({CORRECTIONS[spec.multiplicity].short})"
    joint = _joint_p(result)
    roles = ("outcome",) if one_per_person(result) else ("main", "interaction")
    ratio = bool(ratio_of(spec))
    cells: list[list[str]] = []
    for (_, score, model), pair in rows.groupby(["row", "score", "model"], sort=False):
        line = [score_label(study, str(score)), str(model)]
        for role in roles:
            found = pair[pair["role"] == role]
            digits = when.digits(role, digits_of(result, study))
            blank = [numbers.MISSING] * 4
            line += _four(found.iloc[0], digits, ratio=ratio) if len(found) else blank
        if joint:
            line.append(joint.get((score, model), numbers.MISSING))
        line.append(numbers.count(pair["n_persons"].max()))
        cells.append(line)
    four = ["Estimate", f"{level_percent(spec)} interval", "p", corrected]
    step = step_short(spec)
    caption = (
        f"All scores, all models. {scale.unit.capitalize()} per {step} of the score "
        f"({scale.better} is better)."
    )
    heads = [(when.severity, 4), (when.change, 4)]
    if one_per_person(result):
        words = told(result, study)
        kind = words.axis[:1].upper() + words.axis[1:]
        caption = f"All scores, all models. {kind} per {step} of the score."
        heads = [(words.panel, 4)]
    more, group = (["p"], [("Any difference in course", 1)]) if joint else ([], [])
    return markup.table(
        caption, ["Score", "Model", *(four * len(roles)), *more, "People"], cells,
        numeric=range(2, 3 + 4 * len(roles) + len(more)),
        groups=[("", 2), *heads, *group, ("", 1)],
        short=all(len(c[0]) <= 16 for c in cells),
    )  # fmt: skip


def _joint_p(result: Result) -> dict[tuple[object, object], str]:
    """p of the joint test by score and model; empty where it says no more than change does."""
    if one_per_person(result) or columns_of_time(result) < 2:
        return {}
    return {
        (row["score"], row["model"]): numbers.p_value(row["p_value"])
        for row in result.terms("joint").to_dict("records")
    }


def _four(row: pd.Series, digits: int, *, ratio: bool) -> list[str]:
    if not np.isfinite(row["estimate"]):
        return ["not fitted", "", "", ""]
    dagger = "\u2020" if row["status"] == "singular" else ""
    b, low, high = (
        np.exp(row[c]) if ratio else row[c] for c in ("estimate", "conf_low", "conf_high")
    )
    return [
        numbers.estimate(b, digits) + dagger,
        numbers.interval(low, high, digits),
        numbers.p_value(row["p_value"]),
        numbers.p_value(row["p_adjusted"]),
    ]


def coefficient_table(result: Result, study: Study, score: str, adjustment: str) -> str:
    """Every fixed effect of one model with what it means; slopes are per week."""
    spec, when = result.spec, timing(result)
    t = result.table
    rows = t[(t["score"] == score) & (t["model"] == adjustment)]
    cells: list[list[str]] = []
    for _, row in rows.iterrows():
        joint = row["role"] in ("joint", "moderation_joint")
        digits, factor = (
            when.digits(row["role"], digits_of(result, study)),
            when.factor(row["role"]),
        )
        values = [factor * row[c] for c in ("estimate", "std_error", "conf_low", "conf_high")]
        if ratio_of(spec):  # the standard error stays that of the logarithm
            values = [np.exp(values[0]), values[1], np.exp(values[2]), np.exp(values[3])]
        cells.append(
            [
                pretty_term(row, result, study),
                joint_value(row) if joint else numbers.estimate(values[0], digits),
                numbers.estimate(values[1], digits),
                numbers.count(row["df"]),
                numbers.interval(values[2], values[3], digits),
                numbers.p_value(row["p_value"]),
                coefficient(row, result, study),
            ]
        )
    name = f" of {score_label(study, score)}" if score else ""
    slopes = {"linear": "; terms with time are per week", "piecewise": "; slopes are per week"}
    about = slopes.get(spec.time_coding, "")
    if one_per_person(result):
        about = f"; {ratio_of(spec)}s" if ratio_of(spec) else ""
    return markup.table(
        f"Every coefficient of the {adjustment} model{name}{about}.",
        ["Term", "Estimate", "SE", "df", f"{level_percent(spec)} interval", "p", "In words"],
        cells,
        numeric=range(1, 6),
    )


def ledger_table(result: Result, study: Study) -> str:
    """From the files to the people analysed, and why each was left out."""
    cells = [
        [
            s.step + (f" ({s.file})" if s.file and s.file not in s.step else ""),
            numbers.count(s.persons),
            numbers.count(s.observations) if s.observations else "",
            numbers.count(s.lost_persons) if s.lost_persons else "",
            numbers.count(s.lost_observations) if s.lost_observations else "",
            s.reason,
        ]
        for s in [*study.ledger, *result.ledger]
    ]
    return markup.table(
        "From the files to the people analysed.",
        ["Step", "People", "Observations", "People left out", "Observations left out", "Why"],
        cells,
        numeric=range(1, 5),
    )
