"""Everything that describes a cohort, computed once."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from pgsicbt.cohort.characteristics import characteristics, not_listed, standardised_differences
from pgsicbt.cohort.checks import cohort_checks
from pgsicbt.cohort.components import component_shifts, components_by_batch, score_components
from pgsicbt.cohort.courses import course_by_instrument
from pgsicbt.cohort.distributions import score_correlations, score_distributions, score_summary
from pgsicbt.cohort.groups import default_groups, group_people
from pgsicbt.cohort.presence import floor_ceiling, presence
from pgsicbt.cohort.relatedness import relatedness
from pgsicbt.cohort.weeks import visit_arrays
from pgsicbt.study import Finding, Study


@dataclass(frozen=True)
class Description:
    """A cohort in aggregates; see the function of each frame's name.

    ``by`` is the covariate that people are grouped by ("" for none), ``groups`` its groups as
    shown, ``seen`` the frame of :func:`presence` without a score, ``weeks_note`` how visits were
    rounded to weeks (empty if they were not).
    """

    by: str
    groups: tuple[str, ...]
    characteristics: pd.DataFrame
    not_listed: tuple[str, ...]
    differences: pd.DataFrame
    distributions: pd.DataFrame
    scores: pd.DataFrame
    correlations: pd.DataFrame
    components: pd.DataFrame
    shifts: pd.DataFrame
    score_components: pd.DataFrame
    courses: pd.DataFrame
    seen: pd.DataFrame
    ends: pd.DataFrame
    relatives: pd.DataFrame
    findings: tuple[Finding, ...]
    weeks_note: str

    def frames(self) -> dict[str, pd.DataFrame]:
        """Every frame that may be exported, by the name of its file."""
        return {
            "characteristics": self.characteristics,
            "standardised_differences": self.differences,
            "score_distributions": self.distributions,
            "scores": self.scores,
            "score_correlations": self.correlations,
            "components_by_batch": self.components,
            "component_shifts": self.shifts,
            "scores_by_component": self.score_components,
            "courses": self.courses,
            "presence": self.seen,
            "floor_ceiling": self.ends,
            "relatives": self.relatives,
        }


def describe(study: Study, by: str | None = None) -> Description:
    """Describe a cohort, by the levels of a covariate and overall.

    Parameters
    ----------
    by
        The covariate that makes the groups; the first stratum (diagnosis) if None, nobody apart
        if "".

    Raises
    ------
    SpecError
        If the study has no such covariate.
    """
    by = default_groups(study) if by is None else by
    grouping = group_people(study, by)
    visits = visit_arrays(study)
    return Description(
        by=grouping.name,
        groups=grouping.labels,
        characteristics=characteristics(study, by, visits),
        not_listed=tuple(not_listed(study, by, visits)),
        differences=standardised_differences(study, by, visits),
        distributions=score_distributions(study, by),
        scores=score_summary(study),
        correlations=score_correlations(study),
        components=components_by_batch(study),
        shifts=component_shifts(study),
        score_components=score_components(study),
        courses=course_by_instrument(study, by, visits),
        seen=presence(study, "", visits),
        ends=floor_ceiling(study, visits),
        relatives=relatedness(study),
        findings=cohort_checks(study, visits),
        weeks_note=visits.note,
    )
