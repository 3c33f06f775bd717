"""The rows of a table of characteristics: what is described, and in which form."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from pgsicbt.cohort.baseline import last_week, people_with, start_values
from pgsicbt.cohort.weeks import Visits
from pgsicbt.ingest.wording import plain
from pgsicbt.study import HARMONISED, CovariateInfo, OutcomeInfo, Study

Kind = Literal["numeric", "year", "level"]
CHARACTERISTICS, START, VISITS, SCORES = (
    "Background",
    "Symptoms at the start",
    "Visits",
    "Polygenic scores",
)
MOST_LEVELS = 12
_FEW_VALUES = 6
_AGE = re.compile(r"^(age|alder|ålder)(\b|_|$)", re.I)
_YEARS = re.compile(r"[ _(,]*(in )?(years?|yrs?|år)\)?$", re.I)
_SEX = re.compile(r"^(sex|gender|k[öo]n|female|male)(\b|_|$)", re.I)
_NO = {"no", "nej", "nein", "false", "0", "n"}
_YES = {"yes", "ja", "true", "1", "y"}


@dataclass(frozen=True)
class Variable:
    """One row, or one row per level, of the table.

    Parameters
    ----------
    values
        (n_persons,) numbers, or positions in ``levels`` as floats; NaN where missing.
    applies
        (n_persons,) whom the row is about: an instrument only concerns those who were given it.
    unit
        What numbers are counted in, for the reader.
    """

    section: str
    name: str
    label: str
    kind: Kind
    values: NDArray[np.float64]
    applies: NDArray[np.bool_]
    levels: tuple[str, ...] = ()
    unit: str = ""


def variables(study: Study, visits: Visits, without: str = "") -> tuple[list[Variable], list[str]]:
    """Everything that describes the people of a study, and what is left out for its length.

    Parameters
    ----------
    without
        The covariate that people are grouped by.
    """
    everybody = np.ones(len(study.persons), dtype=bool)
    out: list[Variable] = []
    long: list[str] = []
    for info in _ordered(study):
        if info.name == without:
            continue
        described = _covariate(study, info, everybody)
        if described is None:
            long.append(f"{info.label} ({len(info.levels)} levels)")
        else:
            out.append(described)
    n = len(study.persons)
    for outcome in distinct_outcomes(study):
        out.append(
            Variable(
                START, outcome.name, outcome.label, "numeric",
                start_values(visits, outcome.name, n), people_with(visits, outcome.name, n),
                unit=span(outcome.minimum, outcome.maximum),
            )
        )  # fmt: skip
    out += _visits(visits, everybody)
    for score in study.scores:
        values = study.persons[score.name].to_numpy(float)
        out.append(Variable(SCORES, score.name, score.label, "numeric", values, everybody))
    return out, long


def distinct_outcomes(study: Study) -> list[OutcomeInfo]:
    """Outcomes with the harmonised one last, left out where it only rescales a single one."""
    own = [o for o in study.outcomes if o.name != HARMONISED]
    return [*own, *(o for o in study.outcomes if o.name == HARMONISED and len(own) != 1)]


def span(low: float | None, high: float | None) -> str:
    """The range of a scale, such as ``0-54``; empty if it is not known."""
    return "" if low is None or high is None or low < 0 else f"{low:g}-{high:g}"


def is_yes_no(levels: tuple[str, ...]) -> bool:
    """Whether two levels say no and yes, so that the second alone tells everything."""
    if len(levels) != 2:
        return False
    return levels[0].casefold() in _NO and levels[1].casefold() in _YES


def is_yes(level: str) -> bool:
    """Whether a level says yes."""
    return level.casefold() in _YES


def _ordered(study: Study) -> list[CovariateInfo]:
    """Age and sex first, batches last, components not at all; otherwise as in the files."""

    def place(info: CovariateInfo) -> int:
        if _AGE.match(info.name):
            return 0
        if _SEX.match(info.name):
            return 1
        return 3 if info.role == "batch" else 2

    return sorted((c for c in study.covariates if c.role != "component"), key=place)


def _covariate(study: Study, info: CovariateInfo, everybody: NDArray[np.bool_]) -> Variable | None:
    """A covariate as numbers or levels; None where it has too many levels to list."""
    label = plain_label(info.label)
    column = study.persons[info.name]
    if info.kind == "categorical":
        if len(info.levels) > MOST_LEVELS:
            return None
        codes = column.astype("category").cat.set_categories(list(info.levels)).cat.codes
        values = np.where(codes >= 0, codes, np.nan).astype(float)
        return Variable(CHARACTERISTICS, info.name, label, "level", values, everybody, info.levels)
    values = column.to_numpy(float)
    known = np.unique(values[np.isfinite(values)])
    whole = bool(np.all(known == np.round(known)))
    if whole and 2 <= len(known) <= _FEW_VALUES:
        place = np.searchsorted(known, values).astype(float)
        place[~np.isfinite(values)] = np.nan
        levels = tuple(f"{v:g}" for v in known)
        return Variable(CHARACTERISTICS, info.name, label, "level", place, everybody, levels)
    year = whole and len(known) > 0 and known[0] >= 1900 and known[-1] <= 2100
    kind: Kind = "year" if year else "numeric"
    unit = "years" if _AGE.match(info.name) else ""
    label = _YEARS.sub("", label) if unit else label
    return Variable(CHARACTERISTICS, info.name, label, kind, values, everybody, unit=unit)


def plain_label(name: str) -> str:
    """A column's name as a row of a table: ``inclusion_year`` becomes ``Inclusion year``."""
    text = name.replace("_", " ").strip() or name
    return text[:1].upper() + text[1:] if text.islower() else text


def _visits(visits: Visits, everybody: NDArray[np.bool_]) -> list[Variable]:
    """How often people were seen, and who was seen in the last week."""
    rows = visits.base
    pairs = np.unique(np.column_stack([visits.person[rows], visits.week[rows]]), axis=0)
    seen = np.bincount(pairs[:, 0].astype(int), minlength=len(everybody)).astype(float)
    last = last_week(visits)
    there = np.zeros(len(everybody))
    there[pairs[pairs[:, 1] == last, 0].astype(int)] = 1.0
    week = plain(round(last, 1))
    return [
        Variable(VISITS, "visits", "Visits per person", "numeric", seen, everybody),
        Variable(
            VISITS, "last", f"Seen in week {week}, the last", "level", there, everybody,
            ("no", "yes"),
        ),
    ]  # fmt: skip
