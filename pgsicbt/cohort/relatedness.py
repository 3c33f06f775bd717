"""Relatives in the cohort, counted by degree."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pgsicbt.disclosure import MINIMUM_CELL
from pgsicbt.study import Study

DEGREES = (
    ("same person or identical twins", 0.3536),
    ("first degree (parent and child, siblings)", 0.1768),
    ("second degree (such as half-siblings)", 0.0884),
    ("third degree (such as cousins)", 0.0442),
)
"""Lowest kinship coefficient of each degree (Manichaikul et al. 2010)."""


def relatedness(study: Study) -> pd.DataFrame:
    """Pairs of relatives in the study by degree, and how many people are in them.

    Returns
    -------
    DataFrame
        ``degree``, ``kinship_from``, ``pairs``, ``people``; NaN where one to seven people are
        in such pairs. Empty where no table of kinship was read.
    """
    columns = ["degree", "kinship_from", "pairs", "people"]
    if study.relatives.empty:
        return pd.DataFrame(columns=columns)
    kinship = study.relatives["kinship"].to_numpy(float)
    rows = []
    upper = np.inf
    for degree, lowest in DEGREES:
        mine = study.relatives[(kinship >= lowest) & (kinship < upper)]
        people = pd.concat([mine["person_1"], mine["person_2"]]).nunique()
        hide = 0 < people < MINIMUM_CELL
        rows.append(
            (degree, lowest, np.nan if hide else float(len(mine)), np.nan if hide else people)
        )
        upper = lowest
    return pd.DataFrame(rows, columns=columns).astype({"people": float})
