"""Missed visits in words: who leaves, what filling in does, and what would turn a conclusion."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pandas as pd

from pgsicbt.disclosure import shown_count
from pgsicbt.result import Result
from pgsicbt.robustness.dropout import MODELS, DropOut
from pgsicbt.robustness.imputed_fit import ImputedResult
from pgsicbt.robustness.tipping import Tipping, Way
from pgsicbt.spec import AnalysisSpec
from pgsicbt.study import Study
from pgsicbt.words import numbers
from pgsicbt.words.families import digits_of, one_per_person, told
from pgsicbt.words.scale import outcome_scale
from pgsicbt.words.sentences import (
    level_percent,
    score_label,
    shown_digits,
    step_phrase,
)
from pgsicbt.words.timing import timing

Standing = Literal["holds", "weakens", "turns", "cannot be judged"]
_STEADY = 0.25
"""Standard errors up to which an estimate is said to stay where it is."""
OTHER_MODELS = {"dropout": "No value after treatment (odds)", "cox": "Leaving (hazard, Cox)"}
MODEL_WORDS = {
    MODELS[0]: "crude",
    MODELS[1]: "adjusted",
    MODELS[2]: "adjusted, and for the value last seen",
}


@dataclass(frozen=True)
class Amount:
    """How the term that is about change is told: times ``factor``, ``digits``, then ``unit``."""

    role: str
    factor: float
    digits: int
    unit: str

    def number(self, value: float) -> str:
        """A value of the table as it is shown, without its unit."""
        return numbers.estimate(self.factor * value, self.digits)

    def interval(self, low: float, high: float) -> str:
        """An interval of the table as it is shown."""
        return numbers.interval(self.factor * low, self.factor * high, self.digits)


def amount_of(result: Result, study: Study) -> Amount:
    """The words for the change that goes with a score, or for severity after treatment."""
    scale = outcome_scale(study, result.spec.outcome)
    if one_per_person(result):
        return Amount("outcome", 1.0, digits_of(result, study), told(result, study).amount)
    when = timing(result)
    return Amount(
        "interaction",
        when.factor("interaction"),
        when.digits("interaction", scale.digits),
        f"{scale.unit} {when.over}",
    )


def leaving_headline(found: DropOut) -> str:
    """How many left, and how many visits were missed in between."""
    share = found.leavers / found.persons
    return (
        f"Of {numbers.count(found.persons)} people, {shown_count(found.leavers)} "
        f"({numbers.percent(share)}) were not seen in week {numbers.week(found.last_week)}, the "
        f"last that was planned. {shown_count(found.missed_between).capitalize()} visits were "
        "missed by people who came back."
    )


def leaving_sentence(study: Study, spec: AnalysisSpec, found: DropOut, score: str) -> str:
    """Whether a score goes with leaving, other things equal."""
    label = score_label(study, score)
    rows = found.table[(found.table["score"] == score) & (found.table["model"] == MODELS[1])]
    if rows.empty or rows["status"].iloc[0] != "ok":
        return f"Whether {label} goes with leaving cannot be told."
    row = rows.iloc[0]
    ratio = f"odds ratio {_ratio(row, spec)}"
    if row["conf_low"] <= 1 <= row["conf_high"]:
        return f"Leaving does not clearly go with {label}: {ratio} per {step_phrase(spec, label)}."
    side = "lower" if row["odds_ratio"] < 1 else "higher"
    size = abs(1 - float(row["odds_ratio"]))
    return (
        f"Per {step_phrase(spec, label)}, the odds of leaving in any week were "
        f"{numbers.percent(size)} {side} ({ratio})."
    )


def leaving_count(study: Study, found: DropOut) -> str:
    """How many scores go with leaving, and which."""
    rows = found.table[(found.table["model"] == MODELS[1]) & (found.table["status"] == "ok")]
    mine = rows[(rows["conf_low"] > 1) | (rows["conf_high"] < 1)]
    if len(rows) < 2:
        return ""
    names = ", ".join(score_label(study, s) for s in mine["score"])
    which = f": {names}" if names else ""
    level = f"{1 - found.spec.confidence:.2g}".removeprefix("0")
    return (
        f"{len(mine)} of {len(rows)} scores go with leaving at p < {level}, not corrected{which}. "
        "A score that does has to be in every model that visits are filled in from, and is."
    )


def last_value_sentence(study: Study, spec: AnalysisSpec, found: DropOut) -> str:
    """Whether what was last seen tells who leaves."""
    row = found.last_value.iloc[0]
    if row["status"] != "ok":
        return ""
    ratio = f"odds ratio {_ratio(row, spec)} per standard deviation"
    worse = outcome_scale(study, spec.outcome).higher_is_worse
    if row["conf_low"] <= 1 <= row["conf_high"]:
        return f"The symptoms that people last reported do not clearly tell who leaves ({ratio})."
    more = (row["odds_ratio"] > 1) == worse
    who = "worse" if more else "better"
    return (
        f"People who were doing {who} when last seen were likelier to leave ({ratio}). The mixed "
        "model allows for leaving that goes with what was seen; means of those who are still "
        "there do not."
    )


def _ratio(row: pd.Series, spec: AnalysisSpec) -> str:
    limits = numbers.interval(row["conf_low"], row["conf_high"])
    return f"{numbers.estimate(row['odds_ratio'])}, {level_percent(spec)} interval {limits}"


def filled_sentence(study: Study, filled: ImputedResult, score: str, adjustment: str) -> str:
    """What filling in missed visits does to the change that goes with a score."""
    result = filled.observed
    label, how = score_label(study, score), amount_of(result, study)
    row = filled_row(filled, study, score, adjustment)
    if row is None:
        return f"With missed visits filled in, the model of {label} could not be fitted."
    now = (
        f"{how.number(row['estimate_filled'])} {how.unit} "
        f"({how.interval(row['conf_low_filled'], row['conf_high_filled'])})"
    )
    was = (
        f"{how.number(row['estimate'])} ({how.interval(row['conf_low'], row['conf_high'])}) "
        "as observed"
    )
    kind = "difference" if how.role == "outcome" else "difference in change"
    text = (
        f"With {numbers.percent(filled.share_missing)} of all visits filled in "
        f"{filled.count} times, the {kind} per {step_phrase(result.spec, label)} is {now}, against "
        f"{was}."
    )
    if _significant(row) != _significant(row, "_filled"):
        return f"{text} So the conclusion depends on the visits that were missed."
    if abs(float(row["moved"])) <= _STEADY:
        return f"{text} It stays where it was."
    return f"{text} The conclusion is the same."


def filled_row(
    filled: ImputedResult, study: Study, score: str, adjustment: str
) -> pd.Series | None:
    """The row of :meth:`ImputedResult.beside` that is about change; None where it failed."""
    role = amount_of(filled.observed, study).role
    rows = filled.beside(role, adjustment=adjustment)
    rows = rows[(rows["score"] == score) & rows["estimate_filled"].notna()].dropna(
        subset=["estimate"]
    )
    return None if rows.empty else rows.iloc[-1]


def _significant(row: pd.Series, suffix: str = "") -> bool:
    return bool(row[f"conf_low{suffix}"] > 0 or row[f"conf_high{suffix}"] < 0)


def tipping_sentence(study: Study, result: Result, found: Tipping) -> str:
    """How people who left would have to differ for the conclusion to turn, and what to think."""
    label = score_label(study, found.score)
    scale = outcome_scale(study, result.spec.outcome)
    unit = f"{scale.unit}{'' if found.way == 'once' else ' a week'}"
    digits = scale.digits + (found.way != "once")
    who = "everybody who left" if found.way != "score" else "people who left"
    turns = (
        "The conclusion would turn" if found.significant
        else "A difference would show where now there is none"
    )  # fmt: skip
    end = found.curve["delta"].abs().max()
    if found.point is None:
        size = _amount(digits, float(end))
        held = (
            "No such departure changes the conclusion"
            if found.significant else "No such departure makes a difference appear"
        )  # fmt: skip
        return f"{held}: {_differ(found.way, who, f'up to {size} {unit} lower or higher', label)}."
    size = _amount(digits, abs(found.point))
    side = "lower" if found.point < 0 else "higher"
    text = f"{turns} if {_differ(found.way, who, f'{size} {unit} {side}', label)}."
    return f"{text} {_reckoned(found, scale.unit, digits)}"


def _differ(way: Way, who: str, amount: str, label: str) -> str:
    if way == "once":
        return f"{who} were {amount} at every visit from then on than others like them"
    if way == "weekly":
        return f"{who} went {amount} from then on than others like them"
    return f"{who} went {amount} from then on for each standard deviation of {label}"


def _amount(digits: int, value: float) -> str:
    return numbers.estimate(value, shown_digits(digits, value))


def _reckoned(found: Tipping, unit: str, digits: int) -> str:
    near, far = (_amount(digits, v) for v in (found.plausible, found.far))
    each = f"{unit} a week"
    if found.way != "score":
        rate = unit if found.way == "once" else each
        what = f"half of the average improvement is {near} {rate}, the whole {far}"
    elif found.significant:
        what = (
            f"at {near} {each} the association would be gone among those who left, at {far} it "
            "would be reversed"
        )
    else:
        what = f"the smallest effect of interest is {near} {each}, three times that {far}"
    said = {
        "plausible": "So much cannot be called far-fetched",
        "stretch": "That would be much, though not unheard of",
        "implausible": "That is hard to believe",
        "never": "",
    }[found.verdict]
    return f"{said}: {what}."


def missing_standing(
    study: Study, filled: ImputedResult, found: tuple[Tipping, ...], score: str, adjustment: str
) -> tuple[Standing, str]:
    """Whether a conclusion holds against missed visits, weakens or turns, and why in a line.

    It turns where filling in changes it; it weakens where it turns for a departure that is not
    far-fetched, or the estimate moves by more than a standard error.
    """
    row = filled_row(filled, study, score, adjustment)
    if row is None:
        return "cannot be judged", "it could not be estimated with the missed visits filled in"
    if _significant(row) != _significant(row, "_filled"):
        return "turns", "filling in the missed visits changes the conclusion"
    if abs(float(row["moved"])) > 1:
        return "weakens", "filling in the missed visits moves it by more than a standard error"
    near = [t for t in found if t.verdict == "plausible" and t.significant]
    if near:
        return "weakens", "it would turn if those who left did not go on like others"
    return "holds", "filling in the missed visits changes nothing"


def leaving_rows(study: Study, found: DropOut) -> list[list[str]]:
    """Rows of score, odds ratios of the three models, and their p value when adjusted."""
    out = []
    for score, mine in found.table.groupby("score", sort=False):
        cells = [_cell(mine.iloc[list(mine["model"]).index(m)]) for m in MODELS]
        p = numbers.p_value(float(mine.loc[mine["model"] == MODELS[1], "p_value"].iloc[0]))
        out.append([score_label(study, str(score)), *cells, p])
    return out


def other_rows(found: DropOut, score: str) -> list[list[str]]:
    """What other models of leaving say of a score."""
    mine = found.others[found.others["score"] == score]
    return [
        [
            OTHER_MODELS[str(r["model"])],
            f"{numbers.estimate(r['ratio'])} ({numbers.interval(r['conf_low'], r['conf_high'])})",
            numbers.p_value(float(r["p_value"])),
        ]
        for r in mine.to_dict("records")
    ]


def _cell(row: pd.Series) -> str:
    if row["status"] != "ok":
        return numbers.MISSING
    limits = numbers.interval(row["conf_low"], row["conf_high"])
    return f"{numbers.estimate(row['odds_ratio'])} ({limits})"


def filled_rows(study: Study, filled: ImputedResult, adjustment: str) -> list[list[str]]:
    """Rows of score, estimates as observed and filled in, and the share of information missing."""
    how = amount_of(filled.observed, study)
    both = filled.beside(how.role, adjustment=adjustment)
    out = []
    for row in both.to_dict("records"):
        cells = [
            f"{how.number(row[f'estimate{s}'])} "
            f"({how.interval(row[f'conf_low{s}'], row[f'conf_high{s}'])})"
            for s in ("", "_filled")
        ]
        p = [numbers.p_value(float(row[f"p_value{s}"])) for s in ("", "_filled")]
        missing = numbers.percent(float(row["missing_information"]))
        out.append([score_label(study, str(row["score"])), cells[0], p[0], cells[1], p[1], missing])
    return out


def filled_note(study: Study, filled: ImputedResult) -> str:
    """How visits were filled in."""
    helpers = ", ".join(study.covariate(n).label for n in filled.auxiliaries)
    helped = f" Filled in with the help of {helpers}." if helpers else ""
    level = level_percent(filled.observed.spec)
    simulated = " Simulated data." if study.simulated else ""
    return (
        f"{numbers.count(filled.observed.n_persons)} people. Every missed planned visit was drawn "
        f"{filled.count} times from a mixed model with the parameters drawn as well, analysed each "
        f"time, and joined by Rubin's rules; {level} intervals with the degrees of freedom of "
        f"Barnard and Rubin.{helped}{simulated}"
    )
