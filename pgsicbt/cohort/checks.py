"""All checks of a cohort, and what is checked at all."""

from __future__ import annotations

from pgsicbt.cohort.people_checks import people_checks
from pgsicbt.cohort.score_checks import score_checks
from pgsicbt.cohort.weeks import Visits, visit_arrays
from pgsicbt.study import Finding, Study

CHECKED: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("scale of the scores",
     ("score_percentile", "score_unscaled", "score_scale", "score_shifted", "score_scaled_twice",
      "score_scaled_in_groups")),
    ("differences between genotyping batches", ("score_batch",)),
    ("scores far outside the plausible range", ("score_outliers",)),
    ("the same score under two names", ("score_same",)),
    ("the same sample under two identifiers", ("same_sample",)),
    ("ancestry", ("score_ancestry", "ancestry_outliers")),
    ("relatives", ("relatives",)),
    ("groups that do not add up",
     ("groups_add_up", "group_spelling", "small_groups", "instrument_group")),
    ("gaps in covariates", ("covariate_gaps",)),
    ("floor and ceiling of the instruments", ("floor", "ceiling")),
    ("people seen once only", ("one_visit_only",)),
    ("drop-out", ("leaving",)),
    ("values carried forward", ("carried_forward",)),
)  # fmt: skip
"""What is looked at, in words, and the codes of the findings that can come of it."""


def cohort_checks(study: Study, visits: Visits | None = None) -> tuple[Finding, ...]:
    """Whether scores and outcomes are sound, each finding with advice; warnings first.

    No finding names a person, a value of one, or a count below eight.
    """
    visits = visit_arrays(study) if visits is None else visits
    found = [*score_checks(study), *people_checks(study, visits)]
    return tuple(sorted(found, key=lambda f: ("error", "warning", "info").index(f.severity)))


def not_found(study: Study, findings: tuple[Finding, ...]) -> list[str]:
    """What was checked, could be checked in this study, and gave no finding."""
    codes = {f.code for f in findings}
    absent = _cannot(study)
    return [what for what, kinds in CHECKED if what not in absent and not codes & set(kinds)]


def not_checked(study: Study) -> list[str]:
    """What could not be checked because the files hold nothing about it."""
    return [what for what, _ in CHECKED if what in _cannot(study)]


def _cannot(study: Study) -> set[str]:
    """What the files hold nothing about."""
    out: set[str] = set()
    if not study.scores:
        out |= {what for what, kinds in CHECKED if kinds[0].startswith("score")}
        out.add("the same sample under two identifiers")
    if not study.covariate_names("batch"):
        out.add("differences between genotyping batches")
    if not study.covariate_names("component"):
        out.add("ancestry")
    if study.relatives.empty:
        out.add("relatives")
    if not study.covariate_names("stratum"):
        out.add("groups that do not add up")
    if not study.covariates:
        out.add("gaps in covariates")
    if all(o.minimum is None for o in study.outcomes):
        out.add("floor and ceiling of the instruments")
    return out
