"""Challenges to a result: the analysis with one thing chosen otherwise, and what becomes of it.

Each challenge is a handful of variants. Against the analysis itself an effect *holds*, *weakens* or
*turns* (:func:`verdict`); change is told over the same weeks in all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
import pandas as pd

from pgsicbt.disclosure import MINIMUM_CELL
from pgsicbt.errors import FitError, SpecError
from pgsicbt.models.fit import fit
from pgsicbt.progress import Progress
from pgsicbt.result import Result
from pgsicbt.robustness.influential import without_influential
from pgsicbt.robustness.variants import (
    COLUMNS,
    NUMBERS,
    ROLES,
    Span,
    effects,
    plain,
    possible,
    span_of,
    tried,
)
from pgsicbt.spec import Adjustment, AnalysisSpec
from pgsicbt.study import Study

Verdict = Literal["holds", "weakens", "turns", "unknown"]
HALF = 0.5
"""Share of the analysis's own effect below which a clear effect has weakened."""

_MANY = 10
"""Groups from which on they can be the clusters of robust errors."""
_LEVELS = 12
Variant = tuple[str, AnalysisSpec]


@dataclass(frozen=True)
class Challenge:
    """One challenge.

    Parameters
    ----------
    key, title
        Which it is, and how it is called.
    table
        The columns of :data:`pgsicbt.robustness.variants.COLUMNS`: one row per score, role and
        variant. Where an outlier rule leaves out fewer than eight people or visits its numbers are
        missing: what those few do is nobody's to look at. So it is with influential people.
    failed
        Variants that could not be fitted, and why.
    """

    key: str
    title: str
    table: pd.DataFrame
    failed: tuple[str, ...] = ()

    def rows(self, score: str, role: str) -> pd.DataFrame:
        """Variants of one score and role."""
        t = self.table
        return t[(t["score"] == score) & (t["role"] == role)].reset_index(drop=True)


