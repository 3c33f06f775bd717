"""Who is in a cohort, and whether scores and outcomes are sound: aggregates of a study.

Every frame has passed the rule that no number may rest on fewer than eight people, nor give such
a number away by subtraction; the one exception, :func:`courses.spaghetti`, is for the page of
whoever holds the data and is never exported.
"""

from pgsicbt.cohort.characteristics import characteristics, not_listed, standardised_differences
from pgsicbt.cohort.checks import cohort_checks
from pgsicbt.cohort.components import (
    component_shifts,
    components_by_batch,
    default_batch,
    score_components,
)
from pgsicbt.cohort.courses import course_by_instrument, observed_by_week, spaghetti
from pgsicbt.cohort.description import Description, describe
from pgsicbt.cohort.distributions import score_correlations, score_distributions, score_summary
from pgsicbt.cohort.groups import default_groups, groupings
from pgsicbt.cohort.presence import floor_ceiling, presence
from pgsicbt.cohort.relatedness import relatedness

__all__ = [
    "Description",
    "characteristics",
    "cohort_checks",
    "component_shifts",
    "components_by_batch",
    "course_by_instrument",
    "default_batch",
    "default_groups",
    "describe",
    "floor_ceiling",
    "groupings",
    "not_listed",
    "observed_by_week",
    "presence",
    "relatedness",
    "score_components",
    "score_correlations",
    "score_distributions",
    "score_summary",
    "spaghetti",
    "standardised_differences",
]
