"""Whether people meet a definition of response or remission, on any outcome of the study.

On the harmonised scale each person is judged on the instrument that they filled in most often, by
that instrument's own definition, at the visits that the analysis has.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pgsicbt.disclosure import shown_count
from pgsicbt.errors import SpecError
from pgsicbt.instruments import find_instrument
from pgsicbt.models.families.endpoints import KINDS, Endpoints, definition_rule
from pgsicbt.outcomes import Rule, already_met, before_and_after, meets, rules
from pgsicbt.result import Array
from pgsicbt.spec import AnalysisSpec
from pgsicbt.study import HARMONISED, Finding, Study


def defined_kinds(study: Study, outcome: str) -> tuple[str, ...]:
    """The kinds of definitions that can be predicted for an outcome, in a fixed order."""
    known = {rule.kind for _, rule in _rules_of(study, outcome)}
    return tuple(kind for kind in KINDS if kind in known)


class Status(NamedTuple):
    """Whether people meet a definition.

    ``met`` (N,) is 1 or 0, NaN where that is not known or cannot be told; ``already`` (N,) says who
    has a value after treatment and was in remission before it, where remission is asked about;
    ``words`` are the definitions.
    """

    met: Array
    already: NDArray[np.bool_]
    words: tuple[str, ...]


class Judged(NamedTuple):
    """The people of whom a status can be told, ``met`` (N,) 1 or 0, and what a reader must know."""

    ends: Endpoints
    met: Array
    words: tuple[str, ...]
    findings: tuple[Finding, ...]


def judged(study: Study, spec: AnalysisSpec, ends: Endpoints, kind: str) -> Judged:
    """Those of whom a status can be told; whoever was in remission already is named and left out.

    Raises
    ------
    SpecError
        As :func:`status_of`.
    """
    found = status_of(study, spec, ends, kind)
    findings: tuple[Finding, ...] = ()
    if found.already.any():
        number = shown_count(int(found.already.sum()))
        who = f"{number[:1].upper()}{number[1:]} people"
        text = (
            f"{who} with a value after treatment were in remission before it already and are left "
            "out: remission is told of those who were not."
        )
        findings = (Finding("already_met", "info", text, column="definition"),)
    why = "in remission before treatment already"
    kept = ends.keep(~found.already, "not in remission before treatment", why)
    met = found.met[~found.already]
    known = np.isfinite(met)
    name = kind.rstrip(" 0123456789")
    kept = kept.keep(known, f"{name} known", f"no value to tell {name} by")
    return Judged(kept, met[known], found.words, findings)


def status_of(study: Study, spec: AnalysisSpec, ends: Endpoints, kind: str) -> Status:
    """Whether each person meets a definition, and the definitions in words.

    Parameters
    ----------
    kind
        A kind (the first definition of each instrument is taken), or one definition by its name
        where the outcome is an instrument.

    Raises
    ------
    SpecError
        If no instrument of the outcome has such a definition.
    """
    outcome = study.outcome(spec.outcome)
    if outcome.name != HARMONISED:
        rule = definition_rule(study, spec.replace(definition=kind))
        worse = outcome.higher_is_worse
        found = meets(rule, ends.before, ends.after, higher_is_worse=worse)
        already = already_met(rule, ends.before) & np.isfinite(ends.after)
        return Status(found, already, (f"{outcome.label}: {rule.words}",))
    index = ends.sample.persons.index
    met = pd.Series(np.nan, index=index)
    before = pd.Series(False, index=index)
    most = pd.Series(0.0, index=index)
    # Visits outside the chosen weeks, and outlying ones, are no visits of this analysis.
    of_analysis = ends.visits.drop_duplicates()
    words: list[str] = []
    for name, rule in _first(study, spec.outcome, kind):
        info = study.outcome(name)
        visits = study.outcome_visits(name)
        visits = visits[visits["person"].isin(index)]
        visits = visits.assign(person=visits["person"].astype(object))
        visits = visits.merge(of_analysis, on=["person", "time"])
        if visits.empty:
            continue
        seen = before_and_after(visits, ends.week, ends.window, ends.begin).reindex(index)
        counts = (
            visits.groupby("person", observed=True).size().reindex(index).fillna(0).astype(float)
        )
        start, end = seen["before"].to_numpy(float), seen["after"].to_numpy(float)
        own = meets(rule, start, end, higher_is_worse=info.higher_is_worse)
        was = already_met(rule, start) & np.isfinite(end)
        theirs = counts > most
        met[theirs], before[theirs] = own[theirs.to_numpy()], was[theirs.to_numpy()]
        most = most.where(~theirs, counts)
        words.append(f"{info.label}: {rule.words}")
    if not words:
        known = ", ".join(defined_kinds(study, spec.outcome)) or "none"
        raise SpecError(
            f"No instrument of this study has a definition of {kind}.",
            f"There is: {known}.",
            code="no_definition",
            column="definition",
        )
    return Status(np.asarray(met.to_numpy(float)), before.to_numpy(bool), tuple(words))


def _first(study: Study, outcome: str, kind: str) -> list[tuple[str, Rule]]:
    """The first definition of a kind of each instrument."""
    found: dict[str, Rule] = {}
    for name, rule in _rules_of(study, outcome):
        if rule.kind == kind:
            found.setdefault(name, rule)
    return list(found.items())


def _rules_of(study: Study, outcome: str) -> list[tuple[str, Rule]]:
    """Every definition of the instruments behind an outcome."""
    info = study.outcome(outcome)
    infos = study.outcomes if info.name == HARMONISED else (info,)
    return [
        (one.name, rule)
        for one in infos
        if one.name != HARMONISED and find_instrument(one.instrument or one.name) is not None
        for rule in rules(study, one.name)
    ]
