"""The analysis without the people on whom most of it rests, score by score.

People beyond the rule of Cook's distance, 4 / N (:mod:`pgsicbt.models.resampling.influence`), are
left out of the model of each score and the model is fitted again. The rule looks at the outcome and
at the score, but at no single effect; a rule on the change of one effect would pick the people who
spoil that effect and make noise look like something.
"""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from pgsicbt.derived import with_visits
from pgsicbt.errors import PgsIcbtError
from pgsicbt.models.grid.rebuild import one_cell
from pgsicbt.models.resampling.influence import influence
from pgsicbt.result import Result
from pgsicbt.robustness.variants import Span, variant
from pgsicbt.study import Study

LABEL = "without people of great influence"


def without_influential(
    study: Study, reference: Result, span: Span
) -> Iterator[pd.DataFrame | str]:
    """Effects of each score without the people beyond the rule, or why there are none.

    Parameters
    ----------
    reference
        The analysis itself, of one adjustment.

    Yields
    ------
    pandas.DataFrame or str
        Rows as of :func:`pgsicbt.robustness.variants.variant`, or a sentence; one per score.
    """
    for model in reference.fits:
        score = model.score
        try:
            found = influence(study, reference, score, model.adjustment)
            people, _ = one_cell(study, reference, score, model.adjustment)
            beyond = people.sample.persons.index[found.cooks > found.cook_rule]
            fewer = with_visits(
                study,
                study.visits[~study.visits["person"].isin(beyond)],
                f"without influence on {score} in {reference.spec.canonical()}",
            )
            alone = reference.spec.replace(scores=(score,))
            yield variant(fewer, alone, span, LABEL, reference)
        except PgsIcbtError as problem:
            yield f"{LABEL}, {study.score(score).label}: {problem.sentence}"
