"""The plans that are known by name, made from what a cohort has."""

from __future__ import annotations

import re

from pgsicbt.errors import DataError, SpecError
from pgsicbt.models import default_spec
from pgsicbt.outcomes import post_week, rules
from pgsicbt.presets.plan import LEAD, PRESETS, Plan, Step
from pgsicbt.spec import AnalysisSpec
from pgsicbt.study import HARMONISED, CovariateInfo, Study

_EDUCATION_SCORE = re.compile(r"(^|[^a-z])(edu|educ|ea\d?)([^a-z]|$)|education|attainment", re.I)
_EDUCATION = re.compile(r"edu|school|utbild|bildung|skole|utdann", re.I)
_DEPRESSION = re.compile(r"mdd|depress", re.I)
_COMPONENTS = 5
_FOLLOW_UP = 0.5  # weeks after the planned one that still count as after treatment


def preset(study: Study, name: str) -> Plan:
    """A plan by its name.

    Raises
    ------
    SpecError
        If there is no plan of this name.
    DataError
        If the study has no outcome, or none that the plan needs.
    """
    if name == "published-study":
        return _published(study)
    if name == "plan-2019":
        return _plan_2019(study)
    if name == "remission":
        return _remission(study)
    raise SpecError(f"There is no plan called {name!r}.", f"Choose one of: {', '.join(PRESETS)}.")


def education_score(study: Study) -> str:
    """The score of educational attainment, or ""."""
    for score in study.scores:
        if _EDUCATION_SCORE.search(score.name) or _EDUCATION_SCORE.search(score.label):
            return score.name
    return ""


def education_covariate(study: Study) -> str:
    """The column of people's own education, or ""."""
    for info in study.covariates:
        if info.role == "covariate" and _EDUCATION.search(info.name):
            return info.name
    return ""


def _until_post(study: Study, spec: AnalysisSpec) -> AnalysisSpec:
    """The weeks up to the one after treatment: follow-ups are no part of these plans."""
    post = post_week(study, spec.outcome)
    times = study.outcome_visits(spec.outcome)["time"]
    if post <= 0 or times.empty or float(times.max()) <= post + _FOLLOW_UP:
        return spec
    return spec.replace(last_week=post + _FOLLOW_UP)


def _published(study: Study) -> Plan:
    """The plan of Bäckman et al. 2025, with what its paper states of it."""
    base = default_spec(study).replace(adjustments=("crude", "adjusted"))
    if HARMONISED in study.outcome_names:  # as the paper has it, even with one instrument
        base = base.replace(outcome=HARMONISED)
    base = _until_post(study, base)
    left_out: list[str] = []
    if base.outcome != HARMONISED:
        label = study.outcome(base.outcome).label
        left_out.append(f"There is no harmonised score, so {label} is analysed.")
    if not base.components:
        left_out.append("No principal components of ancestry are known, so none are adjusted for.")
    steps = [
        Step(LEAD, "Every score, crude and adjusted", base),
        Step("outliers", "Without outlying visits", base.replace(outliers="residual")),
    ]
    education = education_covariate(study)
    adjusted = base.replace(adjustments=("adjusted",))
    if education and education not in base.covariates:
        wider = adjusted.replace(covariates=(*base.covariates, education))
        steps += [
            Step("education", "With people's own education among the covariates", wider),
            Step(
                "own-education",
                "People's own education in the score's place",
                adjusted,
                exposure=education,
            ),
        ]
    else:
        left_out.append("People's own education is not known, so nothing is said of it.")
    stratum = _stratum(study)
    if stratum is not None:
        inside = adjusted.replace(covariates=tuple(c for c in base.covariates if c != stratum.name))
        steps += [
            Step(f"only {level}", f"{level} only", inside.replace(subset=(stratum.name, level)))
            for level in stratum.levels
        ]
    lead = education_score(study)
    if not lead:
        left_out.append("There is no score for educational attainment, which the paper is about.")
    return Plan(
        "published-study",
        "The published study",
        "The plan of Bäckman et al. 2025 (doi 10.1007/s44192-025-00213-6): one linear mixed model "
        "per score of a symptom score harmonised over the instruments, crude and adjusted for "
        "age, sex, diagnosis, batch and five components of ancestry, each with its product with "
        "time; again without outliers; and with people's own education. The paper states neither "
        "its formula of harmonising nor its outlier rule; here they are percent of maximum "
        "possible, and visits beyond three residual standard deviations of the model without a "
        "score. The components have no product with time in the adjusted model.",
        tuple(steps),
        lead,
        tuple(left_out),
    )