@dataclass(frozen=True)
class Challenges:
    """An analysis and everything that it was challenged with.

    ``reference`` has the rows of the analysis itself; ``span`` the weeks over which change is told.
    """

    spec: AnalysisSpec
    adjustment: Adjustment
    reference: pd.DataFrame
    challenges: tuple[Challenge, ...]
    span: Span
    n_persons: int
    n_observations: int

    def itself(self, score: str, role: str) -> pd.Series:
        """The analysis's own effect."""
        t = self.reference
        return t[(t["score"] == score) & (t["role"] == role)].iloc[0]

    def verdict(self, challenge: Challenge, score: str, role: str) -> Verdict:
        """What a challenge does to one effect."""
        place = challenge.key, score, role
        if place not in self._verdicts:
            rows = challenge.rows(score, role)
            self._verdicts[place] = verdict(self.itself(score, role), rows)
        return self._verdicts[place]

    @cached_property
    def _verdicts(self) -> dict[tuple[str, str, str], Verdict]:
        """Those asked for so far: a page asks for each of them several times."""
        return {}

    @property
    def models(self) -> int:
        """How many models were looked at."""
        each = sum(len(c.table) // len(ROLES) for c in self.challenges)
        return each + len(self.reference) // len(ROLES)


def verdict(reference: pd.Series, variants: pd.DataFrame) -> Verdict:
    """What variants do to an effect.

    An effect is clear where its interval excludes zero. A clear effect *turns* if a variant has the
    other sign, *weakens* if a variant's interval includes zero or its effect is below half, and
    *holds* otherwise. An effect that is not clear *turns* if a variant's interval excludes zero,
    and *holds* otherwise. Without a variant with numbers nothing is known.
    """
    known = variants[variants["estimate"].notna()]
    if known.empty or not np.isfinite(reference["estimate"]):
        return "unknown"
    low, high = known["conf_low"].to_numpy(float), known["conf_high"].to_numpy(float)
    clear = (low > 0) | (high < 0)
    if not (reference["conf_low"] > 0 or reference["conf_high"] < 0):
        return "turns" if clear.any() else "holds"
    share = known["estimate"].to_numpy(float) / float(reference["estimate"])
    if (share < 0).any():
        return "turns"
    return "weakens" if not clear.all() or (share < HALF).any() else "holds"


def challenge(
    study: Study,
    spec: AnalysisSpec,
    *,
    adjustment: Adjustment = "adjusted",
    progress: Progress | None = None,
) -> Challenges:
    """Put the effects of all scores of an analysis to the challenges that the study allows.

    Covariates chosen otherwise, covariates without their product with time, outliers and
    influential people left out, other weeks and courses of time, errors and random part, and each
    genotyping batch and each diagnosis left out.

    Parameters
    ----------
    spec
        The analysis; families other than the linear mixed model are compared in
        :mod:`pgsicbt.robustness.agreement`, and here its linear mixed model is taken.
    progress
        Called with variants done and to be done.

    Raises
    ------
    SpecError
        If the analysis has no score.
    FitError
        If the analysis itself cannot be fitted.
    """
    if not spec.scores:
        raise SpecError("There is no score whose effect could be challenged.", "Choose a score.")
    base = plain(spec, adjustment)
    reference = fit(study, base)
    span = span_of(reference)
    own = effects(reference, span, "the analysis itself")
    if own.empty:
        raise FitError("The analysis itself could not be fitted.", "Look at its notes first.")
    asked = list(_asked(study, spec, base, reference))
    total = sum(len(variants) for _, _, variants, _ in asked) + len(reference.fits)
    done, found = 0, []

    def advance() -> None:
        nonlocal done
        done += 1
        if progress is not None:
            progress(done, total)

    for key, title, variants, notes in asked:
        frames, failed = [], list(notes)
        for label, wanted in variants:
            made = tried(study, wanted, span, label, reference)
            if isinstance(made, str):
                failed.append(made)
            else:
                frames.append(_suppressed(made) if key == "outliers" else made)
            advance()
        found.append(Challenge(key, title, _stacked(frames), tuple(failed)))
        if key == "outliers":
            found.append(_influence(study, reference, span, advance))
    return Challenges(
        base, adjustment, own, tuple(found), span, reference.n_persons, reference.n_observations
    )


def _influence(
    study: Study, reference: Result, span: Span, advance: Callable[[], None]
) -> Challenge:
    frames, failed = [], []
    for made in without_influential(study, reference, span):
        if isinstance(made, str):
            failed.append(made)
        else:
            frames.append(_suppressed(made))
        advance()
    return Challenge("influence", "Influential people left out", _stacked(frames), tuple(failed))


def _stacked(frames: list[pd.DataFrame]) -> pd.DataFrame:
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=COLUMNS)


def _suppressed(table: pd.DataFrame) -> pd.DataFrame:
    """Without the numbers of outlier rules that leave out a few people or visits only."""
    out = table.copy()
    people, visits = out["lost_persons"].abs(), out["lost_observations"].abs()
    few = people.between(1, MINIMUM_CELL - 1) | visits.between(1, MINIMUM_CELL - 1)
    for name in NUMBERS:
        out.loc[few, name] = np.nan
    return out


Asked = tuple[str, str, list[Variant], list[str]]


