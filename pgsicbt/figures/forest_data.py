"""What a forest plot shows, as frames and sentences: no drawing here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from pgsicbt.errors import SpecError
from pgsicbt.figures.layout import ticks
from pgsicbt.result import Result
from pgsicbt.study import Study
from pgsicbt.words import numbers
from pgsicbt.words.families import (
    digits_of,
    one_per_person,
    outcome_model_words,
    ratio_of,
    ratio_ticks,
    told,
)
from pgsicbt.words.method import (
    CORRECTIONS,
    intervals_rest_on,
    kind_words,
    outliers_words,
    random_words,
)
from pgsicbt.words.scale import covariates_held, lead_adjustment, outcome_scale
from pgsicbt.words.sentences import level_percent, step_short
from pgsicbt.words.summaries import headline
from pgsicbt.words.timing import timing

Sort = Literal["effect", "severity", "family", "file"]
SORTS: tuple[Sort, ...] = ("effect", "severity", "family", "file")
PANELS = ("main", "interaction")
ONE_PANEL = ("outcome",)
MODELS = ("crude", "adjusted", "complete")
SYMBOLS = {"crude": "square", "adjusted": "circle", "complete": "diamond"}

_FAMILIES = (
    ("education and cognition", {"edu", "ea", "ea3", "ea4", "education", "int", "iq", "cog"}),
    ("neurodevelopmental", {"adhd", "asd", "autism"}),
    ("mood and anxiety", {"mdd", "dep", "depression", "bd", "bip", "bipolar", "anx", "anxiety",
                          "panic", "ptsd", "ocd", "neuroticism"}),
    ("psychosis", {"scz", "schizophrenia"}),
    ("cross-disorder", {"cross", "cdg", "crossdisorder"}),
)  # fmt: skip


_TIME: dict[str, list[str]] = {
    "linear": [],
    "log": ["time is log(week + 1)"],
    "piecewise": ["time is two straight lines"],
    "spline": ["time is a natural cubic spline"],
    "categorical": ["time is a level for every week"],
}


def family_of(score: str) -> str:
    """The family of traits that a score's name speaks of; ``"other"`` if none is known."""
    tokens = {t for t in re.split(r"[^a-z0-9]+", score.lower()) if t}
    for family, known in _FAMILIES:
        if tokens & known:
            return family
    return "other"


def forest_rows(result: Result, sort: Sort = "effect") -> pd.DataFrame:
    """Every score's severity and change in every model, in the order of the rows.

    Parameters
    ----------
    sort
        ``"effect"`` orders by the estimate of change in the leading model, ``"severity"`` by
        that of severity, ``"family"`` by family of traits and then change, ``"file"`` as the
        scores were chosen. Scores without an estimate come last.

    Returns
    -------
    pandas.DataFrame
        ``row`` (0 on top), ``score``, ``family``, ``model``, ``role`` (main or interaction, or
        outcome),
        ``estimate``, ``conf_low``, ``conf_high`` (change is per week where time is a straight
        line, else from the start of treatment to the last), ``p_value``, ``p_adjusted``,
        ``significant`` (after the declared correction), ``status``, ``n_persons``,
        ``n_observations``.

    Raises
    ------
    SpecError
        If ``sort`` is not one of the orders.
    """
    if sort not in SORTS:
        raise SpecError(
            f"Rows cannot be sorted by {sort!r}.", f"Choose one of: {', '.join(SORTS)}."
        )
    spec = result.spec
    panels = panels_of(result)
    keep = ["score", "model", "role", "estimate", "conf_low", "conf_high", "p_value",
            "p_adjusted", "status", "n_persons", "n_observations"]  # fmt: skip
    rows = result.terms(*panels)[keep].copy()
    changes = (rows["role"] == "interaction").to_numpy(bool)
    failed = (rows["status"] == "failed").to_numpy(bool)
    for name in ("estimate", "conf_low", "conf_high"):
        values = rows[name].to_numpy(float).copy()
        values[changes] *= timing(result).factor("interaction")
        values[failed] = np.nan
        rows[name] = values
    rows["significant"] = (rows["p_adjusted"] < 1 - spec.confidence) & ~failed
    scores = list(dict.fromkeys(rows["score"]))
    order = _order(rows, scores, lead_adjustment(result), sort)
    rows["family"] = [family_of(s) for s in rows["score"]]
    rows["row"] = rows["score"].map({s: i for i, s in enumerate(order)}).astype(int)
    rank = {m: i for i, m in enumerate(MODELS)}
    rows = rows.assign(_m=rows["model"].map(rank), _r=rows["role"].map({"main": 0}).fillna(1))
    rows = rows.sort_values(["row", "_r", "_m"], kind="stable").drop(columns=["_m", "_r"])
    columns = ["row", "score", "family", "model", "role", *keep[3:8], "significant", *keep[8:]]
    return rows[columns].reset_index(drop=True)


