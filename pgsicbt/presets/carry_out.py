"""Carrying out a plan: every step, the prediction, and the contest with the exposure."""

from __future__ import annotations

from collections.abc import Iterator

from pgsicbt.derived import covariate_as_score
from pgsicbt.errors import PgsIcbtError
from pgsicbt.meaning.classification import predict_status
from pgsicbt.models import fit
from pgsicbt.presets.plan import LEAD, Look, Plan, PlanResult, Step
from pgsicbt.progress import Progress
from pgsicbt.result import Result
from pgsicbt.robustness.proxy import contest
from pgsicbt.study import Study

_RESAMPLES = 200  # of people, for the difference between a score and the exposure


def run_plan(study: Study, plan: Plan, progress: Progress | None = None) -> PlanResult:
    """Carry out a plan; a step that cannot be fitted is named and the others stand.

    Parameters
    ----------
    progress
        Called with the steps done and the steps there are.
    """
    results: dict[str, Result] = {}
    failed: dict[str, str] = {}
    exposure = next((s.exposure for s in plan.steps if s.exposure and plan.lead_score), "")
    asked = int(plan.predicts != "") + int(exposure != "")
    for done, step in enumerate(plan.steps):
        try:
            results[step.key] = run_step(study, step)
        except PgsIcbtError as problem:
            failed[step.key] = str(problem)
        if progress is not None:
            progress(done + 1, len(plan.steps) + asked)
    predicted = None
    if plan.predicts and LEAD in results:
        spec = plan.steps[0].spec
        try:
            predicted = predict_status(study, spec, plan.predicts, seed=spec.seed)
        except PgsIcbtError as problem:
            failed["prediction"] = str(problem)
        if progress is not None:
            progress(len(plan.steps) + 1, len(plan.steps) + asked)
    against = None
    if exposure:
        try:
            against = contest(
                study, plan.steps[0].spec, plan.lead_score, exposure, replicates=_RESAMPLES
            )
        except PgsIcbtError as problem:
            failed["contest"] = str(problem)
        if progress is not None:
            progress(len(plan.steps) + asked, len(plan.steps) + asked)
    return PlanResult(plan, results, failed, predicted, against)


def run_step(study: Study, step: Step) -> Result:
    """Carry out one step of a plan.

    Raises
    ------
    PgsIcbtError
        If it cannot be fitted.
    """
    if not step.exposure:
        return fit(study, step.spec)
    derived, name = covariate_as_score(study, step.exposure)
    return fit(derived, step.spec.replace(scores=(name,)))


def step_study(study: Study, step: Step) -> Study:
    """The study that a step was fitted on, with the exposure among its scores."""
    return covariate_as_score(study, step.exposure)[0] if step.exposure else study


def plan_looks(found: PlanResult, study: Study) -> Iterator[Look]:
    """Every step that was carried out, in the plan's order, as a ledger takes it.

    After the steps the cross-validated prediction and the contest, where the plan has them.

    The specification is the fitted one: where a covariate stands in a score's place, that of the
    step names other scores. The data are those of ``study``, the open one, for such a step too:
    it looks at the same people, and a ledger counts what was seen of the same data.
    """
    for step in found.plan.steps:
        result = found.results.get(step.key)
        if result is not None:
            spec = result.spec
            models = max(len(spec.scores), 1) * len(spec.adjustments)
            yield Look(spec, study.digest, f"plan, {step.title}", models)
    if found.lead is None:
        return
    if found.predicted is not None:
        what = f"cross-validated prediction of {found.predicted.kind}"
        yield Look(found.lead.spec, study.digest, what, len(found.predicted.table))
    if found.contest is not None:
        what = f"contest with {study.covariate(found.contest.trait).label}"
        yield Look(found.lead.spec, study.digest, what, 4)
