"""Trajectories: what does that look like over the weeks?"""

import streamlit as st

from pages.common import show, state
from pages.common.choices import mixed_model_instead, score_box, study_and_result
from pages.common.door import come_in
from pgsicbt.errors import PgsIcbtError
from pgsicbt.figures.course import CourseFigure, DifferenceFigure
from pgsicbt.models.course.course import Course, within_level
from pgsicbt.result import Result
from pgsicbt.words import interaction, joint, lead_adjustment
from pgsicbt.words.families import one_per_person

come_in()
st.title("Trajectories")
study, grid = study_and_result()
if one_per_person(grid):
    mixed_model_instead(grid.spec)
    try:
        grid = state.fit(study, grid.spec.replace(family="lmm", definition=""))
    except PgsIcbtError as problem:
        show.error(problem)
        st.stop()
    state.look(study, grid.spec, "trajectories")
if grid.spec.scores and (grid.spec.interactions or grid.spec.score_groups):
    what = "with interactions" if grid.spec.interactions else "with groups of a score"
    show.answer(f"A model {what} has no one trajectory for a level of the score.")
    show.sentence(
        "What a score goes with at each level of what it interacts with stands on Associations, "
        "under the opened score: simple slopes."
        if grid.spec.interactions
        else "How each group differs from the lowest, in severity and in change, stands on "
        "Associations, under the opened score."
    )
    st.page_link("pages/associations.py", label="Go to Associations")
    show.quiet("Leave them out under the choices above to see the trajectories.")
    st.stop()
models = {f.adjustment for f in grid.fits}
fitted_in: list[str] = [a for a in grid.spec.adjustments if a in models]
scores = [s for s in grid.spec.scores if any(f.score == s for f in grid.fits)]
strata = study.covariate_names("stratum")

outcomes = list(dict.fromkeys((*study.outcome_names, grid.spec.outcome)))  # perhaps rescaled
with st.container(horizontal=True):
    score = ""
    if scores:
        score = score_box(study, scores)
    lead = lead_adjustment(grid)
    picked = st.selectbox("Model", fitted_in, index=fitted_in.index(lead))
    adjustment = picked or lead
    outcome = st.selectbox(
        "Scale",
        outcomes,
        index=outcomes.index(grid.spec.outcome),
        format_func=lambda n: study.outcome(n).label,
    )
    group = st.selectbox("Split by", ["", *strata], format_func=lambda s: s or "nothing")


def _about(result: Result) -> list[str]:
    """What the score goes with in change, and whether courses differ on the way."""
    said = [f(result, study, score, adjustment) for f in (interaction, joint)]
    return [text for text in said if text]


def _show(result: Result, shown: Course, title: str) -> None:
    """One trajectory figure with note and downloads."""
    stamp = f"{study.digest} {result.spec.canonical()} {shown.score} {shown.adjustment}"
    figure = CourseFigure(shown, result, study)
    show.explained(figure, f"trajectories-{title}", stamp, shown.predicted)


spec = grid.spec.replace(outcome=outcome, adjustments=(adjustment,))
if group:
    show.quiet(
        "Each group is fitted apart. That one interval excludes zero and another does not is no "
        "evidence that the groups differ."
    )
    for level in study.covariate(group).levels:
        st.header(show.plain(level))
        try:
            inside, shown = state.other_course(study, within_level(spec, group, level), score)
        except PgsIcbtError as problem:
            show.error(problem)
            continue
        state.look(study, inside.spec, "trajectories", models=1)
        _show(inside, shown, f"{score}-{level}")
        if score:
            show.sentences(_about(inside))
else:
    try:
        if outcome == grid.spec.outcome:
            result, shown = grid, state.course_for(study, grid, score, adjustment)
        else:
            result, shown = state.other_course(study, spec, score)
            state.look(study, result.spec, "trajectories", models=1)
    except PgsIcbtError as problem:
        show.error(problem)
        st.stop()
    if score:
        first, *rest = _about(result)
        show.answer(first)
        if rest:
            show.sentences(rest)
    _show(result, shown, score or "all")
    if score:
        st.header("The difference that one standard deviation makes")
        stamp = f"{study.digest} {result.spec.canonical()} {score} {adjustment}"
        gap = DifferenceFigure(shown, result, study)
        show.explained(gap, f"difference-{score}", stamp, shown.difference)
