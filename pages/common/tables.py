"""The two tables of the Associations page: the grid, and the coefficients of one model."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages.common import show
from pgsicbt.result import ModelFit, Result
from pgsicbt.study import Study
from pgsicbt.words import define, numbers, pretty_term

_PER_WEEK = ("interaction", "time", "covariate_time")


def grid_table(study: Study, result: Result, lead: str) -> None:
    """One row per score, severity above change; p values are those of the leading model."""
    models = list(dict.fromkeys(result.table["model"]))
    cells: list[list[str]] = []
    for role, title in (("main", "Severity at the start"), ("interaction", "Change per week")):
        cells.append([title])
        by_cell = result.terms(role).set_index(["score", "model"])
        for name in result.spec.scores:
            of_lead = by_cell.loc[(name, lead)]
            cells.append(
                [
                    study.score(name).label,
                    *(_with_interval(by_cell.loc[(name, model)]) for model in models),
                    numbers.p_value(of_lead["p_value"]),
                    numbers.p_value(of_lead["p_adjusted"]),
                ]
            )
    show.journal_table(
        cells,
        [
            ("Score", define("Score")),
            *((m.capitalize(), f"Estimate and interval of the {m} model") for m in models),
            ("p", define("p")),
            ("Adjusted p", define("Adjusted p")),
        ],
        f"Estimates with intervals; p values are those of the {lead} model",
        numeric=range(1, 3 + len(models)),
    )


def coefficient_table(study: Study, rows: pd.DataFrame) -> None:
    """Every fixed effect of one model."""
    show.journal_table(
        [[pretty_term(row, study), *_numbers(row)] for _, row in rows.iterrows()],
        [(name, define(name)) for name in ("Term", "Estimate", "Interval", "SE", "df", "p")],
        "Fixed effects; hover over a heading for what it means",
        numeric=range(1, 6),
    )


def model_description(result: Result, model: ModelFit) -> None:
    """Formula, likelihood, people and variances of one fitted cell."""
    st.code(model.formula, language=None)
    method = "REML" if model.reml else "Maximum likelihood"
    names = ("at the start", "per unit of time")[: len(model.random_covariance)]
    spread = ", ".join(
        f"{name} {numbers.estimate(model.random_covariance[i, i] ** 0.5)}"
        for i, name in enumerate(names)
    )
    show.sentence(
        f"{method}, log-likelihood {model.log_likelihood:,.2f}; "
        f"{numbers.count(model.n_persons)} people, "
        f"{numbers.count(model.n_observations)} observations; residual SD "
        f"{numbers.estimate(model.residual_variance**0.5)}, SD between people {spread}."
    )
    st.download_button(
        "Analysis (JSON)", result.spec.to_json(), "spec.json", "application/json",
        on_click="ignore",
    )  # fmt: skip


def _digits(row: pd.Series) -> int:
    return 3 if row["role"] in _PER_WEEK else 2


def _with_interval(row: pd.Series) -> str:
    """An estimate with its interval in one cell."""
    if row["status"] == "failed":
        return "not fitted"
    digits = _digits(row)
    span = numbers.interval(row["conf_low"], row["conf_high"], digits)
    return f"{numbers.estimate(row['estimate'], digits)} ({span})"


def _numbers(row: pd.Series) -> list[str]:
    """The cells of one estimate, as text."""
    digits = _digits(row)
    return [
        numbers.estimate(row["estimate"], digits),
        numbers.interval(row["conf_low"], row["conf_high"], digits),
        numbers.estimate(row["std_error"], digits),
        numbers.count(row["df"]),
        numbers.p_value(row["p_value"]),
    ]
