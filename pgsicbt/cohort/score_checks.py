"""Checks of the scores: scale, batches, ancestry, the same sample twice; each with advice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from pgsicbt.cohort.components import default_batch, score_components
from pgsicbt.cohort.distributions import score_correlations
from pgsicbt.cohort.groups import Grouping, group_people
from pgsicbt.derived import OUTLYING, outlying_ancestry
from pgsicbt.disclosure import MINIMUM_CELL, shown_count
from pgsicbt.study import Finding, Study
from pgsicbt.wording import listed

NEAR_ONE = (0.8, 1.25)
"""SD that a standardised score has; outside it something else was done to it."""
RAW = (0.05, 20.0)
SHIFTED = 0.25
BATCH_SHIFT = 0.1
TWINS = 0.98
FAR = 5.0
ANCESTRY = 0.05
"""Robust SD from the median on a component (Price et al. 2006 leave out beyond six SD)."""
_EXACT = 0.002
_CHANCE = 0.001
_NAMED = 4


def score_checks(study: Study) -> Iterator[Finding]:
    """Everything noticed about the scores and components of a study."""
    yield from _scales(study)
    yield from _scaled_in_groups(study)
    yield from _batches(study)
    yield from _outliers(study)
    yield from _same_score(study)
    yield from _same_sample(study)
    yield from _ancestry(study)


def number(x: float, digits: int = 2) -> str:
    """A number with a real minus sign."""
    return f"{x:.{digits}f}".replace("-", "\N{MINUS SIGN}")


def named(names: Iterable[str]) -> str:
    """Some names in words: the first four, and how many more."""
    items = list(names)
    shown = items[:_NAMED]
    if len(items) > _NAMED:
        shown.append(f"{len(items) - _NAMED} more")
    return listed(shown)


def _values(study: Study, name: str) -> NDArray[np.float64]:
    return study.persons[name].to_numpy(float)


def _scales(study: Study) -> Iterator[Finding]:
    kinds: dict[str, list[str]] = {"percentile": [], "raw": [], "odd": [], "shifted": []}
    twice: list[str] = []
    for score in study.scores:
        values = _values(study, score.name)
        values = values[np.isfinite(values)]
        if len(values) < 2 * MINIMUM_CELL:
            continue
        mean, sd = float(values.mean()), float(values.std(ddof=1))
        about = f"{score.label} (SD {number(sd, 2 if sd >= 0.05 else 4)})"
        if _like_percentiles(values):
            kinds["percentile"].append(score.label)
        elif not RAW[0] <= sd <= RAW[1]:
            kinds["raw"].append(score.label)
        elif not NEAR_ONE[0] <= sd <= NEAR_ONE[1]:
            kinds["odd"].append(about)
        elif abs(mean) > SHIFTED:
            kinds["shifted"].append(f"{score.label} (mean {number(mean)})")
        elif (
            score.normalisation.casefold().startswith("z")
            and abs(mean) < _EXACT
            and abs(sd - 1) < _EXACT
        ):
            twice.append(score.label)
    if names := kinds["percentile"]:
        yield Finding(
            "score_percentile", "warning",
            f"{named(names)}: the values lie like percentiles, evenly between 0 and 1 or 100. "
            "Load the score itself: a percentile squeezes the people at both ends.",
        )  # fmt: skip
    if names := kinds["raw"]:
        yield Finding(
            "score_unscaled", "info",
            f"{named(names)}: not scaled, as sums of weights are. The models standardise scores in "
            "the people analysed, so nothing need be done; raw sums of separate scoring runs must "
            "not be mixed, though.",
        )  # fmt: skip
    if names := kinds["odd"]:
        yield Finding(
            "score_scale", "warning",
            f"{named(names)}: neither a raw sum nor standardised. Such a score was often divided "
            "by a standard deviation twice, or by that of other people. The models standardise it "
            "again, so associations hold per SD of this cohort; check the script that made it.",
        )  # fmt: skip
    if names := kinds["shifted"]:
        yield Finding(
            "score_shifted", "info",
            f"{named(names)}: the mean is off zero, so this cohort differs from the people the "
            "score was normalised on, in ancestry or genotyping. The models centre it.",
        )  # fmt: skip
    if twice:
        yield Finding(
            "score_scaled_twice", "info",
            f"{named(twice)}: named as normalised on a reference panel, yet mean 0 and SD 1 in "
            "exactly these people, so scaled a second time. Associations per SD of this cohort are "
            "not changed by that; do not compare means with other cohorts.",
        )  # fmt: skip


def _like_percentiles(values: NDArray[np.float64]) -> bool:
    low, high = float(values.min()), float(values.max())
    top = 1.0 if high <= 1 else 100.0
    if low < 0 or high > 100 or high < 0.9 * top or len(np.unique(values)) < 20:
        return False
    return bool(np.abs(np.sort(values) / top - np.linspace(0, 1, len(values))).max() < 0.15)


def _scaled_in_groups(study: Study) -> Iterator[Finding]:
    for role, what in (("batch", "batch"), ("stratum", "group")):
        for name in study.covariate_names(role):  # type: ignore[arg-type]
            grouping = group_people(study, name)
            hit = [s.label for s in study.scores if _exact(_values(study, s.name), grouping)]
            if hit:
                yield Finding(
                    "score_scaled_in_groups", "warning",
                    f"{named(hit)}: mean 0 and SD 1 within every {what} of {name}, so scaled apart "
                    f"in each. That takes true differences between {name} out of the score; load "
                    "the score scaled in everybody and let the models adjust.",
                    column=name,
                )  # fmt: skip


def _exact(values: NDArray[np.float64], grouping: Grouping) -> bool:
    if not grouping.labels:
        return False
    for g in range(len(grouping.labels)):
        mine = values[(grouping.codes == g) & np.isfinite(values)]
        if len(mine) < 2 * MINIMUM_CELL:
            return False
        if abs(mine.mean()) > _EXACT or not 0.99 < mine.std(ddof=1) < 1.01:
            return False
    return True


def _batches(study: Study) -> Iterator[Finding]:
    name = default_batch(study)
    grouping = group_people(study, name)
    if not grouping.labels:
        return
    hit: list[tuple[float, str]] = []
    for score in study.scores:
        values = _values(study, score.name)
        known = np.isfinite(values)
        parts = [values[known & (grouping.codes == g)] for g in range(len(grouping.labels))]
        parts = [p for p in parts if len(p) >= MINIMUM_CELL]
        sd = float(values[known].std(ddof=1)) if known.sum() > 1 else 0.0
        if len(parts) < 2 or not sd > 0:
            continue
        means = [float(p.mean()) for p in parts]
        gap = (max(means) - min(means)) / sd
        if gap >= BATCH_SHIFT and stats.f_oneway(*parts).pvalue < _CHANCE:
            hit.append((gap, score.label))
    if hit:
        hit.sort(reverse=True)
        worst = f"up to {number(hit[0][0])} SD"
        yield Finding(
            "score_batch", "warning" if hit[0][0] >= 2 * BATCH_SHIFT else "info",
            f"{named(label for _, label in hit)} differ{'s' if len(hit) == 1 else ''} between "
            f"genotyping batches ({worst} between two of them), more than chance. Keep {name} "
            "among the covariates, and ask whether batches differ in diagnosis, year or array.",
            column=name,
        )  # fmt: skip


def _outliers(study: Study) -> Iterator[Finding]:
    hit: dict[str, int] = {}
    for score in study.scores:
        values = _values(study, score.name)
        values = values[np.isfinite(values)]
        sd = values.std(ddof=1) if len(values) > 1 else 0.0
        far = int((np.abs(values - values.mean()) > FAR * sd).sum()) if sd > 0 else 0
        if far:
            hit[score.label] = far
    if hit:
        most = max(hit.values())
        yield Finding(
            "score_outliers", "warning",
            f"{named(hit)}: values more than {FAR:g} SD from the mean ({shown_count(most)} people "
            "in a score). Among fewer than a million people that is hardly chance: look for a "
            "failed sample, other ancestry or a missing-value code, and decide before looking at "
            "results.",
        )  # fmt: skip


def _same_score(study: Study) -> Iterator[Finding]:
    pairs = score_correlations(study)
    high = pairs[pairs["r"].abs() >= TWINS]
    if len(high):
        label = {s.name: s.label for s in study.scores}
        texts = [f"{label[a]} with {label[b]}" for a, b in zip(high["first"], high["second"],
                                                               strict=True)]  # fmt: skip
        yield Finding(
            "score_same", "warning",
            f"{named(texts)}: correlated {number(TWINS)} or more, so the same score twice. Keep "
            "one: two count as two tests and cannot stand in one model.",
        )  # fmt: skip


def _same_sample(study: Study) -> Iterator[Finding]:
    names = [*study.score_names, *study.covariate_names("component")]
    if len(study.scores) + len(names) < 4:
        return
    values = study.persons[names].to_numpy(float)
    values = values[np.isfinite(values).all(axis=1)]
    _, size = np.unique(values, axis=0, return_counts=True)
    people = int(size[size > 1].sum())
    if people:
        yield Finding(
            "same_sample", "warning",
            f"{upper(shown_count(people))} people share every score and component with somebody "
            "else: the same sample under two identifiers, or identical twins. Find out which, and "
            "keep one of each pair.",
        )  # fmt: skip


def upper(text: str) -> str:
    """A sentence with a capital first letter."""
    return text[:1].upper() + text[1:]


def _ancestry(study: Study) -> Iterator[Finding]:
    table = score_components(study)
    whole = table[table["component"] == "all"]
    hit = whole[whole["r"] ** 2 >= ANCESTRY].sort_values("r", ascending=False)
    label = {s.name: s.label for s in study.scores}
    if len(hit):
        share = 100 * float(hit["r"].max()) ** 2
        yield Finding(
            "score_ancestry", "info",
            f"{named(label[n] for n in hit['score'])}: components of ancestry explain up to "
            f"{share:.0f} % of the score. Keep the components in the models, and read differences "
            "in level with care.",
        )  # fmt: skip
    names = study.covariate_names("component")[:10]
    if not names:
        return
    far = int(outlying_ancestry(study).sum())
    if far:
        yield Finding(
            "ancestry_outliers", "info",
            f"{upper(shown_count(far))} people lie more than {OUTLYING:g} robust SD from the "
            f"median on one of {len(names)} components. Scores carry over less well to other "
            "ancestries: repeat the analysis without them (a rule for outliers), and say how many "
            "they are.",
        )  # fmt: skip
