"""Power: what was detectable, curves with the visits planned, and sizes of replications."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages.common import long_run, show, state
from pages.common.meaning_parts import judged
from pgsicbt.errors import PgsIcbtError
from pgsicbt.figures.cohort import CohortFigure
from pgsicbt.figures.power import curve_drawing, detectable_drawing, sizes_drawing
from pgsicbt.models.grid.rebuild import one_score_at_a_time
from pgsicbt.power import (
    PowerCheck,
    Precision,
    Visits,
    check_power,
    detectable,
    power_curve,
    precision,
    replication_curves,
    replication_sizes,
)
from pgsicbt.power.visits import seen_weeks
from pgsicbt.result import Result
from pgsicbt.study import Study
from pgsicbt.words import numbers
from pgsicbt.words.power import (
    PLANNED_FOR,
    check_sentence,
    detectable_header,
    detectable_rows,
    power_answer,
    replication_rows,
    replication_sentence,
    short_name,
    visits_sentence,
)

DRAWS = 200
_LEAVERS = {
    0.0: "as here",
    -1.0: "nobody misses a visit",
    0.1: "a tenth more leave early",
    0.2: "a fifth more leave early",
    0.4: "two fifths more leave early",
}


def table_of(study: Study, result: Result) -> pd.DataFrame | PgsIcbtError:
    """Smallest detectable effects of the analysis, or why there are none."""

    def make() -> pd.DataFrame | PgsIcbtError:
        try:
            return detectable(study, result)
        except PgsIcbtError as problem:
            problem.__traceback__ = problem.__context__ = None
            return problem

    return state.kept(study, "detectable", result.spec.canonical(), make)


def bar(study: Study, result: Result, score: str, lead: str) -> float | None:
    """The smallest effect of interest per SD of a score, where there is one."""
    found, fit = judged(study, result), result.fit_of(score, lead)
    if isinstance(found, PgsIcbtError) or fit is None:
        return None
    return found[0].per_sd(fit.score_unit)


def detectable_part(study: Study, result: Result, table: pd.DataFrame, lead: str) -> None:
    """The answer, the figure and the table."""
    found = judged(study, result)
    interest = None  # a bound per unit is another one for every score
    if not isinstance(found, PgsIcbtError) and not found[0].per_unit:
        interest = found[0].amount
    show.answer(power_answer(study, result, table, lead, interest))
    drawing = detectable_drawing(study, result, table, lead)
    if drawing is not None:
        stamp = f"{study.digest} {result.spec.canonical()}"
        show.explained(CohortFigure(drawing), "detectable", stamp, table)
    part = show.folded("Smallest detectable effects in numbers", "detectable-numbers")
    if part.open:
        with part:
            show.journal_table(
                detectable_rows(study, result, table, lead),
                detectable_header(result),
                f"Found, and smallest detectable, in the {lead} model",
                numeric=range(1, 6),
            )


def planned_part(
    study: Study,
    result: Result,
    table: pd.DataFrame,
    score: str,
    lead: str,
    interest: float | None,
) -> Precision | None:
    """The power curve of one score, for the size and visits that are planned."""
    kinds = list(dict.fromkeys(table.loc[table["score"] == score, "about"]))
    about = kinds[0]
    tag = f"{study.digest[:12]}-{result.spec.family}"
    if len(kinds) > 1:
        about = st.segmented_control(
            "Effect", kinds, default="change", key=f"power-about-{tag}",
            format_func=lambda a: short_name(result, a),
        ) or "change"  # fmt: skip
    visits = _visits(study, result, tag)
    people = st.number_input(
        "People analysed in the study planned", 8, 5_000_000, result.n_persons,
        key=f"power-people-{tag}",
    )  # fmt: skip
    key = f"{result.spec.canonical()} {score} {about} {visits}"
    try:
        known = state.kept(
            study, "precision", key, lambda: precision(study, result, score, lead, about, visits)
        )
    except PgsIcbtError as problem:
        show.error(problem)
        return None
    check = _checked(study, result, known, int(people))
    n = None if people == known.n_persons else float(people)
    curve = power_curve(known, people=n)
    drawing = curve_drawing(study, result, known, curve, check, people=n, interest=interest)
    told = [visits_sentence(known)]
    if check is not None:
        effect = known.smallest(0.8, people=float(people))
        told.append(check_sentence(study, result, known, check, effect))
    show.sentences(t for t in told if t)
    stamp = f"{study.digest} {key} {people} {interest} {check is not None}"
    show.explained(CohortFigure(drawing), "power-curve", stamp, curve)
    return known


def _visits(study: Study, result: Result, tag: str) -> Visits:
    """What is planned of visits and drop-out; the cohort's own outside mixed models."""
    spec = result.spec
    if not one_score_at_a_time(spec):
        return Visits()
    part = show.folded("Other visits, other drop-out", "power-visits")
    if not part.open:
        return Visits()
    with part:
        weeks = state.kept(study, "weeks", spec.canonical(), lambda: seen_weeks(study, result))
        chosen = st.multiselect(
            "Weeks with a visit", weeks, weeks, format_func=numbers.week,
            key=f"power-weeks-{tag}-{len(weeks)}",
        )  # fmt: skip
        leavers = st.selectbox(
            "Drop-out", list(_LEAVERS), format_func=_LEAVERS.__getitem__, key=f"power-out-{tag}",
            help="Visits that are missed are taken to be missing at random, as the model does.",
        )  # fmt: skip
    return Visits(None if tuple(chosen) == tuple(weeks) else tuple(chosen), float(leavers))


