"""The people and visits of an analysis, and who was lost on the way to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pgsicbt.errors import FitError, SpecError
from pgsicbt.result import Array
from pgsicbt.spec import AnalysisSpec
from pgsicbt.study import CovariateInfo, LedgerStep, Study


@dataclass(frozen=True)
class Sample:
    """The people and visits of one analysis, before any score is looked at.

    ``persons`` (N rows) and the visit arrays ``code`` (position in ``persons``), ``time``
    (weeks) and ``value`` agree; ``ledger`` says who was lost on the way.
    """

    persons: pd.DataFrame
    code: NDArray[np.intp]
    time: Array
    value: Array
    ledger: tuple[LedgerStep, ...]

    def keep(self, mask: NDArray[np.bool_], step: str, reason: str) -> Sample:
        """The sample without the people outside ``mask`` (N,), with a ledger step."""
        if bool(mask.all()):
            return self
        new_code = np.cumsum(mask) - 1
        rows = mask[self.code]
        persons = self.persons.loc[mask]
        line = LedgerStep(
            step=step,
            persons=len(persons),
            observations=int(rows.sum()),
            lost_persons=int((~mask).sum()),
            lost_observations=int((~rows).sum()),
            reason=reason,
        )
        return Sample(
            persons,
            new_code[self.code[rows]],
            self.time[rows],
            self.value[rows],
            (*self.ledger, line),
        )

    def visits(
        self, mask: NDArray[np.bool_], step: str, reason: str, people: tuple[str, str]
    ) -> Sample:
        """The sample without the visits outside ``mask`` (n,) and those who had no other.

        ``people`` are the step and the reason for those.
        """
        if bool(mask.all()):
            return self
        line = LedgerStep(
            step=step,
            persons=len(self.persons),
            observations=int(mask.sum()),
            lost_observations=int((~mask).sum()),
            reason=reason,
        )
        cut = Sample(
            self.persons,
            self.code[mask],
            self.time[mask],
            self.value[mask],
            (*self.ledger, line),
        )
        still = np.zeros(len(self.persons), dtype=bool)
        still[cut.code] = True
        return cut.keep(still, *people)


def everybody(study: Study, spec: AnalysisSpec) -> Sample:
    """People with the outcome, in the chosen groups and weeks, with every covariate known.

    The same people enter crude, adjusted and complete models, so that the three differ by
    their covariates and by nothing else.

    Raises
    ------
    SpecError
        If the spec names what the study does not have.
    FitError
        If nobody is left.
    """
    outcome = study.outcome(spec.outcome)
    visits = study.outcome_visits(spec.outcome)
    total = len(study.persons)
    code = _positions(visits["person"], study.persons.index)
    present = np.zeros(total, dtype=bool)
    present[code] = True
    start = Sample(
        study.persons,
        code.astype(np.intp),
        visits["time"].to_numpy(float),
        visits["value"].to_numpy(float),
        (LedgerStep("read and joined", total, len(visits)),),
    )
    sample = start.keep(present, f"{outcome.label} observed", f"no value of {outcome.label}")
    if spec.subset is not None:
        info = study.covariate(spec.subset[0])
        _check_level(info, spec.subset[1])
        inside = (sample.persons[info.name] == spec.subset[1]).to_numpy(bool)
        sample = sample.keep(inside, f"{info.name}: {spec.subset[1]}", "in another group")
    if spec.without is not None:
        info = study.covariate(spec.without[0])
        _check_level(info, spec.without[1])
        outside = (sample.persons[info.name] != spec.without[1]).to_numpy(bool)
        step = f"{info.name}: without {spec.without[1]}"
        sample = sample.keep(outside, step, "in the group that is left out")
    sample = _in_window(sample, spec)
    for name in needed(study, spec):
        info = study.covariate(name)
        known = sample.persons[info.name].notna().to_numpy(bool)
        sample = sample.keep(known, f"{info.label} known", f"{info.label} is missing")
    if not len(sample.persons):
        raise FitError(
            f"Nobody is left to analyse: {sample.ledger[-1].reason}.",
            "Choose fewer covariates, another group or a wider window of weeks.",
            code="nobody_left",
        )
    return sample


def _positions(person: pd.Series[Any], index: pd.Index[str]) -> NDArray[np.intp]:
    """Where each visit's person stands in ``index``; the codes, where categories are the index."""
    if isinstance(person.dtype, pd.CategoricalDtype):
        found = index.get_indexer(person.cat.categories)
        return np.asarray(found[person.cat.codes.to_numpy()], dtype=np.intp)
    return np.asarray(index.get_indexer(pd.Index(person.astype(str))), dtype=np.intp)


def _in_window(sample: Sample, spec: AnalysisSpec) -> Sample:
    inside = np.ones(len(sample.time), dtype=bool)
    if spec.first_week is not None:
        inside &= sample.time >= spec.first_week
    if spec.last_week is not None:
        inside &= sample.time <= spec.last_week
    people = ("a visit in the chosen weeks", "no visit in the chosen weeks")
    return sample.visits(inside, "in the chosen weeks", "visit outside the chosen weeks", people)


def needed(study: Study, spec: AnalysisSpec) -> tuple[str, ...]:
    """Covariates that must be known: of the models, of interactions, ancestry and clusters."""
    names = [*spec.covariates, *spec.components, *moderators(study, spec)]
    if spec.score_scale == "within":
        names.append(spec.ancestry)
    if spec.cluster and spec.errors != "model":
        names.append(study.covariate(spec.cluster).name)
    return tuple(dict.fromkeys(names))


def moderators(study: Study, spec: AnalysisSpec) -> tuple[str, ...]:
    """Covariates that a score interacts with, in the spec's order.

    Raises
    ------
    SpecError
        If the study has neither a score nor a covariate of that name.
    """
    found = [
        study.covariate(other).name
        for _, other in spec.interactions
        if other not in study.score_names
    ]
    return tuple(dict.fromkeys(found))


def _check_level(info: CovariateInfo, level: str) -> None:
    if level not in info.levels:
        raise SpecError(
            f"{info.name} has no level called {level!r}.",
            f"It has: {', '.join(info.levels) or 'no levels'}.",
            column=info.name,
        )
