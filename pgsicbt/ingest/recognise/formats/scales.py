"""One score that a file holds on several scales or at several settings, offered once."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from pgsicbt.ingest.questions import Question
from pgsicbt.ingest.recognise.formats.people import CHOSEN
from pgsicbt.ingest.recognise.layout import Assigned, Layout
from pgsicbt.ingest.recognise.names import score_name
from pgsicbt.study import Finding
from pgsicbt.wording import listed

SUFFIXES = ("_AVG", "_SUM")
ADVICE = {
    "SUM": "the raw weighted sum, comparable only between people of like ancestry",
    "AVG": "the sum divided by the alleles counted, comparable only between people of like "
    "ancestry",
    "Z_MostSimilarPop": "standard deviations within the most similar reference population",
    "Z_norm1": "the mean adjusted for genetic ancestry",
    "Z_norm2": "mean and spread adjusted for genetic ancestry, for cohorts of mixed ancestry",
}
"""What each normalisation of a score is good for, in a few words."""
_SCALES = (
    "z", "zscore", "zscores", "std", "stdz", "standardised", "standardized", "scaled", "scale",
    "sd", "norm", "norm1", "norm2", "normalised", "normalized", "avg", "sum", "mean", "total",
    "raw", "adj", "adjusted", "resid", "residual", "percentile", "percentiles", "pctile", "pct",
    "perc", "centile", "decile", "quintile", "quartile", "tertile", "ntile", "rank", "bin",
)  # fmt: skip
_BEHIND = re.compile(rf"(.+?)[_. -]({'|'.join(_SCALES)})", re.IGNORECASE)
_BEFORE = re.compile(rf"({'|'.join(_SCALES)})[_. -](.+)", re.IGNORECASE)


def one_of(name: str, variants: Mapping[str, str], fixed: Mapping[str, str]) -> dict[str, Assigned]:
    """Offer a score that comes in several normalisations once.

    Parameters
    ----------
    variants
        Normalisation to column, the preferred one first.
    """
    chosen = [norm for norm, column in variants.items() if fixed.get(column) == "score"]
    open_ones = [norm for norm, column in variants.items() if column not in fixed]
    use = next(iter(chosen or open_ones or variants))
    others = tuple(column for norm, column in variants.items() if norm != use)
    columns: dict[str, Assigned] = {}
    for norm, column in variants.items():
        if norm == use:
            reason = f"normalisation of the score{'' if others else ' in this file'}"
            columns[column] = Assigned("score", reason, name, "", norm, others)
        else:
            columns[column] = Assigned(
                "ignore", f"the same score as {variants[use]}, on another scale"
            )
    return columns


def average_and_sum(names: Sequence[str]) -> dict[str, dict[str, str]]:
    """Scores that come as ``X_AVG`` and ``X_SUM``: name to normalisation to column."""
    scores: dict[str, dict[str, str]] = {}
    for suffix in SUFFIXES:
        for name in names:
            if name.upper().endswith(suffix) and len(name) > len(suffix):
                scores.setdefault(name[: -len(suffix)], {})[suffix[1:]] = name
    return scores


def suffix_variants(names: Sequence[str]) -> dict[str, dict[str, str]]:
    """Scores that come on several scales: name to scale to column, the preferred scale first.

    ``X_AVG`` and ``X_SUM``, or ``PGS_X`` beside ``PGS_X_z`` and ``PGS_X_percentile``; a column of
    that name alone is the scale ``""`` and preferred.
    """
    found = average_and_sum(names)
    taken = {column for variants in found.values() for column in variants.values()}
    for name in names:
        stem, scale = _stem_and_scale(name)
        if not scale or name in taken or not score_name(stem):
            continue
        found.setdefault(stem, {})[scale] = name
    for stem, variants in found.items():
        if stem in names and any(column != stem for column in variants.values()):
            found[stem] = {"": stem, **variants}
    order = {scale: i for i, scale in enumerate(("", *_SCALES))}
    return {
        stem: dict(sorted(variants.items(), key=lambda one: order.get(one[0].casefold(), 0)))
        for stem, variants in found.items()
    }


def _stem_and_scale(name: str) -> tuple[str, str]:
    behind = _BEHIND.fullmatch(name)
    if behind:
        return behind[1], behind[2]
    before = _BEFORE.fullmatch(name)
    return (before[2], before[1]) if before else (name, "")


def scale_question(file: str, used: str, others: Sequence[str]) -> Question:
    """Ask which normalisation of a score is to be used."""
    words = [f"{norm}: {ADVICE[norm]}" for norm in (used, *others) if norm in ADVICE]
    text = f"{file} holds each score in several normalisations. Which is to be used?"
    if words:
        text += f" {'; '.join(words)}."
    return Question("normalisation", file, used, text, (used, *others), used)


def settings_finding(file: str, name: str, used: str, others: Sequence[str]) -> Finding:
    """Warn that one score is there at several settings of a method."""
    message = (
        f"{file} holds one score{f', {name},' if name else ''} at {len(others) + 1} thresholds or "
        f"settings; {used} is used. Choosing the threshold that does best in this sample overfits."
    )
    return Finding("thresholds", "warning", message, file, used)


def scales_note(file: str, used: str, others: Sequence[str]) -> Finding:
    """Say that one score is there in several normalisations."""
    message = (
        f"{file} holds each score in several normalisations; {used} is used"
        f"{f' ({ADVICE[used]})' if used in ADVICE else ''}, {listed(others)} can be chosen instead."
    )
    return Finding("normalisation", "info", message, file, used)


def with_scales_note(file: str, layout: Layout) -> Layout:
    """A layout with a finding that says so if a score is there on several scales."""
    for name, given in layout.columns.items():
        if given.role == "score" and given.alternatives and given.reason != CHOSEN:
            note = scales_note(file, name, given.alternatives)
            return replace(layout, findings=(*layout.findings, note))
    return layout