def _asked(
    study: Study, spec: AnalysisSpec, base: AnalysisSpec, reference: Result
) -> Iterator[Asked]:
    """Key, title, variants and what is left out of every challenge that makes sense here."""
    others = [a for a in ("crude", "adjusted", "complete") if a not in base.adjustments]
    if base.covariates or base.components:
        variants = [(f"{a} model", base.replace(adjustments=(a,))) for a in others]
        yield "adjustment", "Covariates chosen otherwise", _differing(variants), []
    if base.covariates and base.adjustments[0] != "crude":
        label = "covariates without time" if base.covariate_time else "covariates with time"
        other = base.replace(covariate_time=not base.covariate_time)
        yield "covariate_time", "Covariates x time on and off", [(label, other)], []
    yield "outliers", "Outliers left out", _outliers(study, base), []
    yield "weeks", "Other weeks or course of time", *_times(base, reference)
    yield "errors", "Other errors or random part", _errors(study, base), []
    for role, key, title in (
        ("batch", "batch", "Each genotyping batch left out"),
        ("stratum", "diagnosis", "Each {} left out"),
    ):
        for info in study.covariates:
            if info.role != role or not 2 <= len(info.levels) <= _LEVELS or spec.subset:
                continue
            counts = study.persons[info.name].value_counts()
            fine = [x for x in info.levels if counts.get(x, 0) >= MINIMUM_CELL]
            notes = [
                f"{info.label} {x}: fewer than {MINIMUM_CELL} people, so it is not left out alone."
                for x in info.levels
                if 0 < counts.get(x, 0) < MINIMUM_CELL
            ]
            kept = base.covariates if len(fine) > 2 else tuple(
                c for c in base.covariates if c != info.name
            )  # fmt: skip
            variants = [
                (f"without {x}", base.replace(without=(info.name, x), covariates=kept))
                for x in fine
            ]
            several = sum(c.role == role for c in study.covariates) > 1
            suffix = f": {info.label}" if several else ""
            called = title.format(info.label) if "{}" in title else f"{title}{suffix}"
            yield f"{key}{suffix}", called, variants, notes


def _differing(variants: list[Variant]) -> list[Variant]:
    """Without the complete model where there is nothing that it would add."""
    return [v for v in variants if v[1].components or v[1].adjustments[0] != "complete"]


def _outliers(study: Study, base: AnalysisSpec) -> list[Variant]:
    words = {
        "none": "nobody left out",
        "residual": "without outlying visits",
        "person": "without outlying courses",
        "score": "without outlying scores",
    }
    if study.covariate_names("component"):
        words["ancestry"] = "without outlying ancestries"
    return [(text, base.replace(outliers=rule)) for rule, text in words.items()
            if rule != base.outliers]  # fmt: skip


def _times(base: AnalysisSpec, reference: Result) -> tuple[list[Variant], list[str]]:
    """Variants in time, and those that cannot be made here."""
    time = reference.fits[0].time
    if time is None:
        return [], []
    first, last = time.first_week, time.end_week
    asked: list[tuple[str, dict[str, Any]]] = []
    start: dict[str, Any] = {}
    if first < 0 < last:
        start = {"first_week": 0.0}
        asked.append(("from week 0", start))
    if last - max(first, 0.0) > 4:
        asked.append((f"until week {round(last - 1, 1):g}", {"last_week": last - 1}))
    straight: dict[str, Any] = {"knot": None}
    if base.random == "intercept+slope+second":  # there is no second term in one line
        straight["random"] = "intercept+slope"
    if base.time_coding != "linear":
        asked.append(("a straight line", {"time_coding": "linear", **straight}))
    if base.time_coding != "piecewise" and last > 4:
        knot = float(np.floor((max(first, 0.0) + last) / 2))
        label = f"two lines that meet in week {knot:g}"
        asked.append((label, {"time_coding": "piecewise", "knot": knot}))
    if base.time_coding != "log":
        log = {**start, "time_coding": "log", **straight}
        asked.append(("log(week + 1) from week 0", log))
    return possible(base, asked)


def _errors(study: Study, base: AnalysisSpec) -> list[Variant]:
    variants: list[Variant] = [
        ("errors robust to the covariance", base.replace(errors="CR2", df="satterthwaite")),
        ("maximum likelihood", base.replace(reml=not base.reml, df="satterthwaite")),
    ]
    robust = base.replace(errors="CR2", df="satterthwaite")
    for info in study.covariates:
        # Many groups that are no covariate, such as therapists, are what people cluster in.
        if len(info.levels) >= _MANY and info.name not in base.covariates:
            label = f"errors with {info.label} as clusters"
            variants.insert(1, (label, robust.replace(cluster=info.name)))
    if not base.reml:
        variants[-1] = ("restricted maximum likelihood", variants[-1][1])
    if base.random == "intercept+slope":
        apart = base.replace(random="intercept+slope uncorrelated")
        variants.append(("intercept and slope uncorrelated", apart))
    return variants
