"""A score against the thing itself: PGS-EDU and people's own education, alone and together.

What a score for a trait goes with may be what the trait goes with. Four models say how far: the
score alone, the trait in its place, and each with the other in the model, on the same people and
in standard deviations. The share by which an effect shrinks once the other is in the model has an
interval from resampling people, the same resamples for both models. It is no share that is
"mediated": a score of education is about half social (Okbay et al. 2022, Nat Genet 54:437), and
whatever shapes education and symptoms alike would shrink it as well.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import stats

from pgsicbt.derived import covariate_as_score
from pgsicbt.errors import FitError, SpecError
from pgsicbt.models.fit import fit
from pgsicbt.models.grid.design import covariate_columns
from pgsicbt.models.grid.people import analysis_sample
from pgsicbt.models.resampling.bootstrap import LEAST, cluster_bootstrap, percentile
from pgsicbt.progress import Progress
from pgsicbt.result import Array, Result
from pgsicbt.robustness.people import only
from pgsicbt.robustness.variants import Span, span_of
from pgsicbt.spec import Adjustment, AnalysisSpec
from pgsicbt.study import CovariateInfo, Study

ROLES = ("main", "interaction")
_CLEAR = 1.0
"""Standard errors from zero below which the share by which an effect shrinks means nothing."""


@dataclass(frozen=True)
class Contest:
    """A score and a trait, alone and together.

    Parameters
    ----------
    table
        One row per ``who`` (score or trait), ``role`` (main: points in week 0, wherever the
        analysis has its main effects; interaction: points of change over ``span``) and ``model``
        (alone, together), per standard deviation: ``estimate``, ``std_error``, ``p_value``,
        ``conf_low`` and ``conf_high``.
    shrinks
        One row per ``who`` and ``role``: ``points`` by which the effect shrinks once the other is
        in the model (below zero where it grows) with ``points_low`` and ``points_high``, and the
        same as a ``share`` with ``conf_low`` and ``conf_high``; that is missing where the effect
        alone is within one standard error of zero, of which no share can be told.
    ahead
        One row per ``role``: by how many ``points`` the size of the trait's effect alone is beyond
        that of the score's, with ``low`` and ``high`` from the same resamples (NaN without them).
    path
        Standard deviations of the trait per standard deviation of the score, given covariates and
        components: estimate and both ends of its interval.
    correlation
        Of score and trait.
    span
        First and last week over which change is told.
    levels
        The trait's levels, where they were counted 0, 1, 2, .. in this order.
    """

    score: str
    trait: str
    outcome: str
    adjustment: Adjustment
    table: pd.DataFrame
    shrinks: pd.DataFrame
    ahead: pd.DataFrame
    path: tuple[float, float, float]
    correlation: float
    n_persons: int
    n_observations: int
    replicates: int
    span: Span
    levels: tuple[str, ...] = ()

    def row(self, who: str, role: str, model: str) -> pd.Series:
        """One row of the table."""
        t = self.table
        return t[(t["who"] == who) & (t["role"] == role) & (t["model"] == model)].iloc[0]


def contest(
    study: Study,
    spec: AnalysisSpec,
    score: str,
    trait: str,
    *,
    adjustment: Adjustment = "adjusted",
    replicates: int = 500,
    progress: Progress | None = None,
) -> Contest:
    """Compare a score with a covariate that it is a score for.

    Parameters
    ----------
    trait
        A covariate; levels are counted 0, 1, 2, .. in their order. It is no covariate here.
    replicates
        Resamples of people for the intervals of ``shrinks``.
    progress
        Called with refits done and to be done.

    Raises
    ------
    SpecError
        If the study has no such score or covariate, or the trait does not vary.
    FitError
        If a model cannot be fitted.
    """
    score, info = study.score(score).name, study.covariate(trait)
    base = spec.replace(
        family="lmm", definition="", scores=(score,), controls=(), interactions=(),
        together=False, score_groups=0, score_scale="z", adjustments=(adjustment,),
        covariates=tuple(c for c in spec.covariates if study.covariate(c).name != info.name),
        errors="model", cluster="", bootstrap=0, origin="start",
    )  # fmt: skip
    if adjustment == "crude":  # covariates of crude models would be none at all
        base = base.replace(covariates=(), components=(), adjustments=("adjusted",))
        adjustment = "adjusted"
    derived, name = covariate_as_score(study, info.name)
    wide = base.replace(scores=(score, name))
    sample = analysis_sample(derived, wide)
    people = sample.persons[sample.persons[[score, name]].notna().all(axis=1)]
    if people.empty or people[name].nunique() < 2:
        raise SpecError(
            f"{info.label} does not vary among the people analysed.", "Choose another column."
        )
    derived = only(derived, people.index, f"with {score} and {info.name}")
    beside = {who: f"{who} (beside)" for who in (score, name)}
    derived = _as_covariates(derived, beside)
    known = {score: base.replace(scores=(score,)), name: base.replace(scores=(name,))}
    results: dict[tuple[str, str], Result] = {}
    draws: dict[tuple[str, str], Array] = {}
    for i, who in enumerate((score, name)):
        other = name if who == score else score
        with_other = known[who].replace(covariates=(*base.covariates, beside[other]))
        for j, (model, wanted) in enumerate((("alone", known[who]), ("together", with_other))):
            found = fit(derived, wanted)
            results[who, model] = found
            if not replicates:
                continue
            step = 2 * i + j
            made = cluster_bootstrap(
                derived, found, replicates=replicates, seed=spec.seed,
                progress=_part(progress, step * replicates, 4 * replicates),
            )  # fmt: skip
            draws[who, model] = made.draws[who, adjustment]
    rows, shrinks, alone = [], [], {}
    for who in (score, name):
        called = "score" if who == score else "trait"
        for role in ROLES:
            pair = [
                _row(results[who, model], role, called, model) for model in ("alone", "together")
            ]
            rows += pair
            at = _position(results[who, "alone"], role)
            by = _weeks(results[who, "alone"]) if role == "interaction" else 1.0
            both = [by * draws[who, m][:, at] for m in ("alone", "together")] if replicates else []
            alone[called, role] = both[0] if both else np.zeros(0)
            shrinks.append({"who": called, "role": role, **_shrink(pair, both, spec.confidence)})
    first = results[score, "alone"]
    return Contest(
        score=score,
        trait=info.name,
        outcome=base.outcome,
        adjustment=adjustment,
        table=pd.DataFrame.from_records(rows),
        shrinks=pd.DataFrame.from_records(shrinks),
        ahead=pd.DataFrame.from_records(
            [
                _ahead(role, rows, (alone["trait", role], alone["score", role]), spec.confidence)
                for role in ROLES
            ]
        ),
        path=_path(derived, base, score, name),
        correlation=float(people[score].corr(people[name])),
        n_persons=first.n_persons,
        n_observations=first.n_observations,
        replicates=replicates,
        span=span_of(first),
        levels=info.levels,
    )


def _as_covariates(study: Study, names: dict[str, str]) -> Study:
    """The study with scores as standardised covariates too, under other names."""
    z = {
        new: (study.persons[old] - study.persons[old].mean()) / study.persons[old].std()
        for old, new in names.items()
    }
    infos = tuple(CovariateInfo(new, study.score(old).label, "numeric")
                  for old, new in names.items())  # fmt: skip
    persons = pd.concat([study.persons, pd.DataFrame(z)], axis=1)
    return replace(study, persons=persons, covariates=(*study.covariates, *infos))


def _part(progress: Progress | None, before: int, total: int) -> Progress | None:
    if progress is None:
        return None
    return lambda done, _: progress(before + done, total)


def _weeks(result: Result) -> float:
    """Weeks over which change is told, in units of the coefficient of score x time."""
    time = result.fits[0].time
    return 1.0 if time is None else time.change_units


def _row(result: Result, role: str, who: str, model: str) -> dict[str, object]:
    terms = result.terms(role)
    if terms.empty or terms["status"].iloc[0] == "failed":
        raise FitError(f"The model of the {who} {model} could not be fitted.", "Look at it alone.")
    row = terms.iloc[0]
    by = _weeks(result) if role == "interaction" else 1.0
    numbers = {c: by * float(row[c]) for c in ("estimate", "std_error", "conf_low", "conf_high")}
    return {"who": who, "role": role, "model": model, **numbers, "p_value": float(row["p_value"])}


def _position(result: Result, role: str) -> int:
    """Where the draws of a role stand: they are in the order of the score's terms."""
    roles = [r for r in result.table["role"] if r in (*ROLES, "interaction_part")]
    return roles.index(role)


