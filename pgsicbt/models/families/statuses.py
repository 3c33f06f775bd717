"""Whether people meet a definition of response or remission, on any outcome of the study.

On the harmonised scale each person is judged on the instrument that they filled in most often, by
that instrument's own definition.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from pgsicbt.errors import SpecError
from pgsicbt.instruments import find_instrument
from pgsicbt.models.families.endpoints import KINDS, Endpoints, definition_rule
from pgsicbt.outcomes import Rule, before_and_after, meets, rules
from pgsicbt.result import Array
from pgsicbt.spec import AnalysisSpec
from pgsicbt.study import HARMONISED, Study


def defined_kinds(study: Study, outcome: str) -> tuple[str, ...]:
    """The kinds of definitions that can be predicted for an outcome, in a fixed order."""
    known = {rule.kind for _, rule in _rules_of(study, outcome)}
    return tuple(kind for kind in KINDS if kind in known)


def status_of(
    study: Study, spec: AnalysisSpec, ends: Endpoints, kind: str
) -> tuple[Array, tuple[str, ...]]:
    """Whether each person meets a definition, and the definitions in words.

    Parameters
    ----------
    kind
        A kind (the first definition of each instrument is taken), or one definition by its name
        where the outcome is an instrument.

    Returns
    -------
    Array, tuple of str
        (N,) 1 or 0, NaN where there is no value after treatment or no definition.

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
        return found, (f"{outcome.label}: {rule.words}",)
    index = ends.sample.persons.index
    met = pd.Series(np.nan, index=index)
    most = pd.Series(0.0, index=index)
    words: list[str] = []
    for name, rule in _first(study, spec.outcome, kind):
        info = study.outcome(name)
        visits = study.outcome_visits(name)
        visits = visits[visits["person"].isin(index)]
        if visits.empty:
            continue
        seen = before_and_after(visits, ends.week, ends.window).reindex(index)
        counts = (
            visits.groupby("person", observed=True).size().reindex(index).fillna(0).astype(float)
        )
        own = meets(
            rule, seen["before"].to_numpy(float), seen["after"].to_numpy(float),
            higher_is_worse=info.higher_is_worse,
        )  # fmt: skip
        theirs = counts > most
        met[theirs] = own[theirs.to_numpy()]
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
    return np.asarray(met.to_numpy(float)), tuple(words)


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
