"""Effects beside changes that count, and the overlap of groups, in words."""

from __future__ import annotations

import re

import pandas as pd

from pgsicbt.meaning.overlap import Interval, Overlap
from pgsicbt.result import Result
from pgsicbt.study import Study
from pgsicbt.words import numbers
from pgsicbt.words.scale import outcome_scale
from pgsicbt.words.sentences import level_percent, score_label

_FARTHEST = 8.0
"""Standard deviations that hardly any two people lie apart on a score."""
_TENTHS = {0.1: "tenth", 0.2: "fifth", 0.25: "quarter", 0.5: "half"}


def group_word(share: float) -> str:
    """What a share of people is called: ``"tenth"``."""
    return _TENTHS.get(round(share, 4), f"{numbers.percent(share)} share")


def yardstick_rows(frame: pd.DataFrame) -> tuple[list[list[str]], list[str]]:
    """Cells of the table of yardsticks, and the source of each row.

    Columns: the change that counts, its points, the effect per SD, its share with the interval,
    SDs of the score that amount to it. A row of one cell is a heading.
    """
    rows: list[list[str]] = []
    titles: list[str] = []
    for (instrument, about), part in frame.groupby(["instrument", "about"], sort=False):
        rows.append([f"{instrument}: {'after treatment' if about == 'post' else 'change'}"])
        titles.append("")
        for row in part.to_dict("records"):
            shares = [100 * float(row[c]) for c in ("share", "share_low", "share_high")]
            d = 0 if max(abs(s) for s in shares) >= 10 else 1
            fine = _digits(float(row["points"]))
            span = numbers.interval(shares[1], shares[2], d)
            rows.append(
                [
                    _short(str(row["yardstick"]), str(row["words"])),
                    numbers.estimate(row["points"], fine),
                    numbers.estimate(row["estimate"], fine + 1),
                    f"{numbers.estimate(shares[0], d)} ({span})",
                    numbers.estimate(row["steps"], 0 if row["steps"] >= 10 else 1),
                ]
            )
            titles.append(f"{row['words']}; {row['source']}")
    return rows, titles


def _digits(points: float) -> int:
    """Decimals of a change that counts: one in points, more on an index from 0 to 1."""
    return 1 if points >= 1 else numbers.decimals(points, 2)


def _short(kind: str, words: str) -> str:
    """A change that counts in a few words; with the reliability it was worked out from."""
    found = re.search(r", (\S+ [\d.]+)\)$", words)
    return f"{kind.capitalize()}{f' ({found[1]})' if found else ''}"


def yardstick_sentence(study: Study, score: str, frame: pd.DataFrame) -> str:
    """The effect after treatment beside the change that it comes nearest to."""
    mine = frame[frame["about"] == "post"] if (frame["about"] == "post").any() else frame
    if mine.empty:
        return (
            "The registry knows no smallest change that counts for this outcome, so there is none "
            "to set the effect beside."
        )
    row = mine.iloc[int(mine["share"].abs().to_numpy().argmax())]
    label = score_label(study, score)
    kind = {
        "reliable improvement": "the smallest change beyond measurement error",
        "minimal improvement": "the smallest change that patients notice",
    }[str(row["yardstick"])]
    steps = float(row["steps"])
    d = _digits(float(row["points"]))
    points = (
        f"{numbers.estimate(abs(row['estimate']), d + 1)} of {numbers.estimate(row['points'], d)}"
    )
    share = numbers.percent(abs(float(row["share"])))
    if steps > _FARTHEST:
        far = "No two people lie far enough apart on the score to differ by that much."
    elif steps > 1:
        far = (
            f"People would have to lie {numbers.estimate(steps, 1)} standard deviations apart to "
            "differ by that much."
        )
    else:
        far = "One standard deviation amounts to it."
    return (
        f"Of the changes that count, a standard deviation of {label} comes nearest to {kind} on "
        f"the {row['instrument']}: {points} points, {share}. {far}"
    )


def overlap_sentence(study: Study, result: Result, found: Overlap) -> str:
    """How far the highest and the lowest group overlap, in the model where there is one."""
    label, group = score_label(study, found.score), group_word(found.share)
    scale = outcome_scale(study, result.spec.outcome)
    when = _when(found)
    if found.model is not None:
        view, source = found.model, "by the model"
        area, better, gap = view.overlap, view.better, view.difference
    elif found.observed is not None:
        seen, source = found.observed, "as observed"
        area = Interval(seen.overlap.overlap, seen.overlap.low, seen.overlap.high)
        better, gap = seen.better, seen.difference
    else:
        return f"{when}, too few people of either {group} of {label} were seen to compare them."
    what = "severity" if found.about == "post" else "change"
    if not scale.higher_is_worse and found.about == "post":
        what = "outcomes"
    level = level_percent(result.spec)
    return (
        f"{when}, {source}, {what} in the highest and the lowest {group} of {label} overlap by "
        f"{numbers.percent(area.estimate)} ({level} interval {_percents(area)}): means differ by "
        f"{numbers.estimate(abs(gap.estimate), scale.digits)} {scale.unit}. Drawn at random, "
        f"somebody of the highest {group} does better than somebody of the lowest in "
        f"{numbers.percent(better.estimate)} of draws ({_percents(better)}); 50 % is chance."
    )


def _when(found: Overlap) -> str:
    if found.about == "post":
        return f"In week {numbers.week(found.week)}"
    return f"From week {numbers.week(found.first)} to week {numbers.week(found.week)}"


def _percents(one: Interval) -> str:
    return numbers.interval(100 * one.low, 100 * one.high, 0)


def overlap_rows(study: Study, result: Result, found: tuple[Overlap, ...]) -> list[list[str]]:
    """Cells: which view, people, difference of means, overlap, chance of doing better."""
    rows: list[list[str]] = []
    digits = outcome_scale(study, result.spec.outcome).digits
    for one in found:
        rows.append([_when(one)])
        if one.model is not None:
            view = one.model
            rows.append(
                [
                    "By the model",
                    "the cohort",
                    _points(view.difference, digits),
                    f"{numbers.percent(view.overlap.estimate)} ({_percents(view.overlap)})",
                    f"{numbers.percent(view.better.estimate)} ({_percents(view.better)})",
                ]
            )
        if one.observed is None:
            rows.append(["As observed", *[numbers.MISSING] * 4])
            continue
        seen = one.observed
        area = Interval(seen.overlap.overlap, seen.overlap.low, seen.overlap.high)
        rows.append(
            [
                "As observed",
                f"{numbers.count(seen.n_top)} and {numbers.count(seen.n_bottom)}",
                _points(seen.difference, digits),
                f"{numbers.percent(area.estimate)} ({_percents(area)}); by chance "
                f"{numbers.percent(seen.overlap.chance)}",
                f"{numbers.percent(seen.better.estimate)} ({_percents(seen.better)})",
            ]
        )
    return rows


def _points(one: Interval, digits: int) -> str:
    limits = numbers.interval(one.low, one.high, digits)
    return f"{numbers.estimate(one.estimate, digits)} ({limits})"


def overlap_note(result: Result, found: tuple[Overlap, ...]) -> str:
    """What the two views rest on."""
    group = group_word(found[0].share)
    simulated = " Simulated data." if result.simulated else ""
    return (
        f"Highest and lowest {group} of the score. By the model: everything else as in the cohort, "
        "the spread is that between people and from visit to visit. As observed: the values of "
        "those seen after treatment, unadjusted; curves are smoothed. Two groups put together "
        "by chance do not overlap wholly either: how far they do is said beside it. This is about "
        f"groups: it predicts nobody's outcome.{simulated}"
    )
