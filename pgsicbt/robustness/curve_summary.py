"""What a curve says as a whole, beside curves of scores that were dealt out anew."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pgsicbt.result import Array
from pgsicbt.robustness.variants import ROLES

ALPHA = 0.05


def summary(
    table: pd.DataFrame, scores: tuple[str, ...], dealt: Array, dealt_p: Array
) -> pd.DataFrame:
    """What the curve of every score says as a whole.

    Parameters
    ----------
    table
        Rows of the curve.
    dealt, dealt_p
        (specs, 2, R x K): effects and p values of K scores dealt out R times, deal by deal.
    """
    records = []
    permutations = dealt.shape[2] // len(scores)
    for k, score in enumerate(scores):
        for r, role in enumerate(ROLES):
            mine = table[(table["score"] == score) & (table["role"] == role)]
            median, share, sign = _told(
                mine["estimate"].to_numpy(float), mine["p_value"].to_numpy(float)
            )
            record = {
                "score": score,
                "role": role,
                "specs": len(mine),
                "median": median,
                "low": mine["estimate"].min(),
                "high": mine["estimate"].max(),
                "share_significant": share,
                "share_sign": sign,
                "dealt_median": np.nan,
                "dealt_share": np.nan,
                "p_median": np.nan,
                "p_share": np.nan,
            }
            if permutations:
                others = [
                    _told(dealt[:, r, i], dealt_p[:, r, i])
                    for i in range(k, dealt.shape[2], len(scores))
                ]
                medians = np.abs([o[0] for o in others])
                shares = np.array([o[1] for o in others])
                record["dealt_median"] = float(np.quantile(medians, 0.95))
                record["dealt_share"] = float(np.quantile(shares, 0.95))
                record["p_median"] = (1 + int((medians >= abs(median)).sum())) / (permutations + 1)
                record["p_share"] = (1 + int((shares >= share).sum())) / (permutations + 1)
            records.append(record)
    return pd.DataFrame.from_records(records)


def band(scores: tuple[str, ...], dealt: Array) -> pd.DataFrame:
    """Where sorted curves of ``dealt`` scores, as in :func:`summary`, lie rank by rank."""
    columns = ["score", "role", "rank", "low", "high"]
    if not dealt.shape[2]:
        return pd.DataFrame(columns=columns)
    frames = []
    for k, score in enumerate(scores):
        for r, role in enumerate(ROLES):
            curves = np.sort(dealt[:, r, k :: len(scores)], axis=0)
            low, high = np.nanquantile(curves, [0.05, 0.95], axis=1)
            frames.append(
                pd.DataFrame(
                    {"score": score, "role": role, "rank": np.arange(len(low)), "low": low,
                     "high": high}
                )
            )  # fmt: skip
    return pd.concat(frames, ignore_index=True)


def _told(estimate: Array, p: Array) -> tuple[float, float, float]:
    """Median, share significant with its sign, share with its sign."""
    fine = np.isfinite(estimate)
    if not fine.any():
        return float("nan"), float("nan"), float("nan")
    median = float(np.median(estimate[fine]))
    same = np.sign(estimate[fine]) == np.sign(median)
    return median, float((same & (p[fine] < ALPHA)).mean()), float(same.mean())
