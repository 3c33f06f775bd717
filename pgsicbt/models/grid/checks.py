"""Checks of scores, covariates and times before anything is fitted: named findings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import is_numeric_dtype

from pgsicbt.disclosure import MINIMUM_CELL
from pgsicbt.errors import DataError, FitError
from pgsicbt.models.grid.sample import Sample
from pgsicbt.spec import AnalysisSpec
from pgsicbt.study import CovariateInfo, Finding, Severity, Study

_SAME = 0.999
_ENTANGLED = 0.8
"""Share of a score's variance that goes with components and covariates from which it is named."""
_FEW, _LITTLE, _PILOT = 3, 15, 30
_LONGEST, _SHORTEST, _GAPS = 520.0, 1.0, 1000.0


def refuse_hopeless(sample: Sample) -> None:
    """Refuse a sample in which no change can be seen.

    Raises
    ------
    FitError
        If there is one person, or everybody has one visit.
    DataError
        If an outcome or a time is not a finite number.
    """
    if not (np.isfinite(sample.value).all() and np.isfinite(sample.time).all()):
        raise DataError(
            "The outcome or its times hold values that are not finite numbers.",
            "Correct the file, or mark those values as missing.",
            code="not_finite",
        )
    if len(sample.persons) == 1:
        raise FitError(
            "There is only one person to analyse.",
            "Choose fewer covariates, another group or a wider window of weeks.",
            code="one_person",
        )
    if len(sample.time) == len(sample.persons):
        raise FitError(
            "Everybody analysed has one visit, which is too few visits to see change.",
            "Use a wider window of weeks, or load later visits.",
            code="one_visit_each",
        )


def check_times(sample: Sample) -> list[Finding]:
    """Warn of times that look as if they were counted in another unit."""
    order = np.lexsort((sample.time, sample.code))
    time, code = sample.time[order], sample.code[order]
    gaps = np.diff(time)[code[1:] == code[:-1]]
    gaps = gaps[gaps > 0]
    spread = float(np.ptp(sample.time))
    if spread > _LONGEST:
        what = f"The visits span {spread:,.0f} weeks, more than ten years"
    elif 0 < spread < _SHORTEST:
        what = f"The visits span {spread:.2g} weeks, less than one"
    elif len(gaps) and spread > _GAPS * float(np.median(gaps)):
        what = f"The visits span more than {_GAPS:,.0f} times their usual distance"
    else:
        return []
    text = f"{what}; check the unit of time (day, week, month or year) that the file was read with."
    return [Finding("time_scale", "warning", text)]


def check_scores(sample: Sample, scores: Sequence[str]) -> list[Finding]:
    """Name pairs of scores that are the same for the people analysed, but for their scale."""
    if len(scores) < 2:
        return []
    values = sample.persons[list(scores)].astype(float)
    values = values.where(np.isfinite(values))
    values = (values - values.mean()) / values.std()
    r = values.corr(min_periods=_FEW).to_numpy()
    found = []
    for i, j in zip(*np.nonzero(np.triu(np.abs(r) > _SAME, 1)), strict=True):
        one, other = scores[i], scores[j]
        how = "the same score" if r[i, j] > 0 else "the same score with the sign turned"
        text = (
            f"{one} and {other} are {how} for the people analysed (correlation beyond {_SAME:g}), "
            "so the family of tests counts it twice. Choose one of them."
        )
        found.append(Finding("duplicate_score", "warning", text, column=other))
    return found


def check_entangled(study: Study, spec: AnalysisSpec, sample: Sample) -> list[Finding]:
    """Name scores that mostly follow from components and numeric covariates of the spec."""
    if spec.score_scale == "residual":
        return []  # freed of the components, and refused where nothing is left
    persons = sample.persons
    asked = (*spec.covariates, *spec.components)
    beside = [name for name in asked if is_numeric_dtype(persons[name])]
    if not beside:
        return []
    columns = persons[beside].to_numpy(float)
    found = []
    for score in spec.scores:
        x = sample.persons[score].to_numpy(float)
        known = np.isfinite(x) & np.isfinite(columns).all(axis=1)
        if known.sum() <= len(beside) + _FEW or not np.ptp(x[known]) > 0:
            continue
        z = columns[known] - columns[known].mean(axis=0)
        y = x[known] - x[known].mean()
        rest = y - z @ np.linalg.lstsq(z, y, rcond=None)[0]
        share = 1 - float(rest @ rest) / float(y @ y)
        if share < _ENTANGLED:
            continue
        pull = np.abs(z.T @ y) / np.maximum(np.sqrt((z**2).sum(axis=0)), 1e-300)
        nearest = study.covariate(beside[int(pull.argmax())]).label
        if share > _SAME:
            text = (
                f"{score} follows entirely from what models allow for, above all from {nearest}, "
                "so only the crude model can show it. Leave one of the two out."
            )
        else:
            wider = float(np.sqrt(1 / (1 - share)))
            text = (
                f"{100 * share:.0f} % of the differences in {score} go with what models allow for, "
                f"above all with {nearest}, so its intervals there are {wider:.1f} times as wide. "
                "Read the crude model beside the others, or standardise the score on components."
            )
        found.append(Finding("entangled_score", "warning", text, column=score))
    return found


