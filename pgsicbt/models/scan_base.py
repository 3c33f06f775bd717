"""Fits without a score, one for each set of people that scores of a scan are known for."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pgsicbt.errors import FitError
from pgsicbt.models.crossproducts import CrossProducts, cross_products
from pgsicbt.models.design import Sample, build_design
from pgsicbt.models.lmm import LmmFit, fit_lmm
from pgsicbt.models.scan_pass import Weights, weights
from pgsicbt.result import Array
from pgsicbt.spec import AnalysisSpec
from pgsicbt.study import Finding, Study

RANDOM_TERMS = {
    "intercept+slope": (2, True),
    "intercept+slope uncorrelated": (2, False),
    "intercept": (1, True),
}
"""Number of random terms and whether they are correlated, by the name in a spec."""

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

    ``whole`` is that of everybody in ``sample``, None before it is asked for; ``warnings``
    collects what was noticed.
    """

    def __init__(self, study: Study, spec: AnalysisSpec, sample: Sample) -> None:
        self._study, self._spec, self._sample = study, spec, sample
        self._some: OrderedDict[bytes, Base] = OrderedDict()
        self.whole: Base | None = None
        self.warnings: list[Finding] = []

    def of(self, known: NDArray[np.bool_] | None) -> Base:
        """The fit of the people in the mask ``known`` (N,), of everybody if None."""
        if known is None:
            if self.whole is None:
                self.whole = self._fitted(self._sample, None)
            return self.whole
        key = np.packbits(known).tobytes()
        if key not in self._some:
            if len(self._some) >= _KEPT:
                self._some.popitem(last=False)
            start = (
                None if self.whole is None or self.whole.fit is None else self.whole.fit.relative
            )
            part = self._sample.keep(known, "the score known", "the score is missing")
            self._some[key] = self._fitted(part, start)
        self._some.move_to_end(key)
        return self._some[key]

    def _fitted(self, sample: Sample, start: Array | None) -> Base:
        spec = self._spec
        design = build_design(self._study, spec, sample)
        for name in design.constant:
            text = f"{name} is the same for everyone analysed, so it is left out of the models."
            self.warnings.append(Finding("constant_covariate", "warning", text, column=name))
        cp = cross_products(
            design.names, design.columns, sample.value, design.basis, sample.code
        ).select(design.uses[spec.adjustments[0]])
        persons, observations = len(sample.persons), len(sample.time)
        try:
            q, correlated = RANDOM_TERMS[spec.random]
            fit = fit_lmm(cp, q=q, correlated=correlated, reml=spec.reml, start=start)
            parts = weights(cp, fit, spec.reml)
        except FitError as error:
            return Base(persons, observations, error=error)
        if fit.dropped:
            text = f"{', '.join(fit.dropped)}: determined by the other columns and left out."
            self.warnings.append(Finding("rank_deficient", "warning", text))
        if not fit.converged:
            text = "The optimum of the model without a score was not reached; use exact fits only."
            self.warnings.append(Finding("not_converged", "error", text))
        return Base(persons, observations, cp, fit, parts)