def _shrink(pair: list[dict[str, object]], draws: list[Array], level: float) -> dict[str, float]:
    """By how much an effect shrinks, with percentile intervals from the same resamples of both."""
    alone, together = (float(str(r["estimate"])) for r in pair)
    sign = float(np.sign(alone)) or 1.0
    names = ("points", "points_low", "points_high", "share", "conf_low", "conf_high")
    found = dict.fromkeys(names, float("nan"))
    found["points"] = sign * (alone - together)
    told = abs(alone) > _CLEAR * float(str(pair[0]["std_error"]))
    if told:
        found["share"] = 1 - together / alone
    if not draws:
        return found
    fine = np.isfinite(draws[0]) & np.isfinite(draws[1]) & (draws[0] != 0)
    if fine.sum() < LEAST:
        return found
    first, second = draws[0][fine], draws[1][fine]
    found["points_low"], found["points_high"] = percentile(sign * (first - second), level)
    if told:
        found["conf_low"], found["conf_high"] = percentile(1 - second / first, level)
    return found


def _ahead(
    role: str, rows: list[dict[str, object]], draws: tuple[Array, Array], level: float
) -> dict[str, object]:
    """How far the trait's effect alone is beyond the score's, whatever their directions."""
    sizes, signs = [], []
    for who in ("trait", "score"):
        b = next(
            float(str(r["estimate"]))
            for r in rows
            if (r["who"], r["role"], r["model"]) == (who, role, "alone")
        )
        sizes.append(abs(b))
        signs.append(1.0 if b >= 0 else -1.0)
    found: dict[str, object] = {"role": role, "points": sizes[0] - sizes[1]}
    low = high = float("nan")
    if len(draws[0]) and len(draws[0]) == len(draws[1]):
        apart = signs[0] * draws[0] - signs[1] * draws[1]
        apart = apart[np.isfinite(apart)]
        if len(apart) >= LEAST:
            low, high = percentile(apart, level)
    return {**found, "low": low, "high": high}


def _path(study: Study, spec: AnalysisSpec, score: str, name: str) -> tuple[float, float, float]:
    """Standardised slope of the trait on the score, least squares, with its interval."""
    sample = analysis_sample(study, spec)
    columns = [np.ones(len(sample.persons))]
    for covariate in (*spec.covariates, *spec.components):
        columns += [v for _, v in covariate_columns(sample, study.covariate(covariate))]
    x = sample.persons[score].to_numpy(float)
    y = sample.persons[name].to_numpy(float)
    x, y = (x - x.mean()) / x.std(ddof=1), (y - y.mean()) / y.std(ddof=1)
    others = np.column_stack(columns)
    x = x - others @ np.linalg.lstsq(others, x, rcond=None)[0]
    y = y - others @ np.linalg.lstsq(others, y, rcond=None)[0]
    slope = float(x @ y / (x @ x))
    df = max(len(x) - int(np.linalg.matrix_rank(others)) - 1, 1)
    error = float(np.sqrt(((y - slope * x) ** 2).sum() / df / (x @ x)))
    wide = float(stats.t.isf((1 - spec.confidence) / 2, df)) * error
    return slope, slope - wide, slope + wide
