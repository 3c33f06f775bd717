"""Missed visits on Robustness: who leaves, what filling in does, what would turn a conclusion."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import streamlit as st

from pages.common import long_run, show, state
from pgsicbt.cohort import presence
from pgsicbt.errors import PgsIcbtError
from pgsicbt.figures.cohort import CohortFigure
from pgsicbt.figures.cohort_panels import Drawing
from pgsicbt.figures.cohort_presence import presence_drawing
from pgsicbt.figures.robustness_missing import filled_drawing, leaving_drawing, tipping_drawing
from pgsicbt.result import Result
from pgsicbt.robustness.dropout import MODELS, DropOut, drop_out
from pgsicbt.robustness.imputation import Imputations, impute
from pgsicbt.robustness.imputed_fit import ImputedResult, imputed_fit
from pgsicbt.robustness.tipping import WAYS, Tipping, tipping
from pgsicbt.study import Study
from pgsicbt.words import numbers
from pgsicbt.words.missing import (
    MODEL_WORDS,
    filled_rows,
    filled_sentence,
    last_value_sentence,
    leaving_count,
    leaving_rows,
    leaving_sentence,
    missing_standing,
    other_rows,
    tipping_sentence,
)
from pgsicbt.words.sentences import level_percent

_SETS = (20, 50, 100)
_LEAVING, _FILLED, _TIPPING = "who leaves", "filled in", "tipping points"


def missing_part(study: Study, result: Result, score: str, lead: str) -> None:
    """Everything on missed visits, each folded."""
    for label, key, part in (
        ("Who leaves, and does a score tell?", "leaving", _leaving),
        ("With missed visits filled in", "filled", _filled),
        ("If those who left did not go on like others", "tipping", _tipping),
    ):
        box = show.folded(label, key)
        if not box.open:
            continue
        with box:
            try:
                part(study, result, score, lead)
            except PgsIcbtError as problem:
                show.error(problem)


def missing_line(study: Study, result: Result, score: str, lead: str) -> tuple[str, str] | None:
    """How a conclusion stands and why, once visits were filled in in this session."""
    found = _finished(study, result)
    if found is None:
        return None
    tips = state.finished(study, _TIPPING, _tip_key(result, score, lead)) or ()
    return missing_standing(study, found[1], tips, score, lead)


def _figure(
    study: Study, draw: Callable[[bool], Drawing | None], key: str, stamp: str, frame: pd.DataFrame
) -> None:
    """A figure that has a form of its own for telephones, with its note and downloads."""
    wide = draw(False)
    if wide is None:
        return

    figure = CohortFigure(wide, draw(True))
    show.explained(figure, key, f"{study.digest} {stamp}", frame)


def _leaving(study: Study, result: Result, score: str, lead: str) -> None:
    del lead
    spec, key = result.spec, result.spec.canonical()
    seen = state.described(study, presence, score)
    _figure(study, lambda _: presence_drawing(study, seen, score), "presence", score, seen)
    found: DropOut = long_run.run(
        study, _LEAVING, key, "Models of who leaves",
        lambda told: drop_out(study, spec, told), cancel=False,
    )  # fmt: skip
    state.look(study, spec, "drop-out by score", models=len(found.table) + len(found.others))
    level = level_percent(spec)
    show.passage(
        ("sentence", leaving_sentence(study, spec, found, score)),
        ("sentence", leaving_count(study, found)),
        ("sentence", last_value_sentence(study, spec, found)),
    )
    _figure(study, lambda narrow: leaving_drawing(study, found, narrow=narrow), "leaving", key,
            found.table)  # fmt: skip
    show.journal_table(
        leaving_rows(study, found),
        [("Score", "Every score analysed"),
         *((MODEL_WORDS[m].capitalize(), f"Odds ratio per standard deviation, {level} interval")
           for m in MODELS),
         ("p", "Adjusted, not corrected")],
        "Odds of leaving in any week per standard deviation of the score",
        numeric=range(1, 5),
    )  # fmt: skip
    show.journal_table(
        other_rows(found, score),
        [("The same asked otherwise", "Models of one outcome per person"),
         ("Ratio", "Per standard deviation of the score that is open, with interval"), ("p", "")],
        "Other models of drop-out, score that is open",
        numeric=(1, 2),
    )  # fmt: skip
    show.quiet(" ".join(f.message for f in found.findings))


def _finished(study: Study, result: Result) -> tuple[Imputations, ImputedResult] | None:
    found = None
    for count in _SETS:  # the largest that was done
        found = state.finished(study, _FILLED, f"{result.spec.canonical()} {count}") or found
    return found


def _filled(study: Study, result: Result, score: str, lead: str) -> None:
    count = st.segmented_control("Times filled in", _SETS, default=_SETS[0], key="filled-sets")
    count = count or _SETS[0]
    key = f"{result.spec.canonical()} {count}"
    if st.button("Fill in and analyse", key="fill-in",
                 disabled=state.finished(study, _FILLED, key) is not None,
                 help="Takes some seconds and can be cancelled."):  # fmt: skip

        def run() -> tuple[Imputations, ImputedResult]:
            with long_run.bar("Drawing what was missed") as told:
                made = impute(study, result.spec, count, progress=told)
            with long_run.bar("Analysing completed data") as told:
                return made, imputed_fit(made, result, told)

        state.run_and_keep(study, _FILLED, key, run)
    kept = state.finished(study, _FILLED, key)
    if kept is None:
        show.quiet(
            "Every missed planned visit is drawn many times over from a mixed model that holds "
            "the analysis, all scores and covariates beside it. Values drawn are never shown."
        )
        return
    made, found = kept
    state.look(study, result.spec, "missed visits filled in", models=len(result.fits))
    show.sentence(filled_sentence(study, found, score, lead))
    show.sentences(finding.message for finding in made.findings)
    _figure(study, lambda narrow: filled_drawing(study, found, lead, narrow=narrow), "filled",
            f"{key} {lead}", found.table)  # fmt: skip
    show.journal_table(
        filled_rows(study, found, lead),
        [("Score", "Every score analysed"), ("As observed", "Per SD, with interval"), ("p", ""),
         ("Filled in", "Joined by Rubin's rules"), ("p", ""),
         ("Information missing", "Share of the information about the estimate that is missing")],
        f"Estimates of change with and without missed visits, {lead} model; p not corrected",
        numeric=range(1, 6),
    )  # fmt: skip


def _tip_key(result: Result, score: str, lead: str) -> str:
    return f"{result.spec.canonical()} {score} {lead}"


def _tipping(study: Study, result: Result, score: str, lead: str) -> None:
    filled = _finished(study, result)
    if filled is None:
        show.quiet("Fill in the missed visits first; then what was filled in can be moved.")
        return
    made, key = filled[0], _tip_key(result, score, lead)
    found: tuple[Tipping, ...] | None = state.finished(study, _TIPPING, key)
    if st.button("Move what was filled in after leaving", key="tip", disabled=found is not None,
                 help="Takes a while and can be cancelled."):  # fmt: skip

        def run() -> tuple[Tipping, ...]:
            found = []
            for i, way in enumerate(WAYS, 1):
                with long_run.bar(f"Moving, {i} of {len(WAYS)}") as told:
                    found.append(tipping(made, score, lead, way, progress=told))  # type: ignore[arg-type]
            return tuple(found)

        found = state.run_and_keep(study, _TIPPING, key, run)
    if found is None:
        show.quiet(
            f"People who left are filled in as if they went on like others. How far off would that "
            f"have to be for the conclusion to turn? {numbers.count(made.count)} completed data "
            "sets are analysed anew for each step away from it."
        )
        return
    tips = found
    state.look(study, result.spec, "tipping points", models=sum(len(t.curve) for t in tips))
    show.sentences(tipping_sentence(study, result, one) for one in tips)
    frame = pd.concat([t.curve.assign(way=t.way) for t in tips], ignore_index=True)
    _figure(study, lambda _: tipping_drawing(study, result, tips), "tipping", key, frame)
