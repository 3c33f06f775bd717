"""The current analysis in one line, and behind it the choices that make it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, get_args

import streamlit as st

from pages.common import long_run, show, sitting, state
from pages.common.door import open_study
from pages.common.model_choices import family_box, model_choices, model_picked
from pages.common.more_choices import more_choices, more_picked
from pgsicbt.errors import PgsIcbtError, SpecError
from pgsicbt.models import default_spec
from pgsicbt.models.grid.grid import named
from pgsicbt.result import Result
from pgsicbt.scales import LABELS, SCALES, SEPARATOR, split_scale
from pgsicbt.spec import LONGITUDINAL, Adjustment, AnalysisSpec
from pgsicbt.study import Study
from pgsicbt.words import analysis_line
from pgsicbt.words.method import FAMILIES

_PROBLEM = "choices-problem"
_OPEN = "analysis-line"
_WANTED = "choices-wanted"
_UNFOLDED = "choices-unfolded"
_UNNOTICED = 0.5  # seconds
_WIDGETS = ("outcome", "scale", "scores", "covariates", "components", "adjustments")


def study_and_result() -> tuple[Study, Result]:
    """The open study and its grid, with the analysis line on top; stops the page without one."""
    study = open_study(
        "Here you would see what your scores have to do with symptoms and their change. "
        "Open the simulated cohort or your own files first."
    )
    slot = st.empty()  # always there, so that nothing moves when progress is shown
    _fit_wanted(study, slot)
    try:
        with long_run.bar(
            "Fitting models", place=slot, unnoticed=_UNNOTICED, cancel=False
        ) as progress:
            result = state.fit(study, state.spec(), progress)
    except PgsIcbtError as problem:
        show.error(problem)
        _choices(study, state.spec(), "Choices", expanded=True)
        st.stop()
    state.look(study, state.spec())
    refused = _PROBLEM in st.session_state
    _choices(study, state.spec(), analysis_line(result.spec, result.n_persons), expanded=False)
    if refused:
        show.quiet("What follows is the analysis before: the choices above could not be fitted.")
    show.simulated_note(study)
    return study, result


def mixed_model_instead(spec: AnalysisSpec) -> None:
    """Say that what follows is another model than the current one, where it is."""
    if spec.family == "lmm":
        return
    what = (
        f"is of another kind: {FAMILIES[spec.family]}"
        if spec.family in LONGITUDINAL
        else "has one outcome per person and no course"
    )
    show.sentence(
        f"The current analysis {what}. What follows is the linear mixed model with the same "
        "scores, people and covariates."
    )


def score_box(study: Study, fitted: Sequence[str], *, help: str | None = None) -> str:
    """The score that is open on all pages, and a box to open another."""
    key = "opened-score"
    # A key and not an index: with a changing index it would be another widget after each
    # choice, and the next choice, made on the old one, would be lost.
    st.session_state[key] = state.chosen_score(fitted)
    score: str = st.selectbox(
        "Score",
        fitted,
        key=key,
        format_func=lambda s: study.score(s).label,
        on_change=lambda: state.choose_score(st.session_state[key]),
        help=help,
    )
    state.choose_score(score)
    return score


def _choices(study: Study, spec: AnalysisSpec, line: str, *, expanded: bool) -> None:
    # Its content is made when it is open: a page is sent in pieces, and these are a third of it.
    line_box = st.expander(
        show.plain(line[:1].upper() + line[1:]), expanded=expanded, key=_OPEN, on_change="rerun"
    )
    if not line_box.open:
        return
    with line_box, st.form("analysis-form", border=False):
        # Keyed by what is open, so that another study starts from its own proposal.
        tag = study.digest[:12]
        spec = _known(study, spec)
        _main_choices(study, spec, tag)
        with _kept_open("More choices: models, weeks, inference", "more-choices"):
            more_choices(study, spec, tag)
        with _kept_open("Scores, groups and other kinds of model", "model-choices"):
            model_choices(study, spec, tag)
        problem = st.session_state.pop(_PROBLEM, None)
        if problem is not None:
            show.error(problem)
        show.quiet("Choices count once they are fitted; leaving the page before drops them.")
        # Taken up in the callback, before anything is drawn: one run of the page and not two.
        with st.container(horizontal=True):
            st.form_submit_button("Fit", type="primary", on_click=_apply, args=(study, spec, tag))
            st.form_submit_button(
                "Declare, then fit",
                on_click=_apply,
                args=(study, spec, tag),
                kwargs={"declare": True},
                help="Marks the analysis as confirmatory in the ledger: it was fixed before its "
                "result was seen.",
            )


def _kept_open(label: str, key: str) -> Any:
    """A folded part of the choices that is open again when they are, after a fit or elsewhere."""
    opened: dict[str, bool] = st.session_state.setdefault(_UNFOLDED, {})
    if key not in st.session_state:  # Streamlit forgets what was not drawn in the run before
        st.session_state[key] = opened.get(key, False)
    box = st.expander(label, key=key, on_change="rerun")
    opened[key] = bool(box.open)
    return box


def _known(study: Study, spec: AnalysisSpec) -> AnalysisSpec:
    """What the form begins from: the spec by the study's names, or the proposal without them."""
    try:
        return named(study, spec)
    except SpecError:
        return default_spec(study)