def _order(rows: pd.DataFrame, scores: list[str], lead: str, sort: Sort) -> list[str]:
    if sort == "file":
        return scores
    role = "main" if sort == "severity" else "interaction"
    chosen = rows[(rows["model"] == lead) & rows["role"].isin((role, "outcome"))]
    value = dict(zip(chosen["score"], chosen["estimate"], strict=True))
    names = [name for name, _ in _FAMILIES] + ["other"]

    def key(score: str) -> tuple[int, bool, float]:
        x = float(value.get(score, np.nan))
        family = names.index(family_of(score)) if sort == "family" else 0
        return family, not np.isfinite(x), x if np.isfinite(x) else 0.0

    return sorted(scores, key=key)


@dataclass(frozen=True)
class ForestText:
    """The words around a forest plot, the same on screen and on paper."""

    title: str
    subtitle: str
    panel_titles: dict[str, str]
    axis_titles: dict[str, str]
    amounts: dict[str, str]
    digits: dict[str, int]
    labels: dict[str, str]
    short_labels: dict[str, str]
    models: tuple[str, ...]
    lead: str
    panels: tuple[str, ...] = PANELS
    ratio: bool = False


def panels_of(result: Result) -> tuple[str, ...]:
    """The panels of a forest plot: severity and change, change alone, or one outcome per person."""
    if one_per_person(result):
        return ONE_PANEL
    return ("interaction",) if result.spec.family == "clda" else PANELS


def forest_text(rows: pd.DataFrame, result: Result, study: Study) -> ForestText:
    """Titles, axis titles, labels and decimals for the rows of a forest plot."""
    spec, when = result.spec, timing(result)
    scale = outcome_scale(study, spec.outcome)
    step = step_short(spec)
    scores = list(dict.fromkeys(rows["score"]))
    labels = {s: study.score(s).label for s in scores}
    models = tuple(m for m in MODELS if m in set(rows["model"]))
    if spec.multiplicity == "none":
        filled = "Filled marks: p < .05, not corrected"
    else:
        filled = f"Filled marks: below .05 after {CORRECTIONS[spec.multiplicity].words}"
    filled = filled.replace(".05", f"{1 - spec.confidence:.3g}".removeprefix("0"))
    if one_per_person(result):
        words = told(result, study)
        better = "" if ratio_of(spec) else f" ({scale.better} is better)"
        kind = words.axis[:1].upper() + words.axis[1:]
        return ForestText(
            title=f"{words.panel}, by polygenic score",
            subtitle=f"{kind} per {step} of each score with {level_percent(spec)} interval. "
            f"{filled}; hollow: not.",
            panel_titles={"outcome": words.panel},
            axis_titles={"outcome": f"{words.amount} per {step}{better}"},
            amounts={"outcome": words.amount},
            digits={"outcome": digits_of(result, study)},
            labels=labels,
            short_labels=_without_prefix(labels),
            models=models,
            lead=lead_adjustment(result),
            panels=ONE_PANEL,
            ratio=bool(ratio_of(spec)),
        )
    panels = panels_of(result)
    title = f"{when.severity} and {when.changing}, by polygenic score"
    return ForestText(
        title=title if len(panels) > 1 else f"{when.change}, by polygenic score",
        subtitle=f"{scale.axis}. Difference per {step} of each score with {level_percent(spec)} "
        f"interval. {filled}; hollow: not.",
        panel_titles={"main": when.severity, "interaction": when.change},
        axis_titles={
            "main": f"{scale.unit} per {step} ({scale.better} is better)",
            "interaction": f"{scale.unit}{' a week' if when.straight else ''} per {step} "
            f"({scale.better} is better)",
        },
        amounts={
            "main": f"{scale.unit} {when.at.removesuffix(' of treatment')}",
            "interaction": f"{scale.unit} {when.over}",
        },
        digits={r: when.digits(r, scale.digits) for r in PANELS},
        labels=labels,
        short_labels=_without_prefix(labels),
        models=models,
        lead=lead_adjustment(result),
        panels=panels,
    )


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _without_prefix(labels: dict[str, str]) -> dict[str, str]:
    """Labels without a prefix such as ``PGS-`` that all of them share."""
    if len(labels) < 2:
        return dict(labels)
    found = [re.match(r"^(P[GR]S|Z)[-_ ]+(?=.)", text, re.IGNORECASE) for text in labels.values()]
    if not all(found) or len({m.group(0) for m in found if m}) != 1:
        return dict(labels)
    return {s: text[len(m.group(0)) :] for (s, text), m in zip(labels.items(), found, strict=True)
            if m}  # fmt: skip


def numbers_text(row: pd.Series, digits: int, ratio: bool = False) -> tuple[str, str]:
    """Estimate and interval of one row as text; a dagger marks a singular fit."""
    if not np.isfinite(row["estimate"]):
        return "not fitted", ""
    dagger = "\u2020" if row["status"] == "singular" else ""
    b, low, high = (
        np.exp(row[c]) if ratio else row[c] for c in ("estimate", "conf_low", "conf_high")
    )
    return numbers.estimate(b, digits) + dagger, numbers.interval(low, high, digits)


