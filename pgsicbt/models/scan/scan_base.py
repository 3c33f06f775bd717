"""Fits without a score, one for each set of people that scores of a scan are known for."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pgsicbt.errors import FitError
from pgsicbt.models.engine.crossproducts import CrossProducts, cross_products
from pgsicbt.models.engine.lmm import LmmFit, fit_lmm
from pgsicbt.models.engine.start_values import moment_start
from pgsicbt.models.grid.cells import is_flat
from pgsicbt.models.grid.design import build_design
from pgsicbt.models.grid.ladder import Rung, Step, next_rung, rung, simplified
from pgsicbt.models.grid.sample import Sample
from pgsicbt.models.grid.time_coding import time_basis
from pgsicbt.models.scan.scan_pass import Weights, weights
from pgsicbt.result import Array
from pgsicbt.spec import AnalysisSpec
from pgsicbt.study import Finding, Study

_KEPT = 8


@dataclass(frozen=True)
class Base:
    """The fit without a score of one set of people; ``error`` says why there is none."""

    n_persons: int
    n_observations: int
    cp: CrossProducts | None = None
    fit: LmmFit | None = None
    weights: Weights | None = None
    error: FitError | None = None


class Bases:
    """Fits without a score, made when first asked for; of the latest few sets of people.

    ``rung`` is the random part in use: that of the spec or, where the fit of everybody cannot
    carry it, a simpler one for all scores (:mod:`.ladder`). ``warnings`` collects
    what was noticed.
    """

    def __init__(self, study: Study, spec: AnalysisSpec, sample: Sample) -> None:
        self._study, self._spec, self._sample = study, spec, sample
        self._time, notes = time_basis(spec, sample.time, sample.code)
        self._some: OrderedDict[bytes, Base] = OrderedDict()
        self._whole: Base | None = None
        self.rung: Rung = rung(spec.random)
        self.warnings: list[Finding] = notes

    def of(self, known: NDArray[np.bool_] | None) -> Base:
        """The fit of the people in the mask ``known`` (N,), of everybody if None."""
        if self._whole is None:
            self._whole = self._fitted(self._sample, None)
        if known is None:
            return self._whole
        key = np.packbits(known).tobytes()
        if key not in self._some:
            if len(self._some) >= _KEPT:
                self._some.popitem(last=False)
            part = self._sample.keep(known, "the score known", "the score is missing")
            self._some[key] = self._fitted(part, self._whole.fit)
        self._some.move_to_end(key)
        return self._some[key]

    def _fitted(self, sample: Sample, near: LmmFit | None) -> Base:
        spec = self._spec
        design = build_design(self._study, spec, sample, self._time)
        for name in design.constant:
            text = f"{name} is the same for everyone analysed, so it is left out of the models."
            self.warnings.append(Finding("constant_covariate", "warning", text, column=name))
        used = design.uses[spec.adjustments[0]]
        names = tuple(design.names[j] for j in used)
        cp = cross_products(names, design.columns[:, used], sample.value, design.basis, sample.code)
        persons, observations = len(sample.persons), len(sample.time)
        try:
            fit = self._down_the_ladder(cp) if near is None else self._fit(cp, near.relative)
            parts = weights(cp, fit, correlated=self.rung.correlated, reml=spec.reml)
        except FitError as error:
            return Base(persons, observations, error=error)
        if fit.dropped:
            text = f"{', '.join(fit.dropped)}: determined by the other columns and left out."
            self.warnings.append(Finding("rank_deficient", "warning", text))
        if not fit.converged:
            text = "The optimum of the model without a score was not reached; use exact fits only."
            self.warnings.append(Finding("not_converged", "error", text))
        return Base(persons, observations, cp, fit, parts)

    def _fit(self, cp: CrossProducts, start: Array | None) -> LmmFit:
        here = self.rung
        return fit_lmm(cp, q=here.q, correlated=here.correlated, reml=self._spec.reml, start=start)

    def _down_the_ladder(self, cp: CrossProducts) -> LmmFit:
        """The fit of everybody, which decides on the random part of all scores."""
        label, asked = "the model without a score", self._spec.random
        while True:
            fit = self._fit(cp, moment_start(cp, self.rung.q))
            found = [Step(label, fit.singular, is_flat(fit, cp))]
            lower = next_rung(self.rung.part, found) if self._spec.simplify else None
            if lower is None:
                break
            self.rung = rung(lower)
        if self.rung.part != asked:
            self.warnings.append(simplified(asked, self.rung.part, [Step(label, True, False)], 2))
        if fit.singular:
            text = f"{label[0].upper()}{label[1:]}: the random part is on its boundary."
            self.warnings.append(Finding("singular", "warning", text))
        return fit
