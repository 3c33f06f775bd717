"""How many of a cohort respond, remit, change reliably: aggregates that may be shown and kept."""

from __future__ import annotations

import pandas as pd
from statsmodels.stats.proportion import proportion_confint

from pgsicbt.disclosure import MINIMUM_CELL
from pgsicbt.instruments import Reliability, find_instrument
from pgsicbt.instruments.definitions import CONFIDENCE_WORDS
from pgsicbt.outcomes.status import WINDOW, Rule, already_met, post_week, rules, status
from pgsicbt.study import Study

COLUMNS = (
    "outcome", "kind", "definition", "population", "source", "week", "n_persons", "n_missing",
    "n_already", "n_met", "share", "conf_low", "conf_high",
)  # fmt: skip


def status_table(
    study: Study,
    outcome: str = "",
    *,
    week: float | None = None,
    window: float = WINDOW,
    missing_as_failure: bool = False,
    reliability: Reliability | None = None,
) -> pd.DataFrame:
    """One row per outcome and definition, several definitions side by side.

    Parameters
    ----------
    outcome
        One outcome; '' for every outcome that is an instrument of the registry.
    week, window, missing_as_failure, reliability
        As in :func:`pgsicbt.outcomes.status`; a reliability of one's own goes with one outcome.

    Returns
    -------
    DataFrame
        Columns :data:`COLUMNS`. ``share`` in percent with Wilson's 95 % interval. Everything is
        missing where one to seven people meet a definition or fail it, or lie between it and
        another one. Where one to seven are missing, counts are left out and the rest is rounded
        to whole percent. ``n_already`` are those with both values who were in remission before
        treatment, and so are not among ``n_persons`` of a definition of remission.
    """
    names = [outcome] if outcome else [o.name for o in study.outcomes if find_instrument(o.name)]
    records = []
    for name in names:
        planned = post_week(study, name) if week is None else week
        frame = status(
            study, name, week=planned, window=window, missing_as_failure=missing_as_failure,
            reliability=reliability,
        )  # fmt: skip
        shown = _Shown(len(frame))
        seen = frame["after"].notna().to_numpy()
        for rule in rules(study, name, reliability):
            known = frame[rule.column].dropna()
            n, met = len(known), int(known.sum())
            already = int((already_met(rule, frame["before"].to_numpy(float)) & seen).sum())
            low, high = proportion_confint(met, max(n, 1), method="wilson")
            hidden = not n or shown.too_small(rule, met, n)
            few = hidden or shown.few_missing(n) or _few(already) or _few(len(frame) - n - already)
            digits = 0 if few else 12
            records.append(
                {
                    "outcome": name,
                    "kind": rule.kind,
                    "definition": rule.words,
                    "population": rule.population,
                    "source": _source(rule.source, rule.confidence),
                    "week": planned,
                    "n_persons": None if few else n,
                    "n_missing": None if few else len(frame) - n - already,
                    "n_already": None if few else already,
                    "n_met": None if few else met,
                    "share": None if hidden else round(100 * met / n, digits),
                    "conf_low": None if hidden else round(100 * low, digits),
                    "conf_high": None if hidden else round(100 * high, digits),
                }
            )
    table = pd.DataFrame.from_records(records, columns=list(COLUMNS))
    whole = ("n_persons", "n_missing", "n_already", "n_met")
    return table.astype(dict.fromkeys(whole, "Int64")).astype(
        dict.fromkeys(("share", "conf_low", "conf_high"), float)
    )


class _Shown:
    """What the rows of one outcome have shown, so that no small group is their difference."""

    def __init__(self, everybody: int) -> None:
        self._counts = {everybody}
        self._cuts: dict[str, list[int]] = {}

    def too_small(self, rule: Rule, met: int, n: int) -> bool:
        """Whether 1 to 7 people meet the rule, fail it, or lie between it and one shown."""
        family, below = _cut(rule, met, n)
        cuts = self._cuts.setdefault(family, [])
        if _few(met) or _few(n - met) or any(_few(below - other) for other in cuts):
            return True
        cuts.append(below)
        return False

    def few_missing(self, n: int) -> bool:
        """Whether 1 to 7 people are missing, or make the difference to a row shown."""
        if any(_few(n - other) for other in self._counts):
            return True
        self._counts.add(n)
        return False


def _few(count: int) -> bool:
    return 0 < abs(count) < MINIMUM_CELL


def _cut(rule: Rule, met: int, n: int) -> tuple[str, int]:
    """The line along which a rule cuts the people, and how many lie on its better side."""
    if rule.kind in ("remission", "case"):
        return "total", met if rule.kind == "remission" else n - met
    if rule.kind == "reliable deterioration":
        return "points", n - met
    in_percent = rule.definition is not None and rule.definition.unit == "percent"
    return "percent" if in_percent else "points", met


def _source(source: str, confidence: str) -> str:
    """Only what was read in its source is named as a citation."""
    return source if confidence == "A" else CONFIDENCE_WORDS[confidence]  # type: ignore[index]