def value_ticks(
    low: float, high: float, most: int, *, ratio: bool
) -> tuple[list[float], list[str]]:
    """Positions and labels on the axis of one panel."""
    return ratio_ticks(low, high, most) if ratio else ticks(low, high, most)


def offsets(models: tuple[str, ...], centre: float = 0.0, spread: float = 0.24) -> dict[str, float]:
    """Where each model's mark stands within a row, from the row's middle (down is positive)."""
    n = len(models)
    return {m: centre + (0.0 if n == 1 else spread * (2 * i / (n - 1) - 1))
            for i, m in enumerate(models)}  # fmt: skip


def panel_range(rows: pd.DataFrame, interest: float | None) -> tuple[float, float]:
    """Range of one panel's axis: every interval and zero, with a little air."""
    seen = [0.0, *rows["conf_low"].dropna(), *rows["conf_high"].dropna()]
    if interest:
        seen += [-interest, interest]
    low, high = min(seen), max(seen)
    pad = 0.05 * (high - low) or 1.0
    return low - pad, high + pad


def forest_alt(rows: pd.DataFrame, result: Result, study: Study) -> str:
    """Alternative text: what is drawn, how much survives, the strongest estimate."""
    text, when = forest_text(rows, result, study), timing(result)
    n = len(text.labels)
    about = f"{_lower(when.severity)} and {when.changing}"
    role = "interaction"
    if one_per_person(result):
        about, role = _lower(text.panel_titles["outcome"]), "outcome"
    first = (
        f"Forest plot of {n} polygenic score{'' if n == 1 else 's'}, {about}. "
        f"{headline(result, study, text.lead)}"
    )
    lead = rows[(rows["model"] == text.lead) & (rows["role"] == role)]
    lead = lead[np.isfinite(lead["p_value"].to_numpy(float))]
    if lead.empty:
        return first
    top = lead.loc[lead["p_value"].idxmin()]
    estimate, limits = numbers_text(top, text.digits[role], text.ratio)
    strongest = "Strongest" if role == "outcome" else "Strongest for change"
    return (
        f"{first} {strongest}: {text.labels[top['score']]}, {estimate} "
        f"{text.amounts[role]} ({limits})."
    )


def forest_note(rows: pd.DataFrame, result: Result, study: Study) -> str:
    """The line below the figure: people, model, what the interval is, what the marks mean."""
    spec = result.spec
    text = forest_text(rows, result, study)
    people = rows["n_persons"]
    least, most = int(people.min()), int(people.max())
    who = numbers.count(most) if least == most else f"{numbers.count(least)} to {most:,}"
    if one_per_person(result):
        parts = [f"{who} people.", outcome_model_words(result, study)]
        parts.append(f"Lines are {level_percent(spec)} confidence intervals.")
        if text.ratio:
            parts.append("On a logarithmic axis; 1 is no association.")
    else:
        observed = numbers.count(rows["n_observations"].max())
        parts = [f"{who} people, up to {observed} observations."]
        each = "all scores in one" if spec.together else "one per score"
        parts.append(f"{kind_words(spec)}, {each}: {model_words(result)}.")
        rest = intervals_rest_on(spec)
        parts.append(f"Lines are {level_percent(spec)} confidence intervals{rest}.")
    if not one_per_person(result) and not timing(result).straight:
        parts.append(
            "Change is that from the start of treatment to the last week; courses may differ on "
            "the way without it."
        )
    if spec.outliers != "none":
        parts.append(outliers_words(result))
    if spec.multiplicity == "max-t":
        shuffles = numbers.count(spec.permutations)
        parts.append(f"Max-T from {shuffles} shuffles of the scores (seed {spec.seed}).")
    if len(text.models) > 1:
        parts.append(f"Numbers are those of the {text.lead} model.")
    if (rows["status"] == "singular").any():
        parts.append("\u2020 singular fit: the random part is on its boundary.")
    if (rows["status"] == "failed").any():
        parts.append("Models that could not be fitted have no mark.")
    if result.simulated:
        parts.append("Simulated data.")
    return " ".join(parts)


def model_words(result: Result) -> str:
    """What the models of the grid hold, in words."""
    spec = result.spec
    present = set(result.table["model"])
    pieces = []
    if "crude" in present:
        pieces.append("crude has score, time and score × time")
    if present & {"adjusted", "complete"}:
        covariates = ", ".join(covariates_held(result))
        by_time = " and each × time" if spec.covariate_time else " (without × time)"
        n = len(spec.components)
        components = f"{n} principal component{'' if n == 1 else 's'}"
    if "adjusted" in present:
        held = [f"{covariates}{by_time}"] if covariates else []
        held += [components] if n else []
        pieces.append("adjusted " + ("adds " + ", and ".join(held) if held else "adds nothing"))
    if "complete" in present:
        pieces.append("complete also has each component × time")
    for score, other in spec.interactions:
        pieces.append(f"models of {score} have {score} × {other}, and × time")
    pieces += _TIME[spec.time_coding]
    return "; ".join(pieces) + f"; {random_words(result)}"
