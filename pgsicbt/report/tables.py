"""The tables of the report."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pgsicbt.report import markup
from pgsicbt.result import Result
from pgsicbt.study import Study
from pgsicbt.words import coefficient, numbers, outcome_scale, pretty_term, timing
from pgsicbt.words.sentences import level_percent, score_label, step_short
from pgsicbt.words.time_terms import columns_of_time, joint_value

_CORRECTED = {
    "holm": "Holm", "bonferroni": "Bonferroni", "bh": "BH", "by": "BY", "li-ji": "Li-Ji",
    "galwey": "Galwey", "max-t": "max-T", "none": "not corrected",
}  # fmt: skip


def grid_table(rows: pd.DataFrame, result: Result, study: Study) -> str:
    """Every score in every model: severity, change, and where there is one the joint test."""
    spec, when = result.spec, timing(result)
    scale = outcome_scale(study, spec.outcome)
    corrected = f"p ({_CORRECTED[spec.multiplicity]})"
    joint = _joint_p(result)
    cells: list[list[str]] = []
    for (_, score, model), pair in rows.groupby(["row", "score", "model"], sort=False):
        line = [score_label(study, str(score)), str(model)]
        for role in ("main", "interaction"):
            found = pair[pair["role"] == role]
            digits = when.digits(role, scale.digits)
            line += _four(found.iloc[0], digits) if len(found) else [numbers.MISSING] * 4
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
    more, group = (["p"], [("Any difference in course", 1)]) if joint else ([], [])
    return markup.table(
        caption, ["Score", "Model", *four, *four, *more, "People"], cells,
        numeric=range(2, 11 + len(more)),
        groups=[("", 2), (when.severity, 4), (when.change, 4), *group, ("", 1)],
        short=all(len(c[0]) <= 16 for c in cells),
    )  # fmt: skip


def _joint_p(result: Result) -> dict[tuple[object, object], str]:
    """p of the joint test by score and model; empty where it says no more than change does."""
    if columns_of_time(result) < 2:
        return {}
    return {
        (row["score"], row["model"]): numbers.p_value(row["p_value"])
        for row in result.terms("joint").to_dict("records")
    }


def _four(row: pd.Series, digits: int) -> list[str]:
    if not np.isfinite(row["estimate"]):
        return ["not fitted", "", "", ""]
    dagger = "\u2020" if row["status"] == "singular" else ""
    return [
        numbers.estimate(row["estimate"], digits) + dagger,
        numbers.interval(row["conf_low"], row["conf_high"], digits),
        numbers.p_value(row["p_value"]),
        numbers.p_value(row["p_adjusted"]),
    ]


def coefficient_table(result: Result, study: Study, score: str, adjustment: str) -> str:
    """Every fixed effect of one model with what it means; slopes are per week."""
    spec, when = result.spec, timing(result)
    scale = outcome_scale(study, spec.outcome)
    t = result.table
    rows = t[(t["score"] == score) & (t["model"] == adjustment)]
    cells: list[list[str]] = []
    for _, row in rows.iterrows():
        joint = row["role"] == "joint"
        digits, factor = when.digits(row["role"], scale.digits), when.factor(row["role"])
        values = [factor * row[c] for c in ("estimate", "std_error", "conf_low", "conf_high")]
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
    return markup.table(
        f"Every coefficient of the {adjustment} model{name}{slopes.get(spec.time_coding, '')}.",
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
