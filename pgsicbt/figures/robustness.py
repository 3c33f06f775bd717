"""The figures of the robustness page that are rows of effects."""

from __future__ import annotations

import pandas as pd

from pgsicbt.figures.robustness_draw import RowsFigure
from pgsicbt.figures.robustness_rows import Mark, RowPanel, Rows
from pgsicbt.robustness.agreement import Agreement
from pgsicbt.robustness.challenges import Challenge, Challenges
from pgsicbt.study import Study
from pgsicbt.words import numbers
from pgsicbt.words.robustness import (
    agreement_note,
    agreement_sentence,
    challenges_note,
    digits_of,
    unit_of,
)

__all__ = ["agreement_figure", "challenges_figure", "variants_figure"]
_PANELS = (("main", "Severity at the start"), ("interaction", "Change"))


def _clear(row: pd.Series) -> bool:
    return bool(row["conf_low"] > 0 or row["conf_high"] < 0)


def _hover(row: pd.Series, name: str, digits: int) -> str:
    limits = numbers.interval(row["conf_low"], row["conf_high"], digits)
    return f"{name}: {numbers.estimate(row['estimate'], digits)} ({limits})"


def _unit(study: Study, found: Challenges) -> str:
    worse = study.outcome(found.spec.outcome).higher_is_worse
    return (
        f"{unit_of(study, found.spec.outcome)} per SD ({'lower' if worse else 'higher'} is better)"
    )


def challenges_figure(study: Study, found: Challenges, score: str) -> RowsFigure:
    """One row per challenge: a bar over its variants, and whether the effect holds."""
    panels, d = [], digits_of(study, found.spec.outcome)
    for role, title in _PANELS:
        marks = []
        for challenge in found.challenges:
            rows = challenge.rows(score, role)
            known = rows[rows["estimate"].notna()]
            verdict = found.verdict(challenge, score, role)
            text = "not known" if verdict == "unknown" else verdict
            if known.empty:
                marks.append(Mark((), (), text=text))
                continue
            marks.append(
                Mark(
                    tuple(known["estimate"]),
                    tuple(_clear(r) for _, r in known.iterrows()),
                    float(known["estimate"].min()),
                    float(known["estimate"].max()),
                    text,
                    tuple(_hover(r, str(r["variant"]), d) for _, r in known.iterrows()),
                )
            )
        own = float(found.itself(score, role)["estimate"])
        panels.append(RowPanel(title, _unit(study, found), tuple(marks), own))
    label = study.score(score).label
    said = "; ".join(
        f"{c.title}: {found.verdict(c, score, 'main')} for severity, "
        f"{found.verdict(c, score, 'interaction')} for change"
        for c in found.challenges
    )
    return RowsFigure(
        Rows(
            f"The effects of {label}, with one thing at a time chosen otherwise",
            tuple(c.title for c in found.challenges),
            panels,
            f"Challenges to the effects of {label}. {said}.",
            challenges_note(study, found),
            thick=True,
        )
    )


def variants_figure(
    study: Study, found: Challenges, challenge: Challenge, score: str
) -> RowsFigure:
    """One row per variant of a challenge: effect and interval, the analysis itself first."""
    panels, labels = [], ["The analysis itself"]
    d = digits_of(study, found.spec.outcome)
    for role, title in _PANELS:
        itself = found.itself(score, role)
        rows = [itself, *(r for _, r in challenge.rows(score, role).iterrows())]
        marks = tuple(_mark(r, str(r["variant"]), d) for r in rows)
        panels.append(RowPanel(title, _unit(study, found), marks, float(itself["estimate"])))
        labels = [labels[0], *(str(r["variant"]) for r in rows[1:])]
    label = study.score(score).label
    return RowsFigure(
        Rows(
            f"{challenge.title}: {label}",
            tuple(labels),
            panels,
            f"{challenge.title}. Effects of {label} with intervals in {len(labels)} analyses.",
            f"{100 * found.spec.confidence:g} % intervals, per standard deviation of the score.",
        )
    )


def _mark(row: pd.Series, name: str, digits: int) -> Mark:
    if pd.isna(row["estimate"]):
        return Mark((), (), text="too few")
    return Mark(
        (float(row["estimate"]),),
        (_clear(row),),
        float(row["conf_low"]),
        float(row["conf_high"]),
        numbers.estimate(row["estimate"], digits),
        (_hover(row, name, digits),),
    )


def agreement_figure(study: Study, found: Agreement, score: str) -> RowsFigure:
    """One row per kind of model, on the standardised axis."""
    mine = found.table[found.table["score"] == score]
    marks = []
    for _, row in mine.iterrows():
        text = numbers.estimate(row["estimate"], 3)
        limits = numbers.interval(row["conf_low"], row["conf_high"], 3)
        hover = f"{row['label']}: {text} ({limits}), {numbers.count(row['n_persons'])} people"
        marks.append(
            Mark((float(row["estimate"]),), (_clear(row),), float(row["conf_low"]),
                 float(row["conf_high"]), text, (hover,))
        )  # fmt: skip
    panel = RowPanel(
        study.score(score).label, "SD of the outcome per SD of the score (lower is better)",
        tuple(marks),
    )  # fmt: skip
    labels = tuple(str(x) for x in mine["label"])
    sentence = agreement_sentence(study, found, score)
    return RowsFigure(
        Rows(f"Models of different kinds: {study.score(score).label}", labels, (panel,), sentence,
             agreement_note(found))
    )  # fmt: skip