def _plan_2019(study: Study) -> Plan:
    """The plan of Andersson et al. 2019: one diagnosis, its own instrument, score x week."""
    outcome = _own_outcome(study, "MADRS-S")
    base = default_spec(study).replace(outcome=outcome, adjustments=("crude", "adjusted"))
    base, left_out = _depressed_only(study, base)
    base = _until_post(study, base)
    label = study.outcome(outcome).label
    if not study.outcome(outcome).name.upper().startswith("MADRS"):
        left_out.append(f"MADRS-S is not among the outcomes, so {label} is analysed.")
    return Plan(
        "plan-2019",
        "The 2019 plan",
        "The plan of Andersson et al. 2019 (Molecular Psychiatry 24, 484): one diagnosis, the "
        "instrument on its own scale, score x week, one model per score. The paper had six "
        "scores; here every score of the cohort but negative controls is analysed.",
        (Step(LEAD, f"{label}, every score", base),),
        "",
        tuple(left_out),
    )


def _remission(study: Study) -> Plan:
    """Remission after treatment, as Wallert et al. 2022 asked about it."""
    outcome = _own_outcome(study, "MADRS-S", with_remission=True)
    base = default_spec(study).replace(
        outcome=outcome, family="logistic", definition="remission",
        adjustments=("crude", "adjusted"),
    )  # fmt: skip
    base, left_out = _depressed_only(study, base)
    label = study.outcome(outcome).label
    rule = next(r for r in rules(study, outcome) if r.kind == "remission")
    return Plan(
        "remission",
        "Prediction of remission",
        f"Remission after treatment by {label} ({rule.words}) of those who were not in remission "
        "before it, one logistic model per score, as Wallert et al. 2022 (Translational "
        "Psychiatry) asked about it; whether scores add to what clinical predictors say is judged "
        "by cross-validation.",
        (Step(LEAD, f"Remission by {label}", base),),
        "",
        tuple(left_out),
        "remission",
    )


def _stratum(study: Study) -> CovariateInfo | None:
    return next((c for c in study.covariates if c.role == "stratum" and len(c.levels) > 1), None)


def _depressed_only(study: Study, base: AnalysisSpec) -> tuple[AnalysisSpec, list[str]]:
    """People with depression, where the diagnosis is known."""
    stratum = _stratum(study)
    if stratum is None:
        return base, ["The diagnosis is not known, so everybody with the outcome is analysed."]
    level = next((x for x in stratum.levels if _DEPRESSION.search(x)), "")
    if not level:
        return base, [f"No level of {stratum.label} is depression, so everybody is analysed."]
    kept = tuple(c for c in base.covariates if c != stratum.name)
    return base.replace(covariates=kept, subset=(stratum.name, level)), []


def _own_outcome(study: Study, wanted: str, *, with_remission: bool = False) -> str:
    """``wanted`` if it is measured, else the instrument with most people."""

    def fits(name: str) -> bool:
        if name == HARMONISED:
            return False
        if not with_remission:
            return True
        try:
            return any(r.kind == "remission" for r in rules(study, name))
        except SpecError:
            return False

    named = [o for o in study.outcomes if fits(o.name)]
    if not named:
        raise DataError(
            "No outcome of this cohort has a definition of remission."
            if with_remission
            else "This cohort has no instrument on its own scale.",
            "Load totals of a known instrument, or add yours to the registry.",
        )
    for info in named:
        if wanted.casefold() in (info.name.casefold(), info.instrument.casefold()):
            return info.name
    return max(named, key=lambda o: o.n_persons).name
