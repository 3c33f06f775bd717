"""Rows of the result's table from one fitted cell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from pgsicbt.models.engine.inference import Contrasts
from pgsicbt.models.engine.kenward_roger import FTest
from pgsicbt.models.grid.design import Term
from pgsicbt.models.grid.sample import Sample
from pgsicbt.models.grid.time_coding import TIME, time_columns, time_part
from pgsicbt.result import Array, ModelFit
from pgsicbt.spec import Adjustment, AnalysisSpec

Row = tuple[object, ...]
ROW = (
    "score", "outcome", "model", "subset", "term", "estimate", "std_error", "df", "statistic",
    "p_value", "conf_low", "conf_high", "n_persons", "n_observations", "status", "role",
)  # fmt: skip
_MISSING = float("nan")


class Tests(Protocol):
    """What a fitted cell of any family can test."""

    def each(self) -> Contrasts:
        """Every coefficient by itself."""

    def contrasts(self, rows: Array) -> Contrasts:
        """Linear combinations ``rows`` (m, p) of the coefficients."""

    def joint(self, rows: Array) -> FTest:
        """Test that all of ``rows @ b`` are zero."""


def change_term(score: str) -> str:
    """Name of the row of the difference in change over the window."""
    return f"change:{score}"


def joint_term(score: str) -> str:
    """Name of the row of the test that a score goes with no change of any form."""
    return f"any change:{score}"


def change_row(model: ModelFit, terms: Sequence[Term]) -> Array:
    """Coefficients (p,) of the change over the weeks told per step of the score."""
    row = np.zeros(len(model.fixed.names))
    if model.time is None:
        return row
    ends = time_columns(model.time, model.time.change_weeks)
    for t in terms:
        if t.source == model.score and t.role in ("interaction", "interaction_part"):
            column, _ = time_part(model.time, t.name)
            if column is not None:
                row[model.fixed.names.index(t.name)] = ends[1, column] - ends[0, column]
    return row


def rows(
    spec: AnalysisSpec,
    model: ModelFit,
    terms: Sequence[Term],
    scored: Sequence[Term],
    tests: Tests,
) -> list[Row]:
    """Every term, and for a score in other than linear time its change and the joint test.

    Parameters
    ----------
    terms, scored
        Terms without the score, and those of the score.
    """
    c = tests.each()
    role = {t.name: t.role for t in (*terms, *scored)}
    status = "singular" if model.singular else "ok"
    head = (model.score, spec.outcome, model.adjustment, subset_text(spec))
    tail = (model.n_persons, model.n_observations, status if model.converged else "failed")
    numbers = zip(
        c.estimate, c.std_error, c.df, c.statistic, c.p_value, c.conf_low, c.conf_high, strict=True
    )
    found: list[Row] = [
        (*head, name, *values, *tail, role[name])
        for name, values in zip(model.fixed.names, numbers, strict=True)
    ]
    straight = not any(t.role == "interaction_part" for t in scored)
    if not straight:
        change = change_row(model, scored)
        t = tests.contrasts(change[None, :])
        values = (t.estimate, t.std_error, t.df, t.statistic, t.p_value, t.conf_low, t.conf_high)
        found.append(
            (*head, change_term(model.score), *(float(v[0]) for v in values), *tail, "interaction")
        )
    for source, kind, kinds in _together(model.score, scored, straight):
        names = [t.name for t in scored if t.source == source and t.role in kinds]
        parts = [model.fixed.names.index(name) for name in names if name in model.fixed.names]
        if not parts:
            continue
        f = tests.joint(np.eye(len(model.fixed.names))[parts])
        numbers_of_f = (_MISSING, _MISSING, f.df_denominator, f.statistic, f.p_value)
        found.append((*head, joint_term(source), *numbers_of_f, _MISSING, _MISSING, *tail, kind))
    return found


def _together(
    score: str, scored: Sequence[Term], straight: bool
) -> list[tuple[str, str, tuple[str, ...]]]:
    """What is tested jointly: source, role of its row, and the roles of the columns tested."""
    asked: list[tuple[str, str, tuple[str, ...]]] = []
    own = ("interaction", "interaction_part", "group_change")
    if not straight or any(t.role == "group_change" for t in scored):
        asked.append((score, "joint", own))
    products = dict.fromkeys(t.source for t in scored if t.role == "moderation")
    for source in products:
        mine = [t for t in scored if t.source == source and t.role == "moderation_change"]
        if len(mine) > 1:
            asked.append((source, "moderation_joint", ("moderation_change",)))
    return asked


def failed_rows(
    spec: AnalysisSpec, score: str, adjustment: Adjustment, sample: Sample
) -> list[Row]:
    """Rows that keep the place of a cell that could not be fitted."""
    head = (score, spec.outcome, adjustment, subset_text(spec))
    tail = (len(sample.persons), len(sample.time), "failed")
    if not score:
        kept = [(TIME, "time")]
    elif spec.time_coding == "linear":
        kept = [(score, "main"), (f"{TIME}:{score}", "interaction")]
    else:
        kept = [
            (score, "main"), (change_term(score), "interaction"), (joint_term(score), "joint")
        ]  # fmt: skip
    return [(*head, term, *[_MISSING] * 7, *tail, role) for term, role in kept]


def subset_text(spec: AnalysisSpec) -> str:
    """The group that is analysed as the table names it, or ""."""
    return "" if spec.subset is None else f"{spec.subset[0]}: {spec.subset[1]}"
