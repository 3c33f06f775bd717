"""How many of a cohort respond, remit, change reliably: aggregates that may be shown and kept."""

from __future__ import annotations

import pandas as pd
from statsmodels.stats.proportion import proportion_confint

from pgsicbt.disclosure import MINIMUM_CELL
from pgsicbt.instruments import find_instrument
from pgsicbt.instruments.definitions import CONFIDENCE_WORDS
from pgsicbt.outcomes.status import WINDOW, post_week, rules, status
from pgsicbt.study import Study

COLUMNS = (
    "outcome", "kind", "definition", "population", "source", "week", "n_persons", "n_missing",
    "n_met", "share", "conf_low", "conf_high",
)  # fmt: skip


def status_table(
    study: Study,
    outcome: str = "",
    *,
    week: float | None = None,
    window: float = WINDOW,
    missing_as_failure: bool = False,
) -> pd.DataFrame:
    """One row per outcome and definition, several definitions side by side.

    Parameters
    ----------
    outcome
        One outcome; '' for every outcome that is an instrument of the registry.
    week, window, missing_as_failure
        As in :func:`pgsicbt.outcomes.status`.

    Returns
    -------
    DataFrame
        Columns :data:`COLUMNS`. ``share`` in percent with Wilson's 95 % interval. Counts, shares
        and intervals are missing where fewer than eight people, but not none, meet a definition
        or fail it, or are missing.
    """
    names = [outcome] if outcome else [o.name for o in study.outcomes if find_instrument(o.name)]
    records = []
    for name in names:
        planned = post_week(study, name) if week is None else week
        frame = status(
            study, name, week=planned, window=window, missing_as_failure=missing_as_failure
        )
        for rule in rules(study, name):
            known = frame[rule.column].dropna()
            n, met = len(known), int(known.sum())
            counts = (met, n - met, len(frame) - n)
            small = any(0 < count < MINIMUM_CELL for count in counts)
            low, high = proportion_confint(met, max(n, 1), method="wilson")
            hidden = small or not n
            records.append(
                {
                    "outcome": name,
                    "kind": rule.kind,
                    "definition": rule.words,
                    "population": rule.population,
                    "source": _source(rule.source, rule.confidence),
                    "week": planned,
                    "n_persons": None if hidden else n,
                    "n_missing": None if hidden else len(frame) - n,
                    "n_met": None if hidden else met,
                    "share": None if hidden else 100 * met / n,
                    "conf_low": None if hidden else 100 * low,
                    "conf_high": None if hidden else 100 * high,
                }
            )
    table = pd.DataFrame.from_records(records, columns=list(COLUMNS))
    whole = ("n_persons", "n_missing", "n_met")
    return table.astype(dict.fromkeys(whole, "Int64")).astype(
        dict.fromkeys(("share", "conf_low", "conf_high"), float)
    )


def _source(source: str, confidence: str) -> str:
    """Only what was read in its source is named as a citation."""
    return source if confidence == "A" else CONFIDENCE_WORDS[confidence]  # type: ignore[index]
