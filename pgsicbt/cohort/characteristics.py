"""The table of characteristics (a paper's Table 1): who the people are, by group and overall.

Described, not tested: a p value between groups that differ by design answers no question, and
STROBE (item 14) asks for counts and spreads only. Standardised differences can be had instead.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pgsicbt.cohort.cells import Mask, hidden_cells, hidden_in_line
from pgsicbt.cohort.groups import ALL, Grouping, group_people
from pgsicbt.cohort.variables import Variable, variables
from pgsicbt.cohort.weeks import Visits, visit_arrays
from pgsicbt.disclosure import MINIMUM_CELL
from pgsicbt.study import Study

COLUMNS = (
    "section", "variable", "label", "unit", "kind", "level", "group", "people", "n", "missing",
    "count", "share", "mean", "sd", "median", "q1", "q3", "status",
)  # fmt: skip
_QUARTILE = 4 * MINIMUM_CELL
"""People from which quartiles are shown, so that eight lie on each side of every one."""
_PERCENT = 100
"""People from which a whole percentage does not tell the count behind it."""


def characteristics(study: Study, by: str = "", visits: Visits | None = None) -> pd.DataFrame:
    """Characteristics of the people, by the levels of a covariate and overall.

    Parameters
    ----------
    by
        The covariate that makes the groups; nothing for everybody together.
    visits
        What :func:`visit_arrays` made of the study, if it is there already.

    Returns
    -------
    DataFrame
        One row per variable (numeric) or level, and group: ``people`` in the group whom the
        variable concerns, ``n`` with a value, ``missing`` without; ``count`` and ``share`` of a
        level among those with a value; ``mean``, ``sd``, ``median`` and quartiles of numbers.
        ``status`` is ``shown``, ``none`` where it concerns nobody, or ``hidden`` where the
        numbers rest on too few people or would give such a number away; these are NaN.
    """
    visits = visit_arrays(study) if visits is None else visits
    grouping = group_people(study, by)
    described, _ = variables(study, visits, grouping.name)
    records = list(_people(grouping, len(study.persons)))
    for variable in described:
        records += _levels(variable, grouping) if variable.levels else _numbers(variable, grouping)
    return pd.DataFrame(records, columns=list(COLUMNS))


def not_listed(study: Study, by: str = "", visits: Visits | None = None) -> list[str]:
    """Covariates that the table leaves out because they have too many levels."""
    visits = visit_arrays(study) if visits is None else visits
    return variables(study, visits, group_people(study, by).name)[1]


def standardised_differences(study: Study, by: str, visits: Visits | None = None) -> pd.DataFrame:
    """The largest standardised difference between any two groups, for each variable.

    Means by their pooled SD (Austin 2009, doi 10.1002/sim.3697), shares of several levels by
    their covariance (Yang and Dalton 2012, SAS Global Forum 335).

    Returns
    -------
    DataFrame
        ``variable``, ``label``, ``difference`` (absolute, in SD), ``first`` and ``second``
        group; NaN where a group has fewer than eight people with a value.
    """
    visits = visit_arrays(study) if visits is None else visits
    grouping = group_people(study, by)
    records = []
    for variable in variables(study, visits, grouping.name)[0]:
        found, pair = np.nan, ("", "")
        for a, b in combinations(range(len(grouping.labels)), 2):
            value = _difference(variable, grouping.codes == a, grouping.codes == b)
            if np.isfinite(value) and not value <= found:
                found, pair = value, (grouping.labels[a], grouping.labels[b])
        records.append((variable.name, variable.label, found, *pair))
    return pd.DataFrame(records, columns=["variable", "label", "difference", "first", "second"])


def _inside(grouping: Grouping) -> list[tuple[str, NDArray[np.bool_]]]:
    """Groups and then everybody, with who is in each."""
    groups = [(label, grouping.codes == g) for g, label in enumerate(grouping.labels)]
    return [*groups, (ALL, np.ones(len(grouping.codes), dtype=bool))]


def _people(grouping: Grouping, n: int) -> Iterator[dict[str, Any]]:
    for group, inside in _inside(grouping):
        count = int(inside.sum())
        known = {"count": float(count), "share": count / n, "status": "shown"}
        if count < MINIMUM_CELL:
            known = {"status": "hidden"}
        yield {
            "section": "", "variable": "people", "label": "People", "unit": "", "kind": "count",
            "level": "", "group": group, "people": count if known.get("count") else np.nan,
            "n": known.get("count", np.nan), "missing": 0.0, **known,
        }  # fmt: skip


def _counts(variable: Variable, grouping: Grouping) -> NDArray[np.float64]:
    """(L + 2, G + 1): people by level, then with a missing value, then not concerned."""
    value = variable.values
    known = np.isfinite(value) & variable.applies
    rows = [known & (value == k) for k in range(max(len(variable.levels), 1))]
    if not variable.levels:
        rows = [known]
    rows += [variable.applies & ~known, ~variable.applies]
    return np.array([[(r & g).sum() for _, g in _inside(grouping)] for r in rows], dtype=float)


class _Whole:
    """People with a value, without one, and not concerned, by group; hidden where need be."""

    def __init__(
        self, known: NDArray[np.float64], missing: NDArray[np.float64], rest: NDArray[np.float64]
    ) -> None:
        self.known, self.missing = known, missing
        self.hidden = hidden_cells(np.array([known, missing, rest]))
        self.people = hidden_in_line(known + missing) | self.hidden[2]

    def of(self, g: int) -> dict[str, float]:
        """The counts of one group as they may be shown."""
        return {
            "people": _shown(self.known[g] + self.missing[g], self.people[g]),
            "n": _shown(self.known[g], self.hidden[0, g]),
            "missing": _shown(self.missing[g], self.hidden[1, g]),
        }


def _head(variable: Variable, group: str) -> dict[str, Any]:
    return {
        "section": variable.section, "variable": variable.name, "label": variable.label,
        "unit": variable.unit, "kind": variable.kind, "group": group, "level": "",
    }  # fmt: skip


def _shown(value: float, hidden: np.bool_) -> float:
    return np.nan if hidden else float(value)


def _levels(variable: Variable, grouping: Grouping) -> Iterator[dict[str, Any]]:
    """A row per level and group.

    Where only a few people of a group have no value, the counts of its levels would give them
    away; then the group has whole percentages and no counts.
    """
    counts = _counts(variable, grouping)
    n = counts[:-2].sum(axis=0)
    whole = _Whole(n, counts[-2], counts[-1])
    unknown = whole.hidden[1]
    rows = np.arange(len(counts)) < len(counts) - 1
    hidden = hidden_cells(counts, rows[:, None] & unknown[None, :])
    rare = hidden_cells(np.delete(counts, -2, axis=0))
    for k, level in enumerate(variable.levels):
        for g, (group, _) in enumerate(_inside(grouping)):
            share = counts[k, g] / n[g] if n[g] else np.nan
            hide = hidden[k, g]
            if hide:
                rough = unknown[g] and not rare[k, g] and n[g] >= _PERCENT
                share = round(share, 2) if rough else np.nan
            told = not hide or bool(np.isfinite(share))
            yield {
                **_head(variable, group), "level": level,
                **whole.of(g),
                "count": _shown(counts[k, g], hide),
                "share": share,
                "status": "none" if not n[g] else "shown" if told else "hidden",
            }  # fmt: skip


def _numbers(variable: Variable, grouping: Grouping) -> Iterator[dict[str, Any]]:
    counts = _counts(variable, grouping)
    whole = _Whole(*counts)
    few: Mask = hidden_in_line(counts[0])
    value = variable.values
    for g, (group, inside) in enumerate(_inside(grouping)):
        mine = value[inside & variable.applies & np.isfinite(value)]
        hide = few[g] or not len(mine)
        numbers = dict.fromkeys(("mean", "sd", "median", "q1", "q3"), np.nan)
        if not hide:
            numbers |= {"mean": float(mine.mean()), "sd": float(mine.std(ddof=1))}
            if len(mine) >= _QUARTILE:
                quarters = np.quantile(mine, (0.25, 0.5, 0.75))
                numbers |= dict(zip(("q1", "median", "q3"), map(float, quarters), strict=True))
        yield {
            **_head(variable, group),
            **whole.of(g),
            **numbers,
            "status": "none" if not len(mine) else "hidden" if hide else "shown",
        }


def _difference(variable: Variable, first: NDArray[np.bool_], second: NDArray[np.bool_]) -> float:
    """Absolute standardised difference of one variable between two groups."""
    known = np.isfinite(variable.values) & variable.applies
    a, b = variable.values[known & first], variable.values[known & second]
    if min(len(a), len(b)) < MINIMUM_CELL:
        return np.nan
    if not variable.levels:
        pooled = np.sqrt((a.var(ddof=1) + b.var(ddof=1)) / 2)
        return float(abs(a.mean() - b.mean()) / pooled) if pooled > 0 else np.nan
    size = len(variable.levels)
    p, q = (np.bincount(v.astype(int), minlength=size) / len(v) for v in (a, b))
    gap = (p - q)[1:]
    spread = (_covariance(p) + _covariance(q)) / 2
    squared = float(gap @ np.linalg.pinv(spread) @ gap)
    return math.sqrt(max(squared, 0.0))


def _covariance(shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """Covariance of the indicators of all levels but the first."""
    rest = shares[1:]
    return np.asarray(np.diag(rest) - np.outer(rest, rest))
