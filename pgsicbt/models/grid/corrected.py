"""Adjusted p values over the rows of a result: which tests make a family.

A family is all scores for one term role of one adjustment. The interactions of one adjustment are
another, each with the one test that answers it. Negative controls are in none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from pgsicbt.models.grid.multiplicity import (
    SIMPLE,
    adjust,
    effective_galwey,
    effective_li_ji,
    sidak,
    simple_or_holm,
)
from pgsicbt.result import Array
from pgsicbt.spec import AnalysisSpec
from pgsicbt.study import Finding

FAMILY_ROLES = ("main", "interaction", "outcome")
"""Roles whose rows over all scores make a family of tests."""
_ANSWERS = ("moderation_joint", "moderation_change", "moderation")
"""Roles that answer an interaction: the joint test where there is one, else change, else the one
outcome per person."""


@dataclass(frozen=True)
class Together:
    """What corrections for several scores need beyond the p values.

    ``correlation`` (m, m) is that of the scores that are counted, over the people analysed;
    ``max_t`` holds the p values of the permutation by score, adjustment and role, ``findings`` what
    a reader must know of it.
    """

    correlation: Array
    max_t: dict[tuple[str, str, str], float] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()


def interaction_rows(table: pd.DataFrame, spec: AnalysisSpec, adjustment: str) -> dict[int, int]:
    """Position of the row that answers each interaction, by the interaction's place in the spec."""
    found: dict[int, int] = {}
    model, score, role = (table[c].to_numpy() for c in ("model", "score", "role"))
    for place, (one, other) in enumerate(spec.interactions):
        source = re.compile(rf"(^|:){re.escape(f'{one}:{other}')}($|\[T\.)")
        own = np.flatnonzero((model == adjustment) & (score == one) & np.isin(role, _ANSWERS))
        named = [i for i in own.tolist() if source.search(str(table["term"].iloc[i]))]
        if named:
            found[place] = min(named, key=lambda i: _ANSWERS.index(str(role[i])))
    return found


def with_families(
    table: pd.DataFrame, spec: AnalysisSpec, together: Together | None = None
) -> pd.DataFrame:
    """Adjusted p values within every family.

    A model that did not reach its optimum is in none, like one that could not be fitted at all:
    nobody may read its numbers, so they are no test that the others are corrected for. Interactions
    are corrected as the spec corrects, or after Holm where that needs more than p values.
    """
    role, model = table["role"].to_numpy(), table["model"].to_numpy()
    score = table["score"].to_numpy()
    counted = ~table["score"].isin(spec.controls).to_numpy(bool)
    p = np.where(table["status"] == "failed", np.nan, table["p_value"].to_numpy(float))
    names = (*SIMPLE, "li-ji", "galwey", "max-t")
    adjusted = {method: np.full(len(p), np.nan) for method in names}
    effective: dict[str, float] = {}
    if together is not None:
        many = len(together.correlation) > 0
        effective = {
            "li-ji": effective_li_ji(together.correlation) if many else 1.0,
            "galwey": effective_galwey(together.correlation) if many else 1.0,
        }
    chosen = np.full(len(p), np.nan)
    for adjustment in spec.adjustments:
        for one in FAMILY_ROLES:
            family = (role == one) & (model == adjustment) & counted
            for method in SIMPLE:
                adjusted[method][family] = adjust(p[family], method)
            for kind, tests in effective.items():
                adjusted[kind][family] = sidak(p[family], tests)
            if together is not None and together.max_t:
                shuffled = [together.max_t.get((s, adjustment, one), np.nan) for s in score[family]]
                # Correcting never helps; shuffles are of those with every score, p of all with it.
                adjusted["max-t"][family] = np.maximum(shuffled, p[family])
            chosen[family] = (p if spec.multiplicity == "none" else adjusted[spec.multiplicity])[
                family
            ]
        answers = [i for i in interaction_rows(table, spec, adjustment).values() if counted[i]]
        for method in SIMPLE:
            adjusted[method][answers] = adjust(p[answers], method)
        chosen[answers] = (
            p if spec.multiplicity == "none" else adjusted[simple_or_holm(spec.multiplicity)]
        )[answers]
    columns = {f"p_{method.replace('-', '_')}": values for method, values in adjusted.items()}
    return table.assign(family=spec.family, **columns, p_adjusted=chosen)
