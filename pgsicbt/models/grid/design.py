"""From a study and a spec to the people, visits and columns of a model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pgsicbt.errors import FitError, SpecError
from pgsicbt.models.grid.time_coding import LOG_TIME, slope_column, time_basis, time_columns
from pgsicbt.models.grid.time_coding import TIME as TIME
from pgsicbt.result import Array, TimeBasis
from pgsicbt.spec import Adjustment, AnalysisSpec, RandomPart
from pgsicbt.study import CovariateInfo, LedgerStep, Study

INTERCEPT = "(Intercept)"


@dataclass(frozen=True)
class Term:
    """One fixed-effect column: its name, role and the person-level column it is made of.

    ``role`` is as in ``Result.table``; ``source`` names the covariate; a column of role
    ``covariate_time`` is the person-level column times time.
    """

    name: str
    role: str
    source: str = ""


@dataclass(frozen=True)
class Sample:
    """The people and visits of one analysis, before any score is looked at.

    ``persons`` (N rows) and the visit arrays ``code`` (position in ``persons``), ``time``
    (weeks) and ``value`` agree; ``ledger`` says who was lost on the way.
    """

    persons: pd.DataFrame
    code: NDArray[np.intp]
    time: Array
    value: Array
    ledger: tuple[LedgerStep, ...]

    def keep(self, mask: NDArray[np.bool_], step: str, reason: str) -> Sample:
        """The sample without the people outside ``mask`` (N,), with a ledger step."""
        if bool(mask.all()):
            return self
        new_code = np.cumsum(mask) - 1
        rows = mask[self.code]
        persons = self.persons.loc[mask]
        line = LedgerStep(
            step=step,
            persons=len(persons),
            observations=int(rows.sum()),
            lost_persons=int((~mask).sum()),
            lost_observations=int((~rows).sum()),
            reason=reason,
        )
        return Sample(
            persons,
            new_code[self.code[rows]],
            self.time[rows],
            self.value[rows],
            (*self.ledger, line),
        )


def analysis_sample(study: Study, spec: AnalysisSpec) -> Sample:
    """People with the outcome, in the chosen group and weeks, with every covariate known.

    The same people enter crude, adjusted and complete models, so that the three differ by
    their covariates and by nothing else.

    Raises
    ------
    SpecError
        If the spec names what the study does not have.
    FitError
        If nobody is left.
    """
    outcome = study.outcome(spec.outcome)
    visits = study.outcome_visits(spec.outcome)
    total = len(study.persons)
    code = _positions(visits["person"], study.persons.index)
    present = np.zeros(total, dtype=bool)
    present[code] = True
    start = Sample(
        study.persons,
        code.astype(np.intp),
        visits["time"].to_numpy(float),
        visits["value"].to_numpy(float),
        (LedgerStep("read and joined", total, len(visits)),),
    )
    sample = start.keep(present, f"{outcome.label} observed", f"no value of {outcome.label}")
    if spec.subset is not None:
        info = study.covariate(spec.subset[0])
        if spec.subset[1] not in info.levels:
            raise SpecError(
                f"{info.name} has no level called {spec.subset[1]!r}.",
                f"It has: {', '.join(info.levels) or 'no levels'}.",
                column=info.name,
            )
        inside = (sample.persons[info.name] == spec.subset[1]).to_numpy(bool)
        sample = sample.keep(inside, f"{info.name}: {spec.subset[1]}", "in another group")
    sample = _in_window(sample, spec)
    for name in (*spec.covariates, *spec.components):
        info = study.covariate(name)
        known = sample.persons[info.name].notna().to_numpy(bool)
        sample = sample.keep(known, f"{info.label} known", f"{info.label} is missing")
    if not len(sample.persons):
        raise FitError(
            f"Nobody is left to analyse: {sample.ledger[-1].reason}.",
            "Choose fewer covariates, another group or a wider window of weeks.",
            code="nobody_left",
        )
    return sample


def _positions(person: pd.Series[Any], index: pd.Index[str]) -> NDArray[np.intp]:
    """Where each visit's person stands in ``index``; the codes, where categories are the index."""
    if isinstance(person.dtype, pd.CategoricalDtype):
        found = index.get_indexer(person.cat.categories)
        return np.asarray(found[person.cat.codes.to_numpy()], dtype=np.intp)
    return np.asarray(index.get_indexer(pd.Index(person.astype(str))), dtype=np.intp)


def _in_window(sample: Sample, spec: AnalysisSpec) -> Sample:
    inside = np.ones(len(sample.time), dtype=bool)
    if spec.first_week is not None:
        inside &= sample.time >= spec.first_week
    if spec.last_week is not None:
        inside &= sample.time <= spec.last_week
    if inside.all():
        return sample
    kept = np.zeros(len(sample.persons), dtype=bool)
    kept[sample.code[inside]] = True
    line = LedgerStep(
        step="in the chosen weeks",
        persons=len(sample.persons),
        observations=int(inside.sum()),
        lost_observations=int((~inside).sum()),
        reason="visit outside the chosen weeks",
    )
    cut = Sample(
        sample.persons,
        sample.code[inside],
        sample.time[inside],
        sample.value[inside],
        (*sample.ledger, line),
    )
    return cut.keep(kept, "a visit in the chosen weeks", "no visit in the chosen weeks")


