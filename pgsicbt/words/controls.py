"""Words on negative controls: shuffled scores and scores named as controls."""

from __future__ import annotations

import pandas as pd

from pgsicbt.result import Result
from pgsicbt.study import Study
from pgsicbt.words import numbers
from pgsicbt.words.scale import fitted, lead_adjustment, score_row
from pgsicbt.words.sentences import excludes_zero, score_label

_ABOUT = {"main": "severity", "interaction": "change"}
_NOMINAL = 0.05


def control_sentence(found: pd.DataFrame, times: int) -> str:
    """Whether shuffled scores come out as often as they should."""
    high = found[found["conf_low"] > _NOMINAL]
    first = (
        f"Every score was handed out to people at random {numbers.count(times)} times, with "
        "everything else left as it is. "
    )
    if high.empty:
        return first + (
            "Tests of these scores come out below .05 no more often than they should, so nothing "
            "in the models makes findings by itself."
        )
    worst = max(high.to_dict("records"), key=lambda row: float(row["below"]))
    return first + (
        f"In the {worst['model']} model {numbers.percent(worst['below'])} of the tests of "
        f"{_ABOUT[str(worst['role'])]} come out below .05 instead of 5 %: the models find what is "
        "not there. Look at the random part first; without a random slope this is what happens."
    )


def control_rows(found: pd.DataFrame) -> list[list[str]]:
    """One row per model and term."""
    return [
        [
            str(row["model"]).capitalize(),
            _ABOUT[str(row["role"])],
            numbers.percent(row["below"], 1),
            f"{numbers.percent(row['conf_low'], 1)} to {numbers.percent(row['conf_high'], 1)}",
            numbers.estimate(row["inflation"]),
        ]
        for row in found.to_dict("records")
    ]


def named_controls(result: Result, study: Study) -> list[str]:
    """What the scores that are named as controls show."""
    adjustment = lead_adjustment(result)
    said = []
    for score in result.spec.controls:
        label = score_label(study, score)
        clear = [
            _ABOUT.get(role, "the outcome")
            for role in ("main", "interaction", "outcome")
            if (row := score_row(result, score, adjustment, role)) is not None
            and fitted(row)
            and excludes_zero(row)
        ]
        if clear:
            said.append(
                f"{label} is named as a negative control and goes with {' and '.join(clear)}: by "
                "chance (one in twenty would), or since something else is not adjusted for."
            )
        else:
            said.append(f"{label} is named as a negative control and goes with nothing, as it "
                        "should.")  # fmt: skip
    return said
