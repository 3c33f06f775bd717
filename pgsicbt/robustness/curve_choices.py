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
from pgsicbt.result import TimeBasis
from pgsicbt.robustness.variants import changed
from pgsicbt.spec import Adjustment, AnalysisSpec, OutlierRule, RandomPart
from pgsicbt.study import Study
from pgsicbt.weeks import seen_last

CHOICES = ("covariates", "components", "covariate_time", "weeks", "time", "random", "outliers",
           "scaling")  # fmt: skip
"""The kinds of choice, as columns of :attr:`Choices.frame`."""

_RANDOM: dict[RandomPart, str] = {
    "intercept+slope": "correlated",
    "intercept+slope uncorrelated": "uncorrelated",
    "intercept+slope+second": "and a second slope",
}
_ALWAYS = ("intercept+slope", "intercept+slope uncorrelated")
_LEVELS = 8  # levels of a covariate beyond which it is no further covariate of a curve
_KNOWN = 0.9  # share of people for whom a further covariate must be known
_EXTRA = 4  # further covariates that are added one at a time
_ALIKE = 0.95  # correlation of a further covariate with the others from which it says nothing new

Value = tuple[str, dict[str, object]]
"""A choice: how it is called, and the fields of the spec that it sets."""
At = tuple[int, ...]
"""Which value of every choice a specification has; all zero is the analysis itself."""


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
    left_out
        Choices that cannot be made in this cohort, and why.
    """

    specs: tuple[AnalysisSpec, ...]
    frame: pd.DataFrame
    people: AnalysisSpec
    possible: int
    left_out: tuple[str, ...] = ()


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
    begins = _analysed(study, base).first_week
    made: dict[AnalysisSpec, At] = {}
    left_out: list[str] = []
    for c in product(*starts):
        differs = [j for j, (a, b) in enumerate(zip(c, first, strict=True)) if a != b]
        if differs and not _sensible(axes, c, begins):
            continue
        one = _spec(base, axes, c)
        if not isinstance(one, str):
            made.setdefault(one, c)
        elif len(differs) == 1:
            left_out.append(one)
    found = {c: one for one, c in made.items()}
    every = list(found)
    near = [c for c in every if sum(a != b for a, b in zip(c, first, strict=True)) <= 1]
    rest = [c for c in every if c not in set(near)]
    room = max(count - len(near), 0)
    if len(rest) > room:
        rng = np.random.default_rng(spec.seed)
        rest = [rest[i] for i in sorted(rng.choice(len(rest), room, replace=False))]
    chosen = [*near[:count], *rest]
    specs = tuple(found[c] for c in chosen)
    names = [_named(axes, c, found[c]) for c in chosen]
    covariates = dict.fromkeys(name for s in specs for name in s.covariates)
    components = dict.fromkeys(name for s in specs for name in s.components)
    people = base.replace(
        covariates=tuple(covariates), components=tuple(components), adjustments=(lead,)
    )
    frame = pd.DataFrame(names, columns=list(CHOICES))
    return Choices(specs, frame, people, len(every), tuple(left_out))


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
        "random": _random(base),
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


def _random(base: AnalysisSpec) -> list[Value]:
    """Correlated or not, and a second slope where the analysis has one."""
    parts = [part for part in _RANDOM if part in (base.random, *_ALWAYS)]
    values: list[Value] = [(_RANDOM[part], {"random": part}) for part in parts]
    return _first(values, parts.index(base.random))


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
    analysed = _analysed(study, base)
    low, high = analysed.first_week, analysed.last_week
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
    analysed = _analysed(study, base)
    first, end = max(analysed.first_week, 0.0), analysed.end_week
    values: list[Value] = [
        ("straight line", {"time_coding": "linear", "knot": None}),
        ("log(week + 1)", {"time_coding": "log", "knot": None}),
    ]
    if end > 4:
        knot = float(np.floor((first + end) / 2))
        values.append(("two lines", {"time_coding": "piecewise", "knot": knot}))
    if base.time_coding in ("linear", "log"):
        return _first(values, 0 if base.time_coding == "linear" else 1)
    if base.time_coding == "piecewise":
        return [("two lines", dict(chosen)), *values[:2]]
    return [(base.time_coding, dict(chosen)), *values[:2]]


def _analysed(study: Study, base: AnalysisSpec) -> TimeBasis:
    """First and last week of the visits in the window, and the last that enough people have."""
    visits = study.outcome_visits(base.outcome)
    times = visits["time"].to_numpy(float)
    low = -np.inf if base.first_week is None else base.first_week
    high = np.inf if base.last_week is None else base.last_week
    inside = (times >= low) & (times <= high)
    if not inside.any():  # refused where the people are counted
        inside[:] = True
    people = pd.factorize(visits["person"])[0][inside]
    times = times[inside]
    return TimeBasis(
        first_week=float(times.min()),
        last_week=float(times.max()),
        seen_last=seen_last(times, people),
    )


def _sensible(axes: dict[str, list[Value]], at: At, begins: float) -> bool:
    """Whether choices go together: no logarithm before the start, nothing twice.

    ``begins`` is the first week analysed where the window does not say it.
    """
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
    return (start if isinstance(start, float) else begins) >= 0


def _spec(base: AnalysisSpec, axes: dict[str, list[Value]], at: At) -> AnalysisSpec | str:
    """The specification, or the choices that cannot be made together and why."""
    fields: dict[str, object] = {}
    for axis, i in zip(axes.values(), at, strict=True):
        fields.update(axis[i][1])
    second = fields["random"] == "intercept+slope+second"
    if second and fields["time_coding"] in ("linear", "log"):
        fields["random"] = "intercept+slope"
    label = ", ".join(axis[i][0] for axis, i in zip(axes.values(), at, strict=True) if i)
    return changed(label, base, **fields)


def _named(axes: dict[str, list[Value]], at: At, spec: AnalysisSpec) -> list[str]:
    """What was chosen, in the order of :data:`CHOICES`; the random part as the spec has it."""
    names = {name: axis[i][0] for (name, axis), i in zip(axes.items(), at, strict=True)}
    return list({**names, "random": _RANDOM[spec.random]}.values())
