"""Combinations of background facts that few people share (k-anonymity)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pgsicbt.study import CovariateInfo, Finding
from pgsicbt.wording import listed

FEWEST = 5
"""People that should share a combination at least; fewer are rare."""
_SHOWN_FROM = 8
_MOST_LEVELS = 150
_WORTHWHILE = 0.8


def rare_combinations(
    persons: pd.DataFrame, covariates: Sequence[CovariateInfo]
) -> tuple[Finding, ...]:
    """Whether people could be picked out by what others may know of them, such as age and sex.

    Facts are all groups and all whole numbers, age in whole years; components of ancestry, batches
    and measurements are left aside, since nobody knows them of another person.

    Parameters
    ----------
    persons
        One row per person, with a column per covariate.
    covariates
        What the columns are.

    Returns
    -------
    tuple of Finding
        None or one, with counts of people (at least 8, or "fewer than 8") and advice.
    """
    known = {one.name: _codes(persons[one.name], one) for one in covariates}
    facts = {name: codes for name, codes in known.items() if codes is not None}
    rare = _rare(list(facts.values()), len(persons))
    if not facts or not rare:
        return ()
    message = (
        f"The combination of {listed(facts)} is shared by fewer than {FEWEST} people for "
        f"{_count(rare)} of {len(persons):,}; whoever knows these facts of somebody could find "
        f"that person's row in the files. {_advice(facts, rare, len(persons))}"
    )
    return (Finding("rare_combinations", "info", message),)


def _codes(
    column: pd.Series[float] | pd.Series[str], info: CovariateInfo
) -> NDArray[np.int64] | None:
    """Shape (n_people,): equal for people with the same fact; None if it is no such fact."""
    if info.role in ("component", "batch"):
        return None
    if info.kind == "categorical":
        codes, levels = pd.factorize(column, use_na_sentinel=False)
        return (
            codes.astype(np.int64) if len(levels) <= max(_MOST_LEVELS, len(column) // 2) else None
        )
    values = column.to_numpy(dtype=float)
    present = values[~np.isnan(values)]
    if info.name.casefold().startswith(("age", "ålder", "alter", "alder")):
        values = np.floor(values)
    elif not (present == np.floor(present)).all():
        return None
    numbered, different = pd.factorize(values, use_na_sentinel=False)
    return numbered.astype(np.int64) if len(different) <= _MOST_LEVELS else None


def _rare(facts: Sequence[NDArray[np.int64]], n: int) -> int:
    """People who share their combination of facts with fewer than ``FEWEST`` in all."""
    together = np.zeros(n, dtype=np.int64)
    for codes in facts:
        together = together * (int(codes.max(initial=0)) + 1) + codes
        together = np.unique(together, return_inverse=True)[1]
    sizes = np.bincount(together) if n else np.zeros(0, dtype=np.int64)
    return int(sizes[sizes < FEWEST].sum())


def _advice(facts: dict[str, NDArray[np.int64]], rare: int, n: int) -> str:
    keep = "Keep the files where only you can read them, and"
    if len(facts) < 2:
        return f"{keep} merge rare groups, or give bands of years."
    left = {
        name: _rare([codes for other, codes in facts.items() if other != name], n) for name in facts
    }
    best = min(left, key=lambda name: left[name])
    fewer = (
        f"without {best} it would be {_count(left[best])}"
        if left[best] <= _WORTHWHILE * rare
        else ""
    )
    return (
        f"{keep} merge rare groups, give bands of years, or leave out what the analysis does "
        + (f"not need: {fewer}." if fewer else "not need.")
    )


def _count(n: int) -> str:
    if n == 0:
        return "nobody"
    return f"{n:,}" if n >= _SHOWN_FROM else f"fewer than {_SHOWN_FROM}"