def covariate_columns(sample: Sample, info: CovariateInfo) -> list[tuple[str, Array]]:
    """Person-level columns (N,) of one covariate: itself, or one per level but the first."""
    values = sample.persons[info.name]
    if info.kind == "numeric":
        return [(info.name, values.to_numpy(float))]
    codes = pd.Index(info.levels).get_indexer(pd.Index(values))
    present = np.unique(codes[codes >= 0]).tolist()
    return [
        (f"{info.name}[T.{info.levels[j]}]", np.asarray(codes == j, dtype=np.float64))
        for j in present[1:]
    ]


@dataclass(frozen=True)
class Design:
    """Visit-level columns shared by all scores, and which of them each adjustment uses.

    ``columns`` (n, p) start with 1 and the time columns; ``basis`` (n, r) starts with the terms
    that people may differ in (1, time, ..). ``scored`` are the positions in ``basis`` of 1 and
    the time columns, with which a score is multiplied, and ``time`` says what they are.
    """

    terms: tuple[Term, ...]
    columns: Array
    basis: Array
    uses: dict[Adjustment, list[int]]
    constant: tuple[str, ...]
    time: TimeBasis
    scored: tuple[int, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(t.name for t in self.terms)

    def score_terms(self, score: str) -> tuple[Term, ...]:
        """The score and its products with the time columns."""
        part = "interaction" if self.time.coding == "linear" else "interaction_part"
        products = (Term(f"{name}:{score}", part, score) for name in self.time.names)
        return (Term(score, "main", score), *products)


def build_design(
    study: Study, spec: AnalysisSpec, sample: Sample, time: TimeBasis | None = None
) -> Design:
    """Columns 1, time, covariates, covariates x time, components, components x time.

    Parameters
    ----------
    time
        How time is coded, where it shall be the same as in a larger sample; found from the
        weeks of this sample if None.

    Columns of a covariate that does not vary among the people analysed are left out and named
    in ``constant``.
    """
    if time is None:
        time = time_basis(spec, sample.time, sample.code)[0]
    one = np.ones((len(sample.time), 1))
    t = time_columns(time, sample.time)
    terms = [Term(INTERCEPT, "intercept"), *(Term(name, "time") for name in time.names)]
    columns = [one, t]
    constant: list[str] = []
    start = list(range(len(terms)))
    adjusted, complete = list(start), list(start)

    def add(name: str, *, with_time: bool) -> None:
        info = study.covariate(name)
        made = covariate_columns(sample, info)
        if not made or all(np.ptp(values) == 0 for _, values in made):
            constant.append(info.label)
            return
        for column, values in made:
            visit = values[sample.code][:, None]
            plain = len(terms)
            products = list(range(plain + 1, plain + 1 + t.shape[1]))
            terms.append(Term(column, "covariate", info.name))
            terms.extend(Term(f"{n}:{column}", "covariate_time", info.name) for n in time.names)
            columns.extend([visit, visit * t])
            complete.extend([plain, *products])
            adjusted.extend([plain, *products] if with_time else [plain])

    for name in spec.covariates:
        add(name, with_time=True)
    for name in spec.components:
        add(name, with_time=False)
    scored = tuple(start)
    basis = [one, t]
    if time.coding == "categorical":  # people differ in a slope that is no fixed column
        basis = [one, slope_column(time, sample.time), t]
        scored = (0, *range(2, 2 + t.shape[1]))
    return Design(
        tuple(terms),
        np.hstack(columns),
        np.hstack(basis),
        {"crude": start, "adjusted": adjusted, "complete": complete},
        tuple(constant),
        time,
        scored,
    )


def formula(
    spec: AnalysisSpec, score: str, adjustment: Adjustment, random: RandomPart | None = None
) -> str:
    """The model in lme4's notation, with the spec's random part or the one that was used."""
    time, slope, second = TIME, TIME, ""
    if spec.time_coding == "log":
        time = slope = LOG_TIME
    elif spec.time_coding == "piecewise":
        second = f"pmax({TIME} - {spec.knot:g}, 0)"
        time = f"({TIME} + {second})"
    elif spec.time_coding == "spline":
        time, second = f"ns({TIME}, df = {spec.spline_df})", "spline_2"
    elif spec.time_coding == "categorical":
        time = "factor(week)"
    inside = ([score] if score else []) + (list(spec.covariates) if adjustment != "crude" else [])
    extra: list[str] = []
    if adjustment == "complete":
        inside += spec.components
    elif adjustment == "adjusted":
        extra = list(spec.components)
    fixed = time if not inside else f"{time} * ({' + '.join(inside)})"
    bars: dict[RandomPart, str] = {
        "intercept": "(1 | person)",
        "intercept+slope": f"(1 + {slope} | person)",
        "intercept+slope uncorrelated": f"(1 + {slope} || person)",
        "intercept+slope+second": f"(1 + {slope} + {second} | person)",
    }
    return f"{spec.outcome} ~ {' + '.join([fixed, *extra, bars[random or spec.random]])}"
