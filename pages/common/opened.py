"""More about the score that is open: how large its effects are, and whether the model holds."""

from __future__ import annotations

import streamlit as st

from pages.common import long_run, show, state
from pgsicbt.errors import PgsIcbtError
from pgsicbt.result import Result
from pgsicbt.study import Study
from pgsicbt.words import numbers, outcome_scale, pretty_term
from pgsicbt.words.effects import effect_table

RESAMPLES = 1000
_RULES = {
    "cook": "Without people whose Cook's distance is above 4 / N",
    "change": "Without people who alone move the term by more than 2 / √N standard errors",
}


def effect_sizes_part(study: Study, result: Result, score: str, adjustment: str) -> None:
    """Effect sizes of one score; the intervals of shares are resampled when asked for."""
    part = show.folded("How large is that: effect sizes", "effect-sizes")
    if not part.open:
        return
    with part:
        if st.button(
            f"Intervals of the shares, from {numbers.count(RESAMPLES)} resamples of people",
            disabled=state.resampled(study, result),
            help="Takes some seconds and can be cancelled.",
            key="resample",
        ):
            with long_run.bar("Resampling people, fits") as told:
                state.resample(study, result, RESAMPLES, told)
        effects = state.effects(study, result)
        mine = effects[(effects["score"] == score) & (effects["model"] == adjustment)]
        scale = outcome_scale(study, result.spec.outcome)
        rows = effect_table(mine, scale.unit, scale.digits)
        show.journal_table(
            [row[:3] for row in rows],
            [
                ("Effect size", "Hover over a row for its definition"),
                ("Value", "Per standard deviation of the score"),
                ("Interval", "Of shares only after resampling"),
            ],
            "Effect sizes per standard deviation of the score",
            numeric=(1, 2),
            titles=[row[3] for row in rows],
        )
        show.downloads("effect-sizes", effects, "effects")


def _with_p(estimate: float, p: float) -> str:
    return f"{numbers.estimate(estimate, 3)} ({numbers.p_value(p)})"


def checks_part(study: Study, result: Result, score: str, adjustment: str) -> None:
    """Residuals, random effects and influence of people, as findings and aggregates."""
    part = show.folded("Does the model hold: residuals, and whether it rests on a few", "checks")
    if not part.open:
        return
    with part:
        try:
            with st.spinner("Leaving out each person in turn"):
                diagnosed, summary = state.checks(study, result, score, adjustment)
        except PgsIcbtError as problem:
            show.error(problem)
            return
        if diagnosed.findings:
            show.sentences(f.message for f in diagnosed.findings)
        else:
            show.sentence("Residuals and differences between people look as the model says.")
        table = result.table
        mine = table[(table["score"] == score) & (table["model"] == adjustment)]
        names = {str(row["term"]): pretty_term(row, result, study) for _, row in mine.iterrows()}
        rows: list[list[str]] = []
        for rule, title in _RULES.items():
            rows.append([title])
            rows += [
                [
                    names[str(row["term"])],
                    numbers.count(row["people_beyond"]),
                    numbers.estimate(row["largest_change"]),
                    _with_p(row["estimate"], row["p_value"]),
                    _with_p(row["estimate_without"], row["p_value_without"]),
                ]
                for row in summary[summary["rule"] == rule].to_dict("records")
            ]
        show.journal_table(
            rows,
            [
                ("Term", "Coefficient of the score"),
                ("People beyond", "Missing where fewer than eight"),
                ("Largest change", "In standard errors, when one person is left out"),
                ("Estimate (p)", "With everybody"),
                ("Without them (p)", "When all beyond the rule are left out"),
            ],
            "Leaving people out; to be named before looking, not a reason to drop anybody",
            numeric=range(1, 5),
        )
        show.downloads("residuals-by-week", diagnosed.by_week, "checks")
