"""The folded half of the choices: models, weeks, course, random part, errors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

import streamlit as st

from pgsicbt.spec import (
    Adjustment,
    AnalysisSpec,
    Multiplicity,
    Origin,
    TimeUnit,
)
from pgsicbt.study import Study
from pgsicbt.words.method import CODINGS, DF, ERRORS, RANDOM

_CORRECTION: dict[Multiplicity, str] = {
    "holm": "Holm",
    "bonferroni": "Bonferroni",
    "bh": "Benjamini-Hochberg",
    "by": "Benjamini-Yekutieli",
    "li-ji": "effective number of tests (Li and Ji)",
    "galwey": "effective number of tests (Galwey)",
    "max-t": "permutation (max-T)",
    "none": "none",
}
_ORIGIN: dict[Origin, str] = {
    "start": "the start of treatment (week 0)",
    "middle": "half-way through the weeks",
    "end": "the last week",
}
_UNITS: dict[TimeUnit, str] = {u: u for u in get_args(TimeUnit)}
# Name of the widget and the field of the spec that it stands for.
_BOXES = {
    "coding": "time_coding",
    "origin": "origin",
    "random": "random",
    "correction": "multiplicity",
    "df": "df",
    "errors": "errors",
    "unit": "time_unit",
}


def more_choices(study: Study, spec: AnalysisSpec, tag: str) -> None:
    """Widgets for what few people change, with what a reviewer would accept as proposal."""
    left, right = st.columns(2)
    with left:
        st.multiselect(
            "Models", get_args(Adjustment), list(spec.adjustments), key=f"adjustments-{tag}"
        )
        _weeks(study, spec, tag)
        _box("Course over the weeks", CODINGS, "coding", spec, tag,
             "A straight line asks one sharp question, how fast; the others ask whether and how "
             "the whole course differs.")  # fmt: skip
        _knot_and_columns(study, spec, tag)
        _box("Severity stands at", _ORIGIN, "origin", spec, tag,
             "Where the main effect of a score is told. Change does not depend on it.")  # fmt: skip
    with right:
        _box("People differ in (random part)", RANDOM, "random", spec, tag,
             "A second time term exists for two lines and curves only. With the level alone, the "
             "test of change finds effects that are not there: 22 % of tests instead of 5 % in "
             "1,000 simulated cohorts.")  # fmt: skip
        st.toggle(
            "Simplify if the data cannot carry it",
            spec.simplify,
            key=f"simplify-{tag}",
            help="Step by step and for all scores alike; the notes say what was given up.",
        )
        _box("Degrees of freedom", DF, "df", spec, tag,
             "Kenward-Roger corrects the errors too; it needs REML and the model's own "
             "errors.")  # fmt: skip
        _box("Standard errors", ERRORS, "errors", spec, tag,
             "Robust ones hold when the model has the spread wrong. They take longer, most of all "
             "with every week by itself.")  # fmt: skip
        clusters = ["", *(c.name for c in study.covariates if len(c.levels) > 2)]
        st.selectbox(
            "Clusters of robust errors", clusters,
            index=clusters.index(spec.cluster) if spec.cluster in clusters else 0,
            format_func=lambda name: study.covariate(name).label if name else "people",
            key=f"cluster-{tag}",
            help="Groups that people of one kind share, such as therapists; for robust errors of "
            "linear mixed models. With few groups intervals are wide, and rightly so.",
        )  # fmt: skip
        _box("Correction for several scores", _CORRECTION, "correction", spec, tag, None)
        _box("Unit of time in downloads", _UNITS, "unit", spec, tag,
             "What is shown on the pages is per week whatever is chosen here.")  # fmt: skip
        st.toggle("REML (off: maximum likelihood)", spec.reml, key=f"reml-{tag}")


def _box(
    label: str,
    options: Mapping[Any, str],
    name: str,
    spec: AnalysisSpec,
    tag: str,
    why: str | None,
) -> None:
    names = list(options)
    st.selectbox(
        label,
        names,
        index=names.index(getattr(spec, _BOXES[name])),
        format_func=options.__getitem__,
        key=f"{name}-{tag}",
        help=why,
    )


def _span(study: Study, outcome: str) -> tuple[float, float]:
    """First and last week of an outcome, never the same, since a slider needs two ends."""
    time = study.outcome_visits(outcome)["time"]
    low, high = float(time.min()), float(time.max())
    return low, high if high > low else low + 1


def _weeks(study: Study, spec: AnalysisSpec, tag: str) -> None:
    low, high = _span(study, spec.outcome)
    # A window from elsewhere may reach beyond what was observed here.
    first = low if spec.first_week is None else min(max(spec.first_week, low), high)
    last = high if spec.last_week is None else max(min(spec.last_week, high), first)
    st.slider("Weeks", low, high, (first, last), key=f"weeks-{spec.outcome}-{tag}")


def _knot_and_columns(study: Study, spec: AnalysisSpec, tag: str) -> None:
    """What some courses need; shown always, since a form changes only when it is sent."""
    low, high = _span(study, spec.outcome)
    knot, columns = st.columns(2)
    with knot:
        st.number_input(
            "Lines meet at week",
            value=float(round((low + high) / 2)) if spec.knot is None else spec.knot,
            step=1.0,
            format="%g",
            help="For two straight lines only; ignored otherwise.",
            key=f"knot-{tag}",
        )
    with columns:
        st.number_input(
            "Columns of the curve",
            2,
            6,
            spec.spline_df,
            help="For the curve only; ignored otherwise. More columns bend more.",
            key=f"columns-{tag}",
        )


def more_picked(study: Study, spec: AnalysisSpec, tag: str) -> dict[str, Any]:
    """What these widgets say, as fields of a spec."""
    said = {field: st.session_state[f"{name}-{tag}"] for name, field in _BOXES.items()}
    low, high = _span(study, spec.outcome)
    first, last = st.session_state[f"weeks-{spec.outcome}-{tag}"]
    coding = said["time_coding"]
    columns = st.session_state[f"columns-{tag}"]
    return {
        **said,
        "cluster": st.session_state[f"cluster-{tag}"],
        "first_week": None if first <= low else first,
        "last_week": None if last >= high else last,
        "knot": st.session_state[f"knot-{tag}"] if coding == "piecewise" else None,
        "spline_df": columns if coding == "spline" else AnalysisSpec.spline_df,
        "simplify": st.session_state[f"simplify-{tag}"],
        "reml": st.session_state[f"reml-{tag}"],
    }
