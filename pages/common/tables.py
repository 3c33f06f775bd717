"""The two tables of the Associations page: the grid, and the coefficients of one model."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from pages.common import show
from pgsicbt.result import ModelFit, Result
from pgsicbt.study import Study
from pgsicbt.words import (
    define,
    method_facts,
    numbers,
    pretty_term,
    timing,
)
from pgsicbt.words.families import (
    digits_of,
    one_per_person,
    outcome_facts,
    ratio_of,
    told,
)
from pgsicbt.words.time_terms import columns_of_time, joint_value


def grid_table(study: Study, result: Result, lead: str) -> None:
    """One row per score, severity above change; p values are those of the leading model."""
    when = timing(result)
    models = list(dict.fromkeys(result.table["model"]))
    caption = f"Estimates with intervals; p values are those of the {lead} model"
    if one_per_person(result):
        words = told(result, study)
        title = f"{words.panel} ({words.axis})" if ratio_of(result.spec) else words.panel
        cells = _block(study, result, lead, models, "outcome", title)
    else:
        severity = _block(study, result, lead, models, "main", when.severity)
        cells = [
            *(severity if result.spec.family != "clda" else []),
            *_block(study, result, lead, models, "interaction", when.change),
        ]
    if not one_per_person(result) and columns_of_time(result) > 1:
        title = "Any difference in course (F, p)"
        cells += _block(study, result, lead, models, "joint", title)
        caption += "; any difference in course is tested once for all weeks, not corrected"
    show.journal_table(
        cells,
        [
            ("Score", define("Score")),
            *((m.capitalize(), f"Estimate and interval of the {m} model") for m in models),
            ("p", define("p")),
            ("Adjusted p", define("Adjusted p")),
        ],
        caption,
        numeric=range(1, 3 + len(models)),
    )


def _block(
    study: Study, result: Result, lead: str, models: list[str], role: str, title: str
) -> list[list[str]]:
    """The rows of one role below their title."""
    by_cell = {(r["score"], r["model"]): r for r in result.terms(role).to_dict("records")}
    factor = timing(result).factor(role)
    digits = timing(result).digits(role, digits_of(result, study))
    ratio = bool(ratio_of(result.spec))
    cells = [[title]]
    for name in result.spec.scores:
        if (name, lead) not in by_cell:
            continue
        of_lead = by_cell[(name, lead)]
        shown = (
            _with_p(by_cell[(name, m)])
            if role == "joint"
            else _with_interval(by_cell[(name, m)], factor, digits, ratio=ratio)
            for m in models
        )
        p = [numbers.p_value(of_lead[c]) for c in ("p_value", "p_adjusted")]
        cells.append([study.score(name).label, *shown, *p])
    return cells


def coefficient_table(study: Study, result: Result, rows: pd.DataFrame) -> None:
    """Every fixed effect of one model."""
    when = timing(result)
    digits, ratio = digits_of(result, study), bool(ratio_of(result.spec))
    cells = [
        [
            pretty_term(row, result, study),
            *_numbers(row, when.factor(row["role"]), when.digits(row["role"], digits), ratio=ratio),
        ]
        for _, row in rows.iterrows()
    ]
    show.journal_table(
        cells,
        [(name, define(name)) for name in ("Term", "Estimate", "Interval", "SE", "df", "p")],
        f"{_about(result)}; hover over a heading for what it means",
        numeric=range(1, 6),
    )


def _about(result: Result) -> str:
    """What the coefficients are."""
    if not one_per_person(result):
        sloping = timing(result).basis.coding in ("linear", "piecewise")
        return "Fixed effects, slopes per week" if sloping else "Fixed effects"
    ratio = ratio_of(result.spec)
    if ratio:
        return f"{ratio.capitalize()}s; standard errors are those of their logarithms"
    return "Coefficients, in points of the outcome"


def model_description(study: Study, result: Result, model: ModelFit) -> None:
    """Formula, method, likelihood, people and variances of one fitted cell."""
    facts = outcome_facts(result) if one_per_person(result) else method_facts(result)
    st.code(model.formula, language=None)
    show.journal_table(
        [list(pair) for pair in (*facts, *_size(study, result, model))],
        [("What", "Of all models of this analysis, or of the one that is open"), ("How", "")],
        "How the models were made, and what the one that is open found",
    )
    st.download_button(
        "Analysis (JSON)", result.spec.to_json(), "spec.json", "application/json",
        on_click="ignore",
    )  # fmt: skip


def _size(study: Study, result: Result, model: ModelFit) -> list[tuple[str, str]]:
    """Likelihood, people and variances of one fitted cell."""
    if one_per_person(result):
        return [
            ("People", numbers.count(model.n_persons)),
            ("Log-likelihood", numbers.estimate(model.log_likelihood)),
        ]
    moment, digits = timing(result).at, digits_of(result, study)
    names = (f"level {moment}", "slope", "second time term")
    spread = ", ".join(
        f"{name} {numbers.estimate(variance**0.5, digits)}"
        for name, variance in zip(names, model.random_covariance.diagonal(), strict=False)
    )
    return [
        ("People", numbers.count(model.n_persons)),
        ("Observations", numbers.count(model.n_observations)),
        *([("SD between people", spread)] if spread else []),
        ("Residual SD", numbers.estimate(model.residual_variance**0.5, digits)),
        ("Log-likelihood", numbers.estimate(model.log_likelihood)),
    ]


def _with_interval(row: Mapping[Any, Any], factor: float, digits: int, *, ratio: bool) -> str:
    """An estimate with its interval in one cell."""
    if row["status"] == "failed":
        return "not fitted"
    b, low, high = _shown(row, factor, ratio=ratio)
    return f"{numbers.estimate(b, digits)} ({numbers.interval(low, high, digits)})"


def _shown(row: Any, factor: float, *, ratio: bool) -> tuple[float, float, float]:
    """Estimate and limits as they are shown: ratios instead of their logarithms."""
    b, low, high = (factor * row[c] for c in ("estimate", "conf_low", "conf_high"))
    return (math.exp(b), math.exp(low), math.exp(high)) if ratio else (b, low, high)


def _with_p(row: Mapping[Any, Any]) -> str:
    """A joint test in one cell."""
    if row["status"] == "failed":
        return "not fitted"
    return f"{numbers.estimate(row['statistic'])} ({numbers.p_value(row['p_value'])})"


def _numbers(row: pd.Series, factor: float, digits: int, *, ratio: bool) -> list[str]:
    """The cells of one estimate, as text."""
    joint = row["role"] in ("joint", "moderation_joint")
    b, low, high = _shown(row, factor, ratio=ratio)
    return [
        joint_value(row) if joint else numbers.estimate(b, digits),
        numbers.interval(low, high, digits),
        numbers.estimate(factor * row["std_error"], digits),
        numbers.count(row["df"]),
        numbers.p_value(row["p_value"]),
    ]
