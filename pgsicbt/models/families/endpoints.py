"""One outcome per person: before and after treatment, drop-out, from the visits of an analysis."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from pgsicbt.disclosure import MINIMUM_CELL
from pgsicbt.errors import FitError, SpecError
from pgsicbt.instruments import find_instrument
from pgsicbt.models.grid.people import analysis_sample
from pgsicbt.models.grid.sample import Sample
from pgsicbt.outcomes import Rule, before_and_after, post_week, rules
from pgsicbt.result import Array
from pgsicbt.scales import FIRST_WEEK
from pgsicbt.spec import AnalysisSpec
from pgsicbt.study import LedgerStep, Study

KINDS = ("remission", "response", "reliable improvement", "reliable deterioration")


@dataclass(frozen=True)
class Endpoints:
    """The people of an analysis with what each model of one outcome per person is about.

    Parameters
    ----------
    sample
        People with a baseline, and their visits; ``persons`` (N rows).
    before, after
        (N,) the baseline (:func:`pgsicbt.scales.baseline`), and the value nearest to the planned
        week after treatment; missing is NaN.
    last
        (N,) weeks from the baseline to the last visit up to the planned week and its window.
    week, window
        The planned week after treatment, and the weeks around it.
    begin
        Week from which the baseline is told: 0, or the first week of the spec if that is later.
    visits
        ``person`` and ``time`` of every visit that the spec lets in, of the people here and of
        those who were left out since.
    """

    sample: Sample
    before: Array
    after: Array
    last: Array
    week: float
    window: float
    begin: float
    visits: pd.DataFrame

    def keep(self, mask: np.ndarray[tuple[int], np.dtype[np.bool_]], step: str, why: str
             ) -> Endpoints:  # fmt: skip
        """Without the people outside ``mask`` (N,), with a ledger step."""
        return replace(
            self,
            sample=self.sample.keep(mask, step, why),
            before=self.before[mask],
            after=self.after[mask],
            last=self.last[mask],
        )


def endpoints(study: Study, spec: AnalysisSpec) -> Endpoints:
    """Before and after treatment of everybody whom the spec lets in.

    Raises
    ------
    SpecError
        If the spec names what the study does not have.
    FitError
        If nobody has a baseline, or none before the weeks that count as after treatment.
    """
    sample = analysis_sample(study, spec)
    week = post_week(study, spec.outcome) if spec.post_week is None else spec.post_week
    begin = max(0.0, spec.first_week or 0.0)
    index = sample.persons.index
    rows = pd.DataFrame({"person": index[sample.code], "time": sample.time, "value": sample.value})
    found = before_and_after(rows, week, spec.post_window, begin).reindex(index)
    made = Endpoints(
        _one_visit_each(sample),
        found["before"].to_numpy(float),
        found["after"].to_numpy(float),
        np.maximum(found["last"].to_numpy(float), 0.0),
        week,
        spec.post_window,
        begin,
        rows[["person", "time"]],
    )
    start = found["start"].to_numpy(float)
    by = begin + FIRST_WEEK
    late = f"first seen after week {by:g}, and so without a baseline"
    made = made.keep(np.isfinite(start), f"seen by week {by:g}", late)
    if not len(made.before):
        raise FitError(
            f"Nobody was seen by week {by:g}, so nobody has a value before treatment.",
            "Correct the times of the visits, or choose the first week to analyse.",
            code="nobody_left",
        )
    early = start[np.isfinite(start)] < week - spec.post_window
    made = made.keep(early, "seen before the end of treatment", "first seen after treatment")
    if not len(made.before):
        raise FitError(
            "Nobody was seen before the end of treatment.",
            "Correct the week after treatment, or the times of the visits.",
            code="nobody_left",
        )
    return made


def _one_visit_each(sample: Sample) -> Sample:
    """The same people with one row each, so that the ledger counts people and not visits."""
    n = len(sample.persons)
    step = LedgerStep("one outcome per person", n, n, 0, 0, "")
    return Sample(
        sample.persons, np.arange(n, dtype=np.intp), np.zeros(n), np.zeros(n),
        (*sample.ledger, step),
    )  # fmt: skip


def definition_rule(study: Study, spec: AnalysisSpec) -> Rule:
    """The definition that a logistic model predicts.

    Raises
    ------
    SpecError
        If the outcome has no such definition.
    """
    found = rules(study, spec.outcome)
    for rule in found:
        if spec.definition in (rule.column, rule.kind):
            return rule
    known = ", ".join(dict.fromkeys(r.kind for r in found)) or "none"
    raise SpecError(
        f"{study.outcome(spec.outcome).label} has no definition of {spec.definition}.",
        f"It has: {known}.",
        code="no_definition",
        column="definition",
    )


@dataclass(frozen=True)
class Bands:
    """Ordered severity bands after treatment, small ones joined to their milder neighbour.

    ``level`` (N,) counts from 0, the mildest; NaN without a value after treatment.
    """

    level: Array
    labels: tuple[str, ...]
    joined: tuple[str, ...]


def severity_bands(study: Study, spec: AnalysisSpec, ends: Endpoints) -> Bands:
    """The severity band of each person after treatment.

    Raises
    ------
    SpecError
        If no bands are known for the outcome.
    FitError
        If fewer than two bands have eight people or more.
    """
    info = study.outcome(spec.outcome)
    instrument = find_instrument(info.instrument or info.name)
    bands = () if instrument is None else instrument.bands
    if len(bands) < 2:
        raise SpecError(
            f"No published severity bands are known for {info.label}.",
            "Choose an instrument that has them, or another kind of model.",
            code="no_bands",
            column="outcome",
        )
    ordered = sorted(bands, key=lambda b: b.low)
    lows = np.array([b.low for b in ordered])
    level = np.searchsorted(lows, ends.after, side="right").astype(float) - 1
    level = np.where(np.isnan(ends.after), np.nan, np.maximum(level, 0.0))
    if not info.higher_is_worse:
        level, ordered = len(ordered) - 1 - level, ordered[::-1]
    labels = [b.label for b in ordered]
    joined: list[str] = []
    while len(labels) > 1:
        counts = [int(np.sum(level == k)) for k in range(len(labels))]
        least = int(np.argmin(counts))
        if counts[least] >= MINIMUM_CELL:
            break
        low = max(least - 1, 0)
        joined.append(labels[least])
        labels[low : low + 2] = [f"{labels[low]} or {labels[low + 1]}"]
        level = np.where(level > low, level - 1, level)
    if len(labels) < 2:
        raise FitError(
            f"Hardly anybody differs in the severity band of {info.label} after treatment.",
            "Choose another kind of model.",
            code="empty_cells",
        )
    return Bands(level, tuple(labels), tuple(joined))
