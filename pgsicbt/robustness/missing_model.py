"""Columns of the model that missed visits are filled in from.

It is the analysis and more: a mean of its own for every planned week; every score of the spec,
every covariate and component of its widest model and every auxiliary covariate, each with its
product with time; and the spec's interactions likewise.

Where the analysis lets a score do something of its own in every week, or looks at one week alone,
scores, covariates and interactions are multiplied with every planned week and not with a straight
line, which would pull what is filled in towards a course that nobody assumed (Meng 1994, Stat Sci
9:538). Components and auxiliary covariates keep a straight line there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pgsicbt.models.grid.design import covariate_columns
from pgsicbt.models.grid.planned_weeks import nearest
from pgsicbt.models.grid.sample import Sample, needed
from pgsicbt.models.grid.time_coding import slope_column, time_basis, time_columns
from pgsicbt.result import Array, TimeBasis
from pgsicbt.spec import AnalysisSpec
from pgsicbt.study import Study

_MOST_LEVELS = 12


def proposed_auxiliaries(study: Study, spec: AnalysisSpec) -> tuple[str, ...]:
    """Covariates beside those of the spec that may tell who leaves and how they fare.

    Covariates and strata that vary, numeric or of at most twelve levels; not components of
    ancestry or genotyping batches.
    """
    used = {study.covariate(name).name for name in needed(study, spec)}
    found = []
    for name in study.covariate_names("covariate", "stratum"):
        info = study.covariate(name)
        few = info.kind == "numeric" or 2 <= len(info.levels) <= _MOST_LEVELS
        if name not in used and few and study.persons[info.name].nunique(dropna=True) > 1:
            found.append(name)
    return tuple(found)


@dataclass(frozen=True)
class FillingModel:
    """Columns of people and of weeks, multiplied where they are needed.

    Attributes
    ----------
    names
        (k,) names of the columns of people.
    people
        (N, k) columns of people, each with mean 0 and SD 1.
    weekly
        (k,) whether a column has a product with every planned week, instead of with time.
    levels, time
        Planned weeks and the coding of time that columns of people are multiplied with.
    q
        Number of random terms.
    """

    names: tuple[str, ...]
    people: Array
    weekly: NDArray[np.bool_]
    levels: Array
    time: TimeBasis
    q: int

    @property
    def fixed_names(self) -> tuple[str, ...]:
        """Names of the fixed columns, in the order of :meth:`fixed`."""
        weeks = tuple(f"week {w:g}" for w in self.levels)
        straight = [n for n, own in zip(self.names, self.weekly, strict=True) if not own]
        own_weeks = [n for n, own in zip(self.names, self.weekly, strict=True) if own]
        products = tuple(f"{t}:{n}" for t in self._moving for n in straight)
        weekly = tuple(f"{w}:{n}" for w in weeks[1:] for n in own_weeks)
        return (*weeks, *self.names, *products, *weekly)

    @property
    def _moving(self) -> tuple[str, ...]:
        return ("time",) if self._by_week else self.time.names

    @property
    def _by_week(self) -> bool:
        return bool(self.weekly.any()) or self.time.coding == "categorical"

    def _time(self, week: Array) -> Array:
        return slope_column(self.time, week) if self._by_week else time_columns(self.time, week)

    def fixed(self, code: NDArray[np.intp], week: Array) -> Array:
        """(n, p) fixed columns of visits of people ``code`` (n,) at ``week`` (n,)."""
        levels: Array = np.eye(len(self.levels))[nearest(week, self.levels)]
        own, times = self.people[code], self._time(week)
        straight, weekly = own[:, ~self.weekly], own[:, self.weekly]
        products = [straight * times[:, [j]] for j in range(times.shape[1])]
        products += [weekly * levels[:, [j]] for j in range(1, len(self.levels))]
        return np.hstack([levels, own, *products])

    def random(self, week: Array) -> Array:
        """(n, q) columns of the random terms at ``week`` (n,)."""
        return np.hstack([np.ones((len(week), 1)), self._time(week)])[:, : self.q]


def filling_model(
    study: Study, spec: AnalysisSpec, sample: Sample, levels: Array, auxiliaries: Sequence[str]
) -> FillingModel:
    """The model for the visits of a sample.

    A score or an auxiliary covariate that is missing for some takes its mean there, auxiliaries
    with an indicator beside it; nobody's missing score is ever filled in.

    Raises
    ------
    SpecError
        If the spec or ``auxiliaries`` name what the study does not have.
    """
    columns: dict[str, Array] = {}
    straight: set[str] = set()
    for name in spec.scores:
        columns[name] = sample.persons[study.score(name).name].to_numpy(float)
    for name in dict.fromkeys([*needed(study, spec), *auxiliaries]):
        info = study.covariate(name)
        made = dict(covariate_columns(sample, info))
        columns.update(made)
        if name in spec.components or name in auxiliaries:
            straight.update(made, [f"{info.name} missing"])
        missing = np.where(sample.persons[info.name].isna(), 1.0, 0.0)
        if missing.any():
            columns[f"{info.name} missing"] = missing
    for score, other in spec.interactions:
        parts = [n for n in columns if n == other or n.startswith(f"{other}[T.")]
        for part in parts:
            columns[f"{score}:{part}"] = _standard(columns[score]) * _standard(columns[part])
    kept = {n: _standard(v) for n, v in columns.items()}
    kept = {n: v for n, v in kept.items() if np.ptp(v) > 0}
    time = time_basis(spec, sample.time, sample.code)[0]
    people = np.column_stack(list(kept.values())) if kept else np.zeros((len(sample.persons), 0))
    weekly = np.array([_by_week(spec) and n not in straight for n in kept], dtype=bool)
    two = spec.random == "intercept+slope+second" and not _by_week(spec)
    return FillingModel(tuple(kept), people, weekly, levels, time, 3 if two else 2)


def _by_week(spec: AnalysisSpec) -> bool:
    """Whether the analysis looks at every week by itself, or at single weeks only."""
    return spec.family not in ("lmm", "gee") or spec.time_coding == "categorical"


def _standard(values: Array) -> Array:
    """Mean 0 and SD 1 over those known; zero for the others, and where nothing varies."""
    known = values[np.isfinite(values)]
    if len(known) < 2 or np.ptp(known) == 0:
        return np.zeros(len(values))
    return np.where(np.isfinite(values), (values - known.mean()) / known.std(ddof=1), 0.0)
