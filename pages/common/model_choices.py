"""Choices of the kind of model, of how scores enter it, and of who is left out."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import streamlit as st

from pgsicbt.spec import AnalysisSpec
from pgsicbt.study import Study
from pgsicbt.words.method import FAMILIES, OUTLIERS, RESIDUALS, SCORE_SCALES, WORKING

_DEFINITIONS = ("remission", "response", "reliable improvement", "reliable deterioration")
_GROUPS = (0, 2, 3, 4, 5, 10)
_MOST_LEVELS = 30
_BETWEEN = " \u00d7 "
_IS = ": "


def family_box(spec: AnalysisSpec, tag: str) -> None:
    """The kind of model."""
    _box("Kind of model", FAMILIES, "family", spec, tag,
         "The mixed model uses every visit and is the lead. The others answer neighbouring "
         "questions, or ask whether the answer hangs on the kind of model.")  # fmt: skip


def model_choices(study: Study, spec: AnalysisSpec, tag: str) -> None:
    """Widgets for scores, for people, and for what only some kinds of model need."""
    left, right = st.columns(2)
    with left:
        _box("Scores enter", SCORE_SCALES, "score_scale", spec, tag, None)
        ancestry = ["", *_grouping(study)]
        st.selectbox(
            "Ancestry group",
            ancestry,
            index=ancestry.index(spec.ancestry) if spec.ancestry in ancestry else 0,
            format_func=lambda n: study.covariate(n).label if n else "not known",
            help="For scores standardised within ancestry; ignored otherwise.",
            key=f"ancestry-{tag}",
        )
        st.selectbox(
            "Groups of a score",
            _GROUPS,
            index=_GROUPS.index(spec.score_groups) if spec.score_groups in _GROUPS else 0,
            format_func=lambda n: f"{n} of equal size" if n else "none, the score itself",
            help="Groups are for showing; they tell less than the score itself.",
            key=f"groups-{tag}",
        )
        st.toggle("All scores in one model", spec.together, key=f"together-{tag}")
        st.multiselect(
            "Negative controls",
            study.score_names,
            list(spec.controls),
            format_func=lambda n: study.score(n).label,
            help="Scores that should go with nothing here; fitted and shown, in no family of "
            "tests.",
            key=f"controls-{tag}",
        )
        pairs = _pairs(study, spec)
        st.multiselect(
            "Interactions",
            pairs,
            [_BETWEEN.join(p) for p in spec.interactions if _BETWEEN.join(p) in pairs],
            help="Whether a score goes with more or less in one group than in another, or "
            "depending on another score. They need far more people than the score itself.",
            key=f"interactions-{tag}",
        )
        st.toggle(
            "Covariates go with change too",
            spec.covariate_time,
            key=f"covariate-time-{tag}",
            help="As they should wherever a score may go with change (Keller 2014).",
        )
    with right:
        levels = ["", *_levels(study)]
        for label, field, nothing in (("Only", "subset", "everybody"),
                                      ("Without", "without", "nobody left out")):  # fmt: skip
            now = getattr(spec, field)
            text = _IS.join(now) if now else ""
            st.selectbox(
                label,
                levels,
                index=levels.index(text) if text in levels else 0,
                format_func=partial(_or_nothing, nothing=nothing),
                key=f"{field}-{tag}",
            )
        _box("Outliers", OUTLIERS, "outliers", spec, tag,
             "To be named before looking; the ledger says how many it left out.")  # fmt: skip
        st.number_input(
            "Smallest effect of interest, points",
            min_value=0.0,
            value=spec.smallest_effect,
            placeholder="a tenth of the mean improvement",
            help="Differences below it would interest nobody, whatever their p value.",
            key=f"interest-{tag}",
        )
        definitions = list(dict.fromkeys((*_DEFINITIONS, *([spec.definition] if spec.definition
                                                           else []))))  # fmt: skip
        st.selectbox(
            "Logistic: what is predicted",
            definitions,
            index=definitions.index(spec.definition) if spec.definition else 0,
            help="As the registry defines it for the instrument; see the Cohort page.",
            key=f"definition-{tag}",
        )
        week, window = st.columns(2)
        week.number_input(
            "Week after treatment", value=spec.post_week, placeholder="found", format="%g",
            help="For models with one outcome per person.", key=f"post-{tag}",
        )  # fmt: skip
        window.number_input(
            "Weeks around it", 0.0, value=spec.post_window, format="%g", key=f"window-{tag}"
        )
        _box("MMRM, cLDA: weeks vary together", RESIDUALS, "residuals", spec, tag, None)
        _box("GEE: working correlation", WORKING, "working", spec, tag, None)


def model_picked(tag: str) -> dict[str, Any]:
    """What these widgets say, as fields of a spec; what the kind of model has no use for stays."""
    said = {name: st.session_state[f"{name}-{tag}"] for name in
            ("family", "score_scale", "outliers", "residuals", "working", "ancestry")}  # fmt: skip
    scores = set(st.session_state[f"scores-{tag}"])
    pairs = [tuple(text.split(_BETWEEN, 1)) for text in st.session_state[f"interactions-{tag}"]]
    return {
        **said,
        "ancestry": said["ancestry"] if said["score_scale"] == "within" else "",
        "definition": st.session_state[f"definition-{tag}"] if said["family"] == "logistic" else "",
        "score_groups": st.session_state[f"groups-{tag}"],
        "together": st.session_state[f"together-{tag}"],
        "controls": tuple(c for c in st.session_state[f"controls-{tag}"] if c in scores),
        "interactions": tuple(p for p in pairs if p[0] in scores),
        "covariate_time": st.session_state[f"covariate-time-{tag}"],
        "subset": _pair(st.session_state[f"subset-{tag}"]),
        "without": _pair(st.session_state[f"without-{tag}"]),
        "smallest_effect": st.session_state[f"interest-{tag}"] or None,
        "post_week": st.session_state[f"post-{tag}"],
        "post_window": st.session_state[f"window-{tag}"],
    }


def _pair(text: str) -> tuple[str, str] | None:
    name, found, level = text.partition(_IS)
    return (name, level) if found else None


def _grouping(study: Study) -> list[str]:
    return [c.name for c in study.covariates if 2 <= len(c.levels) <= _MOST_LEVELS]


def _levels(study: Study) -> list[str]:
    return [f"{name}{_IS}{level}" for name in _grouping(study)
            for level in study.covariate(name).levels]  # fmt: skip


def _pairs(study: Study, spec: AnalysisSpec) -> list[str]:
    """Each score analysed with the other scores and with the covariates of few levels."""
    others = [c.name for c in study.covariates
              if c.role != "component" and len(c.levels) <= _MOST_LEVELS]  # fmt: skip
    scores = list(spec.scores)
    both = [(s, o) for i, s in enumerate(scores) for o in scores[i + 1 :]]
    known = [(s, o) for s in scores for o in others] + both
    known += [p for p in spec.interactions if p not in known]
    return [_BETWEEN.join(p) for p in known]


def _box(
    label: str, options: Mapping[Any, str], field: str, spec: AnalysisSpec, tag: str,
    why: str | None,
) -> None:  # fmt: skip
    names = list(options)
    st.selectbox(
        label,
        names,
        index=names.index(getattr(spec, field)),
        format_func=options.__getitem__,
        key=f"{field}-{tag}",
        help=why,
    )


def _or_nothing(name: str, nothing: str) -> str:
    return name or nothing
