"""From the people and visits of an analysis to the columns of a model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pgsicbt.models.grid.sample import Sample, moderators
from pgsicbt.models.grid.time_coding import LOG_TIME, slope_column, time_basis, time_columns
from pgsicbt.models.grid.time_coding import TIME as TIME
from pgsicbt.result import Array, TimeBasis
from pgsicbt.spec import Adjustment, AnalysisSpec, RandomPart
from pgsicbt.study import CovariateInfo, Study

INTERCEPT = "(Intercept)"
CHANGE_ROLES = {
    "main": "interaction",
    "group": "group_change",
    "moderation": "moderation_change",
    "score": "score_change",
    "covariate": "covariate_time",
}
"""Role of the product with time, by the role of a column of people."""


@dataclass(frozen=True)
class Term:
    """One fixed-effect column: its name, role and the person-level column it is made of.

    ``role`` is as in ``Result.table``; ``source`` names the covariate; a column of role
    ``covariate_time`` is the person-level column times time.
    """

    name: str
    role: str
    source: str = ""


def covariate_columns(sample: Sample, info: CovariateInfo) -> list[tuple[str, Array]]:
    """Person-level columns (N,) of one covariate: itself, or one per level but the first."""
    values = sample.persons[info.name]
    if info.kind == "numeric":
        return [(info.name, values.to_numpy(float))]
    codes, present = _present(sample, info)
    return [
        (f"{info.name}[T.{info.levels[j]}]", np.asarray(codes == j, dtype=np.float64))
        for j in present[1:]
    ]


def reference_level(sample: Sample, info: CovariateInfo) -> str:
    """The level without a column: the first that anybody analysed has; "" where nobody has one."""
    _, present = _present(sample, info)
    return info.levels[present[0]] if present else ""


def _present(sample: Sample, info: CovariateInfo) -> tuple[NDArray[np.intp], list[int]]:
    """Position of everybody's level (N,), and the positions that occur."""
    codes = pd.Index(info.levels).get_indexer(pd.Index(sample.persons[info.name]))
    return codes, np.unique(codes[codes >= 0]).tolist()


@dataclass(frozen=True)
class Design:
    """Visit-level columns shared by all scores, and which of them each adjustment uses.

    ``columns`` (n, p) start with 1 and the time columns; ``basis`` (n, r) starts with the terms
    that people may differ in (1, time, ..). ``scored`` are the positions in ``basis`` of 1 and
    the time columns, with which a score is multiplied, and ``time`` says what they are.
    ``references`` has the reference level of each categorical covariate.
    """

    terms: tuple[Term, ...]
    columns: Array
    basis: Array
    uses: dict[Adjustment, list[int]]
    constant: tuple[str, ...]
    time: TimeBasis
    scored: tuple[int, ...]
    references: dict[str, str]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(t.name for t in self.terms)

    def score_terms(
        self, score: str, role: str = "main", source: str | None = None
    ) -> tuple[Term, ...]:
        """A column of people and its products with the time columns.

        ``role`` is that of the column, and the products have the role that goes with it;
        ``source`` is the score or product that it belongs to, itself if not given.
        """
        source = score if source is None else source
        part = CHANGE_ROLES[role]
        if role == "main" and self.time.coding != "linear":
            part = "interaction_part"
        products = (Term(f"{name}:{score}", part, source) for name in self.time.names)
        return (Term(score, role, source), *products)


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
    references: dict[str, str] = {}
    start = list(range(len(terms)))
    crude, adjusted, complete = list(start), list(start), list(start)

    def add(name: str, *, with_time: bool, always: bool = False) -> None:
        info = study.covariate(name)
        made = covariate_columns(sample, info)
        if not made or all(np.ptp(values) == 0 for _, values in made):
            constant.append(info.label)
            return
        if info.kind == "categorical":
            references[info.name] = reference_level(sample, info)
        for column, values in made:
            visit = values[sample.code][:, None]
            plain = len(terms)
            products = list(range(plain + 1, plain + 1 + t.shape[1]))
            terms.append(Term(column, "covariate", info.name))
            terms.extend(Term(f"{n}:{column}", "covariate_time", info.name) for n in time.names)
            columns.extend([visit, visit * t])
            every, first = [plain, *products], [plain]
            moves = spec.covariate_time or always
            complete.extend(every if moves else first)
            adjusted.extend(every if moves and with_time else first)
            if always:
                crude.extend(every)

    asked = moderators(study, spec)
    for name in spec.covariates:
        if name not in asked:
            add(name, with_time=True)
    for name in spec.components:
        if name not in asked:
            add(name, with_time=False)
    for name in asked:  # in every model, since a product means nothing without its parts
        add(name, with_time=True, always=True)
    scored = tuple(start)
    basis = [one, t]
    if time.coding == "categorical":  # people differ in a slope that is no fixed column
        basis = [one, slope_column(time, sample.time), t]
        scored = (0, *range(2, 2 + t.shape[1]))
    return Design(
        tuple(terms),
        np.hstack(columns),
        np.hstack(basis),
        {"crude": crude, "adjusted": adjusted, "complete": complete},
        tuple(constant),
        time,
        scored,
        references,
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
    inside = list(spec.scores) if spec.together else [score] if score else []
    if spec.score_groups:
        inside = [f"cut({score}, {spec.score_groups})"]
    products = [pair for pair in spec.interactions if spec.together or pair[0] == score]
    inside += [f"{one} * {other}" for one, other in products]
    extra: list[str] = []
    if adjustment != "crude":
        (inside if spec.covariate_time else extra).extend(spec.covariates)
        full = adjustment == "complete" and spec.covariate_time
        (inside if full else extra).extend(spec.components)
    fixed = time if not inside else f"{time} * ({' + '.join(inside)})"
    bars: dict[RandomPart, str] = {
        "intercept": "(1 | person)",
        "intercept+slope": f"(1 + {slope} | person)",
        "intercept+slope uncorrelated": f"(1 + {slope} || person)",
        "intercept+slope+second": f"(1 + {slope} + {second} | person)",
    }
    return f"{spec.outcome} ~ {' + '.join([fixed, *extra, bars[random or spec.random]])}"
