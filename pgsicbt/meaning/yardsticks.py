"""What an effect amounts to beside changes that are known to count.

Points after treatment and points of change per +1 SD of a score are set beside the mean
improvement, the smallest change that patients notice (MCID) and the smallest change beyond
measurement error, as the registry of instruments has them. On the harmonised scale this is done
for each instrument in its own points.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import pandas as pd

from pgsicbt.errors import SpecError
from pgsicbt.instruments import find_instrument
from pgsicbt.meaning.verdicts import verdicts
from pgsicbt.models.course.trajectories import difference, time_of
from pgsicbt.models.effects.effects import effect_sizes
from pgsicbt.models.grid.rebuild import one_score_at_a_time
from pgsicbt.outcomes import Rule, rules
from pgsicbt.result import ModelFit, Result
from pgsicbt.scales import baseline, split_scale
from pgsicbt.spec import LONGITUDINAL
from pgsicbt.study import HARMONISED, OutcomeInfo, Study

YARDSTICK_COLUMNS = (
    "score", "model", "instrument", "yardstick", "words", "source", "points", "about", "estimate",
    "conf_low", "conf_high", "share", "share_low", "share_high", "steps",
)  # fmt: skip
"""Columns of :func:`yardsticks`. ``points`` is the yardstick and ``estimate`` (with limits) the
effect per +1 SD of the score, both in points of ``instrument``; ``share`` is the effect as a share
of the yardstick, above zero where a higher score goes with the better outcome; ``steps`` how many
SDs of the score would amount to the yardstick."""


@dataclass(frozen=True)
class Amount:
    """An effect per +1 SD of a score in points of the outcome, with its interval."""

    about: str
    estimate: float
    low: float
    high: float


def amounts(
    study: Study, result: Result, score: str, adjustment: str, effects: pd.DataFrame | None = None
) -> list[Amount]:
    """Points after treatment (``post``) and points of change (``change``) per +1 SD.

    Parameters
    ----------
    effects
        What :func:`pgsicbt.models.effects.effects.effect_sizes` gave, where it is there already.

    Raises
    ------
    SpecError
        If the estimates of the family are no points, or there is no such model.
    """
    rows = result.table[(result.table["score"] == score) & (result.table["model"] == adjustment)]
    rows = rows[rows["status"] != "failed"]
    own = rows[rows["role"] == "outcome"]
    fit = result.fit_of(score, adjustment)
    if result.spec.family in ("ancova", "tobit", "change") and len(own) and fit is not None:
        unit = 1.0 if result.spec.standardised else fit.score_unit
        row = own.iloc[0]
        about = "change" if result.spec.family == "change" else "post"
        values = (float(row[c]) * unit for c in ("estimate", "conf_low", "conf_high"))
        return [Amount(about, *values)]
    if result.spec.family not in LONGITUDINAL or rows.empty or fit is None or fit.time is None:
        raise SpecError(
            "These models do not give points after treatment per standard deviation of a score.",
            "Choose linear mixed models, MMRM, GEE, ANCOVA, change scores or Tobit.",
            code="no_points",
        )
    if not one_score_at_a_time(result.spec):
        return _from_lines(study, result, score, adjustment, fit)
    if effects is None:
        effects = effect_sizes(study, result)
    mine = effects[(effects["score"] == score) & (effects["model"] == adjustment)]
    by = {str(row["quantity"]): row for row in mine.to_dict("records")}
    return [
        Amount(about, *(float(by[name][c]) for c in ("estimate", "conf_low", "conf_high")))
        for about, name in (("post", "points_at_post"), ("change", "change"))
    ]


def _from_lines(
    study: Study, result: Result, score: str, adjustment: str, fit: ModelFit
) -> list[Amount]:
    """The same from the lines of any model of all visits; its row of change as it is."""
    time = time_of(fit, result)
    post = difference(result, score, adjustment, [time.end_week]).iloc[0]
    found = [Amount("post", *(float(post[c]) for c in ("estimate", "conf_low", "conf_high")))]
    frame = verdicts(study, result, 1.0)
    rows = frame[(frame["score"] == score) & (frame["model"] == adjustment)]
    for row in rows[rows["about"] == "change"].to_dict("records"):
        values = (float(row[c]) for c in ("estimate", "conf_low", "conf_high"))
        found.append(Amount("change", *values))
    return found


def yardsticks(
    study: Study, result: Result, score: str, adjustment: str, effects: pd.DataFrame | None = None
) -> pd.DataFrame:
    """One score's effects beside the changes that count for each instrument.

    Returns
    -------
    DataFrame
        One row per yardstick and effect, with ``YARDSTICK_COLUMNS``; empty where the registry
        knows no change that counts, or the outcome is on a scale of its own.

    Raises
    ------
    SpecError
        As :func:`amounts`.
    """
    found = amounts(study, result, score, adjustment, effects)
    records = []
    for info, per_point in _instruments(study, result.spec.outcome):
        sign = -1.0 if study.outcome(result.spec.outcome).higher_is_worse else 1.0
        for rule in _rules(study, info):
            points = _points(study, info, rule)
            if not points > 0:
                continue
            for one in found:
                values = [v * per_point for v in (one.estimate, one.low, one.high)]
                shares = sorted(sign * v / points for v in values[1:])
                records.append(
                    (
                        score, adjustment, info.label, rule.kind, rule.words, _source(rule), points,
                        one.about, *values, sign * values[0] / points, *shares,
                        points / abs(values[0]) if values[0] else math.inf,
                    )
                )  # fmt: skip
    return pd.DataFrame.from_records(records, columns=list(YARDSTICK_COLUMNS))


def _instruments(study: Study, outcome: str) -> list[tuple[OutcomeInfo, float]]:
    """Instruments behind an outcome, and their points in one point of the outcome."""
    base, scale = split_scale(study.outcome(outcome).name)
    if outcome in study.outcome_names:
        base, scale = outcome, None
    if scale in ("z", "t", "change"):
        return []
    whole = base == HARMONISED or scale == "pomp"
    infos = study.outcomes if base == HARMONISED else (study.outcome(base),)
    found = []
    for info in infos:
        if info.name == HARMONISED or find_instrument(info.instrument or info.name) is None:
            continue
        if info.minimum is None or info.maximum is None:
            continue
        found.append((info, (info.maximum - info.minimum) / 100 if whole else 1.0))
    return found


def _rules(study: Study, info: OutcomeInfo) -> list[Rule]:
    wanted = ("minimal improvement", "reliable improvement")
    return [rule for rule in rules(study, info.name) if rule.kind in wanted]


def _points(study: Study, info: OutcomeInfo, rule: Rule) -> float:
    """A change that counts, in points; percentages are of the mean before treatment."""
    if math.isfinite(rule.points):
        return rule.points
    if rule.definition is None:
        return math.nan
    if rule.definition.unit == "points":
        return rule.definition.value
    start = baseline(study.outcome_visits(info.name))["value"]
    return rule.definition.value / 100 * float(start.mean()) if len(start) else math.nan


def _source(rule: Rule) -> str:
    return f"{rule.population}; {rule.source}" if rule.source else rule.population
