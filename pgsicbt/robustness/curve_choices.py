"""The specifications of a specification curve: what else a reasonable analyst could have chosen.

A choice is only among them if a reviewer could defend it. A model with score x time and no random
slope is not: its test finds effects that are not there (Heisig & Schaeffer 2019).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd

from pgsicbt.errors import SpecError
from pgsicbt.outcomes import post_week
from pgsicbt.spec import Adjustment, AnalysisSpec, OutlierRule
from pgsicbt.study import Study

CHOICES = ("covariates", "components", "covariate_time", "weeks", "time", "random", "outliers",
           "scaling")  # fmt: skip
"""The kinds of choice, as columns of :attr:`Choices.frame`."""

_LEVELS = 8  # levels of a covariate beyond which it is no further covariate of a curve
_KNOWN = 0.9  # share of people for whom a further covariate must be known
_EXTRA = 4  # further covariates that are added one at a time
_ALIKE = 0.95  # correlation of a further covariate with the others from which it says nothing new

Value = tuple[str, dict[str, object]]
"""A choice: how it is called, and the fields of the spec that it sets."""


@dataclass(frozen=True)
class Choices:
    """Specifications of a curve.

    Parameters
    ----------
    specs
        The analysis itself first, without its scores and with one adjustment each.
    frame
        One row per spec, the columns of :data:`CHOICES`: what was chosen, in words.
    people
        A spec with every covariate and component that any of them uses: it says who is analysed.
    possible
        How many specifications the choices make together.
    """

    specs: tuple[AnalysisSpec, ...]
    frame: pd.DataFrame
    people: AnalysisSpec
    possible: int


def curve_choices(
    study: Study, spec: AnalysisSpec, count: int = 500, *, adjustment: Adjustment | None = None
) -> Choices:
    """The analysis, everything that differs from it in one choice, and a sample of the others.

    Parameters
    ----------
    spec
        The analysis: a linear mixed model of one score at a time.
    count
        Specifications wanted; all that are possible, where they are fewer. Beyond those that
        differ in one choice they are drawn at random with the spec's seed.
    adjustment
        Which of the spec's models is the analysis itself; adjusted if it has it.

    Raises
    ------
    SpecError
        If the spec has interactions, groups of scores or several scores together, or no random
        slope, or if ``count`` is not at least 1.
    """
    if count < 1:
        raise SpecError("A specification curve needs at least one specification.")
    lead = adjustment or ("adjusted" if "adjusted" in spec.adjustments else spec.adjustments[-1])
    base = _base(study, spec)
    axes = _axes(study, base, lead)
    starts = [[i for i, _ in enumerate(axis)] for axis in axes.values()]
    first = tuple(0 for _ in starts)
    every = [c for c in product(*starts) if _sensible(axes, c)]
    near = [c for c in every if sum(a != b for a, b in zip(c, first, strict=True)) <= 1]
    rest = [c for c in every if c not in set(near)]
    room = max(count - len(near), 0)
    if len(rest) > room:
        rng = np.random.default_rng(spec.seed)
        rest = [rest[i] for i in sorted(rng.choice(len(rest), room, replace=False))]
    chosen = [*near[:count], *rest]
    specs = tuple(_spec(base, axes, c) for c in chosen)
    names = [[axis[i][0] for axis, i in zip(axes.values(), c, strict=True)] for c in chosen]
    covariates = dict.fromkeys(name for s in specs for name in s.covariates)
    components = dict.fromkeys(name for s in specs for name in s.components)
    people = base.replace(
        covariates=tuple(covariates), components=tuple(components), adjustments=(lead,)
    )
    return Choices(specs, pd.DataFrame(names, columns=list(CHOICES)), people, len(every))


def _base(study: Study, spec: AnalysisSpec) -> AnalysisSpec:
    """The spec as the curve can vary it.

    Raises
    ------
    SpecError
        If it cannot.
    """
    if spec.together or spec.interactions or spec.score_groups:
        raise SpecError(
            "A specification curve has one score at a time, as it is.",
            "Leave out interactions, groups of the score and several scores in one model.",
        )
    if spec.random == "intercept":
        raise SpecError(
            "Without a random slope the test of score x time cannot be trusted in any variant.",
            "Choose intercept and slope.",
            column="random",
        )
    if spec.score_scale in ("as_given", "within"):
        raise SpecError(
            "A specification curve counts effects per standard deviation over everybody.",
            "Standardise the scores, or free them of components.",
            column="score_scale",
        )
    return spec.replace(
        family="lmm",
        outcome=study.outcome(spec.outcome).name,
        definition="",
        scores=(),
        controls=(),
        covariates=tuple(study.covariate(c).name for c in spec.covariates),
        components=tuple(study.covariate(c).name for c in spec.components),
        errors="model",
        cluster="",
        bootstrap=0,
        origin="start",
    )


def _axes(study: Study, base: AnalysisSpec, lead: Adjustment) -> dict[str, list[Value]]:
    """The values of every choice, that of the analysis first."""
    rules: dict[OutlierRule, str] = {
        "none": "nobody", "residual": "far visits", "person": "far courses", "score": "far scores"
    }  # fmt: skip
    if base.outliers == "ancestry":
        rules["ancestry"] = "far ancestries"
    return {
        "covariates": _covariates(study, base, lead),
        "components": _components(base, lead),
        "covariate_time": _first(
            [("each x time", {"covariate_time": True}), ("none x time", {"covariate_time": False})],
            0 if base.covariate_time else 1,
        ),
        "weeks": _weeks(study, base),
        "time": _time(study, base),
        "random": _first(
            [
                ("correlated", {"random": "intercept+slope"}),
                ("uncorrelated", {"random": "intercept+slope uncorrelated"}),
            ],
            1 if base.random == "intercept+slope uncorrelated" else 0,
        ),
        "outliers": _first(
            [(label, {"outliers": rule}) for rule, label in rules.items()],
            list(rules).index(base.outliers),
        ),
        "scaling": _first(
            [("as it is", {"score_scale": "z"}), ("freed of PCs", {"score_scale": "residual"})],
            1 if base.score_scale == "residual" else 0,
        )
        if base.components
        else [("as it is", {"score_scale": "z"})],
    }


def _first(values: list[Value], at: int) -> list[Value]:
    return [values[at], *(v for i, v in enumerate(values) if i != at)]


def _covariates(study: Study, base: AnalysisSpec, lead: Adjustment) -> list[Value]:
    chosen = base.covariates if lead != "crude" else ()
    sets: list[tuple[str, tuple[str, ...]]] = [("as chosen", chosen), ("no covariates", ())]
    if lead == "crude":
        sets.append(("all chosen", base.covariates))
    without = tuple(c for c in base.covariates if study.covariate(c).role != "batch")
    sets.append(("without batch", without))
    more = _further(study, base)
    for name in more:
        sets.append((f"and {study.covariate(name).label}", (*base.covariates, name)))
    if len(more) > 1:
        sets.append(("and all others", (*base.covariates, *more)))
    out: list[Value] = []
    for label, names in sets:
        if names not in [value["covariates"] for _, value in out]:
            out.append((label, {"covariates": names}))
    return out


def _further(study: Study, base: AnalysisSpec) -> list[str]:
    """Covariates that were not chosen, are known for nearly everybody and say something new."""
    numbers = [c for c in base.covariates if study.covariate(c).kind == "numeric"]
    found: list[str] = []
    for info in study.covariates:
        taken = info.name in (*base.covariates, *base.components)
        if info.role not in ("covariate", "stratum") or taken or len(info.levels) > _LEVELS:
            continue
        column = study.persons[info.name]
        if column.notna().mean() < _KNOWN or column.nunique() < 2:
            continue
        if info.kind == "numeric":
            known = [study.persons[n] for n in (*numbers, *found) if n in numbers]
            if any(abs(column.corr(other)) > _ALIKE for other in known):
                continue
        found.append(info.name)
    return found[:_EXTRA]


def _components(base: AnalysisSpec, lead: Adjustment) -> list[Value]:
    if not base.components:
        return [("no PCs", {"components": (), "adjustments": ("adjusted",)})]
    values: list[Value] = [
        ("PCs", {"components": base.components, "adjustments": ("adjusted",)}),
        ("PCs x time", {"components": base.components, "adjustments": ("complete",)}),
        ("no PCs", {"components": (), "adjustments": ("adjusted",)}),
    ]
    return _first(values, {"adjusted": 0, "complete": 1, "crude": 2}[lead])


def _weeks(study: Study, base: AnalysisSpec) -> list[Value]:
    """The window of the analysis, from the start on, up to the end of treatment, before it."""
    first, last = base.first_week, base.last_week
    times = study.outcome_visits(base.outcome)["time"].to_numpy(float)
    low = float(times.min()) if first is None else max(first, float(times.min()))
    high = float(times.max()) if last is None else min(last, float(times.max()))
    weeks: list[Value] = [("weeks chosen", {"first_week": first, "last_week": last})]
    if low < 0 < high:
        weeks.append(("from week 0", {"first_week": 0.0, "last_week": last}))
    end = post_week(study, base.outcome) if base.post_week is None else base.post_week
    if max(low, 0.0) + 3 < end < high - 0.5:
        weeks.append((f"until week {end:g}", {"first_week": first, "last_week": end}))
    if max(low, 0.0) + 4 < end <= high:
        weeks.append(("before the end", {"first_week": first, "last_week": end - 1.0}))
    return weeks


def _time(study: Study, base: AnalysisSpec) -> list[Value]:
    chosen = {"time_coding": base.time_coding, "knot": base.knot}
    times = study.outcome_visits(base.outcome)["time"].to_numpy(float)
    end = float(times.max()) if base.last_week is None else base.last_week
    values: list[Value] = [
        ("straight line", {"time_coding": "linear", "knot": None}),
        ("log(week + 1)", {"time_coding": "log", "knot": None}),
    ]
    if end > 4:
        values.append(("two lines", {"time_coding": "piecewise", "knot": float(np.floor(end / 2))}))
    if base.time_coding in ("linear", "log"):
        return _first(values, 0 if base.time_coding == "linear" else 1)
    if base.time_coding == "piecewise":
        return [("two lines", dict(chosen)), *values[:2]]
    return [(base.time_coding, dict(chosen)), *values[:2]]


def _sensible(axes: dict[str, list[Value]], at: tuple[int, ...]) -> bool:
    """Whether choices go together: no logarithm before the start, nothing twice."""
    chosen = {name: axis[i] for (name, axis), i in zip(axes.items(), at, strict=True)}
    if not chosen["covariates"][1]["covariates"] and chosen["covariate_time"] != axes[
        "covariate_time"][0]:  # fmt: skip
        return False  # with and without time is the same where there is no covariate
    if chosen["scaling"][1]["score_scale"] == "residual" and not chosen["components"][1][
        "components"]:  # fmt: skip
        return False
    if chosen["time"][1]["time_coding"] != "log":
        return True
    start = chosen["weeks"][1]["first_week"]
    return isinstance(start, float) and start >= 0


def _spec(base: AnalysisSpec, axes: dict[str, list[Value]], at: tuple[int, ...]) -> AnalysisSpec:
    fields: dict[str, object] = {}
    for axis, i in zip(axes.values(), at, strict=True):
        fields.update(axis[i][1])
    if fields["time_coding"] in ("linear", "log") and base.random == "intercept+slope+second":
        fields["random"] = "intercept+slope"
    return base.replace(**fields)
