"""What each person's change amounts to by the definitions of the instrument registry.

Baseline is the last observation up to week 0, otherwise the first up to week 1
(:func:`pgsicbt.scales.baseline`); the outcome is the observation nearest to the planned week after
treatment, within a window. Whoever has none is missing and not a failure, unless the user asks for
non-responder imputation.

Remission is told of those who were not in remission before treatment: whoever was has nothing to
reach, and would count as a success of the treatment. So England's psychological therapies services
count recovery (of those "at caseness" at the start; NHS Digital, Psychological Therapies: reports
on the use of IAPT services).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pgsicbt.disclosure import MINIMUM_CELL
from pgsicbt.errors import SpecError
from pgsicbt.instruments import Definition, Instrument, Reliability, find_instrument
from pgsicbt.scales import baseline
from pgsicbt.study import Study

Array = NDArray[np.float64]
StatusKind = Literal[
    "response", "remission", "case", "reliable improvement", "reliable deterioration",
    "minimal improvement",
]  # fmt: skip
WINDOW = 3.0
"""Weeks around the planned week within which the observation after treatment may lie."""
_Z = 1.959964
_LATEST = 20.0
"""Week after which a visit that is not called post is a follow-up."""
_AFTER = ("post", "after treatment", "end of treatment", "efter", "slutm", "nachmess")


@dataclass(frozen=True)
class Rule:
    """One definition as it is applied to a cohort.

    Parameters
    ----------
    kind
        What it decides.
    words
        The definition in words.
    population, source, confidence
        Whom it was made for, where it is from, and how sure that is; of the registry.
    column
        Its column in :func:`status`.
    definition
        The registry's definition; None for a change worked out from the cohort's own spread.
    points
        The change in points, for reliable change; NaN otherwise.
    """

    kind: StatusKind
    words: str
    population: str
    source: str
    confidence: str
    column: str
    definition: Definition | None = None
    points: float = math.nan


_KINDS: dict[str, StatusKind] = {
    "response": "response",
    "remission": "remission",
    "case": "case",
    "minimal_change": "minimal improvement",
}


def reliable_change_index(sd: float, reliability: float) -> float:
    """Smallest change beyond measurement error, 1.96 sqrt(2) SD sqrt(1 - r).

    Jacobson and Truax 1991, Journal of Consulting and Clinical Psychology 59, 12-19; SD between
    people at baseline.

    Raises
    ------
    SpecError
        If the reliability is not between 0 and 1, or the SD is negative or not finite.
    """
    if not 0 < reliability < 1:
        raise SpecError(
            f"A reliability of {reliability:g} is not between 0 and 1.",
            "Give the coefficient of the instrument, such as 0.84.",
        )
    if not (math.isfinite(sd) and sd >= 0):
        raise SpecError(
            "A reliable change needs the standard deviation between people before treatment.",
            "Give it in points.",
        )
    return float(_Z * math.sqrt(2) * sd * math.sqrt(1 - reliability))


def rules(study: Study, outcome: str, reliability: Reliability | None = None) -> tuple[Rule, ...]:
    """Every definition that the registry has for an outcome, and those from the cohort's spread.

    Parameters
    ----------
    reliability
        The user's own, in place of those of the registry. Where fewer than eight people have a
        baseline, no change is worked out from their spread.

    Raises
    ------
    SpecError
        If the outcome belongs to no instrument of the registry, or the reliability is not between
        0 and 1.
    """
    instrument = _instrument(study, outcome)
    found: list[Rule] = []

    def add(kind: StatusKind, words: str, about: Definition, points: float = math.nan) -> None:
        column = f"{kind} {len(found) + 1}"
        if instrument.self_report and about.population.startswith("clinician"):
            words += ", made for clinicians' ratings and used here on a self-report"
        found.append(
            Rule(
                kind, words, about.population, about.source, about.confidence, column, about, points
            )
        )

    for definition in instrument.definitions:
        if definition.kind in _KINDS:
            add(_KINDS[definition.kind], definition.words, definition)
        else:
            by = f"by {definition.value:g} points or more"
            add("reliable improvement", f"better {by}", definition, definition.value)
            add("reliable deterioration", f"worse {by}", definition, definition.value)
    start = baseline(study.outcome_visits(outcome))["value"]
    spread = float(start.std()) if len(start) >= MINIMUM_CELL else math.nan
    for known in instrument.reliabilities if reliability is None else (reliability,):
        if not spread > 0:
            continue
        points = reliable_change_index(spread, known.value)
        how = (
            f"by more than {points:.1f} points (this cohort's SD of {spread:.1f}, "
            f"{known.kind} {known.value:g})"
        )
        kinds: tuple[tuple[StatusKind, str], ...] = (
            ("reliable improvement", "better"),
            ("reliable deterioration", "worse"),
        )
        for kind, word in kinds:
            found.append(
                Rule(
                    kind,
                    f"{word} {how}",
                    "this cohort",
                    known.source,
                    known.confidence,
                    f"{kind} {len(found) + 1}",
                    None,
                    points,
                )
            )
    return tuple(found)


def _instrument(study: Study, outcome: str) -> Instrument:
    info = study.outcome(outcome)
    instrument = find_instrument(info.instrument or info.name)
    if instrument is None:
        raise SpecError(
            f"{info.label} is no instrument of the registry, so response and remission are not "
            "defined for it.",
            "Choose an instrument, or add yours to the registry.",
            code="no_definition",
            column=outcome,
        )
    return instrument


def post_week(study: Study, outcome: str) -> float:
    """The planned week after treatment: the visit called so, otherwise the last common week.

    A week is common if at least a quarter of the people were seen in it, in whole weeks since
    clinics measure on any day, and lies within twenty weeks, so that follow-ups do not count.
    """
    rows = study.outcome_visits(outcome)
    called = [
        week
        for week, label in sorted(study.time_labels.items())
        if week > 0 and label.strip().casefold().startswith(_AFTER)
    ]
    if called:
        return float(called[0])
    rows = rows.assign(week=rows["time"].round())
    rows = rows[rows["week"] > 0]
    near = rows[rows["week"] <= _LATEST]
    seen = near.groupby("week")["person"].nunique()
    everybody = study.outcome_visits(outcome)["person"].nunique()
    common = seen[seen >= max(0.25 * everybody, MINIMUM_CELL)]
    for weeks in (common.index, near["week"], rows["week"]):
        if len(weeks):
            return float(weeks.max())
    return 0.0


def status(
    study: Study,
    outcome: str,
    *,
    week: float | None = None,
    window: float = WINDOW,
    missing_as_failure: bool = False,
    reliability: Reliability | None = None,
) -> pd.DataFrame:
    """Whether each person meets each definition; stays in the memory of the session.

    Parameters
    ----------
    week, window
        Planned week after treatment (default :func:`post_week`) and the weeks around it within
        which the observation may lie.
    missing_as_failure
        Count people with an observation before treatment and none after it as not improved.
        Drop-out is not failure; this is the worst case.
    reliability
        As in :func:`rules`.

    Returns
    -------
    DataFrame
        Index ``person``; ``before``, ``after`` (totals), and a column of 1, 0 or missing for each
        of :func:`rules`; remission is missing for whoever :func:`already_met` it.
    """
    instrument = _instrument(study, outcome)
    planned = post_week(study, outcome) if week is None else week
    ends = before_and_after(study.outcome_visits(outcome), planned, window)
    table = ends[["before", "after"]].copy()
    before, after = (ends[c].to_numpy(float) for c in ("before", "after"))
    for rule in rules(study, outcome, reliability):
        met = meets(rule, before, after, higher_is_worse=instrument.higher_is_worse)
        if missing_as_failure:
            worse = rule.kind in ("case", "reliable deterioration")
            lost = np.isnan(after) & np.isfinite(before) & ~already_met(rule, before)
            met = np.where(lost, float(worse), met)
        table[rule.column] = met
    return table


def before_and_after(
    visits: pd.DataFrame, week: float, window: float = WINDOW, begin: float = 0.0
) -> pd.DataFrame:
    """Everybody's values before and after treatment, and when they were seen last.

    Parameters
    ----------
    visits
        Columns ``person``, ``time`` (weeks), ``value`` of one outcome.
    week, window
        Planned week after treatment and the weeks around it.
    begin
        Week of the start, as in :func:`pgsicbt.scales.baseline`.

    Returns
    -------
    DataFrame
        Index ``person``, everybody; ``before`` and ``start`` (the baseline and its week; missing
        if there is none), ``after`` and ``end`` (the observation nearest to ``week`` within the
        window and after the start; missing if there is none), and ``last``: weeks from the
        baseline to the last visit up to ``week + window``.
    """
    everybody = visits.drop_duplicates("person").set_index("person").index
    start = baseline(visits, begin).reindex(everybody)
    near = visits.assign(away=(visits["time"] - week).abs())
    began = start["time"].fillna(begin).reindex(near["person"]).to_numpy()
    near = near[(near["away"] <= window) & (near["time"].to_numpy() > began)]
    near = near.sort_values(["away", "time"], kind="stable").drop_duplicates("person")
    near = near.set_index("person").reindex(start.index)
    during = visits[visits["time"] <= week + window]
    last = during.groupby("person", observed=True)["time"].max().reindex(start.index)
    return pd.DataFrame(
        {
            "before": start["value"],
            "start": start["time"],
            "after": near["value"],
            "end": near["time"],
            "last": last - start["time"],
        }
    )


def meets(rule: Rule, before: Array, after: Array, *, higher_is_worse: bool = True) -> Array:
    """(N,) 1 or 0 for whether people meet a definition; NaN where that is not known.

    Remission is not known of people without a total before treatment, nor of those who
    :func:`already_met` its definition then.

    Parameters
    ----------
    before, after
        (N,) totals; missing is NaN.
    """
    better = (1.0 if higher_is_worse else -1.0) * (before - after)
    with np.errstate(divide="ignore", invalid="ignore"):
        percent = np.where(before > 0, 100 * better / before, np.nan)
    amount = _amount(rule, after, better, percent)
    met = np.array([float(_meets(rule, float(x))) for x in amount])
    unknown = np.isnan(amount)
    if rule.kind == "remission":
        unknown |= np.isnan(before) | already_met(rule, before)
    return np.where(unknown, np.nan, met)


def already_met(rule: Rule, before: Array) -> NDArray[np.bool_]:
    """(N,) whether people meet a definition of remission by their total before treatment.

    False for every other kind of definition, and where the total (N,) is not known.
    """
    if rule.kind != "remission":
        return np.zeros(len(before), dtype=bool)
    return np.array([_meets(rule, float(x)) for x in before], dtype=bool)


def _amount(rule: Rule, after: Array, better: Array, percent: Array) -> Array:
    """What a rule looks at: the total after, the improvement, or the worsening."""
    if rule.kind in ("remission", "case"):
        return after
    if rule.kind == "reliable deterioration":
        return -better
    in_percent = rule.definition is not None and rule.definition.unit == "percent"
    return percent if in_percent else better


def _meets(rule: Rule, amount: float) -> bool:
    if math.isnan(rule.points):
        return rule.definition is not None and rule.definition.holds(amount)
    # A change worked out from the spread must be exceeded, a published one be reached.
    return amount > rule.points if rule.definition is None else amount >= rule.points
