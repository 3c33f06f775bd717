"""Pooling the summaries of several sites, score by score."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from pgsicbt.errors import FitError
from pgsicbt.models.grid.multiplicity import SIMPLE, Correction, adjust
from pgsicbt.pooling.compatible import check_compatible, common_span
from pgsicbt.pooling.random_effects import Estimator, Pooled, pool_estimates
from pgsicbt.pooling.site_summary import SiteSummary
from pgsicbt.study import Finding

_KEYS = ["score", "model", "about"]
POOLED_COLUMNS = (
    *("score", "label", "model", "about", "unit", "n_persons"),
    *(f.name for f in dataclasses.fields(Pooled)),
    "p_adjusted",
)
"""Columns of ``PooledSites.table``: the fields of
:class:`~pgsicbt.pooling.random_effects.Pooled`, per +1 SD of the score; ``p_adjusted`` is
corrected over the scores that are pooled for one model and one kind of effect."""


@dataclass(frozen=True)
class PooledSites:
    """What several sites say together.

    Parameters
    ----------
    table
        One row per score, model and what it is about, with ``POOLED_COLUMNS``.
    rows
        The effects of every site that went in: ``site``, ``EFFECT_COLUMNS`` (change over
        ``weeks``), and the site's own interval, ``conf_low`` and ``conf_high``.
    left_out
        The pooled estimate without one site: ``without``, ``score``, ``model``, ``about``,
        ``estimate``, ``conf_low``, ``conf_high``, ``p_value``, ``tau2``, ``i2``.
    weeks
        Weeks that change is told over; None in families with one outcome per person.
    """

    sites: tuple[SiteSummary, ...]
    table: pd.DataFrame
    rows: pd.DataFrame
    left_out: pd.DataFrame
    weeks: float | None
    estimator: Estimator
    modified: bool
    confidence: float
    multiplicity: str
    findings: tuple[Finding, ...]

    @property
    def simulated(self) -> bool:
        """Whether any of the sites is simulated."""
        return any(s.simulated for s in self.sites)


def pool_sites(
    sites: Sequence[SiteSummary],
    *,
    estimator: Estimator = "reml",
    modified: bool = True,
) -> PooledSites:
    """Pool every effect that at least two sites have.

    Parameters
    ----------
    estimator, modified
        As :func:`~pgsicbt.pooling.random_effects.pool_estimates` takes them.

    Raises
    ------
    SpecError
        If the summaries do not belong together.
    FitError
        If no effect is known at two sites.
    """
    findings = check_compatible(sites)
    spec = sites[0].spec
    weeks = common_span(sites)
    rows = pd.concat([_rows(s, weeks) for s in sites], ignore_index=True)
    made: list[dict[str, object]] = []
    left: list[dict[str, object]] = []
    single: list[str] = []
    for key, part in rows.groupby(_KEYS, sort=False):
        names = dict(zip(_KEYS, key, strict=True))
        y, se = part["estimate"].to_numpy(float), part["std_error"].to_numpy(float)
        if len(part) < 2:
            single.append(str(names["score"]))
            continue
        how: dict[str, Any] = {
            "estimator": estimator,
            "confidence": spec.confidence,
            "modified": modified,
        }
        found = pool_estimates(y, se, **how)
        about = {"label": part["label"].iloc[0], "unit": sites[0].unit}
        people = int(part["n_persons"].sum())
        made.append({**names, **about, "n_persons": people, **dataclasses.asdict(found)})
        if len(part) > 2:
            for j, site in enumerate(part["site"]):
                one = pool_estimates(np.delete(y, j), np.delete(se, j), **how)
                left.append({"without": site, **names, **_short(one)})
    if not made:
        raise FitError(
            "No score was analysed at two of these sites under one name.",
            "Give the score the same name at every site.",
            code="nothing_in_common",
        )
    for score in dict.fromkeys(single):
        text = f"{score} is known at one site only in some model, where it cannot be pooled."
        findings.append(Finding("one_site", "info", text, column=score))
    if len(sites) < 5:
        text = (
            f"With {len(sites)} sites the variance between them is hardly known: the interval of "
            "the mean and the prediction interval are wide for that reason."
        )
        findings.append(Finding("few_sites", "info", text))
    table = pd.DataFrame(made)
    findings += _narrow(table)
    table["p_adjusted"] = _adjusted(table, sites)
    columns = ["without", *_KEYS, "estimate", "conf_low", "conf_high", "p_value", "tau2", "i2"]
    return PooledSites(
        tuple(sites), table[list(POOLED_COLUMNS)], rows, pd.DataFrame(left, columns=columns),
        weeks, estimator, modified, spec.confidence, spec.multiplicity, tuple(findings),
    )  # fmt: skip


def _rows(site: SiteSummary, weeks: float | None) -> pd.DataFrame:
    """The effects of a site, change over the weeks that all have."""
    rows = site.effects.copy()
    rows.insert(0, "site", site.site)
    straight = site.spec.time_coding == "linear"
    if straight and weeks and site.first_week is not None and site.last_week is not None:
        share = weeks / (site.last_week - site.first_week)
        change = (rows["about"] == "change") & (abs(share - 1) > 1e-12)
        for name in ("estimate", "std_error"):
            rows[name] = rows[name].where(~change, rows[name] * share)
    df = rows["df"].fillna(np.inf).to_numpy(float)
    reach = stats.t.isf((1 - site.spec.confidence) / 2, df) * rows["std_error"]
    return rows.assign(conf_low=rows["estimate"] - reach, conf_high=rows["estimate"] + reach)


def _narrow(table: pd.DataFrame) -> list[Finding]:
    """Scores whose interval is narrower than if all sites had one true effect."""
    few = table["std_error"] < table["common_error"] * (1 - 1e-9)
    names = list(dict.fromkeys(table.loc[few, "label"]))
    if not names:
        return []
    text = (
        f"The sites agree better than their standard errors would have them ({', '.join(names)}): "
        "Hartung and Knapp's interval is then narrower than that of one common effect, and the "
        "modified one is the safer."
    )
    return [Finding("narrow_interval", "info", text)]


def _short(found: Pooled) -> dict[str, float]:
    names = ("estimate", "conf_low", "conf_high", "p_value", "tau2", "i2")
    return {name: getattr(found, name) for name in names}


def _adjusted(table: pd.DataFrame, sites: Sequence[SiteSummary]) -> pd.Series[float]:
    """p values corrected over the scores of one model, controls left out; Holm where the spec's
    correction needs more than p values."""
    wanted = sites[0].spec.multiplicity
    method: Correction = next((m for m in SIMPLE if m == wanted), "holm")
    controls = {c for s in sites for c in s.spec.controls}
    spare = table["score"].isin(controls)
    out = pd.Series(np.nan, index=table.index)
    for _, part in table[~spare].groupby(["model", "about"], sort=False):
        p = part["p_value"].to_numpy(float)
        out.loc[part.index] = p if wanted == "none" else adjust(p, method)
    return out