def rank_finding(where: str, dropped: Sequence[str], severity: Severity = "warning") -> Finding:
    """Columns that a model could not tell from its others and left out."""
    one = len(dropped) == 1
    text = (
        f"{where}: {', '.join(dropped)} {'is' if one else 'are'} determined by the other columns "
        f"and {'was' if one else 'were'} left out."
    )
    return Finding("rank_deficient", severity, text, column=dropped[0])


def check_covariates(study: Study, spec: AnalysisSpec, sample: Sample) -> list[Finding]:
    """Name levels of covariates that hardly anybody has, or that go with one other group only.

    Too few people in all are named as well.

    Raises
    ------
    DataError
        If a numeric covariate holds values that are not finite.
    """
    found = _few_people(len(sample.persons))
    infos = [study.covariate(name) for name in (*spec.covariates, *spec.components)]
    for info in infos:
        numeric = info.kind == "numeric"
        if numeric and not np.isfinite(sample.persons[info.name].to_numpy(float)).all():
            raise DataError(
                f"{info.label} holds values that are not finite numbers.",
                "Correct the file, or leave the covariate out.",
                code="not_finite",
                column=info.name,
            )
    groups = [_Groups.of(i, sample.persons[i.name]) for i in infos if i.kind == "categorical"]
    for group in groups:
        if len(group.levels) < 2:
            continue
        for level, n in zip(group.levels, group.counts, strict=True):
            if n < _FEW:
                text = (
                    f"{group.label}: {level} has fewer than {MINIMUM_CELL} people, too few for "
                    "an effect of their own. Join it with another level or leave it out."
                )
                found.append(Finding("rare_level", "warning", text, column=group.name))
            elif n < _LITTLE and len(sample.persons) >= _PILOT:
                text = (
                    f"{group.label}: {level} has {_people(n)}, so what the model says of them "
                    "apart is hardly known; effects of scores rest on the others."
                )
                found.append(Finding("small_level", "info", text, column=group.name))
        found += _nested(group, groups)
    return found


def _people(n: int) -> str:
    return f"fewer than {MINIMUM_CELL} people" if n < MINIMUM_CELL else f"{n} people"


def _few_people(n: int) -> list[Finding]:
    if n >= _PILOT:
        return []
    text = (
        f"Analysed are {_people(n)}: below {_PILOT}, estimates rest on single people and their "
        "intervals on assumptions, so take them for a pilot."
    )
    return [Finding("few_people", "warning", text)]


@dataclass(frozen=True)
class _Groups:
    """One categorical covariate: levels present, people at each, and everybody's level."""

    name: str
    label: str
    levels: tuple[str, ...]
    counts: NDArray[np.intp]
    codes: NDArray[np.intp]

    @classmethod
    def of(cls, info: CovariateInfo, values: pd.Series) -> _Groups:
        codes, levels = pd.factorize(values)
        counts = np.bincount(codes, minlength=len(levels))
        return cls(info.name, info.label, tuple(str(x) for x in levels), counts, codes)


def _nested(group: _Groups, groups: Iterable[_Groups]) -> list[Finding]:
    """Levels of one covariate that are found in a single group of another."""
    found = []
    for other in groups:
        if other.name == group.name or len(other.levels) < 2:
            continue
        cells = np.unique(group.codes * len(other.levels) + other.codes)
        inside = np.bincount(cells // len(other.levels), minlength=len(group.levels))
        enough = (inside == 1) & (group.counts >= _FEW)
        alone = sorted(level for level, lone in zip(group.levels, enough, strict=True) if lone)
        if alone:
            text = (
                f"{group.label}: {', '.join(alone)} occurs in one group of {other.label} only, so "
                "their effects can hardly be told apart. Consider leaving one of the two out."
            )
            found.append(Finding("nested_level", "warning", text, column=group.name))
    return found
