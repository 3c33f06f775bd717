"""Figures on missed visits: odds of leaving, estimates filled in, and tipping points."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from pgsicbt.disclosure import shown_count
from pgsicbt.figures.cohort_panels import Axis, Drawing, Line, Panel, Panels
from pgsicbt.figures.layout import escape, ticks
from pgsicbt.result import Result
from pgsicbt.robustness.dropout import MODELS, DropOut
from pgsicbt.robustness.imputed_fit import ImputedResult
from pgsicbt.robustness.tipping import Tipping, Way
from pgsicbt.study import Study
from pgsicbt.words import numbers
from pgsicbt.words.missing import MODEL_WORDS, amount_of, filled_note, leaving_headline
from pgsicbt.words.missing import tipping_sentence as tipping_words
from pgsicbt.words.scale import outcome_scale
from pgsicbt.words.sentences import level_percent, score_label

_ROW = 30
_STEP = 0.24
_ODDS = (
    (0.9, 0.95, 1.0, 1.05, 1.1, 1.15, 1.2),
    (0.7, 0.8, 0.9, 1.0, 1.1, 1.25, 1.5),
    (0.5, 0.7, 1.0, 1.5, 2.0),
    (0.25, 0.5, 1.0, 2.0, 4.0),
    (0.1, 0.3, 1.0, 3.0, 10.0),
    (0.01, 0.1, 1.0, 10.0, 100.0),
)
"""Round odds ratios, from near to far; an axis has the first of them that reach its ends."""
_BEYOND = 1.15
"""How many times further than the last mark an axis may go."""
_SHADES = (("muted", 2), ("accent", 0), ("group 1", 1))


def leaving_drawing(study: Study, found: DropOut, *, narrow: bool = False) -> Drawing | None:
    """Odds of leaving per standard deviation of every score, in three models.

    Parameters
    ----------
    narrow
        Without the numbers beside the marks, for which a telephone has no room.
    """
    table = found.table[found.table["status"] == "ok"]
    if table.empty:
        return None
    scores = list(dict.fromkeys(table["score"]))
    low, high = float(table["conf_low"].min()), float(table["conf_high"].max())
    x = odds_axis(min(low, 0.95), max(high, 1.05))
    y = _rows_axis([score_label(study, s) for s in scores])
    lines: list[Line] = [_upright(0.0, y)]
    for k, model in enumerate(MODELS):
        shade, dash = _SHADES[k]
        for i, score in enumerate(scores):
            mine = table[(table["score"] == score) & (table["model"] == model)]
            if mine.empty:
                continue
            row = mine.iloc[0]
            at = len(scores) - 1 - i + _STEP * (1 - k)
            said = _odds(row)
            words = f"<b>{escape(score_label(study, score))}</b>, {MODEL_WORDS[model]}<br>{said}"
            ends = (np.log(row["conf_low"]), np.log(row["odds_ratio"]), np.log(row["conf_high"]))
            lines += _interval(ends, at, shade, dash, words, model)
            if model == MODELS[1] and not narrow:
                lines.append(Line([x.high], [at], "text", label=said, name="numbers"))
    panel = Panel("Odds ratio of leaving in any week", x, y, lines,
                  subtitle="right of 1: likelier to leave, the higher the score")  # fmt: skip
    sheet = Panels(
        "Who leaves, by polygenic score", [panel], 1, 1, _ROW * len(scores) + 30,
        lines=[f"Per standard deviation of each score, with {level_percent(found.spec)} interval."
               f"{_said(narrow, 'adjusted')}"],
        key=[(MODEL_WORDS[m], *_SHADES[k]) for k, m in enumerate(MODELS)],
        left=88 if narrow else 110, right=12 if narrow else 140, below=46,
    )  # fmt: skip
    adjusted = table[table["model"] == MODELS[1]]
    said = "; ".join(f"{score_label(study, r['score'])} {_odds(r)}" for _, r in adjusted.iterrows())
    note = (
        f"{leaving_headline(found)} Logistic models of every person's weeks, with an intercept for "
        f"each week.{' Simulated data.' if study.simulated else ''}"
    )
    return Drawing(sheet, f"Odds ratios of leaving per standard deviation: {said}.", note)


def filled_drawing(
    study: Study, filled: ImputedResult, adjustment: str, *, narrow: bool = False
) -> Drawing | None:
    """Estimates as observed and with missed visits filled in, score by score.

    Parameters
    ----------
    narrow
        Without the numbers beside the marks.
    """
    result = filled.observed
    how = amount_of(result, study)
    both = filled.beside(how.role, adjustment=adjustment).dropna(
        subset=["estimate", "estimate_filled"]
    )
    if both.empty:
        return None
    scale = outcome_scale(study, result.spec.outcome)
    ends = ["conf_low", "conf_high", "conf_low_filled", "conf_high_filled"]
    values = how.factor * both[ends].to_numpy(float)
    low, high = min(float(values.min()), 0.0), max(float(values.max()), 0.0)
    pad = 0.05 * (high - low)
    unit = f"{how.unit} per SD ({scale.better} is better)"
    x = _titled(low - pad, high + pad, 6, unit)
    rows = both.to_dict("records")
    y = _rows_axis([score_label(study, str(r["score"])) for r in rows])
    lines: list[Line] = [_upright(0.0, y)]
    for i, row in enumerate(rows):
        for k, (suffix, name) in enumerate((("", "as observed"), ("_filled", "filled in"))):
            shade, dash = (("muted", 2), ("accent", 0))[k]
            b, lo, hi = (how.factor * float(row[f"{c}{suffix}"])
                         for c in ("estimate", "conf_low", "conf_high"))  # fmt: skip
            at = len(rows) - 1 - i + _STEP * (0.5 - k)
            said = f"{numbers.estimate(b, how.digits)} ({numbers.interval(lo, hi, how.digits)})"
            words = f"<b>{escape(score_label(study, str(row['score'])))}</b>, {name}<br>{said}"
            lines += _interval((lo, b, hi), at, shade, dash, words, name)
            if k and not narrow:
                lines.append(Line([x.high], [at], "text", label=said, name="numbers"))
    title = "Difference in change" if how.role == "interaction" else "Difference after treatment"
    panel = Panel(title, x, y, lines, subtitle=f"{adjustment} model")
    sheet = Panels(
        "With and without the visits that were missed", [panel], 1, 1, _ROW * len(rows) + 30,
        lines=[f"Per standard deviation of each score, with {level_percent(result.spec)} interval."
               f"{_said(narrow, 'filled in')}"],
        key=[("as observed", "muted", 2), ("missed visits filled in", "accent", 0)],
        left=88 if narrow else 110, right=12 if narrow else 190, below=46,
    )  # fmt: skip
    most = max(abs(float(r["moved"])) for r in rows)
    alt = (
        f"Estimates of {len(rows)} scores as observed and with missed visits filled in. The "
        f"largest difference between the two is {numbers.estimate(most)} standard errors."
    )
    return Drawing(sheet, alt, filled_note(study, filled))


_WAY_TITLES: dict[Way, str] = {
    "once": "All, at once",
    "weekly": "All, week by week",
    "score": "By the score",
}


def tipping_drawing(study: Study, result: Result, found: Sequence[Tipping]) -> Drawing | None:
    """The estimate against delta, a panel for each way that those who left may differ."""
    if not found:
        return None
    how, scale = amount_of(result, study), outcome_scale(study, result.spec.outcome)
    values = how.factor * np.concatenate(
        [t.curve[["conf_low", "conf_high"]].to_numpy(float).ravel() for t in found]
    )
    low, high = min(float(values.min()), 0.0), max(float(values.max()), 0.0)
    panels = []
    for one in found:
        curve = one.curve
        delta = [float(v) for v in curve["delta"]]
        per = {"once": scale.unit, "weekly": f"{scale.unit} a week",
               "score": f"{scale.unit} a week per SD"}[one.way]  # fmt: skip
        y = Axis.rounded(low - 0.06 * (high - low), high + 0.06 * (high - low), 5, grid=True)
        b, lo, hi = (
            [float(how.factor * v) for v in curve[c]] for c in ("estimate", "conf_low", "conf_high")
        )
        hover = [
            f"delta {numbers.estimate(d)}<br>{numbers.estimate(e, how.digits)} "
            f"({numbers.interval(a, c, how.digits)})"
            for d, e, a, c in zip(delta, b, lo, hi, strict=True)
        ]
        lines = [
            *(Line([s * one.plausible] * 2, [y.low, y.high], "muted", 2, width=1.0, name="near")
              for s in (-1, 1)),
            Line(delta, b, "accent", low=lo, high=hi, hover=hover, name="estimate", marks=True),
        ]  # fmt: skip
        if one.point is not None:
            lines.append(Line([one.point] * 2, [y.low, y.high], "group 1", 1, width=1.6,
                              name="turns"))  # fmt: skip
        turn = (
            "does not turn"
            if one.point is None
            else f"turns at {numbers.estimate(one.point, scale.digits + (one.way != 'once'))}"
        )
        x = _titled(delta[0], delta[-1], 5, f"delta: {per}")
        panels.append(Panel(_WAY_TITLES[one.way], x, y, lines, subtitle=turn, across=(0.0,)))
    label = score_label(study, found[0].score)
    sheet = Panels(
        f"If those who left did not go on like others: {label}", panels, 3, 1, 190,
        lines=[f"Upwards: {how.unit} per SD ({scale.better} is better). Across: what was added to "
               "visits after leaving; above zero is higher."],
        key=[("the conclusion turns", "group 1", 1), ("up to here not far-fetched", "muted", 2)],
        left=48, right=16, below=46, narrow_height=170,
    )  # fmt: skip
    said = " ".join(tipping_words(study, result, one) for one in found)
    note = (
        f"{shown_count(found[0].leavers)} people left before the last planned week. Line: "
        f"{found[0].adjustment} model, joined over the completed data sets; band: "
        f"{level_percent(result.spec)} interval."
        f"{' Simulated data.' if study.simulated else ''}"
    )
    return Drawing(sheet, said, note)


def _said(narrow: bool, which: str) -> str:
    return "" if narrow else f" Numbers: {which}."


def _interval(
    ends: tuple[float, float, float], at: float, shade: str, dash: int, hover: str, name: str
) -> list[Line]:
    low, middle, high = (float(v) for v in ends)
    return [
        Line([low, high], [at, at], shade, dash, name=name, width=1.6),
        Line([middle], [at], shade, hover=[hover], name=name, marks=True, width=1.6),
    ]


def _odds(row: pd.Series) -> str:
    limits = numbers.interval(row["conf_low"], row["conf_high"])
    return f"{numbers.estimate(row['odds_ratio'])} ({limits})"


def odds_axis(low: float, high: float) -> Axis:
    """A log axis of odds ratios with at most seven round marks."""
    a, b = float(np.log(low)), float(np.log(high))
    pad = 0.06 * (b - a)
    reach = (m for m in _ODDS if m[0] <= low * _BEYOND and high <= m[-1] * _BEYOND)
    inside = [v for v in next(reach, _ODDS[-1]) if low <= v <= high]
    return Axis(a - pad, b + pad, [float(np.log(v)) for v in inside],
                [numbers.estimate(v, 2).rstrip("0").rstrip(".") for v in inside],
                "odds ratio (log axis)", grid=True)  # fmt: skip


def _rows_axis(labels: Sequence[str]) -> Axis:
    n = len(labels)
    return Axis(-0.6, n - 0.4, [float(n - 1 - i) for i in range(n)], list(labels))


def _titled(low: float, high: float, most: int, title: str) -> Axis:
    values, labels = ticks(low, high, most)
    return Axis(low, high, values, labels, title, grid=True)


def _upright(at: float, y: Axis) -> Line:
    return Line([at, at], [y.low, y.high], "muted", width=1.0, name="none")
