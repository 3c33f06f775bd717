"""How scores enter a model: scaled, in groups, together, and in products with others.

A model has one column per exposure that is constant within a person; each also enters times the
time columns. Products are made of centred parts, so that the coefficient of a score stays that of
the average person analysed, whatever it interacts with.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from pgsicbt.disclosure import MINIMUM_CELL
from pgsicbt.errors import SpecError
from pgsicbt.models.grid.design import covariate_columns
from pgsicbt.models.grid.sample import Sample
from pgsicbt.result import Array
from pgsicbt.spec import AnalysisSpec
from pgsicbt.study import Finding, Study

_FEW = 30
"""People of a level below which an effect within it is hardly worth looking at."""


@dataclass(frozen=True)
class Exposure:
    """A column of people in a model.

    ``values`` (N,); ``source`` is the score or the product it belongs to; ``role`` is ``main``
    (a score, or its highest group against the lowest), ``group`` (another group against the
    lowest) or ``moderation`` (a product), or ``score`` (another score in the same model).
    """

    name: str
    source: str
    role: str
    values: Array


@dataclass(frozen=True)
class Scaled:
    """A score on the scale that a model uses.

    ``values`` (N,); ``mean`` and ``sd`` are those of the score as given, and ``unit`` is the size
    of one standard deviation on the scale of ``values``.
    """

    values: Array
    mean: float
    sd: float
    unit: float


def scaled(spec: AnalysisSpec, persons: pd.DataFrame, score: str) -> Scaled:
    """A score over the people analysed, as the spec wants it scaled.

    ``z``: less the mean, over the standard deviation (n - 1). ``within``: the same within each
    level of the ancestry. ``residual``: the residual of least squares on the components, over its
    standard deviation.

    Raises
    ------
    SpecError
        If the score does not vary, within a group or beyond what the components say.
    """
    x = persons[score].to_numpy(float)
    mean, sd = float(x.mean()), float(x.std(ddof=1)) if len(x) > 1 else 0.0
    if spec.score_scale == "as_given":
        return Scaled(x, mean, sd, sd)
    if spec.score_scale == "z":
        return Scaled((x - mean) / sd, mean, sd, 1.0)
    if spec.score_scale == "within":
        return Scaled(_within(x, persons[spec.ancestry], score), mean, sd, 1.0)
    parts = np.column_stack([np.ones(len(x)), persons[list(spec.components)].to_numpy(float)])
    rest = x - parts @ np.linalg.lstsq(parts, x, rcond=None)[0]
    freedom = max(len(x) - parts.shape[1], 1)
    spread = float(np.sqrt(rest @ rest / freedom))
    if not spread > 1e-8 * max(sd, 1e-300):
        raise SpecError(
            f"{score} is a sum of the principal components, so nothing of it is left.",
            "Leave the score out, or standardise it as it is.",
            code="collinear_score",
            column=score,
        )
    return Scaled(rest / spread, mean, sd, 1.0)


def _within(x: Array, group: pd.Series[str], score: str) -> Array:
    codes, _ = pd.factorize(group)
    out = np.empty(len(x))
    for code in np.unique(codes):
        mine = codes == code
        spread = x[mine].std(ddof=1) if mine.sum() > 1 else 0.0
        if mine.sum() < MINIMUM_CELL or not spread > 0:
            raise SpecError(
                f"{score} cannot be standardised within an ancestry group of fewer than "
                f"{MINIMUM_CELL} people, or of people with the same value.",
                "Join small groups in the file, or leave those people out.",
                code="small_ancestry_group",
                column=score,
            )
        out[mine] = (x[mine] - x[mine].mean()) / spread
    return out


def models_of(spec: AnalysisSpec) -> list[tuple[str, ...]]:
    """The scores of each model: one each, or all together."""
    if not spec.scores:
        return [()]
    return [spec.scores] if spec.together else [(score,) for score in spec.scores]


def scores_in(study: Study, spec: AnalysisSpec, model: tuple[str, ...]) -> tuple[str, ...]:
    """Scores that must be known for a model: its own and those they interact with."""
    others = [
        study.score(other).name
        for score, other in spec.interactions
        if score in model and other in study.score_names
    ]
    return tuple(dict.fromkeys((*model, *others)))


def exposures(
    study: Study, spec: AnalysisSpec, sample: Sample, model: tuple[str, ...]
) -> tuple[list[Exposure], dict[str, Scaled], list[Finding]]:
    """The columns that the scores of a model make, their scaling, and what is to be said of them.

    Raises
    ------
    SpecError
        If a score cannot be scaled or grouped as the spec wants.
    """
    persons = sample.persons
    scales = {name: scaled(spec, persons, name) for name in scores_in(study, spec, model)}
    found: list[Exposure] = []
    notes: list[Finding] = []
    for name, made in scales.items():
        if name in model and spec.score_groups:
            found += _groups(name, made.values, spec.score_groups)
        else:
            role = "main" if name in model else "score"
            found.append(Exposure(name, name, role, made.values))
    for score, other in spec.interactions:
        if score not in model:
            continue
        x = scales[score].values - (0.0 if spec.standardised else scales[score].mean)
        source = f"{score}:{other}"
        for label, values in _parts(study, sample, spec, other, scales, notes):
            name = f"{score}:{label}"
            found.append(Exposure(name, source, "moderation", x * values))
    return found, scales, notes


def _groups(score: str, x: Array, k: int) -> list[Exposure]:
    """Columns of the groups of a score against the lowest; people of one value stay together."""
    cuts = np.quantile(x, np.arange(1, k) / k)
    at = np.searchsorted(cuts, x, side="left")
    sizes = np.bincount(at, minlength=k)
    if sizes.min() < MINIMUM_CELL:
        raise SpecError(
            f"{score} does not make {k} groups of at least {MINIMUM_CELL} people.",
            "Choose fewer groups, or the score itself.",
            code="small_groups",
            column=score,
        )
    return [
        Exposure(
            f"{score}[{j + 1} of {k}]",
            score,
            "main" if j == k - 1 else "group",
            np.asarray(at == j, dtype=float),
        )
        for j in range(1, k)
    ]


def _parts(
    study: Study,
    sample: Sample,
    spec: AnalysisSpec,
    other: str,
    scales: dict[str, Scaled],
    notes: list[Finding],
) -> list[tuple[str, Array]]:
    """Centred columns of what a score interacts with."""
    if other in study.score_names:
        name = study.score(other).name
        return [(name, scales[name].values - (0.0 if spec.standardised else scales[name].mean))]
    info = study.covariate(other)
    columns = covariate_columns(sample, info)
    if info.kind == "numeric":
        ((name, values),) = columns
        spread = float(values.std(ddof=1))
        return [(name, (values - values.mean()) / spread)] if spread > 0 else []
    for level, n in sample.persons[info.name].value_counts().items():
        if n < _FEW:
            who = f"fewer than {MINIMUM_CELL}" if n < MINIMUM_CELL else f"{n}"
            text = (
                f"{info.label}: {level} has {who} people, too few to say whether a score "
                "goes with something else among them."
            )
            notes.append(Finding("few_in_level", "warning", text, column=info.name))
    return [(name, values - values.mean()) for name, values in columns]
