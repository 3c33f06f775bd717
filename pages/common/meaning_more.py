"""More on what the opened score means: beside changes that count, overlap, what it adds."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import streamlit as st

from pages.common import long_run, show, state
from pages.common.slopes_parts import burden_part, slopes_part
from pgsicbt.errors import PgsIcbtError
from pgsicbt.figures.cohort import CohortFigure
from pgsicbt.figures.overlap import overlap_drawing
from pgsicbt.figures.prediction import classification_drawing, prediction_drawing
from pgsicbt.meaning.classification import Classification, predict_status
from pgsicbt.meaning.increment import increments
from pgsicbt.meaning.overlap import overlap
from pgsicbt.meaning.prediction import Prediction, predict_post
from pgsicbt.meaning.yardsticks import yardsticks
from pgsicbt.models.families.statuses import defined_kinds
from pgsicbt.models.grid.rebuild import one_score_at_a_time
from pgsicbt.result import Result
from pgsicbt.spec import LONGITUDINAL
from pgsicbt.study import Study
from pgsicbt.words import numbers, outcome_scale
from pgsicbt.words.overlap import (
    group_word,
    overlap_rows,
    overlap_sentence,
    yardstick_rows,
    yardstick_sentence,
)
from pgsicbt.words.prediction import (
    classification_rows,
    classification_sentence,
    increment_rows,
    increment_sentence,
    prediction_rows,
    prediction_sentence,
)
from pgsicbt.words.sentences import level_percent

RESAMPLES = 1000
Part = Callable[[Study, Result, str, str], None]
_SHARES = (0.1, 0.2, 0.25, 0.5)


def meaning_part(study: Study, result: Result, score: str, lead: str) -> None:
    """Everything on what the score that is open amounts to, each folded."""
    parts: tuple[tuple[str, str, Part], ...] = (
        ("Beside changes that count", "yardsticks", _yardsticks),
        ("Severity at chosen weeks and over all of them", "burden", burden_part),
        ("Simple slopes: by week, by level, by what it interacts with", "slopes", slopes_part),
        ("Highest and lowest tenth: how far their outcomes overlap", "overlap", _overlap),
        ("What it adds to the variance explained", "increments", _increments),
        ("What the scores add to a prediction by clinical predictors", "prediction", _prediction),
    )
    for label, key, part in parts:
        if key in ("burden", "slopes") and result.spec.family not in LONGITUDINAL:
            continue
        box = show.folded(label, key)
        if not box.open:
            continue
        with box:
            try:
                part(study, result, score, lead)
            except PgsIcbtError as problem:
                show.quiet(str(problem))


def _yardsticks(study: Study, result: Result, score: str, lead: str) -> None:
    single = one_score_at_a_time(result.spec)
    effects = state.effects(study, result) if single else None
    frame = yardsticks(study, result, score, lead, effects)
    show.sentence(yardstick_sentence(study, score, frame))
    if frame.empty:
        return
    rows, titles = yardstick_rows(frame)
    show.journal_table(
        rows,
        [
            ("Change that counts", "Of the registry; hover over a row for its source"),
            ("Points", "The change that counts, in points of the instrument"),
            ("Per SD", "What a standard deviation of the score goes with, in the same points"),
            ("% of it (interval)", "Above zero where a higher score goes with the better outcome"),
            ("SDs for it", "Standard deviations of the score that would amount to it"),
        ],
        "The score's effect beside changes that count",
        numeric=range(1, 5),
        titles=titles,
    )
    show.downloads(f"yardsticks-{score}", frame, "yardsticks")


def _overlap(study: Study, result: Result, score: str, lead: str) -> None:
    share = st.segmented_control(
        "Groups", _SHARES, default=0.1, format_func=lambda s: f"highest and lowest {group_word(s)}",
        key="overlap-share",
    )  # fmt: skip
    share = share or 0.1
    stamp = f"{result.spec.canonical()} {score} {lead} {share}"
    found = state.kept(
        study, "overlap", stamp, lambda: overlap(study, result, score, lead, share=share)
    )
    show.sentences(overlap_sentence(study, result, one) for one in found)
    drawing = state.kept(
        study, "overlap drawn", stamp, lambda: overlap_drawing(study, result, found)
    )
    rows = overlap_rows(study, result, found)
    header = [
        ("", "What the numbers rest on"),
        ("People", "In the highest and the lowest group"),
        ("Difference", "Highest less lowest, in points"),
        ("Overlap", "Area below both curves"),
        ("Highest does better", "Of pairs drawn at random; 50 % is chance"),
    ]
    show.journal_table(rows, header, "Two groups compared, with intervals", numeric=range(1, 5))
    if drawing is not None:
        cells = [row for row in rows if len(row) > 1]
        frame = pd.DataFrame(cells, columns=["view", *(h[0] for h in header[1:])])
        show.explained(CohortFigure(drawing), "overlap", f"{study.digest} {stamp}", frame)


def _increments(study: Study, result: Result, score: str, lead: str) -> None:
    spec = result.spec.replace(adjustments=(lead,))
    key = spec.canonical()
    frame = state.finished(study, "increments", key)
    if st.button(
        f"Intervals from {numbers.count(RESAMPLES)} resamples of people, beside the exact ones",
        disabled=frame is not None,
        help="Takes some seconds and can be cancelled.",
        key="increments-resample",
    ):
        frame = long_run.run(
            study, "increments", key, "Resampling people",
            lambda told: increments(
                study, spec, replicates=RESAMPLES, seed=spec.seed, progress=told
            ),
        )  # fmt: skip
    if frame is None:
        frame = state.kept(study, "increments", key, lambda: increments(study, spec))
    state.look(study, spec, "what scores add", models=1 + len(frame))
    show.sentence(increment_sentence(study, score, frame, level_percent(spec)))
    resampled = bool(frame["boot_low"].notna().any())
    show.journal_table(
        increment_rows(study, frame),
        [
            ("Score", "Added by itself, and all together"),
            ("Adds, % (interval)", "Incremental R² in percent, with its exact interval"),
            *([("Resampled", "Percentile interval from resampled people")] if resampled else []),
            ("p", "Of the F test that it adds nothing"),
            ("People", "With the outcome and the score known"),
        ],
        f"Variance explained in regressions over people, {lead} model; not corrected",
        numeric=range(1, 5 if resampled else 4),
    )
    show.downloads("increments", frame, "increments")


def _prediction(study: Study, result: Result, score: str, lead: str) -> None:
    del score, lead  # all scores, with the covariates of the analysis
    spec = result.spec
    kinds = defined_kinds(study, spec.outcome)
    left, right = st.columns(2)
    target = left.selectbox(
        "What is predicted", ["", *kinds], key="prediction-target",
        format_func=lambda name: name or "the value after treatment",
    )  # fmt: skip
    baseline = right.toggle(
        "Severity before treatment is known", True, key="prediction-baseline",
        help="Among the clinical predictors, beside the covariates of the analysis.",
    )  # fmt: skip
    key = f"{spec.canonical()} {target} {baseline}"
    if st.button("Cross-validate", key="cross-validate",
                 disabled=state.finished(study, "prediction", key) is not None):  # fmt: skip

        def run(told: long_run.Progress) -> Prediction | Classification:
            if target:
                return predict_status(
                    study, spec, target, baseline=baseline, seed=spec.seed, progress=told
                )
            return predict_post(study, spec, baseline=baseline, seed=spec.seed, progress=told)

        made = long_run.run(study, "prediction", key, "Cross-validating", run)
        state.look(study, spec, "cross-validated prediction", models=len(made.table))
    found = state.finished(study, "prediction", key)
    if found is None:
        show.quiet(
            "Ten-fold cross-validation, repeated ten times: what the scores add in people that "
            "the model was not fitted on."
        )
        return
    level = level_percent(spec)
    if isinstance(found, Classification):
        show.sentence(classification_sentence(study, found, level))
        show.sentences(finding.message for finding in found.findings)
        rows, drawing = classification_rows(study, found), classification_drawing
        header = [
            ("Model", "Clinical predictors, and scores added to them"),
            ("AUC (interval)", "Area under the ROC curve: 0.5 is chance, 1 is perfect"),
            ("Adds (interval)", "To the clinical predictors"),
            ("Brier", "Mean squared error of the predicted risk; lower is better"),
            ("Slope", "Of calibration: below 1 predictions are too extreme"),
            ("Intercept", "Of calibration: 0 is right on average"),
        ]
        drawn = drawing(study, found, level)
    else:
        scale = outcome_scale(study, spec.outcome)
        show.sentence(prediction_sentence(study, scale, found, level))
        rows = prediction_rows(study, found)
        header = [
            ("Model", "Clinical predictors, and scores added to them"),
            ("R², %", "Variance explained in people it was not fitted on"),
            ("Adds, % (interval)", "To the clinical predictors"),
            ("RMSE", f"Typical error in {scale.unit}; lower is better"),
            ("Slope", "Of calibration: below 1 predictions are too extreme"),
        ]
        drawn = prediction_drawing(study, scale, found, level)
    show.journal_table(rows, header, "Cross-validated", numeric=range(1, len(header)))
    show.explained(CohortFigure(drawn), "prediction", f"{study.digest} {key}", found.table)
