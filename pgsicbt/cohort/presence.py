"""Who is seen when: people per week, overall and by third of a score; floors and ceilings."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pgsicbt.cohort.cells import hidden_cells
from pgsicbt.cohort.groups import ALL, THIRDS, score_thirds
from pgsicbt.cohort.weeks import Visits, person_weeks, visit_arrays
from pgsicbt.disclosure import MINIMUM_CELL
from pgsicbt.study import Study

_COLUMNS = ("group", "week", "people", "seen", "share_seen", "remaining", "share_remaining")
_PERCENT = 100
"""People from which a whole percentage does not tell the count behind it."""


def presence(study: Study, score: str = "", visits: Visits | None = None) -> pd.DataFrame:
    """People seen per week, and those seen then or later.

    Parameters
    ----------
    score
        Rows for the thirds of this score as well; nothing for everybody only.

    Returns
    -------
    DataFrame
        ``group`` ("All" or a third), ``week``, ``people`` in the group, ``seen`` in the week and
        ``remaining`` (seen then or later), each with its share of the group; NaN where a count
        rests on fewer than eight people or would give such a count away.
    """
    visits = visit_arrays(study) if visits is None else visits
    rows = visits.base
    n = len(study.persons)
    weeks, week = np.unique(visits.week[rows], return_inverse=True)
    seen = np.zeros((n, len(weeks)), dtype=bool)
    seen[visits.person[rows], week] = True
    last = np.where(seen.any(axis=1), len(weeks) - 1 - np.argmax(seen[:, ::-1], axis=1), -1)
    remaining = last[:, None] >= np.arange(len(weeks))[None, :]
    everybody = _groups(weeks, seen, remaining, [(ALL, np.ones(n, dtype=bool))])
    if not score:
        return everybody
    third = score_thirds(study, score)
    members = [(label, third == g) for g, label in enumerate(THIRDS)]
    without = int((third < 0).sum())
    if 0 < without < MINIMUM_CELL:
        # So few without the score that the thirds' counts would tell: whole percentages only.
        by_third = _groups(weeks, seen, remaining, [*members, ("", third >= 0)])
        by_third[["people", "seen", "remaining"]] = np.nan
        shares = ["share_seen", "share_remaining"]
        by_third[shares] = by_third[shares].round(2)
    else:
        members += [("", third < 0), ("", np.ones(n, dtype=bool))]
        by_third = _groups(weeks, seen, remaining, members)
    return pd.concat([everybody, by_third], ignore_index=True)


def _groups(
    weeks: NDArray[np.float64],
    seen: NDArray[np.bool_],
    remaining: NDArray[np.bool_],
    members: list[tuple[str, NDArray[np.bool_]]],
) -> pd.DataFrame:
    """Counts and shares of groups, the last of them all together; those without a name unshown."""
    sizes = np.array([m.sum() for _, m in members], dtype=float)
    (n_seen, share_seen), (n_remaining, share_remaining) = (
        _shown(np.array([x[m].sum(axis=0) for _, m in members]), sizes) for x in (seen, remaining)
    )
    out = [
        pd.DataFrame(
            {
                "group": label, "week": weeks, "people": sizes[g],
                "seen": n_seen[g], "share_seen": share_seen[g],
                "remaining": n_remaining[g], "share_remaining": share_remaining[g],
            }
        )
        for g, (label, _) in enumerate(members)
        if label and sizes[g] >= MINIMUM_CELL
    ]  # fmt: skip
    return pd.concat(out, ignore_index=True) if out else pd.DataFrame(columns=list(_COLUMNS))


def _shown(
    counts: NDArray[np.int_], sizes: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Counts (groups with their sum last, weeks) and shares, NaN where they must be hidden.

    Where all but a few of a group are there, its share is a whole percentage without a count.
    """
    table = counts.astype(float)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = table / sizes[:, None]
    few = (table > 0) & (table < MINIMUM_CELL)
    rest = sizes[:, None] - table
    nearly = (rest > 0) & (rest < MINIMUM_CELL)
    hide = few | nearly
    for w in range(table.shape[1]):
        if hide[:, w].any():
            hide[:, w] |= hidden_cells(counts[:, [w]].T, hide[:, [w]].T, total_known=False)[0]
    rough = hide & nearly & (sizes[:, None] >= _PERCENT)
    share = np.where(rough, np.round(share, 2), np.where(hide, np.nan, share))
    return np.where(hide, np.nan, table), share


def floor_ceiling(study: Study, visits: Visits | None = None) -> pd.DataFrame:
    """People at the lowest and at the highest possible score, by instrument and week.

    Returns
    -------
    DataFrame
        ``outcome``, ``week``, ``n`` people, ``lowest`` and ``highest`` (people at the ends of the
        scale; NaN where 1 to 7 are there, or all but 1 to 7), ``share_lowest``,
        ``share_highest``. Of what was measured, not computed; instruments whose range is not
        known are left out.
    """
    visits = visit_arrays(study) if visits is None else visits
    rows = person_weeks(visits, visits.base)
    parts = []
    for position, outcome in enumerate(study.outcomes):
        low, high = outcome.minimum, outcome.maximum
        if low is None or high is None or not (rows["outcome"] == position).any():
            continue
        mine = rows[rows["outcome"] == position]
        value = mine["value"].to_numpy(float)
        at = pd.DataFrame(
            {
                "week": mine["week"].to_numpy(float),
                "n": 1.0,
                "lowest": (value <= low + 1e-9).astype(float),
                "highest": (value >= high - 1e-9).astype(float),
            }
        )
        cells = at.groupby("week", as_index=False).sum()
        cells = cells[cells["n"] >= MINIMUM_CELL].reset_index(drop=True)
        n = cells["n"].to_numpy(float)
        for end in ("lowest", "highest"):
            count = cells[end].to_numpy(float)
            rest = n - count
            few = ((count > 0) & (count < MINIMUM_CELL)) | ((rest > 0) & (rest < MINIMUM_CELL))
            cells[end] = np.where(few, np.nan, count)
            cells[f"share_{end}"] = cells[end] / n
        parts.append(cells.assign(outcome=outcome.name))
    columns = ["outcome", "week", "n", "lowest", "highest", "share_lowest", "share_highest"]
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)
