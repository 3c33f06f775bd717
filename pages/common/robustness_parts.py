"""The parts of the robustness page: challenges, models of other kinds, a contest, the curve."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from pages.common import long_run, show, state
from pgsicbt.errors import PgsIcbtError
from pgsicbt.figures.export import svg_bytes
from pgsicbt.figures.robustness import agreement_figure, challenges_figure, variants_figure
from pgsicbt.figures.robustness_curve import CurveFigure
from pgsicbt.figures.robustness_path import PathFigure
from pgsicbt.presets import education_covariate, education_score
from pgsicbt.robustness.agreement import agreement
from pgsicbt.robustness.challenges import Challenge, Challenges, challenge
from pgsicbt.robustness.curve import specification_curve
from pgsicbt.robustness.proxy import contest
from pgsicbt.spec import AnalysisSpec
from pgsicbt.study import Study
from pgsicbt.words.robustness import (
    agreement_sentence,
    challenge_rows,
    challenge_sentence,
    contest_sentences,
    curve_sentence,
)

SPECS, DEALS, RESAMPLES = 500, 100, 500
_TERMS = {"main": "Severity at the start", "interaction": "Change"}


def challenges_of(study: Study, spec: AnalysisSpec, lead: Any) -> Challenges:
    """The challenges to all scores, run when the page is first opened.

    Raises
    ------
    PgsIcbtError
        If the analysis cannot be challenged.
    """
    key = f"{spec.canonical()} {lead}"
    return long_run.run(
        study, "challenges", key, "Fitting the variants",
        lambda progress: challenge(study, spec, adjustment=lead, progress=progress),
        cancel=False,
    )  # fmt: skip


def verdicts_part(study: Study, found: Challenges, score: str) -> None:
    """One line per challenge with a short bar."""
    drawn = challenges_figure(study, found, score)
    stamp = f"{study.digest} {found.spec.canonical()} {score}"
    table = found.reference.assign(challenge="the analysis itself")
    rows = [c.table.assign(challenge=c.title) for c in found.challenges]
    show.explained(drawn, "challenges", stamp, table if not rows else _joined(table, rows))


def _joined(first: Any, others: list[Any]) -> Any:
    """Frames below each other, without those that hold nothing."""
    return pd.concat([first, *(f for f in others if len(f))], ignore_index=True)


def challenge_part(study: Study, found: Challenges, one: Challenge, score: str) -> None:
    """One challenge: a line for severity and change, its variants as figure and table."""
    verdicts = {role: found.verdict(one, score, role) for role in _TERMS}
    said = ", ".join(f"{_TERMS[r].lower()} {v}" for r, v in verdicts.items())
    part = show.folded(f"{one.title}: {said}", f"challenge-{one.key}")
    if not part.open:
        return
    with part:
        show.sentences(challenge_sentence(study, found, one, score, role) for role in _TERMS)
        if len(one.rows(score, "main")):
            drawn = variants_figure(study, found, one, score)
            stamp = f"variants {one.key} {study.digest} {found.spec.canonical()} {score}"
            show.figure(drawn.interactive, alt=drawn.alt, key=f"variants-{one.key}", stamp=stamp)
            show.journal_table(
                challenge_rows(study, found, one, score),
                [
                    ("Variant", "What was chosen otherwise"),
                    ("People", "Analysed"),
                    ("Left out", "Fewer than in the analysis itself"),
                    ("Severity at the start", "Per standard deviation, with its interval"),
                    ("Change", "Per standard deviation, with its interval"),
                ],
                drawn.note,
                numeric=(1, 2, 3, 4),
            )
            show.downloads(f"challenge-{one.key}", one.table, f"challenge-{one.key}",
                           lambda: svg_bytes(drawn.static()))  # fmt: skip
        for text in one.failed:
            show.quiet(text)


def agreement_part(study: Study, spec: AnalysisSpec, lead: Any, score: str) -> None:
    """Models of every kind on one standardised axis."""
    part = show.folded("Do models of other kinds agree?", "agreement")
    if not part.open:
        return
    key = f"{spec.canonical()} {lead}"
    with part:
        try:
            found = long_run.run(
                study, "agreement", key, "Fitting models of every kind",
                lambda progress: agreement(study, spec, adjustment=lead, progress=progress),
                cancel=False,
            )  # fmt: skip
        except PgsIcbtError as problem:
            show.error(problem)
            return
        state.look(study, spec, "models of other kinds", models=len(found.table))
        show.sentence(agreement_sentence(study, found, score))
        drawn = agreement_figure(study, found, score)
        show.explained(drawn, "agreement", f"{study.digest} {key} {score}", found.table)
        for text in found.failed:
            show.quiet(text)


def contest_part(study: Study, spec: AnalysisSpec, lead: Any, score: str) -> None:
    """The score against the thing that it is a score for."""
    part = show.folded("Is it the score, or what it is a score for?", "contest")
    if not part.open:
        return
    names = study.covariate_names("covariate")
    with part:
        if not names:
            show.sentence("The files hold no column that a score could be compared with.")
            return
        own = education_covariate(study) if score == education_score(study) else ""
        trait = st.selectbox(
            "Compare with", names, index=names.index(own) if own in names else None,
            format_func=lambda n: study.covariate(n).label, key=f"contest-trait-{score}",
            placeholder="Choose what the score is a score for",
            help="A column of the same thing, such as education for PGS-EDU.",
        )  # fmt: skip
        if trait is None:
            return
        role = (
            st.segmented_control(
                "Effect on",
                list(_TERMS),
                default="main",
                format_func=_TERMS.__getitem__,
                key="contest-role",
            )
            or "main"
        )
        key = f"{spec.canonical()} {lead} {score} {trait}"
        try:
            found = long_run.run(
                study, "contest", key, "Resampling people",
                lambda progress: contest(study, spec, score, trait, adjustment=lead,
                                         replicates=RESAMPLES, progress=progress),
                cancel=False,
            )  # fmt: skip
        except PgsIcbtError as problem:
            show.error(problem)
            return
        state.look(study, spec, f"contest with {study.covariate(trait).label}", models=4)
        show.sentences(contest_sentences(study, found))
        drawn = PathFigure(found, study, role)
        show.explained(drawn, "contest", f"{study.digest} {key} {role}", found.table)


def curve_part(study: Study, spec: AnalysisSpec, lead: Any, score: str) -> None:
    """The specification curve, run when asked for."""
    st.subheader("Every analysis that could be defended")
    key = f"{spec.canonical()} {lead}"
    asking = st.empty()
    if state.finished(study, "curve", key) is None:
        with asking.container():
            show.sentence(
                f"A specification curve fits up to {SPECS} analyses that a reviewer could defend, "
                f"for every score, and the same for scores dealt out anew among people {DEALS} "
                "times."
            )
            if not st.button("Draw the specification curve", type="primary", key="run-curve"):
                return
    asking.empty()
    try:
        found = long_run.run(
            study, "curve", key, "Fitting analyses",
            lambda progress: specification_curve(study, spec, specs=SPECS, permutations=DEALS,
                                                 adjustment=lead, progress=progress),
        )  # fmt: skip
    except PgsIcbtError as problem:
        show.error(problem)
        return
    state.look(study, spec, "specification curve", models=len(found.table) // len(_TERMS))
    show.sentences(curve_sentence(study, found, score, role) for role in _TERMS)
    picked = st.segmented_control(
        "Curve of", list(_TERMS), default="interaction", format_func=_TERMS.__getitem__,
        key="curve-role",
    )  # fmt: skip
    role = picked or "interaction"
    drawn = CurveFigure(found, study, score, role)
    numbered = found.choices.frame.rename_axis("spec").reset_index()
    every = found.table.merge(numbered, on="spec")
    show.explained(drawn, "specification-curve", f"{study.digest} {key} {score} {role}", every)
    for failed in found.failed[:5]:
        show.quiet(failed.message)
