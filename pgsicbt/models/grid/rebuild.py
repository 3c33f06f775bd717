"""The people, columns and cross-products behind a fitted cell, made anew from the study.

A result holds aggregates only, so whatever needs the visits of a cell again (effect sizes,
diagnostics) comes here with the study. Nothing of this leaves the session.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from pgsicbt.errors import DataError, SpecError
from pgsicbt.models.engine.crossproducts import CrossProducts, cross_products
from pgsicbt.models.grid.design import Design, build_design
from pgsicbt.models.grid.exposures import scaled
from pgsicbt.models.grid.people import analysis_sample
from pgsicbt.models.grid.sample import Sample
from pgsicbt.result import Array, ModelFit, Result
from pgsicbt.spec import AnalysisSpec
from pgsicbt.study import Study


@dataclass(frozen=True)
class People:
    """Those that some scores are known for: their visits and the columns all models share.

    ``shared`` holds the cross-products of all columns of ``design``.
    """

    sample: Sample
    design: Design
    shared: CrossProducts
    models: tuple[ModelFit, ...]
    spec: AnalysisSpec

    def score(self, model: ModelFit) -> Array:
        """The score of a model (N,) on the scale that it was fitted on."""
        return scaled(self.spec, self.sample.persons, model.score).values

    def base(self, model: ModelFit) -> CrossProducts:
        """Cross-products of the model's columns without those of the score."""
        wanted = set(model.fixed.names)
        return self.shared.select([j for j, n in enumerate(self.design.names) if n in wanted])

    def cell(self, model: ModelFit) -> CrossProducts:
        """Cross-products of the model's columns, in the order of its coefficients."""
        if not model.score:
            return self.base(model)
        names = self.score_names(model)
        scored = self.design.scored
        plain = self.base(model)
        if scored == tuple(range(len(names))):
            return plain.with_score(self.score(model), names)
        return plain.with_score(self.score(model), names, columns=scored)

    def score_names(self, model: ModelFit) -> tuple[str, ...]:
        """Names of the columns of the score; none in a model without one."""
        return tuple(t.name for t in self.design.score_terms(model.score)) if model.score else ()

    def columns(self, model: ModelFit) -> Array:
        """Visit-level columns (n, p) in the order of the model's coefficients."""
        wanted = set(model.fixed.names)
        keep = [j for j, n in enumerate(self.design.names) if n in wanted]
        parts = [self.design.columns[:, keep]]
        if model.score:
            x = self.score(model)[self.sample.code][:, None]
            parts.append(x * self.design.basis[:, list(self.design.scored)])
        return np.hstack(parts)


def one_score_at_a_time(spec: AnalysisSpec) -> bool:
    """Whether a spec is of linear mixed models of one score each, without interactions or groups.

    Effect sizes, diagnostics, influence and the bootstrap are worked out for those.
    """
    return spec.family == "lmm" and not (spec.together or spec.interactions or spec.score_groups)


def people_of(study: Study, result: Result, models: tuple[ModelFit, ...] = ()) -> Iterator[People]:
    """The fitted cells of a result (or some of them), grouped by the people they rest on.

    Raises
    ------
    DataError
        If the result is not of this study.
    """
    if result.digest != study.digest:
        raise DataError(
            "This result was not made from this study.",
            "Fit the study again.",
            code="other_study",
        )
    spec = result.spec
    if not one_score_at_a_time(spec):
        raise SpecError(
            "This is worked out for linear mixed models of one score at a time, without "
            "interactions or groups of the score.",
            "Choose such a model to see it.",
            code="other_model",
        )
    sample = analysis_sample(study, spec)
    groups: dict[bytes, list[ModelFit]] = {}
    for model in models or result.fits:
        known = _known(sample, model.score)
        groups.setdefault(np.packbits(known).tobytes(), []).append(model)
    for group in groups.values():
        known = _known(sample, group[0].score)
        part = sample.keep(known, "score known", "score is missing")
        design = build_design(study, spec, part, time=group[0].time)
        shared = cross_products(design.names, design.columns, part.value, design.basis, part.code)
        # These models were fitted, so their random parts leave visits over; counted here after
        # every time column, as many as categorical time has, there might be none.
        shared = dataclasses.replace(shared, residual_df=shared.n_observations)
        yield People(part, design, shared, tuple(group), spec)


def one_cell(study: Study, result: Result, score: str, adjustment: str) -> tuple[People, ModelFit]:
    """One fitted cell with its people.

    Raises
    ------
    SpecError
        If that score and adjustment was not fitted.
    DataError
        If the result is not of this study.
    """
    model = result.fit_of(study.score(score).name if score else "", adjustment)
    if model is None:
        raise SpecError(
            f"There is no fitted {adjustment} model of {score or 'the outcome'}.",
            "Choose another score or model.",
            code="no_such_model",
        )
    return next(people_of(study, result, (model,))), model


def _known(sample: Sample, score: str) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    if not score:
        return np.ones(len(sample.persons), dtype=bool)
    return np.asarray(sample.persons[score].notna().to_numpy(bool))