def _checked(study: Study, result: Result, known: Precision, people: int) -> PowerCheck | None:
    """The check by simulation, once it was asked for; with the cohort's own visits only."""
    spec = result.spec
    if not one_score_at_a_time(spec) or not known.visits.own or known.about == "outcome":
        return None
    key = f"{spec.canonical()} {known.score} {known.adjustment} {people}"
    found: PowerCheck | None = state.finished(study, "power-check", key)
    if found is not None:
        return found
    asked = st.button(
        f"Check by simulation, {DRAWS} studies through the engine",
        help="Takes some seconds and can be cancelled.",
    )
    if not asked:
        return None
    try:
        return long_run.run(
            study, "power-check", key, "Simulating studies",
            lambda told: check_power(
                study, result, known.score, known.adjustment, replicates=DRAWS, people=people,
                seed=spec.seed, progress=told,
            ),
        )  # fmt: skip
    except PgsIcbtError as problem:
        show.error(problem)
        return None


def replication_part(
    study: Study, result: Result, known: Precision, interest: float | None
) -> None:
    """How many people a replication needs, planned for four effects."""
    st.header("How large must a replication be?")
    table = replication_sizes(known, interest)
    show.sentence(replication_sentence(study, result, known, table))
    rows, means = replication_rows(study, result, known, table)
    show.journal_table(
        rows,
        [
            ("Planned for", "Hover over a row for what speaks for it"),
            ("Effect per SD", "Size, in either direction"),
            ("People, 80 %", "One two-sided test with 80 % power"),
            ("People, 90 %", "One two-sided test with 90 % power"),
        ],
        "People analysed that a replication needs, with the visits above",
        numeric=range(1, 4),
        titles=means,
    )
    part = show.folded("Power by number of people", "replication-sizes")
    if not part.open:
        return
    with part:
        every = replication_curves(known, table)
        if every.empty:
            return
        groups = every.groupby("planned_for", sort=False)
        curves = [(PLANNED_FOR[str(name)], curve) for name, curve in groups]
        stamp = f"{study.digest} {result.spec.canonical()} {known}"
        show.explained(
            CohortFigure(sizes_drawing(study, known, curves)), "replication", stamp, every
        )
