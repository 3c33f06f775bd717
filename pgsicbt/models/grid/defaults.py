"""The analysis that is proposed for a study before anybody has chosen anything."""

from __future__ import annotations

import re

from pgsicbt.errors import DataError
from pgsicbt.spec import AnalysisSpec
from pgsicbt.study import HARMONISED, Study

_DEMOGRAPHIC = re.compile(r"^(age|sex|gender|female|male|k[öo]n|alder|ålder)(\b|_|$)", re.I)
_CONTROL = re.compile(r"height|control", re.I)
_COMPONENTS = 5


def is_control(score: str) -> bool:
    """Whether a score's name says that it is a negative control, such as body height."""
    return bool(_CONTROL.search(score))


def default_spec(study: Study) -> AnalysisSpec:
    """All scores but negative controls, adjusted as the published study adjusted.

    Age, sex, diagnosis or other group, genotyping batch, and the first five components. Social
    variables such as education are left to the user: with a score for education they answer
    another question.

    Raises
    ------
    DataError
        If the study has no outcome.
    """
    if not study.outcomes:
        raise DataError("The files hold no outcome.", "Load a table of symptom scores.")
    # One instrument is told in its own points; several need the common scale.
    alone = [o.name for o in study.outcomes if o.name != HARMONISED]
    several = sum(bool(o.instrument) for o in study.outcomes if o.name != HARMONISED) > 1
    harmonised = HARMONISED in study.outcome_names
    outcome = HARMONISED if harmonised and (several or not alone) else alone[0]
    chosen = [
        c.name
        for c in study.covariates
        if c.role in ("stratum", "batch") or (c.role == "covariate" and _DEMOGRAPHIC.match(c.name))
    ]
    scores = tuple(s for s in study.score_names if not is_control(s)) or study.score_names
    return AnalysisSpec(
        outcome=outcome,
        scores=scores,
        covariates=tuple(chosen),
        components=study.covariate_names("component")[:_COMPONENTS],
    )
