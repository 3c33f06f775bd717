"""One symptom scale from several instruments: percent of maximum possible."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pgsicbt.ingest.recognise.names import instrument_of
from pgsicbt.ingest.wording import people
from pgsicbt.instruments import all_instruments
from pgsicbt.study import HARMONISED, Finding, OutcomeInfo


def outcome_info(name: str, rows: pd.DataFrame) -> OutcomeInfo:
    """What is known of an outcome; ``rows`` are its observations."""
    instrument = instrument_of(name)
    n_persons, n_observations = int(rows["person"].nunique()), len(rows)
    if instrument is None:
        return OutcomeInfo(name, name, n_persons=n_persons, n_observations=n_observations)
    return OutcomeInfo(
        name=name,
        label=instrument.id,
        instrument=instrument.id,
        minimum=instrument.minimum,
        maximum=instrument.maximum,
        step=instrument.step,
        higher_is_worse=instrument.higher_is_worse,
        n_persons=n_persons,
        n_observations=n_observations,
    )


def harmonised(
    visits: pd.DataFrame, outcomes: list[str]
) -> tuple[pd.DataFrame, OutcomeInfo | None, list[Finding]]:
    """Observations on one scale of 0 to 100, where higher is worse.

    POMP = 100 (x - minimum) / (maximum - minimum) of the instrument's theoretical range (Cohen,
    Cohen, Aiken and West 1999, Multivariate Behavioral Research 34, 315-346). A scale on which
    higher is better is turned round. A person with several instruments keeps the one with most
    observations; among equals the one that most people have.

    Parameters
    ----------
    visits
        Columns ``person``, ``outcome`` (number within ``outcomes``), ``time``, ``value``.

    Returns
    -------
    tuple
        Rows of the same columns with ``outcome`` = ``len(outcomes)``; what is known of the new
        outcome, None if no instrument is known; findings.
    """
    found = [instrument_of(name) for name in outcomes]
    known = [i for i, instrument in enumerate(found) if instrument is not None]
    rows = visits[visits["outcome"].isin(known)]
    if rows.empty:
        return rows, None, []
    order = {instrument.id: i for i, instrument in enumerate(all_instruments())}
    counts = rows.groupby(["person", "outcome"]).size().rename("n").reset_index()
    holders = counts["outcome"].value_counts()
    counts["holders"] = counts["outcome"].map(holders)
    counts["order"] = counts["outcome"].map(
        {i: order[one.id] for i, one in enumerate(found) if one is not None}
    )
    best = counts.sort_values(
        ["person", "n", "holders", "order"], ascending=[True, False, False, True]
    )
    several = int(best["person"].duplicated().groupby(best["person"]).any().sum())
    best = best.drop_duplicates("person")[["person", "outcome"]]
    kept = rows.merge(best, on=["person", "outcome"])
    low = np.array([0.0 if one is None else one.minimum for one in found])
    high = np.array([1.0 if one is None else one.maximum for one in found])
    worse = np.array([one is None or one.higher_is_worse for one in found])
    which = kept["outcome"].to_numpy()
    pomp = 100 * (kept["value"].to_numpy() - low[which]) / (high[which] - low[which])
    kept = kept.assign(value=np.where(worse[which], pomp, 100 - pomp), outcome=len(outcomes))
    info = OutcomeInfo(
        name=HARMONISED,
        label="Harmonised symptom score",
        minimum=0.0,
        maximum=100.0,
        unit="points on 0-100",
        n_persons=int(kept["person"].nunique()),
        n_observations=len(kept),
    )
    findings = []
    if several:
        findings.append(
            Finding(
                "several_instruments",
                "info",
                f"{people(several)} filled in more than one instrument; the harmonised score uses "
                "the one with most observations for each.",
            )
        )
    return kept[visits.columns], info, findings
