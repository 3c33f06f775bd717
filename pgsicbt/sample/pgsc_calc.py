"""The scores as pgsc_calc v2 writes them: aggregated, long, with a reference panel.

Columns ``sampleset FID IID PGS SUM Z_MostSimilarPop Z_norm1 Z_norm2
percentile_MostSimilarPop``; the reference panel has sampleset ``reference``. ``SUM`` is linear in
the score of ``scores.csv``; ``Z_norm1`` takes the mean by ancestry out, ``Z_norm2`` the variance
too. The panel is simulated like the rest.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtr

from pgsicbt.result import Array
from pgsicbt.sample import parameters as par
from pgsicbt.sample.people import People

N_REFERENCE = 240
_CENTRES = np.array([[0.0, 0.0], [4.5, -1.0], [1.5, -4.5]])
_SHARES = (0.6, 0.2, 0.2)


def _shifts() -> Array:
    """Shift of every score per SD of PC1 and PC2, (9, 2)."""
    return np.array([par.COMPONENT_SHIFTS.get(s, (0.0, 0.0)) for s in par.SCORES])


def aggregated_scores(
    rng: np.random.Generator, people: People, ids: NDArray[np.str_], genotyped: NDArray[np.bool_]
) -> pd.DataFrame:
    """The aggregated table: the genotyped people by id, then the reference panel, per score."""
    rows = np.flatnonzero(genotyped)
    rows = rows[np.argsort(ids[rows])]
    group = rng.choice(len(_SHARES), size=N_REFERENCE, p=_SHARES)
    panel_pcs = _CENTRES[group] + 0.7 * rng.standard_normal((N_REFERENCE, 2))
    panel_noise = rng.standard_normal((N_REFERENCE, len(par.SCORES)))
    panel = panel_noise @ np.linalg.cholesky(par.score_correlation()).T + panel_pcs @ _shifts().T

    pcs = np.concatenate([people.components[rows, :2], panel_pcs])
    raw = np.concatenate([people.raw[rows], panel])
    is_panel = np.arange(len(raw)) >= len(rows)
    nearest = ((pcs[:, None, :] - _CENTRES) ** 2).sum(axis=2).argmin(axis=1)
    adjusted = raw - pcs @ _shifts().T
    spread = 1 + 0.01 * np.abs(pcs[:, :1])
    names = np.concatenate([ids[rows], [f"SIMREF{i:03d}" for i in range(1, N_REFERENCE + 1)]])
    sampleset = np.where(is_panel, "reference", "simulated")

    blocks = []
    for k, name in enumerate(par.SCORE_NAMES):
        z = np.empty(len(raw))
        for g in range(len(_CENTRES)):
            similar = raw[is_panel & (nearest == g), k]
            here = nearest == g
            z[here] = (raw[here, k] - similar.mean()) / similar.std(ddof=1)
        block = pd.DataFrame(
            {
                "sampleset": sampleset,
                "FID": names,
                "IID": names,
                "PGS": name,
                "SUM": (12.0 + 3.0 * k + (1.5 + 0.2 * k) * raw[:, k].round(4)).round(5),
                "Z_MostSimilarPop": z.round(4),
                "Z_norm1": adjusted[:, k].round(4),
                "Z_norm2": (adjusted[:, k] / spread[:, 0]).round(4),
                "percentile_MostSimilarPop": (100 * ndtr(z)).round(2),
            }
        )
        blocks.append(block)
    return pd.concat(blocks, ignore_index=True)
