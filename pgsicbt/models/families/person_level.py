"""Models of one outcome per person behind the same spec: ANCOVA, change, Tobit, logistic, ordinal,
drop-out and Cox.

Every model is outcome ~ score + covariates + components over the people that have what it needs,
all of whom have a baseline. The value before treatment is a column of every ANCOVA and Tobit model,
of adjusted models of all others, and of no change score. A score has one coefficient, of the role
``outcome``, and there is no main effect of severity beside it. Where the value before is a column,
or is subtracted, it is about change; in crude models of a status, a band or drop-out it is not.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from pgsicbt.disclosure import MINIMUM_CELL
from pgsicbt.errors import FitError, PgsIcbtError, SpecError
from pgsicbt.models.engine.threads import one_thread
from pgsicbt.models.families.endpoints import endpoints, severity_bands
from pgsicbt.models.families.person_cells import PersonCell, Predicted
from pgsicbt.models.families.statuses import judged
from pgsicbt.models.grid.assembled import assembled, refuse_without_models
from pgsicbt.models.grid.checks import check_covariates, check_entangled, check_scores
from pgsicbt.models.grid.corrections import without_shuffles
from pgsicbt.models.grid.exposures import models_of, scores_in
from pgsicbt.models.grid.grid import named
from pgsicbt.models.grid.rows import Row
from pgsicbt.progress import Progress
from pgsicbt.result import ModelFit, Result
from pgsicbt.spec import Adjustment, AnalysisSpec
from pgsicbt.study import Finding, Study


def fit_person_level(study: Study, spec: AnalysisSpec, progress: Progress | None = None) -> Result:
    """Fit one model of one outcome per person for each score and adjustment.

    Raises
    ------
    SpecError
        If the spec names what the study or the outcome does not have.
    FitError
        If no model can be fitted.
    """
    spec = named(study, spec)
    notes: list[Finding] = []
    outcome = _outcome(study, spec, notes)
    notes += check_scores(outcome.ends.sample, spec.scores)
    notes += check_covariates(study, spec, outcome.ends.sample) + check_entangled(
        study, spec, outcome.ends.sample
    )
    models = models_of(spec)
    adjustments = _distinct(spec, notes)
    rows: list[Row] = []
    fits: list[ModelFit] = []
    ledger = outcome.ends.sample.ledger
    done = 0
    for model in models:
        names = scores_in(study, spec, model)
        known = outcome.ends.sample.persons[list(names)].notna().all(axis=1).to_numpy(bool)
        part = _only(outcome, known, ", ".join(names))
        ledger = (*ledger, *part.ends.sample.ledger[len(outcome.ends.sample.ledger) :])
        for adjustment in adjustments:
            cell = PersonCell(study, spec, part, adjustment)
            try:
                with one_thread():  # several threads cost more than they give at this size
                    made = cell.fit(model, notes)
            except PgsIcbtError as problem:
                where = f"{', '.join(model) or 'The model'} ({adjustment})"
                text = f"{where}: {problem}"
                notes.append(Finding(problem.code, "error", text, column=", ".join(model)))
                made = [(cell.failed(s), None) for s in model or ("",)]
            for found, fitted in made:
                rows += found
                fits += [] if fitted is None else [fitted]
            done += 1
            if progress is not None:
                progress(done, len(models) * len(adjustments))
    refuse_without_models(fits, notes)
    several = without_shuffles(spec, outcome.ends.sample.persons)
    return assembled(study, spec, rows, fits, ledger, notes, several)


def _outcome(study: Study, spec: AnalysisSpec, notes: list[Finding]) -> Predicted:
    """What the family predicts, of the people who have it."""
    ends = endpoints(study, spec)
    if spec.family in ("dropout", "cox"):
        gone = np.isnan(ends.after)
        if spec.family == "dropout":
            return Predicted(ends, gone.astype(float))
        time = np.where(gone, np.minimum(ends.last, ends.week), ends.week)
        return Predicted(ends, np.maximum(time, 0.5), gone.astype(float))
    full = np.isfinite(ends.after)
    why = f"no value within {ends.window:g} weeks of week {ends.week:g}"
    ends = ends.keep(full, "seen after treatment", why)
    if not len(ends.before):
        raise FitError(
            f"Nobody was seen within {ends.window:g} weeks of week {ends.week:g}.",
            "Choose another week after treatment, or a wider window.",
            code="nobody_left",
        )
    if spec.family == "ancova":
        return Predicted(ends, ends.after)
    if spec.family == "change":
        return Predicted(ends, ends.after - ends.before)
    if spec.family == "tobit":
        info = study.outcome(spec.outcome)
        if info.minimum is None or info.maximum is None:
            raise SpecError(
                f"{info.label} has no known floor, so a Tobit model has nothing to add.",
                "Choose an instrument of the registry, or ANCOVA.",
                code="no_range",
                column="outcome",
            )
        return Predicted(ends, ends.after, limits=(info.minimum, info.maximum))
    if spec.family == "ordinal":
        bands = severity_bands(study, spec, ends)
        for label in bands.joined:
            text = (
                f"Fewer than {MINIMUM_CELL} people are in the band {label} after treatment, so it "
                "is joined with its neighbour."
            )
            notes.append(Finding("small_band", "info", text))
        return Predicted(ends, bands.level, levels=bands.labels)
    found = judged(study, spec, ends, spec.definition)
    text = f"What is predicted, as defined for each instrument: {'; '.join(found.words)}."
    notes.append(Finding("definition", "info", text, column="definition"))
    notes += found.findings
    return Predicted(found.ends, found.met)


def _only(outcome: Predicted, known: NDArray[np.bool_], label: str
          ) -> Predicted:  # fmt: skip
    if known.all():
        return outcome
    return replace(
        outcome,
        ends=outcome.ends.keep(known, f"{label} known", f"{label} is missing"),
        y=outcome.y[known],
        event=None if outcome.event is None else outcome.event[known],
    )


def _distinct(spec: AnalysisSpec, notes: list[Finding]) -> list[Adjustment]:
    """Adjusted and complete models differ by terms with time only, so one of them is enough."""
    kept: list[Adjustment] = []
    plain = not (spec.covariates or spec.components) and spec.family not in ("ancova", "tobit")
    for adjustment in spec.adjustments:
        same = "crude" if plain and spec.family == "change" else "adjusted"
        twin = same in kept and adjustment != "crude" and (adjustment != "adjusted" or plain)
        if twin:
            text = (
                f"The {adjustment} model is the same as the {same} one, since nothing in it has a "
                "product with time."
            )
            notes.append(Finding("same_model", "info", text))
        else:
            kept.append(adjustment)
    return kept
