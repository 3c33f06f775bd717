"""What each person's change amounts to by the definitions of the instrument registry.

Baseline is the last observation up to week 0, otherwise the first; the outcome is the observation
nearest to the planned week after treatment, within a window. Whoever has none is missing and not
a failure, unless the user asks for non-responder imputation.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from pgsicbt.disclosure import MINIMUM_CELL
from pgsicbt.errors import SpecError
from pgsicbt.instruments import Definition, Instrument, find_instrument
from pgsicbt.scales import baseline
from pgsicbt.study import Study

StatusKind = Literal[
    "response", "remission", "case", "reliable improvement", "reliable deterioration",
    "minimal improvement",
]  # fmt: skip
WINDOW = 3.0
"""Weeks around the planned week within which the observation after treatment may lie."""
_Z = 1.959964


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
    """
    return float(_Z * math.sqrt(2) * sd * math.sqrt(1 - reliability))


def rules(study: Study, outcome: str) -> tuple[Rule, ...]:
    """Every definition that the registry has for an outcome, and those from the cohort's spread.

    Raises
    ------
    SpecError
        If the outcome belongs to no instrument of the registry.
    """
    instrument = _instrument(study, outcome)
    found: list[Rule] = []

    def add(kind: StatusKind, words: str, about: Definition, points: float = math.nan) -> None:
        column = f"{kind} {len(found) + 1}"
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
    spread = float(baseline(study.outcome_visits(outcome))["value"].std())
    for reliability in instrument.reliabilities:
        points = reliable_change_index(spread, reliability.value)
        if not points > 0:
            continue
        how = (
            f"by more than {points:.1f} points (this cohort's SD of {spread:.1f}, "
            f"{reliability.kind} {reliability.value:g})"
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
                    reliability.source,
                    reliability.confidence,
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

    A week is common if at least a quarter of the people were seen in it, and lies within half a
    year, so that follow-ups do not count.
    """
    rows = study.outcome_visits(outcome)
    called = [w for w, label in study.time_labels.items() if label.casefold().startswith("post")]
    if called:
        return float(called[0])
    seen = rows[(rows["time"] > 0) & (rows["time"] <= 26)].groupby("time")["person"].nunique()
    common = seen[seen >= max(0.25 * rows["person"].nunique(), MINIMUM_CELL)]
    if not len(common):
        return float(rows["time"].max())
    return float(common.index.max())


def status(
    study: Study,
    outcome: str,
    *,
    week: float | None = None,
    window: float = WINDOW,
    missing_as_failure: bool = False,
) -> pd.DataFrame:
    """Whether each person meets each definition; stays in the memory of the session.

    Parameters
    ----------
    week, window
        Planned week after treatment (default :func:`post_week`) and the weeks around it within
        which the observation may lie.
    missing_as_failure
        Count people without an observation after treatment as not improved. Drop-out is not
        failure; this is the worst case.

    Returns
    -------
    DataFrame
        Index ``person``; ``before``, ``after`` (totals), and a column of 1, 0 or missing for each
        of :func:`rules`.
    """
    instrument = _instrument(study, outcome)
    rows = study.outcome_visits(outcome)
    start = baseline(rows)
    planned = post_week(study, outcome) if week is None else week
    near = rows.assign(away=(rows["time"] - planned).abs())
    began = start["time"].reindex(near["person"]).to_numpy()
    near = near[(near["away"] <= window) & (near["time"].to_numpy() > began)]
    near = near.sort_values(["away", "time"], kind="stable").drop_duplicates("person")
    after = near.set_index("person")["value"].reindex(start.index)
    sign = 1.0 if instrument.higher_is_worse else -1.0
    better = sign * (start["value"] - after)
    with np.errstate(divide="ignore", invalid="ignore"):
        percent = 100 * better / start["value"].abs().where(start["value"] != 0)
    table = pd.DataFrame({"before": start["value"], "after": after})
    for rule in rules(study, outcome):
        amount = _amount(rule, after, better, percent)
        met = amount.map(lambda x, rule=rule: _meets(rule, x)).astype(float)
        met[amount.isna()] = np.nan
        if missing_as_failure:
            met[after.isna()] = float(rule.kind in ("case", "reliable deterioration"))
        table[rule.column] = met
    return table


def _amount(
    rule: Rule, after: pd.Series[float], better: pd.Series[float], percent: pd.Series[float]
) -> pd.Series[float]:
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