def _main_choices(study: Study, spec: AnalysisSpec, tag: str) -> None:
    left, right = st.columns(2)
    covariates = [
        *study.covariate_names("covariate", "stratum", "batch"),
    ]
    covariates += [name for name in spec.covariates if name not in covariates]
    components = study.covariate_names("component")
    with left:
        names = list(study.outcome_names)
        base, scale = split_scale(spec.outcome)
        outcome, scales = st.columns(2)
        outcome.selectbox(
            "Outcome",
            names,
            index=names.index(study.outcome(base).name),
            format_func=lambda n: study.outcome(n).label,
            key=f"outcome-{tag}",
        )
        scales.selectbox(
            "On the scale",
            ["", *SCALES],
            index=0 if scale is None else 1 + SCALES.index(scale),
            format_func=lambda s: LABELS[s] if s else "its own",
            help="Standardised scales depend on who is in this cohort; percentage change weighs "
            "people with few symptoms at the start more. The outcome's own scale, or percent of "
            "maximum, is the safer choice.",
            key=f"scale-{tag}",
        )
        st.multiselect(
            "Scores",
            study.score_names,
            list(spec.scores),
            format_func=lambda n: study.score(n).label,
            help="One model each; together they are the family that is corrected for.",
            key=f"scores-{tag}",
        )
    with right:
        family_box(spec, tag)
        st.multiselect(
            "Covariates",
            covariates,
            list(spec.covariates),
            format_func=lambda n: study.covariate(n).label,
            help="Each has an effect on severity and, as covariate x time, on change.",
            key=f"covariates-{tag}",
        )
        st.number_input(
            "Principal components",
            0,
            len(components),
            min(len(spec.components), len(components)),
            help="Components of ancestry; in the complete model they interact with time too.",
            key=f"components-{tag}",
            disabled=not components,
        )


def _picked(study: Study, spec: AnalysisSpec, tag: str) -> dict[str, Any]:
    """What the widgets of the form say, as fields of a spec."""
    said = {name: st.session_state[f"{name}-{tag}"] for name in _WIDGETS}
    components = study.covariate_names("component")
    return {
        "outcome": said["outcome"] + (SEPARATOR + said["scale"] if said["scale"] else ""),
        "scores": tuple(said["scores"]),
        "covariates": tuple(said["covariates"]),
        "components": components[: int(said["components"])],
        "adjustments": tuple(a for a in get_args(Adjustment) if a in said["adjustments"]),
        **more_picked(study, spec, tag),
        **model_picked(tag),
    }


def _apply(study: Study, spec: AnalysisSpec, tag: str, *, declare: bool = False) -> None:
    """Take up the choices of the form, to be fitted when the page is drawn."""
    try:
        picked = _picked(study, spec, tag)
        if study.scores and not picked["scores"]:
            raise SpecError("No score is chosen.", "Choose at least one score.", code="no_score")
        study.outcome(picked["outcome"])  # refuses a scale that this outcome does not have
        wanted = spec.replace(**picked)
        if declare:
            sitting.declare(study, wanted)
        st.session_state[_WANTED] = wanted
    except PgsIcbtError as problem:
        st.session_state[_PROBLEM] = problem


def _fit_wanted(study: Study, slot: Any) -> None:
    """Fit the new choices and fold them away; the old analysis stays where that fails.

    What is wanted is forgotten first: a click while it is fitted goes back to the old analysis.
    """
    wanted = st.session_state.pop(_WANTED, None)
    if wanted is None:
        return
    try:
        with long_run.bar("Fitting models", place=slot, unnoticed=_UNNOTICED) as progress:
            state.fit(study, wanted, progress)
    except PgsIcbtError as problem:
        st.session_state[_PROBLEM] = problem
    else:
        st.session_state[state.Key.SPEC] = wanted
        st.session_state[_OPEN] = False  # what was asked for comes into view
