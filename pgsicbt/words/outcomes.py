"""Response, remission and reliable change in words."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from pgsicbt.study import Study
from pgsicbt.words import numbers


def status_cells(row: Mapping[Any, Any]) -> list[str]:
    """The cells of one row of :func:`pgsicbt.outcomes.status_table`."""
    share = float(row["share"])
    shown = numbers.MISSING
    if not math.isnan(share):
        low, high = float(row["conf_low"]), float(row["conf_high"])
        shown = f"{share:.0f} % ({low:.0f} to {high:.0f})"
    people = numbers.MISSING if pd.isna(row["n_persons"]) else numbers.count(row["n_persons"])
    definition = f"{row['definition']}; {row['population']}; {row['source']}"
    if row["kind"] == "remission":
        definition += f"; of those above it before treatment{_left_out(row['n_already'])}"
    kind = str(row["kind"])
    return [str(row["outcome"]), kind[:1].upper() + kind[1:], definition, people, shown]


def _left_out(already: Any) -> str:
    """How many were in remission before treatment; nothing where that may not be told."""
    if pd.isna(already) or not already:
        return ""
    return f" ({numbers.count(already)} were not)"


def status_note(study: Study, table: pd.DataFrame) -> str:
    """What the table shows, with the week after treatment of each instrument."""
    weeks = table.drop_duplicates("outcome")[["outcome", "week"]].to_numpy().tolist()
    by = {round(float(week), 1) for _, week in weeks}
    when = f"week {min(by):g}" if len(by) == 1 else "the last planned week of each instrument"
    simulated = "; simulated cohort" if study.simulated else ""
    return (
        f"From the last value before treatment to the value nearest to {when}, the visit after "
        "treatment or the last one within twenty weeks that many were seen in; change over all "
        f"weeks may run longer{simulated}"
    )
