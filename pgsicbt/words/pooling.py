"""What several sites say together, in words."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from pgsicbt.pooling.pooled import PooledSites
from pgsicbt.words import numbers
from pgsicbt.words.power import LOGARITHMS

ESTIMATORS = {
    "reml": "restricted maximum likelihood",
    "paule-mandel": "the method of Paule and Mandel",
}
CORRECTED = {
    "none": "not corrected",
    "bonferroni": "after Bonferroni",
    "bh": "after Benjamini and Hochberg",
    "by": "after Benjamini and Yekutieli",
}


def pooled_about(found: PooledSites, about: str) -> str:
    """What an effect is about, as a heading."""
    if about == "severity":
        return {"start": "severity at the start", "middle": "severity half-way"}.get(
            found.sites[0].spec.origin, "severity at the end"
        )
    if about == "change" and found.weeks is not None:
        return f"change over {numbers.week(found.weeks)} weeks"
    return "change" if about == "change" else "the outcome"


def unit_words(found: PooledSites) -> str:
    """The unit of the effects: ``"points"``, ``"odds ratio"``."""
    unit = found.sites[0].unit
    return LOGARITHMS.get(unit) or found.sites[0].outcome.unit.split(" on ")[0] or "points"


def told(found: PooledSites, x: float) -> str:
    """One estimate, as a ratio where it is the logarithm of one."""
    ratio = found.sites[0].unit in LOGARITHMS
    return numbers.estimate(math.exp(x) if ratio and math.isfinite(x) else x)


def told_interval(found: PooledSites, low: float, high: float) -> str:
    """An interval, of ratios where these are logarithms."""
    if not (math.isfinite(low) and math.isfinite(high)):
        return numbers.MISSING
    return f"{told(found, low)} to {told(found, high)}"


def lead_model(found: PooledSites) -> str:
    """The model that is spoken of first: adjusted, if it was pooled."""
    models = list(dict.fromkeys(found.table["model"]))
    return "adjusted" if "adjusted" in models else str(models[-1])


def lead_about(found: PooledSites, model: str) -> str:
    """Change, where it was pooled."""
    kinds = list(dict.fromkeys(found.table.loc[found.table["model"] == model, "about"]))
    return "change" if "change" in kinds else str(kinds[0])


def pooled_answer(found: PooledSites, model: str) -> str:
    """How many of the pooled scores go with change, over how many sites and people."""
    about = lead_about(found, model)
    rows = found.table[(found.table["model"] == model) & (found.table["about"] == about)]
    tested = rows[rows["p_adjusted"].notna()]
    hits = tested[tested["p_adjusted"] < 1 - found.confidence]
    people = numbers.count(sum(s.n_persons for s in found.sites))
    start = f"{len(found.sites)} sites with {people} people together"
    what = pooled_about(found, about)
    how = CORRECTED.get(found.multiplicity, "after Holm")
    if hits.empty:
        return f"{start}: none of {len(tested)} scores goes with {what} {how}."
    named = ", ".join(str(n) for n in hits["label"])
    goes = "goes" if len(hits) == 1 else "go"
    return f"{start}: {len(hits)} of {len(tested)} scores {goes} with {what} {how} ({named})."


def pooled_sentence(found: PooledSites, row: pd.Series) -> str:
    """The pooled effect of one score, with what sites differ in."""
    unit = unit_words(found)
    ratio = found.sites[0].unit in LOGARITHMS
    amount = f"{unit} {told(found, row['estimate'])}" if ratio else (
        f"{told(found, row['estimate'])} {unit}"
    )  # fmt: skip
    level = f"{100 * found.confidence:g} %"
    limits = told_interval(found, row["conf_low"], row["conf_high"])
    new = told_interval(found, row["predict_low"], row["predict_high"])
    shared = (
        "The sites differ no more than chance would have them differ"
        if row["q_p"] >= 0.1
        else "The sites differ more than chance would have them differ"
    )
    i2 = f"I² {numbers.percent(row['i2'])}"
    i2 += f", {numbers.percent(row['i2_low'])} to {numbers.percent(row['i2_high'])}"
    return (
        f"Per standard deviation of {row['label']}, {pooled_about(found, str(row['about']))}: "
        f"{amount} ({level} interval {limits}; {numbers.equation('p', row['p_value'])}). {shared} "
        f"({i2}); in a new site the true effect is expected from {new}."
    )


def pooled_header() -> list[tuple[str, str]]:
    """Head of the table of pooled effects."""
    return [
        ("Score", "As the first site calls it"),
        ("Sites", "Sites that have the score"),
        ("Pooled (interval)", "Random effects with Hartung and Knapp's interval, per SD"),
        ("p", "Of Hartung and Knapp's test"),
        ("p, corrected", "Over the scores pooled"),
        ("I² (interval)", "Share of the variance of the estimates that lies between sites"),
        ("τ (interval)", "Standard deviation between sites, in the unit of the effect"),
        ("New site", "Prediction interval of the true effect in a new site"),
    ]


def pooled_rows(found: PooledSites, model: str) -> list[list[str]]:
    """Rows of the table of pooled effects, grouped by what they are about."""
    rows: list[list[str]] = []
    mine = found.table[found.table["model"] == model]
    for about, part in mine.groupby("about", sort=False):
        head = pooled_about(found, str(about))
        rows.append([f"{head[:1].upper()}{head[1:]}, {unit_words(found)} per SD"])
        for row in part.to_dict("records"):
            limits = told_interval(found, row["conf_low"], row["conf_high"])
            i2 = f"{numbers.percent(row['i2'])} ({numbers.percent(row['i2_low'])} to "
            tau = [math.sqrt(row[n]) for n in ("tau2", "tau2_low", "tau2_high")]
            rows.append(
                [
                    str(row["label"]),
                    numbers.count(row["k"]),
                    f"{told(found, row['estimate'])} ({limits})",
                    numbers.p_value(row["p_value"]),
                    numbers.p_value(row["p_adjusted"]),
                    f"{i2}{numbers.percent(row['i2_high'])})",
                    f"{numbers.estimate(tau[0])} ({numbers.interval(tau[1], tau[2])})",
                    told_interval(found, row["predict_low"], row["predict_high"]),
                ]
            )
    return rows


def method_note(found: PooledSites) -> str:
    """How it was pooled, below figure and table."""
    modified = ", never narrower than normal theory's" if found.modified else ""
    simulated = " Simulated data." if found.simulated else ""
    return (
        f"Random effects; variance between sites by {ESTIMATORS[found.estimator]}; intervals and "
        f"tests of Hartung and Knapp{modified}; intervals of I² and τ by the Q-profile method; "
        f"prediction interval with t of k − 1. Only summaries were used.{simulated}"
    )


def left_out_sentence(found: PooledSites, row: pd.Series) -> str:
    """What leaving out each site in turn does to one effect; empty with two sites."""
    left = found.left_out
    mine = left[
        (left["score"] == row["score"])
        & (left["model"] == row["model"])
        & (left["about"] == row["about"])
    ]
    if mine.empty:
        return ""
    values = mine["estimate"].to_numpy(float)
    low, high = mine.iloc[int(np.argmin(values))], mine.iloc[int(np.argmax(values))]
    alpha = 1 - found.confidence
    was = float(row["p_value"]) < alpha
    turned = mine[(mine["p_value"] < alpha) != was]
    end = (
        f" Without {' or '.join(str(s) for s in turned['without'])} it is "
        f"{'no longer' if was else ''} significant.".replace("  ", " ")
        if len(turned)
        else " No single site decides whether it is significant."
    )
    return (
        f"Leaving out one site at a time, it runs from {told(found, float(low['estimate']))} "
        f"(without {low['without']}) to {told(found, float(high['estimate']))} (without "
        f"{high['without']}).{end}"
    )


def site_rows(found: PooledSites) -> list[list[str]]:
    """Rows of the table of sites."""
    rows = []
    for site in found.sites:
        weeks = (
            numbers.MISSING
            if site.first_week is None or site.last_week is None
            else f"{numbers.week(site.first_week)} to {numbers.week(site.last_week)}"
        )
        rows.append(
            [
                site.site,
                numbers.count(site.n_persons),
                numbers.count(site.n_observations),
                ", ".join(site.outcome.instruments) or site.outcome.label,
                weeks,
            ]
        )
    return rows
